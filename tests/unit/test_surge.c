// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Surge protection (SPEC 5.5): whatever step would deliver a packet, delivery
 * is policed to Y a second, and strangers go first.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define Y	1000U		/* a bucket of 100, of which strangers get half */
#define DEPTH	(Y / 10)

static const struct build udp = { .protocol = PS_PROTOCOL_UDP, .payload = 8 };
static const struct build tcp;

static void surge(bool on)
{
	set_rates(other, PS_PROTECT_SURGE, 1000000, Y);
	toggle(other, PS_PROTECT_SURGE, on);
}

static u32 delivered(struct build b, u32 n)
{
	u32 count = 0;

	while (n--)
		count += ps_reason_info[receive(b)].action == PS_DELIVER;
	return count;
}

static void refill(void)
{
	pass(SECOND);
}

static void test_strangers_get_half(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	assert_int_equal(delivered(udp, 500), 500);
	surge(true);
	assert_int_equal(status(other), 1U << PS_PROTECT_SURGE);
	assert_int_equal(delivered(udp, 500), DEPTH / 2 + 1);
	assert_why(receive(udp), surge);
	assert_string_equal(moved(), "rx_total");
	pass(SECOND / Y);
	assert_int_equal(delivered(udp, 500), 1);
	surge(false);
	assert_int_equal(delivered(udp, 500), 500);
}

static void test_established_get_all(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	surge(true);
	assert_int_equal(delivered(tcp, 500), DEPTH);
	assert_why(receive_tcp(ACK), surge);
	assert_string_equal(moved(), "rx_total ack");
	refill();
	/* What strangers have left is theirs. */
	assert_int_equal(delivered((struct build){ .sport = 9 }, 500), DEPTH / 2 + 1);
	assert_why(host->verdict.reason, surge);
	assert_string_equal(moved(), "rx_total ack");
	assert_int_equal(delivered(tcp, 500), DEPTH / 2 - 1);
}

/* Established sessions, whichever step it is that knows them. */
static void test_who_is_established(void **state)
{
	const struct build own = { .dport = 7777 };
	const struct build cookie = { .sport = 7 };

	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	set_tcp_port(other, 81, PS_PORT_ALLOW);
	send_back((struct build){ .dport = 7777, .tcp_flags = SYN }, PS_SENDER_OTHER);
	send_back((struct build){ .dport = 81 }, PS_SENDER_CONNECTED);
	surge(true);
	assert_int_equal(delivered(own, 500), DEPTH);
	refill();
	assert_int_equal(delivered((struct build){ .dport = 81 }, 500), DEPTH);
	refill();
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	host->frame.is_valid = true;
	/* The bucket is empty for strangers: a valid cookie gets through. */
	delivered((struct build){ .dport = 81, .sport = 1 }, 500);
	assert_why(receive((struct build){ .dport = 81, .sport = 1 }), surge);
	assert_why(receive(cookie), cookie_valid);
	assert_why(receive(cookie), established);
	/* Lists that don't ask for sessions. */
	refill();
	allow_protocol(other, PS_PROTOCOL_TCP);
	assert_int_equal(delivered((struct build){ .dport = 81 }, 500), DEPTH);
	refill();
	list_source(other, peer_address(), PS_SOURCE_ALLOW);
	assert_int_equal(delivered((struct build){ .dport = 81 }, 500), DEPTH);
	refill();
	assert_int_equal(delivered((struct build){ .dport = 81, .sport = 1 }, 500), DEPTH / 2 + 1);
}

static void test_who_is_not(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	send_back(udp, PS_SENDER_OTHER);
	surge(true);
	/* A half-open session admits no more than 16. */
	assert_int_equal(count_of((struct build){ .tcp_flags = SYN }, 16, PS_REASON_half_open), 16);
	assert_int_equal(delivered((struct build){ .tcp_flags = SYN }, 500), DEPTH / 2 + 1 - 16);
	refill();
	assert_int_equal(delivered(udp, 500), DEPTH / 2 + 1);
	refill();
	allow_protocol(other, 47);
	assert_int_equal(delivered((struct build){ .protocol = 47 }, 500), DEPTH / 2 + 1);
}

static void test_fragments_are_strangers(void **state)
{
	struct frame f = build(complete((struct build){ .payload = 36 })), later = f;
	u32 i, count = 0;

	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	surge(true);
	make_fragment(&f, 0, true, 1);
	make_fragment(&later, 7, false, 1);
	assert_why(host_receive(&f), established);
	for (i = 0; i < 500; i++)
		count += host_receive(&later) == PS_REASON_followed_fragment;
	assert_int_equal(count, DEPTH / 2);
	assert_why(host_receive(&later), surge);
	assert_why(host_receive(&f), established);
}

static void test_what_is_dropped_takes_nothing(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	surge(true);
	assert_int_equal(delivered(tcp, 500), 0);
	assert_why(receive_tcp(ACK), closed_tcp_port);
	assert_int_equal(delivered(udp, 500), DEPTH / 2 + 1);
}

/* Nor does it count: a flood that the lists drop is no surge. */
static void test_only_what_would_be_delivered_counts(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	set_rates(other, PS_PROTECT_SURGE, 1000, 500);
	delivered(tcp, 5000);
	assert_int_equal(status(other), 0);
	host->frame.can_offer = true;
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	delivered((struct build){ .tcp_flags = SYN }, 5000);
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE);
	/* max(X/12, 32) in 40 ms. */
	assert_int_equal(delivered(udp, 83), 83);
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE);
	/* The next one switches it on, and is policed already. */
	assert_int_equal(delivered(udp, 500), 500 / 10 / 2 + 1);
	assert_int_equal(status(other), 1U << PS_PROTECT_NEW_COOKIE | 1U << PS_PROTECT_SURGE);
	/* What is policed away counts, or it would go off and on. */
	pass(2 * SECOND);
	delivered(udp, 500);
	assert_true(status(other) & 1U << PS_PROTECT_SURGE);
}

static void test_unjudged_packets_pass(void **state)
{
	struct frame f = build((struct build){ .family = 6, .protocol = PS_PROTOCOL_ICMPV6,
					       .icmp_type = 135, .ttl = 255 });
	u32 i;

	surge(true);
	for (i = 0; i < 500; i++)
		assert_why(host_receive(&f), neighbour_discovery);
}

static void test_no_rate_no_delivery(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	set_rates(other, PS_PROTECT_SURGE, 100, 0);
	delivered(udp, 40);
	assert_true(status(other) & 1U << PS_PROTECT_SURGE);
	assert_int_equal(delivered(udp, 100), 0);
}

/* At 0-0 it can't be switched on by hand; set to that later, it mustn't lock out who set it. */
static void test_no_threshold_no_limit(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	surge(true);
	assert_int_equal(delivered(udp, 500), DEPTH / 2 + 1);
	set_rates(other, PS_PROTECT_SURGE, 0, 0);
	assert_int_equal(status(other), 1U << PS_PROTECT_SURGE);
	assert_int_equal(delivered(udp, 500), 500);
}

static void test_super_packets(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	surge(true);
	host->segments = 40;
	assert_int_equal(delivered(tcp, 10), 2);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_delivered], 80);
	assert_int_equal(other->dropped, 320);
	pass(19 * SECOND / Y);
	assert_int_equal(delivered(tcp, 10), 0);
	pass(SECOND / Y);
	assert_int_equal(delivered(tcp, 10), 1);
	/* One that is more than the bucket holds needs it full. */
	host->segments = 150;
	pass(50 * MS);
	assert_int_equal(delivered(tcp, 10), 0);
	pass(50 * MS);
	assert_int_equal(delivered(tcp, 10), 1);
}

/* Two seconds of ten times Y: Y a second and a bucket, mostly the established one's. */
static void test_two_seconds(void **state)
{
	u32 i, strangers = 0, known = 0;

	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	set_udp_port(other, 80, PS_PORT_ALLOW);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	surge(true);
	for (i = 0; i < 2000; i++) {
		strangers += delivered(udp, 9);
		known += delivered(tcp, 1);
		pass(MS);
	}
	assert_in_range(strangers + known, 2 * Y, 2 * Y + DEPTH);
	/* A packet a millisecond, all that there is: strangers get the bucket's half. */
	assert_int_equal(known, 2000);
	assert_in_range(strangers, 1, DEPTH);
}

static void test_contexts_are_policed_apart(void **state)
{
	struct site *site = site_at(address(3, 3), 0);

	set_udp_port(other, 80, PS_PORT_ALLOW);
	set_udp_port(site, 80, PS_PORT_ALLOW);
	surge(true);
	delivered(udp, 500);
	assert_why(receive(udp), surge);
	assert_int_equal(delivered((struct build){ .protocol = PS_PROTOCOL_UDP,
						   .dst = address(3, 3) }, 500), 500);
	assert_int_equal(status(site), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_strangers_get_half),
		BOTH(test_established_get_all),
		BOTH(test_who_is_established),
		BOTH(test_who_is_not),
		BOTH(test_fragments_are_strangers),
		BOTH(test_what_is_dropped_takes_nothing),
		BOTH(test_only_what_would_be_delivered_counts),
		ONE(test_unjudged_packets_pass),
		BOTH(test_no_rate_no_delivery),
		BOTH(test_no_threshold_no_limit),
		BOTH(test_super_packets),
		BOTH(test_two_seconds),
		BOTH(test_contexts_are_policed_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
