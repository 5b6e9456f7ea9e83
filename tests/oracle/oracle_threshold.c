// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Protections against a model that keeps every event and counts exactly, on
 * random traffic from random CPUs. Checked after every event:
 *
 *  - it goes on only where more than X events are in the last second, or more
 *    than max(X/12, 32) in the last 40 ms: counted exactly, without a margin;
 *  - it is on wherever that many and the events that CPUs may hold back are in
 *    the last second less a slot of 8.4 ms, or in 40 ms less one of 2.1 ms;
 *  - it goes off only after a second on, and where fewer than Y and those that
 *    CPUs may hold back are in the last second less a slot, and not over the
 *    limit in the last 40 ms less a slot;
 *  - whoever reads it finds it off once it was on for a second and, counted
 *    exactly, fewer than Y events are in the last one and the last 40 ms are
 *    within their limit;
 *  - ended by hand, it goes on again only after it could have gone off.
 *
 * CPUs may hold back X/1024 events in all while it is off and armed, and else
 * what each got in the millisecond up to its last event.
 *
 * PS_SEED and PS_ROUNDS in the environment repeat or prolong a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "threshold.h"

#define MS		1000000ULL
#define SECOND		1000000000ULL
#define SECOND_SLOT	8388608ULL
#define BURST_SLOT	2097152ULL
#define CPUS		128
#define EVENTS_MAX	200000
#define ROUNDS		400

static u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static u64 pick_state;

static u32 pick(u32 below)
{
	pick_state = pick_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(pick_state >> 33) % below;
}

/* What happened, all of it. */
static u64 event_time[EVENTS_MAX];
static u32 event_count[EVENTS_MAX];
static u8 event_cpu[EVENTS_MAX];
static u32 events;

/* The events after some time, which only moves on: those before @tail are out. */
struct tally {
	u32 tail, seen;
	u64 sum;
};

static u64 tally_after(struct tally *tally, u64 time)
{
	for (; tally->seen < events; tally->seen++)
		tally->sum += event_count[tally->seen];
	for (; tally->tail < events && event_time[tally->tail] <= time; tally->tail++)
		tally->sum -= event_count[tally->tail];
	return tally->sum;
}

enum kind {
	ARMED,
	ON,		/* by itself */
	SPENT,		/* ended by hand */
	MAYBE,		/* by now either ARMED or SPENT */
};

static struct {
	struct tally second, second_least, burst, burst_least, cpu[CPUS];
	u64 last[CPUS];		/* event of that CPU */
	u64 held;		/* the last milliseconds of all CPUs */
	enum kind kind;
	bool hand;
	u64 since;		/* went on, or was ended */
	u64 armed_at;
	u32 x, y, limit, cpus;
	u64 now;
	u32 ons, offs, rearms;
} model;

static struct ps_threshold threshold;
static struct ps_threshold_cpu cpu_part[CPUS];
static struct ps_rates rates;

/* The sum over CPUs of what each got in the millisecond up to its last event. */
static void model_hold(u32 cpu)
{
	struct tally *tally = &model.cpu[cpu];

	model.held -= tally->sum;
	for (; tally->seen < events; tally->seen++)
		if (event_cpu[tally->seen] == cpu)
			tally->sum += event_count[tally->seen];
	for (; event_time[tally->tail] + MS <= model.last[cpu]; tally->tail++)
		if (event_cpu[tally->tail] == cpu)
			tally->sum -= event_count[tally->tail];
	model.held += tally->sum;
}

static void check_armed(bool on, u64 second, u64 burst)
{
	u64 second_least = tally_after(&model.second_least, model.now + SECOND_SLOT - SECOND);
	u64 burst_least = tally_after(&model.burst_least, model.now + BURST_SLOT - 40 * MS);
	u64 held = model.held;

	if (on) {
		assert_true(second > model.x || burst > model.limit);
		model.kind = ON;
		model.since = model.now;
		model.ons++;
		return;
	}
	if (model.kind != ARMED)
		return;
	if (model.now >= model.armed_at + SECOND)
		held = min(held, (u64)model.x / 1024);
	assert_true(second_least <= model.x + held);
	assert_true(burst_least <= model.limit + held);
}

static void check(bool read)
{
	u64 second = tally_after(&model.second, model.now - SECOND);
	u64 second_least = tally_after(&model.second_least, model.now + SECOND_SLOT - SECOND);
	u64 burst = tally_after(&model.burst, model.now - 40 * MS);
	u64 burst_least = tally_after(&model.burst_least, model.now + BURST_SLOT - 40 * MS);
	bool on = ps_threshold_is_on(&threshold);
	bool whole = model.now >= model.since + SECOND;
	bool may_be_quiet = whole && second_least < model.y + model.held &&
			    burst_least <= model.limit + model.held;
	/* times are kept to 8 ns */
	bool is_quiet = read && model.now >= model.since + SECOND + 8 && second < model.y &&
			burst <= model.limit;

	assert_in_range(ps_threshold_rate(&threshold, model.now),
			second_least - min(second_least, model.held), second);
	if (model.hand) {
		assert_true(on);
		return;
	}
	switch (model.kind) {
	case ON:
		assert_true(on ? !is_quiet : may_be_quiet);
		if (on)
			break;
		model.kind = ARMED;
		model.armed_at = model.now;
		model.offs++;
		break;
	case SPENT:
		assert_false(on);
		if (may_be_quiet)
			model.kind = MAYBE;
		break;
	case MAYBE:
	case ARMED:
		check_armed(on, second, burst);
		break;
	}
	if (model.kind == MAYBE && is_quiet) {
		model.kind = ARMED;
		model.armed_at = model.now;
		model.rearms++;
	}
}

static void happen(u32 cpu, u32 count)
{
	bool before = ps_threshold_is_on(&threshold);
	struct ps_threshold_change change;

	event_time[events] = model.now;
	event_count[events] = count;
	event_cpu[events++] = cpu;
	model.last[cpu] = model.now;
	model_hold(cpu);
	change = ps_threshold_count(&threshold, &cpu_part[cpu], rates, model.cpus, count,
				    model.now);
	assert_int_equal(change.turn == PS_THRESHOLD_WENT_ON,
			 !before && ps_threshold_is_on(&threshold));
	assert_int_equal(change.turn == PS_THRESHOLD_WENT_OFF,
			 before && !ps_threshold_is_on(&threshold));
	check(false);
}

static void toggle(void)
{
	bool on = pick(3) == 0;

	ps_threshold_update(&threshold, rates, model.now);
	check(true);
	ps_threshold_toggle(&threshold, rates, on, model.now);
	if (on && !model.hand) {
		/* Whether it goes on by itself, or off, can't be seen any more. */
		model.hand = true;
		return;
	}
	if (on || (!model.hand && model.kind != ON))
		return;
	model.kind = model.hand ? MAYBE : SPENT;
	model.hand = false;
	model.since = model.now;
	assert_false(ps_threshold_is_on(&threshold));
}

/* How a phase's events are spread over time and CPUs. */
struct traffic {
	u64 gap;	/* nanoseconds between arrivals, on the average */
	u32 most;	/* events in an arrival */
	u32 jitter;	/* 0: even, 1: random gaps, 2: pulses */
	u32 spread;	/* 0: one CPU, 1: all in turn, 2: any, 3: runs */
};

static struct traffic traffic_pick(void)
{
	static const u32 factor[] = { 100, 500, 900, 990, 1000, 1001, 1005, 1010, 1050, 1200,
				      2000, 2070, 2100, 2500, 10000, 100000 }; /* thousandths */
	u64 rate = (u64)factor[pick(ARRAY_SIZE(factor))] * (pick(4) ? model.x : model.y);
	struct traffic traffic = { .jitter = pick(3), .spread = pick(4) };

	/* So many at once that a second of X isn't too many arrivals. */
	traffic.most = 1 + (pick(3) ? model.x / 5000 : pick(44));
	traffic.gap = 1 + (1000 * SECOND) * (1 + traffic.most) / 2 / rate;
	return traffic;
}

static void phase(void)
{
	static const u32 length[] = { 5, 50, 200, 800, 1500, 3000 };
	u64 end = model.now + length[pick(ARRAY_SIZE(length))] * MS + pick(MS);
	struct traffic traffic = traffic_pick();
	u32 i, home = pick(model.cpus), calls = 2000 + pick(8000);
	u64 step;

	for (i = 0; i < calls && model.now < end && events < EVENTS_MAX; i++) {
		step = traffic.gap;
		if (traffic.jitter == 1)
			step = (u64)pick(2001) * traffic.gap / 1000;
		else if (traffic.jitter == 2)
			step = i % 50 ? traffic.gap / 50 : 49 * traffic.gap;
		model.now += step;
		if (traffic.spread == 1 || (traffic.spread == 3 && pick(7) == 0))
			home = (home + 1) % model.cpus;
		else if (traffic.spread == 2)
			home = pick(model.cpus);
		happen(home, 1 + pick(traffic.most));
		if (pick(20) == 0) {
			ps_threshold_update(&threshold, rates, model.now);
			check(true);
		}
		if (pick(5000) == 0)
			toggle();
	}
}

static void silence(void)
{
	static const u64 length[] = { MS, 39 * MS, 300 * MS, SECOND - 7, SECOND, SECOND + 1,
				      1ULL << 26, 1ULL << 30, 3600 * SECOND, 1ULL << 50 };

	model.now += length[pick(ARRAY_SIZE(length))];
	ps_threshold_update(&threshold, rates, model.now);
	check(true);
}

static void scenario_begin(void)
{
	static const u32 x[] = { 1, 2, 10, 32, 33, 100, 384, 400, 1000, 2047, 10000, 65536,
				 1000000, 100000000 };
	static const u32 cpus[] = { 1, 2, 3, 16, 128 };

	memset(&threshold, 0, sizeof(threshold));
	memset(cpu_part, 0, sizeof(cpu_part));
	memset(&model, 0, sizeof(model));
	events = 0;
	rates.above = x[pick(ARRAY_SIZE(x))];
	rates.below = rates.above - pick(rates.above);
	model.x = rates.above;
	model.y = rates.below;
	model.limit = max(model.x / 12, 32U);
	model.cpus = cpus[pick(ARRAY_SIZE(cpus))];
	model.now = 10 * SECOND + (u64)pick(1U << 31) * pick(1U << 31);
}

static void test_against_the_model(void **state)
{
	u64 seed = setting("PS_SEED", (u64)time(NULL));
	u64 rounds = setting("PS_ROUNDS", ROUNDS), round;
	u32 ons = 0, offs = 0, rearms = 0, phases;
	u64 total = 0;

	print_message("PS_SEED=%llu PS_ROUNDS=%llu\n", (unsigned long long)seed,
		      (unsigned long long)rounds);
	pick_state = seed;
	for (round = 0; round < rounds; round++) {
		scenario_begin();
		for (phases = 1 + pick(12); phases && events < EVENTS_MAX; phases--) {
			phase();
			if (pick(3) == 0)
				silence();
		}
		ons += model.ons;
		offs += model.offs;
		rearms += model.rearms;
		total += events;
	}
	print_message("%llu calls, on %u times, off %u, rearmed %u\n", (unsigned long long)total,
		      ons, offs, rearms);
	assert_true(rounds < ROUNDS || (ons > 100 && offs > 50 && rearms > 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
