/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TTLs (hop limits) that a source network's packets arrive with, in slots
 * (slots.h): two values a network, an IPv4 /24 or an IPv6 /56.
 *
 * Invariants: a value is forgotten an hour after it was last seen, and until
 * then nothing takes its place: neither a third value of its network nor, in a
 * full bucket, another network, which then goes unlearned. So nobody can turn
 * what was learned from others; the table should have room for the networks
 * of an hour.
 *
 * Time is kept in units of 32 s, so the hour is one of 3,617 to 3,648 s. A
 * value would seem fresh again nearly PS_TTL_WRAP seconds after it was seen:
 * between two visits of ps_ttl_sweep() to a bucket may lie 4,300 s at most.
 *
 * The table has no older ones behind it.
 */
#ifndef PS_CORE_TTL_H
#define PS_CORE_TTL_H

#include "address.h"
#include "siphash.h"
#include "slots.h"

#define PS_TTL_TOLERANCE	2U	/* how far from a learned TTL matches it */
#define PS_TTL_WRAP		8064U	/* seconds */

enum ps_ttl {
	PS_TTL_UNKNOWN,		/* nothing was learned of the network within the hour */
	PS_TTL_MATCH,
	PS_TTL_DIFFERS,
};

/**
 * ps_ttl_hash() - the hash of a source's network, for all functions below
 * @secret: the instance's
 * @source: any address of the network
 */
u64 ps_ttl_hash(const struct ps_siphash_key *secret, const struct ps_addr *source);

/**
 * ps_ttl_look() - compare a TTL with those learned
 * @table: the table
 * @hash: of the network
 * @ttl: of a packet
 * @now: time in seconds
 */
enum ps_ttl ps_ttl_look(const struct ps_slots *table, u64 hash, u8 ttl, u32 now);

/**
 * ps_ttl_learn() - learn the TTL of a proven packet
 * @table: the table
 * @hash: of the network
 * @ttl: of a packet of an established session or with a valid cookie
 * @now: time in seconds
 *
 * A TTL within PS_TTL_TOLERANCE of one that is known is that one, seen again:
 * paths jitter, and the second value is better kept for another kind of host.
 */
void ps_ttl_learn(const struct ps_slots *table, u64 hash, u8 ttl, u32 now);

/**
 * ps_ttl_sweep() - forget what is older than an hour
 * @table: the table
 * @first: first bucket to visit
 * @buckets: how many to visit
 * @now: time in seconds
 *
 * May run beside packets.
 */
void ps_ttl_sweep(const struct ps_slots *table, u32 first, u32 buckets, u32 now);

#endif
