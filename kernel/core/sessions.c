// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions of TCP, UDP and DNS; the promises are in sessions.h.
 *
 * Theory of operation
 *
 * State is three bits of kind and five bits of what the kind needs:
 *
 *	HALF_OPEN	incoming packets admitted so far, 0-16
 *	ESTABLISHED	bit 0: a SYN passed in the second of the last packet;
 *			bit 1: a SYN that came too late to pass got a cookie
 *	OWN_SYN, OWN	likewise
 *	UDP		bit 0: evicted first
 *	DNS
 *
 *	outgoing	nothing or dead	HALF_OPEN	ESTABLISHED	OWN_SYN	OWN
 *	SYN		OWN_SYN		OWN_SYN		OWN_SYN		-	OWN_SYN
 *	SYN+ACK		HALF_OPEN	-		-		-	-
 *	SEGMENT		ESTABLISHED	ESTABLISHED	-		OWN	-
 *	OTHER		nothing		-		-		-	-
 *	RST		nothing		nothing		nothing		nothing	nothing
 *
 * "-" is: refreshed, nothing else. A cookie (ps_sessions_open()) does what
 * SEGMENT does, but OWN_SYN stays. The two OWNs differ in how much they are
 * missed: a host that scans shall not push established sessions out. A
 * SYN+ACK sent again doesn't give a half-open session new admissions: each
 * spoofed SYN would buy sixteen packets.
 *
 * One SYN a second: a SYN that passes makes now the second of the last packet
 * and sets the bit; the next packet in a later second clears it. So "bit set
 * and second of the last packet is now" is exactly "one passed in this second".
 *
 * A packet whose second is the slot's already, with nothing else to note,
 * writes nothing: a busy session's line is written once a second.
 *
 * CPUs read the clock apart from each other: a slot may be a moment ahead of
 * now. Ages from PS_SESSIONS_WRAP on are therefore 0, and a slot's time isn't
 * moved back.
 */
#include "session_slot.h"

u64 ps_sessions_hash_ipv6(const struct ps_siphash_key *secret, const struct ps_session_key *key)
{
	const u64 word[] = {
		(u64)key->local.word[0] << 32 | key->local.word[1],
		(u64)key->local.word[2] << 32 | key->local.word[3],
		(u64)key->remote.word[0] << 32 | key->remote.word[1],
		(u64)key->remote.word[2] << 32 | key->remote.word[3],
		ps_session_key_rest(key),
	};

	return ps_siphash(secret, word, ARRAY_SIZE(word));
}

/* By which time-out a session is valid, whatever class of packet comes. */
static bool ps_session_is_valid(u32 payload, const struct ps_sessions_timeouts *timeouts, u32 now)
{
	enum ps_sessions_timeout which = PS_SESSIONS_ACK;

	if (ps_session_kind(payload) == PS_KIND_UDP)
		which = PS_SESSIONS_UDP;
	else if (ps_session_kind(payload) == PS_KIND_DNS)
		which = PS_SESSIONS_DNS;
	return ps_session_age(payload, now) <= ps_session_timeout(timeouts, which);
}

/* Whether no packet of any class finds it valid any more. */
static bool ps_session_is_dead(u32 payload, const struct ps_sessions_timeouts *timeouts, u32 now)
{
	u32 age = ps_session_age(payload, now);

	if (ps_session_is_valid(payload, timeouts, now))
		return false;
	if (ps_session_kind(payload) == PS_KIND_UDP || ps_session_kind(payload) == PS_KIND_DNS)
		return true;
	return age > ps_session_timeout(timeouts, PS_SESSIONS_SYN) &&
	       age > ps_session_timeout(timeouts, PS_SESSIONS_RST);
}

/* The last words of SPEC 5.1: dead first, then half-open, then the longest unused. */
static u32 ps_session_rank(u64 word, const struct ps_sessions_timeouts *timeouts, u32 now)
{
	const u32 payload = (u32)word;
	u32 age = ps_session_age(payload, now);
	u32 rank = PS_SESSION_RANK_LIVE;

	if (!word)
		return 0;
	if (ps_session_is_dead(payload, timeouts, now))
		return PS_SESSION_RANK_DEAD;
	switch (ps_session_kind(payload)) {
	case PS_KIND_HALF_OPEN:
	case PS_KIND_OWN_SYN:
		rank = PS_SESSION_RANK_SPARE;
		break;
	case PS_KIND_UDP:
		if (payload & PS_SESSION_SPARE)
			rank = PS_SESSION_RANK_SPARE;
		break;
	default:
		break;
	}
	return rank + PS_SESSIONS_WRAP - age;
}

/* Write a session: where it was found, else over what is least missed in its bucket. */
static bool ps_session_record(const struct ps_slots *table, u64 hash,
			      const struct ps_slots_place *place, u32 payload,
			      const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_slots_victim victim = PS_SLOTS_NO_VICTIM;
	u64 *bucket, *slot;
	u64 word;
	u32 i;

	if (place->slot)
		return ps_slots_swap(place, ps_slots_word(hash, payload));
	bucket = ps_slots_bucket(table, hash);
	/* Each begins elsewhere: of those of one second it would always hit the newest. */
	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		slot = bucket + (((hash >> 32) + i) & (PS_SLOTS_BUCKET - 1));
		word = READ_ONCE(*slot);
		ps_slots_offer(&victim, slot, word, ps_session_rank(word, timeouts, now));
	}
	return ps_slots_put(table, &victim.place, hash, payload);
}

/* What an incoming packet makes of a valid session that isn't half-open. */
static u32 ps_session_receive_open(u32 payload, const struct ps_sessions_arrival *arrival, u32 now,
				   struct ps_sessions_match *match)
{
	u32 next = ps_session_refresh(payload, now);
	u32 ttl = (u32)arrival->ttl << PS_SESSION_TTL_SHIFT;

	if (arrival->timeout == PS_SESSIONS_SYN) {
		if (next & PS_SESSION_SYN_PASSED) {
			match->session = PS_SESSION_EXCESS;
			return payload;
		}
		next |= PS_SESSION_SYN_PASSED;
	}
	match->session = ps_session_kind(payload) == PS_KIND_ESTABLISHED ? PS_SESSION_ESTABLISHED :
									   PS_SESSION_OWN;
	/* A SYN or RST proves nothing about where it comes from. */
	if (arrival->timeout != PS_SESSIONS_ACK)
		return next;
	match->learn = (payload & PS_SESSION_TTL) != ttl ||
		       (payload ^ next) >> (PS_SESSION_TIME_SHIFT + PS_SESSION_MINUTE);
	return (next & ~PS_SESSION_TTL) | ttl;
}

/* What an incoming packet makes of a session. */
static u32 ps_session_receive(u32 payload, const struct ps_sessions_arrival *arrival,
			      const struct ps_sessions_timeouts *timeouts, u32 now,
			      struct ps_sessions_match *match)
{
	match->cookied = ps_session_is_cookied(payload);
	if (ps_session_age(payload, now) > ps_session_timeout(timeouts, arrival->timeout)) {
		match->late = ps_session_kind(payload) == PS_KIND_ESTABLISHED;
		return payload;
	}
	switch (ps_session_kind(payload)) {
	case PS_KIND_HALF_OPEN:
		if ((payload & PS_SESSION_DETAIL) + arrival->segments > PS_SESSIONS_ADMITTED) {
			match->session = PS_SESSION_EXHAUSTED;
			return payload;
		}
		match->session = PS_SESSION_HALF_OPEN;
		return ps_session_refresh(payload, now) + arrival->segments;
	case PS_KIND_ESTABLISHED:
	case PS_KIND_OWN_SYN:
	case PS_KIND_OWN:
		return ps_session_receive_open(payload, arrival, now, match);
	default:
		return payload;
	}
}

struct ps_sessions_match ps_sessions_incoming(const struct ps_slots *table, u64 hash,
					      const struct ps_sessions_arrival *arrival,
					      const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_sessions_match match;
	struct ps_slots_place place;
	u32 tries, payload;

	for (tries = 0; tries < 2; tries++) {
		match = (struct ps_sessions_match){ .session = PS_SESSION_NONE };
		if (!ps_slots_find(table, hash, &place))
			break;
		payload = ps_session_receive((u32)place.word, arrival, timeouts, now, &match);
		if (payload == (u32)place.word)
			break;
		if (ps_session_record(table, hash, &place, payload, timeouts, now))
			break;
	}
	return match;
}

/* What a packet that may open a session makes of it; 0 stands for none. */
static u32 ps_session_send(u32 payload, enum ps_sessions_sent sent, u32 now)
{
	enum ps_session_kind kind = ps_session_kind(payload);

	switch (sent) {
	case PS_SENT_SYN:
		if (kind != PS_KIND_OWN_SYN)
			return ps_session_make(PS_KIND_OWN_SYN, 0, now);
		break;
	case PS_SENT_SYN_ACK:
		if (kind == PS_KIND_NONE)
			return ps_session_make(PS_KIND_HALF_OPEN, 0, now);
		break;
	case PS_SENT_SEGMENT:
		if (kind == PS_KIND_OWN_SYN)
			payload += (PS_KIND_OWN - PS_KIND_OWN_SYN) << PS_SESSION_KIND_SHIFT;
		fallthrough;
	case PS_SENT_COOKIE:
		if (kind == PS_KIND_NONE || kind == PS_KIND_HALF_OPEN)
			return ps_session_make(PS_KIND_ESTABLISHED, 0, now);
		if (sent == PS_SENT_COOKIE && kind == PS_KIND_ESTABLISHED)
			payload &= ~PS_SESSION_COOKIED;
		break;
	case PS_SENT_DATAGRAM:
		if (kind == PS_KIND_NONE)
			return ps_session_make(PS_KIND_UDP, 0, now);
		break;
	case PS_SENT_DATAGRAM_SPARE:
		if (kind == PS_KIND_NONE)
			return ps_session_make(PS_KIND_UDP, PS_SESSION_SPARE, now);
		break;
	case PS_SENT_QUERY:
		if (kind == PS_KIND_NONE)
			return ps_session_make(PS_KIND_DNS, 0, now);
		break;
	default:
		break;
	}
	return payload ? ps_session_refresh(payload, now) : 0;
}

static enum ps_sessions_change ps_session_change(u32 before, u32 after)
{
	enum ps_session_kind kind = ps_session_kind(after);

	if (kind == ps_session_kind(before))
		return PS_SESSIONS_SAME;
	if (kind == PS_KIND_ESTABLISHED || kind == PS_KIND_OWN)
		return PS_SESSIONS_ESTABLISHED;
	return PS_SESSIONS_OPENED;
}

static enum ps_sessions_change ps_session_write(const struct ps_slots *table, u64 hash,
						enum ps_sessions_sent sent, u8 ttl,
						const struct ps_sessions_timeouts *timeouts,
						u32 now)
{
	struct ps_slots_place place;
	u32 tries, before, after;

	for (tries = 0; tries < 2; tries++) {
		before = 0;
		if (ps_slots_find(table, hash, &place) &&
		    ps_session_is_valid((u32)place.word, timeouts, now))
			before = (u32)place.word;
		after = ps_session_send(before, sent, now);
		if (ttl)
			after = (after & ~PS_SESSION_TTL) | (u32)ttl << PS_SESSION_TTL_SHIFT;
		if (after == before || ps_session_record(table, hash, &place, after, timeouts, now))
			break;
	}
	return ps_session_change(before, after);
}

enum ps_sessions_change ps_sessions_outgoing(const struct ps_slots *table, u64 hash,
					     enum ps_sessions_sent sent,
					     const struct ps_sessions_timeouts *timeouts, u32 now)
{
	if (sent == PS_SENT_RST)
		return ps_slots_take(table, hash) ? PS_SESSIONS_ENDED : PS_SESSIONS_SAME;
	return ps_session_write(table, hash, sent, 0, timeouts, now);
}

enum ps_sessions_change ps_sessions_open(const struct ps_slots *table, u64 hash, u8 ttl,
					 const struct ps_sessions_timeouts *timeouts, u32 now)
{
	return ps_session_write(table, hash, PS_SENT_COOKIE, ttl, timeouts, now);
}

void ps_sessions_cookied(const struct ps_slots *table, u64 hash)
{
	struct ps_slots_place place;
	u32 payload;

	if (!ps_slots_find_here(table, hash, &place))
		return;
	payload = (u32)place.word;
	/* Who loses the race has met a packet of the session: the SYN will come again. */
	if (ps_session_kind(payload) == PS_KIND_ESTABLISHED)
		ps_slots_swap(&place, ps_slots_word(hash, payload | PS_SESSION_COOKIED));
}

bool ps_sessions_known(const struct ps_slots *table, u64 hash,
		       const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_slots_place place;

	return ps_slots_find(table, hash, &place) &&
	       ps_session_is_valid((u32)place.word, timeouts, now);
}

bool ps_sessions_answer(const struct ps_slots *table, u64 hash,
			const struct ps_sessions_timeouts *timeouts, u32 now)
{
	return ps_sessions_known(table, hash, timeouts, now) && ps_slots_take(table, hash);
}

void ps_sessions_sweep(const struct ps_slots *table, u32 first, u32 buckets,
		       const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_slots_place place;
	u32 i;

	for (; buckets && first <= table->mask; first++, buckets--) {
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			place.slot = &table->bucket[first].slot[i];
			place.word = READ_ONCE(*place.slot);
			/* Who comes in between has made it young: nothing to clear then. */
			if (ps_session_rank(place.word, timeouts, now) == PS_SESSION_RANK_DEAD)
				ps_slots_swap(&place, 0);
		}
		ps_slots_tidy(table, first);
	}
}

u32 ps_sessions_living(const struct ps_slots *table, u32 first, u32 buckets,
		       const struct ps_sessions_timeouts *timeouts, u32 now)
{
	u32 i, living = 0;
	u64 word;

	for (; buckets && first <= table->mask; first++, buckets--)
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			word = READ_ONCE(table->bucket[first].slot[i]);
			living += word && !ps_session_is_dead((u32)word, timeouts, now);
		}
	return living;
}

u32 ps_sessions_longest(const struct ps_sessions_timeouts *timeouts)
{
	u32 longest = 0, timeout, i;

	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++) {
		timeout = ps_session_timeout(timeouts, i);
		longest = max(longest, timeout);
	}
	return longest;
}
