/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies that take a route. */
#ifndef PS_REPLY_ROUTE_H
#define PS_REPLY_ROUTE_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>

/**
 * ps_reply_route_send() - send a reply to where a route leads
 * @skb: the reply, data at its IP header, complete; its device is the one that
 *	 the packet came by; consumed
 * @net: whose routes
 * @ipv6: it is IPv6
 *
 * Context: softirqs disabled; RCU read side.
 */
void ps_reply_route_send(struct sk_buff *skb, struct net *net, bool ipv6);

#endif
