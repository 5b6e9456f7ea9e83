// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What outgoing packets teach (SPEC 5.1, 6), in whose context, and which of
 * them aren't sent (drop_empty_ack). What comes of it later is in
 * test_tcp_stage.c and test_udp_stage.c.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define ACK	PS_TCP_ACK
#define RST	PS_TCP_RST
#define FIN	PS_TCP_FIN
#define PSH	PS_TCP_PSH

static u32 learned(void)
{
	return table_used(host->engine.tcp) + table_used(host->engine.udp);
}

static void drop_acks(u32 percent)
{
	other->config.option[PS_OPTION_drop_empty_ack] = percent;
}

static void test_who_opens_what(void **state)
{
	static const struct {
		u8 flags;
		u8 payload;
		enum ps_sender sender;
		enum ps_reason then;	/* an ACK gets */
	} row[] = {
		{ SYN, 0, PS_SENDER_OTHER, PS_REASON_related_tcp },
		{ SYN, 0, PS_SENDER_FORWARDED, PS_REASON_related_tcp },
		{ SYN, 0, PS_SENDER_CONNECTED, PS_REASON_related_tcp },
		{ SYN | ACK, 0, PS_SENDER_OTHER, PS_REASON_half_open },
		{ SYN | ACK, 0, PS_SENDER_FORWARDED, PS_REASON_half_open },
		{ SYN | ACK, 0, PS_SENDER_CONNECTED, PS_REASON_half_open },
		{ ACK, 0, PS_SENDER_CONNECTED, PS_REASON_established },
		{ ACK | PSH, 5, PS_SENDER_CONNECTED, PS_REASON_established },
		{ ACK | FIN, 0, PS_SENDER_CONNECTED, PS_REASON_established },
		{ ACK | PSH, 5, PS_SENDER_FORWARDED, PS_REASON_established },
		{ ACK | FIN, 5, PS_SENDER_FORWARDED, PS_REASON_established },
		{ ACK, 0, PS_SENDER_FORWARDED, PS_REASON_unmatched_open },
		{ ACK | FIN, 0, PS_SENDER_FORWARDED, PS_REASON_unmatched_open },
		{ ACK, 0, PS_SENDER_OTHER, PS_REASON_unmatched_open },
		{ ACK | PSH, 5, PS_SENDER_OTHER, PS_REASON_unmatched_open },
		{ RST, 0, PS_SENDER_CONNECTED, PS_REASON_unmatched_open },
		{ RST | ACK, 0, PS_SENDER_FORWARDED, PS_REASON_unmatched_open },
		{ RST, 0, PS_SENDER_OTHER, PS_REASON_unmatched_open },
	};
	u32 i;

	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		const struct build b = { .sport = 1000 + i, .tcp_flags = row[i].flags,
					 .payload = row[i].payload };

		assert_why(send_back(b, row[i].sender), sent);
		assert_string_equal(moved(), row[i].then == PS_REASON_established ?
						     "newconns tx_total" : "tx_total");
		assert_int_equal(receive((struct build){ .sport = b.sport }), row[i].then);
	}
}

/* Behind a router every packet is forwarded, and the SYN's way doesn't matter. */
static void test_forwarded_connection(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_X);
	send_tcp(SYN | ACK, PS_SENDER_FORWARDED);
	assert_why(receive_tcp(ACK), half_open);
	send_tcp(ACK, PS_SENDER_FORWARDED);
	assert_why(receive_tcp(ACK), half_open);
	send_back((struct build){ .payload = 1 }, PS_SENDER_FORWARDED);
	assert_string_equal(moved(), "newconns tx_total");
	assert_why(receive_tcp(ACK), established);
}

/* A packet may say where it ends, and be followed by padding. */
static void test_padding_is_no_payload(void **state)
{
	struct frame f = build(turned((struct build){ 0 }));

	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	f.length += 6;
	host_send(&f, PS_SENDER_FORWARDED);
	assert_int_equal(learned(), 0);
	drop_acks(100);
	assert_why(host_send(&f, PS_SENDER_FORWARDED), empty_ack);
}

static void test_newconns_only_on_protected_ports(void **state)
{
	static const enum ps_port_class class[] = { PS_PORT_NONE, PS_PORT_ALLOW,
						    PS_PORT_PROTECT_P, PS_PORT_PROTECT_X };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(class); i++) {
		set_tcp_port(other, 80, class[i]);
		send_back((struct build){ .sport = 1 + i }, PS_SENDER_CONNECTED);
		assert_string_equal(moved(), class[i] >= PS_PORT_PROTECT_P ?
						     "newconns tx_total" : "tx_total");
	}
}

static void test_context_of_the_source(void **state)
{
	const char *local = address(3, 3);
	struct site *site = site_at(local, 0), *tagged = site_at(local, 100);
	struct frame f;

	send_back((struct build){ .dst = local }, PS_SENDER_CONNECTED);
	assert_ptr_equal(host->verdict.context, &site->context);
	assert_ptr_equal(host->verdict.config, &site->config);
	send_back((struct build){ .src = local }, PS_SENDER_CONNECTED);
	assert_ptr_equal(host->verdict.context, &other->context);
	f = build(turned((struct build){ .dst = local }));
	f.vlan = 100;
	host_send(&f, PS_SENDER_CONNECTED);
	assert_ptr_equal(host->verdict.context, &tagged->context);
	f.vlan = 101;
	host_send(&f, PS_SENDER_CONNECTED);
	assert_ptr_equal(host->verdict.context, &site->context);
	f.vlan = 0;
	wrap_vlan(&f, FRAME_VLAN, 100);
	host_send(&f, PS_SENDER_CONNECTED);
	assert_ptr_equal(host->verdict.context, &tagged->context);
}

static void test_packets_without_a_source(void **state)
{
	struct frame f = build(turned((struct build){ 0 }));

	drop_acks(100);
	f.ethertype = 0x0806;
	assert_why(host_send(&f, PS_SENDER_CONNECTED), sent);
	assert_null(host->verdict.context);
	f = build((struct build){ .family = 6, .src = "ff02::1", .dst = "::",
				  .protocol = PS_PROTOCOL_ICMPV6, .icmp_type = 143 });
	memset(f.data + 8, 0, 16);
	assert_why(host_send(&f, PS_SENDER_FORWARDED), sent);
	assert_null(host->verdict.context);
	assert_int_equal(learned(), 0);
	/* 0.0.0.0 is a source of its own: DHCP asks from there. */
	f = build((struct build){ .src = "0.0.0.0", .protocol = 17, .sport = 68, .dport = 67 });
	assert_why(host_send(&f, PS_SENDER_FORWARDED), sent);
	assert_ptr_equal(host->verdict.context, &other->context);
	assert_int_equal(learned(), 1);
}

static void test_other_protocols(void **state)
{
	send_back((struct build){ .protocol = 47, .payload = 20 }, PS_SENDER_FORWARDED);
	assert_string_equal(moved(), "tx_total");
	send_back((struct build){ .protocol = PS_PROTOCOL_ICMP }, PS_SENDER_FORWARDED);
	send_back((struct build){ .protocol = PS_PROTOCOL_ICMPV6 }, PS_SENDER_FORWARDED);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_tx_total], 3);
	assert_int_equal(learned(), 0);
}

/* Whatever a raw socket thinks up: sent and counted, and that is all. */
static void test_invalid_packets_teach_nothing(void **state)
{
	static const u8 flags[] = { SYN | FIN, SYN | RST, FIN, PSH };
	struct frame f;
	u32 i;

	drop_acks(100);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		assert_why(send_tcp(flags[i], PS_SENDER_CONNECTED), sent);
		assert_string_equal(moved(), "tx_total");
	}
	assert_why(send_back((struct build){ .tcp_flags = SYN, .payload = 9 }, PS_SENDER_OTHER),
		   sent);
	f = build(turned((struct build){ .protocol = PS_PROTOCOL_UDP }));
	put16(f.data + f.transport + 4, 7);
	assert_why(host_send(&f, PS_SENDER_OTHER), sent);
	f = build(turned((struct build){ 0 }));
	f.data[f.transport + 12] = 0x40;
	assert_why(host_send(&f, PS_SENDER_CONNECTED), sent);
	assert_int_equal(learned(), 0);
	/* An invalid reset ends nothing, either. */
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	drop_acks(0);
	send_tcp(ACK, PS_SENDER_CONNECTED);
	send_back((struct build){ .tcp_flags = RST, .payload = 3 }, PS_SENDER_CONNECTED);
	assert_why(receive_tcp(ACK), established);
}

static void test_fragments(void **state)
{
	struct frame f = build(turned((struct build){ .protocol = 17, .payload = 40 })), later = f;

	make_fragment(&later, 3, false, 1);
	assert_why(host_send(&later, PS_SENDER_FORWARDED), sent);
	assert_int_equal(learned(), 0);
	make_fragment(&f, 0, true, 1);
	assert_why(host_send(&f, PS_SENDER_FORWARDED), sent);
	assert_int_equal(learned(), 1);
	assert_why(receive((struct build){ .protocol = 17 }), udp_answer);
	assert_int_equal(table_used(host->engine.fragments), 0);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_tx_total], 2);
}

static void test_segments_are_counted(void **state)
{
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	host->segments = 40;
	send_back((struct build){ .payload = 100 }, PS_SENDER_CONNECTED);
	assert_int_equal(other->counter[PS_CONTEXT_COUNTER_tx_total], 40);
}

static void test_empty_acks_are_withheld(void **state)
{
	static const struct {
		u8 flags;
		u8 payload;
		bool withheld;
	} row[] = {
		{ ACK, 0, true },
		{ ACK, 1, false },
		{ ACK | PSH, 0, false },
		{ ACK | FIN, 0, false },
		{ ACK | SYN, 0, false },
		{ ACK | RST, 0, false },
		{ SYN, 0, false },
		{ RST, 0, false },
	};
	u32 i;

	drop_acks(100);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		host->random = ~0U;
		send_back((struct build){ .tcp_flags = row[i].flags, .payload = row[i].payload },
			  PS_SENDER_CONNECTED);
		assert_int_equal(host->verdict.reason == PS_REASON_empty_ack, row[i].withheld);
	}
	assert_why(send_back((struct build){ .protocol = 17 }, PS_SENDER_OTHER), sent);
	assert_why(send_tcp(ACK, PS_SENDER_FORWARDED), empty_ack);
	assert_string_equal(moved(), "");
	/* Withheld, it has been sent for all that its session knows. */
	set_tcp_port(other, 80, PS_PORT_PROTECT_P);
	assert_why(send_tcp(ACK, PS_SENDER_CONNECTED), empty_ack);
	assert_string_equal(moved(), "newconns");
	assert_why(receive_tcp(ACK), established);
}

static bool is_withheld(u32 percent, u32 random)
{
	drop_acks(percent);
	host->random = random;
	return send_tcp(ACK, PS_SENDER_OTHER) == PS_REASON_empty_ack;
}

static void test_share_of_withheld_acks(void **state)
{
	u32 i, withheld = 0;

	assert_false(is_withheld(0, 0));
	assert_false(is_withheld(0, ~0U));
	assert_true(is_withheld(100, 0));
	assert_true(is_withheld(100, ~0U));
	/* 37 in 100 of all 32-bit numbers. */
	assert_true(is_withheld(37, 1589137899));
	assert_false(is_withheld(37, 1589137900));
	assert_true(is_withheld(1, 0));
	assert_false(is_withheld(1, 1U << 31));
	assert_false(is_withheld(99, ~0U));
	for (i = 0; i < 10000; i++)
		withheld += is_withheld(37, i * 429497U);
	assert_in_range(withheld, 3699, 3701);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_who_opens_what),
		BOTH(test_forwarded_connection),
		BOTH(test_padding_is_no_payload),
		BOTH(test_newconns_only_on_protected_ports),
		BOTH(test_context_of_the_source),
		ONE(test_packets_without_a_source),
		BOTH(test_other_protocols),
		BOTH(test_invalid_packets_teach_nothing),
		BOTH(test_fragments),
		BOTH(test_segments_are_counted),
		BOTH(test_empty_acks_are_withheld),
		BOTH(test_share_of_withheld_acks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
