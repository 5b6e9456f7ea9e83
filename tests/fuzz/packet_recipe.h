/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets for a fuzzer that doesn't guess headers: eight bytes choose among few
 * hosts, ports and shapes, so that packets meet each other's sessions; further
 * bytes are the payload. One byte of the packet may be bent.
 */
#ifndef PS_TESTS_PACKET_RECIPE_H
#define PS_TESTS_PACKET_RECIPE_H

#include "packets.h"
#include "quic_packets.h"

struct recipe {
	u8 peer;	/* remote address and port */
	u8 local;	/* local address and port */
	u8 kind;	/* bit 0: IPv6; then two bits of protocol, and RECIPE_* */
	u8 tcp_flags;	/* of UDP: RECIPE_QUIC, two bits of version, three of type */
	u8 ttl;
	u8 fragment;	/* RECIPE_FRAGMENT, RECIPE_FIRST, and the id */
	u8 bend_at;
	u8 bend;
};

#define RECIPE_ERROR	0x08	/* ICMP: about the last packet that was built */
#define RECIPE_OPTIONS	0x10
#define RECIPE_SUMMED	0x20	/* bend before the sums are made */
#define RECIPE_SAME	0x40	/* peer, local, family and protocol as in the last one */
#define RECIPE_BENT	0x80
#define RECIPE_FRAGMENT	0x80
#define RECIPE_FIRST	0x40
#define RECIPE_QUIC	0x80	/* a QUIC datagram; the payload is the token of an Initial */

/* What was built last, as far as an error may quote it, and from what. */
static struct frame recipe_last;
static struct recipe recipe_ends;

static void recipe_reset(void)
{
	recipe_last.length = 0;
	recipe_ends = (struct recipe){ 0 };
}

static struct build recipe_build(const struct recipe *recipe, bool out)
{
	static const char *const peers[] = { "192.0.2.1", "192.0.2.9", "20.1.1.1", "129.0.0.1",
					     "2001:db9::1", "3001:db8::1", "3001:db8::9", "ff02::1" };
	static const char *const locals[] = { "10.0.0.1", "10.0.0.2", "3001:db8::2", "fe80::1" };
	static const u16 ports[] = { 40000, 53, 67, 5353 };
	const bool six = recipe->kind & 1;
	struct build b = {
		.family = six ? 6 : 4,
		.protocol = ((const int[]){ PS_PROTOCOL_TCP, PS_PROTOCOL_UDP,
					    six ? PS_PROTOCOL_ICMPV6 : PS_PROTOCOL_ICMP,
					    47 })[recipe->kind >> 1 & 3],
		.src = peers[(recipe->peer & 3) + 4 * six],
		.dst = locals[(recipe->local & 1) + 2 * six],
		.sport = ports[recipe->peer >> 2 & 3],
		.dport = (u16)(80 + (recipe->local >> 1 & 3)),
		.tcp_flags = recipe->tcp_flags & 0x3f,
		.ttl = recipe->ttl,
		.icmp_type = recipe->kind & RECIPE_ERROR ? six ? 1 : 3 : 0,
	};

	if (recipe->local & 0x80)
		b.dport = ports[recipe->local >> 1 & 3];
	if (out) {
		const char *src = b.src;
		u16 sport = b.sport;

		b.src = b.dst;
		b.dst = src;
		b.sport = b.dport;
		b.dport = sport;
	}
	return b;
}

static bool recipe_is_error(const struct build *b)
{
	return (b->protocol == PS_PROTOCOL_ICMP || b->protocol == PS_PROTOCOL_ICMPV6) &&
	       b->icmp_type;
}

static void recipe_bend(struct frame *f, const struct recipe *recipe)
{
	if (recipe->kind & RECIPE_BENT)
		f->data[recipe->bend_at % f->length] ^= recipe->bend;
}

/* Make it a datagram of QUIC with these bytes for a token. */
static void recipe_quic(struct frame *f, const struct recipe *recipe, const u8 *bytes, u32 size)
{
	static const u32 versions[] = { PS_QUIC_VERSION_1, PS_QUIC_VERSION_2, PS_QUIC_DRAFT_29, 2 };
	const struct quic q = {
		.type = (recipe->tcp_flags & 7) % (PS_QUIC_SHORT + 1),
		.version = versions[recipe->tcp_flags >> 3 & 3],
		.dcid_length = recipe->tcp_flags & 0x20 ? 9 : 0,
		.token = bytes,
		.token_length = size,
	};

	f->length = f->transport + 8;
	f->length += quic_build(f->data + f->length, &q, NULL);
	frame_fix(f);
}

/* Make a packet of bytes; @out: it goes from local to remote. */
static void recipe_cook(struct frame *f, const u8 *bytes, u32 size, bool out)
{
	struct recipe recipe = { 0 };
	struct build b;
	u32 quoted;

	memcpy(&recipe, bytes, min(size, (u32)sizeof(recipe)));
	size -= min(size, (u32)sizeof(recipe));
	if (recipe.kind & RECIPE_SAME) {
		recipe.peer = recipe_ends.peer;
		recipe.local = recipe_ends.local;
		recipe.kind = (recipe.kind & ~7) | (recipe_ends.kind & 7);
	}
	recipe_ends = recipe;
	b = recipe_build(&recipe, out);
	quoted = recipe_is_error(&b) ? recipe_last.length : 0;
	size = min(size, 1000U);
	/* Datagrams without a byte of their own are queries and answers of one id. */
	b.payload = b.protocol == PS_PROTOCOL_UDP && !size ? 4 : quoted + size;
	*f = build(b);
	memcpy(f->data + f->length - b.payload, recipe_last.data, quoted);
	memcpy(f->data + f->length - size, bytes + sizeof(recipe), size);
	if (recipe.tcp_flags & RECIPE_QUIC && b.protocol == PS_PROTOCOL_UDP)
		recipe_quic(f, &recipe, bytes + sizeof(recipe), size);
	if (recipe.kind & RECIPE_OPTIONS && b.protocol == PS_PROTOCOL_TCP)
		insert_tcp_options(f, "\x22\x04" "ab", 4);
	if (recipe.fragment & RECIPE_FRAGMENT)
		make_fragment(f, recipe.fragment & RECIPE_FIRST ? 0 : 2,
			      recipe.fragment & RECIPE_FIRST, recipe.fragment & 3);
	if (recipe.kind & RECIPE_SUMMED)
		recipe_bend(f, &recipe);
	frame_fix_checksums(f);
	if (!(recipe.kind & RECIPE_SUMMED))
		recipe_bend(f, &recipe);
	recipe_last = *f;
	recipe_last.length = min(recipe_last.length, 300U);
}

#endif
