// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tokens and integrity tags, bit for bit as HAProxy makes them: the recorded
 * exchanges of quic_retry.json, the examples of the RFCs, and one flipped bit
 * anywhere. SHA-1 by the examples of FIPS 180-4.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "parse.h"
#include "quic_token.h"
#include "sha1.h"

struct quic_vector {
	const char *cluster_secret, *cluster_key, *client_addr, *aad_addr, *client_odcid;
	const char *client_scid, *retry_packet, *retry_scid, *token, *integrity_tag, *salt;
	u32 version, client_port, timestamp;
};

static const struct quic_vector vectors[] = {
#include "quic_vectors.h"
};

/* A vector as the functions want it. */
struct exchange {
	struct ps_quic_key key;
	struct ps_addr addr;
	struct ps_quic_client client;
	struct ps_quic_origin origin;
	struct ps_quic_salt salt;
	u8 scid[20], token[256], retry[256];
	u32 token_length, retry_length;
};

static u32 bytes_of(u8 *to, const char *hex)
{
	u32 length = 0, byte;

	for (; *hex; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		to[length++] = (u8)byte;
	}
	return length;
}

static void load(struct exchange *x, const struct quic_vector *v)
{
	*x = (struct exchange){ .client.version = v->version, .client.port = (u16)v->client_port };
	ps_quic_key_make(&x->key, (const u8 *)v->cluster_secret, (u32)strlen(v->cluster_secret));
	assert_int_equal(ps_parse_address(v->client_addr, strlen(v->client_addr), &x->addr), 0);
	x->client.addr = &x->addr;
	x->client.mapped = strcmp(v->client_addr, v->aad_addr);
	x->client.scid = x->scid;
	x->client.scid_length = (u8)bytes_of(x->scid, v->client_scid);
	x->origin.odcid_length = (u8)bytes_of(x->origin.odcid, v->client_odcid);
	x->origin.time = v->timestamp;
	bytes_of(x->salt.byte, v->salt);
	x->token_length = bytes_of(x->token, v->token);
	x->retry_length = bytes_of(x->retry, v->retry_packet);
}

static void test_keys_of_clusters(void **state)
{
	u8 key[16];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct exchange x;

		load(&x, &vectors[i]);
		bytes_of(key, vectors[i].cluster_key);
		assert_memory_equal(x.key.byte, key, sizeof(key));
	}
}

static void test_recorded_tokens_are_made(void **state)
{
	u8 token[PS_QUIC_TOKEN_MAX];
	struct exchange x;
	u32 i;

	assert_int_equal(ARRAY_SIZE(vectors), 12);
	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		load(&x, &vectors[i]);
		assert_int_equal(ps_quic_token_seal(token, &x.key, &x.client, &x.origin, &x.salt),
				 x.token_length);
		assert_memory_equal(token, x.token, x.token_length);
	}
}

static void test_recorded_tokens_are_read(void **state)
{
	struct ps_quic_origin origin;
	struct exchange x;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		load(&x, &vectors[i]);
		memset(&origin, 0xee, sizeof(origin));
		assert_true(ps_quic_token_open(&origin, x.token, x.token_length, &x.key,
					       &x.client));
		assert_int_equal(origin.odcid_length, x.origin.odcid_length);
		assert_memory_equal(origin.odcid, x.origin.odcid, origin.odcid_length);
		assert_int_equal(origin.time, x.origin.time);
	}
}

static void test_recorded_tags(void **state)
{
	u8 tag[PS_QUIC_TAG];
	struct exchange x;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		load(&x, &vectors[i]);
		ps_quic_retry_tag(tag, x.client.version, &x.origin, x.retry, x.retry_length - 16);
		assert_memory_equal(tag, x.retry + x.retry_length - 16, 16);
	}
}

/* RFC 9001 A.4, RFC 9369 A.4, draft-ietf-quic-tls-29 A.4. */
static void test_tags_of_the_rfcs(void **state)
{
	static const struct { u32 version; const char *packet; } row[] = {
		{ PS_QUIC_VERSION_1, "ff000000010008f067a5502a4262b5746f6b656e"
				     "04a265ba2eff4d829058fb3f0f2496ba" },
		{ PS_QUIC_VERSION_2, "cf6b3343cf0008f067a5502a4262b5746f6b656e"
				     "c8646ce8bfe33952d955543665dcc7b6" },
		{ PS_QUIC_DRAFT_29, "ffff00001d0008f067a5502a4262b5746f6b656e"
				    "d16926d81f6f9ca2953a8aa4575e1e49" },
	};
	struct ps_quic_origin origin = { .odcid_length = 8 };
	u8 packet[64], tag[PS_QUIC_TAG];
	u32 i, length, bit;

	bytes_of(origin.odcid, "8394c8f03e515708");
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		length = bytes_of(packet, row[i].packet) - 16;
		ps_quic_retry_tag(tag, row[i].version, &origin, packet, length);
		assert_memory_equal(tag, packet + length, 16);
		for (bit = 0; bit < 8 * length; bit++) {
			packet[bit / 8] ^= 1 << bit % 8;
			ps_quic_retry_tag(tag, row[i].version, &origin, packet, length);
			assert_memory_not_equal(tag, packet + length, 16);
			packet[bit / 8] ^= 1 << bit % 8;
		}
	}
}

static bool opens(const struct exchange *x)
{
	struct ps_quic_origin origin;
	bool opened;
	u8 *copy = malloc(x->token_length ? x->token_length : 1);

	memcpy(copy, x->token, x->token_length);
	opened = ps_quic_token_open(&origin, copy, x->token_length, &x->key, &x->client);
	free(copy);
	return opened;
}

static void flip_each_bit(struct exchange *x, void *at, u32 bytes)
{
	u8 *byte = at;
	u32 bit;

	for (bit = 0; bit < 8 * bytes; bit++) {
		byte[bit / 8] ^= 1 << bit % 8;
		assert_false(opens(x));
		byte[bit / 8] ^= 1 << bit % 8;
	}
	assert_true(opens(x));
}

static void test_one_bit_is_enough(void **state)
{
	struct exchange x;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		load(&x, &vectors[i]);
		flip_each_bit(&x, x.token, x.token_length);
		flip_each_bit(&x, &x.key, sizeof(x.key));
		flip_each_bit(&x, x.scid, x.client.scid_length);
		flip_each_bit(&x, &x.client.port, sizeof(x.client.port));
		flip_each_bit(&x, &x.client.version, sizeof(x.client.version));
		/* Which words of an IPv4 address make it one is nothing that a packet says. */
		if (ps_addr_is_ipv4(&x.addr) && !x.client.mapped)
			flip_each_bit(&x, &x.addr.word[3], 4);
		else
			flip_each_bit(&x, &x.addr, sizeof(x.addr));
		if (ps_addr_is_ipv4(&x.addr)) {
			x.client.mapped = !x.client.mapped;
			assert_false(opens(&x));
			x.client.mapped = !x.client.mapped;
		}
		if (x.client.scid_length) {
			x.client.scid_length--;
			assert_false(opens(&x));
		}
	}
}

static void test_tokens_of_other_lengths(void **state)
{
	struct exchange x;
	u32 i, whole;

	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		load(&x, &vectors[i]);
		whole = x.token_length;
		for (x.token_length = 0; x.token_length < sizeof(x.token); x.token_length++)
			assert_int_equal(opens(&x), x.token_length == whole);
	}
}

/* An id whose length isn't what the token has room for: sealed right, and still no token. */
static void test_a_length_that_lies(void **state)
{
	struct exchange x;
	u8 sealed[PS_QUIC_TOKEN_MAX];
	u32 lie;

	load(&x, &vectors[0]);
	for (lie = 0; lie < 7; lie++) {
		/* The cipher is a stream: but then the tag is wrong, too. */
		x.token[1] ^= (u8)(1 + lie);
		assert_false(opens(&x));
		x.token[1] ^= (u8)(1 + lie);
	}
	/* Under 8 bytes, which no first Initial has. */
	for (lie = 0; lie < 8; lie++) {
		x.origin.odcid_length = (u8)lie;
		x.token_length = ps_quic_token_seal(sealed, &x.key, &x.client, &x.origin, &x.salt);
		memcpy(x.token, sealed, x.token_length);
		assert_false(opens(&x));
	}
	for (lie = 8; lie <= 20; lie++) {
		x.origin.odcid_length = (u8)lie;
		x.token_length = ps_quic_token_seal(sealed, &x.key, &x.client, &x.origin, &x.salt);
		assert_int_equal(x.token_length, 38 + lie);
		memcpy(x.token, sealed, x.token_length);
		assert_true(opens(&x));
	}
}

static void test_freshness(void **state)
{
	const u32 times[] = { 0, 5, 0x7fffffff, 0x80000000, 0xfffffffe };
	u32 i;
	int d;

	for (i = 0; i < ARRAY_SIZE(times); i++)
		for (d = -40; d <= 40; d++)
			assert_int_equal(ps_quic_token_is_fresh(times[i], times[i] + (u32)d),
					 abs(d) <= 10);
	assert_false(ps_quic_token_is_fresh(0, 0x80000000));
}

static void assert_sha1(const void *data, u32 length, const char *digest)
{
	u8 got[PS_SHA1_BYTES], want[PS_SHA1_BYTES];

	ps_sha1(got, data, length);
	bytes_of(want, digest);
	assert_memory_equal(got, want, sizeof(got));
}

static void test_sha1(void **state)
{
	static u8 many[1000000];

	assert_sha1("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	assert_sha1("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		    "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
	memset(many, 'a', sizeof(many));
	assert_sha1(many, sizeof(many), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	/* Where the length just fits the last block, and where it doesn't. */
	assert_sha1(many, 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a");
	assert_sha1(many, 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_of_clusters),
		cmocka_unit_test(test_recorded_tokens_are_made),
		cmocka_unit_test(test_recorded_tokens_are_read),
		cmocka_unit_test(test_recorded_tags),
		cmocka_unit_test(test_tags_of_the_rfcs),
		cmocka_unit_test(test_one_bit_is_enough),
		cmocka_unit_test(test_tokens_of_other_lengths),
		cmocka_unit_test(test_a_length_that_lies),
		cmocka_unit_test(test_freshness),
		cmocka_unit_test(test_sha1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
