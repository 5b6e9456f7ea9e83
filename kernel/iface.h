/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces attached to instances: an attachment lives from the write that
 * makes it to the write, the device's end or the instance's end that ends it.
 */
#ifndef PS_IFACE_H
#define PS_IFACE_H

#include <linux/if.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "core/list_item.h"
#include "instance.h"
#include "text.h"

/**
 * struct ps_iface - an attachment
 * @ingress:	the registered hook of incoming packets; its priv is this attachment
 * @egress:	that of outgoing ones, likewise
 * @dev:	the device; alive as long as the attachment is in the list, since
 *		a device that goes takes the attachment out first
 * @instance:	whose it is; freed only after a grace period
 * @list:	in netns->ifaces; netns->ifaces_lock
 * @keep:	stays in the replacement under way; netns->ifaces_lock
 * @rcu:	packets under way may still be in the hook
 */
struct ps_iface {
	struct nf_hook_ops ingress;
	struct nf_hook_ops egress;
	struct net_device *dev;
	struct ps_instance *instance;
	struct list_head list;
	bool keep;
	struct rcu_head rcu;
};

/**
 * ps_iface_edit() - attach or detach one interface
 * @instance: the instance
 * @name: the interface
 * @add: attach
 *
 * Context: process; takes RTNL and netns->ifaces_lock.
 * Return: 0; -ENOENT no such interface, or (detach) not attached to @instance;
 * -EEXIST attached to it already; -EBUSY attached to another instance; what
 * nf_register_net_hook() returns.
 */
int ps_iface_edit(struct ps_instance *instance, const struct ps_iface_name *name, bool add);

/**
 * ps_iface_replace() - make an instance's interfaces exactly these
 * @instance: the instance
 * @names: the interfaces, perhaps repeated; sorted in place
 * @count: how many
 *
 * Interfaces that stay attached are never unprotected in between.
 *
 * Return: as ps_iface_edit(); nothing has changed after an error.
 */
int ps_iface_replace(struct ps_instance *instance, struct ps_iface_name *names, u32 count);

/**
 * ps_iface_print() - list the interfaces of an instance, oldest first
 * @instance: the instance
 * @text: where to
 *
 * Return: 0 or -ENOMEM.
 */
int ps_iface_print(struct ps_instance *instance, struct ps_text *text);

/* Detach the interfaces of an instance, or (NULL) all of a namespace. */
void ps_iface_detach_all(struct ps_netns *netns, const struct ps_instance *instance);

/**
 * ps_iface_move_hooks() - register all hooks of an instance at another priority
 * @instance: the instance
 * @priority: the new value of hook_priority
 *
 * The new hooks stand before the old ones go, so no packet passes unjudged;
 * one that is under way right then may be judged, and counted, by both.
 *
 * Return: 0 or a negative errno; nothing has changed then.
 */
int ps_iface_move_hooks(struct ps_instance *instance, int priority);

/* Watch the devices of a namespace, until the unwatch: 0 or a negative errno. */
int ps_iface_watch(struct ps_netns *netns);
void ps_iface_unwatch(struct ps_netns *netns);

#endif
