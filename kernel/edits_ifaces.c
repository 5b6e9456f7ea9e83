// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces of a list of edits, made aside; see edits_plan.h. Each instance gets
 * one wish (iface_plan.h): the interfaces that it is to have in the end.
 */
#include <linux/log2.h>
#include <linux/rtnetlink.h>

#include "edits_plan.h"

static const struct ps_list *const ps_plan_ifaces = &ps_list[PS_LIST_ifaces];

static bool ps_plan_is_option(const struct ps_edit *edit, enum ps_option_index option)
{
	return edit->kind == PS_EDIT_OPTION && edit->option == &ps_option[option];
}

bool ps_plan_is_attaching(const struct ps_edit *edit)
{
	return ps_plan_is_option(edit, PS_OPTION_hook_priority) ||
	       ps_plan_is_option(edit, PS_OPTION_session_table_size) ||
	       edit->target == ps_plan_ifaces;
}

static struct ps_iface_wish *ps_plan_wish(struct ps_plan_instance *entry)
{
	if (!entry->wished) {
		entry->wish.instance = entry->instance;
		entry->wish.priority = entry->instance->option[PS_OPTION_hook_priority];
		entry->wished = true;
	}
	return &entry->wish;
}

static int ps_plan_names_add(struct ps_plan_instance *entry, const char *name)
{
	union ps_list_item item = {};

	strscpy(item.iface.text, name, sizeof(item.iface.text));
	return ps_batch_add(&entry->names, ps_plan_ifaces, &item);
}

/* Begin with the interfaces that there are. */
static int ps_plan_names(struct ps_plan_instance *entry)
{
	struct ps_netns *netns = entry->instance->netns;
	struct ps_iface *iface;
	int err = 0;

	if (ps_plan_wish(entry)->named)
		return 0;
	rtnl_lock();
	mutex_lock(&netns->ifaces_lock);
	list_for_each_entry(iface, &netns->ifaces, list)
		if (!err && iface->judge == entry->instance)
			err = ps_plan_names_add(entry, iface->dev->name);
	mutex_unlock(&netns->ifaces_lock);
	rtnl_unlock();
	entry->wish.named = !err;
	return err;
}

static int ps_plan_names_edit(struct ps_plan_instance *entry, const struct ps_iface_name *name,
			      bool add)
{
	struct ps_batch_array *array = &entry->names.array[0];
	struct ps_iface_name *names = array->data;
	u32 i;

	for (i = 0; i < array->count; i++)
		if (!strcmp(names[i].text, name->text))
			break;
	if (add)
		return i < array->count ? -EEXIST : ps_plan_names_add(entry, name->text);
	if (i == array->count)
		return -ENOENT;
	array->count--;
	memmove(&names[i], &names[i + 1], (array->count - i) * sizeof(*names));
	return 0;
}

static int ps_plan_edit_ifaces(struct ps_plan_instance *entry, struct ps_edit *edit)
{
	int err = ps_plan_names(entry);

	if (err)
		return err;
	if (edit->kind != PS_EDIT_REPLACE)
		return ps_plan_names_edit(entry, &edit->item.iface, edit->kind == PS_EDIT_ADD);
	/* The edit frees what was there. */
	swap(entry->names, edit->items);
	return 0;
}

static int ps_plan_edit_attaching(struct ps_plan *plan, struct ps_edit *edit)
{
	struct ps_plan_instance *entry = ps_plan_find(plan, edit->name.instance);

	if (edit->target == ps_plan_ifaces)
		return ps_plan_edit_ifaces(entry, edit);
	if (ps_plan_is_option(edit, PS_OPTION_hook_priority))
		ps_plan_wish(entry)->priority = edit->value;
	else if (entry->born)
		/* Before its first tables are made, so that they needn't be made twice. */
		return ps_tables_resize(&entry->instance->tables, roundup_pow_of_two(edit->value));
	return 0;
}

static void ps_plan_collect_wishes(struct ps_plan *plan, struct list_head *wishes)
{
	struct ps_plan_instance *entry;

	list_for_each_entry(entry, &plan->list, list) {
		if (entry->doomed) {
			ps_plan_wish(entry)->named = true;
			entry->names.array[0].count = 0;
		}
		if (!entry->wished)
			continue;
		entry->wish.names = entry->names.array[0].data;
		entry->wish.count = entry->names.array[0].count;
		list_add_tail(&entry->wish.list, wishes);
	}
}

/* The edit that an instance is to have this interface for (NULL: any) by. */
static void ps_plan_blame(struct ps_edits *edits, const struct ps_iface_wish *wish,
			  const struct ps_iface_name *name, const struct ps_edit **failed)
{
	struct ps_edit *edit;

	list_for_each_entry(edit, &edits->list, list) {
		if (!ps_plan_is_attaching(edit) ||
		    strcmp(edit->name.instance, ps_instance_name(wish->instance)))
			continue;
		if (edit->target != ps_plan_ifaces || edit->kind == PS_EDIT_REPLACE || !name ||
		    !strcmp(edit->item.iface.text, name->text))
			*failed = edit;
	}
}

int ps_plan_make_ifaces(struct ps_plan *plan, struct ps_edits *edits, const struct ps_edit **failed)
{
	const struct ps_iface_name *name;
	struct ps_iface_wish *wish;
	struct ps_edit *edit;
	LIST_HEAD(wishes);
	int err;

	if (!plan->attaches)
		return 0;
	mutex_lock(&plan->netns->attaching);
	plan->attaching = true;
	list_for_each_entry(edit, &edits->list, list) {
		*failed = edit;
		err = ps_plan_is_attaching(edit) ? ps_plan_edit_attaching(plan, edit) : 0;
		if (err)
			return err;
	}
	ps_plan_collect_wishes(plan, &wishes);
	err = ps_iface_plan_make(plan->netns, &wishes, &wish, &name);
	if (err && wish)
		ps_plan_blame(edits, wish, name, failed);
	return err;
}
