/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Retry packets (RFC 9000 17.2.5, RFC 9369 3.2) and the connection ids they hand
 * out, which are cookies: whoever returns one has received it at that address and
 * port not long ago. Checking one costs a hash and no memory, unlike its token.
 *
 * Invariant: a Retry is at most PS_QUIC_RETRY_MAX bytes, an eleventh of what it
 * answers.
 */
#ifndef PS_CORE_QUIC_RETRY_H
#define PS_CORE_QUIC_RETRY_H

#include "engine.h"
#include "quic_header.h"
#include "quic_token.h"

#define PS_QUIC_COOKIE		8U	/* bytes of a cookie */
#define PS_QUIC_RETRY_MAX	(1 + 4 + 1 + PS_QUIC_CID_MAX + 1 + PS_QUIC_COOKIE + \
				 PS_QUIC_TOKEN_MAX + PS_QUIC_TAG)

/**
 * struct ps_quic_random - what must be random in a Retry
 * @salt:	of the token
 * @bits:	the lowest four count
 */
struct ps_quic_random {
	struct ps_quic_salt salt;
	u8 bits;
};

/**
 * ps_quic_cookie_check() - whether an Initial returns a cookie
 * @engine: the instance's
 * @packet: the packet
 * @header: its QUIC header
 * @seconds: time in seconds, monotonic
 *
 * Return: whether its destination connection id was made for this client, and
 * less than 10 seconds ago, as long as its token counts.
 */
bool ps_quic_cookie_check(const struct ps_engine *engine, const struct ps_packet *packet,
			  const struct ps_quic_header *header, u32 seconds);

/**
 * ps_quic_client_of() - whom an Initial comes from, as tokens have it
 * @packet: the packet
 * @header: its QUIC header
 * @config: rules of its context
 */
struct ps_quic_client ps_quic_client_of(const struct ps_packet *packet,
					const struct ps_quic_header *header,
					const struct ps_config *config);

/**
 * ps_quic_datagram() - bytes of a UDP datagram
 * @packet: the packet
 * @data: view->data that it was parsed from
 *
 * Return: those behind its header; of a super-packet those of all its datagrams.
 */
u32 ps_quic_datagram(const struct ps_packet *packet, const u8 *data);

/**
 * ps_quic_retry_make() - the answer to an Initial
 * @retry: room for PS_QUIC_RETRY_MAX bytes
 * @engine: the instance's
 * @arrival: the packet, judged PS_REASON_quic_retry
 * @config: rules of its context
 * @random: used for nothing else
 *
 * Return: bytes of the Retry.
 */
u32 ps_quic_retry_make(u8 *retry, const struct ps_engine *engine, const struct ps_arrival *arrival,
		       const struct ps_config *config, const struct ps_quic_random *random);

#endif
