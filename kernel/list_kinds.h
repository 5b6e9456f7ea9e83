/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between the kinds of lists: one row each, known to lists.c only. */
#ifndef PS_LIST_KINDS_H
#define PS_LIST_KINDS_H

#include "lists.h"

/**
 * struct ps_list_kind - what a kind of list does
 * @bytes: of an item
 * @place: what may be done with it, and where
 * @parse: text to item
 * @edit: add or remove; NULL where what an item means depends on the others
 * @prepare: work on the items that needs no lock; NULL where there is none
 * @replace: the whole list, prepared
 * @check: all that replace can fail for; NULL where replacing isn't seen at once
 * @check_edit: likewise of edit; @before: whether the item will be in the list
 *	then, or -1: as it is now
 * @edit_checked: edit, which can't fail behind that
 * @print: the whole list, one state of it
 */
struct ps_list_kind {
	size_t bytes;
	enum ps_list_place place;
	enum ps_status (*parse)(const char *text, size_t length, union ps_list_item *item);
	int (*edit)(const struct ps_list_target *target, const union ps_list_item *item, bool add);
	int (*prepare)(struct ps_batch *batch);
	int (*replace)(const struct ps_list_target *target, struct ps_batch *batch);
	int (*check)(const struct ps_list_target *target, const struct ps_batch *batch);
	int (*check_edit)(const struct ps_list_target *target, const union ps_list_item *item,
			  bool add, int before);
	void (*edit_checked)(const struct ps_list_target *target, const union ps_list_item *item,
			     bool add);
	int (*print)(const struct ps_list_target *target, struct ps_text *text);
};

/* By enum ps_list_type. */
extern const struct ps_list_kind ps_list_kind[];

#endif
