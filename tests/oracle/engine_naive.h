/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The naive half of oracle_engine.c: what SPEC 2, 5 and 6 say of a packet,
 * written down over descriptions of packets, with a place for every session
 * there could be (sessions_record.h) and no table, hash, header or rate. A
 * protection is on when it was switched on. Here are the stages; what is
 * around them is in engine_expect.h.
 */
#ifndef PS_TESTS_ENGINE_NAIVE_H
#define PS_TESTS_ENGINE_NAIVE_H

#include "learn.h"
#include "sessions_record.h"

#define LOCALS		3U	/* addresses of this host in each family */
#define PEERS		4U	/* the first two are of one network */
#define LPORTS		6U
#define RPORTS		3U
#define QUERIES		3U
#define CONTEXTS	5U	/* Other; for each family of local 1; of local 2 in VLAN */
#define VLAN		100
#define IDS		2U
#define COUNTRIES	4U	/* that of no country included */
#define ANYBODY		LOCALS	/* instead of the addresses: whoever answers */

/* A packet, as it is meant. */
struct event {
	bool out;
	bool six;
	bool vlan;
	u32 local, peer, lport, rport;	/* which of them */
	int protocol;
	u8 flags;
	u8 ttl;
	u32 payload;
	u32 query;
	u32 segments;
	enum ps_fragment fragment;
	u32 id;
	enum ps_sender sender;
	bool group;
	u32 random;
	bool can_offer, is_valid;	/* what the platform says */
	const struct event *quoted;	/* of an ICMP error */
	u32 quote;			/* bytes of it behind its IP header */
};

/* Debts of a bucket, in nanoseconds. */
struct debt {
	u64 owed;
	u64 at;
};

struct rules {
	enum ps_port_class tcp[LPORTS], udp[LPORTS];
	enum ps_source_value source[2][PEERS];
	enum ps_geoip_policy policy;
	bool country[COUNTRIES];	/* in the list; the first is none */
	bool protocol[256];
	bool dsr;
	u32 icmp_rate, empty_ack;
	u32 below[PS_PROTECTIONS];
	bool on[PS_PROTECTIONS];
	bool had_cookies;
	u64 cookies_until;		/* off since then, if they are off */
	struct debt icmp, early, police[PS_PROTECTIONS];
};

struct network {
	struct {
		bool known;
		u32 ttl;
		u32 seen;
	} value[2];
};

struct followed {
	bool known, deliver;
	u32 since;
	u32 left;
};

/* What the engine should do. */
struct expected {
	enum ps_reason reason;
	u32 moves;
	u32 offers, checks;
	bool matched, proven;
};

struct naive {
	struct world world;		/* time and time-outs; its records aren't used */
	u64 now;
	struct rules rules[CONTEXTS];
	u32 country[2][PEERS];
	struct record record[2][3][LOCALS + 1][PEERS][LPORTS][RPORTS][QUERIES][2];
	struct network network[2][PEERS - 1];
	struct followed followed[2][LOCALS][PEERS][IDS][2];
};

static struct naive naive;

#define MOVE(x, line)	((x)->moves |= 1U << PS_CONTEXT_COUNTER_##line)

static inline u32 context_of(const struct event *e)
{
	if (e->local == 1)
		return 1 + e->six;
	return e->local == 2 && e->vlan ? 3 + e->six : 0;
}

static inline struct rules *rules_of(const struct event *e)
{
	return &naive.rules[context_of(e)];
}

static inline bool is_dns(const struct event *e)
{
	return e->protocol == PS_PROTOCOL_UDP && e->rport == 1;
}

/* @context: of the packet at hand, which for a quoted one is another packet's. */
static inline struct record *record_of(const struct event *e, u32 context)
{
	u32 kind = e->protocol == PS_PROTOCOL_TCP ? 0 : is_dns(e) ? 2 : 1;

	return &naive.record[e->six][kind][e->local][e->peer][e->lport][e->rport]
			    [kind == 2 ? e->query : 0][context >= 3];
}

static inline struct record *anybodys_record(struct event e, u32 context)
{
	e.six = false;
	e.local = ANYBODY;
	e.peer = 0;
	return record_of(&e, context);
}

/* Tokens @n of a bucket of @depth; @left: so many must be there beforehand. */
static inline bool take(struct debt *debt, u32 rate, u32 depth, u32 n, u32 left)
{
	u64 cost = 1000000000 / rate;

	debt->owed -= min(debt->owed, naive.now - debt->at);
	debt->at = naive.now;
	if (debt->owed + max(n, left) * cost > depth * cost)
		return false;
	debt->owed += n * cost;
	return true;
}

static inline bool police(struct rules *r, enum ps_protection_index which, u32 n, bool all)
{
	u32 rate = r->below[which], depth = max(rate / 10, n);

	return rate && take(&r->police[which], rate, depth, n, all ? n : depth / 2);
}

static inline bool take_icmp(struct rules *r, u32 rate, u32 n)
{
	return take(&r->icmp, rate, max(rate / 10, min(rate, 10U)), n, n);
}

static inline struct network *network_of(const struct event *e)
{
	struct network *network = &naive.network[e->six][e->peer < 2 ? 0 : e->peer - 1];
	u32 i;

	for (i = 0; i < 2; i++)
		if (naive.world.now / 32 - network->value[i].seen > 113)
			network->value[i].known = false;
	return network;
}

static inline bool is_near(const struct network *network, u32 i, u32 ttl)
{
	return network->value[i].known && abs((int)network->value[i].ttl - (int)ttl) <= 2;
}

static inline void learn_ttl(const struct event *e)
{
	struct network *network = network_of(e);
	bool near = false;
	u32 i;

	if (rules_of(e)->dsr)
		return;
	for (i = 0; i < 2; i++) {
		if (is_near(network, i, e->ttl)) {
			network->value[i].seen = naive.world.now / 32;
			near = true;
		}
	}
	for (i = 0; i < 2 && !near; i++) {
		if (!network->value[i].known) {
			network->value[i].known = near = true;
			network->value[i].ttl = e->ttl;
			network->value[i].seen = naive.world.now / 32;
		}
	}
}

static inline enum ps_session match_session(const struct event *e, struct expected *x)
{
	const struct ps_sessions_arrival arrival = {
		.timeout = e->flags & PS_TCP_RST ? PS_SESSIONS_RST :
			   (e->flags & (PS_TCP_SYN | PS_TCP_ACK)) == PS_TCP_SYN ? PS_SESSIONS_SYN :
										  PS_SESSIONS_ACK,
		.ttl = e->ttl, .segments = (u16)e->segments,
	};
	struct ps_sessions_match match = expect_incoming(&naive.world,
							 record_of(e, context_of(e)), &arrival);

	if (match.learn)
		learn_ttl(e);
	x->matched = true;
	x->proven = match.session == PS_SESSION_ESTABLISHED || match.session == PS_SESSION_OWN;
	return match.session;
}

static inline void open_session(const struct event *e)
{
	struct record *record = record_of(e, context_of(e));

	expect_sent(&naive.world, record, PS_SENT_COOKIE);
	record->ttl = e->ttl;
	record->cookied = false;
}

static inline enum ps_reason filter_ttl(const struct event *e, struct rules *r, struct expected *x)
{
	struct network *network = network_of(e);

	if (is_near(network, 0, e->ttl) || is_near(network, 1, e->ttl))
		return PS_REASON_UNDECIDED;
	MOVE(x, unknown_ttl);
	if (!r->on[PS_PROTECT_UNKNOWN_TTL])
		return PS_REASON_UNDECIDED;
	if (network->value[0].known || network->value[1].known)
		return PS_REASON_ttl_differs;
	return police(r, PS_PROTECT_UNKNOWN_TTL, e->segments, true) ? PS_REASON_UNDECIDED :
								      PS_REASON_ttl_unknown;
}

static inline enum ps_reason deliver_syn(const struct event *e, struct rules *r, struct expected *x,
				  enum ps_reason reason)
{
	if (!r->dsr)
		return reason;
	open_session(e);
	MOVE(x, newconns);
	return reason;
}

static inline enum ps_reason expect_syn(const struct event *e, struct rules *r, struct expected *x,
				 enum ps_session session)
{
	bool on = r->on[PS_PROTECT_NEW_COOKIE];
	enum ps_reason reason;

	MOVE(x, syn);
	if (session == PS_SESSION_ESTABLISHED)
		return PS_REASON_established;
	if (session == PS_SESSION_EXCESS)
		return on ? PS_REASON_syn_excess : PS_REASON_established;
	if (session == PS_SESSION_HALF_OPEN && !on)
		return PS_REASON_half_open;
	reason = session == PS_SESSION_HALF_OPEN ? PS_REASON_UNDECIDED : filter_ttl(e, r, x);
	if (reason)
		return reason;
	if (!on)
		return deliver_syn(e, r, x, PS_REASON_syn_open);
	if (!r->dsr && e->fragment == PS_FRAGMENT_NONE) {
		x->offers++;
		if (e->can_offer) {
			/* What is left of an old session may match the ACK. */
			record_of(e, context_of(e))->cookied |= session == PS_SESSION_NONE;
			return PS_REASON_syncookie;
		}
	}
	if (police(r, PS_PROTECT_NEW_COOKIE, e->segments, true))
		return deliver_syn(e, r, x, PS_REASON_syn_within_rate);
	return PS_REASON_syn_rate;
}

static inline bool has_cookie(const struct event *e, struct rules *r, struct expected *x)
{
	bool current = r->on[PS_PROTECT_NEW_COOKIE] ||
		       (r->had_cookies && naive.now < r->cookies_until + 128000000000);

	if (!current || r->dsr || e->fragment != PS_FRAGMENT_NONE || !(e->flags & PS_TCP_ACK) ||
	    e->flags & (PS_TCP_SYN | PS_TCP_RST))
		return false;
	x->checks++;
	return e->is_valid;
}

static inline enum ps_reason accept_cookie(const struct event *e, struct expected *x)
{
	open_session(e);
	learn_ttl(e);
	x->proven = true;
	return PS_REASON_cookie_valid;
}

static inline enum ps_reason expect_other(const struct event *e, struct rules *r, struct expected *x,
				   enum ps_session session)
{
	enum ps_reason reason;

	if (e->flags & PS_TCP_RST)
		MOVE(x, rst);
	else
		MOVE(x, ack);
	if ((session == PS_SESSION_HALF_OPEN ||
	     (session == PS_SESSION_ESTABLISHED && record_of(e, context_of(e))->cookied)) &&
	    has_cookie(e, r, x))
		return accept_cookie(e, x);
	if (session == PS_SESSION_ESTABLISHED)
		return PS_REASON_established;
	if (session == PS_SESSION_HALF_OPEN)
		return PS_REASON_half_open;
	reason = filter_ttl(e, r, x);
	if (reason)
		return reason;
	if (has_cookie(e, r, x))
		return accept_cookie(e, x);
	if (!r->on[PS_PROTECT_UNMATCHED])
		return PS_REASON_unmatched_open;
	return e->flags & PS_TCP_RST ? PS_REASON_unmatched_rst : PS_REASON_unmatched_ack;
}

static inline enum ps_reason expect_tcp(const struct event *e, struct rules *r, struct expected *x)
{
	enum ps_session session;

	if (r->tcp[e->lport] == PS_PORT_ALLOW)
		return PS_REASON_allowed_tcp_port;
	session = match_session(e, x);
	if (session == PS_SESSION_OWN)
		return PS_REASON_related_tcp;
	if (r->tcp[e->lport] == PS_PORT_NONE)
		return session == PS_SESSION_ESTABLISHED || session == PS_SESSION_EXCESS ?
			       PS_REASON_related_tcp : PS_REASON_closed_tcp_port;
	if ((e->flags & (PS_TCP_SYN | PS_TCP_ACK)) == PS_TCP_SYN)
		return expect_syn(e, r, x, session);
	return expect_other(e, r, x, session);
}

static inline enum ps_reason expect_udp(const struct event *e, struct rules *r)
{
	struct record *record = record_of(e, context_of(e));

	if (r->udp[e->lport] == PS_PORT_ALLOW)
		return PS_REASON_allowed_udp_port;
	if (is_dns(e)) {
		if (e->payload < 2 || !is_valid(&naive.world, record))
			return PS_REASON_closed_udp_port;
		record->state = NOTHING;
		return PS_REASON_dns_answer;
	}
	if (is_valid(&naive.world, record) ||
	    is_valid(&naive.world, anybodys_record(*e, context_of(e))))
		return PS_REASON_udp_answer;
	return PS_REASON_closed_udp_port;
}

static inline enum ps_reason expect_icmp(const struct event *e, struct rules *r)
{
	const struct event *q = e->quoted;

	if (!q || q->local != e->local || e->quote < (is_dns(q) ? 10U : 4U) ||
	    q->fragment == PS_FRAGMENT_LATER ||
	    (q->protocol != PS_PROTOCOL_TCP && q->protocol != PS_PROTOCOL_UDP))
		return PS_REASON_closed_protocol;
	if (is_dns(q) && q->payload < 2)
		return PS_REASON_closed_protocol;
	if (!is_valid(&naive.world, record_of(q, context_of(e))))
		return PS_REASON_closed_protocol;
	return take_icmp(r, r->icmp_rate ? r->icmp_rate : 1000, e->segments) ?
		       PS_REASON_related_icmp : PS_REASON_related_icmp_rate;
}

#endif
