// SPDX-License-Identifier: GPL-2.0-or-later
/* TTLs of networks: two values each, an hour long, not to be turned out of their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "slots_table.h"
#include "ttl.h"

#define NET	hash_in(0, 50)
#define T	1000000U
#define HOUR	3600U
#define GONE	3648U	/* the latest a value is forgotten */
#define SWEEP	4300U	/* between two sweeps at most */

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

static enum ps_ttl look(u8 ttl, u32 now)
{
	return ps_ttl_look(table, NET, ttl, now);
}

static void learn(u8 ttl, u32 now)
{
	ps_ttl_learn(table, NET, ttl, now);
}

static void test_a_network_never_seen_is_unknown(void **state)
{
	assert_int_equal(look(64, T), PS_TTL_UNKNOWN);
	assert_int_equal(look(0, 0), PS_TTL_UNKNOWN);
}

static void test_within_two_of_either_value_matches(void **state)
{
	u32 ttl;

	learn(54, T);
	learn(120, T);
	for (ttl = 0; ttl < 256; ttl++)
		assert_int_equal(look(ttl, T), (ttl >= 52 && ttl <= 56) ||
				 (ttl >= 118 && ttl <= 122) ? PS_TTL_MATCH : PS_TTL_DIFFERS);
}

static void test_the_ends_of_the_scale_are_no_neighbours(void **state)
{
	learn(255, T);
	assert_int_equal(look(253, T), PS_TTL_MATCH);
	assert_int_equal(look(0, T), PS_TTL_DIFFERS);
	assert_int_equal(look(1, T), PS_TTL_DIFFERS);
	learn(0, T);
	assert_int_equal(look(0, T), PS_TTL_MATCH);
	assert_int_equal(look(2, T), PS_TTL_MATCH);
	assert_int_equal(look(3, T), PS_TTL_DIFFERS);
}

static void test_a_value_seen_within_the_hour_is_never_replaced(void **state)
{
	u32 now, start;

	for (start = T; start < T + 64; start += 7) {
		memset(table->bucket, 0, sizeof(*table->bucket));
		learn(54, start);
		learn(120, start);
		for (now = start; now < start + HOUR; now += 13) {
			learn(200, now);
			learn(90, now);
			assert_int_equal(look(54, now), PS_TTL_MATCH);
			assert_int_equal(look(120, now), PS_TTL_MATCH);
			assert_int_equal(look(200, now), PS_TTL_DIFFERS);
		}
	}
}

static void test_each_value_ages_out_by_itself(void **state)
{
	learn(54, T);
	learn(120, T + 1000);
	assert_int_equal(look(54, T + HOUR - 1), PS_TTL_MATCH);
	assert_int_equal(look(54, T + GONE), PS_TTL_DIFFERS);
	assert_int_equal(look(120, T + GONE), PS_TTL_MATCH);
	/* Its place is free now. */
	learn(200, T + GONE);
	assert_int_equal(look(200, T + GONE), PS_TTL_MATCH);
	assert_int_equal(look(120, T + GONE), PS_TTL_MATCH);
	assert_int_equal(look(120, T + 1000 + GONE), PS_TTL_DIFFERS);
	assert_int_equal(look(200, T + 2 * GONE), PS_TTL_UNKNOWN);
	assert_int_equal(look(120, T + 2 * GONE), PS_TTL_UNKNOWN);
}

static void test_being_seen_again_makes_young(void **state)
{
	u32 now;

	learn(54, T);
	for (now = T; now < T + 5 * HOUR; now += HOUR / 2) {
		assert_int_equal(look(55, now), PS_TTL_MATCH);
		learn(55, now);
	}
	/* It is the value first seen that is known: jitter doesn't make it wander. */
	assert_int_equal(look(52, now), PS_TTL_MATCH);
	assert_int_equal(look(57, now), PS_TTL_DIFFERS);
}

static void test_a_full_bucket_learns_no_network_until_another_ages_out(void **state)
{
	u32 i;

	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		ps_ttl_learn(table, hash_in(0, i), 60, T + i * 100);
	learn(54, T + HOUR - 1);
	assert_int_equal(look(54, T + HOUR - 1), PS_TTL_UNKNOWN);
	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		assert_int_equal(ps_ttl_look(table, hash_in(0, i), 60, T + HOUR - 1), PS_TTL_MATCH);
	learn(54, T + GONE);
	assert_int_equal(look(54, T + GONE), PS_TTL_MATCH);
	assert_int_equal(ps_ttl_look(table, hash_in(0, 0), 60, T + GONE), PS_TTL_UNKNOWN);
	assert_int_equal(ps_ttl_look(table, hash_in(0, 1), 60, T + GONE), PS_TTL_MATCH);
}

static void test_age_never_wraps_into_youth_when_swept_in_time(void **state)
{
	u32 seen, now;

	for (seen = 0xffffffffU - 20000; seen > 20000; seen += 1237) {
		learn(54, seen);
		for (now = seen + GONE; now != seen + 8001; now++)
			assert_int_equal(look(54, now), PS_TTL_UNKNOWN);
		/* The last sweep that leaves it, and the next one as late as may be. */
		ps_ttl_sweep(table, 0, 1, seen + HOUR - 1);
		assert_int_equal(table_used(table), 1);
		ps_ttl_sweep(table, 0, 1, seen + GONE - 1 + SWEEP);
		assert_int_equal(table_used(table), 0);
	}
}

static void test_sweep_keeps_the_younger_value_of_two(void **state)
{
	learn(54, T);
	learn(120, T + 3000);
	ps_ttl_sweep(table, 0, 1, T + GONE);
	/* Were the older value still there it would be young again by now. */
	assert_int_equal(look(54, T + 8192 - 2000), PS_TTL_DIFFERS);
	learn(120, T + 6000);
	assert_int_equal(look(54, T + 8192 + 10), PS_TTL_DIFFERS);
	assert_int_equal(look(120, T + 8192 + 10), PS_TTL_MATCH);
	ps_ttl_sweep(table, 1, 5, T + 20000);
	assert_int_equal(table_used(table), 1);
}

static void test_zero_is_a_ttl_at_any_time(void **state)
{
	u32 now;

	for (now = 0; now < 8192; now += 32) {
		learn(0, now);
		ps_ttl_sweep(table, 0, 1, now);
		learn(100, now);
		assert_int_equal(look(0, now), PS_TTL_MATCH);
		assert_int_equal(look(100, now), PS_TTL_MATCH);
		memset(table->bucket, 0, sizeof(*table->bucket));
	}
}

static void test_a_cpu_whose_clock_is_behind(void **state)
{
	learn(54, 64000);
	assert_int_equal(look(54, 63990), PS_TTL_MATCH);
	learn(54, 63990);
	assert_int_equal(look(54, 64000 + HOUR - 1), PS_TTL_MATCH);
}

static u64 hash_of(struct ps_addr addr)
{
	const struct ps_siphash_key secret = { { 3, 4 } };

	return ps_ttl_hash(&secret, &addr);
}

static void test_networks_are_24_bits_of_ipv4_and_56_of_ipv6(void **state)
{
	const struct ps_addr six = { { 0x20010db8, 0x12345678, 0x9abcdef0, 1 } };
	struct ps_addr other = six;
	u32 bit;

	assert_true(hash_of(ps_addr_from_ipv4(0xc0000201)) == hash_of(ps_addr_from_ipv4(0xc00002ff)));
	assert_true(hash_of(ps_addr_from_ipv4(0xc0000201)) != hash_of(ps_addr_from_ipv4(0xc0000301)));
	for (bit = 0; bit < 128; bit++) {
		other.word[bit / 32] ^= 0x80000000U >> bit % 32;
		assert_int_equal(hash_of(other) == hash_of(six), bit >= 56);
		other = six;
	}
	/* ::/56 isn't 0.0.0.0/24. */
	assert_true(hash_of((struct ps_addr){}) != hash_of(ps_addr_from_ipv4(0)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_network_never_seen_is_unknown),
		TEST(test_within_two_of_either_value_matches),
		TEST(test_the_ends_of_the_scale_are_no_neighbours),
		TEST(test_a_value_seen_within_the_hour_is_never_replaced),
		TEST(test_each_value_ages_out_by_itself),
		TEST(test_being_seen_again_makes_young),
		TEST(test_a_full_bucket_learns_no_network_until_another_ages_out),
		TEST(test_age_never_wraps_into_youth_when_swept_in_time),
		TEST(test_sweep_keeps_the_younger_value_of_two),
		TEST(test_zero_is_a_ttl_at_any_time),
		TEST(test_a_cpu_whose_clock_is_behind),
		TEST(test_networks_are_24_bits_of_ipv4_and_56_of_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
