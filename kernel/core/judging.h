/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet on its way through the stages of the engine. Each stage returns the
 * reason for its decision, or PS_REASON_UNDECIDED to let the next one look.
 */
#ifndef PS_CORE_JUDGING_H
#define PS_CORE_JUDGING_H

#include "engine.h"

/**
 * struct ps_judging - a packet being judged
 * @engine:	of the instance
 * @arrival:	the packet
 * @packet:	arrival->packet
 * @config:	rules of the context
 * @verdict:	being made; its context is known
 * @hash:	of its TCP session; valid with @matched
 * @matched:	its TCP session was looked up
 * @proven:	and it is established, or has become so by this packet
 * @late:	there is an established session, too old for this SYN
 * @cookied:	such a SYN got a cookie: this ACK may return it
 */
struct ps_judging {
	const struct ps_engine *engine;
	const struct ps_arrival *arrival;
	const struct ps_packet *packet;
	const struct ps_config *config;
	struct ps_verdict *verdict;
	u64 hash;
	bool matched;
	bool proven;
	bool late;
	bool cookied;
};

#define PS_MOVES(counter)	(1U << PS_CONTEXT_COUNTER_##counter)

/**
 * ps_session_key_make() - the key of a packet's session
 * @packet: TCP or UDP, with ports
 * @incoming: comes from the remote side; else goes there
 * @protocol: enum ps_session_protocol
 * @vlan: of the context's name
 */
static inline struct ps_session_key ps_session_key_make(const struct ps_packet *packet,
							bool incoming, u8 protocol, u16 vlan)
{
	return (struct ps_session_key){
		.local = incoming ? packet->dst : packet->src,
		.remote = incoming ? packet->src : packet->dst,
		.local_port = incoming ? packet->dport : packet->sport,
		.remote_port = incoming ? packet->sport : packet->dport,
		.vlan = vlan,
		.protocol = protocol,
	};
}

static inline struct ps_protection *ps_judging_protection(const struct ps_judging *judging,
							  enum ps_protection_index which)
{
	return ps_platform_acquire(judging->verdict->context->protection[which]);
}

/* The rates that switch a protection, as configured. */
static inline struct ps_rates ps_config_rates(const struct ps_config *config,
					      enum ps_protection_index which)
{
	return ps_rates_unpack(config->option[ps_protection_option[which]]);
}

/* ps_judging_count() where the protection was ever configured. */
bool ps_judging_count_for(struct ps_judging *judging, struct ps_protection *protection,
			  enum ps_protection_index which);

/**
 * ps_judging_count() - an event that a protection watches
 * @judging: the packet
 * @which: the protection
 *
 * Return: whether the protection is on.
 */
static inline bool ps_judging_count(struct ps_judging *judging, enum ps_protection_index which)
{
	struct ps_protection *protection = ps_judging_protection(judging, which);

	return protection && ps_judging_count_for(judging, protection, which);
}

/**
 * ps_judging_police() - let Y packets a second pass a protection that is on
 * @judging: the packet
 * @which: the protection
 * @all: to the last of them, else while half of a tenth of a second's is left
 *
 * Return: whether this one passes.
 */
bool ps_judging_police(struct ps_judging *judging, enum ps_protection_index which, bool all);

/* Step 3b, for contexts with a geoip_policy: geo.c */
enum ps_reason ps_geo_judge(const struct ps_judging *judging);

/* Step 4a and 4b for TCP (SPEC 5), to a port that isn't allowed: tcp.c */
enum ps_reason ps_tcp_judge(struct ps_judging *judging, enum ps_port_class class);

/* Look a TCP packet's session up, refresh it, learn its TTL, and note @matched, @proven. */
enum ps_session ps_tcp_match(struct ps_judging *judging);

/* Step 4a for UDP (SPEC 6): udp.c */
enum ps_reason ps_udp_judge(struct ps_judging *judging);

/* Step 4c, to a protected port (docs/quic.md): quic.c */
enum ps_reason ps_quic_judge(struct ps_judging *judging);

/* Step 4a for ICMP and ICMPv6 errors (SPEC 2.3): icmp.c */
enum ps_reason ps_icmp_judge(struct ps_judging *judging);

#endif
