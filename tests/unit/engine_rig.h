/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host for tests of the engine: contexts with their rules, tables in memory,
 * all protections allocated, a clock that the test moves, and packets that
 * really are bytes. Whatever is received or sent goes through host_receive() or
 * host_send(), which keep the statistics as the shell does and check what holds
 * for every verdict; host_free() checks that the sums agree.
 *
 * Packets are described from the remote side (packets.h): src is the peer, dst
 * this host. send_back() turns the description round.
 */
#ifndef PS_TESTS_ENGINE_RIG_H
#define PS_TESTS_ENGINE_RIG_H

#include "engine_site.h"
#include "packets.h"

#include "learn.h"
#include "platform_twin.h"
#include "slots_table.h"

#define SECOND	1000000000ULL
#define MS	1000000ULL
#define START	(5000 * SECOND)
#define WALL	1795230000U	/* when the clock began, since 1970 */
#define SITES	8
#define BUCKETS	1024U		/* of each table; nothing is evicted by accident */

#define ACK_TIMEOUT	60
#define SYN_TIMEOUT	10
#define RST_TIMEOUT	90
#define UDP_TIMEOUT	40
#define DNS_TIMEOUT	20
#define QHS_TIMEOUT	15
#define QSH_TIMEOUT	50

struct host {
	struct ps_engine engine;
	struct set geo[PS_FAMILIES];	/* address -> country */
	struct site *site[SITES];	/* the first is Other */
	u32 sites;
	int family;			/* of packets that don't say */
	u16 segments;			/* of all packets */
	bool group;			/* of outgoing frames */
	u32 random;			/* for ps_learn() */
	u32 cpu;
	u64 now;
	struct ps_frame frame;		/* what the platform says, and was asked */
	struct ps_packet packet;	/* the last one, in or out */
	struct ps_verdict verdict;	/* on it */
};

static struct host *host;
static struct site *other;

#define assert_why(verdict, why) \
	assert_string_equal(ps_reason_info[verdict].name, ps_reason_info[PS_REASON_##why].name)

/* A context of its own. */
static inline struct site *site_at(const char *addr, u16 vlan)
{
	struct site *site = site_new(parsed(addr), vlan);

	host->site[host->sites++] = site;
	ps_contexts_insert(host->engine.contexts, &site->context);
	return site;
}

/* From now on that address is in that country. */
static inline void locate(const char *addr, u16 country)
{
	const struct ps_range range = { parsed(addr), parsed(addr) };
	enum ps_family family = ps_addr_family(&range.first);

	set_assign(&host->geo[family], range, country);
	host->engine.geo[family] = host->geo[family].now;
}

static inline void host_new(int family)
{
	const u32 slots = ps_contexts_slots(SITES);
	struct ps_contexts *contexts;

	host = zeroed(sizeof(*host));
	*host = (struct host){ .family = family, .segments = 1, .now = START };
	host->engine.secret = (struct ps_siphash_key){ { 1, 2 } };
	host->engine.timeouts = (struct ps_sessions_timeouts){
		{ ACK_TIMEOUT, SYN_TIMEOUT, RST_TIMEOUT, UDP_TIMEOUT, DNS_TIMEOUT,
		  QHS_TIMEOUT, QSH_TIMEOUT }
	};
	host->engine.tcp = table_new(BUCKETS, NULL);
	host->engine.udp = table_new(BUCKETS, NULL);
	host->engine.ttl = table_new(BUCKETS, NULL);
	host->engine.fragments = table_new(BUCKETS, NULL);
	host->engine.quic = table_new(BUCKETS, NULL);
	host->engine.quic_secret = (struct ps_siphash_key){ { 3, 4 } };
	host->engine.quic_cpu = zeroed(CPUS * sizeof(struct ps_quic_cpu));
	host->geo[PS_IPV4].now = host->engine.geo[PS_IPV4] = &ps_sources_empty_ipv4;
	host->geo[PS_IPV6].now = host->engine.geo[PS_IPV6] = &ps_sources_empty_ipv6;
	other = host->site[host->sites++] = site_new((struct ps_addr){}, 0);
	contexts = malloc(sizeof(*contexts) + slots * sizeof(contexts->slot[0]));
	ps_contexts_init(contexts, slots, 1, &other->context);
	host->engine.contexts = contexts;
}

static inline void host_free(void)
{
	while (host->sites)
		site_free(host->site[--host->sites]);
	set_free(&host->geo[PS_IPV4]);
	set_free(&host->geo[PS_IPV6]);
	table_free(host->engine.tcp);
	table_free(host->engine.udp);
	table_free(host->engine.ttl);
	table_free(host->engine.fragments);
	table_free(host->engine.quic);
	free(host->engine.quic_cpu);
	free(host->engine.contexts);
	free(host);
}

static inline int setup_ipv4(void **state)
{
	host_new(4);
	return 0;
}

static inline int setup_ipv6(void **state)
{
	host_new(6);
	return 0;
}

static inline int teardown(void **state)
{
	host_free();
	return 0;
}

/* A test that is run over IPv4 and over IPv6, or over IPv4 only. */
#define BOTH(test) { #test "_ipv4", test, setup_ipv4, teardown, NULL }, \
		   { #test "_ipv6", test, setup_ipv6, teardown, NULL }
#define ONE(test) cmocka_unit_test_setup_teardown(test, setup_ipv4, teardown)

static inline struct ps_threshold_change toggle(struct site *site,
						enum ps_protection_index which, bool on)
{
	return ps_threshold_toggle(&site->context.protection[which]->threshold,
				   rates_of(site, which), on, host->now);
}

/* The status as its readers see it. */
static inline u32 status(struct site *site)
{
	u32 which, bits = 0;

	for (which = 0; which < PS_PROTECTIONS; which++) {
		struct ps_threshold *threshold = &site->context.protection[which]->threshold;

		ps_threshold_update(threshold, rates_of(site, which), host->now);
		bits |= (u32)ps_threshold_is_on(threshold) << which;
	}
	return bits;
}

/* Addresses: number @n of a network that shares no learned TTL with another. */

static inline const char *address(u32 network, u32 n)
{
	static char text[8][64];
	static u32 next;
	char *into = text[next++ % ARRAY_SIZE(text)];

	if (host->family == 6)
		snprintf(into, sizeof(text[0]), "2001:db8:%x:%x::%x", network, n & 0xff, n);
	else
		snprintf(into, sizeof(text[0]), "20.%u.%u.%u", network >> 8 & 0xff,
			 network & 0xff, n);
	return into;
}

static inline const char *peer_address(void)
{
	return host->family == 6 ? "2001:db8::1" : "192.0.2.1";
}

static inline const char *host_address(void)
{
	return host->family == 6 ? "2001:db8::2" : "198.51.100.2";
}

/* Packets. */

static inline u32 moves_of(const struct ps_verdict *verdict)
{
	return ps_reason_info[verdict->reason].counters | verdict->moves;
}

/* What the shell does with a verdict, and what must hold for each. */
static inline void host_account(void)
{
	const struct ps_verdict *verdict = &host->verdict;
	const struct ps_reason_info *info = &ps_reason_info[verdict->reason];
	struct site *site = (struct site *)verdict->context;
	u32 i;

	assert_in_range(verdict->reason, PS_REASON_UNDECIDED + 1, PS_REASONS - 1);
	assert_int_equal(verdict->moves & info->counters, 0);
	if (!site)
		return;
	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		if (moves_of(verdict) >> i & 1)
			site->counter[i] += host->packet.segments;
	if (info->action == PS_DROP)
		site->dropped += host->packet.segments;
	if (info->action == PS_REPLY)
		site->answered += host->packet.segments;
}

static inline struct ps_instant host_instant(void)
{
	return (struct ps_instant){ .now = host->now, .seconds = (u32)(host->now / SECOND),
				    .wall = (u32)(WALL + host->now / SECOND),
				    .cpu = host->cpu, .cpus = CPUS };
}

/* On the heap, so that its end is the end; the caller frees it. */
static inline u8 *host_parse(const struct frame *f)
{
	struct ps_view view = frame_view(f);
	u8 *copy = malloc(f->length);

	memcpy(copy, f->data, f->length);
	view.data = copy;
	view.segments = host->segments;
	ps_packet_parse(&host->packet, &view);
	assert_int_equal(host->packet.wants, 0);
	return copy;
}

static inline enum ps_reason host_receive(const struct frame *f)
{
	struct ps_packet *packet = &host->packet;
	struct ps_arrival arrival = { .packet = packet, .frame = &host->frame,
				      .instant = host_instant() };
	u8 *copy = host_parse(f);

	arrival.data = copy;
	if (packet->checksum && !ps_packet_checksum(packet, copy))
		packet->reason = packet->checksum_reason;
	ps_judge(&host->engine, &arrival, &host->verdict);
	free(copy);
	host_account();
	assert_int_equal(!host->verdict.context,
			 ps_reason_info[host->verdict.reason].action == PS_PASS);
	return host->verdict.reason;
}

static inline enum ps_reason host_send(const struct frame *f, enum ps_sender sender)
{
	struct ps_departure departure = { .packet = &host->packet, .sender = sender,
					  .group = host->group, .random = host->random,
					  .instant = host_instant() };
	u8 *copy = host_parse(f);

	departure.data = copy;
	host->verdict = ps_learn(&host->engine, &departure);
	free(copy);
	host_account();
	return host->verdict.reason;
}

/* The description with its defaults filled in. */
static inline struct build complete(struct build b)
{
	b.family = b.family ? b.family : host->family;
	b.src = b.src ? b.src : peer_address();
	b.dst = b.dst ? b.dst : host_address();
	b.sport = b.sport ? b.sport : 40000;
	b.dport = b.dport ? b.dport : 80;
	return b;
}

static inline struct build turned(struct build b)
{
	struct build back = complete(b);

	b = back;
	back.src = b.dst;
	back.dst = b.src;
	back.sport = b.dport;
	back.dport = b.sport;
	return back;
}

static inline enum ps_reason receive(struct build b)
{
	struct frame f = build(complete(b));

	return host_receive(&f);
}

/* What is described from the remote side goes the other way. */
static inline enum ps_reason send_back(struct build b, enum ps_sender sender)
{
	struct frame f = build(turned(b));

	return host_send(&f, sender);
}

static inline enum ps_reason receive_tcp(u8 flags)
{
	return receive((struct build){ .tcp_flags = flags });
}

static inline enum ps_reason send_tcp(u8 flags, enum ps_sender sender)
{
	return send_back((struct build){ .tcp_flags = flags }, sender);
}

static inline u32 count_of(struct build b, u32 n, enum ps_reason reason)
{
	u32 count = 0;

	while (n--)
		count += receive(b) == reason;
	return count;
}

static inline void pass(u64 nanoseconds)
{
	host->now += nanoseconds;
}

/* The lines of stats that the last packet moved. */
static inline const char *moved(void)
{
	static char text[512];
	size_t length = 0;
	u32 i;

	text[0] = 0;
	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		if (moves_of(&host->verdict) >> i & 1)
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
						   length ? " " : "", ps_context_counter_name[i]);
	return text;
}

#endif
