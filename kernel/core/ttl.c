// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TTLs of source networks; the promises are in ttl.h.
 *
 * A slot's payload is two halves, each a TTL and the unit of time in which it
 * was last seen. A network with one value has it in both halves: then neither
 * a mark for "no value" is needed nor a look-up that knows of it. A value that
 * has aged out is written over by the other half as soon as anything is
 * written, so at most one value at a time grows old in a slot that is in use.
 */
#include "ttl.h"

#define PS_TTL_UNIT_SHIFT 5 /* 32 s */
/* Seen 3,599 s ago is at most 113 changes of unit ago. */
#define PS_TTL_LIFE 113U
/* CPUs read the clock apart from each other: what is this "old" is from just ahead of now. */
#define PS_TTL_AHEAD (PS_TTL_WRAP >> PS_TTL_UNIT_SHIFT)

/* A network is one word: 56 bits of IPv6, or 24 of IPv4 with a mark where those end. */
u64 ps_ttl_hash(const struct ps_siphash_key *secret, const struct ps_addr *source)
{
	u64 network = (u64)source->word[0] << 32 | (source->word[1] & 0xffffff00);

	if (ps_addr_is_ipv4(source))
		network = (source->word[3] & 0xffffff00) | 1;
	return ps_siphash(secret, &network, 1);
}

static __always_inline u32 ps_ttl_half(u8 ttl, u32 now)
{
	return (u32)ttl << 8 | (now >> PS_TTL_UNIT_SHIFT & 0xff);
}

static __always_inline u32 ps_ttl_age(u32 half, u32 now)
{
	u32 age = ((now >> PS_TTL_UNIT_SHIFT) - half) & 0xff;

	return age < PS_TTL_AHEAD ? age : 0;
}

static __always_inline bool ps_ttl_is_fresh(u32 half, u32 now)
{
	return ps_ttl_age(half, now) <= PS_TTL_LIFE;
}

static __always_inline bool ps_ttl_is_near(u32 half, u8 ttl)
{
	u32 known = half >> 8 & 0xff;

	return known + PS_TTL_TOLERANCE >= ttl && ttl + PS_TTL_TOLERANCE >= known;
}

/* Write over what has aged out; false when nothing would be left. */
static bool ps_ttl_trim(u32 *payload, u32 now)
{
	u32 first = *payload >> 16, second = *payload & 0xffff;

	if (!ps_ttl_is_fresh(first, now))
		first = second;
	else if (!ps_ttl_is_fresh(second, now))
		second = first;
	*payload = first << 16 | second;
	return ps_ttl_is_fresh(first, now);
}

enum ps_ttl ps_ttl_look(const struct ps_slots *table, u64 hash, u8 ttl, u32 now)
{
	struct ps_slots_place place;
	bool fresh[2];
	u32 i, half;

	if (!ps_slots_find_here(table, hash, &place))
		return PS_TTL_UNKNOWN;
	for (i = 0; i < 2; i++) {
		half = (u32)place.word >> 16 * i & 0xffff;
		fresh[i] = ps_ttl_is_fresh(half, now);
		if (fresh[i] && ps_ttl_is_near(half, ttl))
			return PS_TTL_MATCH;
	}
	return fresh[0] || fresh[1] ? PS_TTL_DIFFERS : PS_TTL_UNKNOWN;
}

/* The halves of a network of which something is known, after @ttl was seen. */
static u32 ps_ttl_merge(u32 payload, u8 ttl, u32 now)
{
	u32 first = payload >> 16, second = payload & 0xffff;
	bool first_is_near = ps_ttl_is_near(first, ttl);
	bool second_is_near = ps_ttl_is_near(second, ttl);

	if (first_is_near && ps_ttl_age(first, now))
		first = ps_ttl_half(first >> 8, now);
	if (second_is_near && ps_ttl_age(second, now))
		second = ps_ttl_half(second >> 8, now);
	if (!first_is_near && !second_is_near && first == second)
		second = ps_ttl_half(ttl, now);
	return first << 16 | second;
}

/* An empty slot, or one of which nothing is fresh any more. */
static bool ps_ttl_make_room(const struct ps_slots *table, u64 hash, u32 now,
			     struct ps_slots_place *place)
{
	struct ps_slots_victim victim = PS_SLOTS_NO_VICTIM;
	u64 *slot = ps_slots_bucket(table, hash);
	u64 *end = slot + PS_SLOTS_BUCKET;
	u32 payload;
	u64 word;

	for (; slot < end; slot++) {
		word = READ_ONCE(*slot);
		payload = (u32)word;
		if (!word || !ps_ttl_trim(&payload, now))
			ps_slots_offer(&victim, slot, word, word != 0);
	}
	*place = victim.place;
	return place->slot;
}

void ps_ttl_learn(const struct ps_slots *table, u64 hash, u8 ttl, u32 now)
{
	const u32 half = ps_ttl_half(ttl, now);
	struct ps_slots_place place;
	u32 tries, payload, known;

	for (tries = 0; tries < 2; tries++) {
		payload = half << 16 | half;
		if (ps_slots_find_here(table, hash, &place)) {
			known = (u32)place.word;
			if (ps_ttl_trim(&known, now))
				payload = ps_ttl_merge(known, ttl, now);
		} else if (!ps_ttl_make_room(table, hash, now, &place)) {
			return;
		}
		if (ps_slots_word(hash, payload) == place.word ||
		    ps_slots_put(table, &place, hash, payload))
			return;
	}
}

void ps_ttl_sweep(const struct ps_slots *table, u32 first, u32 buckets, u32 now)
{
	struct ps_slots_place place;
	u32 i, payload;

	for (; buckets && first <= table->mask; first++, buckets--) {
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			place.slot = &table->bucket[first].slot[i];
			place.word = READ_ONCE(*place.slot);
			payload = (u32)place.word;
			if (!place.word)
				continue;
			if (!ps_ttl_trim(&payload, now))
				ps_slots_swap(&place, 0);
			else if (payload != (u32)place.word)
				ps_slots_swap(&place, place.word >> 32 << 32 | payload);
		}
		ps_slots_tidy(table, first);
	}
}
