/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that forget: 64-bit slots, eight to a bucket of one cache line.
 *
 * Theory of operation
 *
 * A key is known by its keyed 64-bit hash alone. The low bits choose the
 * bucket, the high 32 bits are the fingerprint; a slot is the fingerprint and
 * 32 bits of payload, or 0 when it is empty (no fingerprint is 0). Reading is
 * one cache line at most, without a lock; every change is one compare-and-exchange of
 * one whole slot, so a slot always holds what somebody meant to put there.
 * Who loses the race tries once more with what is there then, and after that
 * goes without recording.
 *
 * A key that isn't in the table is taken for one that is when a slot of its
 * bucket has its fingerprint by chance: at most 8 in 2^32, once in 2^29 tries
 * on a full bucket, and nobody can search for such keys without the secret.
 *
 * Two CPUs that insert one key at the same time may take two slots for it.
 * Everybody works on the first slot of a bucket that matches, so the second
 * one stays unseen until it ages out.
 *
 * A bucket has no room to grow: to put a key into a full one something else
 * must go. What is least missed is the user's to say, by a rank (0 for an
 * empty slot, the lowest goes) that he computes for every slot and offers.
 *
 * What a flood asks for isn't there. A filter says so without the cache line,
 * which is nearly always one from memory: 16 bits a bucket, of which every slot in
 * use sets the one that its fingerprint chooses. All bits together are 1/32 of the
 * table and stay in the cache. A bit that is set for nobody costs a line; one that
 * is missing would hide a key, so whoever puts a new key into a bucket makes its
 * bits anew, until they agree with the slots that he then sees. Of two who do that
 * at once, the one who takes a bit away sees the other's slot afterwards, because
 * slots and bits are changed with full barriers.
 *
 * Time is 16 or fewer bits in a slot and must not wrap into life: whoever
 * owns a table calls its user's sweep over all buckets often enough, which the
 * user's header says.
 *
 * Another size without loss
 *
 * The bits that chose the bucket aren't stored, so a slot can't be moved
 * without its key. Instead a table may have older ones behind it:
 *
 *  1. make the new table, empty, with @old the one in use; publish it by RCU;
 *  2. from now on look-ups that miss in the new one go on in the old one, and
 *     what they find and change they write into the new one: keys in use
 *     move over by themselves. Nothing is written into the old one any more
 *     after a grace period, but for taking things out;
 *  3. when all that is left in the old one has aged out, because nothing in it
 *     can be younger than that grace period, publish NULL as @old and free the
 *     old table after another grace period. Until then it is swept, too.
 *
 * Another change of size before step 3 puts one more table in front. A look-up
 * that misses costs a cache line a table, and the probability above doubles.
 */
#ifndef PS_CORE_SLOTS_H
#define PS_CORE_SLOTS_H

#include "platform.h"

#define PS_SLOTS_BUCKET		8U		/* slots a bucket */
#define PS_SLOTS_BUCKETS_MAX	(1U << 27)	/* buckets a table */

/**
 * struct ps_slots_bucket - one cache line
 * @slot: fingerprint in the high half, payload in the low half; 0: empty
 */
struct ps_slots_bucket {
	u64 slot[PS_SLOTS_BUCKET];
};

static_assert(sizeof(struct ps_slots_bucket) == 64);

/**
 * struct ps_slots - a table
 * @bucket:	the buckets, aligned to 64 bytes, zeroed at first; written by anybody
 * @filter:	16 bits for each bucket, two buckets a word, zeroed at first: bit n set
 *		where the lowest four bits of the fingerprint of a slot may be n;
 *		written by anybody
 * @old:	NULL, or the table used before this one; published by RCU
 * @mask:	buckets less one; the buckets are a power of two
 */
struct ps_slots {
	struct ps_slots_bucket *bucket;
	u32 *filter;
	const struct ps_slots __rcu *old;
	u32 mask;
};

/**
 * struct ps_slots_place - a slot and what was seen in it
 * @slot: where; NULL when only an older table has the key
 * @word: what was there
 */
struct ps_slots_place {
	u64 *slot;
	u64 word;
};

/**
 * struct ps_slots_victim - the slot of a bucket that is least missed so far
 * @place: the slot
 * @rank: its rank
 */
struct ps_slots_victim {
	struct ps_slots_place place;
	u32 rank;
};

#define PS_SLOTS_NO_VICTIM	((struct ps_slots_victim){ .rank = ~0U })

/**
 * ps_slots_buckets() - size of a table
 * @entries: keys it shall hold
 *
 * Return: buckets: a power of two, 1 to PS_SLOTS_BUCKETS_MAX.
 */
u32 ps_slots_buckets(u32 entries);

/**
 * ps_slots_take() - take a key out of a table and of those behind it
 * @table: the table
 * @hash: of the key
 *
 * Return: whether it was there and it was this caller who took it out.
 */
bool ps_slots_take(const struct ps_slots *table, u64 hash);

/**
 * ps_slots_tidy() - let the filter say what is in a bucket
 * @table: the table
 * @index: of the bucket
 */
void ps_slots_tidy(const struct ps_slots *table, u32 index);

/**
 * ps_slots_word() - a slot's content
 * @hash: of the key
 * @payload: what to remember of it
 *
 * Return: the word, never 0.
 */
static __always_inline u64 ps_slots_word(u64 hash, u32 payload)
{
	u32 fingerprint = hash >> 32;

	return (u64)max(fingerprint, 1U) << 32 | payload;
}

static __always_inline u64 *ps_slots_bucket(const struct ps_slots *table, u64 hash)
{
	return table->bucket[hash & table->mask].slot;
}

/* Words of the filter of a table. */
static __always_inline u32 ps_slots_filter_words(u32 buckets)
{
	return (buckets + 1) / 2;
}

/* The bit of a slot in its word of the filter. */
static __always_inline u32 ps_slots_bit(u32 index, u64 word)
{
	return 1U << ((word >> 32 & 15) | (index & 1) << 4);
}

/* Whether the key's bucket is worth a look. */
static __always_inline bool ps_slots_may_have(const struct ps_slots *table, u64 hash)
{
	u32 index = hash & table->mask;

	return READ_ONCE(table->filter[index / 2]) & ps_slots_bit(index, ps_slots_word(hash, 0));
}

/**
 * ps_slots_find_here() - look a key up in one table
 * @table: the table; those behind it aren't looked at
 * @hash: of the key
 * @place: filled in when it is found
 *
 * Return: whether it is there.
 */
static __always_inline bool ps_slots_find_here(const struct ps_slots *table, u64 hash,
					       struct ps_slots_place *place)
{
	u32 fingerprint = ps_slots_word(hash, 0) >> 32;
	u64 *slot = ps_slots_bucket(table, hash);
	u64 *end = slot + PS_SLOTS_BUCKET;
	u64 word;

	/* Those who are there shall not wait twice. */
	__builtin_prefetch(slot);
	if (!ps_slots_may_have(table, hash))
		return false;
	for (; slot < end; slot++) {
		word = READ_ONCE(*slot);
		if (word >> 32 == fingerprint) {
			place->slot = slot;
			place->word = word;
			return true;
		}
	}
	return false;
}

/**
 * ps_slots_find() - look a key up in a table and in those behind it
 * @table: the table
 * @hash: of the key
 * @place: out; all zero when the key is nowhere. A slot of an older table isn't
 *	   for writing: its word is given without its place
 *
 * Return: whether it is anywhere.
 */
static __always_inline bool ps_slots_find(const struct ps_slots *table, u64 hash,
					  struct ps_slots_place *place)
{
	*place = (struct ps_slots_place){};
	if (ps_slots_find_here(table, hash, place))
		return true;
	while (unlikely((table = ps_platform_dereference(table->old)))) {
		if (ps_slots_find_here(table, hash, place)) {
			place->slot = NULL;
			return true;
		}
	}
	return false;
}

/**
 * ps_slots_offer() - offer a slot to be overwritten
 * @victim: the best offer so far, PS_SLOTS_NO_VICTIM at first
 * @slot: the slot
 * @word: what is in it
 * @rank: how much it is missed, 0: not at all
 */
static __always_inline void ps_slots_offer(struct ps_slots_victim *victim, u64 *slot, u64 word,
					   u32 rank)
{
	if (rank >= victim->rank)
		return;
	victim->place.slot = slot;
	victim->place.word = word;
	victim->rank = rank;
}

/**
 * ps_slots_swap() - change the payload of a slot, or empty it
 * @place: the slot and what was seen in it
 * @word: what shall be there: 0, or the same key's
 *
 * Return: false, with nothing changed, when something else is there by now.
 */
static __always_inline bool ps_slots_swap(const struct ps_slots_place *place, u64 word)
{
	return ps_platform_cmpxchg64(place->slot, place->word, word) == place->word;
}

/**
 * ps_slots_put() - put a key into a slot
 * @table: the table
 * @place: a slot of the key's bucket and what was seen in it: the key, nothing,
 *	   or another one that goes
 * @hash: of the key
 * @payload: what to remember of it
 *
 * Return: false, with nothing changed, when something else is there by now.
 */
static __always_inline bool ps_slots_put(const struct ps_slots *table,
					 const struct ps_slots_place *place, u64 hash, u32 payload)
{
	u64 word = ps_slots_word(hash, payload);

	if (!ps_slots_swap(place, word))
		return false;
	if (place->word >> 32 != word >> 32)
		ps_slots_tidy(table, hash & table->mask);
	return true;
}

#endif
