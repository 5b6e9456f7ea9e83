/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slot tables for tests, and hashes that go where the test wants them. */
#ifndef PS_TESTS_SLOTS_TABLE_H
#define PS_TESTS_SLOTS_TABLE_H

#include <stdlib.h>

#include "slots.h"

static inline struct ps_slots *table_new(u32 buckets, const struct ps_slots *old)
{
	struct ps_slots *table = malloc(sizeof(*table));

	table->bucket = aligned_alloc(64, buckets * sizeof(struct ps_slots_bucket));
	memset(table->bucket, 0, buckets * sizeof(struct ps_slots_bucket));
	table->filter = calloc(ps_slots_filter_words(buckets), sizeof(*table->filter));
	table->mask = buckets - 1;
	table->old = old;
	return table;
}

static inline void table_free(struct ps_slots *table)
{
	free(table->bucket);
	free(table->filter);
	free(table);
}

/* The hash of a key that is number @n of those that go to @bucket. */
static inline u64 hash_in(u32 bucket, u32 n)
{
	return (u64)(n + 1) << 32 | bucket;
}

/* Slots in use, whatever for. */
static inline u32 table_used(const struct ps_slots *table)
{
	u32 bucket, i, used = 0;

	for (bucket = 0; bucket <= table->mask; bucket++)
		for (i = 0; i < PS_SLOTS_BUCKET; i++)
			used += table->bucket[bucket].slot[i] != 0;
	return used;
}

#endif
