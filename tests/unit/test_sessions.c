// SPDX-License-Identifier: GPL-2.0-or-later
/* The life of a TCP session: who opens it, what it admits, when it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sessions_table.h"

#define KEY	hash_in(3, 1)
#define T	100000U

static struct ps_slots *table;

static int setup(void **state)
{
	table = table_new(8, NULL);
	return 0;
}

static int teardown(void **state)
{
	table_free(table);
	return 0;
}

static void test_incoming_packets_alone_open_nothing(void **state)
{
	assert_int_equal(syn(table, KEY, T), PS_SESSION_NONE);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_NONE);
	assert_int_equal(rst(table, KEY, T), PS_SESSION_NONE);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_NONE);
	assert_int_equal(table_used(table), 0);
}

static void test_answers_of_request_sockets_and_resets_open_nothing(void **state)
{
	assert_int_equal(sent(table, KEY, PS_SENT_OTHER, T), PS_SESSIONS_SAME);
	assert_int_equal(sent(table, KEY, PS_SENT_RST, T), PS_SESSIONS_SAME);
	assert_int_equal(table_used(table), 0);
}

static void test_syn_ack_opens_half_open_and_a_segment_establishes(void **state)
{
	assert_int_equal(sent(table, KEY, PS_SENT_SYN_ACK, T), PS_SESSIONS_OPENED);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_HALF_OPEN);
	assert_int_equal(sent(table, KEY, PS_SENT_OTHER, T), PS_SESSIONS_SAME);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_HALF_OPEN);
	assert_int_equal(sent(table, KEY, PS_SENT_SEGMENT, T + 1), PS_SESSIONS_ESTABLISHED);
	assert_int_equal(ack(table, KEY, T + 1), PS_SESSION_ESTABLISHED);
	assert_int_equal(sent(table, KEY, PS_SENT_SEGMENT, T + 2), PS_SESSIONS_SAME);
	assert_int_equal(table_used(table), 1);
}

static void test_a_segment_alone_establishes_for_connections_older_than_the_shield(void **state)
{
	assert_int_equal(sent(table, KEY, PS_SENT_SEGMENT, T), PS_SESSIONS_ESTABLISHED);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_ESTABLISHED);
}

static void test_half_open_admits_16_packets(void **state)
{
	u32 i;

	sent(table, KEY, PS_SENT_SYN_ACK, T);
	for (i = 0; i < 16; i++)
		assert_int_equal(i % 3 ? ack(table, KEY, T) : syn(table, KEY, T),
				 PS_SESSION_HALF_OPEN);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_EXHAUSTED);
	assert_int_equal(rst(table, KEY, T), PS_SESSION_EXHAUSTED);
	/* Sending the SYN+ACK again buys nothing. */
	assert_int_equal(sent(table, KEY, PS_SENT_SYN_ACK, T + 1), PS_SESSIONS_SAME);
	assert_int_equal(ack(table, KEY, T + 1), PS_SESSION_EXHAUSTED);
	/* The server's word does. */
	sent(table, KEY, PS_SENT_SEGMENT, T + 1);
	assert_int_equal(ack(table, KEY, T + 1), PS_SESSION_ESTABLISHED);
}

static void test_what_is_refused_to_half_open_does_not_keep_it_alive(void **state)
{
	u32 i;

	sent(table, KEY, PS_SENT_SYN_ACK, T);
	for (i = 0; i < 17; i++)
		ack(table, KEY, T);
	assert_int_equal(ack(table, KEY, T + ACK_TIMEOUT), PS_SESSION_EXHAUSTED);
	assert_int_equal(ack(table, KEY, T + ACK_TIMEOUT + 1), PS_SESSION_NONE);
	assert_int_equal(sent(table, KEY, PS_SENT_SYN_ACK, T + ACK_TIMEOUT + 1),
			 PS_SESSIONS_OPENED);
	assert_int_equal(ack(table, KEY, T + ACK_TIMEOUT + 1), PS_SESSION_HALF_OPEN);
}

static void test_a_super_packet_counts_its_segments(void **state)
{
	struct ps_sessions_arrival arrival = { PS_SESSIONS_ACK, 64, 15 };

	sent(table, KEY, PS_SENT_SYN_ACK, T);
	assert_int_equal(ps_sessions_incoming(table, KEY, &arrival, &usual, T).session,
			 PS_SESSION_HALF_OPEN);
	arrival.segments = 2;
	assert_int_equal(ps_sessions_incoming(table, KEY, &arrival, &usual, T).session,
			 PS_SESSION_EXHAUSTED);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_HALF_OPEN);
	arrival.segments = 65535;
	assert_int_equal(ps_sessions_incoming(table, KEY, &arrival, &usual, T).session,
			 PS_SESSION_EXHAUSTED);
}

static void test_each_class_has_its_timeout_since_the_previous_packet(void **state)
{
	sent(table, KEY, PS_SENT_SEGMENT, T);
	assert_int_equal(syn(table, KEY, T + SYN_TIMEOUT + 1), PS_SESSION_NONE);
	assert_int_equal(ack(table, KEY, T + ACK_TIMEOUT + 1), PS_SESSION_NONE);
	assert_int_equal(rst(table, KEY, T + RST_TIMEOUT + 1), PS_SESSION_NONE);
	/* Those three were no packets of the session. */
	assert_int_equal(rst(table, KEY, T + RST_TIMEOUT), PS_SESSION_ESTABLISHED);
	assert_int_equal(ack(table, KEY, T + RST_TIMEOUT + ACK_TIMEOUT), PS_SESSION_ESTABLISHED);
	assert_int_equal(syn(table, KEY, T + RST_TIMEOUT + ACK_TIMEOUT + SYN_TIMEOUT),
			 PS_SESSION_ESTABLISHED);
}

static void test_packets_of_both_directions_refresh(void **state)
{
	u32 now = T, i;

	sent(table, KEY, PS_SENT_SEGMENT, now);
	for (i = 0; i < 100; i++) {
		now += ACK_TIMEOUT;
		if (i % 2)
			assert_int_equal(ack(table, KEY, now), PS_SESSION_ESTABLISHED);
		else
			sent(table, KEY, PS_SENT_OTHER, now);
	}
	/* What isn't proof doesn't raise the dead. */
	sent(table, KEY, PS_SENT_OTHER, now + ACK_TIMEOUT + 1);
	assert_int_equal(ack(table, KEY, now + ACK_TIMEOUT + 1), PS_SESSION_NONE);
}

static void test_incoming_reset_or_fin_never_ends_or_shortens(void **state)
{
	sent(table, KEY, PS_SENT_SEGMENT, T);
	assert_int_equal(rst(table, KEY, T + 1), PS_SESSION_ESTABLISHED);
	assert_int_equal(rst(table, KEY, T + 1), PS_SESSION_ESTABLISHED);
	assert_int_equal(ack(table, KEY, T + 1 + ACK_TIMEOUT), PS_SESSION_ESTABLISHED);
}

static void test_an_outgoing_reset_ends(void **state)
{
	sent(table, KEY, PS_SENT_SEGMENT, T);
	assert_int_equal(sent(table, KEY, PS_SENT_RST, T), PS_SESSIONS_ENDED);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_NONE);
	assert_int_equal(table_used(table), 0);
}

static void test_one_syn_a_second_passes_on_an_established_session(void **state)
{
	u32 second;

	sent(table, KEY, PS_SENT_SEGMENT, T);
	for (second = T; second < T + 20; second++) {
		assert_int_equal(syn(table, KEY, second), PS_SESSION_ESTABLISHED);
		assert_int_equal(syn(table, KEY, second), PS_SESSION_EXCESS);
		/* Other packets in the same second don't make room for one more. */
		assert_int_equal(ack(table, KEY, second), PS_SESSION_ESTABLISHED);
		sent(table, KEY, PS_SENT_SEGMENT, second);
		assert_int_equal(syn(table, KEY, second), PS_SESSION_EXCESS);
	}
	/* A quiet or a busy second later there is room again. */
	assert_int_equal(ack(table, KEY, second), PS_SESSION_ESTABLISHED);
	assert_int_equal(syn(table, KEY, second), PS_SESSION_ESTABLISHED);
}

static void test_a_reused_port_keeps_the_session(void **state)
{
	sent(table, KEY, PS_SENT_SEGMENT, T);
	assert_int_equal(syn(table, KEY, T + 5), PS_SESSION_ESTABLISHED);
	assert_int_equal(sent(table, KEY, PS_SENT_SYN_ACK, T + 5), PS_SESSIONS_SAME);
	assert_int_equal(ack(table, KEY, T + 5), PS_SESSION_ESTABLISHED);
}

static void test_own_sessions(void **state)
{
	assert_int_equal(sent(table, KEY, PS_SENT_SYN, T), PS_SESSIONS_OPENED);
	assert_int_equal(sent(table, KEY, PS_SENT_SYN, T + 1), PS_SESSIONS_SAME);
	assert_int_equal(ack(table, KEY, T + 1), PS_SESSION_OWN);
	assert_int_equal(sent(table, KEY, PS_SENT_SEGMENT, T + 1), PS_SESSIONS_ESTABLISHED);
	assert_int_equal(ack(table, KEY, T + 1), PS_SESSION_OWN);
	/* A cookie or a SYN+ACK (both sides open at once) doesn't take it from us. */
	assert_int_equal(sent(table, KEY, PS_SENT_SYN_ACK, T + 1), PS_SESSIONS_SAME);
	ps_sessions_open(table, KEY, 64, &usual, T + 1);
	assert_int_equal(syn(table, KEY, T + 1), PS_SESSION_OWN);
	assert_int_equal(syn(table, KEY, T + 1), PS_SESSION_EXCESS);
	assert_int_equal(sent(table, KEY, PS_SENT_RST, T + 1), PS_SESSIONS_ENDED);
	assert_int_equal(ack(table, KEY, T + 1), PS_SESSION_NONE);
}

static void test_our_syn_makes_any_session_our_own(void **state)
{
	sent(table, KEY, PS_SENT_SYN_ACK, T);
	sent(table, KEY, PS_SENT_SYN, T);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_OWN);
	sent(table, hash_in(4, 1), PS_SENT_SEGMENT, T);
	sent(table, hash_in(4, 1), PS_SENT_SYN, T);
	assert_int_equal(ack(table, hash_in(4, 1), T), PS_SESSION_OWN);
}

static void test_a_cookie_opens_an_established_session(void **state)
{
	assert_int_equal(ps_sessions_open(table, KEY, 55, &usual, T), PS_SESSIONS_ESTABLISHED);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_ESTABLISHED);
	assert_int_equal(ps_sessions_open(table, KEY, 55, &usual, T), PS_SESSIONS_SAME);
	sent(table, hash_in(4, 1), PS_SENT_SYN_ACK, T);
	assert_int_equal(ps_sessions_open(table, hash_in(4, 1), 55, &usual, T),
			 PS_SESSIONS_ESTABLISHED);
}

static bool learns(enum ps_sessions_timeout class, u8 ttl, u32 now)
{
	return arrive(table, KEY, class, ttl, now).learn;
}

static void test_a_ttl_is_to_be_learned_when_new_or_a_minute_old(void **state)
{
	const u32 now = 64 * 1000;

	sent(table, KEY, PS_SENT_SYN_ACK, now);
	assert_false(learns(PS_SESSIONS_ACK, 55, now));
	sent(table, KEY, PS_SENT_SEGMENT, now);
	assert_false(learns(PS_SESSIONS_SYN, 55, now));
	assert_false(learns(PS_SESSIONS_RST, 55, now));
	assert_true(learns(PS_SESSIONS_ACK, 55, now));
	assert_false(learns(PS_SESSIONS_ACK, 55, now));
	assert_false(learns(PS_SESSIONS_ACK, 55, now + 20));
	assert_true(learns(PS_SESSIONS_ACK, 56, now + 20));
	assert_false(learns(PS_SESSIONS_ACK, 56, now + 63));
	assert_true(learns(PS_SESSIONS_ACK, 56, now + 64));
	assert_false(learns(PS_SESSIONS_ACK, 56, now + 64));
}

static void test_a_cookie_s_ttl_needs_no_second_report(void **state)
{
	const u32 now = 64 * 1000;

	ps_sessions_open(table, KEY, 55, &usual, now);
	assert_false(learns(PS_SESSIONS_ACK, 55, now));
	assert_true(learns(PS_SESSIONS_ACK, 57, now));
}

static void test_known_looks_without_touching(void **state)
{
	u64 before;

	assert_false(known(table, KEY, T));
	sent(table, KEY, PS_SENT_SYN_ACK, T);
	before = table->bucket[3].slot[0];
	assert_true(known(table, KEY, T + ACK_TIMEOUT));
	assert_false(known(table, KEY, T + ACK_TIMEOUT + 1));
	assert_true(table->bucket[3].slot[0] == before);
}

static void test_a_cpu_whose_clock_is_behind_sees_a_session_of_now(void **state)
{
	sent(table, KEY, PS_SENT_SEGMENT, T + 2);
	assert_int_equal(ack(table, KEY, T), PS_SESSION_ESTABLISHED);
	assert_int_equal(syn(table, KEY, T), PS_SESSION_ESTABLISHED);
	assert_int_equal(syn(table, KEY, T), PS_SESSION_EXCESS);
	/* And doesn't set it back. */
	assert_int_equal(ack(table, KEY, T + 2 + ACK_TIMEOUT), PS_SESSION_ESTABLISHED);
}

static void test_a_packet_of_the_same_second_writes_nothing(void **state)
{
	u64 before;

	sent(table, KEY, PS_SENT_SEGMENT, T);
	ack(table, KEY, T);
	before = table->bucket[3].slot[0];
	ack(table, KEY, T);
	sent(table, KEY, PS_SENT_SEGMENT, T);
	rst(table, KEY, T);
	assert_true(table->bucket[3].slot[0] == before);
}

/* Their age in seconds is all that is known: the newest must not be the one that always goes. */
static void test_sessions_of_one_second_take_turns_in_going(void **state)
{
	u32 i;

	for (i = 0; i < 8 * PS_SLOTS_BUCKET; i++)
		sent(table, hash_in(3, i), PS_SENT_SEGMENT, T);
	for (i = 7 * PS_SLOTS_BUCKET; i < 8 * PS_SLOTS_BUCKET; i++)
		assert_true(known(table, hash_in(3, i), T));
}

static void test_the_living_are_counted(void **state)
{
	struct ps_slots *larger = table_new(4, NULL);
	u32 i;

	assert_int_equal(ps_sessions_living(larger, 0, ~0U, &usual, T), 0);
	for (i = 0; i < 8; i++)
		sent(larger, hash_in(0, i), i % 2 ? PS_SENT_SYN_ACK : PS_SENT_SEGMENT,
		     T + i);
	sent(larger, hash_in(3, 1), PS_SENT_QUERY, T);
	assert_int_equal(ps_sessions_living(larger, 0, 1, &usual, T + 8), 8);
	assert_int_equal(ps_sessions_living(larger, 1, 2, &usual, T + 8), 0);
	assert_int_equal(ps_sessions_living(larger, 1, 3, &usual, T + 8), 1);
	assert_int_equal(ps_sessions_living(larger, 0, ~0U, &usual, T + 8), 9);
	assert_int_equal(ps_sessions_living(larger, 0, ~0U, &usual, T + DNS_TIMEOUT + 1), 8);
	assert_int_equal(ps_sessions_living(larger, 0, ~0U, &usual, T + RST_TIMEOUT + 4), 4);
	assert_int_equal(ps_sessions_living(larger, 0, ~0U, &usual, T + RST_TIMEOUT + 8), 0);
	table_free(larger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_incoming_packets_alone_open_nothing),
		TEST(test_answers_of_request_sockets_and_resets_open_nothing),
		TEST(test_syn_ack_opens_half_open_and_a_segment_establishes),
		TEST(test_a_segment_alone_establishes_for_connections_older_than_the_shield),
		TEST(test_half_open_admits_16_packets),
		TEST(test_what_is_refused_to_half_open_does_not_keep_it_alive),
		TEST(test_a_super_packet_counts_its_segments),
		TEST(test_each_class_has_its_timeout_since_the_previous_packet),
		TEST(test_packets_of_both_directions_refresh),
		TEST(test_incoming_reset_or_fin_never_ends_or_shortens),
		TEST(test_an_outgoing_reset_ends),
		TEST(test_one_syn_a_second_passes_on_an_established_session),
		TEST(test_a_reused_port_keeps_the_session),
		TEST(test_own_sessions),
		TEST(test_our_syn_makes_any_session_our_own),
		TEST(test_a_cookie_opens_an_established_session),
		TEST(test_a_ttl_is_to_be_learned_when_new_or_a_minute_old),
		TEST(test_a_cookie_s_ttl_needs_no_second_report),
		TEST(test_known_looks_without_touching),
		TEST(test_a_cpu_whose_clock_is_behind_sees_a_session_of_now),
		TEST(test_a_packet_of_the_same_second_writes_nothing),
		TEST(test_sessions_of_one_second_take_turns_in_going),
		TEST(test_the_living_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
