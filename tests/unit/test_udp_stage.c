// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP and DNS (SPEC 6): answers to what this host sent, as long as the
 * time-outs say, and nothing else; and whose sessions are evicted first.
 */
#include "engine_rig.h"

#define DNS	53

static const struct build datagram = { .protocol = PS_PROTOCOL_UDP, .dport = 5000,
				       .payload = 20 };

/* A query and its response are one description; the id is its first two bytes. */
static enum ps_reason dns(struct build b, u16 id, bool out)
{
	struct frame f;

	b.protocol = PS_PROTOCOL_UDP;
	b.sport = b.sport ? b.sport : DNS;
	b.dport = b.dport ? b.dport : 5000;
	b.payload = b.payload ? b.payload : 30;
	f = build(out ? turned(b) : complete(b));
	put16(f.data + f.transport + 8, id);
	frame_fix(&f);
	return out ? host_send(&f, PS_SENDER_OTHER) : host_receive(&f);
}

static enum ps_reason query(u16 id)
{
	return dns((struct build){ 0 }, id, true);
}

static enum ps_reason response(u16 id)
{
	return dns((struct build){ 0 }, id, false);
}

static void send_datagram(struct build b)
{
	assert_why(send_back(b, PS_SENDER_OTHER), sent);
	assert_string_equal(moved(), "tx_total");
}

static void test_answers(void **state)
{
	assert_why(receive(datagram), closed_udp_port);
	assert_string_equal(moved(), "rx_total filtered");
	send_datagram(datagram);
	assert_int_equal(count_of(datagram, 100, PS_REASON_udp_answer), 100);
	assert_string_equal(moved(), "rx_total udp_rsp delivered");
	/* From who was asked, to who asked. */
	assert_why(receive((struct build){ .protocol = 17, .dport = 5000, .sport = 40001 }),
		   closed_udp_port);
	assert_why(receive((struct build){ .protocol = 17, .dport = 5001 }), closed_udp_port);
	assert_why(receive((struct build){ .protocol = 17, .dport = 5000, .src = address(1, 1) }),
		   closed_udp_port);
	assert_why(receive((struct build){ .protocol = 17, .dport = 5000, .dst = address(1, 1) }),
		   closed_udp_port);
	assert_why(receive((struct build){ .dport = 5000 }), closed_tcp_port);
}

static void test_answers_do_not_prolong(void **state)
{
	u32 i;

	send_datagram(datagram);
	for (i = 0; i < UDP_TIMEOUT; i++) {
		assert_why(receive(datagram), udp_answer);
		pass(SECOND);
	}
	assert_why(receive(datagram), udp_answer);
	pass(SECOND);
	assert_why(receive(datagram), closed_udp_port);
}

static void test_datagrams_prolong(void **state)
{
	send_datagram(datagram);
	pass(UDP_TIMEOUT * SECOND);
	send_datagram(datagram);
	pass(UDP_TIMEOUT * SECOND);
	assert_why(receive(datagram), udp_answer);
	pass(SECOND);
	assert_why(receive(datagram), closed_udp_port);
	send_datagram(datagram);
	assert_why(receive(datagram), udp_answer);
}

static void test_empty_datagrams_count_too(void **state)
{
	const struct build empty = { .protocol = PS_PROTOCOL_UDP, .dport = 5000 };

	send_datagram(empty);
	assert_why(receive(empty), udp_answer);
}

static void test_dns_response_once(void **state)
{
	assert_why(response(77), closed_udp_port);
	assert_why(query(77), sent);
	assert_why(response(78), closed_udp_port);
	assert_why(response(77), dns_answer);
	assert_string_equal(moved(), "rx_total dns_resp delivered");
	assert_why(response(77), closed_udp_port);
	assert_string_equal(moved(), "rx_total filtered");
	query(77);
	assert_why(response(77), dns_answer);
}

static void test_dns_response_of_another(void **state)
{
	query(77);
	assert_why(dns((struct build){ .dport = 5001 }, 77, false), closed_udp_port);
	assert_why(dns((struct build){ .sport = 54 }, 77, false), closed_udp_port);
	assert_why(dns((struct build){ .src = address(1, 1) }, 77, false), closed_udp_port);
	assert_why(dns((struct build){ .dst = address(1, 1) }, 77, false), closed_udp_port);
	assert_why(response(77), dns_answer);
}

static void test_dns_queries_side_by_side(void **state)
{
	u32 id;

	for (id = 0; id < 100; id++)
		query((u16)(id * 601));
	for (id = 100; id--;)
		assert_why(response((u16)(id * 601)), dns_answer);
	assert_int_equal(table_used(host->engine.udp), 0);
}

static void test_dns_timeout(void **state)
{
	query(1);
	query(2);
	pass(DNS_TIMEOUT * SECOND);
	assert_why(response(1), dns_answer);
	pass(SECOND);
	assert_why(response(2), closed_udp_port);
	/* A query sent again waits anew, and still for one response. */
	query(3);
	pass(DNS_TIMEOUT * SECOND);
	query(3);
	pass(DNS_TIMEOUT * SECOND);
	assert_why(response(3), dns_answer);
	assert_why(response(3), closed_udp_port);
}

/* Without an id there is no query, and no response. */
static void test_dns_too_short(void **state)
{
	struct build b = { .protocol = PS_PROTOCOL_UDP, .sport = DNS, .dport = 5000 };

	for (b.payload = 0; b.payload < 2; b.payload++) {
		send_datagram(b);
		assert_why(receive(b), closed_udp_port);
	}
	assert_int_equal(table_used(host->engine.udp), 0);
	send_datagram(b);
	assert_why(receive(b), dns_answer);
}

/* A plain session doesn't let in what comes from port 53, nor the reverse. */
static void test_dns_is_apart_from_udp(void **state)
{
	const struct build server = { .protocol = PS_PROTOCOL_UDP, .sport = 4444, .dport = DNS,
				      .payload = 20 };

	query(1);
	query(2);
	assert_why(response(3), closed_udp_port);
	/* What this host sends from port 53 isn't a query. */
	send_datagram(server);
	assert_why(receive(server), udp_answer);
	assert_why(receive(server), udp_answer);
}

static void group_of(const char *dst, bool frame, u16 sport, u16 dport)
{
	host->group = frame;
	send_datagram((struct build){ .src = dst, .protocol = PS_PROTOCOL_UDP, .sport = dport,
				      .dport = sport, .payload = 5 });
	host->group = false;
}

/* From the remote side: @dport is the port that has asked. */
static enum ps_reason from_anyone(u16 dport, u16 sport)
{
	return receive((struct build){ .src = address(9, 9), .protocol = PS_PROTOCOL_UDP,
				       .sport = sport, .dport = dport, .payload = 5 });
}

static void test_groups_are_answered_by_anyone(void **state)
{
	static const char *const four[] = { "224.0.0.251", "239.255.255.250", "255.255.255.255" };
	static const char *const six[] = { "ff02::fb", "ff05::2", "ff0e::1" };
	const char *const *group = host->family == 6 ? six : four;
	u16 i;

	for (i = 0; i < 3; i++) {
		const u16 dport = (u16)(5353 + i);

		assert_why(from_anyone(6000, dport), closed_udp_port);
		group_of(group[i], false, 6000, dport);
		assert_why(from_anyone(6000, dport), udp_answer);
		assert_string_equal(moved(), "rx_total udp_rsp delivered");
		assert_why(from_anyone(6001, dport), closed_udp_port);
		assert_why(from_anyone(6000, 9999), closed_udp_port);
	}
	pass(UDP_TIMEOUT * SECOND);
	assert_why(from_anyone(6000, 5353), udp_answer);
	pass(SECOND);
	assert_why(from_anyone(6000, 5353), closed_udp_port);
}

/* Only the frame tells that 10.255.255.255 is a broadcast address. */
static void test_directed_broadcast(void **state)
{
	group_of("10.255.255.255", false, 6000, 137);
	assert_why(from_anyone(6000, 137), closed_udp_port);
	group_of("10.255.255.255", true, 6000, 137);
	assert_why(from_anyone(6000, 137), udp_answer);
}

static void test_dhcp(void **state)
{
	const struct build discover = { .src = "255.255.255.255", .dst = "0.0.0.0",
					.protocol = PS_PROTOCOL_UDP, .sport = 67, .dport = 68,
					.payload = 40 };

	const struct build offer = { .src = "192.0.2.254", .dst = "192.0.2.77",
				     .protocol = PS_PROTOCOL_UDP, .sport = 67, .dport = 68,
				     .payload = 40 };
	const struct build broadcast = { .src = "192.0.2.254", .dst = "255.255.255.255",
					 .protocol = PS_PROTOCOL_UDP, .sport = 67, .dport = 68,
					 .payload = 40 };

	assert_why(receive(offer), closed_udp_port);
	send_datagram(discover);
	assert_why(receive(offer), udp_answer);
	assert_why(receive(broadcast), udp_answer);
	site_at("192.0.2.77", 0);
	assert_why(receive(offer), udp_answer);
}

static void one_bucket(void)
{
	table_free(host->engine.udp);
	host->engine.udp = table_new(1, NULL);
}

/* Four old sessions, and four young ones that @spare opens from an allowed port. */
static void fill_bucket(void (*spare)(u16 n))
{
	u16 n;

	one_bucket();
	set_udp_port(other, 7000, PS_PORT_ALLOW);
	for (n = 0; n < 4; n++)
		send_datagram((struct build){ .protocol = 17, .dport = 5000 + n });
	pass(5 * SECOND);
	for (n = 0; n < 4; n++)
		spare(n);
	assert_int_equal(table_used(host->engine.udp), 8);
	pass(5 * SECOND);
	for (n = 4; n < 8; n++)
		send_datagram((struct build){ .protocol = 17, .dport = 5000 + n });
	for (n = 0; n < 8; n++)
		assert_why(receive((struct build){ .protocol = 17, .dport = 5000 + n }),
			   udp_answer);
}

static void spare_datagram(u16 n)
{
	send_datagram((struct build){ .protocol = 17, .dport = 7000, .sport = 900 + n });
}

static void spare_query(u16 n)
{
	dns((struct build){ .dport = 7000 }, n, true);
}

static void spare_group(u16 n)
{
	group_of(host->family == 6 ? "ff02::1" : "224.0.0.1", true, 7000, 900 + n);
}

static void test_sessions_of_allowed_ports_go_first(void **state)
{
	fill_bucket(spare_datagram);
	fill_bucket(spare_query);
	fill_bucket(spare_group);
}

/* They are sessions nevertheless: they answer once the port isn't allowed any more. */
static void test_sessions_of_allowed_ports_count(void **state)
{
	set_udp_port(other, 7000, PS_PORT_ALLOW);
	spare_datagram(0);
	spare_query(5);
	set_udp_port(other, 7000, PS_PORT_NONE);
	assert_why(receive((struct build){ .protocol = 17, .dport = 7000, .sport = 900 }),
		   udp_answer);
	assert_why(dns((struct build){ .dport = 7000 }, 5, false), dns_answer);
	assert_why(dns((struct build){ .dport = 7000 }, 5, false), closed_udp_port);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_answers),
		BOTH(test_answers_do_not_prolong),
		BOTH(test_datagrams_prolong),
		BOTH(test_empty_datagrams_count_too),
		BOTH(test_dns_response_once),
		BOTH(test_dns_response_of_another),
		BOTH(test_dns_queries_side_by_side),
		BOTH(test_dns_timeout),
		BOTH(test_dns_too_short),
		BOTH(test_dns_is_apart_from_udp),
		BOTH(test_groups_are_answered_by_anyone),
		ONE(test_directed_broadcast),
		ONE(test_dhcp),
		BOTH(test_sessions_of_allowed_ports_go_first),
		BOTH(test_sessions_of_allowed_ports_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
