// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fragments after their first; the promises are in fragments.h.
 *
 * A slot's payload is the second of the first fragment in the high half, and
 * below it whether it was delivered and how many units of 8 bytes, the unit of
 * fragment offsets, may still come.
 */
#include "fragments.h"

#define PS_FRAGMENT_TIME_SHIFT 16
#define PS_FRAGMENT_DELIVER    0x8000U
#define PS_FRAGMENT_LEFT       0x3fffU
#define PS_FRAGMENT_UNIT       8U
#define PS_FRAGMENT_UNITS      (PS_FRAGMENTS_BYTES / PS_FRAGMENT_UNIT)
/* CPUs read the clock apart from each other: such an age is from just ahead of now. */
#define PS_FRAGMENT_AHEAD 0xff00U

static_assert(PS_FRAGMENT_UNITS <= PS_FRAGMENT_LEFT);

u64 ps_fragments_hash(const struct ps_siphash_key *secret, const struct ps_addr *source,
		      const struct ps_addr *destination, u32 id, u8 protocol)
{
	const u64 word[] = {
		(u64)source->word[0] << 32 | source->word[1],
		(u64)source->word[2] << 32 | source->word[3],
		(u64)destination->word[0] << 32 | destination->word[1],
		(u64)destination->word[2] << 32 | destination->word[3],
		(u64)id << 32 | (ps_addr_is_ipv4(source) ? protocol : 0),
	};

	return ps_siphash(secret, word, ARRAY_SIZE(word));
}

static __always_inline u32 ps_fragment_age(u32 payload, u32 now)
{
	u32 age = (now - (payload >> PS_FRAGMENT_TIME_SHIFT)) & 0xffff;

	return age < PS_FRAGMENT_AHEAD ? age : 0;
}

static __always_inline bool ps_fragment_is_fresh(u32 payload, u32 now)
{
	return ps_fragment_age(payload, now) <= PS_FRAGMENTS_SECONDS;
}

/* The lowest goes: empty, aged out, dropped, delivered; of the last two the oldest. */
static u32 ps_fragment_rank(u64 word, u32 now)
{
	const u32 payload = (u32)word;

	if (!word)
		return 0;
	if (!ps_fragment_is_fresh(payload, now))
		return 1;
	return (payload & PS_FRAGMENT_DELIVER) + 2 + PS_FRAGMENTS_SECONDS -
	       ps_fragment_age(payload, now);
}

static bool ps_fragment_make_room(const struct ps_slots *table, u64 hash, bool deliver, u32 now,
				  struct ps_slots_place *place)
{
	struct ps_slots_victim victim = PS_SLOTS_NO_VICTIM;
	u64 *slot = ps_slots_bucket(table, hash);
	u64 *end = slot + PS_SLOTS_BUCKET;
	u64 word;

	for (; slot < end; slot++) {
		word = READ_ONCE(*slot);
		ps_slots_offer(&victim, slot, word, ps_fragment_rank(word, now));
	}
	*place = victim.place;
	return deliver || victim.rank < PS_FRAGMENT_DELIVER;
}

static __always_inline u32 ps_fragment_units(u32 bytes)
{
	u32 units = bytes / PS_FRAGMENT_UNIT + (!bytes || bytes % PS_FRAGMENT_UNIT);

	return min(units, PS_FRAGMENT_UNITS);
}

void ps_fragments_first(const struct ps_slots *table, u64 hash, bool deliver, u32 bytes, u32 now)
{
	const u32 units = ps_fragment_units(bytes);
	const u32 opened = now << PS_FRAGMENT_TIME_SHIFT |
			   (deliver ? PS_FRAGMENT_DELIVER + PS_FRAGMENT_UNITS - units : 0);
	struct ps_slots_place place;
	u32 tries, payload;

	for (tries = 0; tries < 2; tries++) {
		payload = opened;
		if (ps_slots_find_here(table, hash, &place)) {
			if (ps_fragment_is_fresh((u32)place.word, now) &&
			    ((u32)place.word & PS_FRAGMENT_DELIVER || !deliver)) {
				payload = (u32)place.word;
				if (deliver)
					payload -= min(units, payload & PS_FRAGMENT_LEFT);
			}
		} else if (!ps_fragment_make_room(table, hash, deliver, now, &place)) {
			return;
		}
		if (ps_slots_word(hash, payload) == place.word ||
		    ps_slots_put(table, &place, hash, payload))
			return;
	}
}

enum ps_follow ps_fragments_later(const struct ps_slots *table, u64 hash, u32 bytes, u32 now)
{
	const u32 units = ps_fragment_units(bytes);
	struct ps_slots_place place;
	u32 tries;

	for (tries = 0; tries < 2; tries++) {
		if (!ps_slots_find_here(table, hash, &place) ||
		    !ps_fragment_is_fresh((u32)place.word, now))
			return PS_FOLLOW_UNKNOWN;
		if (!((u32)place.word & PS_FRAGMENT_DELIVER))
			return PS_FOLLOW_DROP;
		if (((u32)place.word & PS_FRAGMENT_LEFT) < units)
			return PS_FOLLOW_EXHAUSTED;
		if (ps_slots_swap(&place, place.word - units))
			break;
	}
	return PS_FOLLOW_DELIVER;
}

void ps_fragments_sweep(const struct ps_slots *table, u32 first, u32 buckets, u32 now)
{
	struct ps_slots_place place;
	u32 i;

	for (; buckets && first <= table->mask; first++, buckets--) {
		for (i = 0; i < PS_SLOTS_BUCKET; i++) {
			place.slot = &table->bucket[first].slot[i];
			place.word = READ_ONCE(*place.slot);
			if (ps_fragment_rank(place.word, now) == 1)
				ps_slots_swap(&place, 0);
		}
		ps_slots_tidy(table, first);
	}
}
