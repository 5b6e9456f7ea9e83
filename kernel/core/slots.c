// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables that forget: what isn't in the path of every packet. See slots.h. */
#include "slots.h"

u32 ps_slots_buckets(u32 entries)
{
	u32 buckets = 1;

	while (buckets < PS_SLOTS_BUCKETS_MAX && buckets * PS_SLOTS_BUCKET < entries)
		buckets *= 2;
	return buckets;
}

static u32 ps_slots_bits(const struct ps_slots *table, u32 index)
{
	u32 i, bits = 0;
	u64 word;

	for (i = 0; i < PS_SLOTS_BUCKET; i++) {
		word = READ_ONCE(table->bucket[index].slot[i]);
		bits |= word ? ps_slots_bit(index, word) : 0;
	}
	return bits;
}

void ps_slots_tidy(const struct ps_slots *table, u32 index)
{
	const u32 others = index & 1 ? 0xffff : 0xffff0000;
	u32 *filter = &table->filter[index / 2];
	u32 old, next;

	for (;;) {
		old = READ_ONCE(*filter);
		next = (old & others) | ps_slots_bits(table, index);
		if (next == old)
			return;
		ps_platform_cmpxchg32(filter, old, next);
	}
}

static bool ps_slots_take_here(const struct ps_slots *table, u64 hash)
{
	struct ps_slots_place place;
	u32 tries;

	for (tries = 0; tries < 2; tries++) {
		if (!ps_slots_find_here(table, hash, &place))
			return false;
		if (ps_slots_swap(&place, 0))
			return true;
	}
	return false;
}

bool ps_slots_take(const struct ps_slots *table, u64 hash)
{
	bool taken = false;

	for (; table; table = ps_platform_dereference(table->old))
		taken |= ps_slots_take_here(table, hash);
	return taken;
}
