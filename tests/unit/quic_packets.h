/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QUIC datagrams for tests: a description with defaults becomes bytes. What
 * would be encrypted is filler.
 */
#ifndef PS_TESTS_QUIC_PACKETS_H
#define PS_TESTS_QUIC_PACKETS_H

#include <string.h>

#include "quic_header.h"

#define QUIC_MAX	2048U
#define QUIC_NO_CID	0xff	/* for a length that is really 0 */

/**
 * struct quic - what a datagram should be
 * @type:	enum ps_quic_type; PS_QUIC_INITIAL is the default
 * @version:	default 1; UNKNOWN and NEGOTIATION choose for themselves
 * @dcid:	default a1 a2 ...
 * @dcid_length: default 8
 * @scid:	default b1 b2 ...
 * @scid_length: default 8
 * @token:	of an Initial, default none
 * @token_length: bytes of it
 * @token_size:	bytes that its length takes, 1, 2, 4 or 8; default the fewest
 * @length_size: of the Length field, likewise; default 2
 * @bytes:	of the whole datagram; default 1200, of short headers 40
 * @first:	lowest bits of the first byte
 */
struct quic {
	enum ps_quic_type type;
	u32 version;
	const u8 *dcid;
	u8 dcid_length;
	const u8 *scid;
	u8 scid_length;
	const u8 *token;
	u32 token_length;
	u32 token_size;
	u32 length_size;
	u32 bytes;
	u8 first;
};

static inline u8 *put_varint(u8 *at, u64 value, u32 size)
{
	u32 log = size == 8 ? 3 : size == 4 ? 2 : size == 2 ? 1 : 0, i;

	for (i = 0; i < size; i++)
		at[i] = (u8)(value >> 8 * (size - 1 - i));
	at[0] |= (u8)(log << 6);
	return at + size;
}

static inline u8 *put_cid(u8 *at, const u8 *cid, u32 length, u8 filler)
{
	u32 i;

	*at++ = (u8)length;
	for (i = 0; i < length; i++)
		at[i] = cid ? cid[i] : (u8)(filler + i);
	return at + length;
}

static inline u8 quic_first_byte(const struct quic *q, u32 version)
{
	u32 bits = q->type;

	if (q->type == PS_QUIC_SHORT)
		return 0x40 | (q->first & 0x3f);
	if (version == PS_QUIC_VERSION_2)
		bits++;
	return (u8)(0xc0 | (bits & 3) << 4 | (q->first & 0xf));
}

/* Write the datagram; @end, if not NULL, gets the offset where its header ends. */
static inline u32 quic_build(u8 *to, const struct quic *q, u32 *end)
{
	u32 bytes = q->bytes ? q->bytes : q->type == PS_QUIC_SHORT ? 40 : 1200;
	u32 version = q->version ? q->version : PS_QUIC_VERSION_1, i;
	u32 size = q->length_size ? q->length_size : 2;
	u8 *at = to;

	for (i = 0; i < bytes; i++)
		to[i] = (u8)(i * 5 + 3);
	if (q->type == PS_QUIC_NEGOTIATION)
		version = 0;
	if (q->type == PS_QUIC_UNKNOWN)
		version = 0x1a2a3a4a;
	*at++ = quic_first_byte(q, version);
	if (q->type != PS_QUIC_SHORT) {
		at[0] = (u8)(version >> 24);
		at[1] = (u8)(version >> 16);
		at[2] = (u8)(version >> 8);
		at[3] = (u8)version;
		at = put_cid(at + 4, q->dcid, q->dcid_length == QUIC_NO_CID ? 0 :
			     q->dcid_length ? q->dcid_length : 8, 0xa1);
		at = put_cid(at, q->scid, q->scid_length == QUIC_NO_CID ? 0 :
			     q->scid_length ? q->scid_length : 8, 0xb1);
	}
	if (q->type == PS_QUIC_INITIAL) {
		at = put_varint(at, q->token_length,
				q->token_size ? q->token_size : q->token_length < 64 ? 1 : 2);
		if (q->token_length)
			memcpy(at, q->token, q->token_length);
		at += q->token_length;
	}
	if (q->type <= PS_QUIC_HANDSHAKE)
		at = put_varint(at, bytes - (u32)(at - to) - size, size);
	if (end)
		*end = (u32)(at - to);
	return bytes;
}

#endif
