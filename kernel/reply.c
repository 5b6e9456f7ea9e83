// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replies: the buffer of a packet is emptied, gets the headers of the reply,
 * and leaves by the device it came from; no route is looked up and nothing is
 * allocated, unless somebody else has a part in the buffer (a packet tap keeps
 * what it has seen) or it is too small. Only where the IP layer has the packet and
 * there is no Ethernet header to turn round is the reply routed.
 *
 * The reply is complete in local memory before the buffer is touched: the
 * packet's headers may lie in it. Headers are made of words of 32 bits, and summed
 * up as such: what was just written in smaller pieces than it is read in makes the
 * processor wait.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/timekeeping.h>
#include <net/dst_metadata.h>
#include <net/ip6_checksum.h>
#include <net/secure_seq.h>
#include <net/tcp.h>

#include "core/tcp_options.h"
#include "reply.h"
#include "reply_route.h"

#define PS_REPLY_TTL 64

/* Words of a TCP header without and with options. */
#define PS_REPLY_TCP	 (sizeof(struct tcphdr) / 4)
#define PS_REPLY_TCP_MAX (PS_REPLY_TCP + PS_TCP_OPTIONS_MAX / 4)

/**
 * struct ps_reply - a reply in the making
 * @tcp:	TCP header with options, without checksum
 * @tags:	inner VLAN tags of the packet, kept
 * @tcp_length:	bytes of @tcp
 * @tags_length: bytes of @tags
 * @tos:	type of service, or traffic class
 */
struct ps_reply {
	__be32 tcp[PS_REPLY_TCP_MAX];
	u8 tags[PS_LINK_HEADERS_MAX * VLAN_HLEN];
	u32 tcp_length;
	u32 tags_length;
	u8 tos;
};

static DEFINE_PER_CPU(bool, ps_reply_under_way);

bool ps_reply_is_under_way(void)
{
	return __this_cpu_read(ps_reply_under_way);
}

/* Whether there is nothing but VLAN tags before the IP header. */
static bool ps_reply_is_tagged_only(const struct ps_frame *frame, const struct ps_packet *packet)
{
	__be16 protocol = frame->skb->protocol;
	const struct vlan_hdr *inner;
	u32 at;

	for (at = 0; at < packet->network; at += VLAN_HLEN) {
		if (!eth_type_vlan(protocol))
			return false;
		inner = (const struct vlan_hdr *)(frame->data + at);
		protocol = inner->h_vlan_encapsulated_proto;
	}
	return true;
}

/* Whether the reply can leave by the device as the packet came. */
static bool ps_reply_can_turn_round(const struct ps_frame *frame)
{
	const struct net_device *dev = frame->dev;
	const struct sk_buff *skb = frame->skb;

	if (skb_metadata_dst(skb))
		return false;
	/* A tunnel may not know where to, but routes do. */
	if (!dev_has_header(dev))
		return !frame->route;
	return dev->type == ARPHRD_ETHER && skb_mac_header_was_set(skb) &&
	       skb->data - skb_mac_header(skb) == ETH_HLEN &&
	       is_valid_ether_addr(eth_hdr(skb)->h_source);
}

struct net *ps_reply_path(const struct ps_frame *frame)
{
	/* Where all replies but those of a rule of xtables needn't ask. */
	if (unlikely(frame->route) && !ps_reply_can_turn_round(frame))
		return frame->route;
	return NULL;
}

bool ps_reply_possible(const struct ps_frame *frame, const struct ps_packet *packet)
{
	/* No checksum to verify: another destination comes first. */
	if (!packet->checksum || frame->skb->pkt_type != PACKET_HOST)
		return false;
	if (!ps_addr_is_ipv4(&packet->dst) && !ps_frame_is_ipv6(packet))
		return false;
	return ps_reply_is_tagged_only(frame, packet) &&
	       (frame->route || ps_reply_can_turn_round(frame));
}

static bool ps_reply_is_ect(const struct ps_frame *frame, const struct ps_packet *packet)
{
	u8 field = ps_frame_is_ipv6(packet) ? ipv6_get_dsfield(ps_frame_ipv6(frame, packet)) :
					      ipv4_get_dsfield(ps_frame_ipv4(frame, packet));

	return !INET_ECN_is_not_ect(field);
}

/* What the stack adds to the timestamps of this connection while the sysctl is 1. */
static u32 ps_reply_timestamp_shift(const struct ps_frame *frame, const struct ps_packet *packet)
{
	const struct tcphdr *tcp = ps_frame_tcp(frame, packet);
	const struct ipv6hdr *ipv6 = ps_frame_ipv6(frame, packet);
	const struct iphdr *ipv4 = ps_frame_ipv4(frame, packet);

	if (ps_frame_is_ipv6(packet))
		return ps_ts_off_v6(frame->net, ipv6->daddr.s6_addr32, ipv6->saddr.s6_addr32,
				    tcp->dest, tcp->source);
	return ps_ts_off_v4(frame->net, ipv4->daddr, ipv4->saddr, tcp->dest, tcp->source);
}

/* The offer of the listener, within what the sysctls of its namespace allow. */
static struct ps_tcp_offer ps_reply_offer_local(const struct ps_frame *frame,
						const struct ps_packet *packet,
						const struct ps_tcp_options *syn)
{
	const struct netns_ipv4 *sysctl = &frame->net->ipv4;
	u8 timestamps = READ_ONCE(sysctl->sysctl_tcp_timestamps);
	/* The stack takes reserved bits or a marked SYN for attempts at more than RFC 3168. */
	bool classic = !ps_reply_is_ect(frame, packet) || ps_frame_tcp(frame, packet)->res1;
	bool scaling = READ_ONCE(sysctl->sysctl_tcp_window_scaling);

	return (struct ps_tcp_offer){
		.shift = syn->timestamps && timestamps == 1 ?
				 ps_reply_timestamp_shift(frame, packet) :
				 0,
		.mss = frame->offer.mss,
		.wscale = scaling ? frame->offer.scale : PS_WSCALE_NONE,
		.timestamps = timestamps && (timestamps != 1 || ps_ts_off_is_known),
		.sack = READ_ONCE(sysctl->sysctl_tcp_sack),
		.ecn = frame->offer.ecn || (classic && READ_ONCE(sysctl->sysctl_tcp_ecn)),
	};
}

/* The offer of the server behind this host, which must be that of the SYNPROXY rule. */
static struct ps_tcp_offer ps_reply_offer_forwarded(const struct ps_config *config)
{
	return (struct ps_tcp_offer){
		.mss = config->option[PS_OPTION_x_tcp_mss],
		.wscale = config->option[PS_OPTION_x_tcp_wscale],
		.timestamps = config->option[PS_OPTION_x_tcp_timestamps],
		.sack = config->option[PS_OPTION_x_tcp_sack],
		.ecn = config->option[PS_OPTION_x_tcp_ecn],
	};
}

/* The sequence number: a cookie that says how large segments the client takes. */
static u32 ps_reply_cookie(const struct ps_frame *frame, const struct ps_packet *packet, u16 mss)
{
	const struct tcphdr *tcp = ps_frame_tcp(frame, packet);

	if (frame->net && mss && frame->offer.limit)
		mss = min(mss, frame->offer.limit);
	/* A client that doesn't say gets the least of the table, its protocol's default or more. */
	if (ps_frame_is_ipv6(packet))
		return __cookie_v6_init_sequence(ps_frame_ipv6(frame, packet), tcp, &mss);
	return __cookie_v4_init_sequence(ps_frame_ipv4(frame, packet), tcp, &mss);
}

static void ps_reply_prepare(struct ps_reply *reply, const struct ps_frame *frame,
			     const struct ps_packet *packet, const struct ps_config *config)
{
	const struct tcphdr *tcp = ps_frame_tcp(frame, packet);
	struct ps_tcp_options syn, answer;
	struct ps_tcp_offer offer;
	u64 now = 0;
	u16 window;

	ps_tcp_options_parse(&syn, (const u8 *)tcp, packet->payload - packet->transport);
	offer = frame->net ? ps_reply_offer_local(frame, packet, &syn) :
			     ps_reply_offer_forwarded(config);
	if (syn.timestamps)
		now = div_u64(ktime_get_coarse_ns(), NSEC_PER_MSEC);
	ps_tcp_options_answer(&answer, &syn, &offer, now);
	reply->tcp_length = sizeof(*tcp);
	reply->tcp_length += ps_tcp_options_build((u8 *)&reply->tcp[PS_REPLY_TCP], &answer);
	window = frame->net ? frame->offer.window[answer.timestamps] : 0;
	reply->tcp[0] = htonl((u32)packet->dport << 16 | packet->sport);
	reply->tcp[1] = htonl(ps_reply_cookie(frame, packet, syn.mss));
	reply->tcp[2] = htonl(ntohl(tcp->seq) + 1);
	reply->tcp[3] = htonl(reply->tcp_length / 4 << 28 | window) | TCP_FLAG_SYN | TCP_FLAG_ACK;
	if (answer.ecn)
		reply->tcp[3] |= TCP_FLAG_ECE;
	reply->tcp[4] = 0;
	reply->tos = frame->net ? frame->offer.tos : 0;
	reply->tags_length = packet->network;
	if (reply->tags_length)
		memcpy(reply->tags, frame->data, reply->tags_length);
}

/*
 * Empty a buffer that is ours alone, with room for @length bytes and what the
 * device puts before and behind them.
 */
static bool ps_reply_empty(struct sk_buff *skb, u32 length)
{
	int tail = length + READ_ONCE(skb->dev->needed_tailroom);
	int head = LL_RESERVED_SPACE(skb->dev);

	if (pskb_trim(skb, 0))
		return false;
	head = max_t(int, ALIGN(head - (int)skb_headroom(skb), NET_SKB_PAD), 0);
	tail = max_t(int, tail - skb_tailroom(skb), 0);
	if (skb_cloned(skb) || head || tail)
		return !pskb_expand_head(skb, head, tail, GFP_ATOMIC);
	return true;
}

/* Return: an empty buffer in place of the frame's, or NULL and that is still there. */
static struct sk_buff *ps_reply_take(struct sk_buff *skb, u32 length)
{
	struct sk_buff *own = skb_shared(skb) ? skb_clone(skb, GFP_ATOMIC) : skb;

	if (!own)
		return NULL;
	if (!ps_reply_empty(own, length)) {
		if (own != skb)
			kfree_skb(own);
		return NULL;
	}
	if (own != skb)
		consume_skb(skb);
	return own;
}

/* Forget how the packet came: nothing of it holds for the reply. */
static void ps_reply_scrub(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	if (skb_is_gso(skb))
		skb_gso_reset(skb);
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	skb->priority = 0;
}

/* Write words, and sum them up. */
static __always_inline __wsum ps_reply_put(void *to, const __be32 *word, u32 bytes)
{
	__be32 *at = to;
	__wsum sum = 0;
	u32 i;

	for (i = 0; i < bytes / 4; i++) {
		at[i] = word[i];
		sum = csum_add(sum, (__force __wsum)word[i]);
	}
	return sum;
}

static void ps_reply_put_ipv4(struct iphdr *ip, const struct ps_reply *reply,
			      const struct ps_packet *packet)
{
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);
	const __be32 header[] = {
		htonl(0x45 << 24 | reply->tos << 16 | (sizeof(*ip) + reply->tcp_length)),
		htonl(IP_DF),
		htonl(PS_REPLY_TTL << 24 | IPPROTO_TCP << 16),
		htonl(packet->dst.word[3]),
		htonl(packet->src.word[3]),
	};

	ip->check = csum_fold(ps_reply_put(ip, header, sizeof(header)));
	tcp->check = csum_tcpudp_magic(header[3], header[4], reply->tcp_length, IPPROTO_TCP,
				       ps_reply_put(tcp, reply->tcp, reply->tcp_length));
}

static void ps_reply_put_ipv6(struct ipv6hdr *ip, const struct ps_reply *reply,
			      const struct ps_packet *packet)
{
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);
	unsigned int i;

	ip6_flow_hdr(ip, reply->tos, 0);
	ip->payload_len = htons(reply->tcp_length);
	ip->nexthdr = IPPROTO_TCP;
	ip->hop_limit = PS_REPLY_TTL;
	for (i = 0; i < 4; i++) {
		ip->saddr.s6_addr32[i] = htonl(packet->dst.word[i]);
		ip->daddr.s6_addr32[i] = htonl(packet->src.word[i]);
	}
	tcp->check = csum_ipv6_magic(&ip->saddr, &ip->daddr, reply->tcp_length, IPPROTO_TCP,
				     ps_reply_put(tcp, reply->tcp, reply->tcp_length));
}

/* Send the frame back to where it came from, or to the gateway. */
static void ps_reply_turn_round(struct sk_buff *skb, const struct ps_config *config)
{
	s64 gateway = config->option[PS_OPTION_gateway];
	struct ethhdr *eth;

	if (!dev_has_header(skb->dev))
		return;
	eth = skb_push(skb, ETH_HLEN);
	if (gateway == PS_MAC_MAX)
		ether_addr_copy(eth->h_dest, eth->h_source);
	else
		u64_to_ether_addr(gateway, eth->h_dest);
	ether_addr_copy(eth->h_source, skb->dev->dev_addr);
}

void ps_reply_send(struct sk_buff *skb, const struct ps_config *config, struct net *path, bool ipv6)
{
	__this_cpu_write(ps_reply_under_way, true);
	if (unlikely(path)) {
		ps_reply_route_send(skb, path, ipv6);
	} else {
		ps_reply_turn_round(skb, config);
		dev_queue_xmit(skb);
	}
	__this_cpu_write(ps_reply_under_way, false);
}

struct sk_buff *ps_reply_begin(struct ps_frame *frame, u32 length)
{
	struct sk_buff *skb = ps_reply_take(frame->skb, length);

	if (!skb)
		return NULL;
	ps_reply_scrub(skb);
	skb_put(skb, length);
	return skb;
}

bool ps_reply_syncookie(struct ps_frame *frame, const struct ps_packet *packet,
			const struct ps_config *config)
{
	struct net *path = ps_reply_path(frame);
	struct ps_reply reply ps_platform_unfilled;
	bool ipv6 = ps_frame_is_ipv6(packet);
	struct sk_buff *skb;
	u32 length;
	u8 *at;

	ps_reply_prepare(&reply, frame, packet, config);
	length = ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	length += reply.tags_length + reply.tcp_length;
	skb = ps_reply_begin(frame, length);
	if (!skb)
		return false;
	at = skb->data;
	if (reply.tags_length)
		memcpy(at, reply.tags, reply.tags_length);
	skb_set_network_header(skb, reply.tags_length);
	skb_set_transport_header(skb, length - reply.tcp_length);
	if (ipv6)
		ps_reply_put_ipv6((struct ipv6hdr *)(at + reply.tags_length), &reply, packet);
	else
		ps_reply_put_ipv4((struct iphdr *)(at + reply.tags_length), &reply, packet);
	ps_reply_send(skb, config, path, ipv6);
	return true;
}
