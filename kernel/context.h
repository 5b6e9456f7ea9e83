/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contexts as the shell knows them: the core's context with its counters and
 * its directory.
 */
#ifndef PS_CONTEXT_H
#define PS_CONTEXT_H

#include "instance.h"

/**
 * struct ps_context_node - a context
 * @core:	what the packet path reads
 * @counters:	packets by reason, a set a CPU
 * @instance:	whose it is; held by the directory
 * @list:	in instance->nodes; instance->structure and netns->lock
 * @pending:	its configuration in the set of changes under way (change.h), or
 *		NULL; netns->lock
 * @listed:	named in the transaction under way; netns->lock
 * @dead:	being removed: refuses changes; set under netns->lock
 * @garbage:	for its end
 * @kobj:	its directory; the last reference frees
 */
struct ps_context_node {
	struct ps_context core;
	struct ps_counters __percpu *counters;
	struct ps_instance *instance;
	struct list_head list;
	const struct ps_config *pending;
	bool listed;
	bool dead;
	struct ps_garbage_reference garbage;
	struct kobject kobj;
};

static inline struct ps_context_node *ps_context_node(struct ps_context *context)
{
	return container_of(context, struct ps_context_node, core);
}

static inline const char *ps_context_name(const struct ps_context_node *node)
{
	return kobject_name(&node->kobj);
}

static inline bool ps_context_is_same(const struct ps_context_id *a, const struct ps_context_id *b)
{
	return a->vlan == b->vlan && ps_addr_equal(&a->addr, &b->addr);
}

/* Whether it is the name of the context Other. */
static inline bool ps_context_is_other(const struct ps_context_id *id)
{
	static const struct ps_context_id other;

	return ps_context_is_same(id, &other);
}

/* How many contexts there are, Other too; netns->lock held. */
u32 ps_context_count(const struct ps_instance *instance);

/* The context of this name, or NULL; netns->lock held. */
struct ps_context_node *ps_context_find(struct ps_instance *instance,
					const struct ps_context_id *id);

/* Create Other, with its directory: a node or an error pointer. */
struct ps_context_node *ps_context_create_other(struct ps_instance *instance);

/* Give an instance its first, empty table: 0 or -ENOMEM. */
int ps_context_init_table(struct ps_instance *instance);

/**
 * ps_context_edit() - create or destroy one context
 * @instance: whose
 * @id: its name
 * @add: create
 *
 * Context: process; takes instance->structure and netns->lock.
 * Return: 0, -EEXIST (Other exists always), -ENOENT, -ENOSPC, -ENOMEM.
 */
int ps_context_edit(struct ps_instance *instance, const struct ps_context_id *id, bool add);

/**
 * ps_context_replace() - make an instance's contexts exactly these
 * @instance: whose
 * @ids: their names; an entry may occur more than once
 * @count: how many
 *
 * Contexts that exist already keep all they have. Packets see the old set or
 * the new one, nothing between.
 *
 * Context: process; takes instance->structure and netns->lock.
 * Return: 0, -EEXIST for Other, -ENOENT, -ENOSPC, -ENOMEM.
 */
int ps_context_replace(struct ps_instance *instance, const struct ps_context_id *ids, u32 count);

/**
 * struct ps_context_plan - a replacement of an instance's contexts in pieces
 * @instance:	whose
 * @table:	finds the new set
 * @born:	nodes with a directory that aren't the instance's yet
 * @dead:	nodes that aren't any more
 * @garbage:	for the table that isn't used afterwards
 *
 * made and ended with instance->structure held, opened and closed under
 * netns->lock without a pause: in between the configuration, but no packet,
 * finds the new set (and the old nodes are still in the list).
 */
struct ps_context_plan {
	struct ps_instance *instance;
	struct ps_contexts *table;
	struct list_head born;
	struct list_head dead;
	struct ps_garbage *garbage;
};

/* As ps_context_replace(), but nothing is seen yet; after an error there is no plan. */
int ps_context_plan_make(struct ps_context_plan *plan, struct ps_instance *instance,
			 const struct ps_context_id *ids, u32 count);
void ps_context_plan_open(struct ps_context_plan *plan);
/* Publish when @err is 0, else go back. */
void ps_context_plan_close(struct ps_context_plan *plan, int err);
void ps_context_plan_end(struct ps_context_plan *plan);

/* Remove all contexts of an instance whose interfaces and directory are gone. */
void ps_context_destroy_all(struct ps_instance *instance);

/* The kobject's release: called once, when nothing refers to the node. */
void ps_context_free(struct ps_context_node *node);

#endif
