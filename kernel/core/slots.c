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
