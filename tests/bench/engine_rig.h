/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine in userspace memory, as large as a measurement wants it: source
 * lists and clients of population.h, one context (Other) with port 80
 * protected, a session table with four times the room that the clients need.
 */
#ifndef PS_BENCH_ENGINE_RIG_H
#define PS_BENCH_ENGINE_RIG_H

#include "engine.h"
#include "platform_twin.h"
#include "population.h"

#define RIG_SECOND	1000000000ULL
#define RIG_SERVER	0x0a000001U

/**
 * struct rig - the engine and what belongs to it
 * @engine:	it
 * @other:	its only context
 * @config:	the rules
 * @frame:	offers a cookie for every SYN, finds none in an ACK
 * @now:	time, which doesn't pass
 */
struct rig {
	struct ps_engine engine;
	struct ps_context other;
	struct ps_config config;
	struct ps_frame frame;
	u64 now;
};

/* For a population of @clients: room for their sessions, none open. */
void rig_init(struct rig *rig, u32 clients);
void rig_free(struct rig *rig);

/* Deny all @networks networks of a population. */
void rig_deny(struct rig *rig, u32 networks);

/* Open a session for the client of each of @clients networks. */
void rig_open_sessions(struct rig *rig, u32 clients);

/* Switch SYN cookies and the dropping of unmatched packets on. */
void rig_protect(struct rig *rig);

/* The packet of a client to port 80, as the parser leaves it. */
struct ps_packet rig_packet(u32 src, u16 sport, u8 flags);

static inline struct ps_instant rig_instant(const struct rig *rig)
{
	return (struct ps_instant){ .now = rig->now, .seconds = (u32)(rig->now / RIG_SECOND),
				    .cpu = 0, .cpus = 1 };
}

#endif
