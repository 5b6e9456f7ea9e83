// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of rules (steps 0-3 and 5): the first that decides wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine.h"

#define SECOND	1000000000ULL
#define NOW	(1000 * SECOND)

/* A host with one context, Other, whose rules the tests set up. */
struct host {
	struct ps_config config;
	struct ps_context other;
	struct ps_contexts table;
	struct ps_sources *owned;
	struct ps_ports *ports[PS_PORT_PROTOCOLS];
};

static struct host *host;

static int setup(void **state)
{
	host = aligned_alloc(64, (sizeof(*host) + 63) / 64 * 64 + 64);
	memset(host, 0, sizeof(*host));
	host->config = ps_config_initial;
	host->other.config = &host->config;
	host->table.other = &host->other;
	return 0;
}

static int teardown(void **state)
{
	u32 i;

	for (i = 0; host->owned && i < host->owned->leaves; i++)
		free(host->owned->leaf[i]);
	free(host->owned);
	free(host->ports[PS_PORTS_TCP]);
	free(host->ports[PS_PORTS_UDP]);
	free(host);
	return 0;
}

static void list_source(u32 first, u32 last, enum ps_source_value value)
{
	const struct ps_range range = { ps_addr_from_ipv4(first), ps_addr_from_ipv4(last) };
	struct ps_sources_replacement replacement = {
		.old = &ps_sources_empty_ipv4, .range = &range, .n = 1, .value = value,
	};
	u32 i;

	ps_sources_measure(&replacement);
	host->owned = malloc(ps_sources_root_bytes(1, replacement.leaves));
	ps_sources_lay_out(host->owned, 1, replacement.leaves);
	for (i = 0; i < replacement.leaves; i++)
		host->owned->leaf[i] = malloc(sizeof(*host->owned->leaf[i]));
	ps_sources_replace(&replacement, host->owned);
	host->config.sources[PS_IPV4] = host->owned;
}

static void allow_port(enum ps_port_protocol protocol, u16 port)
{
	u8 *map = calloc(1, PS_PORTS);

	map[port] = PS_PORT_ALLOW;
	host->ports[protocol] = malloc(ps_ports_bytes(map));
	ps_ports_build(host->ports[protocol], map);
	host->config.ports[protocol] = host->ports[protocol];
	free(map);
}

static void allow_protocol(u8 protocol)
{
	host->config.protocols[protocol / 64] |= 1ULL << protocol % 64;
}

static struct ps_packet packet_to(u8 protocol, u16 dport)
{
	return (struct ps_packet){
		.src = ps_addr_from_ipv4(0x0a000002), .dst = ps_addr_from_ipv4(0x0a000001),
		.protocol = protocol, .dport = dport, .sport = 40000, .segments = 1,
	};
}

static enum ps_reason judge(struct ps_packet packet, u64 now)
{
	return ps_judge(&host->table, &packet, now).reason;
}

static void test_nothing_is_allowed_at_birth(void **state)
{
	assert_int_equal(judge(packet_to(PS_PROTOCOL_TCP, 80), NOW), PS_REASON_closed_tcp_port);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_UDP, 53), NOW), PS_REASON_closed_udp_port);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_ICMP, 0), NOW), PS_REASON_closed_protocol);
	assert_int_equal(judge(packet_to(47, 0), NOW), PS_REASON_closed_protocol);
}

static void test_unjudged_packets_have_no_context(void **state)
{
	struct ps_packet packet = packet_to(0, 0);
	struct ps_verdict verdict;

	packet.reason = PS_REASON_not_ip;
	verdict = ps_judge(&host->table, &packet, NOW);
	assert_int_equal(verdict.reason, PS_REASON_not_ip);
	assert_null(verdict.context);
}

static void test_invalid_comes_before_every_list(void **state)
{
	struct ps_packet packet = packet_to(PS_PROTOCOL_TCP, 80);
	struct ps_verdict verdict;

	list_source(0x0a000002, 0x0a000002, PS_SOURCE_ALLOW);
	allow_port(PS_PORTS_TCP, 80);
	packet.reason = PS_REASON_tcp_flags_none;
	verdict = ps_judge(&host->table, &packet, NOW);
	assert_int_equal(verdict.reason, PS_REASON_tcp_flags_none);
	assert_ptr_equal(verdict.context, &host->other);
}

static void test_denied_source_comes_before_allowlists(void **state)
{
	list_source(0x0a000000, 0x0a0000ff, PS_SOURCE_DENY);
	allow_port(PS_PORTS_TCP, 80);
	allow_protocol(PS_PROTOCOL_TCP);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_TCP, 80), NOW), PS_REASON_denied_source);
}

static void test_allowed_source_comes_before_everything_closed(void **state)
{
	list_source(0x0a000002, 0x0a000002, PS_SOURCE_ALLOW);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_TCP, 81), NOW), PS_REASON_allowed_source);
	assert_int_equal(judge(packet_to(47, 0), NOW), PS_REASON_allowed_source);
}

static void test_protocol_comes_before_ports(void **state)
{
	allow_port(PS_PORTS_TCP, 80);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_TCP, 80), NOW), PS_REASON_allowed_tcp_port);
	allow_protocol(PS_PROTOCOL_TCP);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_TCP, 80), NOW), PS_REASON_allowed_protocol);
}

static void test_ports_of_one_protocol_are_not_those_of_the_other(void **state)
{
	allow_port(PS_PORTS_UDP, 53);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_UDP, 53), NOW), PS_REASON_allowed_udp_port);
	assert_int_equal(judge(packet_to(PS_PROTOCOL_TCP, 53), NOW), PS_REASON_closed_tcp_port);
}

static u32 delivered_of(struct ps_packet packet, u32 n, u64 now, enum ps_reason reason)
{
	u32 count = 0;

	while (n--)
		count += judge(packet, now) == reason;
	return count;
}

static void test_icmp_rate(void **state)
{
	const struct ps_packet ping = packet_to(PS_PROTOCOL_ICMP, 0);

	allow_protocol(PS_PROTOCOL_ICMP);
	/* 0 is no limit. */
	assert_int_equal(delivered_of(ping, 1000, NOW, PS_REASON_allowed_protocol), 1000);
	host->config.option[PS_OPTION_icmp_rate_max] = 100;
	assert_int_equal(delivered_of(ping, 1000, NOW, PS_REASON_allowed_protocol), 10);
	assert_int_equal(judge(ping, NOW), PS_REASON_icmp_rate);
	assert_int_equal(delivered_of(ping, 1000, NOW + SECOND / 20, PS_REASON_allowed_protocol),
			 5);
	/* Other protocols know no limit. */
	allow_protocol(47);
	assert_int_equal(delivered_of(packet_to(47, 0), 1000, NOW, PS_REASON_allowed_protocol),
			 1000);
}

static void test_icmp_rate_counts_segments(void **state)
{
	struct ps_packet ping = packet_to(PS_PROTOCOL_ICMP, 0);

	allow_protocol(PS_PROTOCOL_ICMP);
	host->config.option[PS_OPTION_icmp_rate_max] = 100;
	ping.segments = 6;
	assert_int_equal(delivered_of(ping, 10, NOW, PS_REASON_allowed_protocol), 1);
}

static void test_icmp_rate_one(void **state)
{
	const struct ps_packet ping = packet_to(PS_PROTOCOL_ICMP, 0);

	allow_protocol(PS_PROTOCOL_ICMP);
	host->config.option[PS_OPTION_icmp_rate_max] = 1;
	assert_int_equal(delivered_of(ping, 10, NOW, PS_REASON_allowed_protocol), 1);
	assert_int_equal(delivered_of(ping, 10, NOW + SECOND, PS_REASON_allowed_protocol), 1);
}

static void test_later_fragments_have_a_budget(void **state)
{
	struct ps_packet fragment = packet_to(PS_PROTOCOL_UDP, 0);

	fragment.fragment = PS_FRAGMENT_LATER;
	allow_port(PS_PORTS_UDP, 53);
	assert_int_equal(delivered_of(fragment, 1000, NOW, PS_REASON_early_fragment), 100);
	assert_int_equal(judge(fragment, NOW), PS_REASON_orphan_fragment);
	assert_int_equal(delivered_of(fragment, 1000, NOW + SECOND / 2, PS_REASON_early_fragment),
			 50);
	/* What the lists say of source and protocol holds for them too. */
	allow_protocol(PS_PROTOCOL_UDP);
	assert_int_equal(judge(fragment, NOW), PS_REASON_allowed_protocol);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_nothing_is_allowed_at_birth),
		T(test_unjudged_packets_have_no_context),
		T(test_invalid_comes_before_every_list),
		T(test_denied_source_comes_before_allowlists),
		T(test_allowed_source_comes_before_everything_closed),
		T(test_protocol_comes_before_ports),
		T(test_ports_of_one_protocol_are_not_those_of_the_other),
		T(test_icmp_rate),
		T(test_icmp_rate_counts_segments),
		T(test_icmp_rate_one),
		T(test_later_fragments_have_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
