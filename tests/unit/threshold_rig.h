/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A protection, the CPUs that count for it and a clock that the test moves.
 * Events go round the CPUs.
 */
#ifndef PS_TEST_THRESHOLD_RIG_H
#define PS_TEST_THRESHOLD_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "threshold.h"

#define MS		1000000ULL
#define SECOND		1000000000ULL
#define HOUR		(3600 * SECOND)
#define START		(77 * SECOND + 123456789)
#define CPUS_MAX	128

struct rig {
	struct ps_threshold shared;
	struct ps_threshold_cpu cpu[CPUS_MAX];
	struct ps_rates rates;
	u32 cpus, next;
	u64 now;
	u32 ons, offs;		/* turns reported */
	u64 on_at, off_at;	/* the last of them */
	u64 rate;		/* reported with it */
	u64 flushes;		/* calls that wrote to the shared part */
};

static void rig_init(struct rig *rig, u32 above, u32 below, u32 cpus)
{
	memset(rig, 0, sizeof(*rig));
	rig->rates.above = above;
	rig->rates.below = below;
	rig->cpus = cpus;
	rig->now = START;
}

static void rig_note(struct rig *rig, struct ps_threshold_change change)
{
	if (change.turn == PS_THRESHOLD_STAYED)
		return;
	if (change.turn == PS_THRESHOLD_WENT_ON) {
		assert_int_equal(rig->ons++, rig->offs);
		rig->on_at = rig->now;
	} else {
		assert_int_equal(++rig->offs, rig->ons);
		rig->off_at = rig->now;
	}
	rig->rate = change.rate;
}

static void rig_count_on(struct rig *rig, u32 cpu, u32 events)
{
	rig_note(rig, ps_threshold_count(&rig->shared, &rig->cpu[cpu], rig->rates, rig->cpus,
					 events, rig->now));
	rig->flushes += !rig->cpu[cpu].pending;
	assert_int_equal(ps_threshold_is_on(&rig->shared), rig->ons > rig->offs);
}

static void rig_count(struct rig *rig, u32 events)
{
	rig_count_on(rig, rig->next, events);
	rig->next = (rig->next + 1) % rig->cpus;
}

/* What a reader of the status sees. */
static inline bool rig_is_on(struct rig *rig)
{
	rig_note(rig, ps_threshold_update(&rig->shared, rig->rates, rig->now));
	return ps_threshold_is_on(&rig->shared);
}

static inline void rig_toggle(struct rig *rig, bool on)
{
	rig_note(rig, ps_threshold_toggle(&rig->shared, rig->rates, on, rig->now));
}

/* Single events, @milli thousandths of one a second, spread evenly over a time. */
static void rig_run(struct rig *rig, u64 milli, u64 duration)
{
	u64 start = rig->now, i, offset;

	for (i = 0; (offset = i * (1000 * SECOND) / milli) < duration; i++) {
		rig->now = start + offset;
		rig_count(rig, 1);
	}
	rig->now = start + duration;
}

#endif
