/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between socket buffers and the core: what every front end calls.
 */
#ifndef PS_SKB_H
#define PS_SKB_H

#include <linux/skbuff.h>

#include "instance.h"

/**
 * ps_skb_receive() - judge an incoming packet, answer it if need be, count it
 * @instance: whose interface received it
 * @skb: the packet, data at the first byte behind the Ethernet header; shared
 *	 or cloned or non-linear as it may be, it is not changed unless answered
 * @dev: the interface
 *
 * Context: softirq, or process with softirqs disabled; RCU read side.
 * Return: NF_ACCEPT, NF_DROP or, answered, NF_STOLEN.
 */
unsigned int ps_skb_receive(struct ps_instance *instance, struct sk_buff *skb,
			    const struct net_device *dev);

/**
 * ps_skb_send() - learn from an outgoing packet and count it
 * @instance: whose interface sends it
 * @skb: the packet, data at the link-layer header; it is not changed
 * @dev: the interface
 *
 * Context: softirqs disabled; RCU read side.
 * Return: NF_ACCEPT or, not to be sent, NF_STOLEN.
 */
unsigned int ps_skb_send(struct ps_instance *instance, struct sk_buff *skb,
			 const struct net_device *dev);

/**
 * ps_skb_receive_ip() - ps_skb_receive() where the IP layer has the packet
 * @instance: of the rule
 * @skb: the packet, data at its IP header
 * @dev: the interface
 * @net: where the stack has received it
 *
 * Its VLAN is that of the interface.
 *
 * Context: as ps_skb_receive().
 * Return: as ps_skb_receive().
 */
unsigned int ps_skb_receive_ip(struct ps_instance *instance, struct sk_buff *skb,
			       const struct net_device *dev, struct net *net);

/**
 * ps_skb_send_ip() - ps_skb_send() where the IP layer has the packet
 * @instance: of the rule
 * @skb: the packet, data at its IP header, with a route
 * @dev: the interface that it will leave by
 *
 * Context: as ps_skb_send().
 * Return: as ps_skb_send().
 */
unsigned int ps_skb_send_ip(struct ps_instance *instance, struct sk_buff *skb,
			    const struct net_device *dev);

int ps_skb_init(void);
void ps_skb_exit(void);

#endif
