// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rates of events over all CPUs, and the protections they switch.
 *
 * Counting. A slot of a ring is one word: its upper bits are the upper bits of
 * the time, which say in which lap of the ring the slot was last used, and its
 * lower bits count. So a slot of an old lap is empty without being cleared,
 * however long ago that was, and a CPU that comes late adds to the slot where
 * its events belong. A window is summed over the slots that began inside it:
 * it is never longer than 40 ms or a second, by more than what the clocks of
 * CPUs differ, and at most one slot shorter.
 *
 * Batches. A CPU adds to the rings when a millisecond or a slot of 2.1 ms has
 * passed since it last did, and otherwise holds its events back:
 *  - while rates above X would switch the protection on, at most X/1024 on all
 *    CPUs together, so that nothing is noticed late; as the rate isn't above X
 *    then, a CPU adds about 2,500 times a second at most;
 *  - while only rates below Y matter, as in a flood, a millisecond's worth.
 * An idle CPU keeps what it holds; it is dated when the CPU comes back.
 *
 * Deciding. Whoever has added sums up both windows, which depend on the time
 * and the rings only, and moves the state word on. The words of the rings are
 * no snapshot of one instant, but each of them only grows within its lap: the
 * CPU that added last sees all, and if it loses the race for the state word it
 * decides again.
 */
#include "bucket.h"
#include "threshold.h"

#define PS_NSEC_PER_MSEC       1000000ULL
#define PS_NSEC_PER_SEC	       1000000000ULL
#define PS_THRESHOLD_BURST     (40 * PS_NSEC_PER_MSEC)
#define PS_THRESHOLD_BURST_MIN 32U
#define PS_THRESHOLD_HOLD_LOG  10     /* X / 2^10 events are held back off, */
#define PS_THRESHOLD_HOLD_ON   65535U /* and on, so many on each CPU */

static_assert(PS_THRESHOLD_BURST < 1ULL << PS_THRESHOLD_BURST_LAP);
static_assert(PS_NSEC_PER_SEC < 1ULL << PS_THRESHOLD_SECOND_LAP);
/* Events held back within a slot of the one are within a slot of the other. */
static_assert(PS_THRESHOLD_BURST_SHIFT <= PS_THRESHOLD_SECOND_SHIFT);

struct ps_threshold_seen {
	u64 burst;
	u64 second;
};

/* Adds to the slot of @time, unless that has passed on to a later lap. */
static __always_inline void ps_threshold_add(u64 *ring, unsigned int shift, unsigned int lap,
					     u64 time, u64 events)
{
	u64 mask = (1ULL << lap) - 1;
	u64 *slot = &ring[(time & mask) >> shift];
	u64 old, count;

	do {
		old = READ_ONCE(*slot);
		if ((old & ~mask) > (time & ~mask))
			return;
		count = (old & ~mask) == (time & ~mask) ? old & mask : 0;
		count = min(count + events, mask);
	} while (ps_platform_cmpxchg64(slot, old, (time & ~mask) | count) != old);
}

/* The events in the slots that began after @now - @window. */
static __always_inline u64 ps_threshold_sum(const u64 *ring, unsigned int shift, unsigned int lap,
					    u64 now, u64 window)
{
	u64 slot = now < window ? 0 : ((now - window) >> shift) + 1;
	u64 mask = (1ULL << lap) - 1;
	u64 sum = 0;

	for (; slot <= now >> shift; slot++) {
		u64 time = slot << shift;
		u64 word = READ_ONCE(ring[(time & mask) >> shift]);

		if ((word & ~mask) == (time & ~mask))
			sum += word & mask;
	}
	return sum;
}

static void ps_threshold_record(struct ps_threshold *threshold, u64 time, u32 events)
{
	ps_threshold_add(threshold->burst, PS_THRESHOLD_BURST_SHIFT, PS_THRESHOLD_BURST_LAP, time,
			 events);
	ps_threshold_add(threshold->second, PS_THRESHOLD_SECOND_SHIFT, PS_THRESHOLD_SECOND_LAP,
			 time, events);
}

u64 ps_threshold_rate(const struct ps_threshold *threshold, u64 now)
{
	return ps_threshold_sum(threshold->second, PS_THRESHOLD_SECOND_SHIFT,
				PS_THRESHOLD_SECOND_LAP, now, PS_NSEC_PER_SEC);
}

static struct ps_threshold_seen ps_threshold_look(const struct ps_threshold *threshold, u64 now)
{
	return (struct ps_threshold_seen){
		.burst = ps_threshold_sum(threshold->burst, PS_THRESHOLD_BURST_SHIFT,
					  PS_THRESHOLD_BURST_LAP, now, PS_THRESHOLD_BURST),
		.second = ps_threshold_rate(threshold, now),
	};
}

static bool ps_threshold_is_burst(struct ps_rates rates, struct ps_threshold_seen seen)
{
	return seen.burst > max(rates.above / 12, PS_THRESHOLD_BURST_MIN);
}

/* Rounded up, so that a second after it is never less than a whole one. */
static u64 ps_threshold_stamp(u64 now)
{
	return (now + PS_THRESHOLD_FLAGS) & ~PS_THRESHOLD_FLAGS;
}

/*
 * What would switch it on keeps it on: bursts with pauses between them may well
 * be below Y. And it holds for a second, in which there was time to reach Y.
 */
static bool ps_threshold_is_over(u64 since, struct ps_rates rates, struct ps_threshold_seen seen,
				 u64 now)
{
	if (!rates.above)
		return true;
	return now >= since + PS_NSEC_PER_SEC && seen.second < max(rates.below, 1U) &&
	       !ps_threshold_is_burst(rates, seen);
}

/* The state that follows when nobody's hand is in it. */
static u64 ps_threshold_next(u64 state, struct ps_rates rates, struct ps_threshold_seen seen,
			     u64 now)
{
	u64 since = state & ~PS_THRESHOLD_FLAGS;
	u64 hand = state & PS_THRESHOLD_HAND;

	if (state & (PS_THRESHOLD_AUTO | PS_THRESHOLD_SPENT)) {
		if (!ps_threshold_is_over(since, rates, seen, now))
			return state;
		return hand | (state & PS_THRESHOLD_AUTO ? ps_threshold_stamp(now) : since);
	}
	if (!rates.above)
		return state;
	if (seen.second > rates.above || ps_threshold_is_burst(rates, seen))
		return hand | ps_threshold_stamp(now) | PS_THRESHOLD_AUTO;
	return state;
}

static bool ps_threshold_shows(u64 state)
{
	return state & (PS_THRESHOLD_HAND | PS_THRESHOLD_AUTO);
}

/* The state that follows from a hand on the switch. */
static u64 ps_threshold_turned(u64 state, bool on, u64 now)
{
	u64 hot = state & (PS_THRESHOLD_AUTO | PS_THRESHOLD_SPENT);

	if (ps_threshold_shows(state) == on)
		return on ? state | PS_THRESHOLD_HAND : state;
	return ps_threshold_stamp(now) | (on ? PS_THRESHOLD_HAND : 0) |
	       (hot ? PS_THRESHOLD_SPENT : 0);
}

static struct ps_threshold_change ps_threshold_report(u64 old, u64 next, struct ps_rates rates,
						      struct ps_threshold_seen seen)
{
	struct ps_threshold_change change = { .turn = PS_THRESHOLD_STAYED, .rate = seen.second };

	if (ps_threshold_shows(old) == ps_threshold_shows(next))
		return change;
	change.turn = ps_threshold_shows(next) ? PS_THRESHOLD_WENT_ON : PS_THRESHOLD_WENT_OFF;
	if ((next & PS_THRESHOLD_AUTO) && ps_threshold_is_burst(rates, seen))
		change.rate = max(seen.second, seen.burst * (PS_NSEC_PER_SEC / PS_THRESHOLD_BURST));
	return change;
}

struct ps_threshold_change ps_threshold_update(struct ps_threshold *threshold,
					       struct ps_rates rates, u64 now)
{
	struct ps_threshold_seen seen = ps_threshold_look(threshold, now);
	u64 old, next;

	do {
		old = READ_ONCE(threshold->state);
		next = ps_threshold_next(old, rates, seen, now);
	} while (next != old && ps_platform_cmpxchg64(&threshold->state, old, next) != old);
	return ps_threshold_report(old, next, rates, seen);
}

struct ps_threshold_change ps_threshold_toggle(struct ps_threshold *threshold,
					       struct ps_rates rates, bool on, u64 now)
{
	struct ps_threshold_seen seen = ps_threshold_look(threshold, now);
	u64 old, next;

	do {
		old = READ_ONCE(threshold->state);
		next = ps_threshold_turned(ps_threshold_next(old, rates, seen, now), on, now);
	} while (next != old && ps_platform_cmpxchg64(&threshold->state, old, next) != old);
	return ps_threshold_report(old, next, rates, seen);
}

/* Whether a CPU that holds @pending events back may go on doing so. */
static bool ps_threshold_may_hold(u64 state, struct ps_rates rates, u32 cpus, u32 pending)
{
	if (state & (PS_THRESHOLD_AUTO | PS_THRESHOLD_SPENT))
		return pending <= PS_THRESHOLD_HOLD_ON;
	return (u64)pending * cpus << PS_THRESHOLD_HOLD_LOG <= rates.above;
}

struct ps_threshold_change ps_threshold_count(struct ps_threshold *threshold,
					      struct ps_threshold_cpu *cpu, struct ps_rates rates,
					      u32 cpus, u32 events, u64 now)
{
	static const struct ps_threshold_change nothing;
	u64 state = READ_ONCE(threshold->state);

	if (!rates.above) {
		if (state & (PS_THRESHOLD_AUTO | PS_THRESHOLD_SPENT))
			return ps_threshold_update(threshold, rates, now);
		return nothing;
	}
	if ((now ^ cpu->flushed) >> PS_THRESHOLD_BURST_SHIFT) {
		if (cpu->pending)
			ps_threshold_record(threshold, cpu->flushed, cpu->pending);
		cpu->pending = 0;
	} else if (now - cpu->flushed < PS_NSEC_PER_MSEC &&
		   ps_threshold_may_hold(state, rates, cpus, cpu->pending + events)) {
		cpu->pending += events;
		return nothing;
	}
	ps_threshold_record(threshold, now, cpu->pending + events);
	cpu->flushed = now;
	cpu->pending = 0;
	return ps_threshold_update(threshold, rates, now);
}

bool ps_threshold_police(u64 *bucket, u64 now, u32 rate, u32 packets, bool all)
{
	u32 depth = max(rate / 10, packets);

	if (!rate)
		return false;
	/* The same bucket, of which a part can't be reached. */
	if (!all)
		depth = min(depth, depth / 2 + packets);
	return ps_bucket_take(bucket, now, rate, depth, packets);
}
