// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fragments (SPEC 2.2): the first is judged as its packet would be, later ones
 * follow it, early ones have a budget, and no id gets more than 64 KiB.
 */
#include "engine_rig.h"

#include "fragments.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST

/* A fragment of a packet: @offset and @bytes of payload in units of 8 bytes, but for the last. */
static struct frame piece_of(struct build b, u16 id, u32 offset, bool more)
{
	struct frame f;

	b = complete(b);
	b.payload = b.payload ? b.payload : 36;
	f = build(b);
	make_fragment(&f, offset, more, id);
	return f;
}

static enum ps_reason first(struct build b, u16 id)
{
	struct frame f;

	b.payload = b.protocol == PS_PROTOCOL_UDP ? 40 : 36;
	f = piece_of(b, id, 0, true);
	return host_receive(&f);
}

static enum ps_reason later(struct build b, u16 id)
{
	struct frame f = piece_of(b, id, 7, false);

	return host_receive(&f);
}

static const struct build tcp;
static const struct build udp = { .protocol = PS_PROTOCOL_UDP };

static void test_later_ones_follow_a_delivered_one(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	set_udp_port(other, 80, PS_PORT_ALLOW);
	assert_why(first(tcp, 1), allowed_tcp_port);
	assert_why(later(tcp, 1), followed_fragment);
	assert_string_equal(moved(), "rx_total delivered");
	assert_why(first(udp, 2), allowed_udp_port);
	assert_why(later(udp, 2), followed_fragment);
	/* Known by source, destination, id, and in IPv4 protocol. */
	assert_why(later(tcp, 3), early_fragment);
	assert_why(later((struct build){ .src = address(1, 1) }, 1), early_fragment);
	assert_why(later((struct build){ .dst = address(1, 1) }, 1), early_fragment);
	assert_int_equal(later(udp, 1), host->family == 4 ? PS_REASON_early_fragment :
							    PS_REASON_followed_fragment);
	/* Many of them, in any order. */
	assert_int_equal(first(udp, 9), PS_REASON_allowed_udp_port);
	assert_why(later(udp, 9), followed_fragment);
	assert_why(later(udp, 9), followed_fragment);
}

static void test_later_ones_follow_a_dropped_one(void **state)
{
	assert_why(first(tcp, 1), closed_tcp_port);
	assert_why(later(tcp, 1), fragment_of_dropped);
	assert_string_equal(moved(), "rx_total filtered");
	assert_why(first(udp, 2), closed_udp_port);
	assert_why(later(udp, 2), fragment_of_dropped);
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	toggle(other, PS_PROTECT_UNMATCHED, true);
	assert_why(first(tcp, 3), unmatched_ack);
	assert_why(later(tcp, 3), fragment_of_dropped);
	set_rates(other, PS_PROTECT_SURGE, 1000, 1);
	toggle(other, PS_PROTECT_SURGE, true);
	set_udp_port(other, 80, PS_PORT_ALLOW);
	while (first(udp, 4) != PS_REASON_surge)
		;
	assert_why(first(udp, 5), surge);
	assert_why(later(udp, 5), fragment_of_dropped);
}

static void test_later_ones_follow_an_invalid_one(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	assert_why(first((struct build){ .tcp_flags = SYN | RST }, 1), tcp_flags_syn_rst);
	assert_why(later(tcp, 1), fragment_of_dropped);
	assert_why(first((struct build){ .tcp_flags = RST }, 2), tcp_rst_data);
	assert_why(later(tcp, 2), fragment_of_dropped);
	/* But one that isn't worth anything can't cut another's tail off. */
	assert_why(first(tcp, 3), allowed_tcp_port);
	assert_why(first((struct build){ .tcp_flags = RST }, 3), tcp_rst_data);
	assert_why(later(tcp, 3), followed_fragment);
}

static void test_firsts_meet_sessions(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	toggle(other, PS_PROTECT_UNMATCHED, true);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	assert_why(first(tcp, 1), established);
	assert_why(later(tcp, 1), followed_fragment);
	send_back((struct build){ .protocol = PS_PROTOCOL_UDP, .dport = 4000 }, PS_SENDER_OTHER);
	assert_why(first((struct build){ .protocol = PS_PROTOCOL_UDP, .dport = 4000 }, 2),
		   udp_answer);
	assert_why(later(udp, 2), followed_fragment);
}

/* A response that doesn't fit its packet: the id is in the first fragment. */
static void test_dns_response_in_fragments(void **state)
{
	const struct build dns = { .protocol = PS_PROTOCOL_UDP, .sport = 53, .dport = 4000,
				   .payload = 40 };

	send_back(dns, PS_SENDER_OTHER);
	assert_why(first(dns, 1), dns_answer);
	assert_why(later(dns, 1), followed_fragment);
	assert_why(first(dns, 2), closed_udp_port);
	assert_why(later(dns, 2), fragment_of_dropped);
}

static void test_half_a_minute(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	assert_why(first(tcp, 1), allowed_tcp_port);
	pass(30 * SECOND);
	assert_why(later(tcp, 1), followed_fragment);
	pass(SECOND);
	assert_why(later(tcp, 1), early_fragment);
	/* The first one again prolongs nothing. */
	first(tcp, 2);
	pass(20 * SECOND);
	first(tcp, 2);
	pass(11 * SECOND);
	assert_why(later(tcp, 2), early_fragment);
}

static void test_64_kib_an_id(void **state)
{
	const struct build big = { .protocol = PS_PROTOCOL_UDP, .payload = 4008 - 8 };
	struct frame f;
	u32 i;

	set_udp_port(other, 80, PS_PORT_ALLOW);
	f = piece_of(big, 1, 0, true);
	assert_why(host_receive(&f), allowed_udp_port);
	f = piece_of(big, 1, 600, true);
	for (i = 1; i < PS_FRAGMENTS_BYTES / (big.payload + 8); i++)
		assert_why(host_receive(&f), followed_fragment);
	assert_why(host_receive(&f), fragment_bytes);
	assert_string_equal(moved(), "rx_total filtered");
	/* A small one still has room, until that is used up as well. */
	for (i *= big.payload + 8; i + 48 <= PS_FRAGMENTS_BYTES; i += 48)
		assert_why(later((struct build){ .protocol = PS_PROTOCOL_UDP, .payload = 40 }, 1),
			   followed_fragment);
	assert_why(later((struct build){ .protocol = PS_PROTOCOL_UDP, .payload = 40 }, 1),
		   fragment_bytes);
	/* To the last byte, those of the first one included. */
	f = piece_of(udp, 1, 600, false);
	f.length = f.transport + 8;
	frame_fix(&f);
	for (; i + 8 <= PS_FRAGMENTS_BYTES; i += 8)
		assert_why(host_receive(&f), followed_fragment);
	assert_why(host_receive(&f), fragment_bytes);
	assert_why(first(udp, 2), allowed_udp_port);
	assert_why(later(udp, 2), followed_fragment);
}

static u32 count_later(u16 id, u32 n, enum ps_reason reason)
{
	u32 count = 0;

	while (n--)
		count += later(udp, id) == reason;
	return count;
}

static void test_early_ones_have_a_budget(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	assert_int_equal(count_later(1, 500, PS_REASON_early_fragment), 100);
	assert_string_equal(moved(), "rx_total filtered");
	assert_why(later(udp, 2), orphan_fragment);
	pass(SECOND / 2);
	assert_int_equal(count_later(2, 500, PS_REASON_early_fragment), 50);
	/* Those whose first one comes need none of it. */
	assert_why(first(udp, 3), allowed_udp_port);
	assert_int_equal(count_later(3, 200, PS_REASON_followed_fragment), 200);
	/* Each context has its own. */
	site_at(address(7, 7), 0);
	assert_why(later((struct build){ .dst = address(7, 7) }, 4), early_fragment);
	assert_string_equal(moved(), "rx_total delivered");
	assert_why(later(udp, 4), orphan_fragment);
	host->segments = 3;
	pass(SECOND / 50);
	assert_why(later(udp, 4), orphan_fragment);
	host->segments = 2;
	assert_why(later(udp, 4), early_fragment);
}

static void test_order_reversed(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	assert_why(later(udp, 1), early_fragment);
	assert_why(first(udp, 1), allowed_udp_port);
	assert_why(later(udp, 1), followed_fragment);
}

static void test_lists_come_before_following(void **state)
{
	first(udp, 1);
	assert_why(later(udp, 1), fragment_of_dropped);
	list_source(other, peer_address(), PS_SOURCE_ALLOW);
	assert_why(later(udp, 1), allowed_source);
	list_source(other, peer_address(), PS_SOURCE_DENY);
	assert_why(later(udp, 1), denied_source);
	allow_protocol(other, PS_PROTOCOL_UDP);
	assert_why(later((struct build){ .protocol = PS_PROTOCOL_UDP, .src = address(1, 1) }, 5),
		   allowed_protocol);
}

static void test_atomic_fragments_are_whole_packets(void **state)
{
	struct frame f;

	set_udp_port(other, 80, PS_PORT_ALLOW);
	f = build(complete(udp));
	make_fragment(&f, 0, false, 1);
	assert_why(host_receive(&f), allowed_udp_port);
	assert_why(later(udp, 1), early_fragment);
	assert_int_equal(table_used(host->engine.fragments), 0);
}

/* Whole packets leave no trace, nor do those that aren't ours to judge. */
static void test_whole_packets_are_not_remembered(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	assert_why(receive_tcp(SYN), allowed_tcp_port);
	assert_why(receive((struct build){ .dport = 81 }), closed_tcp_port);
	assert_int_equal(table_used(host->engine.fragments), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_later_ones_follow_a_delivered_one),
		BOTH(test_later_ones_follow_a_dropped_one),
		BOTH(test_later_ones_follow_an_invalid_one),
		BOTH(test_firsts_meet_sessions),
		BOTH(test_dns_response_in_fragments),
		BOTH(test_half_a_minute),
		BOTH(test_64_kib_an_id),
		BOTH(test_early_ones_have_a_budget),
		BOTH(test_order_reversed),
		BOTH(test_lists_come_before_following),
		cmocka_unit_test_setup_teardown(test_atomic_fragments_are_whole_packets,
						setup_ipv6, teardown),
		BOTH(test_whole_packets_are_not_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
