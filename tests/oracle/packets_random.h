/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random packets: valid ones of every kind, most of them then bent at places
 * where rules look.
 */
#ifndef PS_TESTS_PACKETS_RANDOM_H
#define PS_TESTS_PACKETS_RANDOM_H

#include "../unit/packets.h"

static u64 random_state;

/* splitmix64 */
static u32 random_u32(void)
{
	u64 z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (u32)((z ^ (z >> 31)) >> 32);
}

static u32 below(u32 limit)
{
	return random_u32() % limit;
}

static bool one_in(u32 n)
{
	return below(n) == 0;
}

#define PICK(array)	((array)[below(ARRAY_SIZE(array))])

static const char *random_address(int family)
{
	static const char *const four[] = {
		"192.0.2.1", "192.0.2.1", "192.0.2.1", "198.51.100.2", "0.0.0.0", "127.0.0.1",
		"224.0.0.1", "239.1.2.3", "255.255.255.255", "240.0.0.1", "126.0.0.1", "0.0.0.1",
	};
	static const char *const six[] = {
		"2001:db8::1", "2001:db8::1", "2001:db8::2", "fe80::1", "fe80::1", "febf::1",
		"fec0::1", "::", "::1", "::2", "ff02::1", "::ffff:1.2.3.4", "::fffe:1.2.3.4",
		"1::ffff:1.2.3.4", "fe00::1",
	};

	return family == 4 ? PICK(four) : PICK(six);
}

static void random_tcp_options(struct frame *f)
{
	static const char *const lists[] = {
		"\x02\x04\x05\xb4\x01\x03\x03\x07", "\x01\x01\x08\x0a" "12345678",
		"\x22\x02\x01\x01", "\x22\x06" "1234\x01\x01", "\xfe\x04\xf9\x89",
		"\xfe\x03\xf9\x01", "\xfd\x04\xf9\x89", "\x01\x01\x01\x22", "\x02\x05\x05\xb4",
		"\x02\x01\x05\xb4",
	};
	const char *list = PICK(lists);

	insert_tcp_options(f, list, (u32)strlen(list) / 4 * 4);
}

static void random_ipv4_options(struct frame *f)
{
	static const char *const lists[] = {
		"\x01\x01\x01\x01", "\x94\x04\x01\x01", "\x83\x03\x04\x01", "\x89\x04\x04\x01",
		"\x03\x03\x04\x01", "\x09\x03\x04\x01", "\x44\x09\x05\x01\x01\x01\x01\x01",
		"\x44\x01\x01\x01", "\x01\x01\x01\x44",
	};
	const char *list = PICK(lists);

	insert_ipv4_options(f, list, (u32)strlen(list));
}

static void random_extensions(struct frame *f)
{
	static const u8 kinds[] = { 60, 60, 60, 43, 43, 44, 0 };
	u32 n = one_in(8) ? 6 + below(5) : 1 + below(3), i, size;
	u8 kind, *header;

	for (i = 0; i < n; i++) {
		kind = i == 0 && one_in(2) ? 0 : PICK(kinds);
		size = kind == 44 ? 8 : 8 * (1 + below(4));
		if (i == 0 && kind != 44 && f->length < 200 && one_in(6))
			size = PS_HEADERS_MAX - 40 - 8 * below(8);
		header = insert_extension(f, kind, size);
		if (kind == 43) {
			header[2] = (u8)below(5);
			header[3] = one_in(2);
		}
		if (kind == 44) {
			header[1] = (u8)random_u32();
			header[3] = one_in(2) ? 0 : (u8)below(16);
		}
	}
}

/* What keeps an IPv6 link alive, and its neighbours. */
static struct build random_link_local(void)
{
	static const u8 ttls[] = { 1, 1, 1, 2, 254, 255, 255, 255 };
	static const u8 types[] = { 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 142,
				    143, 144 };
	struct build b = { .family = 6, .protocol = one_in(4) ? 17 : 58, .payload = below(20) };

	b.src = one_in(4) ? random_address(6) : "fe80::1";
	b.ttl = PICK(ttls);
	b.icmp_type = PICK(types);
	b.dport = 545 + (u16)below(3);
	return b;
}

static struct build random_build(void)
{
	static const u8 protocols[] = { 6, 6, 6, 6, 17, 17, 17, 1, 58, 58, 50, 59, 47 };
	static const u16 ports[] = { 53, 67, 68, 80, 546 };
	struct build b = { .family = one_in(2) ? 4 : 6, .protocol = PICK(protocols) };

	if (one_in(20))
		return random_link_local();
	if (b.protocol == 17 && b.family == 4 && one_in(4)) {
		b.src = "0.0.0.0";
		b.sport = 67 + (u16)below(2);
		b.dport = 67 + (u16)below(2);
		return b;
	}
	if (one_in(3))
		b.src = random_address(b.family);
	if (one_in(8))
		b.dst = random_address(b.family);
	b.tcp_flags = one_in(2) ? (u8)random_u32() : one_in(2) ? PS_TCP_SYN : PS_TCP_ACK;
	b.sport = one_in(2) ? PICK(ports) : 0;
	b.dport = one_in(2) ? PICK(ports) : 0;
	b.icmp_type = one_in(2) ? 1 + (u8)below(15) : 0;
	b.payload = one_in(2) ? below(one_in(4) ? 250 : 40) : 0;
	return b;
}

/* Make one place of the packet wrong, or differently right. */
static void random_bend(struct frame *f)
{
	static const u16 values[] = { 0, 1, 5, 7, 8, 20, 39, 40, 0xff, 0x7fff, 0xffff };
	u32 header[] = { 0, f->network, f->network, f->transport, f->transport, f->next };
	u32 at = PICK(header) + below(24);

	if (at + 2 > f->length)
		return;
	switch (below(8)) {
	case 0:
		f->data[at] ^= (u8)(1U << below(8));
		break;
	case 1:
		f->data[at] = (u8)random_u32();
		break;
	case 2:
		put16(f->data + at, PICK(values));
		break;
	case 3:
		put16(f->data + at, get16(f->data + at) + below(17) - 8);
		break;
	case 4:
		f->length -= below(one_in(2) ? f->length : min(f->length, 9U));
		break;
	default:	/* a field of a TCP or UDP header */
		at = f->transport + 2 * below(8);
		if (at + 2 <= f->length)
			put16(f->data + at, one_in(2) ? PICK(values) : random_u32());
		break;
	}
}

/* Right checksum of the IPv4 header: or nothing behind it would be looked at. */
static void random_fix_ipv4(struct frame *f)
{
	u8 *ip = f->data + f->network;
	u32 size = (ip[0] & 15) * 4U;

	if (ip[0] >> 4 != 4 || size < 20 || f->network + size > f->length)
		return;
	put16(ip + 10, 0);
	put16(ip + 10, frame_sum(0, ip, size));
}

static void random_link(struct frame *f)
{
	u32 n = one_in(8) ? 5 : 1 + below(4), i;

	if (one_in(2)) {
		wrap_pppoe(f);
		n--;
		if (one_in(3)) {	/* compress the protocol field */
			memmove(f->data + 6, f->data + 7, f->length - 7);
			f->length--;
			f->network--;
			f->next--;
			f->transport--;
			put16(f->data + 4, f->length - 6);
		}
	}
	for (i = 0; i < n; i++)
		wrap_vlan(f, one_in(2) ? FRAME_VLAN : FRAME_SVLAN,
			  (u16)(one_in(3) ? 0xe000 : random_u32()));
}

static void random_frame(struct frame *f)
{
	struct build b = random_build();
	u32 bends = one_in(3) ? 0 : 1 + below(3);

	*f = build(b);
	if (b.protocol == 6 && one_in(2))
		random_tcp_options(f);
	if (b.family == 4 && one_in(4))
		random_ipv4_options(f);
	if (b.family == 6 && one_in(2))
		random_extensions(f);
	if (one_in(4))
		make_fragment(f, one_in(2) ? 0 : one_in(2) ? 1 + below(3) : 8180 + below(12),
			      one_in(2), (u16)random_u32());
	if (b.family == 6 && one_in(10))
		random_extensions(f);
	if (one_in(8) && f->length > f->transport)	/* end within the transport header */
		f->length = min(f->length, f->transport + below(24));
	if (one_in(2))
		frame_fix(f);
	if (b.protocol == 17 && one_in(8))		/* no UDP checksum */
		put16(f->data + f->transport + 6, 0);
	if (one_in(4))
		random_link(f);
	f->length += one_in(4) ? below(20) : 0;
	f->flags = one_in(8) ? (u8)below(8) & ~PS_VIEW_OTHER_HOST : 0;
	f->flags |= one_in(500) ? PS_VIEW_OTHER_HOST : 0;
	f->vlan = one_in(4) ? (u16)below(4095) : 0;
	if (one_in(50))
		f->ethertype = PICK(((u16[]){ 0x0800, 0x86dd, 0x0806, 0x8100, 0x8864, 0x9100 }));
	while (bends--)
		random_bend(f);
	if (!one_in(10))
		random_fix_ipv4(f);
}

#endif
