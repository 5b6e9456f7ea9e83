// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How soon a protection is on in a flood, and off after it, whatever X, the
 * size of the flood and the number of CPUs:
 *
 *  - on within a second of a flood just above X;
 *  - on within 10 ms of a flood at ten times X, for X >= 400;
 *  - off within 2 s of the flood's end.
 */
#include "threshold_rig.h"

static const u32 xs[] = { 1, 10, 32, 100, 400, 1000, 10000, 1000000 };
static const u32 factors[] = { 101, 200, 1000, 10000 }; /* per cent of X */
static const u32 cpus[] = { 1, 2, 16, 128 };

static struct rig rig;

enum spread {
	ROUND_ROBIN,
	ONE_CPU,	/* all flows hash to one queue */
	RUNS,		/* NAPI: several in a row on one CPU, then on the next */
};

/*
 * The flood until it is noticed, a second at most. Returns the time it took,
 * beginning with its first event; all ones if it wasn't.
 */
static u64 engage(u64 milli, enum spread spread)
{
	u64 start = rig.now, offset, i;
	u32 ons = rig.ons;

	for (i = 0; (offset = i * (1000 * SECOND) / milli) <= SECOND; i++) {
		rig.now = start + offset;
		rig_count_on(&rig, spread == ONE_CPU ? 0 :
			     spread == RUNS ? i / 7 % rig.cpus : i % rig.cpus, 1);
		if (rig.ons > ons)
			return offset;
	}
	return ~0ULL;
}

static u64 deadline(u32 x, u32 factor)
{
	return x >= 400 && factor >= 1000 ? 10 * MS : SECOND;
}

static void assert_engages_after_silence(u32 x, u32 factor, u32 n, u32 phase, enum spread spread)
{
	u64 took;

	rig_init(&rig, x, x / 2, n);
	rig.now += phase * 1700123;
	took = engage(10ULL * x * factor, spread);
	if (took > deadline(x, factor))
		fail_msg("X %u, flood %u %%, %u CPUs: %lld ns", x, factor, n, (long long)took);
}

/* At any time within a slot. */
static void assert_engages(enum spread spread)
{
	u32 x, f, c, phase;

	for (x = 0; x < ARRAY_SIZE(xs); x++)
		for (f = 0; f < ARRAY_SIZE(factors); f++)
			for (c = 0; c < ARRAY_SIZE(cpus); c++)
				for (phase = 0; phase < (xs[x] > 10000 ? 1 : 5); phase++)
					assert_engages_after_silence(xs[x], factors[f], cpus[c],
								     phase, spread);
}

static void test_it_engages_in_time_over_all_cpus(void **state)
{
	assert_engages(ROUND_ROBIN);
}

static void test_it_engages_in_time_on_one_cpu(void **state)
{
	assert_engages(ONE_CPU);
}

static void test_it_engages_in_time_where_packets_come_in_runs(void **state)
{
	assert_engages(RUNS);
}

/* The flood comes on top of what is there, 0.9 X for two seconds. */
static void test_it_engages_in_time_after_other_traffic(void **state)
{
	u32 x, f, c;
	u64 took;

	for (x = 0; x < ARRAY_SIZE(xs) - 1; x++)
		for (f = 0; f < ARRAY_SIZE(factors); f++)
			for (c = 0; c < ARRAY_SIZE(cpus); c++) {
				rig_init(&rig, xs[x], xs[x] / 2, cpus[c]);
				rig_run(&rig, 900 * xs[x], 2 * SECOND);
				assert_int_equal(rig.ons, 0);
				took = engage(10ULL * xs[x] * factors[f], ROUND_ROBIN);
				assert_true(took <= deadline(xs[x], factors[f]));
			}
}

/* Every CPU's clock has its own error; the tests with one clock are exact. */
static void test_it_engages_in_time_with_a_coarse_clock(void **state)
{
	const u64 tick = 4 * MS;
	u64 i, time;

	rig_init(&rig, 400, 200, 16);
	for (i = 0; !rig.ons; i++) {
		time = START + i * SECOND / 4000;
		assert_true(time - START <= 10 * MS);
		rig.now = time / tick * tick;
		rig_count(&rig, 1);
	}
}

static void test_x_of_a_billion(void **state)
{
	u32 i;

	rig_init(&rig, PS_RATE_MAX, PS_RATE_MAX, 2);
	for (i = 0; i < 2000; i++) {
		rig_count(&rig, 60000);
		rig.now += 10000;
	}
	assert_true(rig_is_on(&rig));
	assert_in_range(rig.on_at - START, 10 * MS, 15 * MS);
}

/*
 * A flood, for a while; then silence, or the most that leaves fewer than Y in
 * every second.
 */
static void assert_releases(u32 x, u32 factor, u32 n, u64 length, bool silence)
{
	u32 y = max(x / 2, 1U);
	u64 rest = silence ? 0 : 990 * (y - 1);
	u64 end, i;

	rig_init(&rig, x, y, n);
	assert_true(engage(10ULL * x * factor, RUNS) <= SECOND);
	rig_run(&rig, 10ULL * x * factor, length);
	assert_true(rig_is_on(&rig));
	end = rig.now;
	for (i = 1; rig_is_on(&rig); i++) {
		assert_true(rig.now <= end + 2 * SECOND);
		rig.now = end + (rest ? i * (1000 * SECOND) / rest : i * 10 * MS);
		if (rest)
			rig_count(&rig, 1);
	}
	/* Not later than the second below Y is a whole one. */
	assert_true(rig.off_at - end <= (rest ? SECOND + 1000 * SECOND / rest : 1010 * MS));
}

static void test_it_releases_in_time(void **state)
{
	u32 x, f, c;

	for (x = 0; x < ARRAY_SIZE(xs) - 1; x++)
		for (f = 0; f < ARRAY_SIZE(factors); f++)
			for (c = 0; c < ARRAY_SIZE(cpus); c++) {
				u64 length = xs[x] >= 1000 ? 50 * MS : 400 * MS;

				/* below one there is only silence */
				if (xs[x] / 2 > 1)
					assert_releases(xs[x], factors[f], cpus[c], length, false);
				assert_releases(xs[x], factors[f], cpus[c], length, true);
			}
	assert_releases(1000000, 200, 16, 10 * MS, true);
	assert_releases(1000, 1000, 16, 2 * SECOND, true);
	assert_releases(1000, 1000, 16, 2 * SECOND, false);
}

/* A flood that pauses for less than a second is one flood. */
static void test_pauses_do_not_switch_it_off(void **state)
{
	u32 i;

	rig_init(&rig, 1000, 500, 16);
	for (i = 0; i < 20; i++) {
		rig_run(&rig, 10000000, 100 * MS);
		rig.now += 850 * MS;
		assert_true(rig_is_on(&rig));
	}
	assert_int_equal(rig.ons, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_engages_in_time_over_all_cpus),
		cmocka_unit_test(test_it_engages_in_time_on_one_cpu),
		cmocka_unit_test(test_it_engages_in_time_where_packets_come_in_runs),
		cmocka_unit_test(test_it_engages_in_time_after_other_traffic),
		cmocka_unit_test(test_it_engages_in_time_with_a_coarse_clock),
		cmocka_unit_test(test_x_of_a_billion),
		cmocka_unit_test(test_it_releases_in_time),
		cmocka_unit_test(test_pauses_do_not_switch_it_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
