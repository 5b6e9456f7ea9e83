// SPDX-License-Identifier: GPL-2.0-or-later
/* Later fragments follow their first: for 30 s, 64 KiB, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "fragments.h"
#include "slots_table.h"

#define ID	hash_in(0, 50)
#define T	70000U

static struct ps_slots *table;

static int setup(void **state)
{
	table = table_new(1, NULL);
	return 0;
}

static int teardown(void **state)
{
	table_free(table);
	return 0;
}

static void first(u64 hash, bool deliver, u32 bytes, u32 now)
{
	ps_fragments_first(table, hash, deliver, bytes, now);
}

static enum ps_follow later(u64 hash, u32 bytes, u32 now)
{
	return ps_fragments_later(table, hash, bytes, now);
}

static void test_without_a_first_nothing_is_known(void **state)
{
	assert_int_equal(later(ID, 1000, T), PS_FOLLOW_UNKNOWN);
	assert_int_equal(table_used(table), 0);
}

static void test_later_ones_follow_the_first(void **state)
{
	first(ID, true, 1480, T);
	first(hash_in(0, 1), false, 1480, T);
	assert_int_equal(later(ID, 1480, T), PS_FOLLOW_DELIVER);
	assert_int_equal(later(hash_in(0, 1), 1480, T), PS_FOLLOW_DROP);
	assert_int_equal(later(hash_in(0, 2), 1480, T), PS_FOLLOW_UNKNOWN);
}

static void test_it_is_remembered_for_30_seconds(void **state)
{
	first(ID, true, 8, T);
	assert_int_equal(later(ID, 8, T + 30), PS_FOLLOW_DELIVER);
	/* The fragment above didn't prolong it, and neither does a first one that repeats. */
	first(ID, true, 8, T + 30);
	assert_int_equal(later(ID, 8, T + 31), PS_FOLLOW_UNKNOWN);
	first(ID, true, 8, T + 31);
	assert_int_equal(later(ID, 8, T + 61), PS_FOLLOW_DELIVER);
	first(hash_in(0, 1), false, 8, T);
	first(hash_in(0, 1), false, 8, T + 30);
	assert_int_equal(later(hash_in(0, 1), 8, T + 31), PS_FOLLOW_UNKNOWN);
}

static void test_one_id_carries_64_kib(void **state)
{
	u32 i;

	first(ID, true, 1024, T);
	for (i = 1; i < 64; i++)
		assert_int_equal(later(ID, 1024, T), PS_FOLLOW_DELIVER);
	assert_int_equal(later(ID, 8, T), PS_FOLLOW_EXHAUSTED);
	assert_int_equal(later(ID, 0, T), PS_FOLLOW_EXHAUSTED);
	first(ID, true, 1024, T);
	assert_int_equal(later(ID, 8, T), PS_FOLLOW_EXHAUSTED);
}

static void test_the_largest_packet_fits(void **state)
{
	u32 i;

	/* 65,535 bytes with a header of 20, on a link with an MTU of 1,500. */
	first(ID, true, 1480, T);
	for (i = 1; i < 44; i++)
		assert_int_equal(later(ID, 1480, T), PS_FOLLOW_DELIVER);
	assert_int_equal(later(ID, 65515 - 44 * 1480, T), PS_FOLLOW_DELIVER);
}

static void test_what_doesn_t_fit_is_refused_and_uses_up_nothing(void **state)
{
	first(ID, true, 65000, T);
	assert_int_equal(later(ID, 1000, T), PS_FOLLOW_EXHAUSTED);
	assert_int_equal(later(ID, 536, T), PS_FOLLOW_DELIVER);
	assert_int_equal(later(ID, 1, T), PS_FOLLOW_EXHAUSTED);
	first(hash_in(0, 1), true, 1000000, T);
	assert_int_equal(later(hash_in(0, 1), 1, T), PS_FOLLOW_EXHAUSTED);
}

static void test_a_first_one_that_repeats_renews_nothing(void **state)
{
	u32 i;

	for (i = 0; i < 8; i++)
		first(ID, true, 8192, T);
	assert_int_equal(later(ID, 8, T), PS_FOLLOW_EXHAUSTED);
}

static void test_delivered_wins_over_dropped(void **state)
{
	first(ID, true, 60000, T);
	first(ID, false, 8, T);
	assert_int_equal(later(ID, 5000, T), PS_FOLLOW_DELIVER);
	assert_int_equal(later(ID, 5000, T), PS_FOLLOW_EXHAUSTED);
	first(hash_in(0, 1), false, 8, T);
	first(hash_in(0, 1), true, 8, T + 20);
	assert_int_equal(later(hash_in(0, 1), 8, T + 50), PS_FOLLOW_DELIVER);
	/* Aged out, it doesn't any more. */
	first(ID, false, 8, T + 31);
	assert_int_equal(later(ID, 8, T + 31), PS_FOLLOW_DROP);
}

static void test_in_a_full_bucket_dropped_ones_go_first_then_the_oldest(void **state)
{
	u32 i;

	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		first(hash_in(0, i), i != 5, 8, T + i);
	first(hash_in(0, 10), true, 8, T + 9);
	assert_int_equal(later(hash_in(0, 5), 8, T + 9), PS_FOLLOW_UNKNOWN);
	first(hash_in(0, 11), true, 8, T + 9);
	assert_int_equal(later(hash_in(0, 0), 8, T + 9), PS_FOLLOW_UNKNOWN);
	for (i = 1; i < PS_SLOTS_BUCKET; i++)
		if (i != 5)
			assert_int_equal(later(hash_in(0, i), 8, T + 9), PS_FOLLOW_DELIVER);
}

static void test_a_flood_of_dropped_ones_pushes_no_delivered_one_out(void **state)
{
	u32 i;

	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		first(hash_in(0, i), true, 8, T);
	for (i = 100; i < 1000; i++)
		first(hash_in(0, i), false, 8, T + 30);
	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		assert_int_equal(later(hash_in(0, i), 8, T + 30), PS_FOLLOW_DELIVER);
	first(ID, false, 8, T + 31);
	assert_int_equal(later(ID, 8, T + 31), PS_FOLLOW_DROP);
}

static void test_age_never_wraps_into_youth_when_swept_in_time(void **state)
{
	u32 now = 65530, i;

	for (i = 0; i < 5; i++, now += 50021) {
		first(ID, true, 8, now);
		assert_int_equal(later(ID, 8, now + 65000), PS_FOLLOW_UNKNOWN);
		ps_fragments_sweep(table, 0, 1, now + 30);
		assert_int_equal(table_used(table), 1);
		ps_fragments_sweep(table, 0, 1, now + 30 + 65000);
		assert_int_equal(table_used(table), 0);
	}
	first(ID, true, 8, now + 2);
	assert_int_equal(later(ID, 8, now), PS_FOLLOW_DELIVER);
}

static void test_what_makes_a_packet(void **state)
{
	const struct ps_siphash_key secret = { { 3, 4 } };
	const struct ps_addr a = ps_addr_from_ipv4(1), b = ps_addr_from_ipv4(2);
	const struct ps_addr six = { { 1, 2, 3, 4 } }, seven = { { 1, 2, 3, 5 } };
	u64 four_hash = ps_fragments_hash(&secret, &a, &b, 5, 17);
	u64 six_hash = ps_fragments_hash(&secret, &six, &seven, 5, 17);

	assert_true(ps_fragments_hash(&secret, &b, &a, 5, 17) != four_hash);
	assert_true(ps_fragments_hash(&secret, &a, &b, 6, 17) != four_hash);
	assert_true(ps_fragments_hash(&secret, &a, &b, 5, 6) != four_hash);
	assert_true(ps_fragments_hash(&secret, &seven, &six, 5, 17) != six_hash);
	assert_true(ps_fragments_hash(&secret, &six, &seven, 0x10005, 17) != six_hash);
	assert_true(ps_fragments_hash(&secret, &six, &seven, 5, 60) == six_hash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_a_first_nothing_is_known),
		TEST(test_later_ones_follow_the_first),
		TEST(test_it_is_remembered_for_30_seconds),
		TEST(test_one_id_carries_64_kib),
		TEST(test_the_largest_packet_fits),
		TEST(test_what_doesn_t_fit_is_refused_and_uses_up_nothing),
		TEST(test_a_first_one_that_repeats_renews_nothing),
		TEST(test_delivered_wins_over_dropped),
		TEST(test_in_a_full_bucket_dropped_ones_go_first_then_the_oldest),
		TEST(test_a_flood_of_dropped_ones_pushes_no_delivered_one_out),
		TEST(test_age_never_wraps_into_youth_when_swept_in_time),
		TEST(test_what_makes_a_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
