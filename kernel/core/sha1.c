// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-1, written from FIPS 180-4; see sha1.h. */
#include "bytes.h"
#include "sha1.h"

#define PS_SHA1_BLOCK  64U
#define PS_SHA1_ROUNDS 80U
#define PS_SHA1_SIZE   8U /* bytes of the length at the end */

static u32 ps_sha1_rotate(u32 x, u32 bits)
{
	return x << bits | x >> (32 - bits);
}

/* What the rounds differ in: a function of three words, and a constant. */
static u32 ps_sha1_mix(u32 round, u32 b, u32 c, u32 d)
{
	switch (round / 20) {
	case 0:
		return ((b & c) | (~b & d)) + 0x5a827999;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1;
	case 2:
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	default:
		return (b ^ c ^ d) + 0xca62c1d6;
	}
}

static void ps_sha1_block(u32 state[5], const u8 *block)
{
	u32 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
	u32 word[PS_SHA1_ROUNDS], i, next;

	for (i = 0; i < 16; i++)
		word[i] = ps_bytes_u32(block + 4 * i);
	for (; i < PS_SHA1_ROUNDS; i++)
		word[i] =
			ps_sha1_rotate(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^ word[i - 16], 1);
	for (i = 0; i < PS_SHA1_ROUNDS; i++) {
		next = ps_sha1_rotate(a, 5) + ps_sha1_mix(i, b, c, d) + e + word[i];
		e = d;
		d = c;
		c = ps_sha1_rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void ps_sha1(u8 *digest, const u8 *data, u32 length)
{
	u32 state[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	u8 last[2 * PS_SHA1_BLOCK] = {};
	u32 rest = length % PS_SHA1_BLOCK, end, i;

	for (i = 0; i + PS_SHA1_BLOCK <= length; i += PS_SHA1_BLOCK)
		ps_sha1_block(state, data + i);
	memcpy(last, data + i, rest);
	last[rest] = 0x80;
	end = rest + 1 + PS_SHA1_SIZE > PS_SHA1_BLOCK ? 2 * PS_SHA1_BLOCK : PS_SHA1_BLOCK;
	ps_bytes_put_u32(last + end - 8, length >> 29);
	ps_bytes_put_u32(last + end - 4, length << 3);
	for (i = 0; i < end; i += PS_SHA1_BLOCK)
		ps_sha1_block(state, last + i);
	for (i = 0; i < 5; i++)
		ps_bytes_put_u32(digest + 4 * i, state[i]);
}
