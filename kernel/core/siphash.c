// SPDX-License-Identifier: GPL-2.0-or-later
/* The keyed hash of siphash.h. */
#include "siphash.h"

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

static __always_inline void ps_siphash_absorb(struct ps_siphash_state *v, u64 word)
{
	v->d ^= word;
	ps_siphash_round(v);
	v->a ^= word;
}

u64 ps_siphash(const struct ps_siphash_key *key, const u64 *word, u32 words)
{
	/* "somepseudorandomlygeneratedbytes", as the paper has it. */
	struct ps_siphash_state v = {
		.a = key->word[0] ^ 0x736f6d6570736575ULL,
		.b = key->word[1] ^ 0x646f72616e646f6dULL,
		.c = key->word[0] ^ 0x6c7967656e657261ULL,
		.d = key->word[1] ^ 0x7465646279746573ULL,
	};
	u32 i;

	for (i = 0; i < words; i++)
		ps_siphash_absorb(&v, word[i]);
	/* No bytes are left over: the last block is the length alone. */
	ps_siphash_absorb(&v, (u64)words * sizeof(u64) << 56);
	v.c ^= 0xff;
	for (i = 0; i < PS_SIPHASH_FINAL_ROUNDS; i++)
		ps_siphash_round(&v);
	return v.a ^ v.b ^ v.c ^ v.d;
}
