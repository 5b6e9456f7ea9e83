// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A socket buffer as the core sees it, and the verdict as the front ends want
 * it. Headers are read where they lie; only when they reach into fragments of
 * the buffer are they copied, into memory of this CPU.
 */
#include <linux/if_vlan.h>
#include <linux/timekeeping.h>
#include <net/ip6_checksum.h>

#include "context.h"
#include "core/engine.h"
#include "skb.h"
#include "trace.h"

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

/* The parser never asks for more than PS_HEADERS_MAX, nor for more than there is. */
static void ps_skb_parse(struct ps_packet *packet, struct ps_view *view, const struct sk_buff *skb)
{
	ps_packet_parse(packet, view);
	if (likely(!packet->wants))
		return;
	view->data = this_cpu_ptr(ps_skb_scratch)->bytes;
	view->available = min_t(u32, skb->len, PS_HEADERS_MAX);
	if (WARN_ON_ONCE(skb_copy_bits(skb, 0, (u8 *)view->data, view->available)))
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

bool ps_skb_receive(struct ps_instance *instance, struct sk_buff *skb, const struct net_device *dev)
{
	struct ps_verdict verdict;
	struct ps_packet packet;
	struct ps_view view;
	enum ps_action action;

	ps_skb_view(&view, skb, dev);
	ps_skb_parse(&packet, &view, skb);
	if (!packet.reason && packet.checksum && !ps_skb_checksum_right(skb, &packet))
		packet.reason = packet.checksum_reason;
	verdict = ps_judge(rcu_dereference(instance->contexts), &packet, ktime_get_coarse_ns());
	action = ps_reason_info[verdict.reason].action;

	this_cpu_add(instance->counters->counter[PS_INSTANCE_COUNTER_rx_total], view.segments);
	if (verdict.context)
		ps_counters_add(ps_context_node(verdict.context)->counters, verdict.reason,
				view.segments, skb->len);
	trace_judge(instance, skb, &verdict);
	return action != PS_DROP;
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
