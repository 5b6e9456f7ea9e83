/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plain record of every session, with exact times, and what it says about a
 * packet: SPEC 5.1, 5.2 (one SYN a second) and 6, written down once more.
 */
#ifndef PS_TESTS_SESSIONS_RECORD_H
#define PS_TESTS_SESSIONS_RECORD_H

#include "sessions.h"

#define KEYS	60
#define TABLES	4

enum state { NOTHING, HALF, ESTABLISHED, OUR_SYN, OURS, UDP, SPARE_UDP, DNS };

struct record {
	u64 hash;
	enum state state;
	u32 last;		/* second of the last packet */
	u32 admitted;
	u32 syn;		/* second in which a SYN passed */
	bool syn_passed;
	u32 ttl;
	bool cookied;		/* a SYN that came too late for it got a cookie */
};

struct world {
	struct record of[KEYS];
	struct ps_sessions_timeouts timeouts;
	struct ps_slots *table[TABLES];	/* the newest first */
	u32 retired[TABLES];		/* when it became old */
	u32 tables;
	u32 now;
	u32 swept;
};

static inline u32 seconds(const struct world *world, enum ps_sessions_timeout which)
{
	return world->timeouts.seconds[which];
}

static inline u32 idle(const struct world *world, const struct record *record)
{
	return world->now - record->last;
}

static inline bool is_valid(const struct world *world, const struct record *record)
{
	switch (record->state) {
	case NOTHING:
		return false;
	case UDP:
	case SPARE_UDP:
		return idle(world, record) <= seconds(world, PS_SESSIONS_UDP);
	case DNS:
		return idle(world, record) <= seconds(world, PS_SESSIONS_DNS);
	default:
		return idle(world, record) <= seconds(world, PS_SESSIONS_ACK);
	}
}

/* No packet of any class finds it valid. */
static inline bool is_dead(const struct world *world, const struct record *record)
{
	if (is_valid(world, record))
		return false;
	return record->state >= UDP || (idle(world, record) > seconds(world, PS_SESSIONS_SYN) &&
					idle(world, record) > seconds(world, PS_SESSIONS_RST));
}

static inline struct ps_sessions_match expect_incoming(const struct world *world, struct record *record,
						const struct ps_sessions_arrival *arrival)
{
	struct ps_sessions_match match = { .session = PS_SESSION_NONE };

	if (record->state == NOTHING || record->state >= UDP)
		return match;
	if (idle(world, record) > seconds(world, arrival->timeout))
		return match;
	if (record->state == HALF) {
		match.session = PS_SESSION_EXHAUSTED;
		if (record->admitted + arrival->segments > 16)
			return match;
		record->admitted += arrival->segments;
		record->last = world->now;
		match.session = PS_SESSION_HALF_OPEN;
		return match;
	}
	if (arrival->timeout == PS_SESSIONS_SYN) {
		match.session = PS_SESSION_EXCESS;
		if (record->syn_passed && record->syn == world->now)
			return match;
		record->syn_passed = true;
		record->syn = world->now;
	}
	match.session = record->state == ESTABLISHED ? PS_SESSION_ESTABLISHED : PS_SESSION_OWN;
	if (arrival->timeout == PS_SESSIONS_ACK) {
		match.learn = record->ttl != arrival->ttl || record->last / 64 != world->now / 64;
		record->ttl = arrival->ttl;
	}
	record->last = world->now;
	return match;
}

static inline enum ps_sessions_change become(const struct world *world, struct record *record,
				      enum state state, enum ps_sessions_change change)
{
	*record = (struct record){ .hash = record->hash, .state = state, .last = world->now };
	return change;
}

static inline enum ps_sessions_change expect_sent(const struct world *world, struct record *record,
					   enum ps_sessions_sent sent)
{
	bool valid = is_valid(world, record);
	enum state state = valid ? record->state : NOTHING;

	switch (sent) {
	case PS_SENT_RST:
		if (record->state == NOTHING)
			return PS_SESSIONS_SAME;
		record->state = NOTHING;
		return PS_SESSIONS_ENDED;
	case PS_SENT_SYN:
		if (state != OUR_SYN)
			return become(world, record, OUR_SYN, PS_SESSIONS_OPENED);
		break;
	case PS_SENT_SYN_ACK:
		if (!valid)
			return become(world, record, HALF, PS_SESSIONS_OPENED);
		break;
	case PS_SENT_SEGMENT:
	case PS_SENT_COOKIE:
		if (!valid || state == HALF)
			return become(world, record, ESTABLISHED, PS_SESSIONS_ESTABLISHED);
		if (state == OUR_SYN && sent == PS_SENT_SEGMENT) {
			record->state = OURS;
			record->last = world->now;
			return PS_SESSIONS_ESTABLISHED;
		}
		break;
	case PS_SENT_DATAGRAM:
		if (!valid)
			return become(world, record, UDP, PS_SESSIONS_OPENED);
		break;
	case PS_SENT_DATAGRAM_SPARE:
		if (!valid)
			return become(world, record, SPARE_UDP, PS_SESSIONS_OPENED);
		break;
	case PS_SENT_QUERY:
		if (!valid)
			return become(world, record, DNS, PS_SESSIONS_OPENED);
		break;
	default:
		break;
	}
	if (valid)
		record->last = world->now;
	return PS_SESSIONS_SAME;
}

#endif
