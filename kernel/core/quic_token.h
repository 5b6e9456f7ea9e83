/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Retry tokens as HAProxy makes them, and the integrity tag of Retry packets
 * (RFC 9001 5.8). docs/quic.md has the format.
 *
 * Invariant: each token is sealed with a key of its own, derived from a fresh
 * salt; no key is used twice or kept, so no nonce can come again.
 */
#ifndef PS_CORE_QUIC_TOKEN_H
#define PS_CORE_QUIC_TOKEN_H

#include "address.h"
#include "quic_header.h"

#define PS_QUIC_TOKEN_RETRY	0x9c	/* first byte of the tokens of Retry packets */
#define PS_QUIC_TOKEN_NEW	0xb7	/* of NEW_TOKEN frames: they prove nothing to us */
#define PS_QUIC_TOKEN_NEW_BYTES	37U
#define PS_QUIC_TOKEN_MAX	(1 + 1 + PS_QUIC_CID_MAX + 4 + 16 + 16)
#define PS_QUIC_TOKEN_LIFE	10U	/* seconds, to either side */
#define PS_QUIC_TAG		16U	/* bytes of a tag of AES-128-GCM */

/**
 * struct ps_quic_key - what all members of a cluster have in common
 * @byte: the beginning of the SHA-1 of the cluster's secret
 */
struct ps_quic_key {
	u8 byte[16];
};

/* 16 random bytes, another 16 for each token. */
struct ps_quic_salt {
	u8 byte[16];
};

/**
 * struct ps_quic_client - whom a token is for
 * @addr:	its address
 * @scid:	its source connection id
 * @version:	of QUIC
 * @port:	its UDP port
 * @scid_length: bytes of @scid
 * @mapped:	its IPv4 address counts as an IPv4-mapped one
 */
struct ps_quic_client {
	const struct ps_addr *addr;
	const u8 *scid;
	u32 version;
	u16 port;
	u8 scid_length;
	bool mapped;
};

/**
 * struct ps_quic_origin - what a token says
 * @odcid:	destination connection id of the client's first Initial
 * @odcid_length: its bytes, 8-20
 * @time:	when the token was made, seconds since 1970
 */
struct ps_quic_origin {
	u8 odcid[PS_QUIC_CID_MAX];
	u8 odcid_length;
	u32 time;
};

/**
 * ps_quic_key_make() - the key of a cluster
 * @key: out
 * @secret: the text of HAProxy's cluster-secret
 * @length: its bytes
 */
void ps_quic_key_make(struct ps_quic_key *key, const u8 *secret, u32 length);

/**
 * ps_quic_token_seal() - make a token
 * @token: room for PS_QUIC_TOKEN_MAX bytes
 * @key: of the cluster
 * @client: whom it is for
 * @origin: what it shall say
 * @salt: used for no other token
 *
 * Return: its bytes.
 */
u32 ps_quic_token_seal(u8 *token, const struct ps_quic_key *key,
		       const struct ps_quic_client *client, const struct ps_quic_origin *origin,
		       const struct ps_quic_salt *salt);

/**
 * ps_quic_token_open() - read a token
 * @origin: out: what it says; valid where it is genuine
 * @token: the token
 * @length: its bytes, all of them readable
 * @key: of the cluster
 * @client: who has sent it
 *
 * Return: whether it was sealed with this key for this client.
 */
bool ps_quic_token_open(struct ps_quic_origin *origin, const u8 *token, u32 length,
			const struct ps_quic_key *key, const struct ps_quic_client *client);

/* Whether a token of @time counts at @now, seconds since 1970 both. */
static inline bool ps_quic_token_is_fresh(u32 time, u32 now)
{
	return now - time + PS_QUIC_TOKEN_LIFE <= 2 * PS_QUIC_TOKEN_LIFE;
}

/**
 * ps_quic_retry_tag() - the integrity tag of a Retry packet
 * @tag: out: PS_QUIC_TAG bytes
 * @version: one of the three that are known
 * @origin: its @odcid counts
 * @retry: the packet up to its tag
 * @length: bytes of that, 255 at most
 */
void ps_quic_retry_tag(u8 *tag, u32 version, const struct ps_quic_origin *origin, const u8 *retry,
		       u32 length);

#endif
