/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every list of every kind behind one interface: parse an item, edit, replace,
 * print. What differs between the kinds is in one table in list_kinds.c.
 */
#ifndef PS_LISTS_H
#define PS_LISTS_H

#include "context.h"
#include "core/geo_lines.h"
#include "iface.h"
#include "text.h"

/**
 * struct ps_list_target - one list of one object
 * @list: which list
 * @instance: whose, or whose context's
 * @node: the context, NULL for a list of the scopes INSTANCE and SHARED
 */
struct ps_list_target {
	const struct ps_list *list;
	struct ps_instance *instance;
	struct ps_context_node *node;
};

union ps_list_item {
	struct ps_range range;
	struct ps_interval interval;
	struct ps_context_id id;
	struct ps_iface_name iface;
	struct ps_country country;
	struct ps_geo_line line;
};

/**
 * struct ps_batch_array - items of one kind, back to back
 * @data: from kvmalloc
 * @count: items
 * @room: bytes at @data
 */
struct ps_batch_array {
	void *data;
	u32 count;
	size_t room;
};

/**
 * struct ps_batch - the items of a transaction; all zero is the empty one
 * @array: source lists have one array a family, the others use the first
 */
struct ps_batch {
	struct ps_batch_array array[PS_FAMILIES];
};

/* 0 or the errno of SPEC 4.1 for what the core said. */
int ps_status_errno(enum ps_status status);

/**
 * ps_lists_parse() - parse an item
 * @list: the list it is for
 * @text: the item
 * @length: its bytes
 * @item: out
 *
 * Return: 0, -EIO malformed, -ERANGE.
 */
int ps_lists_parse(const struct ps_list *list, const char *text, size_t length,
		   union ps_list_item *item);

/* What may be done with a list under netns->lock. */
enum ps_list_place {
	PS_LIST_STAGED,	   /* changed by steps of a set (change.h) */
	PS_LIST_AT_ONCE,   /* changed, but what is done is seen at once; so it is checked ahead */
	PS_LIST_PLANNED,   /* nothing: see ps_context_plan_make(), ps_iface_plan_make() */
};

enum ps_list_place ps_lists_place(const struct ps_list *list);

/* Bytes of an item in a batch. */
size_t ps_lists_item_bytes(const struct ps_list *list);

/* Add an item to the list or remove it: 0 or a negative errno. */
int ps_lists_edit(const struct ps_list_target *target, const union ps_list_item *item, bool add);

/**
 * ps_batch_add() - note an item down for ps_lists_replace()
 * @batch: the batch
 * @list: the list
 * @item: the item
 *
 * Return: 0, -ENOMEM, or -ENOSPC for four times as many items as the list may
 * hold.
 */
int ps_batch_add(struct ps_batch *batch, const struct ps_list *list,
		 const union ps_list_item *item);

/* Bytes of memory that it takes. */
size_t ps_batch_room(const struct ps_batch *batch);

void ps_batch_free(struct ps_batch *batch);

/* Make the list exactly the items of the batch: 0 or a negative errno. */
int ps_lists_replace(const struct ps_list_target *target, struct ps_batch *batch);

/* Whether this name of a context is among the items. */
bool ps_batch_has_context(const struct ps_batch *batch, const struct ps_context_id *id);

/*
 * The same in pieces: what needs no lock, and the rest for a holder of
 * netns->lock; neither edit nor replace for lists that are PS_LIST_PLANNED, nor
 * print for interfaces. Where nothing changes behind a check replacing succeeds,
 * and an edit of a list that is PS_LIST_AT_ONCE (@before: whether the item will be
 * in it then, -1: as it is now).
 */
int ps_lists_check_held(const struct ps_list_target *target, const struct ps_batch *batch);
int ps_lists_check_edit_held(const struct ps_list_target *target, const union ps_list_item *item,
			     bool add, int before);
void ps_lists_edit_checked_held(const struct ps_list_target *target,
				const union ps_list_item *item, bool add);
int ps_lists_prepare(const struct ps_list *list, struct ps_batch *batch);
int ps_lists_edit_held(const struct ps_list_target *target, const union ps_list_item *item,
		       bool add);
int ps_lists_replace_held(const struct ps_list_target *target, struct ps_batch *batch);
int ps_lists_print_held(const struct ps_list_target *target, struct ps_text *text);

/* Append the list's items to a text, one a line: 0 or a negative errno. */
int ps_lists_print(const struct ps_list_target *target, struct ps_text *text);

#endif
