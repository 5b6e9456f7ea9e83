// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How full the tables of sessions are; see fullness.h. Keys are spread by a
 * hash, so some buckets side by side are as good a sample as any: of 256 slots
 * it is wrong by some percent, which the distance between the two bounds covers;
 * of 32,768, which is what readers pay for, by a part in a thousand.
 */
#include "../include/packetshield/netlink.h"
#include "clock.h"
#include "core/quic_sessions.h"
#include "event.h"
#include "fullness.h"

#define PS_FULLNESS_BUCKETS 32	 /* a packet looks at */
#define PS_FULLNESS_TELL    4096 /* a reader */
#define PS_FULLNESS_ON	    875	 /* thousandths */
#define PS_FULLNESS_OFF	    750

static const struct ps_slots *ps_fullness_find(const struct ps_instance *instance,
					       enum ps_fullness_table which)
{
	switch (which) {
	case PS_FULLNESS_TCP:
		return rcu_dereference(instance->engine.tcp);
	case PS_FULLNESS_UDP:
		return rcu_dereference(instance->engine.udp);
	default:
		return rcu_dereference(instance->engine.quic);
	}
}

/* Slots in use by sessions that live, in a power of two of buckets. */
static u32 ps_fullness_living(const struct ps_instance *instance, enum ps_fullness_table which,
			      const struct ps_slots *table, u32 buckets)
{
	const struct ps_sessions_timeouts *timeouts = &instance->engine.timeouts;
	u32 now = ps_clock_seconds();
	/* Elsewhere each time; a power of two of buckets begins at any multiple of it. */
	u32 first = now * buckets & table->mask;

	if (which == PS_FULLNESS_QUIC)
		return ps_quic_sessions_living(table, first, buckets, timeouts, now);
	return ps_sessions_living(table, first, buckets, timeouts, now);
}

static void ps_fullness_look_at(struct ps_instance *instance, enum ps_fullness_table which)
{
	const struct ps_slots *table = ps_fullness_find(instance, which);
	u32 buckets, share;

	if (!table)
		return;
	buckets = min_t(u32, table->mask + 1, PS_FULLNESS_BUCKETS);
	share = ps_fullness_living(instance, which, table, buckets) * 1000 /
		(buckets * PS_SLOTS_BUCKET);
	if (instance->full[which] ? share >= PS_FULLNESS_OFF : share < PS_FULLNESS_ON)
		return;
	WRITE_ONCE(instance->full[which], !instance->full[which]);
	ps_event_table(instance, which, instance->full[which], (table->mask + 1) * PS_SLOTS_BUCKET);
}

void ps_fullness_look(struct ps_instance *instance)
{
	unsigned long due = READ_ONCE(instance->next_look);
	enum ps_fullness_table which;

	if (time_before(jiffies, due) || cmpxchg(&instance->next_look, due, jiffies + HZ) != due)
		return;
	for (which = 0; which < PS_FULLNESS_TABLES; which++)
		ps_fullness_look_at(instance, which);
}

bool ps_fullness_tell(const struct ps_instance *instance, enum ps_fullness_table which,
		      struct ps_netlink_table *told)
{
	const struct ps_slots *table;
	u32 buckets;

	rcu_read_lock();
	table = ps_fullness_find(instance, which);
	if (table) {
		buckets = min_t(u32, table->mask + 1, PS_FULLNESS_TELL);
		told->slots = (table->mask + 1) * PS_SLOTS_BUCKET;
		told->used = ps_fullness_living(instance, which, table, buckets) *
			     ((table->mask + 1) / buckets);
	}
	rcu_read_unlock();
	return table;
}
