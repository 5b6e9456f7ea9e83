// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6 extension headers and fragments: for every rule a packet that breaks it
 * and its neighbours that don't.
 */
#include "packet_assert.h"

#define HOP_BY_HOP	0
#define ROUTING		43
#define FRAGMENT	44
#define DESTINATION	60

static void extension_headers_are_walked(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);
	struct ps_packet p;

	(void)state;
	insert_extension(&f, HOP_BY_HOP, 8);
	insert_extension(&f, DESTINATION, 264);
	insert_extension(&f, ROUTING, 24)[2] = 4;
	insert_extension(&f, FRAGMENT, 8);
	insert_extension(&f, DESTINATION, 8);
	assert_fit(f);
	p = frame_parse(&f);
	assert_int_equal(p.transport, 40 + 8 + 264 + 24 + 8 + 8);
	assert_int_equal(p.protocol, PS_PROTOCOL_TCP);
	assert_true(ps_packet_checksum(&p, f.data));
}

static void hop_by_hop_comes_first_and_fragment_once(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);

	(void)state;
	insert_extension(&f, DESTINATION, 8);
	insert_extension(&f, HOP_BY_HOP, 8);
	assert_reason(f, ipv6_extension);
	f = build_ipv6_tcp(PS_TCP_ACK);
	insert_extension(&f, HOP_BY_HOP, 8);
	insert_extension(&f, HOP_BY_HOP, 8);
	assert_reason(f, ipv6_extension);
	f = build_ipv6_tcp(PS_TCP_ACK);
	insert_extension(&f, FRAGMENT, 8);
	assert_fit(f);
	insert_extension(&f, FRAGMENT, 8);
	assert_reason(f, ipv6_extension);
}

static void routing_header_type_0_is_invalid(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);
	u8 *header = insert_extension(&f, ROUTING, 24);

	(void)state;
	assert_reason(f, ipv6_routing_type0);
	header[3] = 1;
	assert_reason(f, ipv6_routing_type0);
	header[2] = 2;
	assert_fit(f);
}

/* RFC 8200 8.1: the checksum of a packet on its way elsewhere is for the final destination. */
static void detoured_packets_have_no_checksum_to_verify(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK), u = build_ipv6_udp(53, 4);
	u8 *header = insert_extension(&f, ROUTING, 24);

	(void)state;
	header[2] = 4;
	assert_int_not_equal(frame_parse(&f).checksum, 0);
	header[3] = 1;
	assert_fit(f);
	assert_int_equal(frame_parse(&f).checksum, 0);
	header = insert_extension(&u, ROUTING, 24);
	header[2] = 4;
	header[3] = 1;
	put16(u.data + u.transport + 6, 0);
	assert_reason(u, udp_checksum);
}

static void eight_extension_headers_are_enough(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);
	int i;

	(void)state;
	for (i = 0; i < PS_IPV6_EXTENSIONS_MAX; i++)
		insert_extension(&f, DESTINATION, 8);
	assert_fit(f);
	insert_extension(&f, DESTINATION, 8);
	assert_reason(f, ipv6_extension_count);
}

static void headers_must_lie_within_the_first_bytes(void **state)
{
	struct frame f = build_ipv6_udp(53, 0);

	(void)state;
	insert_extension(&f, DESTINATION, PS_HEADERS_MAX - 48);
	assert_fit(f);
	assert_int_equal(frame_parse(&f).transport + 8, PS_HEADERS_MAX);
	f = build_ipv6_udp(53, 0);
	insert_extension(&f, DESTINATION, PS_HEADERS_MAX - 40);
	assert_reason(f, ipv6_extension_count);
	f = build_ipv6_udp(53, 0);
	insert_extension(&f, DESTINATION, 2048);
	assert_reason(f, ipv6_extension_count);
}

static void truncated_extension_header_is_invalid(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);

	(void)state;
	insert_extension(&f, DESTINATION, 16);
	f.length = 40 + 15;
	frame_fix(&f);
	assert_reason(f, ipv6_extension);
	f.length = 40 + 7;
	frame_fix(&f);
	assert_reason(f, ipv6_extension);
	f.length = 40 + 16;
	frame_fix(&f);
	assert_reason(f, tcp_header);
}

static void other_protocols_end_the_walk(void **state)
{
	static const u8 protocols[] = { 0, 2, 47, 50, 51, 59, 89, 135, 139, 140, 255 };
	struct frame f;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		f = build_ipv6_tcp(PS_TCP_SYN | PS_TCP_FIN);
		if (protocols[i]) {
			f.data[6] = protocols[i];
			assert_fit(f);
			assert_int_equal(frame_parse(&f).protocol, protocols[i]);
			assert_int_equal(frame_parse(&f).transport, 40);
			assert_int_equal(frame_parse(&f).checksum, 0);
		}
		f = build_ipv4_tcp(PS_TCP_SYN | PS_TCP_FIN);
		f.data[9] = protocols[i];
		frame_fix(&f);
		assert_fit(f);
		assert_int_equal(frame_parse(&f).dport, 0);
	}
}

static void first_fragments_are_judged_like_whole_packets(void **state)
{
	struct frame f;
	int family;

	(void)state;
	for (family = 4; family <= 6; family += 2) {
		f = build((struct build){ .family = family, .dport = 443, .payload = 4 });
		make_fragment(&f, 0, true, 0x1234);
		assert_fit(f);
		assert_int_equal(frame_parse(&f).fragment, PS_FRAGMENT_FIRST);
		assert_int_equal(frame_parse(&f).fragment_id, 0x1234);
		assert_int_equal(frame_parse(&f).dport, 443);
		assert_int_equal(frame_parse(&f).checksum, 0);
		f.data[f.transport + 13] = PS_TCP_SYN | PS_TCP_FIN;
		assert_reason(f, tcp_flags_syn_fin);
		f.data[f.transport + 13] = PS_TCP_SYN;
		assert_reason(f, tcp_syn_data);
		f.data[f.transport + 13] = PS_TCP_RST;
		assert_reason(f, tcp_rst_data);
		f = build((struct build){ .family = family, .protocol = 17, .payload = 8 });
		put16(f.data + f.transport + 4, 4000);
		put16(f.data + f.transport + 6, 0);
		assert_reason(f, udp_length);
		make_fragment(&f, 0, true, 1);
		put16(f.data + f.transport + 4, 4000);
		put16(f.data + f.transport + 6, 0);
		assert_fit(f);
	}
}

/* More data is to come, even if the first fragment has none itself. */
static void first_fragment_of_a_syn_has_data(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_SYN);

	(void)state;
	insert_tcp_options(&f, "\x02\x04\x05\xb4", 4);
	assert_fit(f);
	make_fragment(&f, 0, true, 1);
	assert_reason(f, tcp_syn_data);
	f.data[f.transport + 13] = PS_TCP_SYN | PS_TCP_ACK;
	assert_fit(f);
}

static void first_fragment_holds_the_transport_header(void **state)
{
	static const struct {
		int protocol;
		u32 header;
	} cases[] = { { 6, 24 }, { 17, 8 }, { 1, 8 }, { 58, 8 } };
	struct frame f;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		f = build((struct build){ .family = i % 2 ? 6 : 4,
					  .protocol = cases[i / 2].protocol });
		if (cases[i / 2].protocol == PS_PROTOCOL_TCP)
			insert_tcp_options(&f, "\x01\x01\x01\x01", 4);
		make_fragment(&f, 0, true, 1);
		assert_fit(f);
		f.length -= 8;
		frame_fix(&f);
		if (cases[i / 2].protocol == (i % 2 ? PS_PROTOCOL_ICMP : PS_PROTOCOL_ICMPV6))
			assert_fit(f);
		else
			assert_reason(f, fragment_tiny);
	}
}

static void first_fragment_holds_its_extension_headers(void **state)
{
	struct frame f = build_ipv6_udp(53, 0);

	(void)state;
	make_fragment(&f, 0, true, 1);
	insert_extension(&f, DESTINATION, 16);
	assert_fit(f);
	f.length = 40 + 8 + 8;
	frame_fix(&f);
	assert_reason(f, fragment_tiny);
	f.length = 40 + 8;
	frame_fix(&f);
	assert_reason(f, fragment_tiny);
}

static void later_fragments_have_no_transport_header(void **state)
{
	struct frame f;
	int family;

	(void)state;
	for (family = 4; family <= 6; family += 2) {
		f = build((struct build){ .family = family, .protocol = 17, .ttl = 9 });
		make_fragment(&f, 1, false, 7);
		assert_fit(f);
		assert_int_equal(frame_parse(&f).fragment, PS_FRAGMENT_LATER);
		assert_int_equal(frame_parse(&f).fragment_id, 7);
		assert_int_equal(frame_parse(&f).protocol, 17);
		assert_int_equal(frame_parse(&f).transport, 0);
		assert_int_equal(frame_parse(&f).checksum, 0);
		assert_int_equal(frame_parse(&f).dport, 0);
		assert_int_equal(frame_parse(&f).end, f.length);
	}
	f = build((struct build){ .src = "127.0.0.1" });
	make_fragment(&f, 100, false, 7);
	assert_reason(f, source_loopback);
	f = build_ipv6_tcp(PS_TCP_ACK);
	make_fragment(&f, 100, false, 7);
	f.data[f.next] = DESTINATION;
	assert_fit(f);
	assert_int_equal(frame_parse(&f).protocol, DESTINATION);
}

static void tcp_fragment_at_offset_1_is_invalid(void **state)
{
	struct frame f;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		f = build((struct build){ .family = i < 2 ? 4 : 6, .payload = 4 });
		make_fragment(&f, i % 2 ? 1 : 2, true, 7);
		assert_string_equal(reason_of(&f), i % 2 ? "fragment_offset1" : "undecided");
	}
}

static void fragments_end_within_65535_bytes(void **state)
{
	struct frame f = build_ipv4_udp(53, 0);

	(void)state;
	make_fragment(&f, 8188, false, 1);	/* 20 + 65504 + 8 */
	assert_fit(f);
	insert_ipv4_options(&f, "\x01\x01\x01\x01", 4);
	assert_reason(f, fragment_length);
	f = build_ipv6_udp(53, 7);		/* 65520 + 15 */
	make_fragment(&f, 8190, false, 1);
	assert_fit(f);
	f = build_ipv6_udp(53, 8);
	make_fragment(&f, 8190, false, 1);
	assert_reason(f, fragment_length);
	f = build_ipv6_udp(53, 7);
	insert_extension(&f, DESTINATION, 8);
	make_fragment(&f, 8190, false, 1);
	assert_reason(f, fragment_length);
}

static void fragments_but_the_last_are_multiples_of_8(void **state)
{
	struct frame f = build_ipv6_udp(53, 4);

	(void)state;
	make_fragment(&f, 2, true, 1);
	assert_reason(f, fragment_length);
	f = build_ipv6_udp(53, 4);
	make_fragment(&f, 2, false, 1);
	assert_fit(f);
	f = build_ipv4_udp(53, 4);
	make_fragment(&f, 2, true, 1);
	assert_reason(f, fragment_length);
	f = build_ipv4_udp(53, 4);
	make_fragment(&f, 2, false, 1);
	assert_fit(f);
}

static void atomic_fragments_are_whole_packets(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_SYN);

	(void)state;
	make_fragment(&f, 0, false, 99);
	assert_fit(f);
	assert_int_equal(frame_parse(&f).fragment, PS_FRAGMENT_NONE);
	assert_int_not_equal(frame_parse(&f).checksum, 0);
	f.data[43] = 6;		/* the reserved bits */
	assert_int_equal(frame_parse(&f).fragment, PS_FRAGMENT_NONE);
	f = build_ipv4_tcp(PS_TCP_SYN);
	f.data[6] = 0xc0;	/* don't fragment, and the reserved bit */
	frame_fix(&f);
	assert_int_equal(frame_parse(&f).fragment, PS_FRAGMENT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extension_headers_are_walked),
		cmocka_unit_test(hop_by_hop_comes_first_and_fragment_once),
		cmocka_unit_test(routing_header_type_0_is_invalid),
		cmocka_unit_test(detoured_packets_have_no_checksum_to_verify),
		cmocka_unit_test(eight_extension_headers_are_enough),
		cmocka_unit_test(headers_must_lie_within_the_first_bytes),
		cmocka_unit_test(truncated_extension_header_is_invalid),
		cmocka_unit_test(other_protocols_end_the_walk),
		cmocka_unit_test(first_fragments_are_judged_like_whole_packets),
		cmocka_unit_test(first_fragment_of_a_syn_has_data),
		cmocka_unit_test(first_fragment_holds_the_transport_header),
		cmocka_unit_test(first_fragment_holds_its_extension_headers),
		cmocka_unit_test(later_fragments_have_no_transport_header),
		cmocka_unit_test(tcp_fragment_at_offset_1_is_invalid),
		cmocka_unit_test(fragments_end_within_65535_bytes),
		cmocka_unit_test(fragments_but_the_last_are_multiples_of_8),
		cmocka_unit_test(atomic_fragments_are_whole_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
