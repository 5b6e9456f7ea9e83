/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An incoming packet as the shell has it, for what the core asks of the
 * platform while it judges, and for the reply afterwards.
 */
#ifndef PS_FRAME_H
#define PS_FRAME_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "core/packet.h"

/**
 * struct ps_frame_offer - what a listener offers in its SYN cookies
 * @mss:	MSS it announces
 * @limit:	TCP_MAXSEG of the listener, which limits the client's MSS, too; 0: none
 * @window:	window it announces, without and with timestamps
 * @scale:	its window scale
 * @tos:	its type of service, or traffic class
 * @ecn:	it wants ECN whatever the sysctl says
 */
struct ps_frame_offer {
	u16 mss;
	u16 limit;
	u16 window[2];
	u8 scale;
	u8 tos;
	bool ecn;
};

/**
 * struct ps_frame - an incoming packet
 * @skb:	the packet, data behind the link-layer header
 * @dev:	the interface that received it
 * @data:	its headers in one piece: skb->data, or this CPU's copy
 * @route:	where the IP layer has it: the namespace whose routes its reply may
 *		take; NULL of a frame on its interface
 * @net:	where the listener of its port is; NULL where that is behind this
 *		host (x_tcp_ports). Set by ps_platform_cookie_offer()
 * @offer:	what that listener offers; valid with @net
 */
struct ps_frame {
	struct sk_buff *skb;
	const struct net_device *dev;
	const u8 *data;
	struct net *route;
	struct net *net;
	struct ps_frame_offer offer;
};

/* IPv6 packets are only answered by kernels that have IPv6. */
static inline bool ps_frame_is_ipv6(const struct ps_packet *packet)
{
	return IS_ENABLED(CONFIG_IPV6) && !ps_addr_is_ipv4(&packet->dst);
}

static inline const struct iphdr *ps_frame_ipv4(const struct ps_frame *frame,
						const struct ps_packet *packet)
{
	return (const struct iphdr *)(frame->data + packet->network);
}

static inline const struct ipv6hdr *ps_frame_ipv6(const struct ps_frame *frame,
						  const struct ps_packet *packet)
{
	return (const struct ipv6hdr *)(frame->data + packet->network);
}

static inline const struct tcphdr *ps_frame_tcp(const struct ps_frame *frame,
						const struct ps_packet *packet)
{
	return (const struct tcphdr *)(frame->data + packet->transport);
}

#endif
