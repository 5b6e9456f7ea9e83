// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules over the whole packet: addresses, and what passes unjudged. For every
 * rule a packet that meets it and its neighbours that don't.
 */
#include "packet_assert.h"

#define HOP_BY_HOP	0
#define FRAGMENT	44
#define DESTINATION	60

/* The reason for an IPv4 or IPv6 UDP packet between these addresses. */
static const char *reason_between(const char *src, const char *dst, u8 flags)
{
	struct frame f = build((struct build){ .family = strchr(src, ':') ? 6 : 4, .src = src,
					       .dst = dst, .protocol = 17 });

	f.flags = flags;
	return reason_of(&f);
}

static void source_addresses_are_checked(void **state)
{
	static const struct {
		const char *src;
		const char *reason;
		const char *on_loopback;
	} cases[] = {
		{ "223.255.255.255", "undecided", "undecided" },
		{ "224.0.0.0", "source_multicast", "source_multicast" },
		{ "239.255.255.255", "source_multicast", "source_multicast" },
		{ "240.0.0.0", "undecided", "undecided" },
		{ "255.255.255.254", "undecided", "undecided" },
		{ "255.255.255.255", "source_broadcast", "source_broadcast" },
		{ "126.255.255.255", "undecided", "undecided" },
		{ "127.0.0.0", "source_loopback", "undecided" },
		{ "127.255.255.255", "source_loopback", "undecided" },
		{ "128.0.0.0", "undecided", "undecided" },
		{ "0.0.0.0", "source_unspecified", "undecided" },
		{ "0.0.0.1", "undecided", "undecided" },
		{ "fe80::1", "undecided", "undecided" },
		{ "feff::1", "undecided", "undecided" },
		{ "ff00::", "source_multicast", "source_multicast" },
		{ "ff02::1", "source_multicast", "source_multicast" },
		{ "::", "source_unspecified", "undecided" },
		{ "::1", "source_loopback", "undecided" },
		{ "::2", "undecided", "undecided" },
		{ "1::1", "undecided", "undecided" },
		{ "0:1::", "undecided", "undecided" },
		{ "::7f00:1", "undecided", "undecided" },
		{ "::fffe:127.0.0.1", "undecided", "undecided" },
		{ "1::ffff:127.0.0.1", "undecided", "undecided" },
		{ "::ffff:127.0.0.1", "ipv6_mapped", "ipv6_mapped" },
		{ "::ffff:10.0.0.1", "ipv6_mapped", "ipv6_mapped" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_string_equal(reason_between(cases[i].src, NULL, 0), cases[i].reason);
		assert_string_equal(reason_between(cases[i].src, NULL, PS_VIEW_LOOPBACK),
				    cases[i].on_loopback);
	}
}

static void mapped_destination_is_invalid(void **state)
{
	(void)state;
	assert_string_equal(reason_between("2001:db8::1", "::ffff:10.0.0.1", 0), "ipv6_mapped");
	assert_string_equal(reason_between("2001:db8::1", "::ff:10.0.0.1", 0), "undecided");
}

static void source_must_not_be_the_destination(void **state)
{
	(void)state;
	assert_string_equal(reason_between("10.0.0.1", "10.0.0.1", 0), "ip_land");
	assert_string_equal(reason_between("10.0.0.1", "10.0.0.2", 0), "undecided");
	assert_string_equal(reason_between("11.0.0.1", "10.0.0.1", 0), "undecided");
	assert_string_equal(reason_between("2001:db8::1", "2001:db8::1", 0), "ip_land");
	assert_string_equal(reason_between("2001:db8::1", "2001:db9::1", 0), "undecided");
	assert_string_equal(reason_between("10.0.0.1", "10.0.0.1", PS_VIEW_LOOPBACK),
			    "undecided");
}

static void dhcp_discovery_may_come_from_nowhere(void **state)
{
	struct build dhcp = { .protocol = 17, .src = "0.0.0.0", .dst = "255.255.255.255",
			      .sport = 68, .dport = 67, .payload = 16 };
	struct frame f = build(dhcp);

	(void)state;
	assert_fit(f);
	make_fragment(&f, 0, true, 1);
	assert_reason(f, source_unspecified);
	f = build(dhcp);
	f.data[f.transport + 5] = 200;
	assert_reason(f, udp_length);
	dhcp.sport = 67;
	f = build(dhcp);
	assert_reason(f, source_unspecified);
	dhcp.sport = 68;
	dhcp.dport = 68;
	f = build(dhcp);
	assert_reason(f, source_unspecified);
	dhcp.dport = 67;
	dhcp.protocol = PS_PROTOCOL_TCP;
	f = build(dhcp);
	assert_reason(f, source_unspecified);
	f = build((struct build){ .family = 6, .protocol = 17, .src = "::", .sport = 68,
				  .dport = 67 });
	assert_reason(f, source_unspecified);
}

/* A bad address tells more than a bad transport header. */
static void addresses_come_before_the_transport_header(void **state)
{
	struct frame f = build((struct build){ .src = "127.0.0.1",
					       .tcp_flags = PS_TCP_SYN | PS_TCP_FIN });

	(void)state;
	assert_reason(f, source_loopback);
	assert_int_equal(frame_parse(&f).checksum, 0);
}

static void neighbour_discovery_passes(void **state)
{
	struct build nd = { .family = 6, .protocol = 58, .icmp_type = 135, .ttl = 255,
			    .src = "::", .dst = "ff02::1:ff00:2", .payload = 16 };
	struct frame f = build(nd);
	u8 type;

	(void)state;
	assert_reason(f, neighbour_discovery);
	f.data[f.transport + 2] ^= 1;
	assert_reason(f, neighbour_discovery);
	assert_int_equal(frame_parse(&f).checksum, 0);
	/* Shorter than its header it is none, and is judged. */
	f.length = 48;
	frame_fix(&f);
	assert_reason(f, neighbour_discovery);
	f.length = 47;
	frame_fix(&f);
	assert_reason(f, source_unspecified);
	nd.ttl = 254;
	f = build(nd);
	assert_reason(f, source_unspecified);
	nd.ttl = 255;
	nd.src = NULL;
	for (type = 132; type <= 138; type++) {
		nd.icmp_type = type;
		f = build(nd);
		assert_string_equal(reason_of(&f), type >= 133 && type <= 137 ?
				    "neighbour_discovery" : "undecided");
		insert_extension(&f, type % 2 ? HOP_BY_HOP : FRAGMENT, 8);
		assert_fit(f);
	}
	put16(f.data + 4, 4000);
	assert_reason(f, ip_length);
}

static void multicast_listener_reports_pass(void **state)
{
	struct build mld = { .family = 6, .protocol = 58, .ttl = 1, .src = "fe80::1",
			     .dst = "ff02::16", .payload = 16 };
	struct frame f;
	unsigned int type;

	(void)state;
	for (type = 128; type < 160; type++) {
		mld.icmp_type = (u8)type;
		f = build(mld);
		insert_extension(&f, HOP_BY_HOP, 8);
		assert_string_equal(reason_of(&f), (type >= 130 && type <= 132) || type == 143 ?
				    "multicast_listener" : "undecided");
	}
	mld.icmp_type = 130;
	f = build(mld);
	assert_reason(f, multicast_listener);
	insert_extension(&f, DESTINATION, 8);
	assert_fit(f);
	mld.src = "febf::1";
	f = build(mld);
	assert_reason(f, multicast_listener);
	mld.src = "fec0::1";
	f = build(mld);
	assert_fit(f);
	mld.src = "fe80::1";
	mld.ttl = 2;
	f = build(mld);
	assert_fit(f);
}

static void dhcpv6_answers_pass(void **state)
{
	struct build dhcp = { .family = 6, .protocol = 17, .sport = 547, .dport = 546,
			      .src = "fe80::1", .payload = 8 };
	struct frame f = build(dhcp);

	(void)state;
	assert_reason(f, dhcpv6_client);
	put16(f.data + f.transport + 6, 0);
	assert_reason(f, dhcpv6_client);
	f.length = 47;
	frame_fix(&f);
	assert_reason(f, udp_header);
	f = build(dhcp);
	insert_extension(&f, HOP_BY_HOP, 8);
	assert_fit(f);
	f = build(dhcp);
	make_fragment(&f, 0, true, 1);
	assert_fit(f);
	dhcp.dport = 547;
	f = build(dhcp);
	assert_fit(f);
	dhcp.dport = 546;
	dhcp.src = NULL;
	f = build(dhcp);
	assert_fit(f);
	dhcp.family = 4;
	f = build(dhcp);
	assert_fit(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_addresses_are_checked),
		cmocka_unit_test(mapped_destination_is_invalid),
		cmocka_unit_test(source_must_not_be_the_destination),
		cmocka_unit_test(dhcp_discovery_may_come_from_nowhere),
		cmocka_unit_test(addresses_come_before_the_transport_header),
		cmocka_unit_test(neighbour_discovery_passes),
		cmocka_unit_test(multicast_listener_reports_pass),
		cmocka_unit_test(dhcpv6_answers_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
