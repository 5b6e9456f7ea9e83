// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions of QUIC in their slots: what stays of them in a full line, how time
 * runs for each clock, and what a sweep takes. What packets make of them is in
 * test_quic_stage.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "quic_sessions.h"
#include "slots_table.h"

static const struct ps_sessions_timeouts timeouts = {
	{ [PS_SESSIONS_QHS] = 10, [PS_SESSIONS_QSH] = 60 }
};
static struct ps_slots *table;
static u32 now;

static int setup(void **state)
{
	table = table_new(1, NULL);
	now = 1000;
	return 0;
}

static int teardown(void **state)
{
	table_free(table);
	return 0;
}

/* All in one line; far from each other's fingerprints. */
static u64 hash_of(u32 n)
{
	return (u64)(n * 0x01010101U + 77) << 32;
}

static enum ps_quic_session got(u32 n, enum ps_quic_arrival arrival)
{
	return ps_quic_sessions_incoming(table, hash_of(n), arrival, 1, &timeouts, now);
}

static bool sent(u32 n, enum ps_quic_departure departure)
{
	return ps_quic_sessions_outgoing(table, hash_of(n), departure, &timeouts, now);
}

static void open(u32 n, bool validated)
{
	ps_quic_sessions_open(table, hash_of(n), validated, &timeouts, now);
}

static void test_two_clocks(void **state)
{
	open(1, true);
	assert_int_equal(table_used(table), 2);
	now += 10;
	assert_int_equal(got(1, PS_QUIC_GOT_INITIAL), PS_QUIC_SESSION_VALIDATED);
	now++;
	assert_int_equal(got(1, PS_QUIC_GOT_HANDSHAKE), PS_QUIC_SESSION_NONE);
	now += 49;
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
	now += 60;
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
	now += 61;
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_NONE);
}

/* What comes in sets clocks, and raises nothing. */
static void test_incoming_packets_prove_nothing(void **state)
{
	u32 i;

	for (i = 0; i < 5; i++)
		assert_int_equal(got(1, (enum ps_quic_arrival)i), PS_QUIC_SESSION_NONE);
	assert_int_equal(table_used(table), 0);
	open(1, false);
	assert_int_equal(table_used(table), 1);
	for (i = 0; i < 16; i++)
		assert_int_equal(got(1, PS_QUIC_GOT_HANDSHAKE), PS_QUIC_SESSION_HALF_OPEN);
	assert_int_equal(got(1, PS_QUIC_GOT_HANDSHAKE), PS_QUIC_SESSION_NONE);
	for (i = 0; i < 16; i++)
		assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_HALF_OPEN);
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_NONE);
	assert_int_equal(got(1, PS_QUIC_GOT_INITIAL), PS_QUIC_SESSION_HALF_OPEN);
}

static void test_nothing_lowers_a_session(void **state)
{
	open(1, true);
	open(1, false);
	assert_false(sent(1, PS_QUIC_SENT_SHORT));
	assert_false(sent(1, PS_QUIC_SENT_DATA));
	assert_false(sent(1, PS_QUIC_SENT_INITIAL));
	assert_int_equal(got(1, PS_QUIC_GOT_HANDSHAKE), PS_QUIC_SESSION_VALIDATED);
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
	assert_true(sent(2, PS_QUIC_SENT_DATA));
	assert_false(sent(2, PS_QUIC_SENT_DATA));
	assert_false(sent(2, PS_QUIC_SENT_SHORT));
	assert_int_equal(got(2, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_LEARNED);
	/* A half-open one is raised, and admits without end then. */
	sent(3, PS_QUIC_SENT_SHORT);
	assert_true(sent(3, PS_QUIC_SENT_DATA));
	for (now = 1000; now < 1040; now++)
		assert_int_equal(got(3, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_LEARNED);
}

static void test_segments_are_admitted_together(void **state)
{
	open(1, false);
	assert_int_equal(ps_quic_sessions_incoming(table, hash_of(1), PS_QUIC_GOT_HANDSHAKE, 17,
						   &timeouts, now), PS_QUIC_SESSION_NONE);
	assert_int_equal(ps_quic_sessions_incoming(table, hash_of(1), PS_QUIC_GOT_HANDSHAKE, 16,
						   &timeouts, now), PS_QUIC_SESSION_HALF_OPEN);
	assert_int_equal(got(1, PS_QUIC_GOT_HANDSHAKE), PS_QUIC_SESSION_NONE);
	assert_int_equal(ps_quic_sessions_incoming(table, hash_of(1), PS_QUIC_GOT_HANDSHAKE, 65535,
						   &timeouts, now), PS_QUIC_SESSION_NONE);
}

/* Dead ones go first, then half-open ones, then those that were silent longest. */
static void test_eviction(void **state)
{
	u32 n;

	open(0, false);
	now += 11;
	for (n = 1; n <= 3; n++, now++)
		open(n, true);
	open(4, false);
	assert_int_equal(table_used(table), 8);
	sent(5, PS_QUIC_SENT_DATA);
	now++;
	sent(6, PS_QUIC_SENT_DATA);
	/* 0 was dead, 4 half-open: both are gone. */
	assert_int_equal(got(0, PS_QUIC_GOT_INITIAL), PS_QUIC_SESSION_NONE);
	assert_int_equal(got(4, PS_QUIC_GOT_INITIAL), PS_QUIC_SESSION_NONE);
	for (n = 1; n <= 3; n++)
		assert_int_equal(got(n, PS_QUIC_GOT_INITIAL), PS_QUIC_SESSION_VALIDATED);
	/* Flooded with half-open ones, which push each other out. */
	sent(7, PS_QUIC_SENT_DATA);
	for (n = 100; n < 200; n++)
		open(n, false);
	assert_int_equal(got(5, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_LEARNED);
	assert_int_equal(got(7, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_LEARNED);
	assert_int_equal(got(3, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
}

static void test_sweep(void **state)
{
	open(1, true);
	sent(2, PS_QUIC_SENT_DATA);
	now += 11;
	ps_quic_sessions_sweep(table, 0, ~0U, &timeouts, now);
	assert_int_equal(table_used(table), 2);
	now += 49;
	ps_quic_sessions_sweep(table, 0, ~0U, &timeouts, now);
	assert_int_equal(table_used(table), 2);
	now++;
	ps_quic_sessions_sweep(table, 0, ~0U, &timeouts, now);
	assert_int_equal(table_used(table), 0);
}

/* Sessions of a table that was replaced are found, and go on in the new one. */
static void test_another_size(void **state)
{
	struct ps_slots *old = table;

	open(1, true);
	sent(2, PS_QUIC_SENT_DATA);
	table = table_new(4, old);
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
	assert_int_equal(table_used(table), 0);
	now++;
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
	assert_int_equal(got(2, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_LEARNED);
	assert_int_equal(table_used(table), 2);
	table->old = NULL;
	assert_int_equal(got(1, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_VALIDATED);
	assert_int_equal(got(2, PS_QUIC_GOT_SHORT), PS_QUIC_SESSION_LEARNED);
	table_free(old);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_two_clocks),
		TEST(test_incoming_packets_prove_nothing),
		TEST(test_nothing_lowers_a_session),
		TEST(test_segments_are_admitted_together),
		TEST(test_eviction),
		TEST(test_sweep),
		TEST(test_another_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
