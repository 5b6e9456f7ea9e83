// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets: one frame is built at the beginning, the others are copies of it with
 * another source, destination, port and sequence number. What those add to the
 * checksums is added to the sums of the first, so every checksum is right at the
 * cost of a few additions.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "bench.h"

#define BENCH_QUIC_TOKEN   46  /* bytes of a token for an id of eight */
#define BENCH_QUIC_HEADERS 100 /* more than headers take */

static const u8 bench_peer[ETH_ALEN] = { 2, 0, 0, 0, 0, 4 };
/* 2001:db8:1:: sends, 2001:db8:: receives; the last word is the flow's. */
static const u32 bench_remote_net[3] = { 0x20010db8, 0x00010000, 0 };
static const u32 bench_local_net[3] = { 0x20010db8, 0, 0 };

/* MSS 1460, SACK, timestamp 1, window scale 7, as Linux orders them. */
static const u8 bench_options[BENCH_OPTIONS] = {
	2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7,
};

static void bench_template_ethernet(struct bench_template *template, const struct net_device *dev)
{
	struct ethhdr *eth = (struct ethhdr *)template->frame;

	ether_addr_copy(eth->h_dest, template->send ? bench_peer : dev->dev_addr);
	ether_addr_copy(eth->h_source, template->send ? dev->dev_addr : bench_peer);
	eth->h_proto = htons(template->ipv4 ? ETH_P_IP : ETH_P_IPV6);
	template->length = ETH_HLEN;
}

static void bench_template_ip(struct bench_template *template, const struct bench_params *params,
			      u32 length)
{
	struct ipv6hdr *ipv6 = (struct ipv6hdr *)(template->frame + ETH_HLEN);
	struct iphdr *ipv4 = (struct iphdr *)(template->frame + ETH_HLEN);
	const u32 *src = template->send ? bench_local_net : bench_remote_net;
	const u32 *dst = template->send ? bench_remote_net : bench_local_net;
	u32 i;

	if (template->ipv4) {
		ipv4->version = 4;
		ipv4->ihl = sizeof(*ipv4) / 4;
		ipv4->tot_len = htons(sizeof(*ipv4) + length);
		ipv4->frag_off = htons(IP_DF);
		ipv4->ttl = params->ttl;
		ipv4->protocol = params->protocol;
		template->network_sum = csum_partial(ipv4, sizeof(*ipv4), 0);
		template->length += sizeof(*ipv4);
		return;
	}
	ipv6->version = 6;
	ipv6->payload_len = htons(length);
	ipv6->nexthdr = params->protocol;
	ipv6->hop_limit = params->ttl;
	for (i = 0; i < 3; i++) {
		ipv6->saddr.s6_addr32[i] = htonl(src[i]);
		ipv6->daddr.s6_addr32[i] = htonl(dst[i]);
	}
	template->transport_sum = csum_partial(&ipv6->saddr, 2 * sizeof(ipv6->saddr), 0);
	template->length += sizeof(*ipv6);
}

static void bench_template_tcp(struct bench_template *template, const struct bench_params *params,
			       u32 header)
{
	struct tcphdr *tcp = (struct tcphdr *)(template->frame + template->transport);

	tcp->doff = header / 4;
	((u8 *)tcp)[13] = params->flags;
	tcp->ack_seq = params->flags & TCPHDR_ACK ? htonl(0x12345678) : 0;
	tcp->window = htons(64240);
	if (params->options)
		memcpy(tcp + 1, bench_options, sizeof(bench_options));
	*(template->send ? &tcp->source : &tcp->dest) = htons(params->dport);
	template->check = template->transport + offsetof(struct tcphdr, check);
}

/*
 * QUIC version 1, ids of eight bytes; the lengths are varints of two. Sizes are
 * those of the whole datagram.
 */
static void bench_template_quic(u8 *data, const struct bench_params *params)
{
	static const u8 head[] = { 0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8,
				   8, 9, 9, 9, 9, 9, 9, 9, 9 };
	u32 token = params->quic == BENCH_QUIC_RETURNED ? BENCH_QUIC_TOKEN : 0;
	u8 *at = data + sizeof(head);

	if (params->quic == BENCH_QUIC_NONE)
		return;
	if (params->quic == BENCH_QUIC_SHORT) {
		*data = 0x40;
		return;
	}
	memcpy(data, head, sizeof(head));
	put_unaligned_be16(0x4000 | token, at);
	at += 2;
	if (token)
		*at = 0x9c; /* a Retry token, as HAProxy marks them */
	at += token;
	put_unaligned_be16(0x4000 | (params->payload - (at + 2 - data)), at);
}

static void bench_template_udp(struct bench_template *template, const struct bench_params *params,
			       u32 length)
{
	struct udphdr *udp = (struct udphdr *)(template->frame + template->transport);

	udp->len = htons(length);
	*(template->send ? &udp->source : &udp->dest) = htons(params->dport);
	template->check = template->transport + offsetof(struct udphdr, check);
}

int bench_template_build(struct bench_template *template, const struct bench_params *params,
			 const struct net_device *dev)
{
	u32 header = sizeof(struct udphdr), length;

	memset(template, 0, sizeof(*template));
	template->ipv4 = params->family == 4;
	template->tcp = params->protocol == IPPROTO_TCP;
	template->send = params->send;
	if (template->tcp)
		header = sizeof(struct tcphdr) + (params->options ? BENCH_OPTIONS : 0);
	length = header + params->payload;
	bench_template_ethernet(template, dev);
	bench_template_ip(template, params, length);
	template->transport = template->length;
	template->length += length;
	if (template->length > sizeof(template->frame))
		return -EMSGSIZE;
	memset(template->frame + template->transport + header, 'x', params->payload);
	if (params->quic != BENCH_QUIC_NONE && params->payload < BENCH_QUIC_HEADERS)
		return -EINVAL;
	bench_template_quic(template->frame + template->transport + header, params);
	if (template->tcp)
		bench_template_tcp(template, params, header);
	else
		bench_template_udp(template, params, length);
	template->transport_sum = csum_partial(template->frame + template->transport, length,
					       template->transport_sum);
	template->transport_sum =
		csum_add(template->transport_sum, (__force __wsum)htonl(length + params->protocol));
	return 0;
}

static void bench_template_addresses(const struct bench_template *template, u8 *frame, __be32 src,
				     __be32 dst)
{
	struct ipv6hdr *ipv6 = (struct ipv6hdr *)(frame + ETH_HLEN);
	struct iphdr *ipv4 = (struct iphdr *)(frame + ETH_HLEN);
	__wsum sum;

	if (!template->ipv4) {
		ipv6->saddr.s6_addr32[3] = src;
		ipv6->daddr.s6_addr32[3] = dst;
		return;
	}
	ipv4->saddr = src;
	ipv4->daddr = dst;
	sum = csum_add(template->network_sum, (__force __wsum)src);
	ipv4->check = csum_fold(csum_add(sum, (__force __wsum)dst));
}

void bench_template_write(const struct bench_template *template, struct sk_buff *skb,
			  const struct bench_flow *flow)
{
	u8 *frame = skb_put_data(skb, template->frame, template->length);
	__be32 remote = htonl(flow->src), local = htonl(flow->dst);
	struct tcphdr *tcp = (struct tcphdr *)(frame + template->transport);
	__wsum sum;

	if (template->send)
		bench_template_addresses(template, frame, local, remote);
	else
		bench_template_addresses(template, frame, remote, local);
	/* Both protocols begin with the ports. */
	*(template->send ? &tcp->dest : &tcp->source) = htons(flow->sport);
	sum = csum_add(template->transport_sum, (__force __wsum)remote);
	sum = csum_add(sum, (__force __wsum)local);
	sum = csum_add(sum, (__force __wsum)htons(flow->sport));
	if (template->tcp) {
		tcp->seq = htonl(flow->seq);
		sum = csum_add(sum, (__force __wsum)tcp->seq);
	}
	*(__sum16 *)(frame + template->check) = csum_fold(sum) ?: CSUM_MANGLED_0;
}
