/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of the first fragments of packets, for the later ones to follow
 * (SPEC 2.2), in slots (slots.h).
 *
 * Invariants: what is remembered is forgotten 30 s after the first fragment;
 * all fragments of one id that are let in carry 64 KiB together, each of them
 * rounded up to 8 bytes and 8 at least; a first fragment that comes again
 * renews neither. Once one with an id was delivered, another that is dropped
 * doesn't change what the later ones follow, or anybody who guesses an id could
 * cut a packet's tail off.
 *
 * In a full bucket what has aged out goes, then what was dropped, then the
 * oldest; a dropped one never takes the place of a delivered one: without it
 * later fragments meet the budget of those whose first wasn't seen.
 *
 * Sweep: ps_fragments_sweep() must visit every bucket once in 65,000 s.
 * The table has no older ones behind it.
 */
#ifndef PS_CORE_FRAGMENTS_H
#define PS_CORE_FRAGMENTS_H

#include "address.h"
#include "siphash.h"
#include "slots.h"

#define PS_FRAGMENTS_SECONDS	30U
#define PS_FRAGMENTS_BYTES	65536U

enum ps_follow {
	PS_FOLLOW_UNKNOWN,	/* the first fragment wasn't seen, or too long ago */
	PS_FOLLOW_DELIVER,
	PS_FOLLOW_DROP,
	PS_FOLLOW_EXHAUSTED,	/* delivered, but the bytes of its id are used up */
};

/**
 * ps_fragments_hash() - the hash of a packet's fragments, for all functions below
 * @secret: the instance's
 * @source: source address
 * @destination: destination address
 * @id: of the IPv4 header or of the IPv6 fragment header
 * @protocol: of the fragment at hand; in IPv6 only the first one has the
 *	      transport's, so it doesn't count there (RFC 8200 4.5)
 */
u64 ps_fragments_hash(const struct ps_siphash_key *secret, const struct ps_addr *source,
		      const struct ps_addr *destination, u32 id, u8 protocol);

/**
 * ps_fragments_first() - remember what becomes of a first fragment
 * @table: the table
 * @hash: of the packet
 * @deliver: whether it is delivered, or dropped
 * @bytes: its payload, without the IP header
 * @now: time in seconds
 */
void ps_fragments_first(const struct ps_slots *table, u64 hash, bool deliver, u32 bytes, u32 now);

/**
 * ps_fragments_later() - what a later fragment follows
 * @table: the table
 * @hash: of the packet
 * @bytes: its payload, without the IP header
 * @now: time in seconds
 */
enum ps_follow ps_fragments_later(const struct ps_slots *table, u64 hash, u32 bytes, u32 now);

/**
 * ps_fragments_sweep() - clear what has aged out
 * @table: the table
 * @first: first bucket to visit
 * @buckets: how many to visit
 * @now: time in seconds
 *
 * May run beside packets.
 */
void ps_fragments_sweep(const struct ps_slots *table, u32 first, u32 buckets, u32 now);

#endif
