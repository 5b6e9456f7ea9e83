/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attachments of several instances changed together, in two steps: what is to be
 * attached is hooked up ahead, when that can still fail, and lets everything pass;
 * then all of it is put in force, and what goes is detached, which can't fail.
 *
 * Whoever makes a plan holds netns->attaching until it has ended. Devices that go
 * meanwhile take what is prepared with them, as they do with attachments.
 */
#ifndef PS_IFACE_PLAN_H
#define PS_IFACE_PLAN_H

#include "iface.h"

/**
 * struct ps_iface_wish - what an instance is to have
 * @list:	of the wishes of a plan, one an instance
 * @instance:	whose
 * @named:	the interfaces are named; else they are those that it has
 * @names:	in any order, perhaps repeated
 * @count:	how many
 * @priority:	of the hooks
 */
struct ps_iface_wish {
	struct list_head list;
	struct ps_instance *instance;
	bool named;
	const struct ps_iface_name *names;
	u32 count;
	int priority;
};

/**
 * ps_iface_plan_make() - prepare what is wished
 * @netns: where
 * @wishes: struct ps_iface_wish
 * @refused: out: the wish that was, or NULL
 * @name: out: because of this name, or NULL
 *
 * Interfaces may pass from one instance to another, whatever the order of wishes.
 *
 * Context: process; netns->attaching held, takes RTNL and netns->ifaces_lock.
 * Return: 0, or with nothing prepared: -ENOENT no such interface; -EBUSY it would
 * be of two instances; -ENOMEM; what nf_register_net_hook() returns.
 */
int ps_iface_plan_make(struct ps_netns *netns, struct list_head *wishes,
		       struct ps_iface_wish **refused, const struct ps_iface_name **name);

/**
 * ps_iface_plan_end() - put what is prepared in force, or drop it
 * @netns: where
 * @err: 0: in force
 *
 * What is new judges before the old goes, so no packet passes unjudged from one
 * to the other; one that is under way right then may be judged, and counted, by both.
 *
 * Context: process; netns->attaching held, takes netns->ifaces_lock.
 */
void ps_iface_plan_end(struct ps_netns *netns, int err);

/**
 * ps_iface_replace() - make an instance's interfaces exactly these
 * @instance: the instance
 * @names: the interfaces, perhaps repeated
 * @count: how many
 *
 * Interfaces that stay attached are never unprotected in between.
 *
 * Context: process; takes netns->attaching, RTNL and netns->ifaces_lock.
 * Return: as ps_iface_plan_make(), -ENOENT too for an instance that goes; nothing
 * has changed after an error.
 */
int ps_iface_replace(struct ps_instance *instance, const struct ps_iface_name *names, u32 count);

/**
 * ps_iface_move_hooks() - register all hooks of an instance at another priority
 * @instance: the instance
 * @priority: the new value of hook_priority
 *
 * Context: process; netns->attaching and netns->lock held.
 * Return: 0 or a negative errno; nothing has changed then.
 */
int ps_iface_move_hooks(struct ps_instance *instance, int priority);

#endif
