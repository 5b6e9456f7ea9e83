// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DSR mode (SPEC 5.6): the answers go another way, so that incoming SYNs open
 * the sessions, no cookie is sent or checked, and nobody's TTL is learned.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST
#define FIN	(PS_TCP_FIN | PS_TCP_ACK)

static void dsr(void)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	other->config.option[PS_OPTION_dsr_mode] = 1;
	host->frame.can_offer = host->frame.is_valid = true;
}

static void assert_no_cookies(void)
{
	assert_int_equal(host->frame.offers, 0);
	assert_int_equal(host->frame.checks, 0);
}

static void test_syns_open_sessions(void **state)
{
	dsr();
	assert_why(receive_tcp(SYN), syn_open);
	assert_string_equal(moved(), "rx_total syn unknown_ttl newconns delivered");
	assert_why(receive_tcp(ACK), established);
	assert_string_equal(moved(), "rx_total ack established delivered");
	assert_why(receive_tcp(FIN), established);
	assert_why(receive_tcp(RST), established);
	/* Sent again, it opens nothing new. */
	assert_why(receive_tcp(SYN), established);
	assert_string_equal(moved(), "rx_total syn established delivered");
	/* Nothing else opens any. */
	assert_why(receive((struct build){ .sport = 2 }), unmatched_open);
	assert_why(receive((struct build){ .sport = 2, .tcp_flags = SYN | ACK }), unmatched_open);
	assert_why(receive((struct build){ .sport = 2, .tcp_flags = RST }), unmatched_open);
	assert_int_equal(table_used(host->engine.tcp), 1);
}

static void test_matching_packets_refresh(void **state)
{
	u32 i;

	dsr();
	toggle(other, PS_PROTECT_UNMATCHED, true);
	receive_tcp(SYN);
	for (i = 0; i < 5; i++) {
		pass(ACK_TIMEOUT * SECOND);
		assert_why(receive_tcp(ACK), established);
		pass(RST_TIMEOUT * SECOND);
		assert_why(receive_tcp(RST), established);
	}
	pass((ACK_TIMEOUT + 1) * SECOND);
	assert_why(receive_tcp(ACK), unmatched_ack);
}

static void test_unmatched_packets(void **state)
{
	dsr();
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	assert_why(receive_tcp(ACK), unmatched_open);
	assert_why(receive_tcp(RST), unmatched_open);
	toggle(other, PS_PROTECT_UNMATCHED, true);
	assert_why(receive_tcp(ACK), unmatched_ack);
	assert_string_equal(moved(), "rx_total ack unknown_ttl unmatched drop_ack");
	assert_why(receive_tcp(RST), unmatched_rst);
	assert_why(receive_tcp(FIN), unmatched_ack);
	/* What no cookie was sent for brings none back. */
	assert_no_cookies();
}

static void test_syns_are_policed_while_on(void **state)
{
	u32 i, opened = 0;

	dsr();
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	set_rates(other, PS_PROTECT_NEW_COOKIE, 1000000, 100);
	for (i = 0; i < 50; i++)
		opened += receive((struct build){ .sport = 1000 + i, .tcp_flags = SYN }) ==
			  PS_REASON_syn_within_rate;
	assert_int_equal(opened, 10);
	assert_why(host->verdict.reason, syn_rate);
	assert_string_equal(moved(), "rx_total syn unknown_ttl drop_syn");
	/* Those that were dropped have opened nothing. */
	assert_int_equal(table_used(host->engine.tcp), 10);
	pass(SECOND / 100);
	assert_why(receive_tcp(SYN), syn_within_rate);
	assert_string_equal(moved(), "rx_total syn unknown_ttl newconns delivered");
	assert_why(receive_tcp(SYN), established);
	assert_why(receive_tcp(SYN), syn_excess);
	assert_no_cookies();
}

static void test_no_ttl_is_learned(void **state)
{
	dsr();
	receive_tcp(SYN);
	assert_why(receive((struct build){ .ttl = 40 }), established);
	pass(50 * SECOND);
	assert_why(receive((struct build){ .ttl = 41 }), established);
	pass(50 * SECOND);
	assert_why(receive((struct build){ .ttl = 41 }), established);
	assert_int_equal(table_used(host->engine.ttl), 0);
	toggle(other, PS_PROTECT_UNKNOWN_TTL, true);
	assert_why(receive((struct build){ .sport = 2, .tcp_flags = SYN }), ttl_unknown);
	assert_int_equal(table_used(host->engine.tcp), 1);
}

static void test_lists_and_own_connections_are_as_ever(void **state)
{
	dsr();
	set_tcp_port(other, 81, PS_PORT_ALLOW);
	assert_why(receive((struct build){ .dport = 81, .tcp_flags = SYN }), allowed_tcp_port);
	assert_why(receive((struct build){ .dport = 82, .tcp_flags = SYN }), closed_tcp_port);
	assert_int_equal(table_used(host->engine.tcp), 0);
	send_back((struct build){ .dport = 82, .tcp_flags = SYN }, PS_SENDER_OTHER);
	assert_why(receive((struct build){ .dport = 82, .tcp_flags = SYN | ACK }), related_tcp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_syns_open_sessions),
		BOTH(test_matching_packets_refresh),
		BOTH(test_unmatched_packets),
		BOTH(test_syns_are_policed_while_on),
		BOTH(test_no_ttl_is_learned),
		BOTH(test_lists_and_own_connections_are_as_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
