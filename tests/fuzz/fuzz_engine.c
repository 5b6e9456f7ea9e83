// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parser, engine and learning together, with lists of every kind, sessions,
 * fragments and all protections. Input: 8 bytes of rules (struct rules), then
 * packets, each with 8 bytes of how, where to and when it goes (struct step) in
 * front. The tables are so small that everything is evicted all the time.
 *
 * Properties: a verdict is always one of the rows and fits the direction; a
 * packet that the parser finds invalid is dropped for that reason and teaches
 * nothing; one that isn't ours has no context; the platform is asked about
 * whole TCP packets to protected ports only, and never in DSR mode; two runs of
 * the same input are the same.
 */
#include <stdlib.h>

#include "bytes.h"
#include "learn.h"
#include "packet_recipe.h"
#include "platform_twin.h"
#include "quic_answer.h"

#define BUCKETS	2U
#define CPUS	4U
#define SECOND	1000000000ULL

/* What the first bytes of the input say. */
struct rules {
	u8 on;			/* protections by hand */
	u8 rates;		/* protections with rates */
	u8 flags;		/* RULES_* */
	u8 rate;		/* X and Y */
	u8 icmp_rate;
	u8 empty_ack;
	u8 protocols;
	u8 timeout;
};

#define RULES_DSR	0x01
#define RULES_OFFER	0x02	/* the platform says yes */
#define RULES_VALID	0x04
#define RULES_MEMORY	0x08	/* there is memory for protections */
#define RULES_SECRET	0x10
#define RULES_MAPPED	0x20

/* What stands before each packet. */
struct step {
	u8 flags;		/* STEP_*, and PS_VIEW_OTHER_HOST to PS_VIEW_SUPER */
	u8 ethertype;
	u8 vlan;
	u8 sender;
	u8 segments;
	u8 time;		/* that has passed, from nanoseconds to an hour */
	u8 length[2];		/* of the packet; of a recipe the payload, mostly none */
};

#define STEP_BUILT	0x08	/* the bytes are a recipe (packet_recipe.h) */
#define STEP_OUT	0x80
#define STEP_SUMMED	0x40	/* with the right IPv4 header checksum */
#define STEP_GROUP	0x20

struct memory {
	struct ps_slots tcp, udp, ttl, fragments, quic;
	struct ps_slots_bucket bucket[5][BUCKETS];
	u32 filter[5][BUCKETS / 2 + 1];
	struct ps_quic_cpu quic_cpu[CPUS];
	struct ps_context context[2];
};

static struct memory memory;
static struct ps_engine engine;
static struct ps_config config;
static struct ps_country_set countries;
static struct ps_protection *protection[2][PS_PROTECTIONS];
static size_t protection_bytes;
static u64 now;

static void require(bool property)
{
	if (!property)
		__builtin_trap();
}

/* The classes take turns. */
static const struct ps_ports *ports_in_turn(u32 classes)
{
	u8 *map = malloc(PS_PORTS);
	struct ps_ports *ports;
	u32 i;

	for (i = 0; i < PS_PORTS; i++)
		map[i] = (u8)(i % classes);
	ports = malloc(ps_ports_bytes(map));
	ps_ports_build(ports, map);
	free(map);
	return ports;
}

static const struct ps_sources *list(const struct ps_sources *old, struct ps_addr first,
				     struct ps_addr last, enum ps_source_value value)
{
	const struct ps_range range = { first, last };
	struct ps_sources_replacement replacement = {
		.old = old, .range = &range, .n = 1, .value = value,
	};
	struct ps_sources *root;
	u32 i;

	ps_sources_measure(&replacement);
	root = malloc(ps_sources_root_bytes(old->words, replacement.leaves));
	ps_sources_lay_out(root, old->words, replacement.leaves);
	for (i = 0; i < replacement.leaves; i++)
		root->leaf[i] = malloc(sizeof(*root->leaf[i]));
	ps_sources_replace(&replacement, root);
	return root;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct ps_slots *const table[] = { &memory.tcp, &memory.udp, &memory.ttl,
					   &memory.fragments, &memory.quic };
	const u32 slots = ps_contexts_slots(1);
	struct ps_contexts *contexts;
	u32 i;

	config = ps_config_initial;
	config.ports[PS_PORTS_TCP] = ports_in_turn(PS_PORT_PROTECT_X + 1);
	config.ports[PS_PORTS_UDP] = ports_in_turn(PS_PORT_PROTECT_P + 1);
	config.sources[PS_IPV4] = list(&ps_sources_empty_ipv4, ps_addr_from_ipv4(0x80000000),
				       ps_addr_from_ipv4(0x8fffffff), PS_SOURCE_ALLOW);
	config.sources[PS_IPV6] = list(&ps_sources_empty_ipv6,
				       (struct ps_addr){ { 0x20010000, 0, 0, 0 } },
				       (struct ps_addr){ { 0x2001ffff, ~0U, ~0U, ~0U } },
				       PS_SOURCE_DENY);
	/* Value 2 is a country here. */
	engine.geo[PS_IPV4] = config.sources[PS_IPV4];
	engine.geo[PS_IPV6] = list(&ps_sources_empty_ipv6, (struct ps_addr){ { 0 } },
				   (struct ps_addr){ { 0x2000ffff, ~0U, ~0U, ~0U } }, 2);
	ps_country_set_put(&countries, 2, true);
	config.countries = &countries;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		*table[i] = (struct ps_slots){ .bucket = memory.bucket[i],
					       .filter = memory.filter[i],
					       .mask = BUCKETS - 1 };
	engine.tcp = &memory.tcp;
	engine.udp = &memory.udp;
	engine.ttl = &memory.ttl;
	engine.fragments = &memory.fragments;
	engine.quic = &memory.quic;
	engine.quic_cpu = memory.quic_cpu;
	engine.secret = (struct ps_siphash_key){ { 1, 2 } };
	protection_bytes = sizeof(struct ps_protection) + CPUS * sizeof(struct ps_protection_cpu);
	for (i = 0; i < 2 * PS_PROTECTIONS; i++)
		protection[i % 2][i / 2] = aligned_alloc(64, protection_bytes);
	memory.context[1].id.addr = ps_addr_from_ipv4(0x0a000001);
	memory.context[1].id.vlan = 100;
	contexts = malloc(sizeof(*contexts) + slots * sizeof(contexts->slot[0]));
	ps_contexts_init(contexts, slots, 1, &memory.context[0]);
	ps_contexts_insert(contexts, &memory.context[1]);
	engine.contexts = contexts;
	return 0;
}

/* Everything as at the birth of an instance, with these rules. */
static void begin(const struct rules *rules)
{
	const struct ps_rates rates = { rules->rate * 8U, rules->rate };
	u32 i, j;

	now = SECOND * 100000;
	recipe_reset();
	memset(memory.bucket, 0, sizeof(memory.bucket));
	memset(memory.filter, 0, sizeof(memory.filter));
	memset(memory.quic_cpu, 0, sizeof(memory.quic_cpu));
	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++)
		engine.timeouts.seconds[i] = 1 + rules->timeout * (i + 1U);
	config.option[PS_OPTION_icmp_rate_max] = rules->icmp_rate;
	config.option[PS_OPTION_drop_empty_ack] = rules->empty_ack % 101;
	config.option[PS_OPTION_geoip_policy] = rules->protocols / 4 % PS_GEOIP_POLICIES;
	config.option[PS_OPTION_dsr_mode] = rules->flags & RULES_DSR;
	config.option[PS_OPTION_cluster_secret] = !!(rules->flags & RULES_SECRET);
	config.option[PS_OPTION_quic_v4_mapped] = !!(rules->flags & RULES_MAPPED);
	config.protocols[0] = (rules->protocols & 1U) << 1 | (u64)(rules->protocols & 2U) << 57;
	for (i = 0; i < PS_PROTECTIONS; i++) {
		config.option[ps_protection_option[i]] =
			rules->rates >> i & 1 ? ps_rates_pack(rates) : 0;
		for (j = 0; j < 2; j++) {
			memset(protection[j][i], 0, protection_bytes);
			memory.context[j].protection[i] =
				rules->flags & RULES_MEMORY ? protection[j][i] : NULL;
			ps_threshold_toggle(&protection[j][i]->threshold, rates,
					    rules->on >> (i + 4 * j) & 1, now);
		}
	}
	for (i = 0; i < 2; i++) {
		memory.context[i].config = &config;
		memory.context[i].icmp = memory.context[i].fragments = 0;
	}
}

/* A fuzzer doesn't guess sums: give an IPv4 header the right one. */
static void fix_header_checksum(u8 *packet, size_t size)
{
	u32 sum = 0, length, i;

	if (size < 20 || packet[0] >> 4 != 4)
		return;
	length = (packet[0] & 15) * 4;
	if (length < 20 || length > size)
		return;
	packet[10] = packet[11] = 0;
	for (i = 0; i < length; i += 2)
		sum += packet[i] << 8 | packet[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16)) & 0xffff;
	packet[10] = sum >> 8;
	packet[11] = sum;
}

static void check_asked(const struct ps_frame *frame, const struct ps_packet *packet)
{
	u8 class = ps_ports_class(config.ports[PS_PORTS_TCP], packet->dport);

	require(frame->offers + frame->checks + frame->retries <= 1);
	if (frame->retries) {
		require(packet->protocol == PS_PROTOCOL_UDP &&
			packet->fragment == PS_FRAGMENT_NONE);
		require(ps_ports_class(config.ports[PS_PORTS_UDP], packet->dport) ==
			PS_PORT_PROTECT_P);
	}
	if (!frame->offers && !frame->checks)
		return;
	require(!config.option[PS_OPTION_dsr_mode]);
	require(packet->protocol == PS_PROTOCOL_TCP && packet->fragment == PS_FRAGMENT_NONE);
	require(class == PS_PORT_PROTECT_P || class == PS_PORT_PROTECT_X);
	require(frame->forwarded == (class == PS_PORT_PROTECT_X));
	require((packet->tcp_flags & (PS_TCP_SYN | PS_TCP_ACK | PS_TCP_RST)) ==
		(frame->offers ? PS_TCP_SYN : PS_TCP_ACK));
}

static struct ps_verdict arrive(const struct rules *rules, const struct ps_packet *packet,
				 const u8 *data, const struct ps_instant *instant)
{
	struct ps_frame frame = { .can_offer = rules->flags & RULES_OFFER,
				  .is_valid = rules->flags & RULES_VALID };
	const struct ps_arrival arrival = { packet, data, &frame, *instant };
	struct ps_verdict verdict;
	enum ps_action action;

	ps_judge(&engine, &arrival, &verdict);
	action = ps_reason_info[verdict.reason].action;
	require(action <= PS_REPLY);
	require((action == PS_PASS) == !verdict.context);
	require(!packet->reason || packet->reason == verdict.reason);
	require(!verdict.config == !!packet->reason);
	if (verdict.reason == PS_REASON_quic_retry || verdict.reason == PS_REASON_retry_limit)
		require(frame.retries && frame.can_offer);
	else
		require((action == PS_REPLY) == (frame.offers && frame.can_offer));
	if (verdict.reason == PS_REASON_quic_retry)
		require(quic_answer_is_right(&engine, &arrival, &config));
	if (verdict.reason == PS_REASON_cookie_valid)
		require(frame.checks && frame.is_valid);
	else if (verdict.reason != PS_REASON_surge)
		require(!frame.checks || !frame.is_valid);
	check_asked(&frame, packet);
	return verdict;
}

static struct ps_verdict depart(const struct step *step, const struct ps_packet *packet,
			      const u8 *data, const struct ps_instant *instant)
{
	const struct ps_departure departure = {
		.packet = packet, .data = data, .sender = step->sender % 3,
		.group = step->flags & STEP_GROUP, .random = (u32)step->time << 24,
		.instant = *instant,
	};
	struct ps_slots_bucket before[5][BUCKETS];
	struct ps_verdict verdict;

	memcpy(before, memory.bucket, sizeof(before));
	verdict = ps_learn(&engine, &departure);
	require(ps_reason_info[verdict.reason].action >= PS_SEND);
	require(!memcmp(before[2], memory.bucket[2], 2 * sizeof(before[0])));
	if (packet->reason || packet->protocol != PS_PROTOCOL_TCP) {
		require(verdict.reason == PS_REASON_sent);
		require(!memcmp(before[0], memory.bucket[0], sizeof(before[0])));
	}
	if (packet->reason || packet->protocol != PS_PROTOCOL_UDP) {
		require(!memcmp(before[1], memory.bucket[1], sizeof(before[1])));
		require(!memcmp(before[4], memory.bucket[4], sizeof(before[4])));
	}
	return verdict;
}

static u16 make_packet(struct frame *f, const struct step *step, const u8 *data, u32 length)
{
	static const u16 ethertype[] = { 0x0800, 0x86dd, 0x8100, 0x8864 };

	if (step->flags & STEP_BUILT) {
		recipe_cook(f, data, length, step->flags & STEP_OUT);
		return f->ethertype;
	}
	f->length = min(length, (u32)FRAME_MAX);
	memcpy(f->data, data, f->length);
	if (step->flags & STEP_SUMMED)
		fix_header_checksum(f->data, f->length);
	return ethertype[step->ethertype % 4];
}

static struct ps_verdict one_packet(const struct rules *rules, const struct step *step,
				    const u8 *data, u32 length)
{
	const struct ps_instant instant = { now, (u32)(now / SECOND), (u32)(now / SECOND),
					    step->sender % CPUS, CPUS };
	struct ps_view view = {
		.flags = step->flags & 7, .segments = 1 + (step->segments & 0x3f),
		.vlan = step->vlan & 1 ? 100 : step->vlan,
	};
	struct ps_verdict verdict;
	struct ps_packet packet;
	static struct frame f;
	u8 *copy;

	view.ethertype = make_packet(&f, step, data, length);
	view.available = view.length = f.length;
	/* The heap's own end is the end of the packet. */
	view.data = copy = malloc(f.length ? f.length : 1);
	memcpy(copy, f.data, f.length);
	ps_packet_parse(&packet, &view);
	require(!packet.wants);
	verdict = step->flags & STEP_OUT ? depart(step, &packet, copy, &instant) :
					   arrive(rules, &packet, copy, &instant);
	require(verdict.reason && verdict.reason < PS_REASONS);
	require(!(verdict.moves & ps_reason_info[verdict.reason].counters));
	require(!(verdict.went_on & verdict.went_off));
	free(copy);
	return verdict;
}

static size_t length_of(const struct step *step)
{
	if (step->flags & STEP_BUILT)
		return sizeof(struct recipe) + max(step->length[1], 0xc0) - 0xc0;
	return ps_bytes_u16(step->length);
}

static u64 run(const u8 *data, size_t size)
{
	struct ps_verdict verdict;
	struct rules rules;
	struct step step;
	u64 digest = 0;
	size_t length;

	memcpy(&rules, data, sizeof(rules));
	data += sizeof(rules);
	size -= sizeof(rules);
	begin(&rules);
	while (size >= sizeof(step)) {
		memcpy(&step, data, sizeof(step));
		data += sizeof(step);
		size -= sizeof(step);
		length = length_of(&step);
		length = min(length, size);
		now += 1ULL << step.time % 42;
		verdict = one_packet(&rules, &step, data, (u32)length);
		data += length;
		size -= length;
		digest = digest * 31 + verdict.reason + verdict.moves + verdict.rate +
			 verdict.went_on * 256U + verdict.went_off;
	}
	return digest;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size < sizeof(struct rules))
		return 0;
	require(run(data, size) == run(data, size));
	return 0;
}
