// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP, UDP and ICMP headers and the checksum: for every rule a packet that
 * breaks it and its neighbours that don't, over both families.
 */
#include "packet_assert.h"

static void tcp_header_must_be_whole(void **state)
{
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);

	(void)state;
	f.length = 59;
	frame_fix(&f);
	assert_reason(f, tcp_header);
	f = build_ipv4_tcp(PS_TCP_ACK);
	f.data[f.transport + 12] = 4 << 4;
	assert_reason(f, tcp_header);
	f.data[f.transport + 12] = 6 << 4;
	assert_reason(f, tcp_length);
	f.data[f.transport + 12] = 5 << 4 | 15;
	assert_fit(f);
	f = build((struct build){ .payload = 40 });
	memset(f.data + f.transport + 20, 1, 40);
	f.data[f.transport + 12] = 15 << 4;
	assert_fit(f);
	f.length--;
	frame_fix(&f);
	assert_reason(f, tcp_length);
}

static void port_zero_is_invalid(void **state)
{
	struct frame f;
	int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		f = build((struct build){ .family = i & 1 ? 6 : 4, .protocol = i & 2 ? 6 : 17 });
		put16(f.data + f.transport + (i & 4 ? 2 : 0), 0);
		assert_string_equal(reason_of(&f), i & 2 ? "tcp_port_zero" : "udp_port_zero");
		put16(f.data + f.transport + (i & 4 ? 2 : 0), 256);
		assert_fit(f);
	}
}

/* All 64 combinations of the six flags, against the sentences of the rule. */
static void tcp_flag_combinations(void **state)
{
	struct frame f = build_ipv4_tcp(PS_TCP_ACK);
	unsigned int flags;

	(void)state;
	for (flags = 0; flags < 256; flags++) {
		bool fin = flags & PS_TCP_FIN, syn = flags & PS_TCP_SYN;
		bool rst = flags & PS_TCP_RST, ack = flags & PS_TCP_ACK;
		const char *expected = "undecided";

		if (!fin && !syn && !rst && !ack && !(flags & (PS_TCP_PSH | PS_TCP_URG)))
			expected = "tcp_flags_none";
		else if (syn && fin)
			expected = "tcp_flags_syn_fin";
		else if (syn && rst)
			expected = "tcp_flags_syn_rst";
		else if (fin && rst)
			expected = "tcp_flags_fin_rst";
		else if (!ack && !syn && !rst)
			expected = "tcp_flags_no_ack";
		f.data[f.transport + 13] = (u8)flags;
		assert_string_equal(reason_of(&f), expected);
	}
}

static void tcp_options_must_be_well_formed(void **state)
{
	static const struct {
		const char bytes[9];
		const char *reason;
	} cases[] = {
		{ "\x02\x04\x05\xb4\x01\x03\x03\x07", "undecided" },
		{ "\x01\x01\x01\x01\x01\x01\x01\x01", "undecided" },
		{ "\x00\x02\x00\x02\x00\x02\x00\x02", "undecided" },
		{ "\xfd\x08\x00\x00\x00\x00\x00\x00", "undecided" },
		{ "\xfd\x09\x00\x00\x00\x00\x00\x00", "tcp_options" },
		{ "\xfd\x01\x00\x00\x00\x00\x00\x00", "tcp_options" },
		{ "\xfd\x00\x00\x00\x00\x00\x00\x00", "tcp_options" },
		{ "\x01\x01\x01\x01\x01\x01\x01\x08", "tcp_options" },
		{ "\x01\x01\x01\x01\x01\x01\x04\x02", "undecided" },
		{ "\x02\x02\x01\x01\x01\x01\x01\x00", "undecided" },
	};
	struct frame f;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		f = build((struct build){ .payload = 3 });
		insert_tcp_options(&f, cases[i].bytes, 8);
		assert_string_equal(reason_of(&f), cases[i].reason);
	}
}

static void syn_with_data_needs_fast_open(void **state)
{
	static const struct {
		const char bytes[13];
		const char *reason;
	} cases[] = {
		{ "\x22\x0a" "12345678\x01\x01", "undecided" },
		{ "\x02\x04\x05\xb4\x22\x06" "1234\x01\x01", "undecided" },
		{ "\x22\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "undecided" },
		{ "\xfe\x0c\xf9\x89" "12345678", "undecided" },
		{ "\xfe\x04\xf9\x89\x00\x00\x00\x00\x00\x00\x00\x00", "undecided" },
		{ "\xfe\x0c\xf9\x88" "12345678", "tcp_syn_data" },
		{ "\xfe\x03\xf9\x01\x01\x01\x01\x01\x01\x01\x01\x01", "tcp_syn_data" },
		{ "\xfd\x0c\xf9\x89" "12345678", "tcp_syn_data" },
		{ "\x01\x00\x22\x0a" "12345678", "tcp_syn_data" },
		{ "\x02\x04\x05\xb4\x01\x01\x01\x01\x01\x01\x01\x01", "tcp_syn_data" },
	};
	struct frame f;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		f = build((struct build){ .tcp_flags = PS_TCP_SYN, .payload = 1 });
		insert_tcp_options(&f, cases[i].bytes, 12);
		assert_string_equal(reason_of(&f), cases[i].reason);
		f.length--;
		frame_fix(&f);
		assert_fit(f);
	}
	f = build((struct build){ .family = 6, .tcp_flags = PS_TCP_SYN, .payload = 1 });
	assert_reason(f, tcp_syn_data);
	f.data[f.transport + 13] |= PS_TCP_ACK;
	assert_fit(f);
}

static void rst_with_data_is_invalid(void **state)
{
	struct frame f = build((struct build){ .tcp_flags = PS_TCP_RST, .payload = 1 });

	(void)state;
	assert_reason(f, tcp_rst_data);
	f.data[f.transport + 13] |= PS_TCP_ACK;
	assert_reason(f, tcp_rst_data);
	f.length--;
	frame_fix(&f);
	f.length += 5;		/* link padding isn't data */
	assert_fit(f);
}

static void udp_header_and_length_are_checked(void **state)
{
	struct frame f;
	int family;

	(void)state;
	for (family = 4; family <= 6; family += 2) {
		f = build((struct build){ .family = family, .protocol = 17, .payload = 4 });
		put16(f.data + f.transport + 4, 13);
		assert_reason(f, udp_length);
		put16(f.data + f.transport + 4, 12);
		assert_fit(f);
		put16(f.data + f.transport + 4, 8);
		assert_fit(f);
		assert_int_equal(frame_parse(&f).checksum_end, f.transport + 8);
		put16(f.data + f.transport + 4, 7);
		assert_reason(f, udp_header);
		put16(f.data + f.transport + 4, 0);
		assert_reason(f, udp_header);
		f.length = f.transport + 7;
		frame_fix(&f);
		assert_reason(f, udp_header);
	}
}

static void udp_may_do_without_checksum_over_ipv4_only(void **state)
{
	struct frame four = build_ipv4_udp(53, 3), six = build_ipv6_udp(53, 3);

	(void)state;
	assert_int_equal(frame_parse(&four).checksum, 26);
	assert_int_equal(frame_parse(&four).checksum_reason, PS_REASON_udp_checksum);
	put16(four.data + 26, 0);
	assert_fit(four);
	assert_int_equal(frame_parse(&four).checksum, 0);
	put16(six.data + 46, 0);
	assert_reason(six, udp_checksum);
	put16(six.data + 46, 1);
	assert_fit(six);
}

static void icmp_messages_have_eight_bytes(void **state)
{
	struct frame four = build_ipv4_icmp(8), six = build_ipv6_icmp(128);

	(void)state;
	assert_fit(four);
	assert_int_equal(frame_parse(&four).checksum, 22);
	assert_int_equal(frame_parse(&four).checksum_reason, PS_REASON_icmp_checksum);
	four.length--;
	frame_fix(&four);
	assert_reason(four, icmp_header);
	assert_fit(six);
	assert_int_equal(frame_parse(&six).checksum, 42);
	six.length--;
	frame_fix(&six);
	assert_reason(six, icmp_header);
}

static void icmp_of_the_other_family_is_just_a_protocol(void **state)
{
	struct frame four = build((struct build){ .protocol = 58, .icmp_type = 128 });
	struct frame six = build((struct build){ .family = 6, .protocol = 1, .icmp_type = 8 });

	(void)state;
	assert_fit(four);
	assert_int_equal(frame_parse(&four).checksum, 0);
	assert_int_equal(frame_parse(&four).icmp_type, 0);
	four.length = 21;
	frame_fix(&four);
	assert_fit(four);
	assert_fit(six);
	assert_int_equal(frame_parse(&six).checksum, 0);
}

/* Every byte that the checksum covers matters, none beyond does. */
static void assert_checksum_covers(struct frame *f)
{
	struct ps_packet p = frame_parse(f);
	u32 i;

	assert_int_not_equal(p.checksum, 0);
	assert_true(ps_packet_checksum(&p, f->data));
	for (i = p.transport; i < f->length; i++) {
		f->data[i] ^= 0x10;
		assert_int_equal(ps_packet_checksum(&p, f->data), i >= p.checksum_end);
		f->data[i] ^= 0x10;
	}
	p.src.word[3] ^= 1;
	assert_int_equal(ps_packet_checksum(&p, f->data), p.protocol == PS_PROTOCOL_ICMP);
}

static void checksum_of_every_protocol_is_verified(void **state)
{
	static const int protocols[] = { 6, 17, 1, 58 };
	struct frame f;
	size_t i;
	u32 payload;

	(void)state;
	for (i = 0; i < 2 * ARRAY_SIZE(protocols); i++) {
		for (payload = 0; payload < 9; payload++) {
			f = build((struct build){ .family = i % 2 ? 6 : 4, .payload = payload,
						  .protocol = protocols[i / 2] });
			f.length += 3;
			if (frame_parse(&f).checksum)
				assert_checksum_covers(&f);
			else
				assert_true(protocols[i / 2] == (i % 2 ? 1 : 58));
		}
	}
}

/* A datagram shorter than the IP payload, and a zero that stands as 0xffff. */
static void checksum_of_unusual_udp(void **state)
{
	struct frame f = build_ipv4_udp(53, 5);
	struct ps_packet p;

	(void)state;
	f.length = f.transport + 11;
	frame_fix(&f);
	f.length += 2;
	put16(f.data + 2, f.length);
	put16(f.data + 10, 0);
	put16(f.data + 10, frame_sum(0, f.data, 20));
	assert_fit(f);
	assert_checksum_covers(&f);

	f = build_ipv4_udp(53, 2);
	put16(f.data + 28, get16(f.data + 28) + get16(f.data + 26));
	if (get16(f.data + 28) < get16(f.data + 26))
		put16(f.data + 28, get16(f.data + 28) + 1);
	frame_fix(&f);
	assert_int_equal(get16(f.data + 26), 0xffff);
	p = frame_parse(&f);
	assert_true(ps_packet_checksum(&p, f.data));
}

/* RFC 1071: the checksum of an ICMP message of zeros is 0xffff, not 0. */
static void checksum_of_nothing_but_zeros(void **state)
{
	struct frame f = build_ipv4_icmp(8);
	struct ps_packet p;

	(void)state;
	memset(f.data + 20, 0, 8);
	p = frame_parse(&f);
	assert_false(ps_packet_checksum(&p, f.data));
	put16(f.data + 22, 0xffff);
	assert_true(ps_packet_checksum(&p, f.data));
}

/* A super-packet's length counts with all its bits. */
static void checksum_of_a_super_packet(void **state)
{
	u32 length = 40 + 20 + 70001, sum;
	u8 *data = calloc(1, length);
	struct frame f = build_ipv6_tcp(PS_TCP_ACK);
	struct ps_view view = frame_view(&f);
	struct ps_packet p;

	(void)state;
	memcpy(data, f.data, f.length);
	put16(data + 4, 0);
	put16(data + 56, 0);
	data[length - 1] = 0xa5;
	sum = 6 + ((length - 40) >> 16) + ((length - 40) & 0xffff);
	sum = (u16)~frame_sum(sum % 0xffff, data + 8, 32);
	put16(data + 56, frame_sum(sum, data + 40, length - 40));
	view = (struct ps_view){ .data = data, .available = length, .length = length,
				 .segments = 50, .ethertype = FRAME_IPV6,
				 .flags = PS_VIEW_SUPER };
	ps_packet_parse(&p, &view);
	assert_int_equal(p.reason, PS_REASON_UNDECIDED);
	assert_int_equal(p.segments, 50);
	assert_int_equal(p.end, length);
	assert_true(ps_packet_checksum(&p, data));
	data[length - 1] ^= 1;
	assert_false(ps_packet_checksum(&p, data));
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_header_must_be_whole),
		cmocka_unit_test(port_zero_is_invalid),
		cmocka_unit_test(tcp_flag_combinations),
		cmocka_unit_test(tcp_options_must_be_well_formed),
		cmocka_unit_test(syn_with_data_needs_fast_open),
		cmocka_unit_test(rst_with_data_is_invalid),
		cmocka_unit_test(udp_header_and_length_are_checked),
		cmocka_unit_test(udp_may_do_without_checksum_over_ipv4_only),
		cmocka_unit_test(icmp_messages_have_eight_bytes),
		cmocka_unit_test(icmp_of_the_other_family_is_just_a_protocol),
		cmocka_unit_test(checksum_of_every_protocol_is_verified),
		cmocka_unit_test(checksum_of_unusual_udp),
		cmocka_unit_test(checksum_of_nothing_but_zeros),
		cmocka_unit_test(checksum_of_a_super_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
