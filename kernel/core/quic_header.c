// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QUIC headers; see quic_header.h. A walk from field to field, each of which is
 * asked for before it is read; the first that isn't there ends it.
 */
#include "bytes.h"
#include "quic_header.h"

#define PS_QUIC_LONG	  0x80 /* first byte: header form */
#define PS_QUIC_FIXED	  0x40
#define PS_QUIC_INVARIANT 5U  /* bytes: the first one and the version */
#define PS_QUIC_SAMPLE	  20U /* bytes of a protected packet (RFC 9001 5.4.2), at least */
#define PS_QUIC_SHORTEST  21U /* of one with a short header (RFC 9000 10.3) */

/**
 * struct ps_quic_walk - where the walk is
 * @data: the datagram
 * @readable: bytes of it that may be read
 * @length: bytes of it
 * @at: offset of the next field
 */
struct ps_quic_walk {
	const u8 *data;
	u32 readable;
	u32 length;
	u32 at;
};

/* Take @bytes that can be read; NULL where they can't. */
static const u8 *ps_quic_take(struct ps_quic_walk *walk, u32 bytes)
{
	const u8 *field = walk->data + walk->at;

	if (bytes > walk->readable - walk->at)
		return NULL;
	walk->at += bytes;
	return field;
}

/* RFC 9000, 16: two bits say how long it is, and it may be longer than it had to be. */
static bool ps_quic_take_varint(struct ps_quic_walk *walk, u64 *value)
{
	const u8 *field = ps_quic_take(walk, 1);
	u32 more;

	if (!field)
		return false;
	more = (1U << (*field >> 6)) - 1;
	*value = *field & 0x3f;
	field = ps_quic_take(walk, more);
	if (!field)
		return false;
	for (; more; more--)
		*value = *value << 8 | *field++;
	return true;
}

static const u8 *ps_quic_take_cid(struct ps_quic_walk *walk, u8 *length)
{
	const u8 *field = ps_quic_take(walk, 1);

	if (!field)
		return NULL;
	*length = *field;
	return ps_quic_take(walk, *length);
}

static bool ps_quic_is_known(u32 version)
{
	return version == PS_QUIC_VERSION_1 || version == PS_QUIC_VERSION_2 ||
	       version == PS_QUIC_DRAFT_29;
}

static enum ps_quic_type ps_quic_type(u32 version, u8 first)
{
	u32 bits = first >> 4 & 3;

	if (!version)
		return PS_QUIC_NEGOTIATION;
	if (!ps_quic_is_known(version))
		return PS_QUIC_UNKNOWN;
	/* RFC 9369 3.2: 1, 2, 3, 0. */
	return version == PS_QUIC_VERSION_2 ? (bits + 3) & 3 : bits;
}

/*
 * Both ids. Those of other versions may have 255 bytes each, and are nobody's
 * business here but for being there: the second may begin behind what is read.
 */
static enum ps_reason ps_quic_walk_cids(struct ps_quic_walk *walk, struct ps_quic_header *header)
{
	bool known = ps_quic_is_known(header->version);
	const u8 *field;

	field = ps_quic_take_cid(walk, &header->dcid_length);
	if (known && header->dcid_length > PS_QUIC_CID_MAX)
		return PS_REASON_quic_cid_length;
	header->dcid = field;
	if (field)
		field = ps_quic_take_cid(walk, &header->scid_length);
	if (known && header->scid_length > PS_QUIC_CID_MAX)
		return PS_REASON_quic_cid_length;
	header->scid = field;
	if (field || (!known && walk->length > walk->readable))
		return PS_REASON_UNDECIDED;
	return PS_REASON_quic_truncated;
}

/* The token must lie in the datagram; whether its end can be read is another question. */
static enum ps_reason ps_quic_walk_token(struct ps_quic_walk *walk, struct ps_quic_header *header)
{
	u64 length;

	if (!ps_quic_take_varint(walk, &length))
		return PS_REASON_quic_truncated;
	if (length > walk->length - walk->at)
		return PS_REASON_quic_token_length;
	header->token = walk->data + walk->at;
	header->token_length = (u32)length;
	walk->at += (u32)length;
	return PS_REASON_UNDECIDED;
}

static enum ps_reason ps_quic_walk_length(struct ps_quic_walk *walk)
{
	u64 length;

	if (walk->at > walk->readable)
		return PS_REASON_UNDECIDED;
	if (!ps_quic_take_varint(walk, &length))
		return walk->length > walk->readable ? PS_REASON_UNDECIDED :
						       PS_REASON_quic_truncated;
	if (length < PS_QUIC_SAMPLE || length > walk->length - walk->at)
		return PS_REASON_quic_length;
	return PS_REASON_UNDECIDED;
}

static enum ps_reason ps_quic_walk_long(struct ps_quic_walk *walk, struct ps_quic_header *header)
{
	const u8 *first = ps_quic_take(walk, PS_QUIC_INVARIANT);
	enum ps_reason reason;

	if (!first)
		return PS_REASON_quic_truncated;
	header->version = ps_bytes_u32(first + 1);
	header->type = (u8)ps_quic_type(header->version, *first);
	header->fixed = *first & PS_QUIC_FIXED || !ps_quic_is_known(header->version);
	reason = ps_quic_walk_cids(walk, header);
	if (!reason && header->type == PS_QUIC_INITIAL)
		reason = ps_quic_walk_token(walk, header);
	if (!reason && header->type <= PS_QUIC_HANDSHAKE)
		reason = ps_quic_walk_length(walk);
	return reason;
}

enum ps_reason ps_quic_parse(struct ps_quic_header *header, const u8 *data, u32 readable,
			     u32 length)
{
	struct ps_quic_walk walk = {
		.data = data,
		.readable = min(min(readable, length), PS_QUIC_LOOK),
		.length = length,
	};

	*header = (struct ps_quic_header){ .type = PS_QUIC_SHORT };
	if (!walk.readable)
		return PS_REASON_quic_truncated;
	if (*data & PS_QUIC_LONG)
		return ps_quic_walk_long(&walk, header);
	header->fixed = *data & PS_QUIC_FIXED;
	return length < PS_QUIC_SHORTEST ? PS_REASON_quic_truncated : PS_REASON_UNDECIDED;
}
