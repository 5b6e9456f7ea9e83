// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lifetime of contexts and of the table that finds them.
 *
 * One context is inserted into the live table in place; when slots run short,
 * and for a replacement of the whole set, a new table is built and published.
 * Directories are made before a context is published and removed after it is
 * out of the table, with instance->structure held, which no writer inside them
 * takes; netns->lock, which they do take, is held for the change itself only.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "context.h"
#include "snapshot.h"
#include "sysfs.h"
#include "toggle.h"

static struct ps_contexts *ps_context_table(struct ps_instance *instance)
{
	return rcu_dereference_protected(instance->engine.contexts,
					 lockdep_is_held(&instance->structure));
}

u32 ps_context_count(const struct ps_instance *instance)
{
	return 1 + rcu_dereference_protected(instance->engine.contexts,
					     lockdep_is_held(&instance->netns->lock))
			   ->count;
}

struct ps_context_node *ps_context_find(struct ps_instance *instance,
					const struct ps_context_id *id)
{
	const struct ps_contexts *table = instance->pending_contexts;
	struct ps_context *context;

	if (ps_context_is_other(id))
		return instance->other;
	if (!table)
		table = rcu_dereference_protected(instance->engine.contexts,
						  lockdep_is_held(&instance->netns->lock));
	context = ps_contexts_find(table, id);
	return context ? ps_context_node(context) : NULL;
}

static struct ps_contexts *ps_context_table_alloc(struct ps_instance *instance, u32 count)
{
	u32 slots = ps_contexts_slots(count);
	struct ps_contexts *table;

	table = kvmalloc(struct_size(table, slot, slots), GFP_KERNEL_ACCOUNT);
	if (table)
		ps_contexts_init(table, slots, get_random_u64(), &instance->other->core);
	return table;
}

int ps_context_init_table(struct ps_instance *instance)
{
	struct ps_contexts *table = ps_context_table_alloc(instance, 0);

	if (!table)
		return -ENOMEM;
	rcu_assign_pointer(instance->engine.contexts, table);
	return 0;
}

void ps_context_free(struct ps_context_node *node)
{
	ps_snapshot_free(&node->core);
	ps_toggle_free(&node->core);
	free_percpu(node->counters);
	kfree(node);
}

/* With its directory, but in no table and no list yet. */
static struct ps_context_node *ps_context_create(struct ps_instance *instance,
						 const struct ps_context_id *id)
{
	struct ps_context_node *node;
	int err;

	node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	if (!node)
		return ERR_PTR(-ENOMEM);
	node->core.id = *id;
	node->instance = instance;
	INIT_LIST_HEAD(&node->list);
	node->counters = alloc_percpu_gfp(struct ps_counters, GFP_KERNEL_ACCOUNT);
	if (!node->counters) {
		kfree(node);
		return ERR_PTR(-ENOMEM);
	}
	ps_snapshot_create(&node->core);
	err = ps_sysfs_context_add(node);
	return err ? ERR_PTR(err) : node;
}

struct ps_context_node *ps_context_create_other(struct ps_instance *instance)
{
	static const struct ps_context_id other;

	return ps_context_create(instance, &other);
}

/* See to it that the table takes one more: a new one is built where it can't. */
static int ps_context_grow(struct ps_instance *instance)
{
	struct ps_contexts *old = ps_context_table(instance), *table;
	struct ps_garbage *garbage;
	struct ps_context_node *node;

	if (!ps_contexts_full(old))
		return 0;
	garbage = ps_garbage_create();
	if (!garbage)
		return -ENOMEM;
	table = ps_context_table_alloc(instance, old->count + 1);
	if (!table) {
		kfree(garbage);
		return -ENOMEM;
	}
	list_for_each_entry(node, &instance->nodes, list)
		ps_contexts_insert(table, &node->core);
	rcu_assign_pointer(instance->engine.contexts, table);
	garbage->memory[0] = old;
	ps_garbage_discard(garbage);
	return 0;
}

/* Remove contexts that are in no table any more, or never were. */
static void ps_context_bury(struct list_head *dead)
{
	struct ps_context_node *node, *next;

	list_for_each_entry_safe(node, next, dead, list) {
		ps_sysfs_unlink(&node->kobj);
		ps_garbage_put(&node->garbage, &node->kobj);
		cond_resched();
	}
}

static int ps_context_publish(struct ps_context_node *node)
{
	struct ps_instance *instance = node->instance;
	int err;

	mutex_lock(&instance->netns->lock);
	err = instance->dead ? -ENOENT : ps_context_grow(instance);
	if (!err) {
		list_add_tail(&node->list, &instance->nodes);
		ps_contexts_insert(ps_context_table(instance), &node->core);
		atomic_inc(&instance->netns->generation);
	} else {
		node->dead = true;
	}
	mutex_unlock(&instance->netns->lock);
	return err;
}

static int ps_context_add(struct ps_instance *instance, const struct ps_context_id *id)
{
	struct ps_contexts *table = ps_context_table(instance);
	struct ps_context_node *node;
	LIST_HEAD(dead);
	int err;

	if (ps_contexts_find(table, id))
		return -EEXIST;
	if (table->count >= ps_list[PS_LIST_contexts].limit)
		return -ENOSPC;
	node = ps_context_create(instance, id);
	if (IS_ERR(node))
		return PTR_ERR(node);
	err = ps_context_publish(node);
	if (err) {
		list_add(&node->list, &dead);
		ps_context_bury(&dead);
	}
	return err;
}

static int ps_context_remove(struct ps_instance *instance, const struct ps_context_id *id)
{
	struct ps_contexts *table = ps_context_table(instance);
	struct ps_context *context = ps_contexts_find(table, id);
	LIST_HEAD(dead);

	if (!context)
		return -ENOENT;
	mutex_lock(&instance->netns->lock);
	ps_contexts_remove(table, context);
	ps_context_node(context)->dead = true;
	atomic_inc(&instance->netns->generation);
	list_move_tail(&ps_context_node(context)->list, &dead);
	mutex_unlock(&instance->netns->lock);
	ps_context_bury(&dead);
	return 0;
}

int ps_context_edit(struct ps_instance *instance, const struct ps_context_id *id, bool add)
{
	int err;

	if (ps_context_is_other(id))
		return add ? -EEXIST : -ENOENT;
	mutex_lock(&instance->structure);
	err = add ? ps_context_add(instance, id) : ps_context_remove(instance, id);
	mutex_unlock(&instance->structure);
	return err;
}

/* Fill @table with contexts of these names, the existing ones or new ones. */
static int ps_context_fill(struct ps_instance *instance, struct ps_contexts *table,
			   const struct ps_context_id *ids, u32 count, struct list_head *born)
{
	struct ps_context_node *node;
	struct ps_context *context;
	u32 i;

	for (i = 0; i < count; i++) {
		cond_resched();
		if (ps_context_is_other(&ids[i]))
			return -EEXIST;
		if (ps_contexts_find(table, &ids[i]))
			continue;
		if (table->count >= ps_list[PS_LIST_contexts].limit)
			return -ENOSPC;
		context = ps_contexts_find(ps_context_table(instance), &ids[i]);
		if (!context) {
			node = ps_context_create(instance, &ids[i]);
			if (IS_ERR(node))
				return PTR_ERR(node);
			list_add_tail(&node->list, born);
			context = &node->core;
		}
		ps_contexts_insert(table, context);
	}
	return 0;
}

/* Nodes that aren't in @table leave the instance for @dead. */
static void ps_context_part(struct ps_instance *instance, struct ps_contexts *table,
			    struct list_head *dead)
{
	struct ps_context_node *node, *next;

	list_for_each_entry_safe(node, next, &instance->nodes, list)
		if (!ps_contexts_find(table, &node->core.id)) {
			node->dead = true;
			list_move_tail(&node->list, dead);
		}
}

static void ps_context_plan_drop(struct ps_context_plan *plan)
{
	struct ps_context_node *node;

	mutex_lock(&plan->instance->netns->lock);
	list_for_each_entry(node, &plan->born, list)
		node->dead = true;
	mutex_unlock(&plan->instance->netns->lock);
	ps_context_bury(&plan->born);
	kvfree(plan->table);
	kfree(plan->garbage);
}

int ps_context_plan_make(struct ps_context_plan *plan, struct ps_instance *instance,
			 const struct ps_context_id *ids, u32 count)
{
	int err = -ENOMEM;

	lockdep_assert_held(&instance->structure);
	plan->instance = instance;
	INIT_LIST_HEAD(&plan->born);
	INIT_LIST_HEAD(&plan->dead);
	plan->table = ps_context_table_alloc(instance, count);
	plan->garbage = ps_garbage_create();
	if (plan->table && plan->garbage)
		err = ps_context_fill(instance, plan->table, ids, count, &plan->born);
	if (err)
		ps_context_plan_drop(plan);
	return err;
}

void ps_context_plan_open(struct ps_context_plan *plan)
{
	struct ps_instance *instance = plan->instance;

	lockdep_assert_held(&instance->netns->lock);
	list_splice_tail_init(&plan->born, &instance->nodes);
	instance->pending_contexts = plan->table;
}

void ps_context_plan_close(struct ps_context_plan *plan, int err)
{
	struct ps_instance *instance = plan->instance;
	struct ps_contexts *old = ps_context_table(instance);

	lockdep_assert_held(&instance->netns->lock);
	instance->pending_contexts = NULL;
	plan->garbage->memory[0] = err ? plan->table : old;
	if (!err)
		rcu_assign_pointer(instance->engine.contexts, plan->table);
	ps_context_part(instance, err ? old : plan->table, &plan->dead);
	atomic_inc(&instance->netns->generation);
}

void ps_context_plan_end(struct ps_context_plan *plan)
{
	ps_context_bury(&plan->dead);
	ps_garbage_discard(plan->garbage);
}

int ps_context_replace(struct ps_instance *instance, const struct ps_context_id *ids, u32 count)
{
	struct ps_context_plan plan;
	int err;

	mutex_lock(&instance->structure);
	err = ps_context_plan_make(&plan, instance, ids, count);
	if (!err) {
		mutex_lock(&instance->netns->lock);
		err = instance->dead ? -ENOENT : 0;
		ps_context_plan_open(&plan);
		ps_context_plan_close(&plan, err);
		mutex_unlock(&instance->netns->lock);
		ps_context_plan_end(&plan);
	}
	mutex_unlock(&instance->structure);
	return err;
}

void ps_context_destroy_all(struct ps_instance *instance)
{
	LIST_HEAD(dead);

	list_splice_init(&instance->nodes, &dead);
	if (instance->other)
		list_add(&instance->other->list, &dead);
	ps_context_bury(&dead);
}
