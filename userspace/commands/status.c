// SPDX-License-Identifier: GPL-2.0-or-later
/* status: what is there, how it does, and which protections are on. */
#include "../kernel/version.h"
#include "command.h"
#include "tree.h"

static const struct ps_list *const ifaces = &ps_list[PS_LIST_ifaces];

static u64 dropped(const struct ps_view *view)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < PS_REASONS; i++)
		sum += view->drop[i].packets;
	return sum;
}

static int fill(json_t *object, const struct ps_view *view, void *data)
{
	struct ps_link *link = data;
	struct ps_lines lines;
	int result;

	if (view->place.context[0]) {
		json_object_set_new(object, "status", json_integer(view->status));
		json_object_set_new(object, "protections", ps_tree_protections(view));
		json_object_set_new(object, "cookies_refused",
				    json_boolean(view->status & PS_STATUS_NO_COOKIES));
		json_object_set_new(object, "retries_refused",
				    json_boolean(view->status & PS_STATUS_NO_RETRY));
		json_object_set_new(object, "received",
				    json_integer(view->counter[PS_CONTEXT_COUNTER_rx_total]));
		json_object_set_new(object, "delivered",
				    json_integer(view->counter[PS_CONTEXT_COUNTER_delivered]));
		json_object_set_new(object, "dropped", json_integer(dropped(view)));
		return PS_EXIT_OK;
	}
	result = ps_view_list(link, &view->place, ifaces, &lines);
	json_object_set_new(object, "interfaces", ps_tree_lines(&lines));
	json_object_set_new(object, "tables", ps_tree_tables(view));
	ps_lines_free(&lines);
	return result;
}

static int print_json(struct ps_link *link, const struct ps_views *views)
{
	json_t *tree;
	int result = ps_tree_make(views, fill, link, &tree);

	if (result)
		return result;
	json_object_set_new(tree, "version", json_string(views->version));
	return ps_print_json(tree, false);
}

static int print_instance(struct ps_link *link, const struct ps_view *view)
{
	struct ps_lines lines;
	size_t at = 0, length;
	const char *text, *separator = " ";
	int result = ps_view_list(link, &view->place, ifaces, &lines);

	if (result)
		return result;
	ps_print_coloured(stdout, PS_BOLD, view->name);
	fputs(lines.count ? ":" : ": no interface", stdout);
	while (ps_lines_next(&lines, &at, &text, &length)) {
		printf("%s%.*s", separator, (int)length, text);
		separator = ", ";
	}
	putchar('\n');
	ps_lines_free(&lines);
	return PS_EXIT_OK;
}

static void add_context(struct ps_table *table, const struct ps_view *view)
{
	char words[256];

	if (!table->count) {
		ps_table_add(table, PS_DIM, "  context");
		ps_table_add(table, PS_DIM, "received");
		ps_table_add(table, PS_DIM, "delivered");
		ps_table_add(table, PS_DIM, "dropped");
		ps_table_add(table, PS_DIM, "protections on");
	}
	ps_table_add(table, PS_PLAIN, "  %s", view->place.context);
	ps_table_add(table, PS_PLAIN, "%llu",
		     (unsigned long long)view->counter[PS_CONTEXT_COUNTER_rx_total]);
	ps_table_add(table, PS_PLAIN, "%llu",
		     (unsigned long long)view->counter[PS_CONTEXT_COUNTER_delivered]);
	ps_table_add(table, PS_PLAIN, "%llu", (unsigned long long)dropped(view));
	ps_table_add(table, view->status ? PS_YELLOW : PS_PLAIN, "%s",
		     ps_tree_protection_words(view, words, sizeof(words)));
}

static int print_text(struct ps_link *link, const struct ps_views *views)
{
	struct ps_table table = { .columns = 5, .left = 1 << 4 };
	int result = PS_EXIT_OK;
	u32 status = 0;
	size_t i;

	printf("module packetshield %s, tool %s\n", views->version, PS_VERSION);
	if (!views->count)
		printf("no instances; packetshield add instances NAME makes one\n");
	for (i = 0; i < views->count && !result; i++) {
		if (views->view[i]->place.context[0]) {
			add_context(&table, views->view[i]);
			status |= views->view[i]->status;
			continue;
		}
		ps_table_print(&table);
		result = print_instance(link, views->view[i]);
	}
	ps_table_print(&table);
	if (status & PS_STATUS_NO_COOKIES)
		ps_print_warning("SYN cookies are on, but net.ipv4.tcp_syncookies is 0: none is "
				 "sent");
	if (status & PS_STATUS_NO_RETRY)
		ps_print_warning("QUIC Retries are on, but there is no cluster_secret: none is "
				 "sent");
	return result ? result : ps_print_finish();
}

static int print(struct ps_link *link, const struct ps_views *views,
		 const struct ps_arguments *arguments)
{
	return ps_command_flag(arguments, "--json") ? print_json(link, views) :
						      print_text(link, views);
}

static int run(const struct ps_arguments *arguments)
{
	return ps_view_print(arguments, print);
}

const struct ps_command ps_command_status = {
	.name = "status",
	.arguments = "[INSTANCE]",
	.summary = "instances, contexts, and the protections that are on",
	.help = "Tells the module's version, and of each instance, or of one, its interfaces\n"
		"and contexts: packets received, delivered and dropped, and which protections\n"
		"are on.",
	.min = 0,
	.max = 1,
	.flags = { PS_FLAG_JSON },
	.run = run,
};
