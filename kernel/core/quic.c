// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QUIC on protected UDP ports, step 4c, and what outgoing packets teach of it
 * (docs/quic.md).
 *
 *	Initial		of a session that a token opened	quic_established
 *			of another, while Retry is off, or
 *			  as one a second			quic_established
 *			else: Retry off				quic_initial_open
 *			  returns a cookie, or a right token	quic_token_valid
 *			  returns a wrong one			quic_token_invalid, _limit
 *			  other					quic_retry, or where none can
 *								be sent quic_initial_*rate
 *	0-RTT		of a session				quic_established
 *			else: Retry off, on			quic_0rtt_open, quic_stray_0rtt
 *	Handshake,	of a session				quic_established
 *	short header	else: unmatched protection off, on	quic_unmatched_open, quic_stray_*
 *
 * Retry is the same protection as SYN cookies, and unmatched packets are one
 * protection for TCP and QUIC.
 */
#include "bucket.h"
#include "learn.h"
#include "judging.h"
#include "quic_retry.h"
#include "quic_sessions.h"

#define PS_QUIC_RETRIES 100000U /* a second and CPU */
#define PS_QUIC_TRIES	1000U	/* tokens read, likewise */
#define PS_QUIC_DATA	128U	/* bytes: longer than any Stateless Reset */

/* What is known of a QUIC packet while it is judged. */
struct ps_quic_case {
	struct ps_quic_header header;
	u64 hash;
	u32 length;
};

static u64 ps_quic_hash(const struct ps_engine *engine, const struct ps_packet *packet,
			bool incoming, const struct ps_context *context)
{
	struct ps_session_key key =
		ps_session_key_make(packet, incoming, PS_SESSION_QUIC, context->id.vlan);

	return ps_sessions_hash(&engine->secret, &key);
}

/* Whether the packet is of a session, which may be used up by that. */
static bool ps_quic_match(struct ps_judging *judging, const struct ps_quic_case *quic,
			  enum ps_quic_arrival arrival)
{
	const struct ps_engine *engine = judging->engine;
	enum ps_quic_session met;

	met = ps_quic_sessions_incoming(ps_platform_dereference(engine->quic), quic->hash, arrival,
					judging->packet->segments, &engine->timeouts,
					judging->arrival->instant.seconds);
	judging->proven = met > PS_QUIC_SESSION_HALF_OPEN;
	return met;
}

static void ps_quic_open(const struct ps_judging *judging, const struct ps_quic_case *quic,
			 bool validated)
{
	const struct ps_engine *engine = judging->engine;

	ps_quic_sessions_open(ps_platform_dereference(engine->quic), quic->hash, validated,
			      &engine->timeouts, judging->arrival->instant.seconds);
}

static enum ps_reason ps_quic_accept(struct ps_judging *judging, const struct ps_quic_case *quic)
{
	ps_quic_open(judging, quic, true);
	judging->proven = true;
	return PS_REASON_quic_token_valid;
}

/* Where no Retry can be sent, Y Initials a second are let through. */
static enum ps_reason ps_quic_police(struct ps_judging *judging, const struct ps_quic_case *quic)
{
	if (!ps_judging_police(judging, PS_PROTECT_NEW_COOKIE, true))
		return PS_REASON_quic_initial_rate;
	ps_quic_open(judging, quic, false);
	return PS_REASON_quic_initial_within_rate;
}

static bool ps_quic_take(u64 *bucket, const struct ps_judging *judging, u32 rate)
{
	return ps_bucket_take(bucket, judging->arrival->instant.now, rate, ps_bucket_burst(rate),
			      1);
}

static bool ps_quic_has_key(const struct ps_judging *judging)
{
	return judging->engine->quic_cpu && judging->config->option[PS_OPTION_cluster_secret];
}

static struct ps_quic_cpu *ps_quic_cpu(const struct ps_judging *judging)
{
	return &judging->engine->quic_cpu[judging->arrival->instant.cpu];
}

/* A Retry token: of ours the cookie tells, of the server's own the token must. */
static enum ps_reason ps_quic_judge_returned(struct ps_judging *judging,
					     const struct ps_quic_case *quic)
{
	const struct ps_quic_header *header = &quic->header;
	const struct ps_instant *instant = &judging->arrival->instant;
	const struct ps_packet *packet = judging->packet;
	struct ps_quic_client client;
	struct ps_quic_origin origin;

	if (ps_quic_cookie_check(judging->engine, packet, header, instant->seconds))
		return ps_quic_accept(judging, quic);
	if (!ps_quic_has_key(judging))
		return ps_quic_police(judging, quic);
	if (header->token_length > PS_QUIC_TOKEN_MAX ||
	    header->token + header->token_length >
		    judging->arrival->data + packet->payload + packet->readable)
		return PS_REASON_quic_token_invalid;
	if (!ps_quic_take(&ps_quic_cpu(judging)->tries, judging, PS_QUIC_TRIES))
		return PS_REASON_quic_token_limit;
	client = ps_quic_client_of(packet, header, judging->config);
	if (!ps_quic_token_open(&origin, header->token, header->token_length,
				&judging->config->quic_key, &client) ||
	    !ps_quic_token_is_fresh(origin.time, instant->wall))
		return PS_REASON_quic_token_invalid;
	return ps_quic_accept(judging, quic);
}

/* An Initial of no session that shows no Retry token, while Retry is on. */
static enum ps_reason ps_quic_judge_first(struct ps_judging *judging,
					  const struct ps_quic_case *quic)
{
	if (quic->header.dcid_length < PS_QUIC_CID_FIRST)
		return PS_REASON_quic_dcid_short;
	if (!ps_quic_has_key(judging) ||
	    !ps_platform_retry_offer(judging->arrival->frame, judging->packet))
		return ps_quic_police(judging, quic);
	if (!ps_quic_take(&ps_quic_cpu(judging)->retries, judging, PS_QUIC_RETRIES))
		return PS_REASON_retry_limit;
	return PS_REASON_quic_retry;
}

static bool ps_quic_is_on(const struct ps_judging *judging, enum ps_protection_index which)
{
	struct ps_protection *protection = ps_judging_protection(judging, which);

	return protection && ps_threshold_is_on(&protection->threshold);
}

/* CVE-2026-26081: HAProxy reads tokens of NEW_TOKEN frames past their end if they are shorter. */
static bool ps_quic_has_bad_token(const struct ps_quic_header *header)
{
	return header->token_length && *header->token == PS_QUIC_TOKEN_NEW &&
	       header->token_length != PS_QUIC_TOKEN_NEW_BYTES;
}

static enum ps_reason ps_quic_judge_initial(struct ps_judging *judging,
					    const struct ps_quic_case *quic)
{
	const struct ps_quic_header *header = &quic->header;
	enum ps_quic_arrival arrival = PS_QUIC_GOT_INITIAL;

	judging->verdict->moves |= PS_MOVES(quic_init);
	if (quic->length < PS_QUIC_DATAGRAM)
		return PS_REASON_quic_datagram_short;
	if (ps_quic_has_bad_token(header))
		return PS_REASON_quic_new_token;
	if (ps_quic_is_on(judging, PS_PROTECT_NEW_COOKIE))
		arrival = PS_QUIC_GOT_INITIAL_STRICT;
	if (ps_quic_match(judging, quic, arrival))
		return PS_REASON_quic_established;
	if (!ps_judging_count(judging, PS_PROTECT_NEW_COOKIE)) {
		ps_quic_open(judging, quic, false);
		return PS_REASON_quic_initial_open;
	}
	if (header->token_length && *header->token == PS_QUIC_TOKEN_RETRY)
		return ps_quic_judge_returned(judging, quic);
	return ps_quic_judge_first(judging, quic);
}

static enum ps_reason ps_quic_judge_0rtt(struct ps_judging *judging,
					 const struct ps_quic_case *quic)
{
	judging->verdict->moves |= PS_MOVES(quic_0rtt);
	if (ps_quic_match(judging, quic, PS_QUIC_GOT_ZERO_RTT))
		return PS_REASON_quic_established;
	return ps_judging_count(judging, PS_PROTECT_NEW_COOKIE) ? PS_REASON_quic_stray_0rtt :
								  PS_REASON_quic_0rtt_open;
}

/* Whatever that version calls it: the server will answer with those that it speaks. */
static enum ps_reason ps_quic_judge_unknown(struct ps_judging *judging,
					    const struct ps_quic_case *quic)
{
	judging->verdict->moves |= PS_MOVES(quic_init);
	if (quic->length < PS_QUIC_DATAGRAM)
		return PS_REASON_quic_datagram_short;
	return ps_judging_count(judging, PS_PROTECT_NEW_COOKIE) ? PS_REASON_quic_version :
								  PS_REASON_quic_version_open;
}

static enum ps_reason ps_quic_judge_later(struct ps_judging *judging,
					  const struct ps_quic_case *quic, bool handshake)
{
	judging->verdict->moves |= handshake ? PS_MOVES(quic_hshak) : PS_MOVES(quic_shrth);
	if (ps_quic_match(judging, quic, handshake ? PS_QUIC_GOT_HANDSHAKE : PS_QUIC_GOT_SHORT))
		return PS_REASON_quic_established;
	if (!ps_judging_count(judging, PS_PROTECT_UNMATCHED))
		return PS_REASON_quic_unmatched_open;
	return handshake ? PS_REASON_quic_stray_handshake : PS_REASON_quic_stray_short;
}

/*
 * Peers may agree to clear the fixed bit (RFC 9287), which takes a connection.
 */
static bool ps_quic_may_be_unfixed(const struct ps_judging *judging,
				   const struct ps_quic_case *quic)
{
	const struct ps_engine *engine = judging->engine;

	return ps_quic_sessions_known(ps_platform_dereference(engine->quic), quic->hash,
				      &engine->timeouts, judging->arrival->instant.seconds);
}

enum ps_reason ps_quic_judge(struct ps_judging *judging)
{
	const struct ps_packet *packet = judging->packet;
	const u8 *data = judging->arrival->data;
	struct ps_quic_case quic;
	enum ps_reason reason;

	if (packet->fragment != PS_FRAGMENT_NONE)
		return PS_REASON_quic_fragment;
	quic.length = ps_quic_datagram(packet, data);
	reason = ps_quic_parse(&quic.header, data + packet->payload, packet->readable, quic.length);
	if (reason)
		return reason;
	quic.hash = ps_quic_hash(judging->engine, packet, true, judging->verdict->context);
	if (unlikely(!quic.header.fixed) && !ps_quic_may_be_unfixed(judging, &quic))
		return PS_REASON_quic_fixed_bit;
	switch (quic.header.type) {
	case PS_QUIC_INITIAL:
		return ps_quic_judge_initial(judging, &quic);
	case PS_QUIC_ZERO_RTT:
		return ps_quic_judge_0rtt(judging, &quic);
	case PS_QUIC_HANDSHAKE:
	case PS_QUIC_SHORT:
		return ps_quic_judge_later(judging, &quic, quic.header.type == PS_QUIC_HANDSHAKE);
	case PS_QUIC_RETRY:
		return PS_REASON_quic_retry_packet;
	case PS_QUIC_NEGOTIATION:
		return PS_REASON_quic_negotiation;
	default:
		return ps_quic_judge_unknown(judging, &quic);
	}
}

/*
 * A server sends Initial and Handshake packets to whoever asks, and a Stateless
 * Reset, which looks like a short header, to any stray packet. Only a longer one
 * says that there is a connection.
 */
void ps_quic_learn(const struct ps_engine *engine, const struct ps_departure *departure,
		   struct ps_verdict *verdict)
{
	const struct ps_packet *packet = departure->packet;
	u32 length = ps_quic_datagram(packet, departure->data);
	enum ps_quic_departure sent;
	struct ps_quic_header header;

	if (packet->fragment != PS_FRAGMENT_NONE ||
	    ps_quic_parse(&header, departure->data + packet->payload, packet->readable, length))
		return;
	switch (header.type) {
	case PS_QUIC_INITIAL:
		sent = PS_QUIC_SENT_INITIAL;
		break;
	case PS_QUIC_HANDSHAKE:
		sent = PS_QUIC_SENT_HANDSHAKE;
		break;
	case PS_QUIC_SHORT:
		sent = length > PS_QUIC_DATA ? PS_QUIC_SENT_DATA : PS_QUIC_SENT_SHORT;
		break;
	default:
		return;
	}
	if (ps_quic_sessions_outgoing(ps_platform_dereference(engine->quic),
				      ps_quic_hash(engine, packet, false, verdict->context), sent,
				      &engine->timeouts, departure->instant.seconds))
		verdict->moves |= PS_MOVES(newconns);
}
