// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists, whatever their kind; see lists.h. */
#include <linux/slab.h>

#include "list_kinds.h"

/*
 * More items than this times a list's limit aren't taken in one transaction;
 * a list without a limit of its own counts as one of so many.
 */
#define PS_BATCH_EXCESS 4
#define PS_BATCH_LIMIT	16384

int ps_status_errno(enum ps_status status)
{
	switch (status) {
	case PS_OK:
		return 0;
	case PS_OUT_OF_RANGE:
		return -ERANGE;
	case PS_MALFORMED:
	default:
		return -EIO;
	}
}

enum ps_list_place ps_lists_place(const struct ps_list *list)
{
	return ps_list_kind[list->type].place;
}

size_t ps_lists_item_bytes(const struct ps_list *list)
{
	return ps_list_kind[list->type].bytes;
}

int ps_lists_parse(const struct ps_list *list, const char *text, size_t length,
		   union ps_list_item *item)
{
	return ps_status_errno(ps_list_kind[list->type].parse(text, length, item));
}

/* The lock that the list is changed and printed under, unless it sees to that itself. */
static struct mutex *ps_lists_lock(const struct ps_list_target *target)
{
	return ps_lists_place(target->list) == PS_LIST_PLANNED ? NULL :
								 &target->instance->netns->lock;
}

int ps_lists_edit_held(const struct ps_list_target *target, const union ps_list_item *item,
		       bool add)
{
	const struct ps_list_kind *kind = &ps_list_kind[target->list->type];

	return kind->edit ? kind->edit(target, item, add) : -EIO;
}

int ps_lists_edit(const struct ps_list_target *target, const union ps_list_item *item, bool add)
{
	struct mutex *lock = ps_lists_lock(target);
	int err;

	if (lock)
		mutex_lock(lock);
	err = ps_lists_edit_held(target, item, add);
	if (lock)
		mutex_unlock(lock);
	return err;
}

int ps_lists_prepare(const struct ps_list *list, struct ps_batch *batch)
{
	const struct ps_list_kind *kind = &ps_list_kind[list->type];

	return kind->prepare ? kind->prepare(batch) : 0;
}

int ps_lists_check_held(const struct ps_list_target *target, const struct ps_batch *batch)
{
	const struct ps_list_kind *kind = &ps_list_kind[target->list->type];

	return kind->check ? kind->check(target, batch) : 0;
}

int ps_lists_check_edit_held(const struct ps_list_target *target, const union ps_list_item *item,
			     bool add, int before)
{
	return ps_list_kind[target->list->type].check_edit(target, item, add, before);
}

void ps_lists_edit_checked_held(const struct ps_list_target *target, const union ps_list_item *item,
				bool add)
{
	ps_list_kind[target->list->type].edit_checked(target, item, add);
}

int ps_lists_replace_held(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_list_kind[target->list->type].replace(target, batch);
}

int ps_lists_replace(const struct ps_list_target *target, struct ps_batch *batch)
{
	struct mutex *lock = ps_lists_lock(target);
	int err;

	err = ps_lists_prepare(target->list, batch);
	if (err)
		return err;
	if (lock)
		mutex_lock(lock);
	err = ps_lists_replace_held(target, batch);
	if (lock)
		mutex_unlock(lock);
	return err;
}

int ps_lists_print_held(const struct ps_list_target *target, struct ps_text *text)
{
	return ps_list_kind[target->list->type].print(target, text);
}

int ps_lists_print(const struct ps_list_target *target, struct ps_text *text)
{
	/* Interfaces have a lock of their own, taken inside RTNL. */
	struct mutex *lock = target->list->type == PS_LIST_IFACES ? NULL :
								    &target->instance->netns->lock;
	int err;

	if (lock)
		mutex_lock(lock);
	err = ps_lists_print_held(target, text);
	if (lock)
		mutex_unlock(lock);
	return err;
}

int ps_batch_add(struct ps_batch *batch, const struct ps_list *list, const union ps_list_item *item)
{
	size_t bytes = ps_lists_item_bytes(list);
	struct ps_batch_array *array = &batch->array[0];

	if (list->type == PS_LIST_SOURCES)
		array = &batch->array[ps_addr_family(&item->range.first)];
	if (array->count >= PS_BATCH_EXCESS * (list->limit ? list->limit : PS_BATCH_LIMIT))
		return -ENOSPC;
	if ((array->count + 1) * bytes > array->room) {
		void *grown =
			ps_text_grow(array->data, array->count * bytes, &array->room, 64 * bytes);

		if (!grown)
			return -ENOMEM;
		array->data = grown;
	}
	memcpy(array->data + array->count * bytes, item, bytes);
	array->count++;
	return 0;
}

size_t ps_batch_room(const struct ps_batch *batch)
{
	return batch->array[PS_IPV4].room + batch->array[PS_IPV6].room;
}

bool ps_batch_has_context(const struct ps_batch *batch, const struct ps_context_id *id)
{
	const struct ps_context_id *ids = batch->array[0].data;
	u32 i;

	for (i = 0; i < batch->array[0].count; i++)
		if (ps_context_is_same(&ids[i], id))
			return true;
	return false;
}

void ps_batch_free(struct ps_batch *batch)
{
	enum ps_family family;

	for (family = 0; family < PS_FAMILIES; family++)
		kvfree(batch->array[family].data);
	*batch = (struct ps_batch){};
}
