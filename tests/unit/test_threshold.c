// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The state machine of a protection: what switches it on and off, by itself
 * and by hand. How fast it does so in floods is in test_threshold_flood.c, the
 * way it counts in test_threshold_count.c.
 */
#include "threshold_rig.h"

static struct rig rig;

static void test_it_is_off_at_birth(void **state)
{
	rig_init(&rig, 100, 50, 2);
	assert_false(ps_threshold_is_on(&rig.shared));
	assert_false(rig_is_on(&rig));
	assert_false(ps_threshold_is_by_hand(&rig.shared));
	assert_false(ps_threshold_was_on(&rig.shared, 0, HOUR));
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 0);
}

static void test_0_0_never_switches_on(void **state)
{
	rig_init(&rig, 0, 0, 2);
	rig_run(&rig, 1000000ULL * 1000, SECOND);
	assert_false(rig_is_on(&rig));
	assert_int_equal(rig.ons, 0);
}

static void test_more_than_x_in_a_second_switch_on(void **state)
{
	u32 i;

	rig_init(&rig, 10, 5, 2);
	for (i = 0; i < 10; i++) {
		rig_count(&rig, 1);
		rig.now += 99 * MS;
	}
	assert_false(rig_is_on(&rig));
	rig_count(&rig, 1);
	assert_true(ps_threshold_is_on(&rig.shared));
	assert_int_equal(rig.rate, 11);
}

static void test_the_second_slides(void **state)
{
	static const u32 rate[] = { 1, 10, 100, 12345 };
	u32 i;

	/* X a second, for as long as one likes, aren't more than X in any. */
	for (i = 0; i < ARRAY_SIZE(rate); i++) {
		rig_init(&rig, rate[i], rate[i], 2);
		rig_run(&rig, 1000ULL * rate[i], 20 * SECOND);
		assert_false(rig_is_on(&rig));
		assert_int_equal(rig.ons, 0);
	}
}

static void test_a_burst_in_40_ms_switches_on(void **state)
{
	static const struct {
		u32 above, burst;
	} limit[] = { { 33, 32 }, { 100, 32 }, { 395, 32 }, { 396, 33 }, { 1200, 100 } };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(limit); i++) {
		rig_init(&rig, limit[i].above, 1, 2);
		for (j = 0; j < limit[i].burst; j++) {
			rig_count(&rig, 1);
			rig.now += 37 * MS / limit[i].burst;
		}
		assert_false(rig_is_on(&rig));
		rig_count(&rig, 1);
		assert_true(ps_threshold_is_on(&rig.shared));
		assert_int_equal(rig.rate, 25 * (limit[i].burst + 1));
	}
}

static void test_the_40_ms_slide(void **state)
{
	u32 i;

	/* 32 every 40 ms for 400 ms: never more than 32 within 40 ms. */
	rig_init(&rig, 350, 1, 2);
	for (i = 0; i < 10; i++) {
		rig_count(&rig, 32);
		rig.now += 40 * MS;
	}
	assert_false(rig_is_on(&rig));
}

static void test_a_super_packet_is_its_segments(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_count(&rig, 32);
	assert_false(ps_threshold_is_on(&rig.shared));
	rig.now += HOUR;
	rig_count(&rig, 33);
	assert_true(ps_threshold_is_on(&rig.shared));
}

static void test_between_y_and_x_it_stays_as_it_was(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 75000, 20 * SECOND);
	assert_int_equal(rig.ons, 0);
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 1);
	rig_run(&rig, 75000, 20 * SECOND);
	assert_true(rig_is_on(&rig));
	assert_int_equal(rig.offs, 0);
}

static void test_a_whole_second_below_y_switches_off(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig_run(&rig, 49000, 2 * SECOND);
	assert_false(rig_is_on(&rig));
	assert_in_range(rig.off_at - rig.on_at, SECOND, 2 * SECOND);
	assert_in_range(rig.rate, 48, 49);
}

static void test_exactly_y_is_not_below_y(void **state)
{
	/* Those of one instant are all in a second or none is. */
	rig_init(&rig, 2000, 50, 1);
	rig_count(&rig, 2001);
	assert_true(ps_threshold_is_on(&rig.shared));
	rig.now += 990 * MS;
	rig_count(&rig, 50);
	rig.now += 990 * MS;
	assert_true(rig_is_on(&rig));
	rig_count(&rig, 49);
	rig.now += 10 * MS;
	assert_false(rig_is_on(&rig));
}

static void test_a_burst_holds_for_a_second(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_count(&rig, 33); /* a burst, but less than Y */
	assert_true(ps_threshold_is_on(&rig.shared));
	rig.now += SECOND - 1;
	assert_true(rig_is_on(&rig));
	rig.now += 9; /* times are kept to 8 ns */
	assert_false(rig_is_on(&rig));
}

static void test_it_does_not_go_off_amid_a_burst(void **state)
{
	rig_init(&rig, 1000, 900, 2);
	rig_count(&rig, 84);
	rig.now += SECOND - 10 * MS;
	rig_count(&rig, 84); /* 168 in the second */
	rig.now += 20 * MS;
	assert_true(rig_is_on(&rig));
	rig.now += 20 * MS;
	assert_false(rig_is_on(&rig));
}

static void test_reading_needs_no_packets(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig.now += 900 * MS / 2;
	assert_true(rig_is_on(&rig));
	rig.now += 1100 * MS / 2;
	assert_false(rig_is_on(&rig));
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 0);
}

static void test_the_first_packet_after_hours_finds_it_off(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig.now += 5 * HOUR;
	rig_count(&rig, 1);
	assert_false(ps_threshold_is_on(&rig.shared));
	assert_int_equal(rig.offs, 1);
	assert_int_equal(rig.rate, 1);
	/* And armed. */
	rig_run(&rig, 200000, SECOND);
	assert_true(rig_is_on(&rig));
}

static void test_x_and_y_of_one(void **state)
{
	rig_init(&rig, 1, 1, 2);
	rig_count(&rig, 1);
	rig.now += SECOND;
	rig_count(&rig, 1);
	assert_false(rig_is_on(&rig));
	rig.now += 500 * MS;
	rig_count(&rig, 1);
	assert_true(ps_threshold_is_on(&rig.shared));
	/* One a second isn't below one. */
	rig_run(&rig, 1010, 10 * SECOND);
	assert_int_equal(rig.offs, 0);
	rig.now += SECOND;
	assert_false(rig_is_on(&rig));
}

static void test_y_of_zero_does_as_one(void **state)
{
	rig_init(&rig, 100, 0, 2);
	rig_run(&rig, 200000, SECOND);
	rig_run(&rig, 1010, 10 * SECOND);
	assert_true(rig_is_on(&rig));
	rig.now += SECOND;
	assert_false(rig_is_on(&rig));
}

static void test_rates_may_change(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 150000, 2 * SECOND);
	assert_true(rig_is_on(&rig));
	rig.rates = (struct ps_rates){ 400, 200 };
	assert_false(rig_is_on(&rig));
	rig.rates = (struct ps_rates){ 100, 50 };
	assert_true(rig_is_on(&rig));
}

static void test_x_becoming_zero_switches_off(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig.rates = (struct ps_rates){ 0, 0 };
	rig_count(&rig, 1);
	assert_int_equal(rig.offs, 1);
	assert_false(rig_is_on(&rig));
	/* One that was ended by hand isn't remembered either. */
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig_toggle(&rig, false);
	rig.rates = (struct ps_rates){ 0, 0 };
	rig_count(&rig, 1);
	rig.rates = (struct ps_rates){ 100, 50 };
	assert_true(rig_is_on(&rig));
}

static void test_plus_switches_on_until_minus(void **state)
{
	rig_init(&rig, 0, 0, 2);
	rig_toggle(&rig, true);
	assert_int_equal(rig.ons, 1);
	assert_true(ps_threshold_is_by_hand(&rig.shared));
	rig.now += 100 * HOUR;
	rig_count(&rig, 1);
	assert_true(rig_is_on(&rig));
	rig_toggle(&rig, true);
	assert_true(rig_is_on(&rig));
	rig_toggle(&rig, false);
	assert_int_equal(rig.offs, 1);
	assert_false(rig_is_on(&rig));
	assert_false(ps_threshold_is_by_hand(&rig.shared));
}

static void test_plus_outlasts_the_flood(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	assert_false(ps_threshold_is_by_hand(&rig.shared));
	rig_toggle(&rig, true);
	rig.now += HOUR;
	rig_count(&rig, 1);
	assert_true(rig_is_on(&rig));
	assert_true(ps_threshold_is_by_hand(&rig.shared));
	assert_int_equal(rig.ons, 1);
	/* The automatic activation is over: nothing to end, nothing to rearm. */
	rig_toggle(&rig, false);
	assert_false(rig_is_on(&rig));
	rig_run(&rig, 200000, SECOND);
	assert_true(rig_is_on(&rig));
}

static void test_minus_ends_an_automatic_activation(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig_toggle(&rig, false);
	assert_int_equal(rig.offs, 1);
	rig_run(&rig, 200000, 10 * SECOND);
	assert_int_equal(rig.ons, 1);
	/* Not armed by falling below X only, */
	rig_run(&rig, 75000, 10 * SECOND);
	rig_run(&rig, 200000, 10 * SECOND);
	assert_int_equal(rig.ons, 1);
	/* nor by less than a second below Y, */
	rig_run(&rig, 1000, 400 * MS);
	rig_run(&rig, 200000, 10 * SECOND);
	assert_int_equal(rig.ons, 1);
	/* but by a second. */
	rig_run(&rig, 1000, 2 * SECOND);
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 2);
}

static void test_it_rearms_without_packets_too(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 200000, SECOND);
	rig_toggle(&rig, false);
	rig.now += HOUR;
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 2);
}

static void test_minus_ends_both_kinds_at_once(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_toggle(&rig, true);
	rig_run(&rig, 200000, SECOND);
	rig_toggle(&rig, false);
	rig_run(&rig, 200000, 10 * SECOND);
	assert_int_equal(rig.ons, 1);
	assert_int_equal(rig.offs, 1);
	/* Plus and minus amid the flood don't arm it. */
	rig_toggle(&rig, true);
	rig_run(&rig, 200000, SECOND);
	rig_toggle(&rig, false);
	rig_run(&rig, 200000, 10 * SECOND);
	assert_int_equal(rig.ons, 2);
	assert_false(rig_is_on(&rig));
	rig.now += 2 * SECOND;
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 3);
}

static void test_minus_below_x_leaves_it_armed(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_run(&rig, 75000, 2 * SECOND);
	rig_toggle(&rig, true);
	rig_run(&rig, 75000, 2 * SECOND);
	rig_toggle(&rig, false);
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 2);
}

static void test_minus_when_off_changes_nothing(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_toggle(&rig, false);
	assert_false(ps_threshold_was_on(&rig.shared, rig.now, HOUR));
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 1);
	rig.now += HOUR;
	rig_toggle(&rig, false); /* found to be over by then */
	assert_int_equal(rig.offs, 1);
	rig_run(&rig, 200000, SECOND);
	assert_int_equal(rig.ons, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_off_at_birth),
		cmocka_unit_test(test_0_0_never_switches_on),
		cmocka_unit_test(test_more_than_x_in_a_second_switch_on),
		cmocka_unit_test(test_the_second_slides),
		cmocka_unit_test(test_a_burst_in_40_ms_switches_on),
		cmocka_unit_test(test_the_40_ms_slide),
		cmocka_unit_test(test_a_super_packet_is_its_segments),
		cmocka_unit_test(test_between_y_and_x_it_stays_as_it_was),
		cmocka_unit_test(test_a_whole_second_below_y_switches_off),
		cmocka_unit_test(test_exactly_y_is_not_below_y),
		cmocka_unit_test(test_a_burst_holds_for_a_second),
		cmocka_unit_test(test_it_does_not_go_off_amid_a_burst),
		cmocka_unit_test(test_reading_needs_no_packets),
		cmocka_unit_test(test_the_first_packet_after_hours_finds_it_off),
		cmocka_unit_test(test_x_and_y_of_one),
		cmocka_unit_test(test_y_of_zero_does_as_one),
		cmocka_unit_test(test_rates_may_change),
		cmocka_unit_test(test_x_becoming_zero_switches_off),
		cmocka_unit_test(test_plus_switches_on_until_minus),
		cmocka_unit_test(test_plus_outlasts_the_flood),
		cmocka_unit_test(test_minus_ends_an_automatic_activation),
		cmocka_unit_test(test_it_rearms_without_packets_too),
		cmocka_unit_test(test_minus_ends_both_kinds_at_once),
		cmocka_unit_test(test_minus_below_x_leaves_it_armed),
		cmocka_unit_test(test_minus_when_off_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
