// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole engine against a naive one (engine_expect.h): random packets in both
 * directions between few hosts, under rules that change now and then, with time
 * that runs and jumps. Reason, lines of stats and what the platform is asked
 * must agree for each packet. Nothing is evicted here, and protections are
 * switched by hand: oracle_sessions.c and oracle_threshold.c are for those.
 *
 * PS_SEED and PS_ROUNDS in the environment repeat or prolong a run.
 */
#include "engine_rig.h"

#include "engine_expect.h"
#include "fragments.h"
#include "ttl.h"

#define ROUNDS		400000
#define TABLE		16384U

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST
#define FIN	PS_TCP_FIN

static const char *const locals[2][LOCALS] = {
	{ "198.51.100.1", "198.51.100.2", "198.51.100.3" },
	{ "2001:db8::a", "2001:db8::b", "2001:db8::c" },
};
static const char *const peers[2][PEERS] = {
	{ "192.0.2.1", "192.0.2.200", "20.0.0.1", "20.0.1.1" },
	{ "2001:db8:1::1", "2001:db8:1:ff::1", "2001:db8:2::1", "2001:db8:2:100::1" },
};
static const u16 lports[LPORTS] = { 80, 81, 82, 83, 443, 7 };
static const u16 rports[RPORTS] = { 40000, 53, 5353 };
static unsigned long seen[PS_REASONS];

static u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static u32 below(u32 n)
{
	return (u32)random() % n;
}

static bool one_in(u32 n)
{
	return below(n) == 0;
}

/* From descriptions to packets. */

static struct frame frame_of(const struct event *e)
{
	struct build b = {
		.family = e->six ? 6 : 4, .protocol = e->protocol, .ttl = e->ttl,
		.src = peers[e->six][e->peer], .dst = locals[e->six][e->local],
		.sport = rports[e->rport], .dport = lports[e->lport], .tcp_flags = e->flags,
		.icmp_type = e->quoted ? e->six ? 1 : 3 : 0, .payload = e->payload,
	};
	struct frame f = build(e->out ? turned(b) : b), quoted;

	if (e->quoted) {
		quoted = frame_of(e->quoted);
		memcpy(f.data + f.transport + 8, quoted.data, e->payload);
	}
	if (is_dns(e) && e->payload >= 2)
		put16(f.data + f.transport + 8, e->query);
	if (e->fragment)
		make_fragment(&f, e->fragment == PS_FRAGMENT_FIRST ? 0 : 3,
			      e->fragment == PS_FRAGMENT_FIRST, (u16)e->id);
	frame_fix(&f);
	f.vlan = e->vlan ? VLAN : 0;
	return f;
}

static void one_packet(const struct event *e)
{
	struct expected x = { 0 };
	struct frame f = frame_of(e);
	enum ps_reason reason;

	host->segments = (u16)e->segments;
	host->group = e->group;
	host->random = e->random;
	host->frame = (struct ps_frame){ .can_offer = e->can_offer, .is_valid = e->is_valid };
	if (e->out)
		expect_departure(e, &x);
	else
		expect_arrival(e, &x);
	reason = e->out ? host_send(&f, e->sender) : host_receive(&f);
	seen[reason]++;
	assert_string_equal(ps_reason_info[reason].name, ps_reason_info[x.reason].name);
	assert_int_equal(host->verdict.moves, x.moves);
	assert_ptr_equal(host->verdict.context, &host->site[context_of(e)]->context);
	assert_int_equal(host->frame.offers, x.offers);
	assert_int_equal(host->frame.checks, x.checks);
	if (x.offers + x.checks)
		assert_int_equal(host->frame.forwarded,
				 rules_of(e)->tcp[e->lport] == PS_PORT_PROTECT_X);
}

/* Chance. */

static void random_ends(struct event *e)
{
	e->six = below(2);
	e->vlan = below(2);
	e->local = below(LOCALS);
	e->peer = below(PEERS);
	e->lport = below(LPORTS);
	e->rport = below(RPORTS);
	e->protocol = one_in(3) ? PS_PROTOCOL_UDP : PS_PROTOCOL_TCP;
}

static void random_shape(struct event *e)
{
	static const u8 flags[] = { SYN, SYN, ACK, ACK, ACK | PS_TCP_PSH, RST, RST | ACK,
				    FIN | ACK, SYN | ACK, SYN | FIN };

	e->out = below(2);
	e->flags = flags[below(sizeof(flags))];
	e->ttl = 64 - (u8)below(one_in(4) ? 30 : 3);
	e->payload = e->flags & (SYN | RST) && e->protocol == PS_PROTOCOL_TCP ? 0 :
									       5 * below(2);
	e->query = below(QUERIES);
	e->segments = one_in(10) ? 1 + below(4) : 1;
	e->fragment = one_in(12) ? 1 + below(2) : 0;
	e->id = below(IDS);
	if (e->fragment)
		e->payload = e->protocol == PS_PROTOCOL_TCP ? 36 : 40;
	if (e->fragment == PS_FRAGMENT_LATER && one_in(2))
		e->payload = 3900;
	e->sender = below(3);
	e->group = one_in(6);
	e->random = (u32)random() << 1;
	e->can_offer = !one_in(4);
	e->is_valid = one_in(4);
}

/* An error about what might have been sent; or a ping. */
static void make_icmp(struct event *e, struct event *quoted)
{
	const u32 header = e->six ? 40 + 8 * !!e->fragment : 20;
	const u32 limit = header + below(one_in(4) ? 12 : 30);

	*quoted = *e;
	e->protocol = e->six ? PS_PROTOCOL_ICMPV6 : PS_PROTOCOL_ICMP;
	e->out = false;
	e->fragment = PS_FRAGMENT_NONE;
	e->payload = 0;
	if (one_in(4))
		return;
	quoted->out = true;
	if (one_in(10))
		quoted->local = below(LOCALS);
	e->quoted = quoted;
	e->payload = frame_of(quoted).length;
	e->payload = min(e->payload, limit);
	e->quote = e->payload - header;
}

static void random_packet(void)
{
	static struct event e;
	struct event icmp, quoted;
	u32 times;

	if (one_in(3) || !e.protocol)
		random_ends(&e);
	random_shape(&e);
	times = one_in(e.fragment == PS_FRAGMENT_LATER ? 5 : 100) ? 60 : 1;
	icmp = e;
	if (one_in(12))
		make_icmp(&icmp, &quoted);
	while (times--)
		one_packet(&icmp);
}

static void random_protection(struct site *site, struct rules *r)
{
	static const u32 rates[] = { 0, 100, 1000 };
	enum ps_protection_index which = below(PS_PROTECTIONS);

	r->below[which] = rates[below(ARRAY_SIZE(rates))];
	set_rates(site, which, r->below[which] ? PS_RATE_MAX : 0, r->below[which]);
	if (which == PS_PROTECT_NEW_COOKIE && r->on[which]) {
		r->had_cookies = true;
		r->cookies_until = naive.now;
	}
	r->on[which] = which == PS_PROTECT_SURGE ? one_in(4) : below(2);
	toggle(site, which, r->on[which]);
}

static void random_rule(struct site *site, struct rules *r)
{
	static const u8 protocols[] = { PS_PROTOCOL_ICMP, PS_PROTOCOL_ICMPV6, PS_PROTOCOL_TCP,
					PS_PROTOCOL_UDP };
	static const u32 rates[] = { 0, 10, 100 };
	u32 i = below(LPORTS), six = below(2), peer = below(PEERS);
	u8 protocol = protocols[below(one_in(10) ? 4 : 2)];

	r->tcp[i] = below(4);
	set_tcp_port(site, lports[i], r->tcp[i]);
	i = below(LPORTS);
	r->udp[i] = one_in(3) ? PS_PORT_ALLOW : PS_PORT_NONE;
	set_udp_port(site, lports[i], r->udp[i]);
	r->source[six][peer] = one_in(4) ? 1 + below(2) : PS_SOURCE_NONE;
	list_source(site, peers[six][peer], r->source[six][peer]);
	r->protocol[protocol] = one_in(protocol < PS_PROTOCOL_TCP || protocol > PS_PROTOCOL_UDP ?
				       2 : 8);
	site->config.protocols[0] &= ~(1ULL << protocol);
	site->config.protocols[0] |= (u64)r->protocol[protocol] << protocol;
	r->dsr = one_in(6);
	site->config.option[PS_OPTION_dsr_mode] = r->dsr;
	r->icmp_rate = rates[below(ARRAY_SIZE(rates))];
	site->config.option[PS_OPTION_icmp_rate_max] = r->icmp_rate;
	r->empty_ack = one_in(3) ? below(101) : 0;
	site->config.option[PS_OPTION_drop_empty_ack] = r->empty_ack;
}

/* What countries a context speaks of, and who is in which. */
static void random_countries(struct site *site, struct rules *r)
{
	u32 country = 1 + below(COUNTRIES - 1), six = below(2), peer = below(PEERS);

	r->policy = one_in(3) ? below(PS_GEOIP_POLICIES) : PS_GEOIP_NONE;
	site->config.option[PS_OPTION_geoip_policy] = r->policy;
	r->country[country] = below(2);
	list_country(site, (u16)country, r->country[country]);
	naive.country[six][peer] = below(COUNTRIES);
	locate(peers[six][peer], (u16)naive.country[six][peer]);
}

static void pass_time(void)
{
	static u32 swept;
	u64 step = below(20) ? below(1000) : below(20000);

	if (one_in(50))
		step = below(2000000);
	if (one_in(400))
		step = 1000000ULL * below(one_in(10) ? 4000 : 70);
	host->now = naive.now += step * 1000;
	naive.world.now = (u32)(naive.now / SECOND);
	if (naive.world.now - swept < 300)
		return;
	swept = naive.world.now;
	ps_sessions_sweep(host->engine.tcp, 0, ~0U, &host->engine.timeouts, swept);
	ps_sessions_sweep(host->engine.udp, 0, ~0U, &host->engine.timeouts, swept);
	ps_ttl_sweep(host->engine.ttl, 0, ~0U, swept);
	ps_fragments_sweep(host->engine.fragments, 0, ~0U, swept);
}

static struct ps_slots *roomy(struct ps_slots *table)
{
	table_free(table);
	return table_new(TABLE, NULL);
}

static void begin(void)
{
	u32 i;

	host_new(4);
	host->engine.tcp = roomy(host->engine.tcp);
	host->engine.udp = roomy(host->engine.udp);
	host->engine.ttl = roomy(host->engine.ttl);
	host->engine.fragments = roomy(host->engine.fragments);
	for (i = 0; i < 2; i++)
		site_at(locals[i][1], 0);
	for (i = 0; i < 2; i++)
		site_at(locals[i][2], VLAN);
	naive.now = START;
	naive.world.now = (u32)(START / SECOND);
	naive.world.timeouts = host->engine.timeouts;
}

static void test_every_packet_agrees(void **state)
{
	u64 seed = setting("PS_SEED", 1), rounds = setting("PS_ROUNDS", ROUNDS), n;
	u32 i;

	print_message("# seed %llu, %llu rounds\n", (unsigned long long)seed,
		      (unsigned long long)rounds);
	srandom((unsigned int)seed);
	begin();
	for (n = 0; n < rounds; n++) {
		pass_time();
		i = below(CONTEXTS);
		if (one_in(40))
			random_rule(host->site[i], &naive.rules[i]);
		if (one_in(40))
			random_protection(host->site[i], &naive.rules[i]);
		if (one_in(40))
			random_countries(host->site[i], &naive.rules[i]);
		random_packet();
	}
	host_free();
}

/* A test that never meets a rule says nothing about it; QUIC's have tests of their own. */
static void test_every_reason_was_met(void **state)
{
	u32 i;

	if (setting("PS_ROUNDS", ROUNDS) < ROUNDS)
		skip();
	for (i = 1; i < PS_REASONS; i++)
		if (ps_reason_info[i].id >= 60 && ps_reason_info[i].id < 130 &&
		    i != PS_REASON_syn_no_reply && !seen[i])
			fail_msg("never met: %s", ps_reason_info[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_packet_agrees),
		cmocka_unit_test(test_every_reason_was_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
