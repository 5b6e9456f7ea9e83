// SPDX-License-Identifier: GPL-2.0-or-later
/* Learning sessions from outgoing packets; see learn.h, SPEC 5.1 and 6. */
#include "bytes.h"
#include "learn.h"
#include "judging.h"

#define PS_LEARN_QUERY_ID 2U /* bytes */

static bool ps_learn_is_group(const struct ps_departure *departure)
{
	const struct ps_addr *dst = &departure->packet->dst;

	if (departure->group)
		return true;
	return ps_addr_is_ipv4(dst) ? dst->word[3] >> 28 == 0xe || dst->word[3] == ~0U :
				      dst->word[0] >> 24 == 0xff;
}

static enum ps_sessions_sent ps_learn_tcp_sent(const struct ps_departure *departure)
{
	const struct ps_packet *packet = departure->packet;

	if (packet->tcp_flags & PS_TCP_RST)
		return PS_SENT_RST;
	if (packet->tcp_flags & PS_TCP_SYN)
		return packet->tcp_flags & PS_TCP_ACK ? PS_SENT_SYN_ACK : PS_SENT_SYN;
	if (departure->sender == PS_SENDER_CONNECTED)
		return PS_SENT_SEGMENT;
	if (departure->sender == PS_SENDER_FORWARDED && packet->end > packet->payload)
		return PS_SENT_SEGMENT;
	return PS_SENT_OTHER;
}

static void ps_learn_tcp(const struct ps_engine *engine, const struct ps_departure *departure,
			 struct ps_verdict *verdict)
{
	const struct ps_packet *packet = departure->packet;
	struct ps_session_key key =
		ps_session_key_make(packet, false, PS_SESSION_TCP, verdict->context->id.vlan);
	enum ps_sessions_change change;
	enum ps_port_class class;

	change = ps_sessions_outgoing(ps_platform_dereference(engine->tcp),
				      ps_sessions_hash(&engine->secret, &key),
				      ps_learn_tcp_sent(departure), &engine->timeouts,
				      departure->instant.seconds);
	if (change != PS_SESSIONS_ESTABLISHED)
		return;
	class = ps_ports_class(verdict->config->ports[PS_PORTS_TCP], packet->sport);
	if (class == PS_PORT_PROTECT_P || class == PS_PORT_PROTECT_X)
		verdict->moves |= PS_MOVES(newconns);
}

/*
 * Whoever sends to an allowed port makes this host answer, and can't be let
 * choose what is evicted: that holds for answers that look like queries, too.
 * Theirs live by the time-out of UDP, where it matters at all: an allowed port
 * needs no session to be answered.
 */
static void ps_learn_udp(const struct ps_engine *engine, const struct ps_departure *departure,
			 struct ps_verdict *verdict)
{
	enum ps_port_class class =
		ps_ports_class(verdict->config->ports[PS_PORTS_UDP], departure->packet->sport);
	const struct ps_packet *packet = departure->packet;
	struct ps_session_key key =
		ps_session_key_make(packet, false, PS_SESSION_UDP, verdict->context->id.vlan);
	enum ps_sessions_sent sent = PS_SENT_DATAGRAM;

	if (class == PS_PORT_PROTECT_P) {
		ps_quic_learn(engine, departure, verdict);
		return;
	}
	if (packet->dport == PS_PORT_DNS) {
		if (packet->readable < PS_LEARN_QUERY_ID)
			return;
		sent = PS_SENT_QUERY;
		key.protocol = PS_SESSION_DNS;
		key.query = ps_bytes_u16(departure->data + packet->payload);
	} else if (ps_learn_is_group(departure)) {
		ps_sessions_any_source(&key);
	}
	if (class == PS_PORT_ALLOW)
		sent = PS_SENT_DATAGRAM_SPARE;
	ps_sessions_outgoing(ps_platform_dereference(engine->udp),
			     ps_sessions_hash(&engine->secret, &key), sent, &engine->timeouts,
			     departure->instant.seconds);
}

/* An ACK and nothing else: without it the peer sends again, or waits a little. */
static bool ps_learn_is_empty_ack(const struct ps_packet *packet)
{
	return packet->tcp_flags == PS_TCP_ACK && packet->end == packet->payload;
}

static bool ps_learn_is_withheld(const struct ps_departure *departure,
				 const struct ps_config *config)
{
	u32 percent = config->option[PS_OPTION_drop_empty_ack];

	return unlikely(percent) && ps_learn_is_empty_ack(departure->packet) &&
	       (u64)departure->random * 100 >> 32 < percent;
}

static bool ps_learn_has_source(const struct ps_packet *packet)
{
	static const struct ps_addr nowhere;

	return !ps_addr_equal(&packet->src, &nowhere);
}

struct ps_verdict ps_learn(const struct ps_engine *engine, const struct ps_departure *departure)
{
	struct ps_verdict verdict = { .reason = PS_REASON_sent };
	const struct ps_packet *packet = departure->packet;

	if (!ps_learn_has_source(packet))
		return verdict;
	verdict.context = ps_contexts_match(ps_platform_dereference(engine->contexts), &packet->src,
					    packet->vlan);
	verdict.config = ps_platform_dereference(verdict.context->config);
	/* Whatever a raw socket thinks up teaches nothing. */
	if (packet->reason || packet->fragment == PS_FRAGMENT_LATER)
		return verdict;
	if (packet->protocol == PS_PROTOCOL_TCP) {
		if (ps_learn_is_withheld(departure, verdict.config))
			verdict.reason = PS_REASON_empty_ack;
		ps_learn_tcp(engine, departure, &verdict);
	} else if (packet->protocol == PS_PROTOCOL_UDP) {
		ps_learn_udp(engine, departure, &verdict);
	}
	return verdict;
}
