// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine: which rule decides what becomes of a packet.
 *
 * Each stage looks at the packet and returns the reason for its decision, or
 * PS_REASON_UNDECIDED to let the next one look. Their order is the contract.
 */
#include "engine.h"
#include "bucket.h"

#define PS_EARLY_FRAGMENTS 100U /* later fragments without their first, a second */

static enum ps_reason ps_judge_source(const struct ps_config *config,
				      const struct ps_packet *packet)
{
	enum ps_family family = ps_addr_family(&packet->src);

	switch (ps_sources_find(config->sources[family], &packet->src)) {
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

/*
 * A tenth of a second's worth may come at once, so that a second never sees
 * much more than the rate; small rates still let a handful of hosts ping in
 * the same instant.
 */
static u32 ps_judge_burst(u32 rate)
{
	return max(rate / 10, min(rate, 10U));
}

static enum ps_reason ps_judge_protocol(struct ps_context *context, const struct ps_config *config,
					const struct ps_packet *packet, u64 now)
{
	u32 rate = config->option[PS_OPTION_icmp_rate_max];

	if (!ps_config_has_protocol(config, packet->protocol))
		return PS_REASON_UNDECIDED;
	if (rate && ps_judge_is_icmp(packet) &&
	    !ps_bucket_take(&context->icmp, now, rate, ps_judge_burst(rate), packet->segments))
		return PS_REASON_icmp_rate;
	return PS_REASON_allowed_protocol;
}

/*
 * Of a later fragment only the addresses and the protocol are known. Those
 * whose first fragment wasn't seen may be early, or an attack on reassembly
 * memory: a small budget serves the first and starves the second.
 */
static enum ps_reason ps_judge_later_fragment(struct ps_context *context,
					      const struct ps_packet *packet, u64 now)
{
	if (ps_bucket_take(&context->fragments, now, PS_EARLY_FRAGMENTS, PS_EARLY_FRAGMENTS,
			   packet->segments))
		return PS_REASON_early_fragment;
	return PS_REASON_orphan_fragment;
}

static enum ps_reason ps_judge_transport(const struct ps_config *config,
					 const struct ps_packet *packet)
{
	switch (packet->protocol) {
	case PS_PROTOCOL_TCP:
		if (ps_ports_class(config->ports[PS_PORTS_TCP], packet->dport) == PS_PORT_ALLOW)
			return PS_REASON_allowed_tcp_port;
		return PS_REASON_closed_tcp_port;
	case PS_PROTOCOL_UDP:
		if (ps_ports_class(config->ports[PS_PORTS_UDP], packet->dport) == PS_PORT_ALLOW)
			return PS_REASON_allowed_udp_port;
		return PS_REASON_closed_udp_port;
	default:
		return PS_REASON_closed_protocol;
	}
}

static enum ps_reason ps_judge_valid(struct ps_context *context, const struct ps_packet *packet,
				     u64 now)
{
	const struct ps_config *config = ps_platform_dereference(context->config);
	enum ps_reason reason;

	reason = ps_judge_source(config, packet);
	if (reason)
		return reason;
	reason = ps_judge_protocol(context, config, packet, now);
	if (reason)
		return reason;
	if (packet->fragment == PS_FRAGMENT_LATER)
		return ps_judge_later_fragment(context, packet, now);
	return ps_judge_transport(config, packet);
}

struct ps_verdict ps_judge(const struct ps_contexts *contexts, const struct ps_packet *packet,
			   u64 now)
{
	struct ps_verdict verdict = { .reason = packet->reason };

	if (verdict.reason && ps_reason_info[verdict.reason].action == PS_PASS)
		return verdict;
	verdict.context = ps_contexts_match(contexts, &packet->dst, packet->vlan);
	if (!verdict.reason)
		verdict.reason = ps_judge_valid(verdict.context, packet, now);
	return verdict;
}
