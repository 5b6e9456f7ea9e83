/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netdev ingress hook: how packets of an attached interface come in. */
#ifndef PS_HOOK_NETDEV_H
#define PS_HOOK_NETDEV_H

#include "iface.h"

/**
 * ps_hook_netdev_register() - put the hook on an interface's ingress
 * @iface: dev and instance set
 * @priority: where among the device's ingress hooks
 *
 * Return: 0 or a negative errno.
 */
int ps_hook_netdev_register(struct ps_iface *iface, int priority);

/* Take it off; packets may be in it until a grace period has passed. */
void ps_hook_netdev_unregister(struct ps_iface *iface);

#endif
