// SPDX-License-Identifier: GPL-2.0-or-later
/* Step 3b: geoip_policy, and where among the rules it stands. */
#include "engine_rig.h"

#define HOME	1	/* countries, by their numbers */
#define ABROAD	(PS_COUNTRIES - 1)

static void set_policy(struct site *site, enum ps_geoip_policy policy)
{
	site->config.option[PS_OPTION_geoip_policy] = policy;
}

static void test_without_a_policy_countries_mean_nothing(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	locate(peer_address(), HOME);
	list_country(other, HOME, true);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
}

static void test_deny_refuses_the_countries_of_the_list(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	set_policy(other, PS_GEOIP_DENY);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
	locate(peer_address(), HOME);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
	list_country(other, HOME, true);
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
	assert_string_equal(moved(), "rx_total filtered");
	locate(peer_address(), ABROAD);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
	locate(peer_address(), 0);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
}

static void test_allow_refuses_all_others_and_who_is_in_none(void **state)
{
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	set_policy(other, PS_GEOIP_ALLOW);
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
	list_country(other, ABROAD, true);
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
	locate(peer_address(), HOME);
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
	locate(peer_address(), ABROAD);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
	list_country(other, ABROAD, false);
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
}

static void test_source_lists_come_first(void **state)
{
	set_policy(other, PS_GEOIP_ALLOW);
	list_source(other, peer_address(), PS_SOURCE_ALLOW);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_source);
	set_policy(other, PS_GEOIP_DENY);
	locate(peer_address(), HOME);
	list_country(other, HOME, true);
	list_source(other, peer_address(), PS_SOURCE_DENY);
	assert_why(receive_tcp(PS_TCP_SYN), denied_source);
}

static void test_everything_else_comes_later(void **state)
{
	struct build datagram = { .protocol = PS_PROTOCOL_UDP };

	set_policy(other, PS_GEOIP_ALLOW);
	allow_protocol(other, 47);
	assert_why(receive((struct build){ .protocol = 47 }), refused_country);
	send_tcp(PS_TCP_SYN, PS_SENDER_OTHER);
	assert_why(receive_tcp(PS_TCP_SYN | PS_TCP_ACK), refused_country);
	send_back(datagram, PS_SENDER_OTHER);
	assert_why(receive(datagram), refused_country);
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	toggle(other, PS_PROTECT_NEW_COOKIE, true);
	host->frame.can_offer = true;
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
	assert_int_equal(host->frame.offers, 0);
	assert_why(receive_tcp(PS_TCP_SYN | PS_TCP_FIN), tcp_flags_syn_fin);
}

static void test_a_policy_is_its_contexts(void **state)
{
	struct site *site = site_at(host_address(), 0);
	struct build elsewhere = { .dst = address(9, 9), .tcp_flags = PS_TCP_SYN };

	set_tcp_port(site, 80, PS_PORT_ALLOW);
	set_tcp_port(other, 80, PS_PORT_ALLOW);
	locate(peer_address(), HOME);
	list_country(site, HOME, true);
	set_policy(site, PS_GEOIP_DENY);
	set_policy(other, PS_GEOIP_DENY);
	assert_why(receive_tcp(PS_TCP_SYN), refused_country);
	assert_why(receive(elsewhere), allowed_tcp_port);
	set_policy(site, PS_GEOIP_ALLOW);
	set_policy(other, PS_GEOIP_ALLOW);
	assert_why(receive_tcp(PS_TCP_SYN), allowed_tcp_port);
	assert_why(receive(elsewhere), refused_country);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_without_a_policy_countries_mean_nothing),
		BOTH(test_deny_refuses_the_countries_of_the_list),
		BOTH(test_allow_refuses_all_others_and_who_is_in_none),
		BOTH(test_source_lists_come_first),
		BOTH(test_everything_else_comes_later),
		BOTH(test_a_policy_is_its_contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
