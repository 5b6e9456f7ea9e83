// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the walk says of the payload: where it begins, how much of it can be
 * read, which messages are ICMP errors; and views of packets cut short, of
 * which it wants more only if it must.
 */
#include "packet_assert.h"

static void assert_payload(const struct frame *f, u32 header)
{
	struct ps_packet p = frame_parse(f);

	assert_int_equal(p.reason, PS_REASON_UNDECIDED);
	assert_int_equal(p.payload, f->transport + header);
	assert_int_equal(p.readable, f->length - p.payload);
}

static void payload_begins_behind_the_header(void **state)
{
	struct frame f;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		const int family = i & 1 ? 6 : 4;
		const u32 payload = i & 2 ? 33 : 0;

		f = build((struct build){ .family = family, .payload = payload });
		assert_payload(&f, 20);
		insert_tcp_options(&f, "\x02\x04\x05\xb4\x01\x01\x01\x01", 8);
		assert_payload(&f, 28);
		f = build((struct build){ .family = family, .protocol = 17, .payload = payload });
		assert_payload(&f, 8);
		wrap_vlan(&f, FRAME_VLAN, 9);
		assert_payload(&f, 8);
		f = build((struct build){ .family = family, .protocol = i & 1 ? 58 : 1,
					  .payload = payload });
		assert_payload(&f, 8);
		make_fragment(&f, 0, payload % 8 == 0, 7);
		assert_payload(&f, 8);
	}
}

static void padding_is_no_payload(void **state)
{
	struct frame f = build((struct build){ .payload = 1 });

	(void)state;
	f.length += 5;
	assert_int_equal(frame_parse(&f).readable, 1);
	assert_int_equal(frame_parse(&f).end, f.length - 5);
}

static void payload_of_later_fragments_begins_behind_the_ip_header(void **state)
{
	struct frame f = build_ipv4_udp(53, 100);
	struct ps_packet p;

	(void)state;
	make_fragment(&f, 4, false, 7);
	p = frame_parse(&f);
	assert_int_equal(p.payload, 20);
	assert_int_equal(p.end - p.payload, 108);
	assert_int_equal(p.transport, 0);
	f = build_ipv6_udp(53, 100);
	insert_extension(&f, 60, 16);
	make_fragment(&f, 4, false, 7);
	p = frame_parse(&f);
	assert_int_equal(p.payload, 64);
	assert_int_equal(p.end - p.payload, 108);
}

static void other_protocols_have_no_payload(void **state)
{
	struct frame f = build((struct build){ .protocol = 47, .payload = 20 });

	(void)state;
	assert_int_equal(frame_parse(&f).payload, 0);
	assert_int_equal(frame_parse(&f).readable, 0);
	f = build((struct build){ .protocol = 58, .icmp_type = 1, .payload = 20 });
	assert_int_equal(frame_parse(&f).payload, 0);
	assert_false(frame_parse(&f).icmp_error);
}

static void icmp_errors_are_those_that_quote(void **state)
{
	static const u8 four[] = { 3, 11, 12 }, six[] = { 1, 2, 3, 4 };
	struct frame f;
	u32 type;

	(void)state;
	for (type = 0; type < 256; type++) {
		f = build_ipv4_icmp(8);
		f.data[f.transport] = (u8)type;
		frame_fix(&f);
		assert_int_equal(frame_parse(&f).icmp_error,
				 memchr(four, (int)type, sizeof(four)) != NULL);
		f = build_ipv6_icmp(8);
		f.data[f.transport] = (u8)type;
		frame_fix(&f);
		assert_int_equal(frame_parse(&f).icmp_error,
				 memchr(six, (int)type, sizeof(six)) != NULL);
	}
}

/* The bytes a front end must bring for a packet to be judged. */
static u32 wanted(const struct frame *f)
{
	struct ps_packet p;
	u32 available = 0;

	for (;;) {
		parse_exactly(&p, f, available);
		if (!p.wants)
			return available;
		available = p.wants;
	}
}

static void no_more_is_wanted_than_is_looked_at(void **state)
{
	struct frame f = build((struct build){ .protocol = 1, .icmp_type = 3, .payload = 500 });

	(void)state;
	assert_int_equal(wanted(&f), 20 + 8 + PS_QUOTE_MAX);
	f = build((struct build){ .family = 6, .protocol = 58, .icmp_type = 2, .payload = 500 });
	assert_int_equal(wanted(&f), 40 + 8 + PS_QUOTE_MAX);
	f = build((struct build){ .protocol = 1, .icmp_type = 3, .payload = 30 });
	assert_int_equal(wanted(&f), 20 + 8 + 30);
	f = build((struct build){ .protocol = 1, .icmp_type = 8, .payload = 500 });
	assert_int_equal(wanted(&f), 20 + 8);
	f = build((struct build){ .payload = 500 });
	assert_int_equal(wanted(&f), 40);
	f = build_ipv4_udp(5353, 500);
	assert_int_equal(wanted(&f), 28 + PS_DATAGRAM_MAX);
	f = build_ipv4_udp(53, 1);
	assert_int_equal(wanted(&f), 29);
	f = build((struct build){ .family = 6, .protocol = 17, .sport = 53, .payload = 200 });
	assert_int_equal(wanted(&f), 48 + PS_DATAGRAM_MAX);
}

/* Behind PS_HEADERS_MAX nothing is read, and such a payload is just short. */
static void payload_ends_where_headers_may(void **state)
{
	struct frame f = build_ipv6_udp(53, 40);
	struct ps_packet p;

	(void)state;
	insert_extension(&f, 60, PS_HEADERS_MAX - 40 - 8);
	p = frame_parse(&f);
	assert_int_equal(p.reason, PS_REASON_UNDECIDED);
	assert_int_equal(p.payload, PS_HEADERS_MAX);
	assert_int_equal(p.readable, 0);
	assert_int_equal(wanted(&f), PS_HEADERS_MAX);
	f = build((struct build){ .family = 6, .protocol = 58, .icmp_type = 1, .payload = 200 });
	insert_extension(&f, 60, PS_HEADERS_MAX - 40 - 24);
	p = frame_parse(&f);
	assert_int_equal(p.reason, PS_REASON_UNDECIDED);
	assert_int_equal(p.readable, 16);
	assert_int_equal(wanted(&f), PS_HEADERS_MAX);
}

/* What the engine reads of the payload, if it is there. */
static u32 readable_bytes(const struct ps_packet *packet)
{
	if (packet->icmp_error)
		return PS_QUOTE_MAX;
	return packet->protocol == PS_PROTOCOL_UDP ? PS_DATAGRAM_MAX : 0;
}

/* A view cut short gives either the whole view's answer or a sensible wish. */
static void assert_any_cut_is_handled(const struct frame *f)
{
	struct ps_packet whole, cut;
	u32 available;

	parse_exactly(&whole, f, f->length);
	assert_int_equal(whole.wants, 0);
	for (available = 0; available <= f->length; available++) {
		parse_exactly(&cut, f, available);
		if (cut.wants) {
			assert_true(cut.wants > available);
			assert_true(cut.wants <= f->length && cut.wants <= PS_HEADERS_MAX);
			continue;
		}
		/* How much may be read of the payload depends on the view. */
		assert_in_range(cut.readable, min(readable_bytes(&whole), whole.readable),
				whole.readable);
		cut.readable = whole.readable;
		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

static void assert_any_truncation_is_safe(const struct frame *f)
{
	struct frame shorter = *f;

	for (; shorter.length; shorter.length--)
		assert_any_cut_is_handled(&shorter);
}

static void packets_can_be_cut_anywhere(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_SYN);

	(void)state;
	insert_tcp_options(&f, "\x02\x04\x05\xb4\x04\x02\x01\x01", 8);
	insert_ipv4_options(&f, "\x94\x04\x00\x00", 4);
	wrap_pppoe(&f);
	wrap_vlan(&f, FRAME_VLAN, 5);
	assert_fit(f);
	assert_any_truncation_is_safe(&f);

	f = build_ipv6_udp(53, 9);
	insert_extension(&f, 0, 8);
	make_fragment(&f, 0, false, 5);
	insert_extension(&f, 60, 24);
	assert_fit(f);
	assert_any_truncation_is_safe(&f);

	f = build_ipv6_icmp(135);
	assert_any_truncation_is_safe(&f);

	f = build((struct build){ .protocol = 1, .icmp_type = 3, .payload = PS_QUOTE_MAX + 5 });
	assert_any_truncation_is_safe(&f);
	f = build((struct build){ .family = 6, .protocol = 17, .sport = 53, .payload = 9 });
	assert_any_truncation_is_safe(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payload_begins_behind_the_header),
		cmocka_unit_test(padding_is_no_payload),
		cmocka_unit_test(payload_of_later_fragments_begins_behind_the_ip_header),
		cmocka_unit_test(other_protocols_have_no_payload),
		cmocka_unit_test(icmp_errors_are_those_that_quote),
		cmocka_unit_test(no_more_is_wanted_than_is_looked_at),
		cmocka_unit_test(payload_ends_where_headers_may),
		cmocka_unit_test(packets_can_be_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
