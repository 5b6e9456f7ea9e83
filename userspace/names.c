// SPDX-License-Identifier: GPL-2.0-or-later
/* See names.h. A word behind INSTANCE is a CONTEXT if it has the form of one. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "names.h"
#include "print.h"
#include "suggest.h"

static bool is_context(const char *word, struct ps_context_id *id)
{
	*id = (struct ps_context_id){};
	return !strcmp(word, "Other") || !ps_parse_context(word, strlen(word), id);
}

static bool is_other(const struct ps_place *place)
{
	return !strcmp(place->context, "Other");
}

bool ps_names_has(const struct ps_place *place, enum ps_scope scope)
{
	switch (scope) {
	case PS_SCOPE_INSTANCE:
		return !place->context[0];
	case PS_SCOPE_CONTEXT:
		return place->context[0];
	case PS_SCOPE_OTHER:
		return is_other(place);
	case PS_SCOPE_SHARED:
		return !place->context[0] || is_other(place);
	default:
		return false;
	}
}

int ps_names_place(char **text, int count, struct ps_place *place, int *used)
{
	struct ps_context_id id;

	*place = (struct ps_place){};
	*used = 0;
	if (!count)
		return PS_EXIT_OK;
	if (ps_parse_instance_name(text[0], strlen(text[0]))) {
		ps_print_error("\"%s\" can't be the name of an instance", text[0]);
		ps_print_hint("1 to %d letters, digits, _ - . and no . in front",
			      PS_INSTANCE_NAME_MAX);
		return PS_EXIT_USAGE;
	}
	place->instance = text[0];
	*used = 1;
	snprintf(place->path, sizeof(place->path), "%s", text[0]);
	if (count > 1 && is_context(text[1], &id)) {
		ps_format_context(place->context, &id);
		snprintf(place->path, sizeof(place->path), "%s/%s", text[0], place->context);
		*used = 2;
	}
	return PS_EXIT_OK;
}

int ps_names_place_only(const struct ps_arguments *arguments, struct ps_place *place)
{
	struct ps_suggest suggest;
	int used, result;

	result = ps_names_place(arguments->text, arguments->count, place, &used);
	if (result || used == arguments->count)
		return result;
	suggest = (struct ps_suggest)PS_SUGGEST(arguments->text[used]);
	ps_print_error("\"%s\" can't be the name of a context", arguments->text[used]);
	ps_suggest_try(&suggest, "Other");
	if (suggest.best)
		ps_suggest_tell(&suggest);
	else
		ps_print_hint("Other, ADDRESS or ADDRESS@VLAN");
	return PS_EXIT_USAGE;
}

const char *ps_names_scope(enum ps_scope scope)
{
	switch (scope) {
	case PS_SCOPE_CONTEXT:
		return "INSTANCE CONTEXT";
	case PS_SCOPE_OTHER:
		return "INSTANCE Other";
	default:
		return "INSTANCE";
	}
}

static const char *scope_owner(enum ps_scope scope)
{
	switch (scope) {
	case PS_SCOPE_CONTEXT:
		return "a context";
	case PS_SCOPE_OTHER:
		return "the context Other";
	default:
		return "an instance";
	}
}

static int find_any(const char *name, struct ps_setting *setting)
{
	int i;

	*setting = (struct ps_setting){};
	for (i = 0; i < PS_OPTIONS; i++)
		if (!strcmp(ps_option[i].name, name))
			setting->option = &ps_option[i];
	for (i = 0; i < PS_LISTS; i++)
		if (!strcmp(ps_list[i].name, name))
			setting->list = &ps_list[i];
	if (setting->option)
		return setting->option->scope;
	return setting->list ? setting->list->scope : -1;
}

static void suggest_setting(const struct ps_place *place, const char *name)
{
	struct ps_suggest suggest = PS_SUGGEST(name);
	int i;

	for (i = 0; i < PS_OPTIONS; i++)
		if (ps_names_has(place, ps_option[i].scope))
			ps_suggest_try(&suggest, ps_option[i].name);
	for (i = 0; i < PS_LISTS; i++)
		if (ps_names_has(place, ps_list[i].scope))
			ps_suggest_try(&suggest, ps_list[i].name);
	if (!place->context[0])
		ps_suggest_try(&suggest, "Other");
	if (suggest.best)
		ps_suggest_tell(&suggest);
	else
		ps_print_hint("packetshield show %s%s%s lists what there is", place->instance,
			      place->context[0] ? " " : "", place->context);
}

int ps_names_find(const struct ps_place *place, const char *name, struct ps_setting *setting)
{
	int scope = find_any(name, setting);

	if (scope >= 0 && ps_names_has(place, scope))
		return PS_EXIT_OK;
	ps_print_error("%s has no option or list \"%s\"", place->path, name);
	if (scope >= 0)
		ps_print_hint("it belongs to %s: %s %s", scope_owner(scope), ps_names_scope(scope),
			      name);
	else
		suggest_setting(place, name);
	return PS_EXIT_USAGE;
}

const char *ps_names_context(const struct ps_place *place, enum ps_scope scope)
{
	return PS_NETLINK_SETTINGS(scope) == PS_A_INSTANCE_SETTINGS ? NULL :
								      ps_place_context(place);
}

const char *ps_names_protection(enum ps_protection_index which, char *text)
{
	const char *name = ps_option[ps_protection_option[which]].name;
	const char *end = strstr(name, "_threshold");

	snprintf(text, PS_ITEM_MAX, "%.*s", (int)(end ? end - name : (long)strlen(name)), name);
	return text;
}

const char *ps_names_table(u64 which)
{
	static const char *const name[PS_NETLINK_TABLES] = { "tcp", "udp", "quic" };

	return which < ARRAY_SIZE(name) ? name[which] : "?";
}
