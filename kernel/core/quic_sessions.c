// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions of QUIC; the promises are in quic_sessions.h.
 *
 * Theory of operation
 *
 * A slot's payload is 16 bits of the second to which its clock is set, 8 bits of
 * the second in which an Initial was last admitted, one bit that says which
 * clock it is, 5 bits of packets admitted while half-open and 2 bits of kind.
 * The slot of the qsh clock has the hash of the session with the highest bit
 * turned over: another fingerprint in the same bucket, found in the line that is
 * there already.
 *
 * The second of an Initial has 8 bits: after 256 s one too many may be refused.
 */
#include "quic_sessions.h"
#include "session_slot.h"

#define PS_QUIC_SLOT_KIND	   0x03U /* enum ps_quic_session */
#define PS_QUIC_SLOT_ADMITTED	   0x04U /* one packet */
#define PS_QUIC_SLOT_QSH	   0x80U
#define PS_QUIC_SLOT_INITIAL	   0xff00U
#define PS_QUIC_SLOT_INITIAL_SHIFT 8

/* What happens to a slot. */
enum ps_quic_event {
	PS_QUIC_TEST,	       /* nothing */
	PS_QUIC_ADMIT_INITIAL, /* one a second */
	PS_QUIC_ADMIT,
	PS_QUIC_ADMIT_AND_SET, /* the clock, too */
	PS_QUIC_SET,	       /* if there is one */
	PS_QUIC_HALF_OPEN,     /* at least */
	PS_QUIC_LEARN,	       /* likewise */
	PS_QUIC_VALIDATE,
};

/* A slot before and after an event; 0: none, or none that is valid. */
struct ps_quic_step {
	u32 before, after;
};

static enum ps_quic_session ps_quic_kind(u32 payload)
{
	return payload & PS_QUIC_SLOT_KIND;
}

static bool ps_quic_is_alive(u32 payload, const struct ps_sessions_timeouts *timeouts, u32 now)
{
	enum ps_sessions_timeout which = payload & PS_QUIC_SLOT_QSH ? PS_SESSIONS_QSH :
								      PS_SESSIONS_QHS;

	return ps_session_age(payload, now) <= ps_session_timeout(timeouts, which);
}

static u32 ps_quic_rank(u64 word, const struct ps_sessions_timeouts *timeouts, u32 now)
{
	u32 payload = (u32)word, rank = PS_SESSION_RANK_LIVE;

	if (!word)
		return 0;
	if (!ps_quic_is_alive(payload, timeouts, now))
		return PS_SESSION_RANK_DEAD;
	if (ps_quic_kind(payload) == PS_QUIC_SESSION_HALF_OPEN)
		rank = PS_SESSION_RANK_SPARE;
	return rank + PS_SESSIONS_WRAP - ps_session_age(payload, now);
}

static u32 ps_quic_set(u32 payload, u32 now)
{
	if (!ps_session_age(payload, now))
		return payload;
	return now << PS_SESSION_TIME_SHIFT | (payload & ((1U << PS_SESSION_TIME_SHIFT) - 1));
}

/* A slot that shall be at least of a kind. */
static u32 ps_quic_raise(u32 payload, enum ps_quic_session kind, u32 clock, u32 now)
{
	u32 initial = now << PS_QUIC_SLOT_INITIAL_SHIFT & PS_QUIC_SLOT_INITIAL;

	if (!payload)
		return now << PS_SESSION_TIME_SHIFT | initial | clock | kind;
	if (ps_quic_kind(payload) < kind)
		payload = (payload & ~PS_QUIC_SLOT_KIND) | kind;
	return ps_quic_set(payload, now);
}

/* What admits a half-open slot's packets: the payload with these counted, or as it was. */
static u32 ps_quic_admit(u32 payload, u32 segments)
{
	u32 admitted = (payload & ~PS_QUIC_SLOT_QSH & 0xff) / PS_QUIC_SLOT_ADMITTED;

	if (admitted + segments > PS_SESSIONS_ADMITTED)
		return payload;
	return payload + segments * PS_QUIC_SLOT_ADMITTED;
}

static u32 ps_quic_admit_initial(u32 payload, u32 segments, u32 now)
{
	u32 second = now << PS_QUIC_SLOT_INITIAL_SHIFT & PS_QUIC_SLOT_INITIAL;
	u32 next;

	if ((payload & PS_QUIC_SLOT_INITIAL) == second)
		return payload;
	next = ps_quic_admit(payload, segments);
	return next == payload ? payload : (next & ~PS_QUIC_SLOT_INITIAL) | second;
}

static u32 ps_quic_next(u32 payload, enum ps_quic_event event, u32 clock, u32 segments, u32 now)
{
	bool half_open = ps_quic_kind(payload) == PS_QUIC_SESSION_HALF_OPEN;
	u32 next = payload;

	switch (event) {
	case PS_QUIC_HALF_OPEN:
		return ps_quic_raise(payload, PS_QUIC_SESSION_HALF_OPEN, clock, now);
	case PS_QUIC_LEARN:
		return ps_quic_raise(payload, PS_QUIC_SESSION_LEARNED, clock, now);
	case PS_QUIC_VALIDATE:
		return ps_quic_raise(payload, PS_QUIC_SESSION_VALIDATED, clock, now);
	case PS_QUIC_ADMIT_INITIAL:
		return half_open ? ps_quic_admit_initial(payload, segments, now) : payload;
	case PS_QUIC_ADMIT:
	case PS_QUIC_ADMIT_AND_SET:
		if (half_open)
			next = ps_quic_admit(payload, segments);
		if (event == PS_QUIC_ADMIT || !payload || (half_open && next == payload))
			return next;
		return ps_quic_set(next, now);
	case PS_QUIC_SET:
		return payload ? ps_quic_set(payload, now) : 0;
	default:
		return payload;
	}
}

/* Where it was found, else over what is least missed in its bucket. */
static bool ps_quic_record(const struct ps_slots *table, u64 hash,
			   const struct ps_slots_place *place, u32 payload,
			   const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_slots_victim victim = PS_SLOTS_NO_VICTIM;
	u64 *bucket = ps_slots_bucket(table, hash);
	u64 word;
	u32 i;

	if (place->slot)
		return ps_slots_swap(place, ps_slots_word(hash, payload));
	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		word = READ_ONCE(bucket[i]);
		ps_slots_offer(&victim, &bucket[i], word, ps_quic_rank(word, timeouts, now));
	}
	return ps_slots_put(table, &victim.place, hash, payload);
}

static struct ps_quic_step ps_quic_happen(const struct ps_slots *table, u64 hash, u32 clock,
					  enum ps_quic_event event, u32 segments,
					  const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_quic_step step;
	struct ps_slots_place place;
	u32 tries;

	if (clock)
		hash ^= 1ULL << 63;
	for (tries = 0; tries < 2; tries++) {
		step.before = 0;
		if (ps_slots_find(table, hash, &place) &&
		    ps_quic_is_alive((u32)place.word, timeouts, now))
			step.before = (u32)place.word;
		step.after = ps_quic_next(step.before, event, clock, segments, now);
		if (step.after == step.before ||
		    ps_quic_record(table, hash, &place, step.after, timeouts, now))
			break;
	}
	return step;
}

/* What a packet meets: a half-open slot that doesn't change has not admitted it. */
static enum ps_quic_session ps_quic_met(struct ps_quic_step step, enum ps_quic_event event)
{
	enum ps_quic_session kind = ps_quic_kind(step.before);

	if (kind == PS_QUIC_SESSION_HALF_OPEN && event != PS_QUIC_TEST && step.after == step.before)
		return PS_QUIC_SESSION_NONE;
	return kind;
}

enum ps_quic_session ps_quic_sessions_incoming(const struct ps_slots *table, u64 hash,
					       enum ps_quic_arrival arrival, u32 segments,
					       const struct ps_sessions_timeouts *timeouts, u32 now)
{
	static const enum ps_quic_event event[] = {
		[PS_QUIC_GOT_INITIAL] = PS_QUIC_TEST,
		[PS_QUIC_GOT_INITIAL_STRICT] = PS_QUIC_ADMIT_INITIAL,
		[PS_QUIC_GOT_ZERO_RTT] = PS_QUIC_ADMIT,
		[PS_QUIC_GOT_HANDSHAKE] = PS_QUIC_ADMIT_AND_SET,
		[PS_QUIC_GOT_SHORT] = PS_QUIC_ADMIT_AND_SET,
	};
	u32 clock = arrival == PS_QUIC_GOT_SHORT ? PS_QUIC_SLOT_QSH : 0;
	enum ps_quic_session met;

	met = ps_quic_met(ps_quic_happen(table, hash, clock, event[arrival], segments, timeouts,
					 now),
			  event[arrival]);
	if (arrival == PS_QUIC_GOT_HANDSHAKE && met)
		ps_quic_happen(table, hash, PS_QUIC_SLOT_QSH,
			       met == PS_QUIC_SESSION_VALIDATED ? PS_QUIC_VALIDATE :
								  PS_QUIC_HALF_OPEN,
			       segments, timeouts, now);
	return met;
}

bool ps_quic_sessions_known(const struct ps_slots *table, u64 hash,
			    const struct ps_sessions_timeouts *timeouts, u32 now)
{
	return ps_quic_happen(table, hash, PS_QUIC_SLOT_QSH, PS_QUIC_TEST, 1, timeouts, now)
		       .before ||
	       ps_quic_happen(table, hash, 0, PS_QUIC_TEST, 1, timeouts, now).before;
}

void ps_quic_sessions_open(const struct ps_slots *table, u64 hash, bool validated,
			   const struct ps_sessions_timeouts *timeouts, u32 now)
{
	if (!validated) {
		ps_quic_happen(table, hash, 0, PS_QUIC_HALF_OPEN, 1, timeouts, now);
		return;
	}
	ps_quic_happen(table, hash, 0, PS_QUIC_VALIDATE, 1, timeouts, now);
	ps_quic_happen(table, hash, PS_QUIC_SLOT_QSH, PS_QUIC_VALIDATE, 1, timeouts, now);
}

bool ps_quic_sessions_outgoing(const struct ps_slots *table, u64 hash,
			       enum ps_quic_departure departure,
			       const struct ps_sessions_timeouts *timeouts, u32 now)
{
	static const enum ps_quic_event event[] = {
		[PS_QUIC_SENT_INITIAL] = PS_QUIC_HALF_OPEN,
		[PS_QUIC_SENT_HANDSHAKE] = PS_QUIC_SET,
		[PS_QUIC_SENT_SHORT] = PS_QUIC_HALF_OPEN,
		[PS_QUIC_SENT_DATA] = PS_QUIC_LEARN,
	};
	u32 clock = departure >= PS_QUIC_SENT_SHORT ? PS_QUIC_SLOT_QSH : 0;
	struct ps_quic_step step;

	step = ps_quic_happen(table, hash, clock, event[departure], 1, timeouts, now);
	return departure == PS_QUIC_SENT_DATA &&
	       ps_quic_kind(step.before) < PS_QUIC_SESSION_LEARNED;
}

void ps_quic_sessions_sweep(const struct ps_slots *table, u32 first, u32 buckets,
			    const struct ps_sessions_timeouts *timeouts, u32 now)
{
	struct ps_slots_place place;
	u32 i;

	for (; buckets && first <= table->mask; first++, buckets--) {
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			place.slot = &table->bucket[first].slot[i];
			place.word = READ_ONCE(*place.slot);
			if (ps_quic_rank(place.word, timeouts, now) == PS_SESSION_RANK_DEAD)
				ps_slots_swap(&place, 0);
		}
		ps_slots_tidy(table, first);
	}
}

u32 ps_quic_sessions_living(const struct ps_slots *table, u32 first, u32 buckets,
			    const struct ps_sessions_timeouts *timeouts, u32 now)
{
	u32 i, living = 0;
	u64 word;

	for (; buckets && first <= table->mask; first++, buckets--)
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			word = READ_ONCE(table->bucket[first].slot[i]);
			living += word && ps_quic_is_alive((u32)word, timeouts, now);
		}
	return living;
}
