/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who talks QUIC to whom: UDP 4-tuples of p_udp_ports, in a table of their own
 * (slots.h).
 *
 * A session has two clocks, each a slot in the same cache line: qhs for
 * Handshake packets, which are over soon, and qsh for short headers. What each
 * slot knows is how far the peer's address is proven:
 *
 *  - half-open: not at all. It admits 16 incoming packets in all, and goes first
 *    when room is needed;
 *  - learned: this side sends it what only goes to a peer that has finished the
 *    handshake. Only the qsh clock is ever so;
 *  - validated: it has returned a token.
 *
 * Invariants: of incoming packets only those raise a session that
 * ps_quic_sessions_open() is called of; nothing lowers one but time and eviction;
 * what may be used up is used up in the same compare-and-exchange that decides.
 *
 * Sweep: as in sessions.h, at least once in 32,000 s.
 */
#ifndef PS_CORE_QUIC_SESSIONS_H
#define PS_CORE_QUIC_SESSIONS_H

#include "sessions.h"

enum ps_quic_session {
	PS_QUIC_SESSION_NONE,
	PS_QUIC_SESSION_HALF_OPEN,
	PS_QUIC_SESSION_LEARNED,
	PS_QUIC_SESSION_VALIDATED,
};

/* Incoming packets, by what they do to a session. */
enum ps_quic_arrival {
	PS_QUIC_GOT_INITIAL,		/* nothing */
	PS_QUIC_GOT_INITIAL_STRICT,	/* while Retry is on: if not validated, it uses up one
					 * of the 16 admissions, one a second */
	PS_QUIC_GOT_ZERO_RTT,		/* admitted */
	PS_QUIC_GOT_HANDSHAKE,		/* admitted, sets both clocks */
	PS_QUIC_GOT_SHORT,		/* admitted, sets the qsh clock */
};

/* Outgoing packets, likewise. */
enum ps_quic_departure {
	PS_QUIC_SENT_INITIAL,		/* sets the qhs clock, half-open where it wasn't there */
	PS_QUIC_SENT_HANDSHAKE,		/* sets the qhs clock if it is there */
	PS_QUIC_SENT_SHORT,		/* sets the qsh clock, half-open where it wasn't there */
	PS_QUIC_SENT_DATA,		/* the same, and it is learned */
};

/**
 * ps_quic_sessions_incoming() - match an incoming packet with its session
 * @table: the table
 * @hash: of the session
 * @arrival: what it is
 * @segments: packets on the wire that it stands for
 * @timeouts: the time-outs
 * @now: time in seconds, monotonic, here and everywhere
 *
 * Return: the session; NONE too where it doesn't admit this packet.
 */
enum ps_quic_session ps_quic_sessions_incoming(const struct ps_slots *table, u64 hash,
					       enum ps_quic_arrival arrival, u32 segments,
					       const struct ps_sessions_timeouts *timeouts,
					       u32 now);

/**
 * ps_quic_sessions_known() - whether there is a session, without touching it
 * @table: the table
 * @hash: of the session
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * Return: whether one of its clocks is running.
 */
bool ps_quic_sessions_known(const struct ps_slots *table, u64 hash,
			    const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_quic_sessions_open() - open a session by an incoming Initial
 * @table: the table
 * @hash: of the session
 * @validated: it has returned a token: both clocks; else half-open: qhs alone
 * @timeouts: the time-outs
 * @now: time in seconds
 */
void ps_quic_sessions_open(const struct ps_slots *table, u64 hash, bool validated,
			   const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_quic_sessions_outgoing() - learn from an outgoing packet
 * @table: the table
 * @hash: of the session
 * @departure: what it is
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * Return: whether the session is learned by this packet and wasn't proven before.
 */
bool ps_quic_sessions_outgoing(const struct ps_slots *table, u64 hash,
			       enum ps_quic_departure departure,
			       const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_quic_sessions_sweep() - clear the slots of sessions that are dead
 * @table: the table, not those behind it
 * @first: first bucket to visit
 * @buckets: how many to visit
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * May run beside packets.
 */
void ps_quic_sessions_sweep(const struct ps_slots *table, u32 first, u32 buckets,
			    const struct ps_sessions_timeouts *timeouts, u32 now);

/**
 * ps_quic_sessions_living() - count the slots of sessions that aren't dead
 * @table: the table, not those behind it
 * @first: first bucket to visit
 * @buckets: how many to visit
 * @timeouts: the time-outs
 * @now: time in seconds
 *
 * Return: slots in use, half-open sessions included; a session may have two.
 */
u32 ps_quic_sessions_living(const struct ps_slots *table, u32 first, u32 buckets,
			    const struct ps_sessions_timeouts *timeouts, u32 now);

#endif
