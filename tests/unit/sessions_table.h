/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions for tests, in few words: what arrives, what is sent, with the usual time-outs. */
#ifndef PS_TESTS_SESSIONS_TABLE_H
#define PS_TESTS_SESSIONS_TABLE_H

#include "sessions.h"
#include "slots_table.h"

#define ACK_TIMEOUT	60
#define SYN_TIMEOUT	10
#define RST_TIMEOUT	90
#define UDP_TIMEOUT	40
#define DNS_TIMEOUT	20

static const struct ps_sessions_timeouts usual = { { ACK_TIMEOUT, SYN_TIMEOUT, RST_TIMEOUT,
						     UDP_TIMEOUT, DNS_TIMEOUT } };

static inline struct ps_sessions_match arrive(const struct ps_slots *table, u64 hash,
					      enum ps_sessions_timeout class, u8 ttl, u32 now)
{
	const struct ps_sessions_arrival arrival = { class, ttl, 1 };

	return ps_sessions_incoming(table, hash, &arrival, &usual, now);
}

static inline enum ps_session ack(const struct ps_slots *table, u64 hash, u32 now)
{
	return arrive(table, hash, PS_SESSIONS_ACK, 64, now).session;
}

static inline enum ps_session syn(const struct ps_slots *table, u64 hash, u32 now)
{
	return arrive(table, hash, PS_SESSIONS_SYN, 64, now).session;
}

static inline enum ps_session rst(const struct ps_slots *table, u64 hash, u32 now)
{
	return arrive(table, hash, PS_SESSIONS_RST, 64, now).session;
}

static inline enum ps_sessions_change sent(const struct ps_slots *table, u64 hash,
					   enum ps_sessions_sent what, u32 now)
{
	return ps_sessions_outgoing(table, hash, what, &usual, now);
}

static inline bool known(const struct ps_slots *table, u64 hash, u32 now)
{
	return ps_sessions_known(table, hash, &usual, now);
}

static inline bool answer(const struct ps_slots *table, u64 hash, u32 now)
{
	return ps_sessions_answer(table, hash, &usual, now);
}

#endif
