// SPDX-License-Identifier: GPL-2.0-or-later
/* The context table; its invariants are told in contexts.h. */
#include "contexts.h"

/* Stands where a context was: a probe goes on behind it. */
static struct ps_context ps_contexts_tombstone;

/*
 * Mix of the key with a secret seed: two rounds of multiply and fold. The
 * table is never more than half full, and without the seed nobody can choose
 * destinations that share a probe sequence.
 */
static u32 ps_contexts_hash(const struct ps_contexts *table, const struct ps_context_id *id)
{
	const u64 k1 = 0x9e3779b97f4a7c15ULL, k2 = 0xd6e8feb86659fd93ULL;
	u64 high = (u64)id->addr.word[0] << 32 | id->addr.word[1];
	u64 low = (u64)id->addr.word[2] << 32 | id->addr.word[3];
	u64 h = table->seed;

	h = (h ^ high) * k1;
	h ^= h >> 32;
	h = (h ^ low) * k2;
	h ^= h >> 29;
	h = (h ^ id->vlan) * k1;
	return h >> 32;
}

static bool ps_contexts_is(const struct ps_context *context, const struct ps_context_id *id)
{
	return context != &ps_contexts_tombstone && context->id.vlan == id->vlan &&
	       ps_addr_equal(&context->id.addr, &id->addr);
}

u32 ps_contexts_slots(u32 count)
{
	u32 slots = 4;

	while (slots < 4 * count)
		slots *= 2;
	return slots;
}

void ps_contexts_init(struct ps_contexts *table, u32 slots, u64 seed, struct ps_context *other)
{
	memset(table, 0, sizeof(*table) + slots * sizeof(table->slot[0]));
	table->seed = seed;
	table->mask = slots - 1;
	table->other = other;
}

bool ps_contexts_full(const struct ps_contexts *table)
{
	return 2 * (table->taken + 1) > table->mask + 1;
}

void ps_contexts_insert(struct ps_contexts *table, struct ps_context *context)
{
	u32 i = ps_contexts_hash(table, &context->id) & table->mask;

	while (table->slot[i])
		i = (i + 1) & table->mask;
	/* Readers must see what the context holds before they see the context. */
	ps_platform_publish(table->slot[i], context);
	table->taken++;
	if (context->id.vlan)
		table->tagged++;
	ps_platform_publish(table->count, table->count + 1);
}

void ps_contexts_remove(struct ps_contexts *table, const struct ps_context *context)
{
	u32 i = ps_contexts_hash(table, &context->id) & table->mask;

	while (table->slot[i] != context)
		i = (i + 1) & table->mask;
	ps_platform_publish(table->slot[i], &ps_contexts_tombstone);
	if (context->id.vlan)
		table->tagged--;
	table->count--;
}

struct ps_context *ps_contexts_find(const struct ps_contexts *table, const struct ps_context_id *id)
{
	u32 i = ps_contexts_hash(table, id) & table->mask;
	struct ps_context *context;

	while ((context = ps_platform_acquire(table->slot[i]))) {
		if (ps_contexts_is(context, id))
			return context;
		i = (i + 1) & table->mask;
	}
	return NULL;
}

struct ps_context *ps_contexts_match(const struct ps_contexts *table, const struct ps_addr *dst,
				     u16 vlan)
{
	struct ps_context_id id = { .addr = *dst, .vlan = vlan };
	struct ps_context *context;

	if (!READ_ONCE(table->count))
		return table->other;
	if (vlan && READ_ONCE(table->tagged)) {
		context = ps_contexts_find(table, &id);
		if (context)
			return context;
	}
	id.vlan = 0;
	context = ps_contexts_find(table, &id);
	return context ? context : table->other;
}
