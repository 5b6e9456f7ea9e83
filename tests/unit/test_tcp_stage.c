// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP sessions as packets meet them (SPEC 5.1, 5.3): what opens, establishes,
 * refreshes and ends one, and what becomes of packets that have none.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST
#define FIN	(PS_TCP_FIN | PS_TCP_ACK)
#define SYN_ACK	(PS_TCP_SYN | PS_TCP_ACK)

static const struct build data = { .tcp_flags = ACK | PS_TCP_PSH, .payload = 10 };

static void protect(void)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
}

/* As a server of this host does it. */
static void establish(void)
{
	send_tcp(SYN_ACK, PS_SENDER_OTHER);
	send_tcp(ACK, PS_SENDER_CONNECTED);
}

static u32 sessions(void)
{
	return table_used(host->engine.tcp);
}

static void test_incoming_packets_open_nothing(void **state)
{
	protect();
	assert_why(receive_tcp(SYN), syn_open);
	assert_string_equal(moved(), "rx_total syn unknown_ttl delivered");
	assert_why(receive_tcp(ACK), unmatched_open);
	assert_string_equal(moved(), "rx_total ack unknown_ttl unmatched delivered");
	assert_why(receive(data), unmatched_open);
	assert_why(receive_tcp(SYN_ACK), unmatched_open);
	assert_why(receive_tcp(FIN), unmatched_open);
	assert_string_equal(moved(), "rx_total ack unknown_ttl unmatched delivered");
	assert_why(receive_tcp(RST), unmatched_open);
	assert_string_equal(moved(), "rx_total rst unknown_ttl unmatched delivered");
	assert_int_equal(sessions(), 0);
	assert_int_equal(host->frame.offers + host->frame.checks, 0);
}

static void test_syn_ack_opens_half(void **state)
{
	static const enum ps_sender sender[] = { PS_SENDER_OTHER, PS_SENDER_FORWARDED,
						 PS_SENDER_CONNECTED };
	u32 i;

	protect();
	for (i = 0; i < ARRAY_SIZE(sender); i++) {
		const struct build b = { .sport = 1000 + i, .tcp_flags = SYN_ACK };

		send_back(b, sender[i]);
		assert_string_equal(moved(), "tx_total");
		assert_why(receive((struct build){ .sport = b.sport }), half_open);
		assert_string_equal(moved(), "rx_total ack established delivered");
	}
	assert_int_equal(sessions(), ARRAY_SIZE(sender));
}

static void test_half_open_admits_16(void **state)
{
	static const u8 flags[] = { ACK, SYN, RST, FIN, SYN_ACK };
	u32 i;

	protect();
	toggle(other, PS_PROTECT_UNMATCHED, true);
	send_tcp(SYN_ACK, PS_SENDER_OTHER);
	for (i = 0; i < 16; i++) {
		assert_why(receive_tcp(flags[i % ARRAY_SIZE(flags)]), half_open);
		pass(SECOND);
	}
	assert_why(receive_tcp(ACK), unmatched_ack);
	assert_why(receive_tcp(RST), unmatched_rst);
	assert_why(receive_tcp(SYN), syn_open);
	/* Sent again it admits no more: each spoofed SYN would buy 16 packets. */
	send_tcp(SYN_ACK, PS_SENDER_OTHER);
	assert_why(receive_tcp(ACK), unmatched_ack);
	/* But the session is there, and may still become established. */
	send_tcp(ACK, PS_SENDER_CONNECTED);
	assert_why(receive_tcp(ACK), established);
}

static void test_half_open_counts_segments(void **state)
{
	protect();
	toggle(other, PS_PROTECT_UNMATCHED, true);
	send_tcp(SYN_ACK, PS_SENDER_OTHER);
	host->segments = 10;
	assert_why(receive(data), half_open);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_established], 10);
	assert_why(receive(data), unmatched_ack);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_drop_ack], 10);
	host->segments = 6;
	assert_why(receive(data), half_open);
	host->segments = 1;
	assert_why(receive(data), unmatched_ack);
}

static void test_what_establishes(void **state)
{
	static const struct {
		enum ps_sender sender;
		u32 payload;
		bool establishes;
	} sent[] = {
		{ PS_SENDER_CONNECTED, 0, true },
		{ PS_SENDER_CONNECTED, 1, true },
		{ PS_SENDER_FORWARDED, 1, true },
		{ PS_SENDER_FORWARDED, 0, false },
		{ PS_SENDER_OTHER, 0, false },
		{ PS_SENDER_OTHER, 1, false },
	};
	u32 i;

	protect();
	for (i = 0; i < ARRAY_SIZE(sent); i++) {
		struct build b = { .sport = 1000 + i, .payload = sent[i].payload };

		send_back((struct build){ .sport = b.sport, .tcp_flags = SYN_ACK },
			  PS_SENDER_OTHER);
		send_back(b, sent[i].sender);
		assert_string_equal(moved(), sent[i].establishes ? "newconns tx_total" :
								   "tx_total");
		assert_string_equal(ps_reason_info[receive((struct build){ .sport = b.sport })].name,
				    sent[i].establishes ? "established" : "half_open");
		assert_string_equal(moved(), "rx_total ack established delivered");
		/* It was opened once. */
		send_back(b, sent[i].sender);
		assert_string_equal(moved(), "tx_total");
	}
}

static void test_what_opens_nothing(void **state)
{
	protect();
	set_tcp_port(other, 81, PS_PORT_PROTECT_X);
	send_tcp(ACK, PS_SENDER_OTHER);
	send_tcp(FIN, PS_SENDER_OTHER);
	send_tcp(RST, PS_SENDER_OTHER);
	send_tcp(RST, PS_SENDER_CONNECTED);
	send_tcp(RST | ACK, PS_SENDER_FORWARDED);
	send_tcp(ACK, PS_SENDER_FORWARDED);
	assert_int_equal(sessions(), 0);
	assert_why(receive_tcp(ACK), unmatched_open);
	assert_why(receive((struct build){ .dport = 81 }), unmatched_open);
}

static void test_established_session(void **state)
{
	protect();
	toggle(other, PS_PROTECT_UNMATCHED, true);
	establish();
	assert_why(receive_tcp(ACK), established);
	assert_string_equal(moved(), "rx_total ack established delivered");
	assert_why(receive(data), established);
	assert_why(receive_tcp(FIN), established);
	assert_why(receive_tcp(SYN_ACK), established);
	assert_string_equal(moved(), "rx_total ack established delivered");
	assert_why(receive_tcp(SYN), established);
	assert_string_equal(moved(), "rx_total syn established delivered");
	assert_why(receive_tcp(RST), established);
	assert_string_equal(moved(), "rx_total rst established delivered");
	/* A session has two ends. */
	assert_why(receive((struct build){ .sport = 40001 }), unmatched_ack);
	assert_why(receive((struct build){ .src = address(1, 1) }), unmatched_ack);
	assert_why(receive((struct build){ .dst = address(1, 1) }), unmatched_ack);
}

static void test_blind_packets_end_nothing(void **state)
{
	protect();
	establish();
	assert_why(receive_tcp(RST), established);
	assert_why(receive_tcp(RST | ACK), established);
	assert_why(receive_tcp(FIN), established);
	pass(ACK_TIMEOUT * SECOND);
	assert_why(receive_tcp(ACK), established);
	assert_why(receive_tcp(SYN), established);
	assert_why(receive_tcp(SYN_ACK), established);
	assert_why(receive_tcp(ACK), established);
}

static void test_outgoing_reset_ends(void **state)
{
	protect();
	establish();
	send_tcp(FIN, PS_SENDER_CONNECTED);
	assert_why(receive_tcp(ACK), established);
	send_tcp(RST, PS_SENDER_OTHER);
	assert_why(receive_tcp(ACK), unmatched_open);
	send_tcp(SYN_ACK, PS_SENDER_OTHER);
	send_tcp(RST | ACK, PS_SENDER_FORWARDED);
	assert_why(receive_tcp(ACK), unmatched_open);
	send_tcp(SYN, PS_SENDER_OTHER);
	send_tcp(RST, PS_SENDER_CONNECTED);
	assert_why(receive_tcp(ACK), unmatched_open);
}

static void test_own_connection(void **state)
{
	send_tcp(SYN, PS_SENDER_OTHER);
	assert_string_equal(moved(), "tx_total");
	assert_why(receive_tcp(SYN_ACK), related_tcp);
	assert_string_equal(moved(), "rx_total out_related delivered");
	send_tcp(ACK, PS_SENDER_CONNECTED);
	assert_string_equal(moved(), "tx_total");
	assert_why(receive(data), related_tcp);
	assert_why(receive_tcp(RST), related_tcp);
	assert_why(receive_tcp(FIN), related_tcp);
	assert_why(receive_tcp(SYN), related_tcp);
	/* Only who was asked may answer. */
	assert_why(receive((struct build){ .tcp_flags = SYN_ACK, .sport = 40001 }),
		   closed_tcp_port);
	pass((ACK_TIMEOUT + 1) * SECOND);
	assert_why(receive_tcp(ACK), closed_tcp_port);
}

/* A server's connection goes on when its port is taken off the list. */
static void test_established_on_an_unlisted_port(void **state)
{
	send_tcp(ACK, PS_SENDER_CONNECTED);
	assert_string_equal(moved(), "tx_total");
	assert_why(receive_tcp(ACK), related_tcp);
	assert_string_equal(moved(), "rx_total out_related delivered");
	assert_why(receive_tcp(FIN), related_tcp);
	send_back((struct build){ .sport = 7, .tcp_flags = SYN_ACK }, PS_SENDER_OTHER);
	assert_why(receive((struct build){ .sport = 7 }), closed_tcp_port);
	assert_string_equal(moved(), "rx_total filtered");
}

/* The limit on SYNs is one of protected ports. */
static void test_syns_on_an_unlisted_port(void **state)
{
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	send_tcp(SYN, PS_SENDER_OTHER);
	assert_int_equal(count_of((struct build){ .tcp_flags = SYN }, 5, PS_REASON_related_tcp), 5);
	send_back((struct build){ .sport = 7 }, PS_SENDER_CONNECTED);
	assert_int_equal(count_of((struct build){ .tcp_flags = SYN, .sport = 7 }, 5,
				  PS_REASON_related_tcp), 5);
	assert_int_equal(host->frame.offers, 0);
}

/* Whether a packet finds a session that has been idle for so many seconds. */
static bool finds_after(u8 flags, u32 seconds)
{
	const char *why;

	establish();
	pass(seconds * SECOND);
	why = ps_reason_info[receive_tcp(flags)].name;
	send_tcp(RST, PS_SENDER_CONNECTED);
	return !strcmp(why, "established");
}

static void test_timeouts_of_each_class(void **state)
{
	protect();
	assert_true(finds_after(ACK, ACK_TIMEOUT));
	assert_false(finds_after(ACK, ACK_TIMEOUT + 1));
	assert_true(finds_after(FIN, ACK_TIMEOUT));
	assert_false(finds_after(FIN, ACK_TIMEOUT + 1));
	assert_true(finds_after(SYN_ACK, ACK_TIMEOUT));
	assert_false(finds_after(SYN_ACK, ACK_TIMEOUT + 1));
	assert_true(finds_after(SYN, SYN_TIMEOUT));
	assert_false(finds_after(SYN, SYN_TIMEOUT + 1));
	assert_true(finds_after(RST, RST_TIMEOUT));
	assert_false(finds_after(RST, RST_TIMEOUT + 1));
	assert_true(finds_after(RST | ACK, RST_TIMEOUT));
}

static void test_both_directions_refresh(void **state)
{
	u32 i;

	protect();
	establish();
	for (i = 0; i < 3; i++) {
		pass(ACK_TIMEOUT * SECOND);
		assert_why(receive_tcp(ACK), established);
		pass(ACK_TIMEOUT * SECOND);
		send_tcp(ACK, PS_SENDER_OTHER);
		pass(ACK_TIMEOUT * SECOND);
		send_back(data, PS_SENDER_FORWARDED);
		pass(RST_TIMEOUT * SECOND);
		assert_why(receive_tcp(RST), established);
		pass(SYN_TIMEOUT * SECOND);
		assert_why(receive_tcp(SYN), established);
	}
	pass((ACK_TIMEOUT + 1) * SECOND);
	assert_why(receive_tcp(ACK), unmatched_open);
	/* Dead is dead: what is sent now opens it anew, or nothing. */
	send_tcp(ACK, PS_SENDER_OTHER);
	assert_why(receive_tcp(ACK), unmatched_open);
}

static void test_unmatched_packets(void **state)
{
	static const enum ps_port_class class[] = { PS_PORT_PROTECT_P, PS_PORT_PROTECT_X };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(class); i++) {
		set_tcp_port(other, 80, class[i]);
		toggle(other, PS_PROTECT_UNMATCHED, true);
		assert_int_equal(status(other), 1U << PS_PROTECT_UNMATCHED);
		assert_why(receive_tcp(ACK), unmatched_ack);
		assert_string_equal(moved(), "rx_total ack unknown_ttl unmatched drop_ack");
		assert_why(receive_tcp(FIN), unmatched_ack);
		assert_why(receive_tcp(SYN_ACK), unmatched_ack);
		assert_string_equal(moved(), "rx_total ack unknown_ttl unmatched drop_ack");
		assert_why(receive_tcp(RST), unmatched_rst);
		assert_string_equal(moved(), "rx_total rst unknown_ttl unmatched drop_rst");
		assert_why(receive_tcp(RST | ACK), unmatched_rst);
		assert_why(receive_tcp(SYN), syn_open);
		toggle(other, PS_PROTECT_UNMATCHED, false);
		assert_why(receive_tcp(ACK), unmatched_open);
		assert_why(receive_tcp(RST), unmatched_open);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_incoming_packets_open_nothing),
		BOTH(test_syn_ack_opens_half),
		BOTH(test_half_open_admits_16),
		BOTH(test_half_open_counts_segments),
		BOTH(test_what_establishes),
		BOTH(test_what_opens_nothing),
		BOTH(test_established_session),
		BOTH(test_blind_packets_end_nothing),
		BOTH(test_outgoing_reset_ends),
		BOTH(test_own_connection),
		BOTH(test_established_on_an_unlisted_port),
		BOTH(test_syns_on_an_unlisted_port),
		BOTH(test_timeouts_of_each_class),
		BOTH(test_both_directions_refresh),
		BOTH(test_unmatched_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
