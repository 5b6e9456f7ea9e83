// SPDX-License-Identifier: GPL-2.0-or-later
/* Token buckets: depth at once, rate in the long run, no credit beyond depth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "bucket.h"

#define SECOND	1000000000ULL
#define START	(5 * SECOND)

static u32 take_until_refused(u64 *bucket, u64 now, u32 rate, u32 depth)
{
	u32 taken = 0;

	while (ps_bucket_take(bucket, now, rate, depth, 1))
		taken++;
	return taken;
}

static void test_a_full_bucket_gives_its_depth_at_once(void **state)
{
	u64 bucket = 0;

	assert_int_equal(take_until_refused(&bucket, START, 100, 10), 10);
	assert_false(ps_bucket_take(&bucket, START, 100, 10, 1));
}

static void test_it_refills_at_the_rate(void **state)
{
	u64 bucket = 0;

	take_until_refused(&bucket, START, 100, 10);
	assert_false(ps_bucket_take(&bucket, START + SECOND / 100 - 1, 100, 10, 1));
	assert_true(ps_bucket_take(&bucket, START + SECOND / 100, 100, 10, 1));
	assert_int_equal(take_until_refused(&bucket, START + 5 * SECOND / 100, 100, 10), 4);
}

static void test_it_never_holds_more_than_its_depth(void **state)
{
	u64 bucket = 0;

	take_until_refused(&bucket, START, 100, 10);
	assert_int_equal(take_until_refused(&bucket, START + 3600 * SECOND, 100, 10), 10);
}

static void test_many_tokens_at_once(void **state)
{
	u64 bucket = 0;

	assert_false(ps_bucket_take(&bucket, START, 100, 10, 11));
	assert_true(ps_bucket_take(&bucket, START, 100, 10, 7));
	assert_false(ps_bucket_take(&bucket, START, 100, 10, 4));
	assert_true(ps_bucket_take(&bucket, START, 100, 10, 3));
}

static void test_a_refusal_takes_nothing(void **state)
{
	u64 bucket = 0, before;

	take_until_refused(&bucket, START, 100, 10);
	before = bucket;
	assert_false(ps_bucket_take(&bucket, START, 100, 10, 1));
	assert_int_equal(bucket, before);
}

static void test_a_clock_that_steps_back_grants_nothing(void **state)
{
	u64 bucket = 0;

	take_until_refused(&bucket, START, 100, 10);
	assert_int_equal(take_until_refused(&bucket, START - SECOND, 100, 10), 0);
}

static void test_long_run_rate(void **state)
{
	static const u32 rate[] = { 1, 7, 100, 12345, 1000000 };
	u64 bucket, now;
	u32 i, taken;

	for (i = 0; i < ARRAY_SIZE(rate); i++) {
		bucket = 0;
		taken = 0;
		/* Asked 4,000 times a second more than once a token, for 20 s. */
		for (now = START; now < START + 20 * SECOND; now += SECOND / 4000)
			taken += take_until_refused(&bucket, now, rate[i], rate[i]);
		assert_in_range(taken, 20ULL * rate[i], 21ULL * rate[i] + 21ULL * rate[i] / 1000 + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_full_bucket_gives_its_depth_at_once),
		cmocka_unit_test(test_it_refills_at_the_rate),
		cmocka_unit_test(test_it_never_holds_more_than_its_depth),
		cmocka_unit_test(test_many_tokens_at_once),
		cmocka_unit_test(test_a_refusal_takes_nothing),
		cmocka_unit_test(test_a_clock_that_steps_back_grants_nothing),
		cmocka_unit_test(test_long_run_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
