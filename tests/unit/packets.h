/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets for tests: a description with sane defaults becomes a frame with
 * correct lengths and checksums, which a test then bends in one place.
 *
 *	struct frame f = build_ipv4_tcp(PS_TCP_SYN);
 *	struct frame f = build((struct build){ .family = 6, .protocol = 17, .dport = 53 });
 *
 * A member left zero gets its default. Whoever changes bytes afterwards calls
 * frame_fix() to make lengths and checksums right again, or doesn't, if it is
 * them that should be wrong.
 */
#ifndef PS_TESTS_PACKETS_H
#define PS_TESTS_PACKETS_H

#include <arpa/inet.h>
#include <string.h>

#include "packet.h"

#define FRAME_MAX	4096

#define FRAME_IPV4	0x0800
#define FRAME_IPV6	0x86dd
#define FRAME_VLAN	0x8100
#define FRAME_SVLAN	0x88a8
#define FRAME_PPPOE	0x8864

/**
 * struct build - what a packet should be
 * @family:	4 (default) or 6
 * @protocol:	default TCP
 * @src:	default 192.0.2.1 or 2001:db8::1
 * @dst:	default 198.51.100.2 or 2001:db8::2
 * @sport:	default 40000
 * @dport:	default 80
 * @ttl:	TTL or hop limit, default 64
 * @tcp_flags:	default ACK
 * @icmp_type:	default echo request
 * @payload:	bytes behind the transport header, default none
 */
struct build {
	int family;
	int protocol;
	const char *src;
	const char *dst;
	u16 sport;
	u16 dport;
	u8 ttl;
	u8 tcp_flags;
	u8 icmp_type;
	u32 payload;
};

/**
 * struct frame - a packet and where its parts are
 * @data:	from behind the Ethernet header
 * @length:	bytes
 * @ethertype:	of what is at @data
 * @vlan:	outer VLAN, as if the descriptor held it
 * @flags:	PS_VIEW_*
 * @network:	offset of the IP header
 * @next:	offset of the byte that holds the transport protocol's number
 * @transport:	offset of the transport header
 */
struct frame {
	u8 data[FRAME_MAX];
	u32 length;
	u16 ethertype;
	u16 vlan;
	u8 flags;
	u32 network;
	u32 next;
	u32 transport;
};

static inline void put16(u8 *at, u32 value)
{
	at[0] = (u8)(value >> 8);
	at[1] = (u8)value;
}

static inline u32 get16(const u8 *at)
{
	return (u32)at[0] << 8 | at[1];
}

/* The RFC 1071 checksum of bytes after others that add up to @sum. */
static inline u16 frame_sum(u32 sum, const u8 *data, u32 length)
{
	u32 i;

	for (i = 0; i < length; i++) {
		sum += i % 2 ? data[i] : (u32)data[i] << 8;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (u16)~sum;
}

static inline bool frame_is_ipv4(const struct frame *f)
{
	return f->data[f->network] >> 4 == 4;
}

/* Offset of the checksum in the transport header, 0 if it has none. */
static inline u32 frame_checksum_field(const struct frame *f)
{
	switch (f->data[f->next]) {
	case PS_PROTOCOL_TCP:
		return 16;
	case PS_PROTOCOL_UDP:
		return 6;
	case PS_PROTOCOL_ICMP:
	case PS_PROTOCOL_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

/* Make the checksums of the IP and transport headers right. */
static inline void frame_fix_checksums(struct frame *f)
{
	u8 pseudo[40] = { 0 }, *ip = f->data + f->network, *l4 = f->data + f->transport;
	u32 length = f->length - f->transport, field = frame_checksum_field(f);
	u16 sum = 0;

	if (frame_is_ipv4(f)) {
		put16(ip + 10, 0);
		put16(ip + 10, frame_sum(0, ip, (ip[0] & 15) * 4U));
		memcpy(pseudo, ip + 12, 8);
	} else {
		memcpy(pseudo, ip + 8, 32);
	}
	if (!field || f->length < f->transport + field + 2)
		return;
	put16(pseudo + 34, length);
	pseudo[39] = f->data[f->next];
	if (pseudo[39] != PS_PROTOCOL_ICMP)
		sum = (u16)~frame_sum(0, pseudo, sizeof(pseudo));
	put16(l4 + field, 0);
	sum = frame_sum(sum, l4, length);
	put16(l4 + field, sum || field != 6 ? sum : 0xffff);
}

/* Make lengths and checksums of the IP and transport headers right. */
static inline void frame_fix(struct frame *f)
{
	if (frame_is_ipv4(f))
		put16(f->data + f->network + 2, f->length - f->network);
	else
		put16(f->data + f->network + 4, f->length - f->network - 40);
	if (f->data[f->next] == PS_PROTOCOL_UDP && f->length >= f->transport + 8)
		put16(f->data + f->transport + 4, f->length - f->transport);
	frame_fix_checksums(f);
}

static inline u32 build_transport(u8 *at, const struct build *b)
{
	switch (b->protocol) {
	case PS_PROTOCOL_TCP:
		put16(at, b->sport);
		put16(at + 2, b->dport);
		at[7] = 1;
		at[12] = 5 << 4;
		at[13] = b->tcp_flags;
		put16(at + 14, 65535);
		return 20;
	case PS_PROTOCOL_UDP:
		put16(at, b->sport);
		put16(at + 2, b->dport);
		return 8;
	case PS_PROTOCOL_ICMP:
	case PS_PROTOCOL_ICMPV6:
		at[0] = b->icmp_type;
		return 8;
	default:
		return 0;
	}
}

static inline struct frame build(struct build b)
{
	struct frame f = { .ethertype = b.family == 6 ? FRAME_IPV6 : FRAME_IPV4 };
	u8 *ip = f.data;
	u32 i;

	b.protocol = b.protocol ? b.protocol : PS_PROTOCOL_TCP;
	b.sport = b.sport ? b.sport : 40000;
	b.dport = b.dport ? b.dport : 80;
	b.ttl = b.ttl ? b.ttl : 64;
	b.tcp_flags = b.tcp_flags ? b.tcp_flags : PS_TCP_ACK;
	if (!b.icmp_type)
		b.icmp_type = b.protocol == PS_PROTOCOL_ICMP ? 8 : 128;
	if (b.family == 6) {
		ip[0] = 0x60;
		ip[7] = b.ttl;
		inet_pton(AF_INET6, b.src ? b.src : "2001:db8::1", ip + 8);
		inet_pton(AF_INET6, b.dst ? b.dst : "2001:db8::2", ip + 24);
		f.next = 6;
		f.transport = 40;
	} else {
		ip[0] = 0x45;
		ip[8] = b.ttl;
		inet_pton(AF_INET, b.src ? b.src : "192.0.2.1", ip + 12);
		inet_pton(AF_INET, b.dst ? b.dst : "198.51.100.2", ip + 16);
		f.next = 9;
		f.transport = 20;
	}
	ip[f.next] = (u8)b.protocol;
	f.length = f.transport + build_transport(ip + f.transport, &b);
	for (i = 0; i < b.payload; i++)
		f.data[f.length++] = (u8)(i * 7 + 1);
	frame_fix(&f);
	return f;
}

static inline struct frame build_ipv4_tcp(u8 flags)
{
	return build((struct build){ .tcp_flags = flags });
}

static inline struct frame build_ipv6_tcp(u8 flags)
{
	return build((struct build){ .family = 6, .tcp_flags = flags });
}

static inline struct frame build_ipv4_udp(u16 dport, u32 payload)
{
	return build((struct build){ .protocol = 17, .dport = dport, .payload = payload });
}

static inline struct frame build_ipv6_udp(u16 dport, u32 payload)
{
	return build((struct build){ .family = 6, .protocol = 17, .dport = dport,
				     .payload = payload });
}

static inline struct frame build_ipv4_icmp(u8 type)
{
	return build((struct build){ .protocol = 1, .icmp_type = type });
}

static inline struct frame build_ipv6_icmp(u8 type)
{
	return build((struct build){ .family = 6, .protocol = 58, .icmp_type = type });
}

/* Make room for @size zero bytes at @at; lengths and checksums are as before. */
static inline void frame_open(struct frame *f, u32 at, u32 size)
{
	memmove(f->data + at + size, f->data + at, f->length - at);
	memset(f->data + at, 0, size);
	f->length += size;
}

/* Insert IPv4 options, a multiple of 4 bytes. */
static inline void insert_ipv4_options(struct frame *f, const void *options, u32 size)
{
	frame_open(f, f->transport, size);
	memcpy(f->data + f->transport, options, size);
	f->data[f->network] += (u8)(size / 4);
	f->transport += size;
	frame_fix(f);
}

/* Insert TCP options, a multiple of 4 bytes. */
static inline void insert_tcp_options(struct frame *f, const void *options, u32 size)
{
	frame_open(f, f->transport + 20, size);
	memcpy(f->data + f->transport + 20, options, size);
	f->data[f->transport + 12] += (u8)(size / 4 << 4);
	frame_fix(f);
}

/*
 * Insert an IPv6 extension header of zeros, a multiple of 8 bytes, before the
 * transport header. Return: it.
 */
static inline u8 *insert_extension(struct frame *f, u8 kind, u32 size)
{
	u8 *header = f->data + f->transport;

	frame_open(f, f->transport, size);
	header[0] = f->data[f->next];
	header[1] = (u8)(size / 8 - 1);
	f->data[f->next] = kind;
	f->next = f->transport;
	f->transport += size;
	frame_fix(f);
	return header;
}

/* Make it the fragment that starts at @offset, in units of 8 bytes. */
static inline void make_fragment(struct frame *f, u32 offset, bool more, u16 id)
{
	u8 *ip = f->data + f->network, *header;

	if (frame_is_ipv4(f)) {
		put16(ip + 4, id);
		put16(ip + 6, (more ? 0x2000U : 0) | offset);
	} else {
		header = insert_extension(f, 44, 8);
		put16(header + 2, offset << 3 | more);
		put16(header + 6, id);
	}
	frame_fix(f);
}

/* Put a VLAN tag in front. */
static inline void wrap_vlan(struct frame *f, u16 ethertype, u16 tci)
{
	frame_open(f, 0, 4);
	put16(f->data, tci);
	put16(f->data + 2, f->ethertype);
	f->ethertype = ethertype;
	f->network += 4;
	f->next += 4;
	f->transport += 4;
}

/* Put a PPPoE session header in front. */
static inline void wrap_pppoe(struct frame *f)
{
	u16 protocol = f->ethertype == FRAME_IPV6 ? 0x57 : 0x21;

	frame_open(f, 0, 8);
	f->data[0] = 0x11;
	put16(f->data + 4, f->length - 6);
	put16(f->data + 6, protocol);
	f->ethertype = FRAME_PPPOE;
	f->network += 8;
	f->next += 8;
	f->transport += 8;
}

static inline struct ps_view frame_view(const struct frame *f)
{
	return (struct ps_view){
		.data = f->data,
		.available = f->length,
		.length = f->length,
		.segments = 1,
		.ethertype = f->ethertype,
		.vlan = f->vlan,
		.flags = f->flags,
	};
}

static inline struct ps_packet frame_parse(const struct frame *f)
{
	struct ps_view view = frame_view(f);
	struct ps_packet packet;

	ps_packet_parse(&packet, &view);
	return packet;
}

#endif
