// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A socket buffer as the core sees it, and the verdict as the front ends want
 * it. Headers are read where they lie; only when they reach into fragments of
 * the buffer are they copied, into memory of this CPU.
 */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/random.h>
#include <net/dst_metadata.h>
#include <linux/timekeeping.h>
#include <net/ip6_checksum.h>
#include <net/route.h>
#include <net/tcp.h>

#include "clock.h"
#include "context.h"
#include "core/learn.h"
#include "fullness.h"
#include "reply.h"
#include "skb.h"
#include "toggle.h"
#include "trace.h"

/* States in which a socket of TCP has seen an ACK that it believes. */
#define PS_SKB_CONNECTED                                                                        \
	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT | TCPF_LAST_ACK | \
	 TCPF_CLOSING)

struct ps_skb_scratch {
	u8 bytes[PS_HEADERS_MAX];
};

static struct ps_skb_scratch __percpu *ps_skb_scratch;

static u16 ps_skb_segments(const struct sk_buff *skb)
{
	const struct skb_shared_info *shared = skb_shinfo(skb);

	if (likely(!skb_is_gso(skb)))
		return 1;
	/* Senders we can't trust (virtio, tap) may leave it to us to count. */
	return shared->gso_segs ? shared->gso_segs :
				  min_t(u32, DIV_ROUND_UP(skb->len, shared->gso_size), U16_MAX);
}

static void ps_skb_view(struct ps_view *view, const struct sk_buff *skb,
			const struct net_device *dev)
{
	*view = (struct ps_view){
		.data = skb->data,
		.available = skb_headlen(skb),
		.length = skb->len,
		.segments = ps_skb_segments(skb),
		.ethertype = ntohs(skb->protocol),
		.vlan = skb_vlan_tag_present(skb) ? skb_vlan_tag_get_id(skb) : PS_VLAN_NONE,
		.flags = (skb->pkt_type == PACKET_OTHERHOST ? PS_VIEW_OTHER_HOST : 0) |
			 (dev->flags & IFF_LOOPBACK ? PS_VIEW_LOOPBACK : 0) |
			 (skb_is_gso(skb) ? PS_VIEW_SUPER : 0),
	};
}

/* The outermost tag that packets of a VLAN's device have on the wire. */
static u16 ps_skb_device_vlan(const struct net_device *dev)
{
	u16 vlan = PS_VLAN_NONE;

#if IS_ENABLED(CONFIG_VLAN_8021Q)
	for (; is_vlan_dev(dev); dev = vlan_dev_priv(dev)->real_dev)
		vlan = vlan_dev_priv(dev)->vlan_id;
#endif
	return vlan;
}

/* The parser never asks for more than PS_HEADERS_MAX, nor for more than there is. */
static void ps_skb_parse(struct ps_packet *packet, struct ps_view *view, const struct sk_buff *skb,
			 u32 offset)
{
	ps_packet_parse(packet, view);
	if (likely(!packet->wants))
		return;
	view->data = this_cpu_ptr(ps_skb_scratch)->bytes;
	view->available = min_t(u32, skb->len - offset, PS_HEADERS_MAX);
	if (WARN_ON_ONCE(skb_copy_bits(skb, offset, (u8 *)view->data, view->available)))
		view->available = 0;
	ps_packet_parse(packet, view);
}

static __wsum ps_skb_pseudo_header(const struct ps_packet *packet)
{
	u32 length = packet->checksum_end - packet->transport;
	struct in6_addr src, dst;
	unsigned int i;

	if (ps_addr_is_ipv4(&packet->src)) {
		if (packet->protocol == PS_PROTOCOL_ICMP)
			return 0;
		return csum_tcpudp_nofold(htonl(packet->src.word[3]), htonl(packet->dst.word[3]),
					  length, packet->protocol, 0);
	}
	for (i = 0; i < 4; i++) {
		src.s6_addr32[i] = htonl(packet->src.word[i]);
		dst.s6_addr32[i] = htonl(packet->dst.word[i]);
	}
	return csum_unfold(~csum_ipv6_magic(&src, &dst, length, packet->protocol, 0));
}

/*
 * What the NIC or a local sender vouches for isn't summed up again. csum_valid
 * says nothing here: on a tunnel device it may still be that of the outer header.
 */
static bool ps_skb_checksum_vouched(const struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_UNNECESSARY ||
	       (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_start_offset(skb) >= 0);
}

static bool ps_skb_checksum_right(const struct sk_buff *skb, const struct ps_packet *packet)
{
	u32 length = packet->checksum_end - packet->transport;
	__wsum pseudo, sum;

	if (ps_skb_checksum_vouched(skb))
		return true;
	pseudo = ps_skb_pseudo_header(packet);
	/* The NIC summed up the whole frame: take the headers off again. */
	if (skb->ip_summed == CHECKSUM_COMPLETE && packet->checksum_end == skb->len &&
	    !(packet->transport & 1)) {
		sum = csum_sub(skb->csum, skb_checksum(skb, 0, packet->transport, 0));
		if (!csum_fold(csum_add(sum, pseudo)))
			return true;
		/* Some NICs sum up wrongly: the stack believes its own sum, too. */
	}
	sum = skb_checksum(skb, packet->transport, length, 0);
	return !csum_fold(csum_add(sum, pseudo));
}

static struct ps_instant ps_skb_instant(void)
{
	return (struct ps_instant){
		.now = ps_clock_ns(),
		.seconds = ps_clock_seconds(),
		.cpu = smp_processor_id(),
		.cpus = nr_cpu_ids,
	};
}

/* Count a packet and tell who listens. */
static void ps_skb_account(struct ps_instance *instance, const struct ps_packet *packet,
			   const struct ps_verdict *verdict, enum ps_instance_counter counter)
{
	__this_cpu_add(instance->counters->counter[counter], packet->segments);
	if (!verdict->context)
		return;
	ps_counters_add(ps_context_node(verdict->context)->counters, verdict, packet->segments,
			packet->length);
	if (unlikely(verdict->went_on | verdict->went_off))
		ps_toggle_report(verdict);
}

/* Send what answers a packet in its stead; if that fails, the verdict says why it is dropped. */
static bool ps_skb_reply(const struct ps_instance *instance, const struct ps_arrival *arrival,
			 struct ps_verdict *verdict)
{
	if (verdict->reason == PS_REASON_quic_retry) {
		if (ps_reply_quic_retry(&instance->engine, arrival, verdict->config))
			return true;
		verdict->reason = PS_REASON_quic_no_reply;
		return false;
	}
	if (ps_reply_syncookie(arrival->frame, arrival->packet, verdict->config))
		return true;
	verdict->reason = PS_REASON_syn_no_reply;
	return false;
}

/* Judge a packet that was parsed, and do what the verdict says. */
static __always_inline unsigned int ps_skb_judge(struct ps_instance *instance,
						 const struct ps_arrival *arrival)
{
	struct ps_verdict verdict ps_platform_unfilled;
	const struct ps_packet *packet = arrival->packet;
	struct sk_buff *skb = arrival->frame->skb;
	bool replied = false;

	ps_judge(&instance->engine, arrival, &verdict);
	trace_judge(instance, skb, &verdict);
	ps_capture_packet(&instance->capture, this_cpu_ptr(instance->counters), arrival, &verdict);
	if (ps_reason_info[verdict.reason].action == PS_REPLY)
		replied = ps_skb_reply(instance, arrival, &verdict);
	ps_skb_account(instance, packet, &verdict, PS_INSTANCE_COUNTER_rx_total);
	if (verdict.moves & 1U << PS_CONTEXT_COUNTER_newconns)
		ps_fullness_tick(instance);
	if (replied)
		return NF_STOLEN;
	return ps_reason_info[verdict.reason].action == PS_DROP ? NF_DROP : NF_ACCEPT;
}

static __always_inline unsigned int ps_skb_arrive(struct ps_instance *instance, struct sk_buff *skb,
						  const struct net_device *dev, struct net *route)
{
	struct ps_packet packet ps_platform_unfilled;
	struct ps_frame frame ps_platform_unfilled;
	struct ps_arrival arrival;
	struct ps_view view;

	ps_skb_view(&view, skb, dev);
	if (route)
		view.vlan = ps_skb_device_vlan(dev);
	ps_skb_parse(&packet, &view, skb, 0);
	if (!packet.reason && packet.checksum && !ps_skb_checksum_right(skb, &packet))
		packet.reason = packet.checksum_reason;
	frame.skb = skb;
	frame.dev = dev;
	frame.data = view.data;
	frame.route = route;
	frame.net = NULL;
	arrival.packet = &packet;
	arrival.data = view.data;
	arrival.frame = &frame;
	arrival.instant = ps_skb_instant();
	/* Tokens of QUIC know no other. */
	if (packet.protocol == PS_PROTOCOL_UDP)
		arrival.instant.wall = (u32)ktime_get_real_seconds();
	return ps_skb_judge(instance, &arrival);
}

unsigned int ps_skb_receive(struct ps_instance *instance, struct sk_buff *skb,
			    const struct net_device *dev)
{
	return ps_skb_arrive(instance, skb, dev, NULL);
}

unsigned int ps_skb_receive_ip(struct ps_instance *instance, struct sk_buff *skb,
			       const struct net_device *dev, struct net *net)
{
	return ps_skb_arrive(instance, skb, dev, net);
}

/* Bytes before the network header, or what the parser starts with. */
static u32 ps_skb_link_header(const struct sk_buff *skb, const struct net_device *dev)
{
	if (dev->type == ARPHRD_ETHER || dev->type == ARPHRD_LOOPBACK)
		return min_t(u32, ETH_HLEN, skb_headlen(skb));
	return min_t(u32, max(skb_network_offset(skb), 0), skb_headlen(skb));
}

/*
 * Outgoing packets have their link-layer header in front, and may have their
 * VLAN tag in it; returns where the view begins in the packet.
 */
static u32 ps_skb_view_outgoing(struct ps_view *view, const struct sk_buff *skb,
				const struct net_device *dev)
{
	u32 link = ps_skb_link_header(skb, dev);

	ps_skb_view(view, skb, dev);
	if (link >= ETH_HLEN && dev->header_ops)
		view->ethertype = get_unaligned_be16(skb->data + ETH_HLEN - 2);
	if (view->vlan == PS_VLAN_NONE && eth_type_vlan(htons(view->ethertype)) &&
	    skb_headlen(skb) >= link + VLAN_HLEN) {
		view->vlan = get_unaligned_be16(skb->data + link) & VLAN_VID_MASK;
		view->ethertype = get_unaligned_be16(skb->data + link + 2);
		link += VLAN_HLEN;
	}
	view->data += link;
	view->available -= link;
	view->length -= link;
	view->flags &= ~PS_VIEW_OTHER_HOST;
	return link;
}

static enum ps_sender ps_skb_sender(const struct sk_buff *skb)
{
	const struct sock *sk = skb->sk;

	if (!sk)
		return PS_SENDER_FORWARDED;
	if (!sk_fullsock(sk))
		return PS_SENDER_OTHER;
	if (sk->sk_type != SOCK_STREAM || (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return PS_SENDER_FORWARDED;
	return sk_is_tcp(sk) && (1 << READ_ONCE(sk->sk_state)) & PS_SKB_CONNECTED ?
		       PS_SENDER_CONNECTED :
		       PS_SENDER_OTHER;
}

/* Learn from a packet whose view begins at @link, and do what the verdict says. */
static unsigned int ps_skb_depart(struct ps_instance *instance, struct sk_buff *skb,
				  struct ps_view *view, u32 link, bool group)
{
	struct ps_packet packet ps_platform_unfilled;
	struct ps_departure departure;
	struct ps_verdict verdict;

	ps_skb_parse(&packet, view, skb, link);
	departure = (struct ps_departure){
		.packet = &packet,
		.data = view->data,
		.sender = ps_skb_sender(skb),
		.group = group,
		.random = get_random_u32(),
		.instant = ps_skb_instant(),
	};
	verdict = ps_learn(&instance->engine, &departure);
	trace_judge(instance, skb, &verdict);
	ps_fullness_tick(instance);
	if (ps_reason_info[verdict.reason].action == PS_SEND) {
		ps_skb_account(instance, &packet, &verdict, PS_INSTANCE_COUNTER_tx_total);
		return NF_ACCEPT;
	}
	ps_counters_add(ps_context_node(verdict.context)->counters, &verdict, packet.segments,
			packet.length);
	/* Told of a drop, TCP would take it for congestion. */
	kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
	return NF_STOLEN;
}

unsigned int ps_skb_send(struct ps_instance *instance, struct sk_buff *skb,
			 const struct net_device *dev)
{
	struct ps_view view;
	bool group;
	u32 link;

	if (ps_reply_is_under_way())
		return NF_ACCEPT;
	link = ps_skb_view_outgoing(&view, skb, dev);
	group = link >= ETH_HLEN && dev->header_ops && is_multicast_ether_addr(skb->data);
	return ps_skb_depart(instance, skb, &view, link, group);
}

/* Whether the route of a packet leads to several hosts. */
static bool ps_skb_is_to_group(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
	return skb_valid_dst(skb) && skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

unsigned int ps_skb_send_ip(struct ps_instance *instance, struct sk_buff *skb,
			    const struct net_device *dev)
{
	struct ps_view view;

	if (ps_reply_is_under_way())
		return NF_ACCEPT;
	ps_skb_view(&view, skb, dev);
	view.vlan = ps_skb_device_vlan(dev);
	return ps_skb_depart(instance, skb, &view, 0, ps_skb_is_to_group(skb));
}

int ps_skb_init(void)
{
	ps_skb_scratch = alloc_percpu(struct ps_skb_scratch);
	return ps_skb_scratch ? 0 : -ENOMEM;
}

void ps_skb_exit(void)
{
	free_percpu(ps_skb_scratch);
}
