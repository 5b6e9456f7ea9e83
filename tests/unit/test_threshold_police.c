// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the stages ask besides whether a protection is on: may this packet pass
 * at Y a second, and was the protection on a short while ago.
 */
#include "threshold_rig.h"

static struct rig rig;

static u32 police(u64 *bucket, u64 now, u32 rate, u32 packets, bool all)
{
	u32 passed = 0;

	while (ps_threshold_police(bucket, now, rate, packets, all))
		passed++;
	return passed;
}

static void test_policing_passes_a_tenth_of_y_at_once(void **state)
{
	u64 bucket = 0;

	assert_int_equal(police(&bucket, START, 1000, 1, true), 100);
	assert_int_equal(police(&bucket, START + 50 * MS, 1000, 1, true), 50);
	assert_int_equal(police(&bucket, START + HOUR, 1000, 1, true), 100);
}

static void test_policing_passes_y_in_the_long_run(void **state)
{
	static const u32 rate[] = { 1, 7, 10, 99, 1000, 100000 };
	u64 bucket, now;
	u32 i, passed;

	for (i = 0; i < ARRAY_SIZE(rate); i++) {
		bucket = 0;
		passed = 0;
		for (now = START; now < START + 10 * SECOND; now += SECOND / 2000)
			passed += police(&bucket, now, rate[i], 1, i & 1);
		assert_in_range(passed, 10 * rate[i], 10 * rate[i] + rate[i] / 10 + 1);
	}
}

static void test_policing_to_zero_passes_nothing(void **state)
{
	u64 bucket = 0;

	assert_int_equal(police(&bucket, START, 0, 1, true), 0);
	assert_int_equal(bucket, 0);
}

static void test_policing_small_rates_passes_single_packets(void **state)
{
	u64 bucket = 0;

	assert_int_equal(police(&bucket, START, 1, 1, false), 1);
	assert_int_equal(police(&bucket, START + SECOND - 1, 1, 1, true), 0);
	assert_int_equal(police(&bucket, START + SECOND, 1, 1, true), 1);
}

static void test_half_of_the_bucket_is_for_sessions(void **state)
{
	u64 bucket = 0;

	/* Strangers pass while half of it is left, the others to its end. */
	assert_int_equal(police(&bucket, START, 1000, 1, false), 51);
	assert_int_equal(police(&bucket, START, 1000, 1, true), 49);
	assert_int_equal(police(&bucket, START + 49 * MS, 1000, 1, false), 0);
	assert_int_equal(police(&bucket, START + 50 * MS, 1000, 1, false), 1);
	/* To its end, also by a super-packet that half of it isn't enough for. */
	bucket = 0;
	assert_true(ps_threshold_police(&bucket, START, 1000, 40, true));
	assert_false(ps_threshold_police(&bucket, START, 1000, 80, false));
	assert_true(ps_threshold_police(&bucket, START, 1000, 60, false));
}

static void test_a_super_packet_passes_a_full_bucket(void **state)
{
	u64 bucket = 0;

	assert_int_equal(police(&bucket, START, 1000, 44, true), 2);
	bucket = 0;
	assert_int_equal(police(&bucket, START, 100, 44, true), 1);
	/* And is paid for: 44 at 100 a second. */
	assert_int_equal(police(&bucket, START + 439 * MS, 100, 44, true), 0);
	assert_int_equal(police(&bucket, START + 440 * MS, 100, 44, true), 1);
}

static void test_it_tells_for_how_long_it_has_been_off(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	assert_true(ps_threshold_was_on(&rig.shared, rig.now, 1));
	rig.now += 2 * SECOND;
	assert_false(rig_is_on(&rig));
	rig.now = rig.off_at + 127 * SECOND;
	rig_count(&rig, 1);
	assert_true(ps_threshold_was_on(&rig.shared, rig.now, 128 * SECOND));
	rig.now = rig.off_at + 128 * SECOND + 8;
	assert_false(ps_threshold_was_on(&rig.shared, rig.now, 128 * SECOND));
}

static void test_rearming_does_not_look_like_going_off(void **state)
{
	u64 off_at;

	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig_toggle(&rig, false);
	off_at = rig.now;
	rig.now += 100 * SECOND;
	rig_count(&rig, 1);
	assert_true(ps_threshold_was_on(&rig.shared, rig.now, 128 * SECOND));
	rig.now = off_at + 128 * SECOND + 8;
	assert_false(ps_threshold_was_on(&rig.shared, rig.now, 128 * SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policing_passes_a_tenth_of_y_at_once),
		cmocka_unit_test(test_policing_passes_y_in_the_long_run),
		cmocka_unit_test(test_policing_to_zero_passes_nothing),
		cmocka_unit_test(test_policing_small_rates_passes_single_packets),
		cmocka_unit_test(test_half_of_the_bucket_is_for_sessions),
		cmocka_unit_test(test_a_super_packet_passes_a_full_bucket),
		cmocka_unit_test(test_it_tells_for_how_long_it_has_been_off),
		cmocka_unit_test(test_rearming_does_not_look_like_going_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
