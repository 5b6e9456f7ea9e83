// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings of a configuration file; see config_line.h. */
#include <stdlib.h>
#include <string.h>

#include "config_line.h"
#include "print.h"
#include "secret.h"
#include "suggest.h"
#include "value.h"

#define TYPED_MAX 64 /* bytes of a text that a message repeats */

static const char *typed(char *text, const struct ps_config_word *word)
{
	size_t at, length = min(word->length, (size_t)TYPED_MAX - 1);

	for (at = 0; at < length; at++)
		text[at] = word->text[at] >= ' ' && word->text[at] < 0x7f ? word->text[at] : '?';
	text[length] = '\0';
	return text;
}

/* Whether settings of that scope belong to the place. */
static bool is_here(u8 scope, const struct ps_config_place *place)
{
	switch (scope) {
	case PS_SCOPE_INSTANCE:
		return !place->context;
	case PS_SCOPE_SHARED:
		return !place->context || place->is_other;
	case PS_SCOPE_OTHER:
		return place->is_other;
	default:
		return place->context;
	}
}

static const char *where(u8 scope)
{
	switch (scope) {
	case PS_SCOPE_INSTANCE:
	case PS_SCOPE_SHARED:
		return "INSTANCE/";
	case PS_SCOPE_OTHER:
		return "INSTANCE/Other/";
	default:
		return "INSTANCE/CONTEXT/";
	}
}

/* The name exists, but not here. */
static void refuse_place(struct ps_config_file *file, const struct ps_config_word *word, u8 scope,
			 const char *name)
{
	char hint[96];

	snprintf(hint, sizeof(hint), "write %s%s", where(scope), name);
	ps_config_line_refuse(file, word, hint, "%s doesn't belong here", name);
}

static void refuse_name(struct ps_config_file *file, const struct ps_config_place *place,
			const struct ps_config_word *word)
{
	char text[TYPED_MAX], hint[96] = "packetshield.conf(5) lists the names";
	struct ps_suggest suggest = PS_SUGGEST(typed(text, word));
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++)
		if (is_here(ps_option[i].scope, place))
			ps_suggest_try(&suggest, ps_option[i].name);
	for (i = 0; i < PS_LISTS; i++)
		if (is_here(ps_list[i].scope, place))
			ps_suggest_try(&suggest, ps_list[i].name);
	if (suggest.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", suggest.best);
	ps_config_line_refuse(file, word, hint, "there is no option and no list \"%s\"", text);
}

static void refuse_value(struct ps_config_file *file, const struct ps_config_word *word,
			 const struct ps_value_words *words)
{
	char text[TYPED_MAX];

	ps_config_line_refuse(file, word, words->hint, "\"%s\" %s", typed(text, word),
			      words->reason);
}

/* The secret itself is noted down beside the value. */
static enum ps_status parse_secret(const struct ps_option *option,
				   const struct ps_config_word *word, s64 *value, char **secret,
				   struct ps_value_words *words)
{
	enum ps_netlink_secret said = PS_SECRET_NONE;
	enum ps_status status;

	status = ps_secret_parse(option, word->text, word->length, &said, words);
	*value = said != PS_SECRET_NONE;
	free(*secret);
	*secret = NULL;
	if (status || said != PS_SECRET_TEXT)
		return status;
	*secret = ps_print_allocate(NULL, word->length + 1);
	memcpy(*secret, word->text, word->length);
	(*secret)[word->length] = '\0';
	return status;
}

static void set_option(struct ps_config_file *file, const struct ps_config_place *place,
		       enum ps_option_index option, const struct ps_config_line *line)
{
	struct ps_model_options *options = place->context ? &place->context->options :
							    &place->instance->options;
	const struct ps_config_word *word = &line->value;
	enum ps_status status;
	struct ps_value_words words;
	s64 value;

	if (ps_option[option].type == PS_OPTION_SECRET)
		status = parse_secret(&ps_option[option], word, &value, &options->secret, &words);
	else
		status = ps_value_parse(&ps_option[option], word->text, word->length, &value,
					&words);
	if (status) {
		refuse_value(file, word, &words);
		return;
	}
	if (options->line[option])
		ps_config_line_refuse(file, &line->part[0], NULL, "line %u sets %s already",
				      options->line[option], ps_option[option].name);
	options->value[option] = value;
	options->line[option] = line->number;
}

enum ps_status ps_config_line_parse_item(struct ps_config_file *file, enum ps_list_index list,
					 const struct ps_config_word *word,
					 union ps_list_item *item)
{
	struct ps_value_words words;
	enum ps_status status;

	status = ps_value_check_item(&ps_list[list], word->text, word->length, &words);
	if (!word->length)
		ps_config_line_refuse(file, word, words.hint, "an item is missing");
	else if (status)
		refuse_value(file, word, &words);
	if (status)
		return status;
	memset(item, 0, sizeof(*item));
	return ps_list_item_parse(&ps_list[list], word->text, word->length, item);
}

static bool is_keep(enum ps_list_index list, const struct ps_config_word *value)
{
	return ps_list[list].scope == PS_SCOPE_SHARED && value->length == strlen(PS_MODEL_KEEP) &&
	       !memcmp(value->text, PS_MODEL_KEEP, value->length);
}

static void set_list(struct ps_config_file *file, const struct ps_config_place *place,
		     enum ps_list_index list, const struct ps_config_line *line)
{
	struct ps_model_items *items = ps_list[list].scope == PS_SCOPE_CONTEXT ?
					       &place->context->items :
					       &place->instance->items;
	struct ps_config_word rest = line->value, word;
	struct ps_model_item *added;
	union ps_list_item item;

	if (is_keep(list, &line->value)) {
		place->instance->keep[ps_list[list].value] = line->number;
		return;
	}
	while (ps_config_line_item(&rest, &word)) {
		if (ps_config_line_parse_item(file, list, &word, &item))
			continue;
		added = ps_model_add_item(items, list, &item);
		added->line = line->number;
		added->column = (u16)min(word.text - file->start + 1, 0xffffL);
	}
}

void ps_config_line_set(struct ps_config_file *file, const struct ps_config_place *place,
			const struct ps_config_word *name, const struct ps_config_line *line)
{
	enum ps_option_index option = ps_model_option_called(name->text, name->length);
	enum ps_list_index list = ps_model_list_called(name->text, name->length);

	if (option < PS_OPTIONS && is_here(ps_option[option].scope, place))
		set_option(file, place, option, line);
	else if (list < PS_LISTS && is_here(ps_list[list].scope, place))
		set_list(file, place, list, line);
	else if (option < PS_OPTIONS)
		refuse_place(file, name, ps_option[option].scope, ps_option[option].name);
	else if (list < PS_LISTS)
		refuse_place(file, name, ps_list[list].scope, ps_list[list].name);
	else
		refuse_name(file, place, name);
}
