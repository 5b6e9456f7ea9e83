// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replies to packets that came without an Ethernet header: they are sent as the
 * stack sends what has no socket, and without a connection's state.
 */
#include <linux/netfilter/nf_conntrack_common.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "reply_route.h"

/* Source and destination: TCP and UDP begin with them. */
static const __be16 *ps_reply_route_ports(const struct sk_buff *skb)
{
	return (const __be16 *)skb_transport_header(skb);
}

/* The client's address may be one of its link only. */
static struct dst_entry *ps_reply_route_ipv6(struct net *net, const struct sk_buff *skb)
{
	const __be16 *port = ps_reply_route_ports(skb);
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	struct flowi6 flow = {
		.daddr = ip->daddr,
		.saddr = ip->saddr,
		.flowi6_oif = rt6_need_strict(&ip->daddr) ? skb->dev->ifindex :
							    l3mdev_master_ifindex_rcu(skb->dev),
		.flowi6_proto = ip->nexthdr,
		.fl6_sport = port[0],
		.fl6_dport = port[1],
	};

	return ip6_route_output(net, NULL, &flow);
}

/* The source is perhaps an address of a server behind this host. */
static struct dst_entry *ps_reply_route_ipv4(struct net *net, const struct sk_buff *skb)
{
	const __be16 *port = ps_reply_route_ports(skb);
	const struct iphdr *ip = ip_hdr(skb);
	struct flowi4 flow = {
		.daddr = ip->daddr,
		.saddr = ip->saddr,
		.flowi4_oif = l3mdev_master_ifindex_rcu(skb->dev),
		.flowi4_proto = ip->protocol,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.fl4_sport = port[0],
		.fl4_dport = port[1],
	};
	struct rtable *route = ip_route_output_key(net, &flow);

	return IS_ERR(route) ? ERR_CAST(route) : &route->dst;
}

void ps_reply_route_send(struct sk_buff *skb, struct net *net, bool ipv6)
{
	struct dst_entry *route = ipv6 ? ps_reply_route_ipv6(net, skb) :
					 ps_reply_route_ipv4(net, skb);

	if (IS_ERR(route)) {
		kfree_skb(skb);
		return;
	}
	skb_dst_set(skb, route);
	if (route->error) {
		kfree_skb(skb);
		return;
	}
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->protocol = ipv6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb_set_nfct(skb, IP_CT_UNTRACKED);
	if (ipv6)
		ip6_local_out(net, NULL, skb);
	else
		ip_local_out(net, NULL, skb);
}
