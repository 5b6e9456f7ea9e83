// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sockets of this host that an incoming TCP packet would get to: the
 * stack's own look-ups, done from where the packet is now.
 */
#include <linux/if_vlan.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/l3mdev.h>
#include <net/tcp.h>

#include "core/tcp_options.h"
#include "listener.h"

/* The device that gets what is tagged on @dev; a bridge may take a VLAN as its own. */
static struct net_device *ps_listener_untag(struct net_device *dev, __be16 protocol, u16 tag)
{
	u16 vlan = tag & VLAN_VID_MASK;
	struct net_device *found;

	if (!vlan)
		return dev;
	found = __vlan_find_dev_deep_rcu(dev, protocol, vlan);
	return !found && netif_is_bridge_port(dev) ? dev : found;
}

static struct net_device *ps_listener_device(const struct ps_frame *frame,
					     const struct ps_packet *packet)
{
	const struct sk_buff *skb = frame->skb;
	struct net_device *dev = skb->dev;
	__be16 protocol = skb->protocol;
	const struct vlan_hdr *inner;
	struct net_device *master;
	u32 at;

	if (skb_vlan_tag_present(skb))
		dev = ps_listener_untag(dev, skb->vlan_proto, skb_vlan_tag_get(skb));
	for (at = 0; dev && at < packet->network; at += VLAN_HLEN) {
		inner = (const struct vlan_hdr *)(frame->data + at);
		dev = ps_listener_untag(dev, protocol, ntohs(inner->h_vlan_TCI));
		protocol = inner->h_vlan_encapsulated_proto;
	}
	while (dev) {
		master = netdev_master_upper_dev_get_rcu(dev);
		if (!master || netif_is_l3_master(master))
			break;
		dev = master;
	}
	return dev;
}

bool ps_listener_locate(struct ps_listener_place *place, const struct ps_frame *frame,
			const struct ps_packet *packet)
{
	const struct net_device *dev = ps_listener_device(frame, packet);

	if (!dev)
		return false;
	*place = (struct ps_listener_place){
		.net = dev_net(dev),
		.dev = dev,
		.dif = dev->ifindex,
	};
	if (netif_is_l3_slave(dev)) {
		place->dif = l3mdev_master_ifindex_rcu(dev);
		place->sdif = dev->ifindex;
	}
	return true;
}

/*
 * Without the packet: a program that chooses among sockets that share a port
 * would pull at it. They share what matters here, too.
 */
struct sock *ps_listener_find(const struct ps_listener_place *place, const struct ps_frame *frame,
			      const struct ps_packet *packet)
{
	struct inet_hashinfo *sockets = place->net->ipv4.tcp_death_row.hashinfo;
	struct sock *sk;

	if (ps_frame_is_ipv6(packet)) {
		const struct ipv6hdr *ip = ps_frame_ipv6(frame, packet);

		sk = inet6_lookup_listener(place->net, sockets, NULL, 0, &ip->saddr,
					   htons(packet->sport), &ip->daddr, packet->dport,
					   place->dif, place->sdif);
	} else {
		const struct iphdr *ip = ps_frame_ipv4(frame, packet);

		sk = __inet_lookup_listener(place->net, sockets, NULL, 0, ip->saddr,
					    htons(packet->sport), ip->daddr, packet->dport,
					    place->dif, place->sdif);
	}
	return sk && READ_ONCE(sk->sk_state) == TCP_LISTEN ? sk : NULL;
}

/* The socket of the very connection, with a reference. */
static struct sock *ps_listener_connected(const struct ps_listener_place *place,
					  const struct ps_frame *frame,
					  const struct ps_packet *packet)
{
	struct inet_hashinfo *sockets = place->net->ipv4.tcp_death_row.hashinfo;

	if (ps_frame_is_ipv6(packet)) {
		const struct ipv6hdr *ip = ps_frame_ipv6(frame, packet);

		return __inet6_lookup_established(place->net, sockets, &ip->saddr,
						  htons(packet->sport), &ip->daddr, packet->dport,
						  place->dif, place->sdif);
	} else {
		const struct iphdr *ip = ps_frame_ipv4(frame, packet);

		return __inet_lookup_established(place->net, sockets, ip->saddr,
						 htons(packet->sport), ip->daddr, packet->dport,
						 place->dif, place->sdif);
	}
}

/*
 * As tcp_timewait_state_process() decides about a SYN, whose sequence number
 * is the one before the ACK's and whose timestamp was no newer than this one.
 */
static bool ps_listener_gives_way(const struct inet_timewait_sock *tw, const struct ps_frame *frame,
				  const struct ps_packet *packet)
{
	const struct tcp_timewait_sock *old = tcp_twsk((const struct sock *)tw);
	const struct tcphdr *tcp = ps_frame_tcp(frame, packet);
	bool newer = after(ntohl(tcp->seq) - 1, READ_ONCE(old->tw_rcv_nxt));
	struct tcp_options_received recent;
	struct ps_tcp_options options;

	if (tw->tw_substate != TCP_TIME_WAIT)
		return false;
	ps_tcp_options_parse(&options, (const u8 *)tcp, packet->payload - packet->transport);
	if (!options.timestamps || !old->tw_ts_recent_stamp)
		return newer;
	recent.ts_recent = old->tw_ts_recent;
	recent.ts_recent_stamp = old->tw_ts_recent_stamp;
	recent.rcv_tsval = options.tsval;
	if (tcp_paws_reject(&recent, 0))
		return false;
	return newer || (s32)(recent.ts_recent - recent.rcv_tsval) < 0;
}

/* Whether the stack has a handshake of its own under way, which this ACK doesn't complete. */
static bool ps_listener_is_rival(const struct request_sock *request, const struct ps_frame *frame,
				 const struct ps_packet *packet)
{
	u32 acknowledged = ntohl(ps_frame_tcp(frame, packet)->ack_seq);

	return tcp_rsk(request)->snt_isn + 1 != acknowledged;
}

void ps_listener_clear_way(const struct ps_listener_place *place, const struct ps_frame *frame,
			   const struct ps_packet *packet)
{
	struct sock *sk = ps_listener_connected(place, frame, packet);

	if (!sk)
		return;
	if (sk->sk_state == TCP_TIME_WAIT && ps_listener_gives_way(inet_twsk(sk), frame, packet))
		inet_twsk_deschedule_put(inet_twsk(sk));
	else if (sk->sk_state == TCP_NEW_SYN_RECV &&
		 ps_listener_is_rival(inet_reqsk(sk), frame, packet))
		inet_csk_reqsk_queue_drop_and_put(inet_reqsk(sk)->rsk_listener, inet_reqsk(sk));
	else
		sock_gen_put(sk);
}
