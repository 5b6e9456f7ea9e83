// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the events of all CPUs are counted: what a CPU may hold back, what it
 * writes to shared memory, clocks that differ, laps of the rings, and CPUs that
 * count at the same time.
 */
#include <pthread.h>

#include "threshold_rig.h"

static struct rig rig;

static u64 held_back(const struct rig *of)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < CPUS_MAX; i++)
		sum += of->cpu[i].pending;
	return sum;
}

static void test_the_rate_is_that_of_the_last_second(void **state)
{
	rig_init(&rig, 1000, 1000, 4);
	rig_run(&rig, 300000, 5 * SECOND);
	assert_in_range(ps_threshold_rate(&rig.shared, rig.now), 297, 300);
	rig.now += 500 * MS;
	assert_in_range(ps_threshold_rate(&rig.shared, rig.now), 147, 150);
	rig.now += 500 * MS;
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 0);
}

static void test_off_no_more_than_a_thousandth_of_x_is_held_back(void **state)
{
	static const u32 x[] = { 1, 400, 2048, 100000, 1000000, PS_RATE_MAX };
	static const u32 cpus[] = { 1, 2, 16, 128 };
	u32 i, c, n;

	for (i = 0; i < ARRAY_SIZE(x); i++)
		for (c = 0; c < ARRAY_SIZE(cpus); c++) {
			rig_init(&rig, x[i], 1, cpus[c]);
			for (n = 0; n < x[i] && n < 300000 && !rig.ons; n++) {
				rig_count(&rig, 1);
				assert_true(held_back(&rig) <= x[i] / 1024);
				rig.now += SECOND / 3000000;
			}
		}
}

static void test_off_a_cpu_writes_some_thousand_times_a_second_at_most(void **state)
{
	static const u32 cpus[] = { 1, 2, 16, 128 };
	u32 c;

	for (c = 0; c < ARRAY_SIZE(cpus); c++) {
		rig_init(&rig, 1000000, 1, cpus[c]);
		rig_run(&rig, 990000000, SECOND);
		assert_int_equal(rig.ons, 0);
		assert_true(rig.flushes <= 2550 * cpus[c]);
	}
}

static void test_on_a_cpu_writes_every_millisecond_at_most(void **state)
{
	static const u32 cpus[] = { 1, 2, 16, 128 };
	u32 c;

	for (c = 0; c < ARRAY_SIZE(cpus); c++) {
		rig_init(&rig, 400, 1, cpus[c]);
		rig_run(&rig, 4000000, 10 * MS);
		assert_true(rig_is_on(&rig));
		rig.flushes = 0;
		rig_run(&rig, 10000000000ULL, 100 * MS);
		assert_true(rig.flushes <= 150 * cpus[c]);
		/* Likewise while it is ended by hand, though it is off then. */
		rig_toggle(&rig, false);
		rig.flushes = 0;
		rig_run(&rig, 10000000000ULL, 100 * MS);
		assert_false(ps_threshold_is_on(&rig.shared));
		assert_true(rig.flushes <= 150 * cpus[c]);
	}
}

static void test_what_an_idle_cpu_held_back_keeps_its_time(void **state)
{
	rig_init(&rig, 1000000, 1, 1);
	rig_count(&rig, 1);
	rig_count(&rig, 900);
	assert_int_equal(held_back(&rig), 900);
	rig.now += 500 * MS;
	rig_count(&rig, 1);
	assert_int_equal(held_back(&rig), 0);
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 902);
	rig.now += 500 * MS;
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 1);
	/* After hours it is of no interest any more. */
	rig_count(&rig, 1);
	rig_count(&rig, 900);
	rig.now += HOUR;
	rig_count(&rig, 1);
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 1);
}

static void test_old_laps_of_the_rings_do_not_count(void **state)
{
	u32 lap;

	for (lap = 20; lap < 63; lap++) {
		rig_init(&rig, 100, 1, 1);
		rig_count(&rig, 32);
		rig.now += 1ULL << lap;
		assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), lap < 30 ? 32 : 0);
		rig_count(&rig, 32);
		assert_int_equal(ps_threshold_is_on(&rig.shared), lap <= 25);
	}
}

static void test_times_do_not_wrap(void **state)
{
	static const u64 start[] = { 0, 1, SECOND / 2, 1ULL << 32, 1ULL << 62,
				     ~0ULL - 60 * SECOND };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(start); i++) {
		rig_init(&rig, 100, 50, 4);
		rig.now = start[i];
		rig_run(&rig, 99000, 3 * SECOND);
		assert_int_equal(rig.ons, 0);
		rig_run(&rig, 300000, SECOND);
		assert_int_equal(rig.ons, 1);
		rig_run(&rig, 40000, 3 * SECOND);
		assert_int_equal(rig.offs, 1);
	}
}

/*
 * Clocks of CPUs are some nanoseconds apart, also around the ends of slots. A
 * window is longer by as much: four more events than the 1,000 a second.
 */
static void test_clocks_may_differ(void **state)
{
	static const u64 starts[] = { START, START >> 24 << 24, (START >> 24 << 24) + 140 };
	struct ps_threshold_change change;
	u32 i, cpu;
	u64 end;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		rig_init(&rig, 1004, 500, 4);
		end = starts[i] + 5 * SECOND;
		for (rig.now = starts[i]; rig.now < end; rig.now += 4 * MS)
			for (cpu = 0; cpu < 4; cpu++) {
				change = ps_threshold_count(&rig.shared, &rig.cpu[cpu], rig.rates,
							    4, 1, rig.now - 70 * cpu);
				assert_int_equal(change.turn, PS_THRESHOLD_STAYED);
			}
		assert_in_range(ps_threshold_rate(&rig.shared, end), 988, 1000);
		rig_run(&rig, 2000000, SECOND);
		assert_int_equal(rig.ons, 1);
	}
}

static void test_a_clock_behind_switches_nothing_off(void **state)
{
	rig_init(&rig, 100, 50, 2);
	rig_count(&rig, 101);
	assert_int_equal(rig.ons, 1);
	rig.now -= 1000;
	assert_true(rig_is_on(&rig));
	rig_count(&rig, 1);
	rig.now -= 10 * SECOND;
	assert_true(rig_is_on(&rig));
	rig_count(&rig, 1);
	assert_true(rig_is_on(&rig));
	/* What came a lap late is lost, nothing else is. */
	rig.now += 10 * SECOND + 1000;
	assert_in_range(ps_threshold_rate(&rig.shared, rig.now), 101, 102);
}

static void test_counts_do_not_overflow(void **state)
{
	u32 i;

	rig_init(&rig, 100, 50, 1);
	for (i = 0; i < 40000; i++) {
		rig_count(&rig, 65535);
		rig_count(&rig, 65535);
	}
	/* 5 * 10^9 in one instant; a slot holds 2^30. */
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), (1 << 30) - 1);
	assert_true(rig_is_on(&rig));
	rig.now += SECOND + 8;
	assert_int_equal(ps_threshold_rate(&rig.shared, rig.now), 0);
	assert_false(rig_is_on(&rig));
}

#define THREADS	4
#define ROUNDS	60000

struct thread {
	pthread_t id;
	u32 cpu;
	u32 ons, offs;
};

/*
 * Each thread is a CPU with a clock of its own, which runs through this time in
 * steps: the clocks differ by as much as the scheduler has them run apart.
 */
static u64 thread_span;
static bool thread_toggles;
static pthread_barrier_t thread_start;

static void thread_note(struct thread *thread, struct ps_threshold_change change)
{
	thread->ons += change.turn == PS_THRESHOLD_WENT_ON;
	thread->offs += change.turn == PS_THRESHOLD_WENT_OFF;
}

static void *thread_run(void *argument)
{
	struct thread *thread = argument;
	u32 i;

	pthread_barrier_wait(&thread_start);
	for (i = 0; i < ROUNDS; i++) {
		u64 now = START + thread_span / ROUNDS * i;

		thread_note(thread, ps_threshold_count(&rig.shared, &rig.cpu[thread->cpu],
						       rig.rates, rig.cpus, 1 + i % 3, now));
		if (thread_toggles)
			thread_note(thread, ps_threshold_toggle(&rig.shared, rig.rates,
								(i ^ thread->cpu) & 1, now));
	}
	return NULL;
}

static void run_threads(u32 *ons, u32 *offs)
{
	struct thread thread[THREADS];
	u32 i;

	memset(thread, 0, sizeof(thread));
	assert_int_equal(pthread_barrier_init(&thread_start, NULL, THREADS), 0);
	for (i = 0; i < THREADS; i++) {
		thread[i].cpu = i;
		assert_int_equal(pthread_create(&thread[i].id, NULL, thread_run, &thread[i]), 0);
	}
	for (*ons = *offs = i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i].id, NULL), 0);
		*ons += thread[i].ons;
		*offs += thread[i].offs;
	}
	pthread_barrier_destroy(&thread_start);
}

static void test_no_event_of_any_cpu_is_lost(void **state)
{
	/* So many CPUs that nothing is held back, and as few as there are. */
	static const u32 x[] = { 1, 100000, PS_RATE_MAX }, cpus[] = { 1000000, THREADS };
	u32 i, c, ons, offs;

	thread_toggles = false;
	for (i = 0; i < ARRAY_SIZE(x); i++)
		for (c = 0; c < 2 * ARRAY_SIZE(cpus); c++) {
			rig_init(&rig, x[i], 0, cpus[c / 2]);
			/* In all slots, or all in one. */
			thread_span = c % 2 ? 985 * MS : 0;
			run_threads(&ons, &offs);
			assert_int_equal(ps_threshold_rate(&rig.shared, START + thread_span) +
					 held_back(&rig), THREADS * 2 * ROUNDS);
			assert_int_equal(ons, x[i] < PS_RATE_MAX);
			assert_int_equal(offs, 0);
		}
}

/* Every turn is told to one caller: as many ons as offs, whoever sees them. */
static void test_every_turn_is_reported_once(void **state)
{
	u32 ons, offs, i;

	thread_toggles = true;
	for (i = 0; i < 3; i++) {
		thread_span = (1 + 60 * i) * SECOND;
		rig_init(&rig, 3 * ROUNDS / (1 + 20 * i), 2 * ROUNDS / (1 + 20 * i), THREADS);
		run_threads(&ons, &offs);
		assert_int_equal(ons - offs, ps_threshold_is_on(&rig.shared));
		assert_true(ons >= 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_rate_is_that_of_the_last_second),
		cmocka_unit_test(test_off_no_more_than_a_thousandth_of_x_is_held_back),
		cmocka_unit_test(test_off_a_cpu_writes_some_thousand_times_a_second_at_most),
		cmocka_unit_test(test_on_a_cpu_writes_every_millisecond_at_most),
		cmocka_unit_test(test_what_an_idle_cpu_held_back_keeps_its_time),
		cmocka_unit_test(test_old_laps_of_the_rings_do_not_count),
		cmocka_unit_test(test_times_do_not_wrap),
		cmocka_unit_test(test_clocks_may_differ),
		cmocka_unit_test(test_a_clock_behind_switches_nothing_off),
		cmocka_unit_test(test_counts_do_not_overflow),
		cmocka_unit_test(test_no_event_of_any_cpu_is_lost),
		cmocka_unit_test(test_every_turn_is_reported_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
