// SPDX-License-Identifier: GPL-2.0-or-later
/* drops: why packets were dropped. */
#include "command.h"
#include "tree.h"

static bool is_told(const struct ps_view *view, enum ps_reason reason, bool all)
{
	return ps_reason_is_drop(reason) && (all || view->drop[reason].packets);
}

static int fill(json_t *object, const struct ps_view *view, void *data)
{
	const bool *all = data;
	json_t *array, *one;
	int i;

	if (!view->place.context[0])
		return PS_EXIT_OK;
	array = json_array();
	for (i = 0; i < PS_REASONS; i++) {
		if (!is_told(view, i, *all))
			continue;
		one = json_object();
		json_object_set_new(one, "reason", json_string(ps_reason_info[i].name));
		json_object_set_new(one, "packets",
				    json_integer((json_int_t)view->drop[i].packets));
		json_object_set_new(one, "bytes", json_integer((json_int_t)view->drop[i].bytes));
		json_object_set_new(one, "meaning", json_string(ps_view_reason_doc(i)));
		json_array_append_new(array, one);
	}
	json_object_set_new(object, "drops", array);
	return PS_EXIT_OK;
}

static void print_view(const struct ps_view *view, bool all)
{
	struct ps_table table = { .columns = 4, .left = 1 << 3 };
	int i;

	ps_print_coloured(stdout, PS_BOLD, view->place.path);
	putchar('\n');
	for (i = 0; i < PS_REASONS; i++) {
		if (!is_told(view, i, all))
			continue;
		if (!table.count) {
			ps_table_add(&table, PS_DIM, "  reason");
			ps_table_add(&table, PS_DIM, "packets");
			ps_table_add(&table, PS_DIM, "bytes");
			ps_table_add(&table, PS_DIM, "meaning");
		}
		ps_table_add(&table, PS_PLAIN, "  %s", ps_reason_info[i].name);
		ps_table_add(&table, PS_PLAIN, "%llu", view->drop[i].packets);
		ps_table_add(&table, PS_PLAIN, "%llu", view->drop[i].bytes);
		ps_table_add(&table, PS_PLAIN, "%s", ps_view_reason_doc(i));
	}
	if (!table.count)
		printf("  nothing was dropped\n");
	ps_table_print(&table);
}

static int print(struct ps_link *link, const struct ps_views *views,
		 const struct ps_arguments *arguments)
{
	bool all = ps_command_flag(arguments, "--all");
	json_t *tree;
	size_t i;

	(void)link;
	if (ps_command_flag(arguments, "--json") && !ps_tree_make(views, fill, &all, &tree))
		return ps_print_json(tree, false);
	for (i = 0; i < views->count; i++)
		if (views->view[i]->place.context[0])
			print_view(views->view[i], all);
	return ps_print_finish();
}

static int run(const struct ps_arguments *arguments)
{
	return ps_view_print(arguments, print);
}

const struct ps_command ps_command_drops = {
	.name = "drops",
	.arguments = "[INSTANCE [CONTEXT]]",
	.summary = "why packets were dropped",
	.help = "Lists, for each context, the reasons for which packets were dropped: how many,\n"
		"their bytes, and what the reason means. Nothing that is read is reset.",
	.min = 0,
	.max = 2,
	.flags = { PS_FLAG_JSON, { .name = "--all", .doc = "reasons with no packet too" } },
	.run = run,
};
