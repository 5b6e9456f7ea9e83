// SPDX-License-Identifier: GPL-2.0-or-later
/* Instances and contexts made aside; see edits_plan.h, and edits_ifaces.c for interfaces. */
#include <linux/slab.h>

#include "edits_plan.h"

static const struct ps_list *const ps_plan_contexts = &ps_list[PS_LIST_contexts];

struct ps_plan_instance *ps_plan_find(struct ps_plan *plan, const char *name)
{
	struct ps_plan_instance *entry;

	list_for_each_entry(entry, &plan->list, list)
		if (!strcmp(ps_instance_name(entry->instance), name))
			return entry;
	return NULL;
}

static struct ps_plan_instance *ps_plan_add(struct ps_plan *plan, struct ps_instance *instance)
{
	struct ps_plan_instance *entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);

	if (!entry)
		return NULL;
	entry->instance = instance;
	list_add_tail(&entry->list, &plan->list);
	mutex_lock_nest_lock(&instance->structure, &plan->netns->structure);
	return entry;
}

/* The entry of an instance that exists, or is to exist: or an error pointer. */
static struct ps_plan_instance *ps_plan_get(struct ps_plan *plan, const char *name)
{
	struct ps_plan_instance *entry = ps_plan_find(plan, name);
	struct ps_instance *instance;

	if (entry)
		return entry->doomed ? ERR_PTR(-ENOENT) : entry;
	instance = ps_instance_find(plan->netns, name);
	if (!instance)
		return ERR_PTR(-ENOENT);
	entry = ps_plan_add(plan, instance);
	return entry ? entry : ERR_PTR(-ENOMEM);
}

static int ps_plan_new(struct ps_plan *plan, const char *name)
{
	struct ps_plan_instance *entry;
	struct ps_instance *instance;

	if (ps_plan_find(plan, name))
		return -EEXIST;
	instance = ps_instance_prepare(plan->netns, name, plan->bytes);
	if (IS_ERR(instance))
		return PTR_ERR(instance);
	entry = ps_plan_add(plan, instance);
	if (!entry) {
		ps_instance_dispose(instance);
		return -ENOMEM;
	}
	entry->born = true;
	plan->bytes += strlen(name) + 1;
	return 0;
}

static int ps_plan_delete(struct ps_plan *plan, const struct ps_edit *edit)
{
	struct ps_plan_instance *entry = ps_plan_get(plan, edit->name.instance);

	if (IS_ERR(entry))
		return PTR_ERR(entry);
	entry->doomed = edit;
	plan->attaches = true;
	return 0;
}

static int ps_plan_draft_add(struct ps_plan_instance *entry, const struct ps_context_id *id)
{
	union ps_list_item item = { .id = *id };

	return ps_batch_add(&entry->draft, ps_plan_contexts, &item);
}

/* Begin with the contexts that there are. */
static int ps_plan_draft(struct ps_plan_instance *entry)
{
	struct ps_context_node *node;
	int err = 0;

	if (entry->drafted)
		return 0;
	list_for_each_entry(node, &entry->instance->nodes, list) {
		err = ps_plan_draft_add(entry, &node->core.id);
		if (err)
			return err;
	}
	entry->drafted = true;
	return 0;
}

static struct ps_context_id *ps_plan_draft_find(struct ps_plan_instance *entry,
						const struct ps_context_id *id)
{
	struct ps_context_id *ids = entry->draft.array[0].data;
	u32 i;

	for (i = 0; i < entry->draft.array[0].count; i++)
		if (ps_context_is_same(&ids[i], id))
			return &ids[i];
	return NULL;
}

static int ps_plan_draft_edit(struct ps_plan_instance *entry, const struct ps_context_id *id,
			      bool add)
{
	struct ps_context_id *there = ps_plan_draft_find(entry, id);
	struct ps_batch_array *array = &entry->draft.array[0];
	struct ps_context_id *ids = array->data;

	if (ps_context_is_other(id) || add == !!there)
		return add ? -EEXIST : -ENOENT;
	if (add)
		return ps_plan_draft_add(entry, id);
	array->count--;
	memmove(there, there + 1, (char *)(ids + array->count) - (char *)there);
	return 0;
}

static int ps_plan_edit_contexts(struct ps_plan *plan, struct ps_edit *edit)
{
	struct ps_plan_instance *entry = ps_plan_get(plan, edit->name.instance);
	int err;

	if (IS_ERR(entry))
		return PTR_ERR(entry);
	err = ps_plan_draft(entry);
	if (err)
		return err;
	if (edit->kind != PS_EDIT_REPLACE)
		return ps_plan_draft_edit(entry, &edit->item.id, edit->kind == PS_EDIT_ADD);
	/* The edit frees what was there. */
	swap(entry->draft, edit->items);
	return 0;
}

/* Edits of what exists: there is an entry where that must be held. */
static int ps_plan_edit_other(struct ps_plan *plan, const struct ps_edit *edit)
{
	struct ps_plan_instance *entry = ps_plan_find(plan, edit->name.instance);

	if (entry && entry->doomed)
		return -ENOENT;
	if (!ps_plan_is_attaching(edit))
		return 0;
	plan->attaches = true;
	return PTR_ERR_OR_ZERO(ps_plan_get(plan, edit->name.instance));
}

static int ps_plan_edit(struct ps_plan *plan, struct ps_edit *edit)
{
	switch (edit->kind) {
	case PS_EDIT_NEW:
		return ps_plan_new(plan, edit->name.instance);
	case PS_EDIT_DELETE:
		return ps_plan_delete(plan, edit);
	default:
		return edit->target == ps_plan_contexts ? ps_plan_edit_contexts(plan, edit) :
							  ps_plan_edit_other(plan, edit);
	}
}

int ps_plan_make(struct ps_plan *plan, struct ps_netns *netns, struct ps_edits *edits,
		 const struct ps_edit **failed)
{
	struct ps_plan_instance *entry;
	struct ps_edit *edit;
	int err;

	plan->netns = netns;
	plan->attaches = false;
	plan->attaching = false;
	plan->bytes = ps_instance_list_bytes(netns);
	INIT_LIST_HEAD(&plan->list);
	list_for_each_entry(edit, &edits->list, list) {
		*failed = edit;
		err = ps_plan_edit(plan, edit);
		if (err)
			return err;
	}
	list_for_each_entry(entry, &plan->list, list) {
		if (!entry->drafted)
			continue;
		err = ps_context_plan_make(&entry->contexts, entry->instance,
					   entry->draft.array[0].data, entry->draft.array[0].count);
		if (err)
			return err;
		entry->planned = true;
	}
	return 0;
}

void ps_plan_open(struct ps_plan *plan)
{
	struct ps_plan_instance *entry;

	list_for_each_entry(entry, &plan->list, list) {
		if (entry->born)
			ps_instance_enlist(entry->instance);
		if (entry->planned)
			ps_context_plan_open(&entry->contexts);
	}
}

int ps_plan_check(struct ps_plan *plan, const struct ps_edit **failed)
{
	struct ps_plan_instance *entry;

	list_for_each_entry(entry, &plan->list, list)
		if (entry->doomed && ps_instance_is_used(entry->instance)) {
			*failed = entry->doomed;
			return -EBUSY;
		}
	return 0;
}

void ps_plan_close(struct ps_plan *plan, int err)
{
	struct ps_plan_instance *entry;

	list_for_each_entry(entry, &plan->list, list) {
		if (entry->planned)
			ps_context_plan_close(&entry->contexts, err);
		entry->over = err ? entry->born : !!entry->doomed;
		if (entry->over)
			ps_instance_delist(entry->instance);
	}
	if (plan->attaching)
		ps_iface_plan_end(plan->netns, err);
}

void ps_plan_end(struct ps_plan *plan)
{
	struct ps_plan_instance *entry, *next;

	/* Before directories are waited for: their writers may want it. */
	if (plan->attaching)
		mutex_unlock(&plan->netns->attaching);
	list_for_each_entry_safe(entry, next, &plan->list, list) {
		if (entry->planned)
			ps_context_plan_end(&entry->contexts);
		mutex_unlock(&entry->instance->structure);
		if (entry->over)
			ps_instance_dispose(entry->instance);
		ps_batch_free(&entry->draft);
		ps_batch_free(&entry->names);
		kfree(entry);
	}
}
