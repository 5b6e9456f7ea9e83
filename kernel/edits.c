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

/* When an edit is done. */
enum ps_edit_when {
	PS_EDIT_PLANNED, /* ahead of all, aside */
	PS_EDIT_STAGED,	 /* in its order, published at the end */
	PS_EDIT_SURELY,	 /* after that, checked ahead: it can't fail */
};

static enum ps_edit_when ps_edit_when(const struct ps_edit *edit)
{
	if (edit->kind == PS_EDIT_OPTION)
		return edit->option->scope == PS_SCOPE_CONTEXT ? PS_EDIT_STAGED : PS_EDIT_SURELY;
	if (!edit->target)
		return PS_EDIT_PLANNED;
	switch (ps_lists_place(edit->target)) {
	case PS_LIST_STAGED:
		return PS_EDIT_STAGED;
	case PS_LIST_AT_ONCE:
		return PS_EDIT_SURELY;
	default:
		return PS_EDIT_PLANNED;
	}
}

/* All that needs no lock. */
static int ps_edits_prepare(struct ps_edits *edits, const struct ps_edit **failed)
{
	struct ps_edit *edit;
	int err;

	list_for_each_entry(edit, &edits->list, list) {
		*failed = edit;
		err = edit->kind == PS_EDIT_REPLACE ? ps_lists_prepare(edit->target, &edit->items) :
						      0;
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

static int ps_edit_stage_secret(const struct ps_edit *edit, struct ps_context_node *node)
{
	if (edit->value == PS_SECRET_KEEP)
		return ps_snapshot_get(node)->option[edit->option - ps_option] ? 0 : -ENOENT;
	return ps_snapshot_set_secret(node, edit->value == PS_SECRET_TEXT ? &edit->key : NULL);
}

/* Do one in its order, as a step of the set. */
static int ps_edit_stage(struct ps_edit *edit, const struct ps_list_target *target)
{
	if (edit->kind == PS_EDIT_OPTION && edit->option->type == PS_OPTION_SECRET)
		return ps_edit_stage_secret(edit, target->node);
	if (edit->kind == PS_EDIT_OPTION)
		return ps_snapshot_set_option(target->node, edit->option - ps_option, edit->value);
	if (edit->kind == PS_EDIT_REPLACE)
		return ps_lists_replace_held(target, &edit->items);
	return ps_lists_edit_held(target, &edit->item, edit->kind == PS_EDIT_ADD);
}

/* Whether a protection will have been switched on by then; -1: nothing is said of that. */
static int ps_edit_before(const struct ps_edits *edits, const struct ps_edit *edit)
{
	const struct ps_edit *other = edit;

	list_for_each_entry_continue_reverse(other, &edits->list, list)
	{
		if (other->target != edit->target ||
		    strcmp(other->name.instance, edit->name.instance))
			continue;
		if (other->kind == PS_EDIT_REPLACE)
			return ps_batch_has_context(&other->items, &edit->item.id);
		if (ps_context_is_same(&other->item.id, &edit->item.id))
			return other->kind == PS_EDIT_ADD;
	}
	return -1;
}

/* Whether it can be done at the end, as things will be then. */
static int ps_edit_check(const struct ps_edits *edits, const struct ps_edit *edit,
			 const struct ps_list_target *target)
{
	if (ps_edit_when(edit) != PS_EDIT_SURELY)
		return 0;
	if (edit->kind == PS_EDIT_OPTION)
		return ps_instance_stage(target->instance, edit->option - ps_option, edit->value);
	/* Lists of the scope OTHER are named by the context, but the instance's. */
	if (edit->kind == PS_EDIT_REPLACE)
		return ps_lists_check_held(target, &edit->items);
	return ps_lists_check_edit_held(target, &edit->item, edit->kind == PS_EDIT_ADD,
					ps_edit_before(edits, edit));
}

static int ps_edits_stage(struct ps_netns *netns, struct ps_edits *edits,
			  const struct ps_edit **failed)
{
	struct ps_list_target target;
	struct ps_edit *edit;
	int err = 0;

	list_for_each_entry(edit, &edits->list, list) {
		if (ps_edit_when(edit) != PS_EDIT_STAGED)
			continue;
		*failed = edit;
		err = ps_edit_find(netns, edit, &target) ?: ps_edit_stage(edit, &target);
		if (err)
			break;
		cond_resched();
	}
	return err;
}

/* Behind the stages: with the rates that they set. */
static int ps_edits_check(struct ps_netns *netns, struct ps_edits *edits,
			  const struct ps_edit **failed)
{
	struct ps_list_target target;
	struct ps_edit *edit;
	int err = 0;

	list_for_each_entry(edit, &edits->list, list) {
		*failed = edit;
		err = ps_edit_find(netns, edit, &target) ?: ps_edit_check(edits, edit, &target);
		if (err)
			break;
		cond_resched();
	}
	return err;
}

/* Go back from the check. */
static void ps_edits_undo(struct ps_netns *netns, struct ps_edits *edits)
{
	struct ps_list_target target;
	struct ps_edit *edit;

	list_for_each_entry(edit, &edits->list, list)
		if (edit->kind == PS_EDIT_OPTION && ps_edit_when(edit) == PS_EDIT_SURELY &&
		    !ps_edit_find(netns, edit, &target))
			ps_instance_unstage(target.instance);
}

static void ps_edits_do(struct ps_netns *netns, struct ps_edits *edits)
{
	struct ps_list_target target;
	struct ps_edit *edit;

	list_for_each_entry(edit, &edits->list, list) {
		if (ps_edit_when(edit) != PS_EDIT_SURELY || ps_edit_find(netns, edit, &target))
			continue;
		if (edit->kind == PS_EDIT_OPTION)
			ps_instance_set_staged(target.instance, edit->option - ps_option,
					       edit->value);
		else if (edit->kind == PS_EDIT_REPLACE)
			WARN_ON_ONCE(ps_lists_replace_held(&target, &edit->items));
		else
			ps_lists_edit_checked_held(&target, &edit->item, edit->kind == PS_EDIT_ADD);
		cond_resched();
	}
}

/* Under netns->lock: publish all of it, or go back. */
static int ps_edits_apply_held(struct ps_netns *netns, struct ps_edits *edits, struct ps_plan *plan,
			       int err, const struct ps_edit **failed)
{
	struct ps_change_set set;

	ps_plan_open(plan);
	ps_change_set_begin(netns, &set);
	if (!err)
		err = ps_plan_check(plan, failed);
	if (!err)
		err = ps_edits_stage(netns, edits, failed);
	if (!err)
		err = ps_edits_check(netns, edits, failed);
	err = ps_change_set_end(netns, err);
	/* With the rates that were just published. */
	if (err)
		ps_edits_undo(netns, edits);
	else
		ps_edits_do(netns, edits);
	ps_plan_close(plan, err);
	return err;
}

int ps_edits_apply(struct ps_netns *netns, struct ps_edits *edits, const struct ps_edit **failed)
{
	struct ps_plan plan;
	int err;

	*failed = NULL;
	err = ps_edits_prepare(edits, failed);
	if (err)
		return err;
	mutex_lock(&netns->structure);
	err = ps_plan_make(&plan, netns, edits, failed);
	if (!err)
		err = ps_plan_make_ifaces(&plan, edits, failed);
	mutex_lock(&netns->lock);
	err = ps_edits_apply_held(netns, edits, &plan, err, failed);
	mutex_unlock(&netns->lock);
	ps_plan_end(&plan);
	mutex_unlock(&netns->structure);
	if (!err)
		*failed = NULL;
	return err;
}
