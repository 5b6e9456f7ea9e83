/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance in userspace: the engine with its tables, made from the rules of a
 * configuration as the module makes its own, and the counters that it moves.
 */
#ifndef PS_HOST_H
#define PS_HOST_H

#include "engine.h"
#include "learn.h"
#include "rules.h"

/**
 * struct ps_host_count - packets of one reason
 * @packets: how many
 * @bytes: of them, behind the Ethernet header
 */
struct ps_host_count {
	u64 packets;
	u64 bytes;
};

/**
 * struct ps_host_context - a context
 * @core: what the engine knows of it; first, so that the engine's context is this one
 * @reason: by enum ps_reason
 * @event: by enum ps_context_counter: what verdicts moved besides
 */
struct ps_host_context {
	struct ps_context core;
	struct ps_host_count reason[PS_REASONS];
	u64 event[PS_CONTEXT_COUNTERS];
};

/**
 * struct ps_host - an instance
 * @engine: judges packets
 * @rules: what it was made of
 * @context: by number of the context in the rules
 * @contexts: the engine's table
 * @tables: sessions, TTLs, fragments, as @engine has them
 * @quic_cpu: of the one processor
 * @geo: countries of addresses
 * @counter: by enum ps_instance_counter
 * @swept: second of the last sweep, 0 before the first packet
 */
struct ps_host {
	struct ps_engine engine;
	struct ps_rules rules;
	struct ps_host_context *context;
	struct ps_contexts *contexts;
	struct ps_slots tables[5];
	struct ps_quic_cpu quic_cpu;
	const struct ps_sources *geo[PS_FAMILIES];
	u64 counter[PS_INSTANCE_COUNTERS];
	u32 swept;
};

/* Zeroed memory, untouched where it is much; or an end with a message. */
void *ps_host_allocate(size_t count, size_t bytes);

/* Make it, with what it owns; ps_host_free() frees that. */
void ps_host_make(struct ps_host *host, const struct ps_model_instance *instance);
void ps_host_free(struct ps_host *host);

/* Switch on what was switched on by hand, when the first packet comes. */
void ps_host_toggle(struct ps_host *host, u64 now);

/* Time has passed: sweep the tables, if it is time. */
void ps_host_pass(struct ps_host *host, u32 seconds);

/* Count a packet. */
void ps_host_count(struct ps_host *host, const struct ps_packet *packet,
		   const struct ps_verdict *verdict, enum ps_instance_counter counter);

/* The line of stats, sums included. */
u64 ps_host_stat(const struct ps_host_context *context, enum ps_context_counter counter);

/* The line status, as it is then. */
u32 ps_host_status(struct ps_host_context *context, u64 now);

#endif
