// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The header walk as a whole, link and IPv4 headers: for every rule a packet
 * that breaks it and its neighbours that don't. Extension headers and fragments
 * are in test_packet_ip.c, addresses and what passes unjudged in
 * test_packet_rules.c, views cut short in test_packet_payload.c, the rest in
 * test_transport.c.
 */
#include "packet_assert.h"

#define VLAN_PRIORITY	0x6000

static void frames_that_are_not_ip_pass(void **state)
{
	static const u16 ethertypes[] = { 0x0806, 0x88cc, 0x8863, 0x9100, 0x0026, 0x8847 };
	struct frame f = build_ipv4_tcp(PS_TCP_SYN);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ethertypes); i++) {
		f.ethertype = ethertypes[i];
		assert_reason(f, not_ip);
	}
	wrap_vlan(&f, FRAME_VLAN, 5);
	assert_reason(f, not_ip);
	assert_int_equal(frame_parse(&f).vlan, 5);
}

static void frames_for_another_host_pass_before_anything_else(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_SYN | PS_TCP_FIN);

	(void)state;
	f.flags = PS_VIEW_OTHER_HOST;
	assert_reason(f, other_host);
	f.ethertype = 0x0806;
	assert_reason(f, other_host);
	f.flags = 0;
	assert_reason(f, not_ip);
}

static void vlan_tags_are_walked(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);
	struct ps_packet p;

	(void)state;
	wrap_vlan(&f, FRAME_VLAN, VLAN_PRIORITY | 200);
	wrap_vlan(&f, FRAME_SVLAN, 100);
	p = frame_parse(&f);
	assert_int_equal(p.reason, PS_REASON_UNDECIDED);
	assert_int_equal(p.vlan, 100);
	assert_int_equal(p.network, 8);
	assert_int_equal(p.transport, 48);
	f.vlan = 7;
	assert_int_equal(frame_parse(&f).vlan, 7);
	f.vlan = PS_VLAN_NONE;
	put16(f.data, VLAN_PRIORITY);
	assert_int_equal(frame_parse(&f).vlan, 200);
	wrap_vlan(&f, FRAME_VLAN, 3);
	wrap_vlan(&f, FRAME_VLAN, 4);
	assert_fit(f);
	wrap_vlan(&f, FRAME_VLAN, 5);
	assert_reason(f, link_header);
}

static void truncated_vlan_tag_is_invalid(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_ACK);

	(void)state;
	wrap_vlan(&f, FRAME_VLAN, 5);
	f.length = 3;
	assert_reason(f, link_header);
	f.length = 4;
	assert_reason(f, ip_header_length);
}

static void pppoe_is_walked(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_ACK), six = build_ipv6_udp(53, 4);

	(void)state;
	wrap_pppoe(&f);
	assert_fit(f);
	assert_int_equal(frame_parse(&f).network, 8);
	wrap_pppoe(&six);
	wrap_vlan(&six, FRAME_VLAN, 9);
	assert_fit(six);
	f.data[0] = 0x12;
	assert_reason(f, link_header);
	f.data[0] = 0x11;
	f.data[1] = 0xa7;
	assert_reason(f, link_header);
	f.data[1] = 0;
	put16(f.data + 6, 0xc021);
	assert_reason(f, not_ip);
	put16(f.data + 6, 0x57);
	assert_reason(f, ip_version);
}

static void pppoe_length_bounds_the_packet(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_ACK);

	(void)state;
	wrap_pppoe(&f);
	f.length += 6;
	assert_fit(f);
	put16(f.data + 4, 42 + 7);
	assert_reason(f, link_header);
	put16(f.data + 4, 42 + 6);
	assert_fit(f);
	put16(f.data + 4, 41);
	assert_reason(f, ip_length);
	put16(f.data + 4, 2);
	assert_reason(f, ip_header_length);
	put16(f.data + 4, 1);
	assert_reason(f, link_header);
	f.data[6] = 0x21;
	assert_reason(f, ip_header_length);
	put16(f.data + 4, 0);
	assert_reason(f, link_header);
	f.length = 5;
	assert_reason(f, link_header);
}

/* RFC 1661 6.5: the leading zero byte of the protocol may be missing. */
static void compressed_ppp_protocol_is_understood(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);

	(void)state;
	wrap_pppoe(&f);
	memmove(f.data + 6, f.data + 7, f.length - 7);
	f.length--;
	put16(f.data + 4, f.length - 6);
	assert_fit(f);
	assert_int_equal(frame_parse(&f).network, 7);
	f.data[6] = 0x23;
	assert_reason(f, not_ip);
}

static void ip_version_must_be_the_announced_one(void **state)
{
	struct frame four = build_ipv4_tcp(PS_TCP_ACK), six = build_ipv6_tcp(PS_TCP_ACK);

	(void)state;
	assert_fit(four);
	assert_fit(six);
	four.ethertype = FRAME_IPV6;
	assert_reason(four, ip_version);
	six.ethertype = FRAME_IPV4;
	assert_reason(six, ip_version);
}

static void ipv4_header_length_is_checked(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_ACK);

	(void)state;
	f.data[0] = 0x44;
	assert_reason(f, ip_header_length);
	f.data[0] = 0x4b;
	assert_reason(f, ip_header_length);
	f.data[0] = 0x4a;
	assert_reason(f, ip_checksum);
	f.length = 19;
	assert_reason(f, ip_header_length);
	f.length = 0;
	assert_reason(f, ip_header_length);
}

static void ip_length_is_checked(void **state)
{
	struct frame four = build_ipv4_tcp(PS_TCP_ACK), six = build_ipv6_tcp(PS_TCP_ACK);

	(void)state;
	put16(four.data + 2, 41);
	frame_fix_checksums(&four);
	assert_reason(four, ip_length);
	put16(four.data + 2, 19);
	frame_fix_checksums(&four);
	assert_reason(four, ip_length);
	put16(four.data + 2, 20);
	frame_fix_checksums(&four);
	assert_reason(four, tcp_header);
	put16(six.data + 4, 21);
	assert_reason(six, ip_length);
	put16(six.data + 4, 0);
	assert_reason(six, tcp_header);
	six.length = 39;
	assert_reason(six, ip_header_length);
}

static void link_padding_is_not_the_packets(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_RST);
	struct ps_packet p;

	(void)state;
	f.length += 6;
	p = frame_parse(&f);
	assert_int_equal(p.reason, PS_REASON_UNDECIDED);
	assert_int_equal(p.end, 40);
	assert_int_equal(p.checksum_end, 40);
	assert_int_equal(p.length, 46);
}

static void super_packets_may_state_no_length(void **state)
{
	struct frame f[2] = { build_ipv4_udp(53, 100), build_ipv6_udp(53, 100) };
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		put16(f[i].data + (i ? 4 : 2), 0);
		put16(f[i].data + f[i].transport + 4, 0);
		frame_fix_checksums(&f[i]);
		assert_string_equal(reason_of(&f[i]), i ? "udp_header" : "ip_length");
		f[i].flags = PS_VIEW_SUPER;
		assert_fit(f[i]);
		assert_int_equal(frame_parse(&f[i]).end, f[i].length);
		assert_int_equal(frame_parse(&f[i]).checksum_end, f[i].length);
	}
}

static void ipv4_header_checksum_is_verified(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_ACK);

	(void)state;
	f.data[8]--;
	assert_reason(f, ip_checksum);
	frame_fix(&f);
	assert_fit(f);
	insert_ipv4_options(&f, "\x94\x04\x00\x00", 4);
	assert_fit(f);
	f.data[23] ^= 1;
	assert_reason(f, ip_checksum);
}

static void ipv4_options_must_be_well_formed(void **state)
{
	static const struct {
		const char bytes[9];
		const char *reason;
	} cases[] = {
		{ "\x01\x01\x01\x01\x01\x01\x01\x01", "undecided" },
		{ "\x00\x44\x00\x83\x01\x01\x01\x01", "undecided" },
		{ "\x44\x08\x05\x00\x00\x00\x00\x00", "undecided" },
		{ "\x44\x09\x05\x00\x00\x00\x00\x00", "ip_options" },
		{ "\x44\x01\x05\x00\x00\x00\x00\x00", "ip_options" },
		{ "\x44\x00\x05\x00\x00\x00\x00\x00", "ip_options" },
		{ "\x01\x01\x01\x01\x01\x01\x01\x44", "ip_options" },
		{ "\x83\x07\x04\x0a\x00\x00\x01\x00", "ip_source_route" },
		{ "\x01\x89\x07\x04\x0a\x00\x00\x01", "ip_source_route" },
		{ "\x07\x07\x04\x0a\x00\x00\x01\x00", "undecided" },
		{ "\x83\x09\x04\x0a\x00\x00\x01\x00", "ip_options" },
	};
	struct frame f;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		f = build_ipv4_udp(53, 3);
		insert_ipv4_options(&f, cases[i].bytes, 8);
		assert_string_equal(reason_of(&f), cases[i].reason);
	}
}

static void fields_are_filled_in(void **state)
{
	struct frame f = build((struct build){ .family = 6, .ttl = 3, .sport = 1, .dport = 65535,
					       .tcp_flags = PS_TCP_ACK | PS_TCP_PSH });
	struct ps_packet p;

	(void)state;
	f.data[f.transport + 13] |= 0xc0;
	p = frame_parse(&f);
	assert_int_equal(p.src.word[0], 0x20010db8);
	assert_int_equal(p.src.word[3], 1);
	assert_int_equal(p.dst.word[3], 2);
	assert_int_equal(p.ttl, 3);
	assert_int_equal(p.protocol, 6);
	assert_int_equal(p.sport, 1);
	assert_int_equal(p.dport, 65535);
	assert_int_equal(p.tcp_flags, PS_TCP_ACK | PS_TCP_PSH);
	assert_int_equal(p.transport, 40);
	assert_int_equal(p.end, 60);
	assert_int_equal(p.checksum, 56);
	assert_int_equal(p.checksum_end, 60);
	assert_int_equal(p.checksum_reason, PS_REASON_tcp_checksum);
	assert_int_equal(p.segments, 1);
	f = build_ipv4_icmp(13);
	p = frame_parse(&f);
	assert_int_equal(p.src.word[2], PS_ADDR_MAPPED);
	assert_int_equal(p.dst.word[3], 0xc6336402);
	assert_int_equal(p.icmp_type, 13);
}

/* The context of an invalid packet is that of its destination. */
static void invalid_packets_have_their_destination(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_SYN | PS_TCP_FIN);

	(void)state;
	assert_int_equal(frame_parse(&f).dst.word[3], 0xc6336402);
	f.data[10] ^= 1;
	assert_int_equal(frame_parse(&f).reason, PS_REASON_ip_checksum);
	assert_int_equal(frame_parse(&f).dst.word[3], 0xc6336402);
	f.data[0] = 0x44;
	assert_int_equal(frame_parse(&f).dst.word[3], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_that_are_not_ip_pass),
		cmocka_unit_test(frames_for_another_host_pass_before_anything_else),
		cmocka_unit_test(vlan_tags_are_walked),
		cmocka_unit_test(truncated_vlan_tag_is_invalid),
		cmocka_unit_test(pppoe_is_walked),
		cmocka_unit_test(pppoe_length_bounds_the_packet),
		cmocka_unit_test(compressed_ppp_protocol_is_understood),
		cmocka_unit_test(ip_version_must_be_the_announced_one),
		cmocka_unit_test(ipv4_header_length_is_checked),
		cmocka_unit_test(ip_length_is_checked),
		cmocka_unit_test(link_padding_is_not_the_packets),
		cmocka_unit_test(super_packets_may_state_no_length),
		cmocka_unit_test(ipv4_header_checksum_is_verified),
		cmocka_unit_test(ipv4_options_must_be_well_formed),
		cmocka_unit_test(fields_are_filled_in),
		cmocka_unit_test(invalid_packets_have_their_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
