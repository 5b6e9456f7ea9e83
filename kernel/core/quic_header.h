/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of the first QUIC packet in a datagram (RFC 8999, 9000, 9369): what
 * can be known of it without keys. Packets behind the first one aren't looked at.
 *
 * Invariant: the first PS_QUIC_LOOK bytes of a datagram are read, or as many as
 * it has, and nothing else; whether it is well formed doesn't depend on more.
 */
#ifndef PS_CORE_QUIC_HEADER_H
#define PS_CORE_QUIC_HEADER_H

#include "reasons.h"

#define PS_QUIC_LOOK		128U		/* bytes of a datagram looked at, at most */
#define PS_QUIC_CID_MAX		20U		/* bytes of a connection id, versions 1 and 2 */
#define PS_QUIC_CID_FIRST	8U		/* of the first one that a client invents, at least */
#define PS_QUIC_DATAGRAM	1200U		/* bytes of a client's datagram with an Initial */

#define PS_QUIC_VERSION_1	0x00000001U
#define PS_QUIC_VERSION_2	0x6b3343cfU	/* RFC 9369 */
#define PS_QUIC_DRAFT_29	0xff00001dU

enum ps_quic_type {
	PS_QUIC_INITIAL,	/* long headers, as version 1 numbers them */
	PS_QUIC_ZERO_RTT,
	PS_QUIC_HANDSHAKE,
	PS_QUIC_RETRY,
	PS_QUIC_NEGOTIATION,
	PS_QUIC_UNKNOWN,	/* long header of a version that isn't one of the three */
	PS_QUIC_SHORT,
};

/**
 * struct ps_quic_header - a header
 * @dcid:	destination connection id
 * @scid:	source connection id; neither is known of short headers
 * @token:	of an Initial; may end behind the bytes that can be read
 * @version:	0 in short headers
 * @token_length: bytes of @token; 0 in other packets
 * @type:	enum ps_quic_type
 * @dcid_length: bytes
 * @scid_length: bytes
 * @fixed:	its fixed bit is 1, as it must be unless both sides have agreed on
 *		the contrary (RFC 9287); or its version needn't have one
 */
struct ps_quic_header {
	const u8 *dcid;
	const u8 *scid;
	const u8 *token;
	u32 version;
	u32 token_length;
	u8 type;
	u8 dcid_length;
	u8 scid_length;
	bool fixed;
};

/**
 * ps_quic_parse() - read a header
 * @header: out; members that the walk didn't reach are zero
 * @data: the datagram
 * @readable: bytes at @data that may be read: PS_QUIC_LOOK, or what the datagram has
 * @length: bytes of the datagram
 *
 * Whoever sent it. The Length field of a packet whose header is longer than
 * PS_QUIC_LOOK isn't checked.
 *
 * Return: PS_REASON_UNDECIDED, or the drop reason of a malformed one.
 */
enum ps_reason ps_quic_parse(struct ps_quic_header *header, const u8 *data, u32 readable,
			     u32 length);

#endif
