/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netdev hooks: how packets of an attached interface come to us. */
#ifndef PS_HOOK_NETDEV_H
#define PS_HOOK_NETDEV_H

#include "iface.h"

/**
 * ps_hook_netdev_register() - put the hooks on an interface
 * @iface: dev and instance set
 * @priority: where among the hooks of the device
 *
 * Return: 0 or a negative errno.
 */
int ps_hook_netdev_register(struct ps_iface *iface, int priority);

/* Take them off; packets may be in them until a grace period has passed. */
void ps_hook_netdev_unregister(struct ps_iface *iface);

/**
 * ps_hook_netdev_stands() - whether the hook judges a device's packets, in whatever namespace
 * @dev: the device
 *
 * Context: RCU read side.
 */
bool ps_hook_netdev_stands(const struct net_device *dev);

#endif
