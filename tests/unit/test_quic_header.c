// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The QUIC header walk: what it reads of every kind of packet, and which
 * reason each malformation gets. Every datagram is cut at every length in a
 * memory of exactly that size: a byte read behind it is seen by the sanitizer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "quic_packets.h"

#define assert_why(got, why) \
	assert_string_equal(ps_reason_info[got].name, ps_reason_info[PS_REASON_##why].name)
#define assert_fine(got) assert_string_equal(ps_reason_info[got].name, "undecided")

static u8 datagram[QUIC_MAX];
static struct ps_quic_header header;

static enum ps_reason parse(const u8 *data, u32 length)
{
	u32 readable = min(length, PS_QUIC_LOOK);
	u8 *copy = malloc(readable ? readable : 1);
	enum ps_reason reason;

	memcpy(copy, data, readable);
	reason = ps_quic_parse(&header, copy, readable, length);
	/* Pointers into what can be freed, as offsets. */
	header.dcid = header.dcid ? data + (header.dcid - copy) : NULL;
	header.scid = header.scid ? data + (header.scid - copy) : NULL;
	header.token = header.token ? data + (header.token - copy) : NULL;
	free(copy);
	return reason;
}

static enum ps_reason parse_quic(struct quic q)
{
	return parse(datagram, quic_build(datagram, &q, NULL));
}

static const u32 versions[] = { PS_QUIC_VERSION_1, PS_QUIC_VERSION_2, PS_QUIC_DRAFT_29 };

static void test_long_headers(void **state)
{
	enum ps_quic_type type;
	u32 v, dcid, scid;

	for (v = 0; v < ARRAY_SIZE(versions); v++)
		for (type = PS_QUIC_INITIAL; type <= PS_QUIC_RETRY; type++)
			for (dcid = 0; dcid <= 20; dcid += 5)
				for (scid = 0; scid <= 20; scid += 4) {
					assert_fine(parse_quic((struct quic){
						.type = type, .version = versions[v],
						.dcid_length = dcid ? (u8)dcid : QUIC_NO_CID,
						.scid_length = scid ? (u8)scid : QUIC_NO_CID,
						.first = (u8)(dcid ^ scid) }));
					assert_int_equal(header.type, type);
					assert_int_equal(header.version, versions[v]);
					assert_int_equal(header.dcid_length, dcid);
					assert_int_equal(header.scid_length, scid);
					assert_ptr_equal(header.dcid, datagram + 6);
					assert_ptr_equal(header.scid, datagram + 7 + dcid);
					assert_int_equal(header.token_length, 0);
				}
}

/* As the RFCs write them: a byte that this file's builder doesn't know. */
static void test_types_to_the_letter(void **state)
{
	static const struct { u8 first; u32 version; enum ps_quic_type type; } row[] = {
		{ 0xc3, 1, PS_QUIC_INITIAL }, { 0xd3, 1, PS_QUIC_ZERO_RTT },
		{ 0xe3, 1, PS_QUIC_HANDSHAKE }, { 0xff, 1, PS_QUIC_RETRY },
		{ 0xd3, 0x6b3343cf, PS_QUIC_INITIAL }, { 0xe3, 0x6b3343cf, PS_QUIC_ZERO_RTT },
		{ 0xf3, 0x6b3343cf, PS_QUIC_HANDSHAKE }, { 0xcf, 0x6b3343cf, PS_QUIC_RETRY },
		{ 0xc0, 0xff00001d, PS_QUIC_INITIAL }, { 0xf0, 0xff00001d, PS_QUIC_RETRY },
		{ 0xc0, 0, PS_QUIC_NEGOTIATION }, { 0x80, 0, PS_QUIC_NEGOTIATION },
		{ 0xc0, 0xff00001c, PS_QUIC_UNKNOWN }, { 0x80, 2, PS_QUIC_UNKNOWN },
	};
	u8 data[64] = { 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		data[0] = row[i].first;
		data[1] = (u8)(row[i].version >> 24);
		data[2] = (u8)(row[i].version >> 16);
		data[3] = (u8)(row[i].version >> 8);
		data[4] = (u8)row[i].version;
		/* No ids; of an Initial no token; the rest, or of an Initial one less. */
		data[7] = row[i].type == PS_QUIC_INITIAL ? 0 : 56;
		data[8] = row[i].type == PS_QUIC_INITIAL ? 55 : 0;
		assert_fine(parse(data, sizeof(data)));
		assert_int_equal(header.type, row[i].type);
	}
}

static void test_tokens(void **state)
{
	static const u32 sizes[] = { 1, 2, 4, 8 };
	static u8 token[1100];
	u32 i, n;

	for (n = 0; n < sizeof(token); n++)
		token[n] = (u8)(n * 11);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (n = 0; n <= 1024; n = n * 2 + 1) {
			if (sizes[i] == 1 && n > 63)
				continue;
			assert_fine(parse_quic((struct quic){ .token = token, .token_length = n,
							      .token_size = sizes[i],
							      .length_size = sizes[3 - i] == 1 ?
									     2 : sizes[3 - i] }));
			assert_int_equal(header.token_length, n);
			assert_ptr_equal(header.token, datagram + 23 + sizes[i]);
			assert_memory_equal(header.token, token, n);
		}
}

static void test_token_past_the_datagram(void **state)
{
	static const u64 lengths[] = { 1176, 16383, 1073741823, 0x3fffffffffffffffULL };
	static const u32 sizes[] = { 2, 2, 4, 8 };
	struct quic q = { 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		quic_build(datagram, &q, NULL);
		put_varint(datagram + 23, lengths[i], sizes[i]);
		assert_why(parse(datagram, 1200), quic_token_length);
	}
	/* All that is left: then the Length field lies behind what is looked at. */
	put_varint(datagram + 23, 1175, 2);
	assert_fine(parse(datagram, 1200));
}

static void test_length_field(void **state)
{
	static const enum ps_quic_type types[] = { PS_QUIC_INITIAL, PS_QUIC_ZERO_RTT,
						   PS_QUIC_HANDSHAKE };
	static const u32 sizes[] = { 1, 2, 4, 8 };
	u32 i, s, end, n;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (s = 0; s < ARRAY_SIZE(sizes); s++) {
			struct quic q = { .type = types[i], .length_size = sizes[s], .bytes = 80 };

			quic_build(datagram, &q, &end);
			for (n = 0; n <= 63; n++) {
				put_varint(datagram + end - sizes[s], n, sizes[s]);
				if (n < 20 || n > 80 - end)
					assert_why(parse(datagram, 80), quic_length);
				else
					assert_fine(parse(datagram, 80));
			}
			if (sizes[s] == 8) {
				put_varint(datagram + end - 8, 0x3fffffffffffffffULL, 8);
				assert_why(parse(datagram, 80), quic_length);
			}
		}
}

/* Coalesced packets: what is behind the first one is nobody's business. */
static void test_only_the_first_packet_counts(void **state)
{
	struct quic q = { .type = PS_QUIC_HANDSHAKE };
	u32 end;

	quic_build(datagram, &q, &end);
	put_varint(datagram + end - 2, 30, 2);
	memset(datagram + end + 30, 0, 1200 - end - 30);
	assert_fine(parse(datagram, 1200));
	assert_int_equal(header.type, PS_QUIC_HANDSHAKE);
}

static void test_short_headers(void **state)
{
	u32 length;

	for (length = 0; length < 64; length++) {
		memset(datagram, 0x5a, sizeof(datagram));
		if (length < 21)
			assert_why(parse(datagram, length), quic_truncated);
		else
			assert_fine(parse(datagram, length));
		assert_int_equal(header.type, PS_QUIC_SHORT);
	}
	assert_int_equal(header.version, 0);
	assert_int_equal(header.dcid_length, 0);
}

static void test_fixed_bit(void **state)
{
	enum ps_quic_type type;
	u32 v;

	for (v = 0; v < ARRAY_SIZE(versions); v++)
		for (type = PS_QUIC_INITIAL; type <= PS_QUIC_RETRY; type++) {
			struct quic q = { .type = type, .version = versions[v] };

			quic_build(datagram, &q, NULL);
			assert_fine(parse(datagram, 1200));
			assert_true(header.fixed);
			datagram[0] &= 0xbf;
			assert_fine(parse(datagram, 1200));
			assert_false(header.fixed);
			assert_int_equal(header.type, type);
		}
	datagram[0] = 0x3f;
	assert_fine(parse(datagram, 1200));
	assert_false(header.fixed);
	datagram[0] = 0x40;
	parse(datagram, 1200);
	assert_true(header.fixed);
	/* Versions that nobody knows owe nobody such a bit. */
	memset(datagram, 0, 64);
	datagram[0] = 0x80;
	assert_fine(parse(datagram, 64));
	assert_true(header.fixed);
}

static void test_cids_too_long(void **state)
{
	u32 v, n;

	for (v = 0; v < ARRAY_SIZE(versions); v++)
		for (n = 21; n < 255; n += 9) {
			assert_why(parse_quic((struct quic){ .version = versions[v],
							     .dcid_length = (u8)n }),
				   quic_cid_length);
			assert_why(parse_quic((struct quic){ .version = versions[v],
							     .scid_length = (u8)n }),
				   quic_cid_length);
		}
}

/* Other versions may have long ids, which needn't even be readable. */
static void test_unknown_versions(void **state)
{
	u32 dcid, scid;

	for (dcid = 1; dcid < 255; dcid += 23)
		for (scid = 1; scid < 255; scid += 23) {
			assert_fine(parse_quic((struct quic){ .type = PS_QUIC_UNKNOWN,
							      .dcid_length = (u8)dcid,
							      .scid_length = (u8)scid }));
			assert_int_equal(header.type, PS_QUIC_UNKNOWN);
			assert_int_equal(header.version, 0x1a2a3a4a);
			assert_int_equal(header.dcid_length, dcid);
			assert_fine(parse_quic((struct quic){ .type = PS_QUIC_NEGOTIATION,
							      .dcid_length = (u8)dcid,
							      .scid_length = (u8)scid }));
		}
	assert_why(parse_quic((struct quic){ .type = PS_QUIC_UNKNOWN, .dcid_length = 60,
					     .bytes = 66 }), quic_truncated);
}

/* Cut anywhere in its header it is malformed; behind that its Length is wrong. */
static void test_cut_anywhere(void **state)
{
	static const u8 token[58] = { 0x9c };
	u32 v, length, end;
	enum ps_quic_type type;

	for (v = 0; v < ARRAY_SIZE(versions); v++)
		for (type = PS_QUIC_INITIAL; type <= PS_QUIC_HANDSHAKE; type++) {
			struct quic q = { .type = type, .version = versions[v], .bytes = 300,
					  .token = token,
					  .token_length = type == PS_QUIC_INITIAL ? 58 : 0 };

			quic_build(datagram, &q, &end);
			for (length = 0; length < 300; length++) {
				enum ps_reason reason = parse(datagram, length);

				if (type == PS_QUIC_INITIAL && length > 23 && length < 24 + 58)
					assert_why(reason, quic_token_length);
				else if (length < end)
					assert_why(reason, quic_truncated);
				else
					assert_why(reason, quic_length);
			}
			assert_fine(parse(datagram, 300));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_headers),
		cmocka_unit_test(test_types_to_the_letter),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_token_past_the_datagram),
		cmocka_unit_test(test_length_field),
		cmocka_unit_test(test_only_the_first_packet_counts),
		cmocka_unit_test(test_short_headers),
		cmocka_unit_test(test_fixed_bit),
		cmocka_unit_test(test_cids_too_long),
		cmocka_unit_test(test_unknown_versions),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
