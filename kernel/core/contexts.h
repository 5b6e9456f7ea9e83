/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * (destination, VLAN) -> context.
 *
 * Open addressing with linear probing over pointers, never more than half
 * full, hashed with a secret seed so that nobody can aim packets at a long
 * probe. Readers run beside one writer: a slot goes from NULL to a context
 * once, from a context to the tombstone once, and the table is rebuilt into a
 * new one when slots run short. With no context but Other nothing is hashed.
 */
#ifndef PS_CORE_CONTEXTS_H
#define PS_CORE_CONTEXTS_H

#include "config.h"
#include "parse.h"

/**
 * struct ps_context - what the packet path knows of a context
 * @id:		its name
 * @config:	its rules, replaced as a whole
 * @icmp:	bucket of icmp_rate_max
 * @fragments:	bucket of later fragments that come before their first
 * @protection:	by enum ps_protection_index; NULL where never configured or
 *		toggled; set once, by release store, and kept as long as the context
 */
struct ps_context {
	struct ps_context_id id;
	const struct ps_config __rcu *config;
	struct ps_protection *protection[PS_PROTECTIONS];

	u64 icmp ____cacheline_aligned;
	u64 fragments;
};

/**
 * struct ps_contexts - the table of one instance
 * @seed:	secret of the hash
 * @mask:	slots less one
 * @count:	contexts in it, Other apart
 * @tagged:	those of them with a VLAN
 * @taken:	slots that aren't NULL
 * @other:	the context of everything else
 * @slot:	the contexts
 */
struct ps_contexts {
	u64 seed;
	u32 mask;
	u32 count;
	u32 tagged;
	u32 taken;
	struct ps_context *other;
	struct ps_context *slot[];
};

/**
 * ps_contexts_slots() - slots of a table
 * @count: contexts it shall hold
 *
 * Return: a power of two, four times @count or more, so that a table made for
 * @count can take as many again before it must be rebuilt.
 */
u32 ps_contexts_slots(u32 count);

/**
 * ps_contexts_init() - make an empty table
 * @table: memory for it and @slots slots
 * @slots: a power of two, 2 or more
 * @seed: random
 * @other: the context Other
 */
void ps_contexts_init(struct ps_contexts *table, u32 slots, u64 seed, struct ps_context *other);

/**
 * ps_contexts_full() - whether the next insertion needs a new table
 * @table: the table
 */
bool ps_contexts_full(const struct ps_contexts *table);

/**
 * ps_contexts_insert() - add a context that isn't in the table
 * @table: a table that isn't full
 * @context: the context, ready for packets
 */
void ps_contexts_insert(struct ps_contexts *table, struct ps_context *context);

/**
 * ps_contexts_remove() - take a context out
 * @table: the table
 * @context: a context in it; readers may see it until a grace period has passed
 */
void ps_contexts_remove(struct ps_contexts *table, const struct ps_context *context);

/**
 * ps_contexts_find() - the context of exactly this name
 * @table: the table
 * @id: its name, not Other
 *
 * Return: the context or NULL.
 */
struct ps_context *ps_contexts_find(const struct ps_contexts *table,
				    const struct ps_context_id *id);

/**
 * ps_contexts_match() - the context that judges a packet
 * @table: the table
 * @dst: its destination address
 * @vlan: its outer VLAN id, or 0
 *
 * Return: the context of dst@vlan, else of dst, else Other.
 */
struct ps_context *ps_contexts_match(const struct ps_contexts *table, const struct ps_addr *dst,
				     u16 vlan);

#endif
