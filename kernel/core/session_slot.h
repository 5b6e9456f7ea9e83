/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payload of a session's slot, private to sessions.c, which tells what its
 * bits mean: 16 bits of time, 8 of TTL, 3 of kind and 5 of what the kind needs.
 * Time and ranks are the same in quic_sessions.c; the other bits aren't.
 */
#ifndef PS_CORE_SESSION_SLOT_H
#define PS_CORE_SESSION_SLOT_H

#include "sessions.h"

#define PS_SESSION_SYN_PASSED 0x01U
#define PS_SESSION_COOKIED    0x02U
#define PS_SESSION_SPARE      0x01U
#define PS_SESSION_DETAIL     0x1fU /* the five bits */
#define PS_SESSION_KIND_SHIFT 5
#define PS_SESSION_STATE      0xffU
#define PS_SESSION_TTL_SHIFT  8
#define PS_SESSION_TTL	      0xff00U
#define PS_SESSION_TIME_SHIFT 16
#define PS_SESSION_MINUTE     6 /* 64 s, for TTLs to be learned again */

#define PS_SESSION_RANK_DEAD  1U
#define PS_SESSION_RANK_SPARE 0x10000U /* or half-open, or own without an answer */
#define PS_SESSION_RANK_LIVE  0x20000U

enum ps_session_kind {
	PS_KIND_NONE,
	PS_KIND_HALF_OPEN,
	PS_KIND_ESTABLISHED,
	PS_KIND_OWN_SYN,
	PS_KIND_OWN,
	PS_KIND_UDP,
	PS_KIND_DNS,
};

static __always_inline u32 ps_session_make(enum ps_session_kind kind, u32 detail, u32 now)
{
	return now << PS_SESSION_TIME_SHIFT | (u32)kind << PS_SESSION_KIND_SHIFT | detail;
}

static __always_inline enum ps_session_kind ps_session_kind(u32 payload)
{
	return (payload & PS_SESSION_STATE) >> PS_SESSION_KIND_SHIFT;
}

/* Seconds since the last packet, as far as 16 bits tell. */
static __always_inline u32 ps_session_age(u32 payload, u32 now)
{
	u32 age = (now - (payload >> PS_SESSION_TIME_SHIFT)) & 0xffff;

	return age < PS_SESSIONS_WRAP ? age : 0;
}

static __always_inline u32 ps_session_timeout(const struct ps_sessions_timeouts *timeouts,
					      enum ps_sessions_timeout which)
{
	return READ_ONCE(timeouts->seconds[which]);
}

static __always_inline bool ps_session_has_syn_bit(u32 payload)
{
	enum ps_session_kind kind = ps_session_kind(payload);

	return kind >= PS_KIND_ESTABLISHED && kind <= PS_KIND_OWN;
}

static __always_inline bool ps_session_is_cookied(u32 payload)
{
	return ps_session_kind(payload) == PS_KIND_ESTABLISHED && payload & PS_SESSION_COOKIED;
}

static __always_inline u32 ps_session_refresh(u32 payload, u32 now)
{
	if (!ps_session_age(payload, now))
		return payload;
	if (ps_session_has_syn_bit(payload))
		payload &= ~PS_SESSION_SYN_PASSED;
	return now << PS_SESSION_TIME_SHIFT | (payload & (PS_SESSION_TTL | PS_SESSION_STATE));
}

#endif
