// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TTL filter (SPEC 5.4): whose TTLs are learned, who is unknown, what is
 * dropped while it is on, and that it hides nothing from the other protections.
 */
#include "engine_rig.h"

#include "ttl.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST
#define HOUR	3600

static void protect(void)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
}

static void filter(bool on)
{
	protect();
	toggle(other, PS_PROTECT_UNKNOWN_TTL, on);
}

/* A connection by which the network's TTL becomes known. */
static void teach(const char *src, u8 ttl)
{
	const struct build b = { .src = src, .sport = 9, .ttl = ttl };

	protect();
	send_back(b, PS_SENDER_CONNECTED);
	assert_why(receive(b), established);
	send_back((struct build){ .src = src, .sport = 9, .tcp_flags = RST },
		  PS_SENDER_CONNECTED);
}

static bool is_known(const char *src, u8 ttl)
{
	const struct ps_addr addr = parsed(src);

	return ps_ttl_look(host->engine.ttl, ps_ttl_hash(&host->engine.secret, &addr), ttl,
			   (u32)(host->now / SECOND)) == PS_TTL_MATCH;
}

static void test_unknown_is_counted_though_off(void **state)
{
	protect();
	assert_why(receive_tcp(SYN), syn_open);
	assert_string_equal(moved(), "rx_total syn unknown_ttl delivered");
	teach(peer_address(), 64);
	assert_why(receive_tcp(SYN), syn_open);
	assert_string_equal(moved(), "rx_total syn delivered");
	assert_why(receive_tcp(ACK), unmatched_open);
	assert_string_equal(moved(), "rx_total ack unmatched delivered");
	assert_why(receive((struct build){ .ttl = 67, .tcp_flags = RST }), unmatched_open);
	assert_string_equal(moved(), "rx_total rst unknown_ttl unmatched delivered");
	/* Only on protected ports. */
	set_tcp_port(other, 81, PS_PORT_ALLOW);
	receive((struct build){ .dport = 81, .ttl = 99, .tcp_flags = SYN });
	assert_string_equal(moved(), "rx_total whitelisted delivered");
	receive((struct build){ .dport = 82, .ttl = 99, .tcp_flags = SYN });
	assert_string_equal(moved(), "rx_total filtered");
}

static void test_differing_ttls_are_dropped(void **state)
{
	static const struct {
		u8 ttl;
		bool passes;
	} sent[] = { { 61, false }, { 62, true }, { 64, true }, { 66, true }, { 67, false },
		     { 1, false }, { 255, false } };
	u32 i;

	teach(peer_address(), 64);
	filter(true);
	assert_int_equal(status(other), 1U << PS_PROTECT_UNKNOWN_TTL);
	for (i = 0; i < ARRAY_SIZE(sent); i++) {
		const struct build b = { .ttl = sent[i].ttl, .tcp_flags = SYN };

		receive(b);
		assert_int_equal(host->verdict.reason == PS_REASON_syn_open, sent[i].passes);
		if (!sent[i].passes) {
			assert_why(receive(b), ttl_differs);
			assert_string_equal(moved(), "rx_total syn unknown_ttl ttlfiltered");
		}
	}
	assert_why(receive((struct build){ .ttl = 70 }), ttl_differs);
	assert_string_equal(moved(), "rx_total ack unknown_ttl ttlfiltered");
	assert_why(receive((struct build){ .ttl = 70, .tcp_flags = RST }), ttl_differs);
	assert_string_equal(moved(), "rx_total rst unknown_ttl ttlfiltered");
	filter(false);
	assert_why(receive((struct build){ .ttl = 70, .tcp_flags = SYN }), syn_open);
}

static void test_two_values_a_network(void **state)
{
	teach(address(7, 1), 64);
	teach(address(7, 2), 128);
	teach(address(7, 3), 200);
	filter(true);
	assert_why(receive((struct build){ .src = address(7, 4), .ttl = 65, .tcp_flags = SYN }),
		   syn_open);
	assert_why(receive((struct build){ .src = address(7, 5), .ttl = 127, .tcp_flags = SYN }),
		   syn_open);
	/* Within the hour a third doesn't take a place. */
	assert_why(receive((struct build){ .src = address(7, 3), .ttl = 200, .tcp_flags = SYN }),
		   ttl_differs);
	assert_why(receive((struct build){ .src = address(8, 1), .ttl = 64, .tcp_flags = SYN }),
		   ttl_unknown);
}

static void test_unseen_networks_are_policed(void **state)
{
	u32 i, passed = 0;

	filter(true);
	set_rates(other, PS_PROTECT_UNKNOWN_TTL, 1000000, 40);
	for (i = 0; i < 20; i++)
		passed += receive((struct build){ .src = address(i, 1), .tcp_flags = SYN }) ==
			  PS_REASON_syn_open;
	assert_int_equal(passed, 4);
	assert_why(receive_tcp(SYN), ttl_unknown);
	assert_string_equal(moved(), "rx_total syn unknown_ttl ttlfiltered");
	assert_why(receive_tcp(ACK), ttl_unknown);
	pass(SECOND / 40);
	assert_why(receive_tcp(ACK), unmatched_open);
	assert_why(receive_tcp(ACK), ttl_unknown);
	/* By hand, with no rate at all, none passes. */
	set_rates(other, PS_PROTECT_UNKNOWN_TTL, 0, 0);
	pass(SECOND);
	assert_int_equal(count_of((struct build){ .tcp_flags = SYN }, 9, PS_REASON_ttl_unknown), 9);
}

static void test_known_sessions_are_exempt(void **state)
{
	teach(peer_address(), 64);
	filter(true);
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	assert_why(receive((struct build){ .ttl = 100 }), half_open);
	assert_string_equal(moved(), "rx_total ack established delivered");
	assert_why(receive((struct build){ .ttl = 100, .tcp_flags = SYN }), half_open);
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	host->frame.can_offer = true;
	assert_why(receive((struct build){ .ttl = 100, .tcp_flags = SYN }), syncookie);
	assert_string_equal(moved(), "rx_total syn syncookie");
	toggle(other, PS_PROTECT_NEW_COOKIE, false);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	assert_why(receive((struct build){ .ttl = 100 }), established);
	assert_why(receive((struct build){ .ttl = 30, .tcp_flags = SYN }), established);
	assert_why(receive((struct build){ .ttl = 30, .tcp_flags = RST }), established);
	send_back((struct build){ .sport = 3, .tcp_flags = SYN }, PS_SENDER_OTHER);
	assert_why(receive((struct build){ .sport = 3, .ttl = 30 }), related_tcp);
}

static void test_the_filter_comes_before_cookies(void **state)
{
	teach(peer_address(), 64);
	filter(true);
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	host->frame.can_offer = host->frame.is_valid = true;
	assert_why(receive((struct build){ .ttl = 99, .tcp_flags = SYN }), ttl_differs);
	assert_why(receive((struct build){ .ttl = 99 }), ttl_differs);
	assert_why(receive((struct build){ .src = address(1, 1), .tcp_flags = SYN }), ttl_unknown);
	assert_why(receive((struct build){ .src = address(1, 1) }), ttl_unknown);
	assert_int_equal(host->frame.offers + host->frame.checks, 0);
	assert_why(receive_tcp(SYN), syncookie);
	assert_string_equal(moved(), "rx_total syn syncookie");
	assert_why(receive_tcp(ACK), cookie_valid);
	assert_string_equal(moved(), "rx_total ack established newconns delivered");
}

static void test_whose_ttl_is_learned(void **state)
{
	const char *src = peer_address();

	protect();
	receive((struct build){ .ttl = 40, .tcp_flags = SYN });
	receive((struct build){ .ttl = 40 });
	assert_false(is_known(src, 40));
	send_tcp(SYN | ACK, PS_SENDER_OTHER);
	receive((struct build){ .ttl = 40 });
	assert_false(is_known(src, 40));
	send_tcp(ACK, PS_SENDER_CONNECTED);
	/* SYN and RST may come from anybody. */
	receive((struct build){ .ttl = 40, .tcp_flags = SYN });
	receive((struct build){ .ttl = 40, .tcp_flags = RST });
	assert_false(is_known(src, 40));
	receive((struct build){ .ttl = 40 });
	assert_true(is_known(src, 40));
	/* What this host itself opened proves as much. */
	src = address(5, 1);
	send_back((struct build){ .src = src, .dport = 7777, .tcp_flags = SYN }, PS_SENDER_OTHER);
	receive((struct build){ .src = src, .dport = 7777, .ttl = 90,
				.tcp_flags = SYN | ACK });
	assert_true(is_known(src, 90));
}

static void test_values_age_out_after_an_hour(void **state)
{
	u32 minutes;

	protect();
	send_tcp(ACK, PS_SENDER_CONNECTED);
	receive((struct build){ .ttl = 60 });
	pass((HOUR - 1) * SECOND);
	assert_true(is_known(peer_address(), 60));
	pass(60 * SECOND);
	assert_false(is_known(peer_address(), 60));
	/* A session that goes on keeps its TTL known. */
	send_tcp(ACK, PS_SENDER_CONNECTED);
	for (minutes = 0; minutes < 90; minutes++) {
		assert_why(receive((struct build){ .ttl = 60 }), established);
		pass(60 * SECOND);
	}
	assert_true(is_known(peer_address(), 60));
}

static void test_networks(void **state)
{
	static const char *const four[] = { "203.0.113.9", "203.0.113.250", "203.0.112.9" };
	static const char *const six[] = { "2001:db8:9:100::1", "2001:db8:9:1ff:1::",
					   "2001:db8:9:200::1" };
	const char *const *src = host->family == 6 ? six : four;

	teach(src[0], 64);
	filter(true);
	assert_why(receive((struct build){ .src = src[1], .tcp_flags = SYN }), syn_open);
	assert_why(receive((struct build){ .src = src[1], .tcp_flags = SYN, .ttl = 9 }),
		   ttl_differs);
	assert_why(receive((struct build){ .src = src[2], .tcp_flags = SYN }), ttl_unknown);
}

/* What one protection drops is still seen by those behind it. */
static void test_protections_count_independently(void **state)
{
	u32 i;

	filter(true);
	host->frame.can_offer = true;
	set_rates(other, PS_PROTECT_NEW_COOKIE, 100, 50);
	set_rates(other, PS_PROTECT_UNMATCHED, 100, 50);
	for (i = 0; i < 40; i++)
		assert_why(receive_tcp(SYN), ttl_unknown);
	assert_int_equal(status(other), 1U << PS_PROTECT_UNKNOWN_TTL | 1U << PS_PROTECT_NEW_COOKIE);
	for (i = 0; i < 40; i++)
		assert_why(receive_tcp(ACK), ttl_unknown);
	assert_int_equal(status(other), 1U << PS_PROTECT_UNKNOWN_TTL | 1U << PS_PROTECT_NEW_COOKIE |
						1U << PS_PROTECT_UNMATCHED);
	/* And the other way: cookies answer all SYNs, whose TTL is unknown. */
	filter(false);
	set_rates(other, PS_PROTECT_UNKNOWN_TTL, 100, 50);
	for (i = 0; i < 40; i++)
		receive_tcp(SYN);
	assert_why(host->verdict.reason, ttl_unknown);
	assert_true(status(other) & 1U << PS_PROTECT_UNKNOWN_TTL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_unknown_is_counted_though_off),
		BOTH(test_differing_ttls_are_dropped),
		BOTH(test_two_values_a_network),
		BOTH(test_unseen_networks_are_policed),
		BOTH(test_known_sessions_are_exempt),
		BOTH(test_the_filter_comes_before_cookies),
		BOTH(test_whose_ttl_is_learned),
		BOTH(test_values_age_out_after_an_hour),
		BOTH(test_networks),
		BOTH(test_protections_count_independently),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
