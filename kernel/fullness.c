// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How full the tables of sessions are; see fullness.h. Keys are spread by a
 * hash, so a few buckets side by side are as good a sample as any: of 256 slots
 * it is wrong by some percent, which the distance between the two bounds covers.
 */
#include "clock.h"
#include "core/quic_sessions.h"
#include "event.h"
#include "fullness.h"

#define PS_FULLNESS_BUCKETS 32
#define PS_FULLNESS_ON	    875 /* thousandths */
#define PS_FULLNESS_OFF	    750

static u32 ps_fullness_living(const struct ps_instance *instance, enum ps_fullness_table which,
			      const struct ps_slots *table, u32 first, u32 buckets)
{
	const struct ps_sessions_timeouts *timeouts = &instance->engine.timeouts;

	if (which == PS_FULLNESS_QUIC)
		return ps_quic_sessions_living(table, first, buckets, timeouts, ps_clock_seconds());
	return ps_sessions_living(table, first, buckets, timeouts, ps_clock_seconds());
}

static void ps_fullness_look_at(struct ps_instance *instance, enum ps_fullness_table which,
				const struct ps_slots *table)
{
	u32 buckets, first, share;

	if (!table)
		return;
	buckets = min_t(u32, table->mask + 1, PS_FULLNESS_BUCKETS);
	/* Elsewhere each time; a power of two of buckets begins at any multiple of it. */
	first = ps_clock_seconds() * PS_FULLNESS_BUCKETS & table->mask;
	share = ps_fullness_living(instance, which, table, first, buckets) * 1000 /
		(buckets * PS_SLOTS_BUCKET);
	if (instance->full[which] ? share >= PS_FULLNESS_OFF : share < PS_FULLNESS_ON)
		return;
	WRITE_ONCE(instance->full[which], !instance->full[which]);
	ps_event_table(instance, which, instance->full[which], (table->mask + 1) * PS_SLOTS_BUCKET);
}

void ps_fullness_look(struct ps_instance *instance)
{
	unsigned long due = READ_ONCE(instance->next_look);

	if (time_before(jiffies, due) || cmpxchg(&instance->next_look, due, jiffies + HZ) != due)
		return;
	ps_fullness_look_at(instance, PS_FULLNESS_TCP, rcu_dereference(instance->engine.tcp));
	ps_fullness_look_at(instance, PS_FULLNESS_UDP, rcu_dereference(instance->engine.udp));
	ps_fullness_look_at(instance, PS_FULLNESS_QUIC, rcu_dereference(instance->engine.quic));
}
