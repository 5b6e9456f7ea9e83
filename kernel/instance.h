/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instances: a set of interfaces with a configuration, contexts and
 * statistics of its own, and the directory that shows them.
 */
#ifndef PS_INSTANCE_H
#define PS_INSTANCE_H

#include <linux/kobject.h>
#include <linux/list.h>

#include "capture.h"
#include "core/engine.h"
#include "counters.h"
#include "garbage.h"
#include "netns.h"
#include "tables.h"

struct ps_context_node;

/**
 * struct ps_instance - an instance
 * @engine:	what packets are judged by: the table of contexts is read under
 *		RCU, replaced and changed under netns->lock, and so are the
 *		countries of addresses; the others belong to @tables
 * @counters:	its packets, a set a CPU
 * @capture:	what of them is kept for readers
 * @next_look:	when a packet is to look whether tables are full (jiffies)
 * @full:	whether they were; who took @next_look
 * @netns:	where it lives
 * @other:	the context of destinations without one
 * @option:	values of the options of the scope INSTANCE; netns->lock
 * @tables:	memory of the sessions
 * @pending_contexts: the table of the plan that is open (context.h), or NULL;
 *		netns->lock
 * @pending_geo: tables of countries in the set of changes under way (change.h),
 *		NULL where they don't change; netns->lock
 * @countries:	numbers of country codes, NULL before the first; netns->lock
 * @structure:	held while contexts are created or removed, their directories
 *		included; nobody takes it in a file of a context
 * @list:	in netns->instances
 * @nodes:	its contexts but Other (struct ps_context_node), oldest first;
 *		changed under @structure and netns->lock
 * @rules:	how many rules of xtables use it; grows under netns->lock while the
 *		instance is in the list
 * @dead:	being destroyed: refuses changes; set under netns->lock
 * @garbage:	for its end
 * @kobj:	its directory; named as the instance; the last reference frees
 */
struct ps_instance {
	struct ps_engine engine;
	struct ps_instance_counters __percpu *counters;
	struct ps_capture capture;
	unsigned long next_look;
	bool full[PS_FULLNESS_TABLES];

	struct ps_netns *netns;
	struct ps_context_node *other;
	s64 option[PS_OPTIONS];
	struct ps_tables tables;
	struct ps_contexts *pending_contexts;
	const struct ps_sources *pending_geo[PS_FAMILIES];
	struct ps_countries *countries;
	struct mutex structure;
	struct list_head list;
	struct list_head nodes;
	atomic_t rules;
	bool dead;
	struct ps_garbage_reference garbage;
	struct kobject kobj;
};

static inline const char *ps_instance_name(const struct ps_instance *instance)
{
	return kobject_name(&instance->kobj);
}

/* The instance of this name, or NULL; netns->structure or netns->lock held. */
struct ps_instance *ps_instance_find(struct ps_netns *netns, const char *name);

/**
 * ps_instance_create() - create an instance
 * @netns: where
 * @name: a valid name
 *
 * Context: process; takes netns->structure and netns->lock.
 * Return: 0, -EEXIST, -ENOSPC where the list of instances would outgrow a page,
 * -ENOMEM, -ENOENT in a dying namespace.
 */
int ps_instance_create(struct ps_netns *netns, const char *name);

/**
 * ps_instance_prepare() - create an instance that isn't in the list yet
 * @netns: where
 * @name: a valid name
 * @bytes: that the list of instances takes, besides it
 *
 * Context: process; netns->structure held.
 * Return: the instance, or an error pointer as of ps_instance_create().
 */
struct ps_instance *ps_instance_prepare(struct ps_netns *netns, const char *name, size_t bytes);

/* Into the list and out of it, dead; under netns->structure and netns->lock. */
void ps_instance_enlist(struct ps_instance *instance);
void ps_instance_delist(struct ps_instance *instance);

/* Whether a rule of xtables uses it; none begins to while netns->lock is held. */
bool ps_instance_is_used(const struct ps_instance *instance);

/* The end of an instance that is in no list; only netns->structure held. */
void ps_instance_dispose(struct ps_instance *instance);

/* Bytes that the list of instances takes; netns->structure held. */
size_t ps_instance_list_bytes(struct ps_netns *netns);

/**
 * ps_instance_destroy() - destroy an instance with all it holds
 * @netns: where
 * @name: its name
 *
 * Context: process; takes netns->structure and netns->lock.
 * Return: 0, -ENOENT, or -EBUSY while a rule uses it.
 */
int ps_instance_destroy(struct ps_netns *netns, const char *name);

/*
 * Destroy all instances of a namespace whose interfaces are detached, and whose
 * rules no packet meets any more; the last rule frees.
 */
void ps_instance_destroy_all(struct ps_netns *netns);

/**
 * ps_instance_prepare_packets() - see to it that packets find what they need
 * @instance: the instance
 *
 * Before the first interface or rule: sessions and slots for captures.
 *
 * Context: process; takes the locks of tables and captures, one after the other.
 * Return: 0 or -ENOMEM.
 */
int ps_instance_prepare_packets(struct ps_instance *instance);

/**
 * ps_instance_use() - a rule begins to use an instance
 * @netns: where
 * @name: its name
 *
 * Context: process; takes netns->lock, the locks of tables and captures, never RTNL
 * nor netns->structure: nftables asks with its own lock held, which it also takes
 * inside RTNL.
 * Return: the instance, ready for packets, until ps_instance_unuse(); or
 * -ENOENT, -ENOMEM.
 */
struct ps_instance *ps_instance_use(struct ps_netns *netns, const char *name);

/* The rule is gone, and no packet is in it; perhaps so is the namespace. */
void ps_instance_unuse(struct ps_instance *instance);

/**
 * ps_instance_print() - list the instances, newest first, one a line
 * @netns: where
 * @page: PAGE_SIZE bytes
 *
 * Return: bytes written.
 */
ssize_t ps_instance_print(struct ps_netns *netns, char *page);

/**
 * ps_instance_set() - change an option of an instance
 * @instance: the instance
 * @option: one of the scope INSTANCE
 * @value: within its range
 *
 * Context: process; netns->lock held; for hook_priority netns->attaching too.
 * Return: 0 or a negative errno; nothing has changed then.
 */
int ps_instance_set(struct ps_instance *instance, enum ps_option_index option, s64 value);

/*
 * The same in pieces, netns->attaching and netns->lock held from the first to the
 * last: what can fail; going back; and what can't fail. Where an option is set
 * twice, what was staged last is taken. The hooks are left to iface_plan.h.
 */
int ps_instance_stage(struct ps_instance *instance, enum ps_option_index option, s64 value);
void ps_instance_unstage(struct ps_instance *instance);
void ps_instance_set_staged(struct ps_instance *instance, enum ps_option_index option, s64 value);

/* The kobject's release: called once, when nothing refers to the instance. */
void ps_instance_free(struct ps_instance *instance);

#endif
