// SPDX-License-Identifier: GPL-2.0-or-later
/* show: options and lists. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "tree.h"

/* Bytes of a list that are shown among others. */
#define LIST_WIDTH 60

/**
 * struct wanted - what is to be shown
 * @link: the link
 * @setting: those that were named
 * @count: of them; 0: all there are
 */
struct wanted {
	struct ps_link *link;
	struct ps_setting setting[PS_OPTIONS + PS_LISTS];
	int count;
};

/* Whether it is to be shown of this view: lists of the scope SHARED once. */
static bool is_wanted(const struct wanted *wanted, const struct ps_view *view,
		      const struct ps_option *option, const struct ps_list *list)
{
	enum ps_scope scope = option ? option->scope : list->scope;
	int i;

	for (i = 0; i < wanted->count; i++)
		if (option ? wanted->setting[i].option == option : wanted->setting[i].list == list)
			return true;
	if (wanted->count || (scope == PS_SCOPE_SHARED && view->place.context[0]))
		return false;
	return ps_names_has(&view->place, scope);
}

static int fill(json_t *object, const struct ps_view *view, void *data)
{
	json_t *options = json_object(), *lists = json_object();
	const struct wanted *wanted = data;
	int i, result = PS_EXIT_OK;
	struct ps_lines lines;

	json_object_set_new(object, "options", options);
	json_object_set_new(object, "lists", lists);
	for (i = 0; i < PS_OPTIONS; i++)
		if (is_wanted(wanted, view, &ps_option[i], NULL))
			json_object_set_new(options, ps_option[i].name,
					    ps_tree_value(&ps_option[i], view->option[i]));
	for (i = 0; i < PS_LISTS && !result; i++) {
		if (!is_wanted(wanted, view, NULL, &ps_list[i]))
			continue;
		result = ps_view_list(wanted->link, &view->place, &ps_list[i], &lines);
		json_object_set_new(lists, ps_list[i].name, ps_tree_lines(&lines));
		ps_lines_free(&lines);
	}
	return result;
}

static void add_option(struct ps_table *table, const struct ps_view *view, int i)
{
	bool initial = view->option[i] == ps_option[i].initial;
	char text[PS_ITEM_MAX];

	ps_option_format(&ps_option[i], text, view->option[i]);
	ps_table_add(table, PS_PLAIN, "  %s", ps_option[i].name);
	ps_table_add(table, initial ? PS_PLAIN : PS_BOLD, "%s", text);
	ps_table_add(table, PS_DIM, "%s", ps_option[i].unit);
}

/* The first items, and how many there are. */
static void add_list(struct ps_table *table, const struct ps_list *list,
		     const struct ps_lines *lines)
{
	char text[LIST_WIDTH + PS_ITEM_MAX + 8] = "-";
	size_t at = 0, length, used = 0;
	const char *item;

	while (used < LIST_WIDTH && ps_lines_next(lines, &at, &item, &length))
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.*s",
					 used ? ", " : "", (int)length, item);
	ps_table_add(table, PS_PLAIN, "  %s", list->name);
	ps_table_add(table, lines->count ? PS_BOLD : PS_PLAIN, "%s%s", text,
		     at < lines->length ? ", ..." : "");
	if (at < lines->length)
		ps_table_add(table, PS_DIM, "%zu items", lines->count);
	else
		ps_table_add(table, PS_DIM, "%s", "");
}

static int print_view(const struct wanted *wanted, const struct ps_view *view)
{
	struct ps_table table = { .columns = 3, .left = 1 << 1 | 1 << 2 };
	struct ps_lines lines;
	int i, result = PS_EXIT_OK;

	ps_print_coloured(stdout, PS_BOLD, view->place.path);
	putchar('\n');
	for (i = 0; i < PS_OPTIONS; i++)
		if (is_wanted(wanted, view, &ps_option[i], NULL))
			add_option(&table, view, i);
	for (i = 0; i < PS_LISTS && !result; i++) {
		if (!is_wanted(wanted, view, NULL, &ps_list[i]))
			continue;
		result = ps_view_list(wanted->link, &view->place, &ps_list[i], &lines);
		add_list(&table, &ps_list[i], &lines);
		ps_lines_free(&lines);
	}
	ps_table_print(&table);
	return result;
}

/* One that was named: as its file in sysfs has it. */
static int print_one(const struct wanted *wanted, const struct ps_view *view)
{
	const struct ps_setting *setting = &wanted->setting[0];
	char text[PS_ITEM_MAX];
	struct ps_lines lines;
	int result;

	if (setting->option) {
		ps_option_format(setting->option, text, view->option[setting->option - ps_option]);
		puts(text);
		return ps_print_finish();
	}
	result = ps_view_list(wanted->link, &view->place, setting->list, &lines);
	if (lines.length)
		fwrite(lines.data, 1, lines.length, stdout);
	ps_lines_free(&lines);
	return result ? result : ps_print_finish();
}

static int print_text(const struct wanted *wanted, const struct ps_views *views)
{
	int result = PS_EXIT_OK;
	size_t i;

	for (i = 0; i < views->count && !result; i++)
		result = print_view(wanted, views->view[i]);
	return result ? result : ps_print_finish();
}

/* Settings that are named are those of the place itself, not of its contexts. */
static void keep_first(struct ps_views *views)
{
	for (; views->count > 1; views->count--)
		free(views->view[views->count - 1]);
}

/* Of an instance its name only. */
static int fill_name(json_t *object, const struct ps_view *view, void *data)
{
	(void)object;
	(void)view;
	(void)data;
	return PS_EXIT_OK;
}

static int show_instances(struct ps_link *link, bool json)
{
	struct ps_views views, names = {};
	struct ps_place all = {};
	json_t *tree;
	size_t i;
	int result = ps_view_read(link, &all, &views);

	names.view = ps_print_allocate(NULL, (views.count + 1) * sizeof(*names.view));
	for (i = 0; i < views.count; i++)
		if (!views.view[i]->place.context[0])
			names.view[names.count++] = views.view[i];
	for (i = 0; i < names.count && !json; i++)
		puts(names.view[i]->name);
	if (!result && json && !ps_tree_make(&names, fill_name, NULL, &tree))
		result = ps_print_json(tree, false);
	free(names.view);
	ps_view_free(&views);
	return result ? result : ps_print_finish();
}

static int show(const struct ps_arguments *arguments, struct wanted *wanted,
		const struct ps_place *place)
{
	bool json = ps_command_flag(arguments, "--json");
	struct ps_views views;
	json_t *tree;
	int result;

	result = ps_view_read(wanted->link, place, &views);
	if (!result && wanted->count && views.count)
		keep_first(&views);
	if (!result && json) {
		result = ps_tree_make(&views, fill, wanted, &tree);
		if (!result)
			result = ps_print_json(tree, false);
	} else if (!result && wanted->count == 1 && views.count) {
		result = print_one(wanted, views.view[0]);
	} else if (!result) {
		result = print_text(wanted, &views);
	}
	ps_view_free(&views);
	return result;
}

static int run(const struct ps_arguments *arguments)
{
	struct wanted wanted = {};
	struct ps_place place;
	struct ps_link link;
	int i, used, result;

	if (arguments->count == 1 && !strcmp(arguments->text[0], "instances")) {
		result = ps_link_open(&link);
		if (!result) {
			result = show_instances(&link, ps_command_flag(arguments, "--json"));
			ps_link_close(&link);
		}
		return result;
	}
	result = ps_names_place(arguments->text, arguments->count, &place, &used);
	for (i = used; i < arguments->count && !result; i++) {
		if (wanted.count == PS_OPTIONS + PS_LISTS) {
			ps_print_error("show: too many names");
			return PS_EXIT_USAGE;
		}
		result = ps_names_find(&place, arguments->text[i], &wanted.setting[wanted.count++]);
	}
	if (!result)
		result = ps_link_open(&link);
	if (result)
		return result;
	wanted.link = &link;
	result = show(arguments, &wanted, &place);
	ps_link_close(&link);
	return result;
}

const struct ps_command ps_command_show = {
	.name = "show",
	.arguments = "[INSTANCE [CONTEXT]] [NAME...] | instances",
	.summary = "options and lists",
	.help = "Shows the options and lists of all instances, of one with its contexts, or of\n"
		"one context; with names only those. A single one is shown as its file below\n"
		"/sys/packetshield has it: the value, or an item a line. On a terminal bold is\n"
		"what differs from the default.\n\n"
		"    packetshield show\n"
		"    packetshield show myinst 10.2.3.5\n"
		"    packetshield show myinst Other b_sources",
	.min = 0,
	.max = -1,
	.flags = { PS_FLAG_JSON },
	.run = run,
};
