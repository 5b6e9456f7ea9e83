/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The naive engine as a whole: lists, fragments and surge protection around the
 * stages of engine_naive.h, and what outgoing packets teach.
 */
#ifndef PS_TESTS_ENGINE_EXPECT_H
#define PS_TESTS_ENGINE_EXPECT_H

#include "engine_naive.h"

static inline enum ps_reason invalid_reason(const struct event *e)
{
	bool first = e->fragment == PS_FRAGMENT_FIRST;

	if (e->protocol != PS_PROTOCOL_TCP || e->fragment == PS_FRAGMENT_LATER)
		return PS_REASON_UNDECIDED;
	if (e->flags == (PS_TCP_SYN | PS_TCP_FIN))
		return PS_REASON_tcp_flags_syn_fin;
	if (e->flags == PS_TCP_SYN && first)
		return PS_REASON_tcp_syn_data;
	return e->flags & PS_TCP_RST && first ? PS_REASON_tcp_rst_data : PS_REASON_UNDECIDED;
}

static inline struct followed *followed_by(const struct event *e)
{
	struct followed *f = &naive.followed[e->six][e->local][e->peer][e->id]
					    [!e->six && e->protocol == PS_PROTOCOL_UDP];

	if (naive.world.now - f->since > 30)
		f->known = false;
	return f;
}

/* Bytes behind the IP header, in steps of 8. */
static inline u32 bytes_of(const struct event *e)
{
	return (e->payload + (e->protocol == PS_PROTOCOL_TCP ? 20 : 8) + 7) / 8 * 8;
}

static inline void remember_first(const struct event *e, bool deliver)
{
	struct followed *f = followed_by(e);

	if (!f->known || (deliver && !f->deliver))
		*f = (struct followed){ .known = true, .deliver = deliver, .left = 65536,
					.since = naive.world.now };
	if (deliver)
		f->left -= min(f->left, bytes_of(e));
}

static inline enum ps_reason expect_later(const struct event *e, struct rules *r)
{
	struct followed *f = followed_by(e);

	if (!f->known)
		return take(&r->early, 100, 100, e->segments, 0) ? PS_REASON_early_fragment :
								   PS_REASON_orphan_fragment;
	if (!f->deliver)
		return PS_REASON_fragment_of_dropped;
	if (f->left < bytes_of(e))
		return PS_REASON_fragment_bytes;
	f->left -= bytes_of(e);
	return PS_REASON_followed_fragment;
}

static inline bool is_refused(const struct rules *r, u32 country)
{
	switch (r->policy) {
	case PS_GEOIP_DENY:
		return country && r->country[country];
	case PS_GEOIP_ALLOW:
		return !country || !r->country[country];
	default:
		return false;
	}
}

static inline enum ps_reason expect_rules(const struct event *e, struct rules *r, struct expected *x)
{
	bool icmp = e->protocol == (e->six ? PS_PROTOCOL_ICMPV6 : PS_PROTOCOL_ICMP);

	if (r->source[e->six][e->peer] == PS_SOURCE_DENY)
		return PS_REASON_denied_source;
	if (r->source[e->six][e->peer] == PS_SOURCE_ALLOW)
		return PS_REASON_allowed_source;
	if (is_refused(r, naive.country[e->six][e->peer]))
		return PS_REASON_refused_country;
	if (r->protocol[e->protocol])
		return icmp && r->icmp_rate && !take_icmp(r, r->icmp_rate, e->segments) ?
			       PS_REASON_icmp_rate : PS_REASON_allowed_protocol;
	if (e->fragment == PS_FRAGMENT_LATER)
		return expect_later(e, r);
	if (e->protocol == PS_PROTOCOL_TCP)
		return expect_tcp(e, r, x);
	return e->protocol == PS_PROTOCOL_UDP ? expect_udp(e, r) : expect_icmp(e, r);
}

static inline void expect_arrival(const struct event *e, struct expected *x)
{
	struct rules *r = rules_of(e);
	/* Left on without rates, it limits nothing. */
	bool limits = r->on[PS_PROTECT_SURGE] && r->below[PS_PROTECT_SURGE];

	x->reason = invalid_reason(e);
	if (!x->reason) {
		x->reason = expect_rules(e, r, x);
		if (ps_reason_info[x->reason].action == PS_DELIVER && limits) {
			if (e->protocol == PS_PROTOCOL_TCP && e->fragment != PS_FRAGMENT_LATER &&
			    !x->matched)
				match_session(e, x);
			if (!police(r, PS_PROTECT_SURGE, e->segments, x->proven))
				x->reason = PS_REASON_surge;
		}
	}
	if (e->fragment == PS_FRAGMENT_FIRST)
		remember_first(e, ps_reason_info[x->reason].action == PS_DELIVER);
}

static inline enum ps_sessions_sent what_is_sent(const struct event *e)
{
	if (e->flags & PS_TCP_RST)
		return PS_SENT_RST;
	if (e->flags & PS_TCP_SYN)
		return e->flags & PS_TCP_ACK ? PS_SENT_SYN_ACK : PS_SENT_SYN;
	if (e->sender == PS_SENDER_CONNECTED || (e->sender == PS_SENDER_FORWARDED && e->payload))
		return PS_SENT_SEGMENT;
	return PS_SENT_OTHER;
}

static inline void expect_departure(const struct event *e, struct expected *x)
{
	struct record *record = record_of(e, context_of(e));
	struct rules *r = rules_of(e);

	x->reason = PS_REASON_sent;
	if (invalid_reason(e) || e->fragment == PS_FRAGMENT_LATER)
		return;
	if (e->protocol == PS_PROTOCOL_TCP) {
		if (e->flags == PS_TCP_ACK && !e->payload &&
		    (double)e->random / 4294967296 < r->empty_ack / 100.0)
			x->reason = PS_REASON_empty_ack;
		if (expect_sent(&naive.world, record, what_is_sent(e)) ==
			    PS_SESSIONS_ESTABLISHED && r->tcp[e->lport] >= PS_PORT_PROTECT_P)
			MOVE(x, newconns);
		return;
	}
	if (e->protocol != PS_PROTOCOL_UDP || (is_dns(e) && e->payload < 2))
		return;
	if (e->group && !is_dns(e))
		record = anybodys_record(*e, context_of(e));
	expect_sent(&naive.world, record,
		    r->udp[e->lport] == PS_PORT_ALLOW ? PS_SENT_DATAGRAM_SPARE :
		    is_dns(e) ? PS_SENT_QUERY : PS_SENT_DATAGRAM);
}

#endif
