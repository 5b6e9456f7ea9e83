// SPDX-License-Identifier: GPL-2.0-or-later
/* apply: make the configuration equal to a file. */
#include <stdlib.h>
#include <string.h>

#include "applied.h"
#include "apply.h"
#include "command.h"
#include "config_file.h"
#include "confirm.h"
#include "print.h"
#include "state.h"

/* Countries of addresses come from load-geoip, and may hardly be meant to go. */
static void warn_of_countries(const struct ps_model *now, const struct ps_model *wanted)
{
	static const enum ps_list_index list[] = { PS_LIST_geoip4, PS_LIST_geoip6 };
	const struct ps_model_instance *old, *new;
	enum ps_family family;
	u32 i;

	for (i = 0; i < wanted->instances; i++) {
		new = &wanted->instance[i];
		old = ps_model_find_instance(now, new->name, strlen(new->name));
		for (family = 0; old && family < PS_FAMILIES; family++) {
			if (new->keep[family] || ps_model_count(&new->items, list[family]) ||
			    !ps_model_count(&old->items, list[family]))
				continue;
			ps_print_warning("%s: the countries of %s go, the file has none", new->name,
					 ps_list[list[family]].name);
			ps_print_hint("\"%s/%s " PS_MODEL_KEEP "\" keeps them", new->name,
				      ps_list[list[family]].name);
		}
	}
}

/* Whether there is a secret that stays. */
static bool keeps(const struct ps_model_context *context)
{
	return context && context->options.value[PS_OPTION_cluster_secret] &&
	       !context->options.secret;
}

static const struct ps_model_context *
same_context(const struct ps_model *model, const struct ps_model_instance *instance, u32 context)
{
	const struct ps_model_instance *same =
		ps_model_find_instance(model, instance->name, strlen(instance->name));

	return same ? ps_model_find_context(same, &instance->context[context].id) : NULL;
}

/* Secrets can't be read: what isn't there can't be kept, what goes can't come back. */
static bool are_secrets_there(const char *path, const struct ps_model *now,
			      const struct ps_model *wanted)
{
	const struct ps_model_instance *instance;
	bool there = true;
	u32 i, c;

	for (i = 0; i < wanted->instances; i++) {
		instance = &wanted->instance[i];
		for (c = 0; c < instance->contexts; c++) {
			if (!keeps(&instance->context[c]) || keeps(same_context(now, instance, c)))
				continue;
			ps_print_error("%s:%u:1: there is no cluster_secret to keep", path,
				       instance->context[c].options.line[PS_OPTION_cluster_secret]);
			there = false;
		}
	}
	return there;
}

static bool are_secrets_kept(const struct ps_model *now, const struct ps_model *wanted)
{
	const struct ps_model_instance *instance;
	char name[PS_ITEM_MAX];
	bool kept = true;
	u32 i, c;

	for (i = 0; i < now->instances; i++) {
		instance = &now->instance[i];
		for (c = 0; c < instance->contexts; c++) {
			if (!keeps(&instance->context[c]) ||
			    keeps(same_context(wanted, instance, c)))
				continue;
			ps_format_context(name, &instance->context[c].id);
			ps_print_error(
				"%s/%s/cluster_secret can't be read, so it couldn't come back",
				instance->name, name);
			ps_print_hint("with --confirm the file must say "
				      "\"%s/%s/cluster_secret " PS_MODEL_KEEP "\"",
				      instance->name, name);
			kept = false;
		}
	}
	return kept;
}

static int apply_confirmed(struct ps_link *link, const struct ps_model *now,
			   const struct ps_model *wanted, unsigned int seconds)
{
	struct ps_confirm confirm = { .seconds = seconds };
	int result;

	result = ps_confirm_start(&confirm, now);
	if (result)
		return result;
	result = ps_apply_model(link, now, wanted);
	if (!result)
		return ps_confirm_wait(&confirm);
	ps_confirm_cancel(&confirm);
	return result;
}

/* With a checked model; @seconds is 0 where nobody is to confirm. */
static int apply(const char *path, const struct ps_model *wanted, unsigned int seconds)
{
	struct ps_model now = {};
	struct ps_link link;
	int result;

	if (ps_confirm_is_awaited()) {
		ps_print_error("another apply waits for its confirmation");
		ps_print_hint("packetshield apply --confirmed");
		return PS_EXIT_FAILED;
	}
	result = ps_link_open(&link);
	if (result)
		return result;
	result = ps_state_read(&link, &now);
	if (!result && (!are_secrets_there(path, &now, wanted) ||
			(seconds && !are_secrets_kept(&now, wanted))))
		result = PS_EXIT_FAILED;
	if (!result) {
		warn_of_countries(&now, wanted);
		result = seconds ? apply_confirmed(&link, &now, wanted, seconds) :
				   ps_apply_model(&link, &now, wanted);
	}
	ps_link_close(&link);
	ps_model_free(&now);
	return result;
}

static int refuse_arguments(const char *reason)
{
	ps_print_error("apply: %s", reason);
	ps_print_hint("usage: packetshield apply FILE [--confirm SECONDS], or apply --confirmed");
	return PS_EXIT_USAGE;
}

static int run(const struct ps_arguments *arguments)
{
	const char *confirm = ps_command_flag(arguments, "--confirm");
	struct ps_model wanted;
	s64 seconds = 0;
	int result;

	if (ps_command_flag(arguments, "--confirmed"))
		return arguments->count || confirm ? refuse_arguments("--confirmed stands alone") :
						     ps_confirm_elsewhere();
	if (!arguments->count)
		return refuse_arguments("a file is missing");
	if (confirm &&
	    ps_parse_integer(confirm, strlen(confirm), 1, PS_CONFIRM_SECONDS_MAX, &seconds))
		return refuse_arguments("--confirm takes 1 to 86400 seconds");
	result = ps_config_file_read(&wanted, arguments->text[0]);
	if (!result) {
		ps_config_file_warn(&wanted);
		result = apply(arguments->text[0], &wanted, (unsigned int)seconds);
	}
	ps_model_free(&wanted);
	ps_applied_note(!result);
	return result;
}

const struct ps_command ps_command_apply = {
	.name = "apply",
	.arguments = "FILE | --confirmed",
	.summary = "make the configuration equal to a file",
	.help = "Reads a configuration file (packetshield.conf(5)) and makes what this network\n"
		"namespace has equal to it, at once: what the file doesn't say goes or gets its\n"
		"default. A file with an error anywhere changes nothing, nor does one that the\n"
		"kernel refuses. Sessions, statistics and protections that have gone on by\n"
		"themselves stay. FILE may be -, standard input.\n"
		"\n"
		"With --confirm what was before comes back after SECONDS, unless \"yes\" is typed\n"
		"before, or \"packetshield apply --confirmed\" is run in any session: who locks\n"
		"himself out has only to wait. That is so even when the connection breaks and\n"
		"apply is killed with it.\n"
		"\n"
		"    packetshield apply /etc/packetshield.conf --confirm 60",
	.min = 0,
	.max = 1,
	.flags = { { .name = "--confirm",
		     .value = "SECONDS",
		     .doc = "go back after that time unless it is confirmed" },
		   { .name = "--confirmed", .doc = "confirm what waits for it" } },
	.run = run,
};
