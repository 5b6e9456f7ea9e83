// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parser and engine together, with lists of every kind set. Input: 6 bytes of
 * how the packet arrived, 8 bytes of time, then the packet.
 *
 * Properties: a verdict is always one of the rows; a packet that the parser
 * finds invalid is dropped for that reason; one that isn't ours has no
 * context; the same packet at the same time and state gets the same verdict.
 */
#include <stdlib.h>

#include "engine.h"

static struct ps_config config;
static struct ps_context other, tagged;
static struct ps_contexts *table;

static const struct ps_ports *allow_every_second_port(void)
{
	u8 *map = malloc(PS_PORTS);
	struct ps_ports *ports;
	u32 i;

	for (i = 0; i < PS_PORTS; i++)
		map[i] = i & 1 ? PS_PORT_ALLOW : PS_PORT_NONE;
	ports = malloc(ps_ports_bytes(map));
	ps_ports_build(ports, map);
	free(map);
	return ports;
}

static const struct ps_sources *deny(const struct ps_sources *old, struct ps_addr first,
				     struct ps_addr last)
{
	const struct ps_range range = { first, last };
	struct ps_sources_replacement replacement = {
		.old = old, .range = &range, .n = 1, .value = PS_SOURCE_DENY,
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
	u32 slots = ps_contexts_slots(1);

	config = ps_config_initial;
	config.option[PS_OPTION_icmp_rate_max] = 100;
	config.protocols[0] = 0x4000000000000002ULL;
	config.ports[PS_PORTS_TCP] = config.ports[PS_PORTS_UDP] = allow_every_second_port();
	config.sources[PS_IPV4] = deny(&ps_sources_empty_ipv4, ps_addr_from_ipv4(0x80000000),
				       ps_addr_from_ipv4(0x8fffffff));
	config.sources[PS_IPV6] = deny(&ps_sources_empty_ipv6,
				       (struct ps_addr){ { 0x20010000, 0, 0, 0 } },
				       (struct ps_addr){ { 0x2001ffff, ~0U, ~0U, ~0U } });
	other.config = tagged.config = &config;
	tagged.id.addr = ps_addr_from_ipv4(0x0a000001);
	tagged.id.vlan = 100;
	table = malloc(sizeof(*table) + slots * sizeof(table->slot[0]));
	ps_contexts_init(table, slots, 1, &other);
	ps_contexts_insert(table, &tagged);
	return 0;
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

static struct ps_verdict judge(const struct ps_view *view, u64 now, struct ps_packet *packet)
{
	ps_packet_parse(packet, view);
	if (packet->wants)
		__builtin_trap();
	other.icmp = other.fragments = tagged.icmp = tagged.fragments = 0;
	return ps_judge(table, packet, now);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ps_verdict verdict, again;
	struct ps_packet packet;
	struct ps_view view;
	enum ps_action action;
	u64 now;
	u8 *copy;

	if (size < 14)
		return 0;
	memcpy(&now, data + 6, sizeof(now));
	/* The heap's own end is the end of the packet. */
	copy = malloc(size - 14 + !(size - 14));
	memcpy(copy, data + 14, size - 14);
	if (data[0] & 0x80)
		fix_header_checksum(copy, size - 14);
	view = (struct ps_view){
		.data = copy, .available = size - 14, .length = size - 14, .flags = data[0] & 7,
		.ethertype = data[1] << 8 | data[2], .vlan = (data[3] << 8 | data[4]) & 0xfff,
		.segments = 1 + data[5],
	};
	now >>= 1;
	verdict = judge(&view, now, &packet);
	if (!verdict.reason || verdict.reason >= PS_REASONS)
		__builtin_trap();
	action = ps_reason_info[verdict.reason].action;
	if ((action == PS_PASS) != !verdict.context)
		__builtin_trap();
	if (packet.reason && packet.reason != verdict.reason)
		__builtin_trap();
	again = judge(&view, now, &packet);
	if (again.reason != verdict.reason || again.context != verdict.context)
		__builtin_trap();
	free(copy);
	return 0;
}
