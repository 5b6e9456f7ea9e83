// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMP errors (SPEC 2.3): those about a packet of a known session that was sent
 * from here are let in, at a rate; quotes come in any length and shape.
 */
#include "engine_rig.h"

#define SYN	PS_TCP_SYN
#define DNS	53

static const struct build udp = { .protocol = PS_PROTOCOL_UDP, .dport = 5000, .payload = 40 };
static const struct build dns = { .protocol = PS_PROTOCOL_UDP, .sport = DNS, .dport = 5000,
				  .payload = 40 };
static const struct build tcp = { .tcp_flags = PS_TCP_ACK, .payload = 40 };

/* An error from a router about @quoted, of which it quotes @bytes. */
static struct frame error_of(u8 type, const struct frame *quoted, u32 bytes)
{
	struct frame f = build(complete((struct build){
		.src = address(99, 1), .icmp_type = type, .payload = bytes,
		.protocol = host->family == 6 ? PS_PROTOCOL_ICMPV6 : PS_PROTOCOL_ICMP }));

	memcpy(f.data + f.transport + 8, quoted->data, bytes);
	frame_fix(&f);
	return f;
}

static enum ps_reason receive_error(const struct frame *quoted, u32 bytes)
{
	struct frame f = error_of(host->family == 6 ? 1 : 3, quoted, bytes);

	return host_receive(&f);
}

/* Unreachable: what this host sent in a conversation described from the other side. */
static enum ps_reason unreachable(struct build b)
{
	struct frame sent = build(turned(b));

	return receive_error(&sent, sent.length);
}

static void test_errors_about_known_sessions(void **state)
{
	assert_why(unreachable(tcp), closed_protocol);
	assert_string_equal(moved(), "rx_total filtered");
	assert_why(unreachable(udp), closed_protocol);
	assert_why(unreachable(dns), closed_protocol);
	send_back((struct build){ .tcp_flags = SYN }, PS_SENDER_OTHER);
	assert_why(unreachable(tcp), related_icmp);
	assert_string_equal(moved(), "rx_total out_related delivered");
	send_back(udp, PS_SENDER_OTHER);
	assert_why(unreachable(udp), related_icmp);
	send_back(dns, PS_SENDER_OTHER);
	assert_why(unreachable(dns), related_icmp);
	/* A server's sessions, and one that is half-open. */
	send_back((struct build){ .sport = 1, .tcp_flags = SYN | PS_TCP_ACK }, PS_SENDER_OTHER);
	assert_why(unreachable((struct build){ .sport = 1 }), related_icmp);
	send_back((struct build){ .sport = 1 }, PS_SENDER_CONNECTED);
	assert_why(unreachable((struct build){ .sport = 1 }), related_icmp);
}

static void test_errors_about_other_sessions(void **state)
{
	send_back(tcp, PS_SENDER_CONNECTED);
	send_back(udp, PS_SENDER_OTHER);
	assert_why(unreachable((struct build){ .sport = 40001 }), closed_protocol);
	assert_why(unreachable((struct build){ .dport = 81 }), closed_protocol);
	assert_why(unreachable((struct build){ .src = address(1, 1) }), closed_protocol);
	/* TCP and UDP with the same ports aren't the same session. */
	assert_why(unreachable((struct build){ .dport = 5000 }), closed_protocol);
	assert_why(unreachable((struct build){ .protocol = PS_PROTOCOL_UDP }), closed_protocol);
	assert_why(unreachable((struct build){ .protocol = 132, .payload = 20 }),
		   closed_protocol);
	assert_why(unreachable(tcp), related_icmp);
	assert_why(unreachable(udp), related_icmp);
}

/* The quote must be of a packet that this address sent. */
static void test_quoted_source(void **state)
{
	struct build elsewhere = { .dst = address(2, 2) };
	struct frame f;

	send_back(tcp, PS_SENDER_CONNECTED);
	send_back(elsewhere, PS_SENDER_CONNECTED);
	assert_why(unreachable(elsewhere), closed_protocol);
	/* Nor of one that it received. */
	f = build(complete(tcp));
	assert_why(receive_error(&f, f.length), closed_protocol);
}

static void test_only_errors_quote(void **state)
{
	const struct frame sent = build(turned(tcp));
	struct frame f;
	u32 type;

	send_back(tcp, PS_SENDER_CONNECTED);
	for (type = 1; type < 256; type++) {
		bool error = host->family == 6 ? type <= 4 :
						 type == 3 || type == 11 || type == 12;

		f = error_of((u8)type, &sent, 48);
		assert_int_equal(host_receive(&f), error ? PS_REASON_related_icmp :
							   PS_REASON_closed_protocol);
	}
}

/* The quoted header, and enough behind it to name the session. */
static void assert_quote_needs(struct build b, u32 needed)
{
	const struct frame sent = build(turned(b));
	u32 bytes;

	for (bytes = 0; bytes <= sent.length; bytes++) {
		assert_int_equal(receive_error(&sent, bytes),
				 bytes < needed ? PS_REASON_closed_protocol :
						  PS_REASON_related_icmp);
		pass(MS);
	}
}

static void test_quotes_of_every_length(void **state)
{
	const u32 header = host->family == 6 ? 40 : 20;

	send_back(tcp, PS_SENDER_CONNECTED);
	send_back(udp, PS_SENDER_OTHER);
	send_back(dns, PS_SENDER_OTHER);
	assert_quote_needs(tcp, header + 4);
	assert_quote_needs(udp, header + 4);
	assert_quote_needs(dns, header + 8 + 2);
}

static void test_quoted_query_has_the_right_id(void **state)
{
	struct frame sent = build(turned(dns));

	send_back(dns, PS_SENDER_OTHER);
	assert_why(receive_error(&sent, sent.length), related_icmp);
	sent.data[sent.transport + 8] ^= 1;
	assert_why(receive_error(&sent, sent.length), closed_protocol);
}

static void test_quoted_fragments(void **state)
{
	struct frame first = build(turned((struct build){ .payload = 36 })), later = first;

	send_back(tcp, PS_SENDER_CONNECTED);
	make_fragment(&first, 0, true, 7);
	make_fragment(&later, 1, true, 7);
	assert_why(receive_error(&first, first.length), related_icmp);
	assert_why(receive_error(&later, later.length), closed_protocol);
	later = build(turned(tcp));
	make_fragment(&later, 8000, false, 7);
	assert_why(receive_error(&later, later.length), closed_protocol);
}

static void test_quoted_ipv4_header(void **state)
{
	struct frame f = build(turned(tcp)), bent;
	u32 i;

	send_back(tcp, PS_SENDER_CONNECTED);
	for (i = 0; i < 5; i++) {
		bent = f;
		bent.data[0] = (u8)(0x40 | i);
		assert_why(receive_error(&bent, bent.length), closed_protocol);
	}
	bent = f;
	bent.data[0] = 0x65;
	assert_why(receive_error(&bent, bent.length), closed_protocol);
	/* Not even if what would be the ports then is a session's. */
	send_back((struct build){ .sport = 80, .dport = 0x4000 }, PS_SENDER_CONNECTED);
	bent = f;
	bent.data[0] = 0x40;
	assert_int_equal(get16(bent.data + 2), 80);
	assert_why(receive_error(&bent, bent.length), closed_protocol);
	insert_ipv4_options(&f, "\x94\x04\x00\x00\x01\x01\x01\x00", 8);
	assert_why(receive_error(&f, f.length), related_icmp);
	assert_why(receive_error(&f, 32), related_icmp);
	for (i = 0; i < 32; i++)
		assert_why(receive_error(&f, i), closed_protocol);
}

static void test_quoted_extension_headers(void **state)
{
	struct frame f = build(turned(tcp));
	u32 i;

	send_back(tcp, PS_SENDER_CONNECTED);
	insert_extension(&f, 0, 8);
	insert_extension(&f, 43, 24);
	insert_extension(&f, 60, 16);
	insert_extension(&f, 44, 8);
	/* What is a length elsewhere is reserved there. */
	f.data[f.transport - 7] = 0xff;
	assert_why(receive_error(&f, f.length), related_icmp);
	for (i = 0; i < 100; i++)
		assert_why(receive_error(&f, i), closed_protocol);
	assert_why(receive_error(&f, 100), related_icmp);
	f.data[40 + 1] = 0xff;
	assert_why(receive_error(&f, f.length), closed_protocol);
	f = build(turned(tcp));
	f.data[0] = 0x45;
	assert_why(receive_error(&f, f.length), closed_protocol);
}

/* No more of a quote is looked at than PS_QUOTE_MAX bytes. */
static void test_quoted_extension_headers_without_end(void **state)
{
	struct frame f = build(turned(tcp));
	u32 i;

	send_back(tcp, PS_SENDER_CONNECTED);
	for (i = 0; i < 10; i++)
		insert_extension(&f, 60, 8);
	assert_why(receive_error(&f, f.length), related_icmp);
	insert_extension(&f, 60, 8);
	assert_why(receive_error(&f, f.length), closed_protocol);
	for (i = 0; i < 200; i++)
		insert_extension(&f, 60, 8);
	assert_why(receive_error(&f, f.length), closed_protocol);
	f = build(turned(tcp));
	insert_extension(&f, 0, 2048);
	assert_why(receive_error(&f, 90), closed_protocol);
	assert_why(receive_error(&f, f.length - 100), closed_protocol);
}

static u32 delivered_errors(u32 n)
{
	u32 delivered = 0;

	while (n--)
		delivered += unreachable(tcp) == PS_REASON_related_icmp;
	return delivered;
}

static void test_rate(void **state)
{
	send_back(tcp, PS_SENDER_CONNECTED);
	assert_int_equal(delivered_errors(500), 100);
	assert_why(unreachable(tcp), related_icmp_rate);
	assert_string_equal(moved(), "rx_total filtered");
	pass(50 * MS);
	assert_int_equal(delivered_errors(500), 50);
	/* Those that are dropped anyway take nothing of it. */
	pass(SECOND);
	assert_why(unreachable((struct build){ .sport = 9 }), closed_protocol);
	assert_int_equal(delivered_errors(500), 100);
	pass(SECOND);
	host->segments = 30;
	assert_int_equal(delivered_errors(10), 3);
	host->segments = 1;
	other->config.option[PS_OPTION_icmp_rate_max] = 20;
	pass(SECOND);
	assert_int_equal(delivered_errors(500), 10);
	pass(50 * MS);
	assert_int_equal(delivered_errors(500), 1);
	other->config.option[PS_OPTION_icmp_rate_max] = 100000;
	pass(SECOND);
	assert_int_equal(delivered_errors(1200), 1200);
}

static void test_second_of_errors(void **state)
{
	u32 i, delivered = 0;

	send_back(tcp, PS_SENDER_CONNECTED);
	for (i = 0; i < 2000; i++) {
		delivered += delivered_errors(2);
		pass(MS);
	}
	assert_in_range(delivered, 2000, 2100);
}

static void test_allowed_icmp_is_limited_once(void **state)
{
	const u8 protocol = host->family == 6 ? PS_PROTOCOL_ICMPV6 : PS_PROTOCOL_ICMP;

	send_back(tcp, PS_SENDER_CONNECTED);
	allow_protocol(other, protocol);
	assert_why(unreachable(tcp), allowed_protocol);
	other->config.option[PS_OPTION_icmp_rate_max] = 10;
	assert_int_equal(count_of((struct build){ .protocol = protocol }, 20,
				  PS_REASON_allowed_protocol), 10);
	assert_why(unreachable(tcp), icmp_rate);
}

/* An error is about a session: it neither prolongs nor ends it. */
static void test_errors_change_nothing(void **state)
{
	send_back(tcp, PS_SENDER_CONNECTED);
	send_back(dns, PS_SENDER_OTHER);
	pass(DNS_TIMEOUT * SECOND);
	assert_why(unreachable(dns), related_icmp);
	assert_why(unreachable(dns), related_icmp);
	assert_why(receive(dns), dns_answer);
	assert_why(unreachable(dns), closed_protocol);
	pass((ACK_TIMEOUT - DNS_TIMEOUT) * SECOND);
	assert_why(unreachable(tcp), related_icmp);
	pass(SECOND);
	assert_why(unreachable(tcp), closed_protocol);
	send_back(tcp, PS_SENDER_CONNECTED);
	send_back((struct build){ .tcp_flags = PS_TCP_RST }, PS_SENDER_CONNECTED);
	assert_why(unreachable(tcp), closed_protocol);
}

/* As its whole packet would be, as far as the first one shows. */
static void test_errors_in_fragments(void **state)
{
	const struct frame sent = build(turned(tcp));
	struct frame first = error_of(3 - 2 * (host->family == 6), &sent, 48), later = first;

	send_back(tcp, PS_SENDER_CONNECTED);
	make_fragment(&first, 0, true, 7);
	make_fragment(&later, 7, false, 7);
	assert_why(host_receive(&first), related_icmp);
	assert_why(host_receive(&later), followed_fragment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_errors_about_known_sessions),
		BOTH(test_errors_about_other_sessions),
		BOTH(test_quoted_source),
		BOTH(test_only_errors_quote),
		BOTH(test_quotes_of_every_length),
		BOTH(test_quoted_query_has_the_right_id),
		BOTH(test_quoted_fragments),
		ONE(test_quoted_ipv4_header),
		cmocka_unit_test_setup_teardown(test_quoted_extension_headers, setup_ipv6,
						teardown),
		cmocka_unit_test_setup_teardown(test_quoted_extension_headers_without_end,
						setup_ipv6, teardown),
		BOTH(test_rate),
		BOTH(test_second_of_errors),
		BOTH(test_allowed_icmp_is_limited_once),
		BOTH(test_errors_change_nothing),
		BOTH(test_errors_in_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
