// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration files written; see config_file.h. What has its default isn't told. */
#include <string.h>

#include "config_file.h"
#include "print.h"
#include "rules.h"
#include "view.h"

/**
 * struct writer - a file that is being written
 * @to: where to
 * @rules: of the instance at hand
 * @refused: something can't be said
 */
struct writer {
	FILE *to;
	struct ps_rules rules;
	bool refused;
};

static void write_options(struct writer *writer, const char *directory,
			  const struct ps_model_options *options, u8 scope)
{
	char text[PS_ITEM_MAX];
	const char *value;
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++) {
		if (ps_option[i].scope != scope || options->value[i] == ps_option[i].initial)
			continue;
		ps_option_format(&ps_option[i], text, options->value[i]);
		value = text;
		if (ps_option[i].type == PS_OPTION_SECRET)
			value = options->secret ? options->secret : PS_MODEL_KEEP;
		fprintf(writer->to, "%s/%s %s\n", directory, ps_option[i].name, value);
	}
}

/* The kernel lets an interface be called so, but a line would be read otherwise. */
static bool can_be_said(enum ps_list_index list, const char *item, size_t length)
{
	return ps_list[list].type != PS_LIST_IFACES || (*item != '#' && !memchr(item, ',', length));
}

static void write_list(struct writer *writer, const char *directory, u32 context,
		       enum ps_list_index list)
{
	struct ps_lines lines = {};
	size_t at = 0, length;
	const char *item;

	ps_rules_print(&writer->rules, context, list, &lines);
	while (ps_lines_next(&lines, &at, &item, &length)) {
		if (!can_be_said(list, item, length)) {
			ps_print_error("%s: the name \"%.*s\" can't stand in a file", directory,
				       (int)length, item);
			writer->refused = true;
		}
		fprintf(writer->to, "%s/%s %.*s\n", directory, ps_list[list].name, (int)length,
			item);
	}
	ps_lines_free(&lines);
}

static void write_lists(struct writer *writer, const char *directory, u32 context, u8 scope)
{
	enum ps_list_index i;

	for (i = 0; i < PS_LISTS; i++)
		if (ps_list[i].scope == scope)
			write_list(writer, directory, context, i);
}

static void write_kept(struct writer *writer, const struct ps_model_instance *instance)
{
	static const enum ps_list_index list[] = { PS_LIST_geoip4, PS_LIST_geoip6 };
	enum ps_family family;

	for (family = 0; family < PS_FAMILIES; family++)
		if (instance->keep[family])
			fprintf(writer->to, "%s/%s %s\n", instance->name,
				ps_list[list[family]].name, PS_MODEL_KEEP);
}

static void write_instance(struct writer *writer, const struct ps_model_instance *instance)
{
	char directory[sizeof(instance->name) + PS_ITEM_MAX + 1], context[PS_ITEM_MAX];
	u32 i;

	fprintf(writer->to, "\ninstances %s\n", instance->name);
	write_options(writer, instance->name, &instance->options, PS_SCOPE_INSTANCE);
	write_lists(writer, instance->name, PS_RULES_INSTANCE, PS_SCOPE_INSTANCE);
	write_lists(writer, instance->name, PS_RULES_INSTANCE, PS_SCOPE_SHARED);
	write_kept(writer, instance);
	for (i = 0; i < instance->contexts; i++) {
		ps_format_context(context, &instance->context[i].id);
		snprintf(directory, sizeof(directory), "%s/%s", instance->name, context);
		write_options(writer, directory, &instance->context[i].options, PS_SCOPE_CONTEXT);
		write_lists(writer, directory, i, PS_SCOPE_CONTEXT);
		if (!i)
			write_lists(writer, directory, PS_RULES_INSTANCE, PS_SCOPE_OTHER);
	}
}

bool ps_config_file_write(const struct ps_model *model, FILE *to)
{
	struct writer writer = { .to = to };
	u32 i;

	fprintf(to, "# PacketShield's configuration: see packetshield.conf(5)\n");
	for (i = 0; i < model->instances; i++) {
		ps_rules_make(&writer.rules, &model->instance[i]);
		write_instance(&writer, &model->instance[i]);
		ps_rules_free(&writer.rules);
	}
	return !writer.refused;
}
