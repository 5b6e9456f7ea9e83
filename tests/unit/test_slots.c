// SPDX-License-Identifier: GPL-2.0-or-later
/* Slots: found by fingerprint in their bucket, changed as a whole, taken out everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "slots.h"
#include "slots_table.h"

static void put(struct ps_slots *table, u64 hash, u32 i, u32 payload)
{
	ps_slots_bucket(table, hash)[i] = ps_slots_word(hash, payload);
	ps_slots_tidy(table, hash & table->mask);
}

static void test_size_is_a_power_of_two_buckets_of_eight(void **state)
{
	assert_int_equal(ps_slots_buckets(0), 1);
	assert_int_equal(ps_slots_buckets(8), 1);
	assert_int_equal(ps_slots_buckets(9), 2);
	assert_int_equal(ps_slots_buckets(1000), 128);
	assert_int_equal(ps_slots_buckets(1048576), 131072);
	assert_int_equal(ps_slots_buckets(1048577), 262144);
	assert_int_equal(ps_slots_buckets(1U << 26), 1U << 23);
	assert_int_equal(ps_slots_buckets(~0U), PS_SLOTS_BUCKETS_MAX);
}

static void test_no_word_of_a_key_is_zero(void **state)
{
	assert_true(ps_slots_word(0, 0));
	assert_true(ps_slots_word(0xffffffff, 0));
	assert_true(ps_slots_word(1ULL << 32, 5) == (1ULL << 32 | 5));
}

static void test_a_key_is_found_in_any_slot_of_its_bucket_only(void **state)
{
	struct ps_slots *table = table_new(4, NULL);
	struct ps_slots_place place;
	u32 i;

	for (i = 0; i < PS_SLOTS_BUCKET; i++)
		put(table, hash_in(2, i), i, 100 + i);
	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		assert_true(ps_slots_find(table, hash_in(2, i), &place));
		assert_ptr_equal(place.slot, &table->bucket[2].slot[i]);
		assert_int_equal((u32)place.word, 100 + i);
		assert_false(ps_slots_find(table, hash_in(1, i), &place));
		assert_null(place.slot);
		assert_true(place.word == 0);
	}
	assert_false(ps_slots_find(table, hash_in(2, 99), &place));
	/* A hash without fingerprint bits must not find empty slots. */
	assert_false(ps_slots_find(table, 1, &place));
	table_free(table);
}

static void test_of_two_slots_with_a_key_the_first_counts(void **state)
{
	struct ps_slots *table = table_new(1, NULL);
	struct ps_slots_place place;

	put(table, hash_in(0, 7), 5, 1);
	put(table, hash_in(0, 7), 3, 2);
	assert_true(ps_slots_find(table, hash_in(0, 7), &place));
	assert_int_equal((u32)place.word, 2);
	table_free(table);
}

static void test_a_lost_race_changes_nothing(void **state)
{
	struct ps_slots *table = table_new(1, NULL);
	struct ps_slots_place place;

	put(table, hash_in(0, 1), 0, 1);
	assert_true(ps_slots_find(table, hash_in(0, 1), &place));
	put(table, hash_in(0, 2), 0, 2);
	assert_false(ps_slots_swap(&place, ps_slots_word(hash_in(0, 1), 3)));
	assert_true(table->bucket[0].slot[0] == ps_slots_word(hash_in(0, 2), 2));
	assert_false(ps_slots_find(table, hash_in(0, 1), &place));
	assert_true(ps_slots_find(table, hash_in(0, 2), &place));
	assert_true(ps_slots_swap(&place, 0));
	assert_int_equal(table_used(table), 0);
	table_free(table);
}

static void test_the_filter_follows_who_comes_and_goes(void **state)
{
	struct ps_slots *table = table_new(4, NULL);
	struct ps_slots_place place = { .slot = &table->bucket[3].slot[5] };
	struct ps_slots_place beside = { .slot = &table->bucket[2].slot[0] };

	assert_true(ps_slots_put(table, &place, hash_in(3, 7), 1));
	assert_true(ps_slots_put(table, &beside, hash_in(2, 14), 1));
	assert_true(ps_slots_find(table, hash_in(3, 7), &place));
	assert_int_equal(table->filter[0], 0);
	assert_int_equal(table->filter[1], 1 << 24 | 1U << 15);
	/* 16 further on is the same bit, but another key. */
	assert_true(ps_slots_may_have(table, hash_in(3, 23)));
	assert_false(ps_slots_find(table, hash_in(3, 23), &place));
	assert_false(ps_slots_may_have(table, hash_in(3, 8)));
	assert_true(ps_slots_find(table, hash_in(3, 7), &place));
	assert_true(ps_slots_put(table, &place, hash_in(3, 9), 1));
	assert_int_equal(table->filter[1], 1 << 26 | 1U << 15);
	/* What goes leaves its bit until somebody tidies up. */
	assert_true(ps_slots_take(table, hash_in(3, 9)));
	assert_int_equal(table->filter[1], 1 << 26 | 1U << 15);
	ps_slots_tidy(table, 3);
	assert_int_equal(table->filter[1], 1U << 15);
	table_free(table);
}

static void test_the_bucket_is_left_alone_where_the_filter_knows(void **state)
{
	struct ps_slots *table = table_new(1, NULL);
	struct ps_slots_place place;

	put(table, hash_in(0, 1), 0, 1);
	table->filter[0] = 0;
	assert_false(ps_slots_find(table, hash_in(0, 1), &place));
	table_free(table);
}

static void test_who_loses_the_race_leaves_the_filter_alone(void **state)
{
	struct ps_slots *table = table_new(1, NULL);
	struct ps_slots_place place = { .slot = &table->bucket[0].slot[0] };

	put(table, hash_in(0, 1), 0, 1);
	assert_false(ps_slots_put(table, &place, hash_in(0, 2), 1));
	assert_int_equal(table->filter[0], 1 << 2);
	table_free(table);
}

static void test_the_lowest_rank_goes_the_first_of_equals(void **state)
{
	struct ps_slots_victim victim = PS_SLOTS_NO_VICTIM;
	u64 slot[4] = { 10, 11, 12, 13 };

	assert_null(victim.place.slot);
	ps_slots_offer(&victim, &slot[0], slot[0], 7);
	ps_slots_offer(&victim, &slot[1], slot[1], 3);
	ps_slots_offer(&victim, &slot[2], slot[2], 3);
	ps_slots_offer(&victim, &slot[3], slot[3], 9);
	assert_ptr_equal(victim.place.slot, &slot[1]);
	assert_true(victim.place.word == 11);
	assert_int_equal(victim.rank, 3);
}

static void test_what_only_an_older_table_has_comes_without_a_place(void **state)
{
	struct ps_slots *oldest = table_new(8, NULL);
	struct ps_slots *old = table_new(1, oldest);
	struct ps_slots *table = table_new(4, old);
	struct ps_slots_place place;

	put(oldest, hash_in(7, 1), 0, 1);
	put(oldest, hash_in(7, 2), 1, 1);
	put(old, hash_in(7, 2), 0, 2);
	put(old, hash_in(7, 3), 1, 2);
	put(table, hash_in(7, 3), 0, 3);
	assert_true(ps_slots_find(table, hash_in(7, 1), &place));
	assert_null(place.slot);
	assert_int_equal((u32)place.word, 1);
	assert_true(ps_slots_find(table, hash_in(7, 2), &place));
	assert_null(place.slot);
	assert_int_equal((u32)place.word, 2);
	assert_true(ps_slots_find(table, hash_in(7, 3), &place));
	assert_ptr_equal(place.slot, &table->bucket[3].slot[0]);
	assert_false(ps_slots_find(table, hash_in(7, 4), &place));
	table_free(table);
	table_free(old);
	table_free(oldest);
}

static void test_taking_out_takes_out_everywhere_and_once(void **state)
{
	struct ps_slots *old = table_new(1, NULL);
	struct ps_slots *table = table_new(4, old);
	struct ps_slots_place place;

	put(old, hash_in(6, 1), 4, 1);
	put(table, hash_in(6, 1), 2, 2);
	put(old, hash_in(6, 2), 5, 1);
	assert_true(ps_slots_take(table, hash_in(6, 1)));
	assert_false(ps_slots_find(table, hash_in(6, 1), &place));
	assert_false(ps_slots_take(table, hash_in(6, 1)));
	assert_true(ps_slots_take(table, hash_in(6, 2)));
	assert_int_equal(table_used(table) + table_used(old), 0);
	table_free(table);
	table_free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size_is_a_power_of_two_buckets_of_eight),
		cmocka_unit_test(test_no_word_of_a_key_is_zero),
		cmocka_unit_test(test_a_key_is_found_in_any_slot_of_its_bucket_only),
		cmocka_unit_test(test_of_two_slots_with_a_key_the_first_counts),
		cmocka_unit_test(test_a_lost_race_changes_nothing),
		cmocka_unit_test(test_the_filter_follows_who_comes_and_goes),
		cmocka_unit_test(test_the_bucket_is_left_alone_where_the_filter_knows),
		cmocka_unit_test(test_who_loses_the_race_leaves_the_filter_alone),
		cmocka_unit_test(test_the_lowest_rank_goes_the_first_of_equals),
		cmocka_unit_test(test_what_only_an_older_table_has_comes_without_a_place),
		cmocka_unit_test(test_taking_out_takes_out_everywhere_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
