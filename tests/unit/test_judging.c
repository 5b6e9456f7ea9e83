// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose rules and whose statistics: contexts are apart, with and without a VLAN
 * (SPEC 1, 5.1), and every reason moves the lines that SPEC 2 and 8 name.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK

static const char *here(void)
{
	return address(3, 3);
}

static enum ps_reason receive_tagged(struct build b, u16 vlan)
{
	struct frame f = build(complete(b));

	f.vlan = vlan;
	return host_receive(&f);
}

static void send_tagged(struct build b, u16 vlan, enum ps_sender sender)
{
	struct frame f = build(turned(b));

	f.vlan = vlan;
	host_send(&f, sender);
}

static void test_same_port_other_rules(void **state)
{
	struct site *site = site_at(here(), 0);
	const struct build syn = { .dst = here(), .tcp_flags = SYN };

	set_tcp_port(other, 80, PS_PORT_ALLOW);
	assert_why(receive_tcp(SYN), allowed_tcp_port);
	assert_ptr_equal(host->verdict.config, &other->config);
	assert_why(receive(syn), closed_tcp_port);
	assert_ptr_equal(host->verdict.context, &site->context);
	assert_ptr_equal(host->verdict.config, &site->config);
	set_tcp_port(site, 80, PS_PORT_PROTECT_P);
	assert_why(receive(syn), syn_open);
	toggle(site, PS_PROTECT_NEW_COOKIE, true);
	host->frame.can_offer = true;
	assert_why(receive(syn), syncookie);
	assert_why(receive_tcp(SYN), allowed_tcp_port);
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	assert_why(receive_tcp(SYN), syn_open);
	list_source(site, peer_address(), PS_SOURCE_DENY);
	assert_why(receive(syn), denied_source);
	assert_why(receive_tcp(SYN), syn_open);
	assert_int_equal(site->counter[PS_CONTEXT_COUNTER_rx_total], 4);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_rx_total], 4);
	assert_int_equal(site->counter[PS_CONTEXT_COUNTER_syncookie], 1);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_syncookie], 0);
}

static void test_vlan_contexts(void **state)
{
	struct site *plain = site_at(here(), 0), *tagged = site_at(here(), 100);
	const struct build b = { .dst = here() };

	set_tcp_port(plain, 80, PS_PORT_PROTECT_P);
	set_tcp_port(tagged, 80, PS_PORT_PROTECT_P);
	receive_tagged(b, 100);
	assert_ptr_equal(host->verdict.context, &tagged->context);
	receive_tagged(b, 101);
	assert_ptr_equal(host->verdict.context, &plain->context);
	receive_tagged(b, 0);
	assert_ptr_equal(host->verdict.context, &plain->context);
	/* The VLAN is part of the key in @VLAN contexts, and only there. */
	send_tagged(b, 100, PS_SENDER_CONNECTED);
	assert_why(receive_tagged(b, 100), established);
	assert_why(receive_tagged(b, 0), unmatched_open);
	assert_why(receive_tagged(b, 101), unmatched_open);
	send_tagged(b, 102, PS_SENDER_CONNECTED);
	assert_why(receive_tagged(b, 0), established);
	assert_why(receive_tagged(b, 103), established);
	send_tagged(b, 7, PS_SENDER_OTHER);
	assert_why(receive_tagged(b, 103), established);
	send_tagged((struct build){ .dst = here(), .tcp_flags = PS_TCP_RST }, 9, PS_SENDER_OTHER);
	assert_why(receive_tagged(b, 0), unmatched_open);
	assert_why(receive_tagged(b, 100), established);
}

static void test_vlan_of_datagrams_and_errors(void **state)
{
	const struct build b = { .dst = here(), .protocol = PS_PROTOCOL_UDP };
	struct frame sent = build(turned(b)), error;

	site_at(here(), 100);
	send_tagged(b, 100, PS_SENDER_OTHER);
	assert_why(receive_tagged(b, 100), udp_answer);
	assert_why(receive_tagged(b, 0), closed_udp_port);
	error = build(complete((struct build){
		.dst = here(), .src = address(99, 1), .payload = 48,
		.icmp_type = host->family == 6 ? 1 : 3,
		.protocol = host->family == 6 ? PS_PROTOCOL_ICMPV6 : PS_PROTOCOL_ICMP }));
	memcpy(error.data + error.transport + 8, sent.data, sent.length);
	frame_fix(&error);
	assert_why(host_receive(&error), closed_protocol);
	error.vlan = 100;
	assert_why(host_receive(&error), related_icmp);
}

/* Fragments are one packet's, whatever way they come. */
static void test_fragments_of_a_context(void **state)
{
	struct site *site = site_at(here(), 0);
	struct frame first = build(complete((struct build){ .dst = here(), .payload = 36 }));
	struct frame later = first;

	set_tcp_port(site, 80, PS_PORT_ALLOW);
	make_fragment(&first, 0, true, 1);
	make_fragment(&later, 7, false, 1);
	first.vlan = 5;
	assert_why(host_receive(&first), allowed_tcp_port);
	assert_why(host_receive(&later), followed_fragment);
	assert_ptr_equal(host->verdict.context, &site->context);
}

static void test_timeouts_may_change(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	pass(50 * SECOND);
	host->engine.timeouts.seconds[PS_SESSIONS_ACK] = 49;
	assert_why(receive_tcp(ACK), unmatched_open);
	host->engine.timeouts.seconds[PS_SESSIONS_ACK] = 50;
	assert_why(receive_tcp(ACK), established);
}

/* SPEC 2, the column "counter", and 5: besides rx_total, and delivered of what is. */
struct row {
	enum ps_reason reason;
	enum ps_action action;
	const char *lines;
};

static const struct row row[] = {
	{ PS_REASON_denied_source, PS_DROP, "filtered" },
	{ PS_REASON_allowed_source, PS_DELIVER, "whitelisted" },
	{ PS_REASON_refused_country, PS_DROP, "filtered" },
	{ PS_REASON_icmp_rate, PS_DROP, "filtered" },
	{ PS_REASON_allowed_protocol, PS_DELIVER, "whitelisted" },
	{ PS_REASON_allowed_tcp_port, PS_DELIVER, "whitelisted" },
	{ PS_REASON_allowed_udp_port, PS_DELIVER, "whitelisted" },
	{ PS_REASON_followed_fragment, PS_DELIVER, "" },
	{ PS_REASON_early_fragment, PS_DELIVER, "" },
	{ PS_REASON_fragment_of_dropped, PS_DROP, "filtered" },
	{ PS_REASON_fragment_bytes, PS_DROP, "filtered" },
	{ PS_REASON_orphan_fragment, PS_DROP, "filtered" },
	{ PS_REASON_related_tcp, PS_DELIVER, "out_related" },
	{ PS_REASON_related_icmp, PS_DELIVER, "out_related" },
	{ PS_REASON_related_icmp_rate, PS_DROP, "filtered" },
	{ PS_REASON_dns_answer, PS_DELIVER, "dns_resp" },
	{ PS_REASON_udp_answer, PS_DELIVER, "udp_rsp" },
	{ PS_REASON_established, PS_DELIVER, "established" },
	{ PS_REASON_half_open, PS_DELIVER, "established" },
	{ PS_REASON_cookie_valid, PS_DELIVER, "established newconns" },
	{ PS_REASON_syn_open, PS_DELIVER, "" },
	{ PS_REASON_syn_within_rate, PS_DELIVER, "" },
	{ PS_REASON_unmatched_open, PS_DELIVER, "unmatched" },
	{ PS_REASON_syncookie, PS_REPLY, "syncookie" },
	{ PS_REASON_ttl_differs, PS_DROP, "ttlfiltered" },
	{ PS_REASON_ttl_unknown, PS_DROP, "ttlfiltered" },
	{ PS_REASON_syn_excess, PS_DROP, "drop_syn" },
	{ PS_REASON_syn_rate, PS_DROP, "drop_syn" },
	{ PS_REASON_syn_no_reply, PS_DROP, "drop_syn" },
	{ PS_REASON_unmatched_rst, PS_DROP, "unmatched drop_rst" },
	{ PS_REASON_unmatched_ack, PS_DROP, "unmatched drop_ack" },
	{ PS_REASON_closed_tcp_port, PS_DROP, "filtered" },
	{ PS_REASON_closed_udp_port, PS_DROP, "filtered" },
	{ PS_REASON_closed_protocol, PS_DROP, "filtered" },
	{ PS_REASON_surge, PS_DROP, "" },
};

static void test_lines_of_every_reason(void **state)
{
	char lines[200];
	u32 i, incoming = 0;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		host->verdict = (struct ps_verdict){ .reason = row[i].reason };
		snprintf(lines, sizeof(lines), "rx_total%s%s%s", *row[i].lines ? " " : "",
			 row[i].lines, row[i].action == PS_DELIVER ? " delivered" : "");
		assert_string_equal(moved(), lines);
		assert_int_equal(ps_reason_info[row[i].reason].action, row[i].action);
	}
	/* All that comes before the lists is invalid, and what isn't QUIC. */
	for (i = 1; i < PS_REASONS; i++) {
		u32 id = ps_reason_info[i].id;

		if ((id >= 10 && id < 60) || (id >= 130 && id < 139))
			assert_int_equal(ps_reason_info[i].counters,
					 1U << PS_CONTEXT_COUNTER_rx_total |
						 1U << PS_CONTEXT_COUNTER_invalid);
		/* Of those of QUIC test_quic_stage.c tells. */
		incoming += id >= 60 && id < 130 && ps_reason_info[i].action < PS_SEND;
	}
	assert_int_equal(incoming, ARRAY_SIZE(row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_same_port_other_rules),
		BOTH(test_vlan_contexts),
		BOTH(test_vlan_of_datagrams_and_errors),
		BOTH(test_fragments_of_a_context),
		BOTH(test_timeouts_may_change),
		ONE(test_lines_of_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
