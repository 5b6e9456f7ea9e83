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

#include "instance.h"
#include "text.h"

/**
 * struct ps_iface - an attachment
 * @ingress:	the registered hook of incoming packets; its priv is this attachment
 * @egress:	that of outgoing ones, likewise
 * @dev:	the device; alive as long as the attachment is in the list, since
 *		a device that goes takes the attachment out first
 * @instance:	whose it is; freed only after a grace period
 * @judge:	the same, but NULL while it is only prepared (iface_plan.h): its hooks
 *		let everything pass then; changed under netns->ifaces_lock
 * @list:	in netns->ifaces; netns->ifaces_lock
 * @leaves:	goes with the plan under way; netns->ifaces_lock
 * @rcu:	packets under way may still be in the hook
 */
struct ps_iface {
	struct nf_hook_ops ingress;
	struct nf_hook_ops egress;
	struct net_device *dev;
	struct ps_instance *instance;
	struct ps_instance *judge;
	struct list_head list;
	bool leaves;
	struct rcu_head rcu;
};

/* The name of an interface, zero-terminated. */
struct ps_iface_name {
	char text[IFNAMSIZ];
};

/**
 * ps_iface_edit() - attach or detach one interface
 * @instance: the instance
 * @name: the interface
 * @add: attach
 *
 * Context: process; takes netns->attaching, RTNL and netns->ifaces_lock.
 * Return: 0; -ENOENT no such interface, or (detach) not attached to @instance;
 * -EEXIST attached to it already; -EBUSY attached to another instance; what
 * nf_register_net_hook() returns.
 */
int ps_iface_edit(struct ps_instance *instance, const struct ps_iface_name *name, bool add);

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
 * ps_iface_attach() - put the hooks of an attachment on a device, for nothing yet
 * @instance: whose
 * @dev: can't be on its way out
 * @priority: where among the hooks of the device
 *
 * Context: process; netns->ifaces_lock held.
 * Return: the attachment, in no list, that judges nothing; or an error pointer.
 */
struct ps_iface *ps_iface_attach(struct ps_instance *instance, struct net_device *dev,
				 int priority);

/* Out of the list, off the device, and free, after a grace period. */
void ps_iface_detach(struct ps_iface *iface);

/* Say that it is attached now, or no longer. */
void ps_iface_tell(const struct ps_iface *iface, bool attached);

/* Watch the devices of a namespace, until the unwatch: 0 or a negative errno. */
int ps_iface_watch(struct ps_netns *netns);
void ps_iface_unwatch(struct ps_netns *netns);

#endif
