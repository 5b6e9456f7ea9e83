// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See source_set.h. Items come in runs that go to the same list. A long run is
 * merged with what the table has in one pass, a short one is put in item by
 * item, which costs a copy of the root each.
 */
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "source_set.h"

#define PS_SOURCE_SET_SHORT 256 /* a run is short below the table's ranges over this */

/**
 * struct run - items that go to one list, one after another
 * @range: the addresses
 * @count: how many ranges
 * @room: for how many there is memory
 * @value: of the list
 */
struct run {
	struct ps_range *range;
	u32 count;
	u32 room;
	u16 value;
};

static const struct ps_sources *empty_set(enum ps_family family)
{
	return family == PS_IPV4 ? &ps_sources_empty_ipv4 : &ps_sources_empty_ipv6;
}

struct ps_sources *ps_source_set_allocate(u32 words, u32 leaves)
{
	struct ps_sources *root = ps_print_allocate(NULL, ps_sources_root_bytes(words, leaves));
	u32 i;

	ps_sources_lay_out(root, words, leaves);
	for (i = 0; i < leaves; i++)
		root->leaf[i] = ps_print_allocate(NULL, sizeof(*root->leaf[i]));
	return root;
}

static void free_root(const struct ps_sources *set)
{
	if (set != &ps_sources_empty_ipv4 && set != &ps_sources_empty_ipv6)
		free((void *)set);
}

void ps_source_set_free(const struct ps_sources *set)
{
	u32 i;

	for (i = 0; i < set->leaves; i++)
		free(set->leaf[i]);
	free_root(set);
}

static void run_add(struct run *run, const struct ps_range *range)
{
	if (run->count == run->room) {
		run->room = run->room ? 2 * run->room : 64;
		run->range = ps_print_allocate(run->range, run->room * sizeof(*range));
	}
	run->range[run->count++] = *range;
}

static const struct ps_sources *assign(const struct ps_sources *old, const struct ps_range *range,
				       u16 value)
{
	struct ps_sources_edit edit = {};
	u32 i;

	edit.root = ps_print_allocate(
		NULL, ps_sources_root_bytes(old->words, old->leaves + PS_SOURCES_EDIT_LEAVES));
	for (i = 0; i < PS_SOURCES_EDIT_LEAVES; i++)
		edit.spare[i] = ps_print_allocate(NULL, sizeof(*edit.spare[i]));
	ps_sources_assign(old, range, value, &edit);
	for (i = edit.used; i < PS_SOURCES_EDIT_LEAVES; i++)
		free(edit.spare[i]);
	for (i = edit.dropped; i < edit.dropped + edit.drops; i++)
		free(old->leaf[i]);
	free_root(old);
	return edit.root;
}

/* The list becomes what it has and the run. */
static const struct ps_sources *merge(const struct ps_sources *old, struct run *run)
{
	struct ps_sources_replacement replacement = { .old = old, .value = run->value };
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	struct ps_range *scratch;
	struct ps_sources *root;

	ps_sources_seek(&cursor, old, NULL);
	while (ps_sources_next(&cursor, &segment))
		if (segment.value == run->value)
			run_add(run, &segment.range);
	scratch = ps_print_allocate(NULL, run->count * sizeof(*scratch));
	replacement.range = run->range;
	replacement.n = ps_sources_sort(run->range, scratch, run->count);
	free(scratch);
	ps_sources_measure(&replacement);
	root = ps_source_set_allocate(old->words, replacement.leaves);
	ps_sources_replace(&replacement, root);
	ps_source_set_free(old);
	return root;
}

static const struct ps_sources *run_end(struct run *run, const struct ps_sources *set)
{
	u32 i;

	if ((u64)run->count * PS_SOURCE_SET_SHORT >= set->ranges && run->count)
		set = merge(set, run);
	else
		for (i = 0; i < run->count; i++)
			set = assign(set, &run->range[i], run->value);
	run->count = 0;
	return set;
}

const struct ps_sources *ps_source_set_make(const struct ps_model_items *items,
					    enum ps_family family)
{
	const struct ps_sources *set = empty_set(family);
	const struct ps_model_item *item;
	struct run run = {};
	u32 i;

	for (i = 0; i < items->count; i++) {
		item = &items->item[i];
		if (ps_list[item->list].type != PS_LIST_SOURCES ||
		    ps_addr_family(&item->item.range.first) != family)
			continue;
		if (run.value != ps_list[item->list].value)
			set = run_end(&run, set);
		run.value = ps_list[item->list].value;
		run_add(&run, &item->item.range);
	}
	set = run_end(&run, set);
	free(run.range);
	return set;
}
