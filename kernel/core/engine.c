// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine: which rule decides what becomes of an incoming packet. The order
 * of the stages is the contract.
 */
#include "bucket.h"
#include "fragments.h"
#include "judging.h"

#define PS_EARLY_FRAGMENTS 100U /* later fragments without their first, a second */

const u8 ps_engine_timeout[PS_SESSIONS_TIMEOUTS] = {
	[PS_SESSIONS_ACK] = PS_OPTION_ack_session_timeout,
	[PS_SESSIONS_SYN] = PS_OPTION_syn_session_timeout,
	[PS_SESSIONS_RST] = PS_OPTION_rst_session_timeout,
	[PS_SESSIONS_UDP] = PS_OPTION_udp_session_timeout,
	[PS_SESSIONS_DNS] = PS_OPTION_dns_session_timeout,
	[PS_SESSIONS_QHS] = PS_OPTION_qhs_session_timeout,
	[PS_SESSIONS_QSH] = PS_OPTION_qsh_session_timeout,
};

static enum ps_reason ps_judge_source(const struct ps_judging *judging)
{
	const struct ps_packet *packet = judging->packet;
	enum ps_family family = ps_addr_family(&packet->src);

	switch (ps_sources_find(judging->config->sources[family], &packet->src)) {
	case PS_SOURCE_DENY:
		return PS_REASON_denied_source;
	case PS_SOURCE_ALLOW:
		return PS_REASON_allowed_source;
	default:
		return PS_REASON_UNDECIDED;
	}
}

static bool ps_judge_is_icmp(const struct ps_packet *packet)
{
	return packet->protocol ==
	       (ps_addr_is_ipv4(&packet->src) ? PS_PROTOCOL_ICMP : PS_PROTOCOL_ICMPV6);
}

static enum ps_reason ps_judge_protocol(const struct ps_judging *judging)
{
	u32 rate = judging->config->option[PS_OPTION_icmp_rate_max];
	const struct ps_packet *packet = judging->packet;

	if (!ps_config_has_protocol(judging->config, packet->protocol))
		return PS_REASON_UNDECIDED;
	if (rate && ps_judge_is_icmp(packet) &&
	    !ps_bucket_take(&judging->verdict->context->icmp, judging->arrival->instant.now, rate,
			    ps_bucket_burst(rate), packet->segments))
		return PS_REASON_icmp_rate;
	return PS_REASON_allowed_protocol;
}

static u64 ps_judge_fragments_hash(const struct ps_judging *judging)
{
	const struct ps_packet *packet = judging->packet;

	return ps_fragments_hash(&judging->engine->secret, &packet->src, &packet->dst,
				 packet->fragment_id, packet->protocol);
}

/*
 * Of a later fragment only the addresses and the protocol are known, and what
 * became of the first. Those whose first fragment wasn't seen may be early, or
 * an attack on reassembly memory: a small budget serves the first and starves
 * the second.
 */
static enum ps_reason ps_judge_later_fragment(const struct ps_judging *judging)
{
	const struct ps_instant *instant = &judging->arrival->instant;
	const struct ps_packet *packet = judging->packet;

	switch (ps_fragments_later(ps_platform_dereference(judging->engine->fragments),
				   ps_judge_fragments_hash(judging), packet->end - packet->payload,
				   instant->seconds)) {
	case PS_FOLLOW_DELIVER:
		return PS_REASON_followed_fragment;
	case PS_FOLLOW_DROP:
		return PS_REASON_fragment_of_dropped;
	case PS_FOLLOW_EXHAUSTED:
		return PS_REASON_fragment_bytes;
	default:
		break;
	}
	if (ps_bucket_take(&judging->verdict->context->fragments, instant->now, PS_EARLY_FRAGMENTS,
			   PS_EARLY_FRAGMENTS, packet->segments))
		return PS_REASON_early_fragment;
	return PS_REASON_orphan_fragment;
}

static enum ps_reason ps_judge_transport(struct ps_judging *judging)
{
	const struct ps_ports *const *ports = judging->config->ports;
	const struct ps_packet *packet = judging->packet;
	enum ps_port_class class;

	switch (packet->protocol) {
	case PS_PROTOCOL_TCP:
		class = ps_ports_class(ports[PS_PORTS_TCP], packet->dport);
		if (class == PS_PORT_ALLOW)
			return PS_REASON_allowed_tcp_port;
		return ps_tcp_judge(judging, class);
	case PS_PROTOCOL_UDP:
		class = ps_ports_class(ports[PS_PORTS_UDP], packet->dport);
		if (class == PS_PORT_ALLOW)
			return PS_REASON_allowed_udp_port;
		return class == PS_PORT_PROTECT_P ? ps_quic_judge(judging) : ps_udp_judge(judging);
	default:
		return ps_icmp_judge(judging);
	}
}

static enum ps_reason ps_judge_valid(struct ps_judging *judging)
{
	enum ps_reason reason;

	reason = ps_judge_source(judging);
	if (reason)
		return reason;
	if (judging->config->option[PS_OPTION_geoip_policy]) {
		reason = ps_geo_judge(judging);
		if (reason)
			return reason;
	}
	reason = ps_judge_protocol(judging);
	if (reason)
		return reason;
	if (judging->packet->fragment == PS_FRAGMENT_LATER)
		return ps_judge_later_fragment(judging);
	return ps_judge_transport(judging);
}

/* Step 6, for what is to be delivered. */
static enum ps_reason ps_judge_surge(struct ps_judging *judging, enum ps_reason reason)
{
	const struct ps_packet *packet = judging->packet;

	if (!ps_judging_count(judging, PS_PROTECT_SURGE))
		return reason;
	/* Switched on by hand before: at rate 0 nobody could log in and help. */
	if (!ps_config_rates(judging->config, PS_PROTECT_SURGE).above)
		return reason;
	/* An allowlist may have decided before anybody asked for the session. */
	if (!judging->matched && packet->protocol == PS_PROTOCOL_TCP &&
	    packet->fragment != PS_FRAGMENT_LATER)
		ps_tcp_match(judging);
	if (ps_judging_police(judging, PS_PROTECT_SURGE, judging->proven))
		return reason;
	return PS_REASON_surge;
}

static void ps_judge_remember_first(const struct ps_judging *judging)
{
	const struct ps_packet *packet = judging->packet;

	ps_fragments_first(ps_platform_dereference(judging->engine->fragments),
			   ps_judge_fragments_hash(judging),
			   ps_reason_info[judging->verdict->reason].action == PS_DELIVER,
			   packet->end - packet->transport, judging->arrival->instant.seconds);
}

void ps_judge(const struct ps_engine *engine, const struct ps_arrival *arrival,
	      struct ps_verdict *verdict)
{
	const struct ps_packet *packet = arrival->packet;
	struct ps_judging judging = {
		.engine = engine,
		.arrival = arrival,
		.packet = packet,
		.verdict = verdict,
	};

	*verdict = (struct ps_verdict){ .reason = packet->reason };
	if (packet->reason && ps_reason_info[packet->reason].action == PS_PASS)
		return;
	verdict->context = ps_contexts_match(ps_platform_dereference(engine->contexts),
					     &packet->dst, packet->vlan);
	if (!packet->reason) {
		judging.config = ps_platform_dereference(verdict->context->config);
		verdict->config = judging.config;
		verdict->reason = ps_judge_valid(&judging);
		if (ps_reason_info[verdict->reason].action == PS_DELIVER)
			verdict->reason = ps_judge_surge(&judging, verdict->reason);
	}
	if (unlikely(packet->fragment == PS_FRAGMENT_FIRST))
		ps_judge_remember_first(&judging);
}
