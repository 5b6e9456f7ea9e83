/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of every Retry: it is small, a client can read it, and what it returns counts. */
#ifndef PS_TESTS_QUIC_ANSWER_H
#define PS_TESTS_QUIC_ANSWER_H

#include "quic_retry.h"

static inline bool quic_answer_is_right(const struct ps_engine *engine,
					const struct ps_arrival *arrival,
					const struct ps_config *config)
{
	static const struct ps_quic_random random = { .bits = 1 };
	const struct ps_packet *packet = arrival->packet;
	struct ps_quic_header header, first;
	u8 retry[PS_QUIC_RETRY_MAX];
	u32 length;

	length = ps_quic_retry_make(retry, engine, arrival, config, &random);
	if (length > sizeof(retry) || length * 8 > packet->length)
		return false;
	if (ps_quic_parse(&header, retry, min(length, PS_QUIC_LOOK), length) ||
	    header.type != PS_QUIC_RETRY || header.scid_length != PS_QUIC_COOKIE)
		return false;
	ps_quic_parse(&first, arrival->data + packet->payload, packet->readable, PS_QUIC_LOOK);
	first.dcid = header.scid;
	first.dcid_length = header.scid_length;
	return ps_quic_cookie_check(engine, packet, &first, arrival->instant.seconds);
}

#endif
