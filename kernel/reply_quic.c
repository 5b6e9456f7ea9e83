// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Retry packets: what the core makes (core/quic_retry.h) as a UDP datagram in the
 * buffer of the Initial that it answers; and what the core asks of the kernel
 * for it. A reply is complete in local memory before the buffer is touched.
 */
#include <crypto/aes.h>
#include <crypto/sha2.h>
#include <linux/if_vlan.h>
#include <linux/random.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/ip.h>

#include "core/quic_retry.h"
#include "reply.h"

#define PS_REPLY_TTL 64

/**
 * struct ps_reply_quic - a Retry in the making
 * @tags:	inner VLAN tags of the packet, kept
 * @retry:	the QUIC packet
 * @tags_length: bytes of @tags
 * @length:	bytes of @retry
 */
struct ps_reply_quic {
	u8 tags[PS_LINK_HEADERS_MAX * VLAN_HLEN];
	u8 retry[PS_QUIC_RETRY_MAX];
	u32 tags_length;
	u32 length;
};

bool ps_platform_retry_offer(struct ps_frame *frame, const struct ps_packet *packet)
{
	return ps_reply_possible(frame, packet);
}

void ps_platform_sha256(u8 *digest, const u8 *data, u32 length)
{
	sha256(data, length, digest);
}

void ps_platform_aes128(const u8 *key, u8 *block, u32 blocks)
{
	struct crypto_aes_ctx aes;

	aes_expandkey(&aes, key, AES_KEYSIZE_128);
	for (; blocks; blocks--, block += AES_BLOCK_SIZE)
		aes_encrypt(&aes, block, block);
	memzero_explicit(&aes, sizeof(aes));
}

static void ps_reply_quic_prepare(struct ps_reply_quic *reply, const struct ps_engine *engine,
				  const struct ps_arrival *arrival, const struct ps_config *config)
{
	struct ps_quic_random random;

	get_random_bytes(&random, sizeof(random));
	reply->length = ps_quic_retry_make(reply->retry, engine, arrival, config, &random);
	reply->tags_length = arrival->packet->network;
	if (reply->tags_length)
		memcpy(reply->tags, arrival->frame->data, reply->tags_length);
}

static u32 ps_reply_quic_put_udp(struct udphdr *udp, const struct ps_reply_quic *reply,
				 const struct ps_packet *packet)
{
	u32 length = sizeof(*udp) + reply->length;

	udp->source = htons(packet->dport);
	udp->dest = htons(packet->sport);
	udp->len = htons(length);
	udp->check = 0;
	memcpy(udp + 1, reply->retry, reply->length);
	return length;
}

static void ps_reply_quic_put_ipv4(struct iphdr *ip, const struct ps_reply_quic *reply,
				   const struct ps_packet *packet)
{
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	u32 length = ps_reply_quic_put_udp(udp, reply, packet);

	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tot_len = htons(sizeof(*ip) + length),
		.frag_off = htons(IP_DF),
		.ttl = PS_REPLY_TTL,
		.protocol = IPPROTO_UDP,
		.saddr = htonl(packet->dst.word[3]),
		.daddr = htonl(packet->src.word[3]),
	};
	ip_send_check(ip);
	udp->check = csum_tcpudp_magic(ip->saddr, ip->daddr, length, IPPROTO_UDP,
				       csum_partial(udp, length, 0));
	if (!udp->check)
		udp->check = CSUM_MANGLED_0;
}

static void ps_reply_quic_put_ipv6(struct ipv6hdr *ip, const struct ps_reply_quic *reply,
				   const struct ps_packet *packet)
{
	struct udphdr *udp = (struct udphdr *)(ip + 1);
	u32 length = ps_reply_quic_put_udp(udp, reply, packet);
	unsigned int i;

	ip6_flow_hdr(ip, 0, 0);
	ip->payload_len = htons(length);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = PS_REPLY_TTL;
	for (i = 0; i < 4; i++) {
		ip->saddr.s6_addr32[i] = htonl(packet->dst.word[i]);
		ip->daddr.s6_addr32[i] = htonl(packet->src.word[i]);
	}
	udp->check = csum_ipv6_magic(&ip->saddr, &ip->daddr, length, IPPROTO_UDP,
				     csum_partial(udp, length, 0));
	if (!udp->check)
		udp->check = CSUM_MANGLED_0;
}

bool ps_reply_quic_retry(const struct ps_engine *engine, const struct ps_arrival *arrival,
			 const struct ps_config *config)
{
	struct ps_reply_quic reply ps_platform_unfilled;
	const struct ps_packet *packet = arrival->packet;
	bool ipv6 = ps_frame_is_ipv6(packet);
	u32 headers = ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	struct net *path = ps_reply_path(arrival->frame);
	struct sk_buff *skb;
	void *at;

	ps_reply_quic_prepare(&reply, engine, arrival, config);
	headers += reply.tags_length;
	skb = ps_reply_begin(arrival->frame, headers + sizeof(struct udphdr) + reply.length);
	if (!skb)
		return false;
	if (reply.tags_length)
		memcpy(skb->data, reply.tags, reply.tags_length);
	skb_set_network_header(skb, reply.tags_length);
	skb_set_transport_header(skb, headers);
	at = skb_network_header(skb);
	if (ipv6)
		ps_reply_quic_put_ipv6(at, &reply, packet);
	else
		ps_reply_quic_put_ipv4(at, &reply, packet);
	ps_reply_send(skb, config, path, ipv6);
	return true;
}
