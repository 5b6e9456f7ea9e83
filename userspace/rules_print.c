// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists as text; see rules.h. */
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "rules.h"
#include "view.h"

static void add_item(struct ps_lines *lines, enum ps_list_index list,
		     const union ps_list_item *item)
{
	char text[PS_ITEM_MAX];

	ps_lines_add(lines, text, ps_list_item_format(&ps_list[list], text, item));
}

static void print_context(const struct ps_rules *rules, u32 context, enum ps_list_index list,
			  struct ps_lines *lines)
{
	struct ps_listing listing;
	union ps_list_item item;

	if (context == PS_RULES_NOTHING)
		return;
	ps_listing_start(&listing, &ps_list[list], &rules->context[context].config,
			 &rules->countries);
	while (ps_listing_next(&listing, &item))
		add_item(lines, list, &item);
}

static void print_contexts(const struct ps_rules *rules, struct ps_lines *lines)
{
	union ps_list_item item = {};
	u32 i;

	for (i = 1; i < rules->instance->contexts; i++) {
		item.id = rules->instance->context[i].id;
		add_item(lines, PS_LIST_contexts, &item);
	}
}

static void print_lines(const struct ps_rules *rules, enum ps_list_index list,
			struct ps_lines *lines)
{
	enum ps_family family = ps_list[list].value;
	union ps_list_item item = {};
	u32 i;

	for (i = 0; i < rules->lines[family]; i++) {
		item.line = rules->line[family][i];
		add_item(lines, list, &item);
	}
}

static int compare_ids(const void *a, const void *b)
{
	const union ps_list_item *left = a, *right = b;

	return ps_model_compare_ids(&left->id, &right->id);
}

static int compare_ifaces(const void *a, const void *b)
{
	const union ps_list_item *left = a, *right = b;

	return strcmp(left->iface.text, right->iface.text);
}

/* Interfaces and contexts that are toggled: sorted, each once. */
static void print_set(const struct ps_model_items *items, enum ps_list_index list,
		      struct ps_lines *lines)
{
	int (*compare)(const void *, const void *) =
		ps_list[list].type == PS_LIST_IFACES ? compare_ifaces : compare_ids;
	union ps_list_item *sorted;
	u32 i, n = 0;

	sorted = ps_print_allocate(NULL, (items->count + 1) * sizeof(*sorted));
	for (i = 0; i < items->count; i++)
		if (items->item[i].list == list)
			sorted[n++] = items->item[i].item;
	qsort(sorted, n, sizeof(*sorted), compare);
	for (i = 0; i < n; i++)
		if (!i || compare(&sorted[i], &sorted[i - 1]))
			add_item(lines, list, &sorted[i]);
	free(sorted);
}

void ps_rules_print(const struct ps_rules *rules, u32 context, enum ps_list_index list,
		    struct ps_lines *lines)
{
	switch (ps_list[list].type) {
	case PS_LIST_CONTEXTS:
		print_contexts(rules, lines);
		break;
	case PS_LIST_IFACES:
	case PS_LIST_TOGGLED:
		print_set(&rules->instance->items, list, lines);
		break;
	case PS_LIST_GEOIP4:
	case PS_LIST_GEOIP6:
		print_lines(rules, list, lines);
		break;
	default:
		print_context(rules, context, list, lines);
		break;
	}
}
