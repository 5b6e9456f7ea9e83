/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a protection of a context is on: by its rate of events, or by hand.
 *
 * It goes on when more than max(X/12, 32) events fall into 40 ms or more than
 * X into a sliding second, and off after a whole second on that held fewer than
 * Y, unless the last 40 ms are over their limit. Nothing runs on a timer: events
 * drive it, and whoever reads the status brings the time along. See threshold.c
 * for how the events of all CPUs are counted without writing a shared cache line
 * for each.
 */
#ifndef PS_CORE_THRESHOLD_H
#define PS_CORE_THRESHOLD_H

#include "platform.h"

#define PS_RATE_MAX		1000000000	/* of X and Y, events a second */

/*
 * Both windows are rings of slots, 2^SHIFT nanoseconds each; their length is
 * 2^LAP nanoseconds, more than the 40 ms and the second looked at.
 */
#define PS_THRESHOLD_BURST_SHIFT	21	/* 2.1 ms */
#define PS_THRESHOLD_BURST_LAP		26	/* 67 ms */
#define PS_THRESHOLD_SECOND_SHIFT	23	/* 8.4 ms */
#define PS_THRESHOLD_SECOND_LAP		30	/* 1.07 s */
#define PS_THRESHOLD_BURST_SLOTS  (1 << (PS_THRESHOLD_BURST_LAP - PS_THRESHOLD_BURST_SHIFT))
#define PS_THRESHOLD_SECOND_SLOTS (1 << (PS_THRESHOLD_SECOND_LAP - PS_THRESHOLD_SECOND_SHIFT))

/* Flags in the state word; the rest of it is the time of the last change. */
#define PS_THRESHOLD_HAND	1ULL	/* switched on by hand */
#define PS_THRESHOLD_AUTO	2ULL	/* gone on by itself */
#define PS_THRESHOLD_SPENT	4ULL	/* would be on, but was ended by hand */
#define PS_THRESHOLD_FLAGS	7ULL

/**
 * struct ps_rates - the value `X-Y` of an option
 * @above: X, on above so many events a second; 0: never by itself
 * @below: Y, off below so many; not over @above. 0 does as 1: off after a
 *	   second without any event
 */
struct ps_rates {
	u32 above;
	u32 below;
};

/**
 * struct ps_threshold - one protection of one context; all zero at its birth
 * @state:	time of the last change and flags; read by every packet, written
 *		when something changes
 * @burst:	events in each of the last slots, for the 40 ms
 * @second:	the same for the second
 *
 * Each word is changed by compare-and-exchange only.
 */
struct ps_threshold {
	u64 state;
	u64 burst[PS_THRESHOLD_BURST_SLOTS] ____cacheline_aligned;
	u64 second[PS_THRESHOLD_SECOND_SLOTS];
};

/**
 * struct ps_threshold_cpu - one CPU's part of it; all zero at its birth
 * @flushed:	when the CPU last added to the shared part; those held back came
 *		in the same slot of @burst, less than a millisecond later
 * @pending:	events held back
 */
struct ps_threshold_cpu {
	u64 flushed;
	u32 pending;
};

enum ps_threshold_turn {
	PS_THRESHOLD_STAYED,
	PS_THRESHOLD_WENT_ON,
	PS_THRESHOLD_WENT_OFF,
};

/**
 * struct ps_threshold_change - what a call has done
 * @turn: whether the protection went on or off; of all callers on all CPUs one
 *	  is told so
 * @rate: events a second that were seen then: those of the last second, or 25
 *	  times those of the last 40 ms if these switched it on
 */
struct ps_threshold_change {
	enum ps_threshold_turn turn;
	u64 rate;
};

/* Rates as the value of an option, and back. */
static inline s64 ps_rates_pack(struct ps_rates rates)
{
	return (s64)((u64)rates.above << 32 | rates.below);
}

static inline struct ps_rates ps_rates_unpack(s64 value)
{
	return (struct ps_rates){ .above = (u64)value >> 32, .below = (u32)value };
}

/**
 * ps_threshold_is_on() - whether the protection is on, for packets
 * @threshold: the protection
 *
 * One plain load. It knows of the time what ps_threshold_count() and
 * ps_threshold_update() told; who hasn't called either calls the latter.
 *
 * Return: whether it is on, by itself or by hand.
 */
static inline bool ps_threshold_is_on(const struct ps_threshold *threshold)
{
	return READ_ONCE(threshold->state) & (PS_THRESHOLD_HAND | PS_THRESHOLD_AUTO);
}

/**
 * ps_threshold_is_by_hand() - whether it was switched on by hand
 * @threshold: the protection
 *
 * Return: true from `+` until `-`.
 */
static inline bool ps_threshold_is_by_hand(const struct ps_threshold *threshold)
{
	return READ_ONCE(threshold->state) & PS_THRESHOLD_HAND;
}

/**
 * ps_threshold_was_on() - whether it is on or was so not long ago
 * @threshold: the protection
 * @now: time in nanoseconds
 * @within: how long ago, in nanoseconds
 *
 * A plain load, as ps_threshold_is_on(): going off is dated by the call that
 * found it out, so the answer may be yes for too long.
 *
 * Return: whether it was on at any time after @now - @within.
 */
static inline bool ps_threshold_was_on(const struct ps_threshold *threshold, u64 now, u64 within)
{
	u64 state = READ_ONCE(threshold->state);

	return state & (PS_THRESHOLD_HAND | PS_THRESHOLD_AUTO) ||
	       (state & ~PS_THRESHOLD_FLAGS &&
		now < (state & ~PS_THRESHOLD_FLAGS) + within);
}

/**
 * ps_threshold_count() - events happen
 * @threshold: the protection they are counted for
 * @cpu: this CPU's part; nobody else uses it during the call
 * @rates: the option's value
 * @cpus: how many CPUs may be counting, 1 or more
 * @events: how many, 1-65535
 * @now: time in nanoseconds; between CPUs it may differ
 *
 * ps_threshold_is_on() is right afterwards.
 *
 * Return: what changed.
 */
struct ps_threshold_change ps_threshold_count(struct ps_threshold *threshold,
					      struct ps_threshold_cpu *cpu, struct ps_rates rates,
					      u32 cpus, u32 events, u64 now);

/**
 * ps_threshold_update() - time has passed, or the rates are others
 * @threshold: the protection
 * @rates: the option's value
 * @now: time in nanoseconds
 *
 * For readers of the status, before ps_threshold_is_on().
 *
 * Return: what changed.
 */
struct ps_threshold_change ps_threshold_update(struct ps_threshold *threshold,
					       struct ps_rates rates, u64 now);

/**
 * ps_threshold_toggle() - switch by hand
 * @threshold: the protection
 * @rates: the option's value
 * @on: on until it is switched off; or off, which also ends an automatic
 *	activation: the next needs a whole second below Y first
 * @now: time in nanoseconds
 *
 * Return: what changed.
 */
struct ps_threshold_change ps_threshold_toggle(struct ps_threshold *threshold,
					       struct ps_rates rates, bool on, u64 now);

/**
 * ps_threshold_rate() - the rate, for people
 * @threshold: the protection
 * @now: time in nanoseconds
 *
 * Return: events of the last second, without those of its first 8.4 ms at most
 * and those that CPUs hold back.
 */
u64 ps_threshold_rate(const struct ps_threshold *threshold, u64 now);

/**
 * ps_threshold_police() - let packets pass at Y a second
 * @bucket: a word of their own, zero at birth (bucket.h)
 * @now: time in nanoseconds
 * @rate: packets a second, Y; at 0 none passes
 * @packets: how many at once, 1-65535: the segments of a super-packet, which
 *	     may be more than a bucket of Y/10 holds; a full one lets it pass
 * @all: to the last token; or while half of the bucket is left
 *
 * Return: whether they pass.
 */
bool ps_threshold_police(u64 *bucket, u64 now, u32 rate, u32 packets, bool all);

#endif
