// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of rules (SPEC 2): the first that decides wins. What single stages
 * do is in test_*_stage.c, what counts for whom in test_judging.c.
 */
#include "engine_rig.h"

static const struct build ping_ipv4 = { .family = 4, .protocol = PS_PROTOCOL_ICMP };
static const struct build ping_ipv6 = { .family = 6, .protocol = PS_PROTOCOL_ICMPV6 };

static struct build ping(void)
{
	return host->family == 6 ? ping_ipv6 : ping_ipv4;
}

static void test_nothing_is_allowed_at_birth(void **state)
{
	assert_why(receive_tcp(PS_TCP_SYN), closed_tcp_port);
	assert_why(receive_tcp(PS_TCP_ACK), closed_tcp_port);
	assert_why(receive((struct build){ .protocol = PS_PROTOCOL_UDP }), closed_udp_port);
	assert_why(receive(ping()), closed_protocol);
	assert_why(receive((struct build){ .protocol = 47 }), closed_protocol);
	assert_string_equal(moved(), "rx_total filtered");
}

static void test_unjudged_packets_have_no_context(void **state)
{
	struct frame f = build((struct build){ .family = 6, .protocol = PS_PROTOCOL_ICMPV6,
					       .icmp_type = 135, .ttl = 255 });

	list_source(other, "2001:db8::1", PS_SOURCE_DENY);
	assert_why(host_receive(&f), neighbour_discovery);
	assert_null(host->verdict.context);
	assert_null(host->verdict.config);
	f.flags = PS_VIEW_OTHER_HOST;
	assert_why(host_receive(&f), other_host);
	f.flags = 0;
	f.ethertype = 0x0806;
	assert_why(host_receive(&f), not_ip);
	assert_string_equal(moved(), "");
}

static void test_invalid_comes_before_every_list(void **state)
{
	struct frame f = build(complete((struct build){ .tcp_flags = PS_TCP_FIN | PS_TCP_SYN }));

	list_source(other, peer_address(), PS_SOURCE_ALLOW);
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	assert_why(host_receive(&f), tcp_flags_syn_fin);
	assert_ptr_equal(host->verdict.context, &other->context);
	assert_null(host->verdict.config);
	assert_string_equal(moved(), "rx_total invalid");
	list_source(other, peer_address(), PS_SOURCE_DENY);
	assert_why(host_receive(&f), tcp_flags_syn_fin);
	f = build(complete((struct build){ 0 }));
	f.data[f.transport + 16] ^= 1;
	assert_why(host_receive(&f), tcp_checksum);
}

static void test_denied_source_comes_before_allowlists(void **state)
{
	list_source(other, peer_address(), PS_SOURCE_DENY);
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	allow_protocol(other, PS_PROTOCOL_TCP);
	assert_why(receive_tcp(PS_TCP_SYN), denied_source);
	assert_string_equal(moved(), "rx_total filtered");
	assert_why(receive((struct build){ .src = address(1, 1) }), allowed_protocol);
}

static void test_denied_source_comes_before_sessions(void **state)
{
	struct build datagram = { .protocol = PS_PROTOCOL_UDP };

	list_source(other, peer_address(), PS_SOURCE_DENY);
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	send_tcp(PS_TCP_SYN, PS_SENDER_OTHER);
	assert_why(receive_tcp(PS_TCP_SYN | PS_TCP_ACK), denied_source);
	send_back(datagram, PS_SENDER_OTHER);
	assert_why(receive(datagram), denied_source);
}

static void test_allowed_source_comes_before_everything_else(void **state)
{
	list_source(other, peer_address(), PS_SOURCE_ALLOW);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_source);
	assert_string_equal(moved(), "rx_total whitelisted delivered");
	assert_why(receive((struct build){ .protocol = 47 }), allowed_source);
	allow_protocol(other, PS_PROTOCOL_TCP);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_source);
	set_tcp_port(other, 81, PS_PORT_PROTECT_P);
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	toggle(other, PS_PROTECT_UNMATCHED, true);
	toggle(other, PS_PROTECT_UNKNOWN_TTL, true);
	host->frame.can_offer = true;
	assert_why(receive((struct build){ .dport = 81, .tcp_flags = PS_TCP_SYN }),
		   allowed_source);
	assert_why(receive((struct build){ .dport = 81 }), allowed_source);
	assert_int_equal(host->frame.offers + host->frame.checks, 0);
}

static void test_protocol_comes_before_ports(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
	assert_string_equal(moved(), "rx_total whitelisted delivered");
	allow_protocol(other, PS_PROTOCOL_TCP);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_protocol);
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_protocol);
	assert_string_equal(moved(), "rx_total whitelisted delivered");
}

static void test_ports_of_one_protocol_are_not_those_of_the_other(void **state)
{
	set_udp_port(other, 80, PS_PORT_ALLOW);
	assert_why(receive((struct build){ .protocol = PS_PROTOCOL_UDP }), allowed_udp_port);
	assert_string_equal(moved(), "rx_total whitelisted delivered");
	assert_why(receive_tcp(PS_TCP_SYN), closed_tcp_port);
	set_tcp_port(other, 443, PS_PORT_PROTECT_P);
	assert_why(receive((struct build){ .protocol = PS_PROTOCOL_UDP, .dport = 443 }),
		   closed_udp_port);
}

static void test_allowed_ports_come_before_sessions(void **state)
{
	struct build datagram = { .protocol = PS_PROTOCOL_UDP };
	struct build answer = { .protocol = PS_PROTOCOL_UDP, .sport = 53, .payload = 12 };

	set_tcp_port(other, 80, PS_PORT_ALLOW);
	set_udp_port(other, 80, PS_PORT_ALLOW);
	send_tcp(PS_TCP_SYN, PS_SENDER_OTHER);
	assert_why(receive_tcp(PS_TCP_SYN | PS_TCP_ACK), allowed_tcp_port);
	send_back(datagram, PS_SENDER_OTHER);
	assert_why(receive(datagram), allowed_udp_port);
	send_back(answer, PS_SENDER_OTHER);
	assert_why(receive(answer), allowed_udp_port);
}

static void test_answers_come_before_protected_ports(void **state)
{
	const enum ps_port_class protect[] = { PS_PORT_PROTECT_P, PS_PORT_PROTECT_X };
	u32 i;

	toggle(other, PS_PROTECT_UNMATCHED, true);
	for (i = 0; i < ARRAY_SIZE(protect); i++) {
		set_tcp_port(other, 80, protect[i]);
		assert_why(receive((struct build){ .sport = 5 }), unmatched_ack);
		send_tcp(PS_TCP_SYN, PS_SENDER_OTHER);
		assert_why(receive_tcp(PS_TCP_SYN | PS_TCP_ACK), related_tcp);
		assert_string_equal(moved(), "rx_total out_related delivered");
	}
}

static void test_protected_ports_come_before_the_end(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_X);
	assert_why(receive_tcp(PS_TCP_SYN), syn_open);
	assert_why(receive((struct build){ .dport = 79, .tcp_flags = PS_TCP_SYN }),
		   closed_tcp_port);
	assert_why(receive((struct build){ .dport = 81, .tcp_flags = PS_TCP_SYN }),
		   closed_tcp_port);
}

static void test_icmp_rate(void **state)
{
	allow_protocol(other, (u8)ping().protocol);
	/* 0 is no limit. */
	assert_int_equal(count_of(ping(), 1000, PS_REASON_allowed_protocol), 1000);
	other->config.option[PS_OPTION_icmp_rate_max] = 100;
	assert_int_equal(count_of(ping(), 1000, PS_REASON_allowed_protocol), 10);
	assert_why(receive(ping()), icmp_rate);
	assert_string_equal(moved(), "rx_total filtered");
	pass(SECOND / 20);
	assert_int_equal(count_of(ping(), 1000, PS_REASON_allowed_protocol), 5);
	/* Other protocols know no limit. */
	allow_protocol(other, 47);
	assert_int_equal(count_of((struct build){ .protocol = 47 }, 1000,
				  PS_REASON_allowed_protocol), 1000);
}

static void test_icmp_of_the_other_family_is_just_a_protocol(void **state)
{
	struct build odd = { .protocol = host->family == 6 ? PS_PROTOCOL_ICMP :
							     PS_PROTOCOL_ICMPV6 };

	allow_protocol(other, (u8)odd.protocol);
	other->config.option[PS_OPTION_icmp_rate_max] = 1;
	assert_int_equal(count_of(odd, 100, PS_REASON_allowed_protocol), 100);
}

static void test_icmp_rate_counts_segments(void **state)
{
	allow_protocol(other, (u8)ping().protocol);
	other->config.option[PS_OPTION_icmp_rate_max] = 100;
	host->segments = 6;
	assert_int_equal(count_of(ping(), 10, PS_REASON_allowed_protocol), 1);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_whitelisted], 6);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_rx_total], 60);
}

static void test_icmp_rate_one(void **state)
{
	allow_protocol(other, (u8)ping().protocol);
	other->config.option[PS_OPTION_icmp_rate_max] = 1;
	assert_int_equal(count_of(ping(), 10, PS_REASON_allowed_protocol), 1);
	pass(SECOND);
	assert_int_equal(count_of(ping(), 10, PS_REASON_allowed_protocol), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_nothing_is_allowed_at_birth),
		ONE(test_unjudged_packets_have_no_context),
		BOTH(test_invalid_comes_before_every_list),
		BOTH(test_denied_source_comes_before_allowlists),
		BOTH(test_denied_source_comes_before_sessions),
		BOTH(test_allowed_source_comes_before_everything_else),
		BOTH(test_protocol_comes_before_ports),
		BOTH(test_ports_of_one_protocol_are_not_those_of_the_other),
		BOTH(test_allowed_ports_come_before_sessions),
		BOTH(test_answers_come_before_protected_ports),
		BOTH(test_protected_ports_come_before_the_end),
		BOTH(test_icmp_rate),
		BOTH(test_icmp_of_the_other_family_is_just_a_protocol),
		BOTH(test_icmp_rate_counts_segments),
		BOTH(test_icmp_rate_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
