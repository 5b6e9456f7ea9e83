// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keyed hash against a slow one that is written for any number of rounds
 * and bytes, and that is itself checked by the example of the SipHash paper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "siphash.h"

static u64 left(u64 x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static u64 little_endian(const u8 *byte, size_t n)
{
	u64 x = 0;

	while (n--)
		x = x << 8 | byte[n];
	return x;
}

static void rounds(u64 v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = left(v[1], 13);
		v[1] ^= v[0];
		v[0] = left(v[0], 32);
		v[2] += v[3];
		v[3] = left(v[3], 16);
		v[3] ^= v[2];
		v[0] += v[3];
		v[3] = left(v[3], 21);
		v[3] ^= v[0];
		v[2] += v[1];
		v[1] = left(v[1], 17);
		v[1] ^= v[2];
		v[2] = left(v[2], 32);
	}
}

static u64 siphash_of_bytes(int compression, int finalization, const u8 key[16], const u8 *byte,
			    size_t n)
{
	u64 v[4], m;
	size_t at;

	v[0] = little_endian(key, 8) ^ little_endian((const u8 *)"uespemos", 8);
	v[1] = little_endian(key + 8, 8) ^ little_endian((const u8 *)"modnarod", 8);
	v[2] = little_endian(key, 8) ^ little_endian((const u8 *)"arenegyl", 8);
	v[3] = little_endian(key + 8, 8) ^ little_endian((const u8 *)"setybdet", 8);
	for (at = 0; at <= n; at += 8) {
		if (n - at >= 8)
			m = little_endian(byte + at, 8);
		else
			m = little_endian(byte + at, n - at) | (u64)n << 56;
		v[3] ^= m;
		rounds(v, compression);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	rounds(v, finalization);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void test_the_slow_one_gives_the_example_of_the_paper(void **state)
{
	u8 key[16], message[15];
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = i;
	for (i = 0; i < sizeof(message); i++)
		message[i] = i;
	assert_true(siphash_of_bytes(2, 4, key, message, 15) == 0xa129ca6149be45e5ULL);
	/* And one of the reference implementation's: no byte at all. */
	assert_true(siphash_of_bytes(2, 4, key, message, 0) == 0x726fdb47dd0e0e31ULL);
}

static u64 random64(void)
{
	return (u64)random() << 42 ^ (u64)random() << 21 ^ random();
}

static void test_it_is_siphash_1_3_for_any_number_of_words(void **state)
{
	struct ps_siphash_key key;
	u8 byte[31 * 8], key_byte[16];
	u32 words, i, repeat;
	u64 word[31];

	for (repeat = 0; repeat < 50; repeat++) {
		for (i = 0; i < 2; i++)
			key.word[i] = random64();
		for (i = 0; i < 16; i++)
			key_byte[i] = key.word[i / 8] >> i % 8 * 8;
		for (i = 0; i < 31; i++)
			word[i] = random64();
		for (i = 0; i < sizeof(byte); i++)
			byte[i] = word[i / 8] >> i % 8 * 8;
		for (words = 0; words <= 31; words++) {
			assert_true(ps_siphash(&key, word, words) ==
				    siphash_of_bytes(1, 3, key_byte, byte, words * 8));
			/* What others get to see is the whole SipHash. */
			assert_true(ps_siphash_public(&key, word, words) ==
				    siphash_of_bytes(2, 4, key_byte, byte, words * 8));
		}
	}
}

static void test_every_bit_counts(void **state)
{
	struct ps_siphash_key key = { { 1, 2 } };
	u64 word[5] = { 3, 4, 5, 6, 7 }, plain, differ, seen = 0;
	u32 bit, flips = 0;

	plain = ps_siphash(&key, word, 5);
	for (bit = 0; bit < 5 * 64; bit++) {
		word[bit / 64] ^= 1ULL << bit % 64;
		differ = plain ^ ps_siphash(&key, word, 5);
		word[bit / 64] ^= 1ULL << bit % 64;
		seen |= differ;
		flips += __builtin_popcountll(differ);
	}
	assert_true(seen == ~0ULL);
	/* Half of the bits on the average: 32 * 320, 4 % to either side is > 5 sigma. */
	assert_in_range(flips, 9830, 10650);
	for (bit = 0; bit < 128; bit++) {
		key.word[bit / 64] ^= 1ULL << bit % 64;
		assert_true(ps_siphash(&key, word, 5) != plain);
		key.word[bit / 64] ^= 1ULL << bit % 64;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_slow_one_gives_the_example_of_the_paper),
		cmocka_unit_test(test_it_is_siphash_1_3_for_any_number_of_words),
		cmocka_unit_test(test_every_bit_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
