/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ps_judge(): the rules for incoming packets in their documented order; the
 * first that decides wins, and the reason it gives says what becomes of the
 * packet. What outgoing packets teach is in learn.h.
 */
#ifndef PS_CORE_ENGINE_H
#define PS_CORE_ENGINE_H

#include "contexts.h"
#include "packet.h"
#include "sessions.h"

/* Entries of the tables whose size nobody chooses, and seconds between two sweeps of all. */
#define PS_ENGINE_NETWORKS	(1 << 18)	/* with learned TTLs */
#define PS_ENGINE_FRAGMENTS	(1 << 13)	/* packets in fragments */
#define PS_ENGINE_SWEEP		3600		/* ttl.h asks for most */

/* Entries for UDP and DNS where TCP has so many. */
static inline u32 ps_engine_udp_entries(u32 tcp)
{
	return max(tcp / 4, PS_SLOTS_BUCKET);
}

/* The options that are the time-outs: enum ps_option_index. */
extern const u8 ps_engine_timeout[PS_SESSIONS_TIMEOUTS];

/**
 * struct ps_quic_cpu - what a CPU may spend on tokens, on a cache line of its own
 * @retries:	bucket of Retries sent
 * @tries:	bucket of tokens read
 */
struct ps_quic_cpu {
	u64 retries;
	u64 tries;
} ____cacheline_aligned;

/**
 * struct ps_engine - what the packets of an instance are judged by
 * @contexts:	its contexts, published by RCU
 * @tcp:	sessions of TCP; the tables are published by RCU
 * @udp:	sessions of UDP and DNS
 * @ttl:	TTLs of source networks
 * @fragments:	first fragments
 * @quic:	sessions of QUIC
 * @geo:	address -> number of its country; published by RCU; packets of
 *		contexts without a geoip_policy don't look
 * @secret:	of all hashes
 * @quic_secret: of the connection ids that Retries hand out
 * @quic_cpu:	by number of the CPU; NULL: no token is made or read
 * @timeouts:	of sessions
 */
struct ps_engine {
	struct ps_contexts __rcu *contexts;
	struct ps_slots __rcu *tcp;
	struct ps_slots __rcu *udp;
	struct ps_slots __rcu *ttl;
	struct ps_slots __rcu *fragments;
	struct ps_slots __rcu *quic;
	const struct ps_sources __rcu *geo[PS_FAMILIES];
	struct ps_siphash_key secret;
	struct ps_siphash_key quic_secret;
	struct ps_quic_cpu *quic_cpu;
	struct ps_sessions_timeouts timeouts;
};

/**
 * struct ps_instant - where and when a packet is handled
 * @now:	time in nanoseconds, any monotonic clock that advances at least
 *		every 10 ms
 * @seconds:	time in seconds, monotonic
 * @wall:	seconds since 1970; of UDP, 0 elsewhere
 * @cpu:	number of this CPU
 * @cpus:	how many CPUs may handle packets; @cpu is less
 */
struct ps_instant {
	u64 now;
	u32 seconds;
	u32 wall;
	u32 cpu;
	u32 cpus;
};

/**
 * struct ps_arrival - an incoming packet
 * @packet:	after ps_packet_parse(); packet->reason set to
 *		packet->checksum_reason where the transport checksum is wrong
 * @data:	view->data that it was parsed from
 * @frame:	for ps_platform_*()
 * @instant:	when it came
 */
struct ps_arrival {
	const struct ps_packet *packet;
	const u8 *data;
	struct ps_frame *frame;
	struct ps_instant instant;
};

/**
 * struct ps_verdict - what is to become of a packet, and why
 * @context:	the context that judged; NULL for packets passed unjudged
 * @config:	its rules; NULL with @context, and for invalid packets
 * @reason:	never PS_REASON_UNDECIDED; ps_reason_info[reason].action says what
 *		to do
 * @moves:	bit n set: context counter n moves, besides those of the reason
 * @went_on:	bit n set: protection n went on by this packet
 * @went_off:	bit n set: it went off
 * @rate:	events a second that switched the last one of them
 */
struct ps_verdict {
	struct ps_context *context;
	const struct ps_config *config;
	enum ps_reason reason;
	u32 moves;
	u8 went_on;
	u8 went_off;
	u64 rate;
};

/**
 * ps_judge() - judge an incoming packet
 * @engine: the instance's
 * @arrival: the packet
 * @verdict: out
 */
void ps_judge(const struct ps_engine *engine, const struct ps_arrival *arrival,
	      struct ps_verdict *verdict);

#endif
