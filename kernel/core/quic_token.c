// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tokens and tags; see quic_token.h.
 *
 * Theory of operation
 *
 * A token is AES-128-GCM (NIST SP 800-38D) under key and nonce that HKDF-SHA256
 * (RFC 5869) derives from the cluster's key and the token's salt. Its text has
 * 25 bytes at most. So the cipher is asked once, for four blocks: zeros, whose
 * encryption is the key of GHASH; the first counter, which masks the tag; and
 * two more that mask the text.
 *
 * The tag of a Retry packet is GCM without a text under a key and a nonce that
 * everybody knows. Both blocks that the cipher would give are constants then,
 * and no cipher is needed.
 *
 * GHASH multiplies without tables, so its time says nothing about the key: in
 * the product of integers that have only every fourth bit set carries go to
 * bits in between, which are masked out (the method is Thomas Pornin's, for
 * BearSSL). That gives the lower half of a product; the upper one is the lower
 * half of the product of the reversed factors.
 */
#include "bytes.h"
#include "quic_token.h"
#include "sha1.h"

#define PS_SHA256_BYTES	 32U
#define PS_SHA256_BLOCK	 64U
#define PS_AES_BLOCK	 16U
#define PS_GCM_NONCE	 12U
#define PS_QUIC_TEXT_MAX (1 + PS_QUIC_CID_MAX + 4) /* length, id, time */
#define PS_QUIC_AAD_MAX	 (4 + 2 + 16 + PS_QUIC_CID_MAX)

static_assert(PS_QUIC_TEXT_MAX <= 2 * PS_AES_BLOCK, "two blocks mask the text");

/* 128 bits as a polynomial over GF(2), as GCM has them: the first byte on top. */
struct ps_gf128 {
	u64 high, low;
};

/**
 * struct ps_gcm - AES-128-GCM of one short text
 * @hash: the key of GHASH
 * @tag_mask: for the tag
 * @text_mask: for the text
 */
struct ps_gcm {
	u8 hash[PS_AES_BLOCK];
	u8 tag_mask[PS_AES_BLOCK];
	u8 text_mask[2 * PS_AES_BLOCK];
};

static_assert(sizeof(struct ps_gcm) == 4 * PS_AES_BLOCK, "blocks of the cipher in a row");

static u64 ps_quic_load(const u8 *at)
{
	return (u64)ps_bytes_u32(at) << 32 | ps_bytes_u32(at + 4);
}

static void ps_quic_store(u8 *at, u64 value)
{
	ps_bytes_put_u32(at, (u32)(value >> 32));
	ps_bytes_put_u32(at + 4, (u32)value);
}

static struct ps_gf128 ps_gf128_load(const u8 *at)
{
	return (struct ps_gf128){ ps_quic_load(at), ps_quic_load(at + 8) };
}

/* The lower 64 bits of a product without carries. */
static u64 ps_gf_multiply(u64 x, u64 y)
{
	const u64 every = 0x1111111111111111ULL;
	const u64 x0 = x & every, x1 = x & every << 1, x2 = x & every << 2, x3 = x & every << 3;
	const u64 y0 = y & every, y1 = y & every << 1, y2 = y & every << 2, y3 = y & every << 3;

	return ((x0 * y0 ^ x1 * y3 ^ x2 * y2 ^ x3 * y1) & every) |
	       ((x0 * y1 ^ x1 * y0 ^ x2 * y3 ^ x3 * y2) & every << 1) |
	       ((x0 * y2 ^ x1 * y1 ^ x2 * y0 ^ x3 * y3) & every << 2) |
	       ((x0 * y3 ^ x1 * y2 ^ x2 * y1 ^ x3 * y0) & every << 3);
}

static u64 ps_gf_reverse_step(u64 x, u64 mask, u32 shift)
{
	return (x & mask) << shift | (x >> shift & mask);
}

static u64 ps_gf_reverse(u64 x)
{
	x = ps_gf_reverse_step(x, 0x5555555555555555ULL, 1);
	x = ps_gf_reverse_step(x, 0x3333333333333333ULL, 2);
	x = ps_gf_reverse_step(x, 0x0f0f0f0f0f0f0f0fULL, 4);
	x = ps_gf_reverse_step(x, 0x00ff00ff00ff00ffULL, 8);
	x = ps_gf_reverse_step(x, 0x0000ffff0000ffffULL, 16);
	return x << 32 | x >> 32;
}

/* All 127 bits of a product without carries. */
static struct ps_gf128 ps_gf_multiply_whole(u64 x, u64 y)
{
	return (struct ps_gf128){
		.high = ps_gf_reverse(ps_gf_multiply(ps_gf_reverse(x), ps_gf_reverse(y))) >> 1,
		.low = ps_gf_multiply(x, y),
	};
}

/*
 * The product modulo x^128 + x^7 + x^2 + x + 1. GCM counts bits from the other
 * end: the product of 255 bits is shifted by one, and its lower half is what
 * must be folded into the upper one.
 */
static struct ps_gf128 ps_gf128_multiply(struct ps_gf128 x, struct ps_gf128 y)
{
	struct ps_gf128 low = ps_gf_multiply_whole(x.low, y.low);
	struct ps_gf128 high = ps_gf_multiply_whole(x.high, y.high);
	struct ps_gf128 cross = ps_gf_multiply_whole(x.high ^ x.low, y.high ^ y.low);
	u64 word[4];

	cross.low ^= low.low ^ high.low;
	cross.high ^= low.high ^ high.high;
	word[0] = low.low << 1;
	word[1] = (low.high ^ cross.low) << 1 | low.low >> 63;
	word[2] = (high.low ^ cross.high) << 1 | (low.high ^ cross.low) >> 63;
	word[3] = high.high << 1 | (high.low ^ cross.high) >> 63;
	word[2] ^= word[0] ^ word[0] >> 1 ^ word[0] >> 2 ^ word[0] >> 7;
	word[1] ^= word[0] << 63 ^ word[0] << 62 ^ word[0] << 57;
	word[3] ^= word[1] ^ word[1] >> 1 ^ word[1] >> 2 ^ word[1] >> 7;
	word[2] ^= word[1] << 63 ^ word[1] << 62 ^ word[1] << 57;
	return (struct ps_gf128){ word[3], word[2] };
}

static void ps_ghash_block(struct ps_gf128 *sum, struct ps_gf128 key, struct ps_gf128 block)
{
	sum->high ^= block.high;
	sum->low ^= block.low;
	*sum = ps_gf128_multiply(*sum, key);
}

/* Bytes, padded with zeros to whole blocks. */
static void ps_ghash_add(struct ps_gf128 *sum, struct ps_gf128 key, const u8 *data, u32 length)
{
	u8 last[PS_AES_BLOCK] = {};

	for (; length >= PS_AES_BLOCK; data += PS_AES_BLOCK, length -= PS_AES_BLOCK)
		ps_ghash_block(sum, key, ps_gf128_load(data));
	if (!length)
		return;
	memcpy(last, data, length);
	ps_ghash_block(sum, key, ps_gf128_load(last));
}

/* The tag: both lengths in bits end the message, and the mask hides the sum. */
static void ps_ghash_end(u8 *tag, struct ps_gf128 sum, struct ps_gf128 key, struct ps_gf128 mask,
			 u32 aad_length, u32 text_length)
{
	ps_ghash_block(&sum, key, (struct ps_gf128){ (u64)aad_length * 8, (u64)text_length * 8 });
	ps_quic_store(tag, sum.high ^ mask.high);
	ps_quic_store(tag + 8, sum.low ^ mask.low);
}

static void ps_quic_mask(u8 *to, const u8 *from, const u8 *mask, u32 length)
{
	u32 i;

	for (i = 0; i < length; i++)
		to[i] = from[i] ^ mask[i];
}

/* HMAC-SHA256 (RFC 2104) of a message that is no longer than a digest. */
static void ps_quic_hmac(u8 *mac, const u8 *key, u32 key_length, const void *message, u32 length)
{
	u8 inner[PS_SHA256_BLOCK + PS_SHA256_BYTES], outer[PS_SHA256_BLOCK + PS_SHA256_BYTES];
	u32 i;

	memset(inner, 0x36, PS_SHA256_BLOCK);
	memset(outer, 0x5c, PS_SHA256_BLOCK);
	for (i = 0; i < key_length; i++) {
		inner[i] ^= key[i];
		outer[i] ^= key[i];
	}
	memcpy(inner + PS_SHA256_BLOCK, message, length);
	ps_platform_sha256(outer + PS_SHA256_BLOCK, inner, PS_SHA256_BLOCK + length);
	ps_platform_sha256(mac, outer, sizeof(outer));
}

static void ps_quic_prepare(struct ps_gcm *gcm, const struct ps_quic_key *key, const u8 *salt)
{
	static const char for_key[] = "retry token key\x01", for_nonce[] = "retry token iv\x01";
	u8 prk[PS_SHA256_BYTES], aes[PS_SHA256_BYTES], nonce[PS_SHA256_BYTES];
	u8 *counter = gcm->tag_mask;
	u32 i;

	ps_quic_hmac(prk, salt, sizeof(struct ps_quic_salt), key->byte, sizeof(key->byte));
	ps_quic_hmac(aes, prk, sizeof(prk), for_key, sizeof(for_key) - 1);
	ps_quic_hmac(nonce, prk, sizeof(prk), for_nonce, sizeof(for_nonce) - 1);
	memset(gcm->hash, 0, sizeof(gcm->hash));
	for (i = 1; i <= 3; i++, counter += PS_AES_BLOCK) {
		memcpy(counter, nonce, PS_GCM_NONCE);
		ps_bytes_put_u32(counter + PS_GCM_NONCE, i);
	}
	ps_platform_aes128(aes, gcm->hash, 4);
}

static u32 ps_quic_aad(u8 *aad, const struct ps_quic_client *client)
{
	u32 first = ps_addr_is_ipv4(client->addr) && !client->mapped ? 3 : 0, i;
	u8 *at = aad;

	ps_bytes_put_u32(at, client->version);
	ps_bytes_put_u16(at + 4, client->port);
	at += 6;
	for (i = first; i < 4; i++, at += 4)
		ps_bytes_put_u32(at, client->addr->word[i]);
	memcpy(at, client->scid, client->scid_length);
	return (u32)(at - aad) + client->scid_length;
}

static void ps_quic_token_tag(u8 *tag, const struct ps_gcm *gcm,
			      const struct ps_quic_client *client, const u8 *text, u32 length)
{
	struct ps_gf128 sum = {}, hash = ps_gf128_load(gcm->hash);
	u8 aad[PS_QUIC_AAD_MAX];
	u32 aad_length = ps_quic_aad(aad, client);

	ps_ghash_add(&sum, hash, aad, aad_length);
	ps_ghash_add(&sum, hash, text, length);
	ps_ghash_end(tag, sum, hash, ps_gf128_load(gcm->tag_mask), aad_length, length);
}

void ps_quic_key_make(struct ps_quic_key *key, const u8 *secret, u32 length)
{
	u8 digest[PS_SHA1_BYTES];

	ps_sha1(digest, secret, length);
	memcpy(key->byte, digest, sizeof(key->byte));
}

u32 ps_quic_token_seal(u8 *token, const struct ps_quic_key *key,
		       const struct ps_quic_client *client, const struct ps_quic_origin *origin,
		       const struct ps_quic_salt *salt)
{
	u32 length = 1U + origin->odcid_length + 4U;
	u8 text[PS_QUIC_TEXT_MAX];
	struct ps_gcm gcm;

	text[0] = origin->odcid_length;
	memcpy(text + 1, origin->odcid, origin->odcid_length);
	ps_bytes_put_u32(text + length - 4, origin->time);
	ps_quic_prepare(&gcm, key, salt->byte);
	*token++ = PS_QUIC_TOKEN_RETRY;
	ps_quic_mask(token, text, gcm.text_mask, length);
	ps_quic_token_tag(token + length, &gcm, client, token, length);
	memcpy(token + length + PS_QUIC_TAG, salt->byte, sizeof(*salt));
	return 1 + length + PS_QUIC_TAG + (u32)sizeof(*salt);
}

/* Without a hint, by the time it takes, where two tags differ. */
static bool ps_quic_same_tag(const u8 *a, const u8 *b)
{
	u8 differ = 0;
	u32 i;

	for (i = 0; i < PS_QUIC_TAG; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

bool ps_quic_token_open(struct ps_quic_origin *origin, const u8 *token, u32 length,
			const struct ps_quic_key *key, const struct ps_quic_client *client)
{
	const u32 rest = 1 + PS_QUIC_TAG + sizeof(struct ps_quic_salt);
	u8 tag[PS_QUIC_TAG], text[PS_QUIC_TEXT_MAX];
	struct ps_gcm gcm;
	u32 bytes;

	if (length < rest + 1 + PS_QUIC_CID_FIRST + 4 || length > rest + PS_QUIC_TEXT_MAX ||
	    *token++ != PS_QUIC_TOKEN_RETRY)
		return false;
	bytes = length - rest;
	ps_quic_prepare(&gcm, key, token + bytes + PS_QUIC_TAG);
	ps_quic_token_tag(tag, &gcm, client, token, bytes);
	if (!ps_quic_same_tag(tag, token + bytes))
		return false;
	ps_quic_mask(text, token, gcm.text_mask, bytes);
	if (text[0] != bytes - 5)
		return false;
	origin->odcid_length = text[0];
	memcpy(origin->odcid, text + 1, text[0]);
	origin->time = ps_bytes_u32(text + bytes - 4);
	return true;
}

/* What AES-128 makes of zeros and of the first counter, under the keys that the RFCs publish. */
static const struct ps_quic_retry_keys {
	struct ps_gf128 hash, mask;
} ps_quic_retry_v1 = { { 0x72956a454ffaff54, 0x85a13a1244d01d47 },
		       { 0x555e4b7493556eea, 0xaf75d35bd7fba5d8 } },
  ps_quic_retry_v2 = { { 0x65f6bee10d700eda, 0x919c5c6978e47a5d },
		       { 0x4e901396e3a9359f, 0x4535b65e5ad6ae51 } },
  ps_quic_retry_29 = { { 0xd30286104c7b96a4, 0x89ef7c9c4dfffb36 },
		       { 0xdbeed5297b1e0256, 0xae4aaef8862f1693 } };

static const struct ps_quic_retry_keys *ps_quic_retry_keys(u32 version)
{
	switch (version) {
	case PS_QUIC_VERSION_2:
		return &ps_quic_retry_v2;
	case PS_QUIC_DRAFT_29:
		return &ps_quic_retry_29;
	default:
		return &ps_quic_retry_v1;
	}
}

void ps_quic_retry_tag(u8 *tag, u32 version, const struct ps_quic_origin *origin, const u8 *retry,
		       u32 length)
{
	const struct ps_quic_retry_keys *keys = ps_quic_retry_keys(version);
	u8 aad[1 + PS_QUIC_CID_MAX + 255];
	u32 before = 1U + origin->odcid_length;
	struct ps_gf128 sum = {};

	aad[0] = origin->odcid_length;
	memcpy(aad + 1, origin->odcid, origin->odcid_length);
	memcpy(aad + before, retry, length);
	ps_ghash_add(&sum, keys->hash, aad, before + length);
	ps_ghash_end(tag, sum, keys->hash, keys->mask, before + length, 0);
}
