// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lifetime of contexts and of the table that finds them.
 *
 * One context is inserted into the live table in place; when slots run short,
 * and for a replacement of the whole set, a new table is built and published.
 * Removal: out of the table under the lock, directory removed with the lock
 * released, grace period, memory.
 */
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "context.h"
#include "garbage.h"
#include "snapshot.h"
#include "sysfs.h"

static struct ps_contexts *ps_context_table(struct ps_instance *instance)
{
	return rcu_dereference_protected(instance->contexts,
					 lockdep_is_held(&instance->netns->lock));
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
	rcu_assign_pointer(instance->contexts, table);
	return 0;
}

void ps_context_free(struct ps_context_node *node)
{
	ps_snapshot_free(&node->core);
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
	rcu_assign_pointer(instance->contexts, table);
	garbage->memory[0] = old;
	ps_garbage_discard(garbage);
	return 0;
}

static bool ps_context_has_id(const struct ps_context_node *node, const struct ps_context_id *id)
{
	return node->core.id.vlan == id->vlan && ps_addr_equal(&node->core.id.addr, &id->addr);
}

/*
 * Whether the name is taken by a context that is in no table: Other, or one
 * whose directory isn't gone yet.
 */
static bool ps_context_is_taken(struct ps_instance *instance, const struct ps_context_id *id)
{
	struct ps_context_node *node;

	if (ps_context_has_id(instance->other, id))
		return true;
	list_for_each_entry(node, &instance->graves, list)
		if (ps_context_has_id(node, id))
			return true;
	return false;
}

static int ps_context_add(struct ps_instance *instance, const struct ps_context_id *id)
{
	struct ps_context_node *node;
	int err;

	if (ps_contexts_find(ps_context_table(instance), id) || ps_context_is_taken(instance, id))
		return -EEXIST;
	if (ps_context_table(instance)->count >= ps_list[PS_LIST_contexts].limit)
		return -ENOSPC;
	err = ps_context_grow(instance);
	if (err)
		return err;
	node = ps_context_create(instance, id);
	if (IS_ERR(node))
		return PTR_ERR(node);
	list_add_tail(&node->list, &instance->nodes);
	ps_contexts_insert(ps_context_table(instance), &node->core);
	return 0;
}

/* Out of reach of new writers; the caller takes it out of the table. */
static void ps_context_doom(struct ps_context_node *node, struct list_head *doomed)
{
	node->dead = true;
	list_move_tail(&node->list, &node->instance->graves);
	list_add_tail(&node->doomed, doomed);
}

/* Remove doomed contexts for good; no lock held, sleeps for a grace period. */
static void ps_context_bury(struct ps_instance *instance, struct list_head *doomed)
{
	struct ps_context_node *node, *next;

	if (list_empty(doomed))
		return;
	list_for_each_entry(node, doomed, doomed)
		ps_sysfs_unlink(&node->kobj);
	mutex_lock(&instance->netns->lock);
	list_for_each_entry(node, doomed, doomed)
		list_del(&node->list);
	mutex_unlock(&instance->netns->lock);
	synchronize_net();
	list_for_each_entry_safe(node, next, doomed, doomed)
		kobject_put(&node->kobj);
}

int ps_context_edit(struct ps_instance *instance, const struct ps_context_id *id, bool add)
{
	struct ps_context *context;
	LIST_HEAD(doomed);
	int err;

	mutex_lock(&instance->netns->lock);
	err = -ENOENT;
	if (instance->dead)
		goto out;
	if (add) {
		err = ps_context_add(instance, id);
		goto out;
	}
	context = ps_contexts_find(ps_context_table(instance), id);
	if (!context)
		goto out;
	ps_contexts_remove(ps_context_table(instance), context);
	ps_context_doom(ps_context_node(context), &doomed);
	err = 0;
out:
	mutex_unlock(&instance->netns->lock);
	ps_context_bury(instance, &doomed);
	return err;
}

/* Fill @table with contexts of these names, the existing ones or new ones. */
static int ps_context_fill(struct ps_instance *instance, struct ps_contexts *table,
			   const struct ps_context_id *ids, u32 count, struct list_head *born)
{
	const struct ps_contexts *old = ps_context_table(instance);
	struct ps_context_node *node;
	struct ps_context *context;
	u32 i;

	for (i = 0; i < count; i++) {
		if (ps_contexts_find(table, &ids[i]))
			continue;
		if (table->count >= ps_list[PS_LIST_contexts].limit)
			return -ENOSPC;
		context = ps_contexts_find(old, &ids[i]);
		if (!context) {
			if (ps_context_is_taken(instance, &ids[i]))
				return -EEXIST;
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

int ps_context_replace(struct ps_instance *instance, const struct ps_context_id *ids, u32 count)
{
	struct ps_contexts *old, *table = NULL;
	struct ps_context_node *node, *next;
	struct ps_garbage *garbage;
	LIST_HEAD(doomed);
	LIST_HEAD(born);
	int err = -ENOENT;

	garbage = ps_garbage_create();
	if (!garbage)
		return -ENOMEM;
	mutex_lock(&instance->netns->lock);
	if (instance->dead)
		goto out;
	err = -ENOMEM;
	table = ps_context_table_alloc(instance, count);
	if (!table)
		goto out;
	err = ps_context_fill(instance, table, ids, count, &born);
	if (err) {
		list_for_each_entry_safe(node, next, &born, list)
			ps_context_doom(node, &doomed);
		goto out;
	}
	old = ps_context_table(instance);
	rcu_assign_pointer(instance->contexts, table);
	garbage->memory[0] = old;
	list_for_each_entry_safe(node, next, &instance->nodes, list)
		if (!ps_contexts_find(table, &node->core.id))
			ps_context_doom(node, &doomed);
	list_splice_tail(&born, &instance->nodes);
	table = NULL;
out:
	mutex_unlock(&instance->netns->lock);
	ps_garbage_discard(garbage);
	kvfree(table);
	ps_context_bury(instance, &doomed);
	return err;
}

void ps_context_destroy_all(struct ps_instance *instance)
{
	struct ps_context_node *node, *next;

	list_for_each_entry_safe(node, next, &instance->nodes, list) {
		list_del(&node->list);
		ps_sysfs_unlink(&node->kobj);
		kobject_put(&node->kobj);
	}
	if (instance->other) {
		ps_sysfs_unlink(&instance->other->kobj);
		kobject_put(&instance->other->kobj);
	}
}
