/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3 of 64-bit words (Aumasson, Bernstein: "SipHash: a fast short-input
 * PRF", 2012). Without the key nobody can tell two inputs that collide from two
 * that don't, so nobody can aim packets at one bucket or guess a fingerprint.
 * One compression and three finalization rounds are what hash tables use; that
 * output is never shown to anybody. What is shown has SipHash-2-4.
 *
 * Everything is inlined: with a number of words that the compiler knows no
 * memory is touched.
 */
#ifndef PS_CORE_SIPHASH_H
#define PS_CORE_SIPHASH_H

#include "platform.h"

/**
 * struct ps_siphash_key - 128 random bits
 * @word: the key's first and last eight bytes, little-endian
 */
struct ps_siphash_key {
	u64 word[2];
};

#define PS_SIPHASH_FINAL_ROUNDS 3

struct ps_siphash_state {
	u64 a, b, c, d;
};

static __always_inline u64 ps_siphash_rotate(u64 x, u32 bits)
{
	return x << bits | x >> (64 - bits);
}

static __always_inline void ps_siphash_round(struct ps_siphash_state *v)
{
	v->a += v->b;
	v->c += v->d;
	v->b = ps_siphash_rotate(v->b, 13) ^ v->a;
	v->d = ps_siphash_rotate(v->d, 16) ^ v->c;
	v->a = ps_siphash_rotate(v->a, 32);
	v->c += v->b;
	v->a += v->d;
	v->b = ps_siphash_rotate(v->b, 17) ^ v->c;
	v->d = ps_siphash_rotate(v->d, 21) ^ v->a;
	v->c = ps_siphash_rotate(v->c, 32);
}

static __always_inline void ps_siphash_absorb(struct ps_siphash_state *v, u64 word,
					      const u32 rounds)
{
	u32 i;

	v->d ^= word;
#pragma GCC unroll 8
	for (i = 0; i < rounds; i++)
		ps_siphash_round(v);
	v->a ^= word;
}

/* SipHash with that many rounds for a word, and at the end. */
static __always_inline u64 ps_siphash_rounds(const struct ps_siphash_key *key, const u64 *word,
					    const u32 words, const u32 each, const u32 final)
{
	/* "somepseudorandomlygeneratedbytes", as the paper has it. */
	struct ps_siphash_state v = {
		.a = key->word[0] ^ 0x736f6d6570736575ULL,
		.b = key->word[1] ^ 0x646f72616e646f6dULL,
		.c = key->word[0] ^ 0x6c7967656e657261ULL,
		.d = key->word[1] ^ 0x7465646279746573ULL,
	};
	u32 i;

#pragma GCC unroll 8
	for (i = 0; i < words; i++)
		ps_siphash_absorb(&v, word[i], each);
	/* No bytes are left over: the last block is the length alone. */
	ps_siphash_absorb(&v, (u64)words * sizeof(u64) << 56, each);
	v.c ^= 0xff;
#pragma GCC unroll 8
	for (i = 0; i < final; i++)
		ps_siphash_round(&v);
	return v.a ^ v.b ^ v.c ^ v.d;
}

/**
 * ps_siphash() - keyed hash of some words
 * @key: the secret
 * @word: the words; as a message of bytes each is little-endian
 * @words: their number, 0-31
 *
 * Return: 64 bits, all of them equally good.
 */
static __always_inline u64 ps_siphash(const struct ps_siphash_key *key, const u64 *word,
				     const u32 words)
{
	return ps_siphash_rounds(key, word, words, 1, PS_SIPHASH_FINAL_ROUNDS);
}

/**
 * ps_siphash_public() - the same for a hash that others get to see: SipHash-2-4
 * @key: a secret of its own
 * @word: the words
 * @words: their number, 0-31
 *
 * Return: 64 bits, all of them equally good.
 */
static __always_inline u64 ps_siphash_public(const struct ps_siphash_key *key, const u64 *word,
					    const u32 words)
{
	return ps_siphash_rounds(key, word, words, 2, 4);
}

#endif
