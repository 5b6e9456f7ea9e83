// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parser of configuration files; see config_file.h.
 *
 * The lines are walked three times: for the instances, for their contexts, and
 * for all else. So they may stand in any order.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "config_line.h"
#include "suggest.h"

enum pass {
	PASS_INSTANCES,
	PASS_CONTEXTS,
	PASS_SETTINGS,
	PASSES,
};

void ps_config_file_refuse(struct ps_config_file_errors *errors, u32 line, u32 column,
			   const char *hint, const char *format, ...)
{
	struct ps_config_file_error *error;
	va_list list;

	if (errors->count++ >= PS_CONFIG_FILE_ERRORS)
		return;
	error = &errors->error[errors->count - 1];
	error->line = line;
	error->column = column;
	va_start(list, format);
	vsnprintf(error->reason, sizeof(error->reason), format, list);
	va_end(list);
	snprintf(error->hint, sizeof(error->hint), "%s", hint ? hint : "");
}

static void add_instances(struct ps_config_file *file, const struct ps_config_line *line)
{
	struct ps_config_word rest = line->value, item;
	struct ps_model_instance *instance;

	while (ps_config_line_item(&rest, &item)) {
		if (ps_parse_instance_name(item.text, item.length)) {
			ps_config_line_refuse(file, &item,
					      "1-63 letters, digits, _, - and ., not \"instances\" "
					      "or \"version\"",
					      "no instance can be called so");
			continue;
		}
		instance = ps_model_add_instance(file->model, item.text, item.length);
		if (!instance->line)
			instance->line = line->number;
	}
}

/* The instance a path begins with, or NULL after a message. */
static struct ps_model_instance *find_instance(struct ps_config_file *file,
					       const struct ps_config_word *name)
{
	struct ps_model_instance *instance =
		ps_model_find_instance(file->model, name->text, name->length);
	char typed[PS_INSTANCE_NAME_MAX + 1], hint[128];
	struct ps_suggest suggest = PS_SUGGEST(typed);
	u32 i;

	if (instance)
		return instance;
	snprintf(typed, sizeof(typed), "%.*s", (int)name->length, name->text);
	ps_suggest_try(&suggest, "instances");
	for (i = 0; i < file->model->instances; i++)
		ps_suggest_try(&suggest, file->model->instance[i].name);
	if (suggest.best)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", suggest.best);
	else
		snprintf(hint, sizeof(hint), "say \"instances %s\"", typed);
	ps_config_line_refuse(file, name, hint, "no line says that there is an instance \"%s\"",
			      typed);
	return NULL;
}

/* The context a path names, or NULL after a message. */
static struct ps_model_context *find_context(struct ps_config_file *file,
					     const struct ps_model_instance *instance,
					     const struct ps_config_word *name)
{
	struct ps_model_context *context;
	char typed[PS_ITEM_MAX], hint[192];
	union ps_list_item item;

	if (ps_list_item_parse(&ps_list[PS_LIST_contexts], name->text, name->length, &item)) {
		ps_config_line_refuse(file, name,
				      "contexts are called Other, ADDRESS or ADDRESS@VLAN",
				      "no context can be called so");
		return NULL;
	}
	context = ps_model_find_context(instance, &item.id);
	if (context)
		return context;
	ps_format_context(typed, &item.id);
	snprintf(hint, sizeof(hint), "say \"%s/contexts %s\"", instance->name, typed);
	ps_config_line_refuse(file, name, hint,
			      "no line says that the instance \"%s\" has a context %s",
			      instance->name, typed);
	return NULL;
}

static void add_contexts(struct ps_config_file *file, const struct ps_config_line *line)
{
	struct ps_config_word rest = line->value, word;
	struct ps_model_instance *instance;
	union ps_list_item item;

	instance = ps_model_find_instance(file->model, line->part[0].text, line->part[0].length);
	/* The last walk tells. */
	if (!instance)
		return;
	while (ps_config_line_item(&rest, &word)) {
		if (ps_config_line_parse_item(file, PS_LIST_contexts, &word, &item))
			continue;
		if (!item.id.vlan && ps_addr_equal(&item.id.addr, &instance->context[0].id.addr))
			ps_config_line_refuse(file, &word, NULL,
					      "every instance has the context Other");
		else
			ps_model_add_context(instance, &item.id);
	}
}

static void add_setting(struct ps_config_file *file, const struct ps_config_line *line)
{
	const struct ps_config_word *name = &line->part[line->parts - 1];
	struct ps_config_place place = {};
	static const struct ps_addr other;

	place.instance = find_instance(file, &line->part[0]);
	if (!place.instance)
		return;
	if (line->parts == 3)
		place.context = find_context(file, place.instance, &line->part[1]);
	if (line->parts == 3 && !place.context)
		return;
	place.is_other = place.context && ps_addr_equal(&place.context->id.addr, &other);
	ps_config_line_set(file, &place, name, line);
}

static bool is_called(const struct ps_config_word *word, const char *name)
{
	return word->length == strlen(name) && !memcmp(word->text, name, word->length);
}

static enum pass pass_of(const struct ps_config_line *line)
{
	if (line->parts == 1)
		return PASS_INSTANCES;
	return line->parts == 2 && is_called(&line->part[1], "contexts") ? PASS_CONTEXTS :
									   PASS_SETTINGS;
}

static void refuse_single(struct ps_config_file *file, const struct ps_config_word *word)
{
	if (is_called(word, "version"))
		ps_config_line_refuse(file, word, NULL, "the version can't be set");
	else
		ps_config_line_refuse(file, word,
				      "a line is \"instances NAME\", \"INSTANCE/NAME VALUE\" or "
				      "\"INSTANCE/CONTEXT/NAME VALUE\"",
				      "there is no \"%.*s\"", (int)min(word->length, 40UL),
				      word->text);
}

static void take_line(struct ps_config_file *file, const struct ps_config_line *line,
		      enum pass pass)
{
	if (pass == PASS_SETTINGS && pass_of(line) == PASS_CONTEXTS)
		find_instance(file, &line->part[0]);
	if (pass_of(line) != pass)
		return;
	if (pass == PASS_SETTINGS)
		add_setting(file, line);
	else if (pass == PASS_CONTEXTS)
		add_contexts(file, line);
	else if (is_called(&line->part[0], "instances"))
		add_instances(file, line);
	else
		refuse_single(file, &line->part[0]);
}

static int compare_errors(const void *a, const void *b)
{
	const struct ps_config_file_error *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return left->column < right->column ? -1 : left->column > right->column;
}

void ps_config_file_parse(struct ps_model *model, const char *text, size_t length,
			  struct ps_config_file_errors *errors)
{
	struct ps_config_file file = { .model = model, .errors = errors };
	struct ps_config_line line;
	const char *at, *end;
	enum pass pass;
	u32 i;

	for (pass = 0; pass < PASSES; pass++) {
		file.line = 0;
		for (at = text; at < text + length; at = end + 1) {
			end = memchr(at, '\n', text + length - at);
			end = end ? end : text + length;
			file.line++;
			file.start = at;
			if (ps_config_line_split(&file, at, end - at, !pass, &line))
				take_line(&file, &line, pass);
		}
		for (i = 0; pass == PASS_CONTEXTS && i < model->instances; i++)
			ps_model_sort_contexts(&model->instance[i]);
	}
	qsort(errors->error, min(errors->count, (u32)PS_CONFIG_FILE_ERRORS),
	      sizeof(errors->error[0]), compare_errors);
}
