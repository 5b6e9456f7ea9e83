// SPDX-License-Identifier: GPL-2.0-or-later
/* Edits done together; see edits.h. */
#include <linux/slab.h>

#include "change.h"
#include "edits.h"
#include "edits_plan.h"
#include "snapshot.h"

#define PS_EDITS_STEP 1024 /* bytes that doing it takes, about: a configuration and records */

void ps_edits_init(struct ps_edits *edits)
{
	*edits = (struct ps_edits){};
	INIT_LIST_HEAD(&edits->list);
}

void ps_edits_free(struct ps_edits *edits)
{
	struct ps_edit *edit, *next;

	list_for_each_entry_safe(edit, next, &edits->list, list) {
		if (edit->kind == PS_EDIT_REPLACE)
			ps_batch_free(&edit->items);
		kfree(edit);
		cond_resched();
	}
	ps_edits_init(edits);
}

struct ps_edit *ps_edits_add(struct ps_edits *edits, const struct ps_netlink_name *name,
			     enum ps_edit_kind kind, const struct nlattr *attr)
{
	struct ps_edit *edit = kzalloc(sizeof(*edit), GFP_KERNEL_ACCOUNT);

	if (!edit)
		return NULL;
	edit->name = *name;
	edit->kind = kind;
	edit->attr = attr;
	list_add_tail(&edit->list, &edits->list);
	edits->bytes += sizeof(*edit) + PS_EDITS_STEP;
	return edit;
}

void ps_edits_join(struct ps_edits *edits, struct ps_edits *from)
{
	list_splice_tail_init(&from->list, &edits->list);
	edits->bytes += from->bytes;
	edits->copies += from->copies;
	ps_edits_init(from);
}

/* When an edit is done, and whether others may be done with it. */
enum ps_edit_when {
	PS_EDIT_PLANNED,   /* ahead of all, aside */
	PS_EDIT_STAGED,	   /* in its order, published at the end */
	PS_EDIT_LAST,	   /* the one that is seen at once and may fail */
	PS_EDIT_SURELY,	   /* after that: it can't fail */
	PS_EDIT_BY_ITSELF, /* without any other */
};

static enum ps_edit_when ps_edit_when(const struct ps_edit *edit)
{
	if (edit->kind == PS_EDIT_OPTION) {
		if (edit->option->scope == PS_SCOPE_CONTEXT)
			return PS_EDIT_STAGED;
		return ps_instance_is_sure(edit->option - ps_option) ? PS_EDIT_SURELY :
								       PS_EDIT_LAST;
	}
	if (!edit->target)
		return PS_EDIT_PLANNED;
	switch (ps_lists_place(edit->target)) {
	case PS_LIST_PLANNED:
		return PS_EDIT_PLANNED;
	case PS_LIST_STAGED:
		return PS_EDIT_STAGED;
	case PS_LIST_AT_ONCE:
		return edit->kind == PS_EDIT_REPLACE ? PS_EDIT_SURELY : PS_EDIT_LAST;
	default:
		return PS_EDIT_BY_ITSELF;
	}
}

/* Whether they may be done together; and all that needs no lock. */
static int ps_edits_prepare(struct ps_edits *edits, const struct ps_edit **failed)
{
	struct ps_edit *edit;
	u32 last = 0;
	int err;

	list_for_each_entry(edit, &edits->list, list) {
		*failed = edit;
		last += ps_edit_when(edit) == PS_EDIT_LAST;
		if (last > 1 ||
		    (ps_edit_when(edit) == PS_EDIT_BY_ITSELF && !list_is_singular(&edits->list)))
			return -EOPNOTSUPP;
		if (edit->kind != PS_EDIT_REPLACE)
			continue;
		err = ps_lists_prepare(edit->target, &edit->items);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int ps_edit_find(struct ps_netns *netns, const struct ps_edit *edit,
			struct ps_list_target *target)
{
	target->list = edit->target;
	return ps_netlink_find(netns, &edit->name, &target->instance, &target->node, NULL);
}

static int ps_edit_option(const struct ps_edit *edit, const struct ps_list_target *target)
{
	if (target->node)
		return ps_snapshot_set_option(target->node, edit->option - ps_option, edit->value);
	return ps_instance_set(target->instance, edit->option - ps_option, edit->value);
}

static int ps_edit_apply(struct ps_netns *netns, struct ps_edit *edit)
{
	struct ps_list_target target;
	int err;

	err = ps_edit_find(netns, edit, &target);
	if (err)
		return err;
	if (edit->kind == PS_EDIT_OPTION)
		return ps_edit_option(edit, &target);
	/* Lists of the scope OTHER are named by the context, but the instance's. */
	if (edit->kind == PS_EDIT_REPLACE)
		return ps_lists_replace_held(&target, &edit->items);
	return ps_lists_edit_held(&target, &edit->item, edit->kind == PS_EDIT_ADD);
}

static int ps_edits_apply_held(struct ps_netns *netns, struct ps_edits *edits,
			       enum ps_edit_when when, const struct ps_edit **failed)
{
	struct ps_edit *edit;
	int err = 0;

	list_for_each_entry(edit, &edits->list, list) {
		if (ps_edit_when(edit) != when)
			continue;
		*failed = edit;
		err = ps_edit_apply(netns, edit);
		if (err)
			break;
		cond_resched();
	}
	return err;
}

/* Whether what surely succeeds will, as things are now. */
static int ps_edits_check(struct ps_netns *netns, struct ps_edits *edits,
			  const struct ps_edit **failed)
{
	struct ps_list_target target;
	struct ps_edit *edit;
	int err = 0;

	list_for_each_entry(edit, &edits->list, list) {
		*failed = edit;
		err = ps_edit_find(netns, edit, &target);
		if (!err && edit->kind == PS_EDIT_REPLACE)
			err = ps_lists_check_held(&target, &edit->items);
		if (err)
			break;
	}
	return err;
}

static int ps_edits_apply_all(struct ps_netns *netns, struct ps_edits *edits,
			      const struct ps_edit **failed)
{
	int err;

	err = ps_edits_apply_held(netns, edits, PS_EDIT_STAGED, failed);
	if (!err)
		err = ps_edits_check(netns, edits, failed);
	if (!err)
		err = ps_edits_apply_held(netns, edits, PS_EDIT_LAST, failed);
	return err;
}

static int ps_edits_apply_together(struct ps_netns *netns, struct ps_edits *edits,
				   const struct ps_edit **failed)
{
	struct ps_change_set set;
	struct ps_plan plan;
	int err;

	mutex_lock(&netns->structure);
	err = ps_plan_make(&plan, netns, edits, failed);
	mutex_lock(&netns->lock);
	ps_plan_open(&plan);
	ps_change_set_begin(netns, &set);
	if (!err)
		err = ps_plan_check(&plan, failed);
	if (!err)
		err = ps_edits_apply_all(netns, edits, failed);
	err = ps_change_set_end(netns, err);
	/* With the rates that were just published. */
	if (!err)
		WARN_ON_ONCE(ps_edits_apply_held(netns, edits, PS_EDIT_SURELY, failed));
	ps_plan_close(&plan, err);
	mutex_unlock(&netns->lock);
	ps_plan_end(&plan);
	mutex_unlock(&netns->structure);
	return err;
}

static int ps_edits_apply_one(struct ps_netns *netns, struct ps_edit *edit)
{
	struct ps_list_target target = { .list = edit->target };
	int err = -ENOENT;

	/* Holds the instance; what is in it is the list's own business. */
	mutex_lock(&netns->structure);
	target.instance = ps_instance_find(netns, edit->name.instance);
	if (target.instance && edit->kind == PS_EDIT_REPLACE)
		err = ps_lists_replace_held(&target, &edit->items);
	else if (target.instance)
		err = ps_lists_edit_held(&target, &edit->item, edit->kind == PS_EDIT_ADD);
	mutex_unlock(&netns->structure);
	return err;
}

int ps_edits_apply(struct ps_netns *netns, struct ps_edits *edits, const struct ps_edit **failed)
{
	struct ps_edit *first;
	int err;

	*failed = NULL;
	if (list_empty(&edits->list))
		return 0;
	err = ps_edits_prepare(edits, failed);
	if (err)
		return err;
	first = list_first_entry(&edits->list, struct ps_edit, list);
	if (ps_edit_when(first) == PS_EDIT_BY_ITSELF)
		err = ps_edits_apply_one(netns, first);
	else
		err = ps_edits_apply_together(netns, edits, failed);
	if (!err)
		*failed = NULL;
	return err;
}
