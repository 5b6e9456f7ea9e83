// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP, steps 4a and 4b: sessions and protected ports.
 *
 *	SYN	of a session, one a second		established
 *		  more, while SYN cookies are on	syn_excess
 *		of a half-open session, while not	half_open
 *		TTL filter, but for half-open ones	ttl_*
 *		SYN cookies off				syn_open
 *		  on					syncookie, or where none can be
 *							sent syn_within_rate, syn_rate
 *	other	of a session whose SYN got a cookie,
 *		  with that cookie			cookie_valid
 *		of a session				established, half_open
 *		TTL filter				ttl_*
 *		with a valid cookie			cookie_valid
 *		unmatched protection off		unmatched_open
 *		  on					unmatched_*
 *
 * What the protections watch is counted whether the packet gets past those
 * before them or not: if one protection hid a flood from another, they would
 * take turns.
 *
 * In DSR mode nothing that comes in is ever proven, so no TTLs are learned:
 * anybody could have his own learned for the networks of others.
 */
#include "judging.h"
#include "ttl.h"

#define PS_TCP_COOKIE_LIFE (128 * 1000000000ULL) /* how long after their protection cookies count */

static enum ps_sessions_timeout ps_tcp_class(const struct ps_packet *packet)
{
	if (packet->tcp_flags & PS_TCP_RST)
		return PS_SESSIONS_RST;
	if ((packet->tcp_flags & (PS_TCP_SYN | PS_TCP_ACK)) == PS_TCP_SYN)
		return PS_SESSIONS_SYN;
	return PS_SESSIONS_ACK;
}

static u64 ps_tcp_hash(const struct ps_judging *judging)
{
	struct ps_session_key key = ps_session_key_make(judging->packet, true, PS_SESSION_TCP,
							judging->verdict->context->id.vlan);

	return ps_sessions_hash(&judging->engine->secret, &key);
}

static bool ps_tcp_is_dsr(const struct ps_judging *judging)
{
	return judging->config->option[PS_OPTION_dsr_mode];
}

static void ps_tcp_learn_ttl(const struct ps_judging *judging)
{
	const struct ps_engine *engine = judging->engine;

	if (ps_tcp_is_dsr(judging))
		return;
	ps_ttl_learn(ps_platform_dereference(engine->ttl),
		     ps_ttl_hash(&engine->secret, &judging->packet->src), judging->packet->ttl,
		     judging->arrival->instant.seconds);
}

enum ps_session ps_tcp_match(struct ps_judging *judging)
{
	const struct ps_packet *packet = judging->packet;
	const struct ps_sessions_arrival arrival = {
		.timeout = ps_tcp_class(packet),
		.ttl = packet->ttl,
		.segments = packet->segments,
	};
	struct ps_sessions_match match;

	judging->hash = ps_tcp_hash(judging);
	match = ps_sessions_incoming(ps_platform_dereference(judging->engine->tcp), judging->hash,
				     &arrival, &judging->engine->timeouts,
				     judging->arrival->instant.seconds);
	if (match.learn)
		ps_tcp_learn_ttl(judging);
	judging->matched = true;
	judging->late = match.late;
	judging->cookied = match.cookied;
	judging->proven = match.session == PS_SESSION_ESTABLISHED ||
			  match.session == PS_SESSION_OWN;
	return match.session;
}

static void ps_tcp_open(struct ps_judging *judging)
{
	ps_sessions_open(ps_platform_dereference(judging->engine->tcp), judging->hash,
			 judging->packet->ttl, &judging->engine->timeouts,
			 judging->arrival->instant.seconds);
}

static enum ps_reason ps_tcp_filter_ttl(struct ps_judging *judging)
{
	const struct ps_engine *engine = judging->engine;
	const struct ps_packet *packet = judging->packet;
	enum ps_ttl ttl;

	ttl = ps_ttl_look(ps_platform_dereference(engine->ttl),
			  ps_ttl_hash(&engine->secret, &packet->src), packet->ttl,
			  judging->arrival->instant.seconds);
	if (ttl == PS_TTL_MATCH)
		return PS_REASON_UNDECIDED;
	judging->verdict->moves |= PS_MOVES(unknown_ttl);
	if (!ps_judging_count(judging, PS_PROTECT_UNKNOWN_TTL))
		return PS_REASON_UNDECIDED;
	if (ttl == PS_TTL_DIFFERS)
		return PS_REASON_ttl_differs;
	if (!ps_judging_police(judging, PS_PROTECT_UNKNOWN_TTL, true))
		return PS_REASON_ttl_unknown;
	return PS_REASON_UNDECIDED;
}

/* A SYN that is handed to the stack; in DSR mode it is all we see of a handshake. */
static enum ps_reason ps_tcp_deliver_syn(struct ps_judging *judging, enum ps_reason reason)
{
	if (ps_tcp_is_dsr(judging)) {
		ps_tcp_open(judging);
		judging->verdict->moves |= PS_MOVES(newconns);
	}
	return reason;
}

static bool ps_tcp_can_offer(const struct ps_judging *judging, bool forwarded)
{
	return judging->packet->fragment == PS_FRAGMENT_NONE && !ps_tcp_is_dsr(judging) &&
	       ps_platform_cookie_offer(judging->arrival->frame, judging->packet, forwarded);
}

static enum ps_reason ps_tcp_judge_syn(struct ps_judging *judging, enum ps_session session,
				       bool forwarded)
{
	bool on = ps_judging_count(judging, PS_PROTECT_NEW_COOKIE);
	enum ps_reason reason;

	if (session == PS_SESSION_ESTABLISHED)
		return PS_REASON_established;
	if (session == PS_SESSION_EXCESS)
		return on ? PS_REASON_syn_excess : PS_REASON_established;
	if (session == PS_SESSION_HALF_OPEN && !on)
		return PS_REASON_half_open;
	if (session != PS_SESSION_HALF_OPEN) {
		reason = ps_tcp_filter_ttl(judging);
		if (reason)
			return reason;
	}
	if (!on)
		return ps_tcp_deliver_syn(judging, PS_REASON_syn_open);
	if (ps_tcp_can_offer(judging, forwarded)) {
		if (judging->late)
			ps_sessions_cookied(ps_platform_dereference(judging->engine->tcp),
					    judging->hash);
		return PS_REASON_syncookie;
	}
	if (ps_judging_police(judging, PS_PROTECT_NEW_COOKIE, true))
		return ps_tcp_deliver_syn(judging, PS_REASON_syn_within_rate);
	return PS_REASON_syn_rate;
}

static bool ps_tcp_has_cookie(struct ps_judging *judging, bool forwarded)
{
	struct ps_protection *cookies = ps_judging_protection(judging, PS_PROTECT_NEW_COOKIE);
	const struct ps_packet *packet = judging->packet;

	return cookies && !ps_tcp_is_dsr(judging) &&
	       (packet->tcp_flags & (PS_TCP_SYN | PS_TCP_RST | PS_TCP_ACK)) == PS_TCP_ACK &&
	       packet->fragment == PS_FRAGMENT_NONE &&
	       ps_threshold_was_on(&cookies->threshold, judging->arrival->instant.now,
				   PS_TCP_COOKIE_LIFE) &&
	       ps_platform_cookie_check(judging->arrival->frame, packet, forwarded);
}

static enum ps_reason ps_tcp_accept_cookie(struct ps_judging *judging)
{
	ps_tcp_open(judging);
	ps_tcp_learn_ttl(judging);
	judging->proven = true;
	return PS_REASON_cookie_valid;
}

/* Anything but a SYN that is of no session. */
static enum ps_reason ps_tcp_judge_stray(struct ps_judging *judging, bool forwarded)
{
	enum ps_reason reason = ps_tcp_filter_ttl(judging);
	bool on;

	if (!reason && ps_tcp_has_cookie(judging, forwarded))
		return ps_tcp_accept_cookie(judging);
	on = ps_judging_count(judging, PS_PROTECT_UNMATCHED);
	if (reason)
		return reason;
	if (!on)
		return PS_REASON_unmatched_open;
	return judging->packet->tcp_flags & PS_TCP_RST ? PS_REASON_unmatched_rst :
							 PS_REASON_unmatched_ack;
}

static enum ps_reason ps_tcp_judge_protected(struct ps_judging *judging, enum ps_session session,
					     bool forwarded)
{
	switch (ps_tcp_class(judging->packet)) {
	case PS_SESSIONS_SYN:
		judging->verdict->moves |= PS_MOVES(syn);
		return ps_tcp_judge_syn(judging, session, forwarded);
	case PS_SESSIONS_RST:
		judging->verdict->moves |= PS_MOVES(rst);
		break;
	default:
		judging->verdict->moves |= PS_MOVES(ack);
		break;
	}
	/* SYNs of such sessions may have got cookies: whoever completes them must be ready. */
	if ((session == PS_SESSION_HALF_OPEN ||
	     (session == PS_SESSION_ESTABLISHED && judging->cookied)) &&
	    ps_tcp_has_cookie(judging, forwarded))
		return ps_tcp_accept_cookie(judging);
	if (session == PS_SESSION_ESTABLISHED)
		return PS_REASON_established;
	if (session == PS_SESSION_HALF_OPEN)
		return PS_REASON_half_open;
	return ps_tcp_judge_stray(judging, forwarded);
}

enum ps_reason ps_tcp_judge(struct ps_judging *judging, enum ps_port_class class)
{
	enum ps_session session = ps_tcp_match(judging);

	if (session == PS_SESSION_OWN)
		return PS_REASON_related_tcp;
	if (class == PS_PORT_PROTECT_P || class == PS_PORT_PROTECT_X)
		return ps_tcp_judge_protected(judging, session, class == PS_PORT_PROTECT_X);
	/*
	 * Which side opened a session that was learned late can't be known any
	 * more. SYNs are limited on protected ports only.
	 */
	if (session == PS_SESSION_ESTABLISHED || session == PS_SESSION_EXCESS)
		return PS_REASON_related_tcp;
	return PS_REASON_closed_tcp_port;
}
