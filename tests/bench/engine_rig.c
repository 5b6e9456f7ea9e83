// SPDX-License-Identifier: GPL-2.0-or-later
/* An engine to measure; see engine_rig.h. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "engine_rig.h"
#include "learn.h"

#define LEAST_ENTRIES	4096U
#define HUGE		(2U << 20)

/* On huge pages where there are any, like the kernel's own memory. */
static void *zeroed(size_t size)
{
	size_t room = (size + HUGE - 1) / HUGE * HUGE;
	void *memory = aligned_alloc(HUGE, room);

	if (!memory) {
		perror("engine");
		exit(1);
	}
	madvise(memory, room, MADV_HUGEPAGE);
	memset(memory, 0, room);
	return memory;
}

static struct ps_slots *table_new(u32 entries)
{
	struct ps_slots *table = calloc(1, sizeof(*table));
	u32 buckets = 1;

	while (buckets * PS_SLOTS_BUCKET < max(entries, LEAST_ENTRIES))
		buckets *= 2;
	table->bucket = zeroed(buckets * sizeof(*table->bucket));
	table->filter = zeroed(ps_slots_filter_words(buckets) * sizeof(*table->filter));
	table->mask = buckets - 1;
	return table;
}

static void table_free(struct ps_slots *table)
{
	free(table->bucket);
	free(table->filter);
	free(table);
}

static void protect_port(struct rig *rig, u16 port)
{
	u8 *classes = calloc(PS_PORTS, 1);
	struct ps_ports *ports;

	classes[port] = PS_PORT_PROTECT_P;
	ports = malloc(ps_ports_bytes(classes));
	ps_ports_build(ports, classes);
	rig->config.ports[PS_PORTS_TCP] = ports;
	free(classes);
}

void rig_init(struct rig *rig, u32 clients)
{
	const u32 slots = ps_contexts_slots(1);
	struct ps_contexts *contexts = calloc(1, sizeof(*contexts) + slots * sizeof(contexts->slot[0]));

	memset(rig, 0, sizeof(*rig));
	rig->now = 5000 * RIG_SECOND;
	rig->config = ps_config_initial;
	rig->other.config = &rig->config;
	rig->frame.can_offer = true;
	rig->engine.secret = (struct ps_siphash_key){ { 1, 2 } };
	rig->engine.timeouts = (struct ps_sessions_timeouts){ { 60, 10, 60, 60, 60 } };
	rig->engine.tcp = table_new(4 * clients);
	rig->engine.udp = table_new(0);
	rig->engine.ttl = table_new(1 << 18);
	rig->engine.fragments = table_new(0);
	ps_contexts_init(contexts, slots, 1, &rig->other);
	rig->engine.contexts = contexts;
	protect_port(rig, 80);
}

void rig_free(struct rig *rig)
{
	const struct ps_sources *sources = rig->config.sources[PS_IPV4];
	u32 i;

	for (i = 0; i < PS_PROTECTIONS; i++)
		free(rig->other.protection[i]);
	for (i = 0; i < sources->leaves; i++)
		free(sources->leaf[i]);
	if (sources != &ps_sources_empty_ipv4)
		free((void *)sources);
	free((void *)rig->config.ports[PS_PORTS_TCP]);
	free(rig->engine.contexts);
	table_free(rig->engine.tcp);
	table_free(rig->engine.udp);
	table_free(rig->engine.ttl);
	table_free(rig->engine.fragments);
}

void rig_deny(struct rig *rig, u32 networks)
{
	struct ps_range *range = calloc(networks, sizeof(*range));
	struct ps_sources_replacement replacement = {
		.old = &ps_sources_empty_ipv4, .range = range, .n = networks,
		.value = PS_SOURCE_DENY,
	};
	u32 i, stride = population_stride(networks);
	struct ps_sources *root;

	for (i = 0; i < networks; i++) {
		struct population_network network = population_network(i, stride);

		range[i].first = ps_addr_from_ipv4(network.first);
		range[i].last = ps_addr_from_ipv4(network.first + (1U << network.bits) - 1);
	}
	ps_sources_measure(&replacement);
	root = malloc(ps_sources_root_bytes(1, replacement.leaves));
	ps_sources_lay_out(root, 1, replacement.leaves);
	for (i = 0; i < replacement.leaves; i++)
		root->leaf[i] = aligned_alloc(64, sizeof(*root->leaf[i]));
	ps_sources_replace(&replacement, root);
	rig->config.sources[PS_IPV4] = root;
	free(range);
}

struct ps_packet rig_packet(u32 src, u16 sport, u8 flags)
{
	return (struct ps_packet){
		.src = ps_addr_from_ipv4(src),
		.dst = ps_addr_from_ipv4(RIG_SERVER),
		.sport = sport,
		.dport = 80,
		.protocol = PS_PROTOCOL_TCP,
		.tcp_flags = flags,
		.ttl = 64,
		.segments = 1,
		.transport = 20,
		.payload = 40,
		.end = 40,
		.length = 40,
		.checksum = 36,
		.checksum_end = 40,
	};
}

/* A server behind this host sends data, and the client acknowledges it. */
static void open_session(struct rig *rig, u32 client, u16 port)
{
	struct ps_packet data = rig_packet(RIG_SERVER, 80, PS_TCP_ACK | PS_TCP_PSH);
	struct ps_packet ack = rig_packet(client, port, PS_TCP_ACK);
	struct ps_departure departure = {
		.packet = &data, .sender = PS_SENDER_FORWARDED, .instant = rig_instant(rig),
	};
	struct ps_arrival arrival = {
		.packet = &ack, .frame = &rig->frame, .instant = rig_instant(rig),
	};
	struct ps_verdict verdict;

	data.dst = ack.src;
	data.dport = port;
	data.end = 140;
	ps_learn(&rig->engine, &departure);
	ps_judge(&rig->engine, &arrival, &verdict);
}

void rig_open_sessions(struct rig *rig, u32 clients)
{
	u32 i, stride = population_stride(clients);

	for (i = 0; i < clients; i++)
		open_session(rig, population_network(i, stride).first, population_port(i));
}

void rig_protect(struct rig *rig)
{
	static const enum ps_protection_index which[] = { PS_PROTECT_NEW_COOKIE,
							  PS_PROTECT_UNMATCHED };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(which); i++) {
		struct ps_protection *protection =
			aligned_alloc(64, sizeof(*protection) + sizeof(protection->cpu[0]));

		memset(protection, 0, sizeof(*protection) + sizeof(protection->cpu[0]));
		ps_threshold_toggle(&protection->threshold, (struct ps_rates){}, true, rig->now);
		rig->other.protection[which[i]] = protection;
	}
}
