/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host of engine_rig.h as a server of QUIC on port 443: datagrams in and out,
 * and the Retry that the shell would make of the last one.
 */
#ifndef PS_TESTS_QUIC_RIG_H
#define PS_TESTS_QUIC_RIG_H

#include "engine_rig.h"
#include "quic_packets.h"

#include "quic_retry.h"

#define QUIC_PORT 443

static const char secret[] = "PacketShieldTestSecret-2026";
static struct frame last;		/* the last datagram received */

static inline void quic_serve(void)
{
	set_udp_port(other, QUIC_PORT, PS_PORT_PROTECT_P);
	ps_quic_key_make(&other->config.quic_key, (const u8 *)secret, sizeof(secret) - 1);
	other->config.option[PS_OPTION_cluster_secret] = 1;
	host->frame.can_offer = true;
}

static inline int setup_quic_ipv4(void **state)
{
	host_new(4);
	quic_serve();
	return 0;
}

static inline int setup_quic_ipv6(void **state)
{
	host_new(6);
	quic_serve();
	return 0;
}

#define QUIC(test) { #test "_ipv4", test, setup_quic_ipv4, teardown, NULL }, \
		   { #test "_ipv6", test, setup_quic_ipv6, teardown, NULL }

static inline struct frame quic_frame(struct build b, const struct quic *q, bool out)
{
	u8 datagram[QUIC_MAX];
	struct frame f;

	b.protocol = PS_PROTOCOL_UDP;
	b.dport = b.dport ? b.dport : QUIC_PORT;
	b.payload = quic_build(datagram, q, NULL);
	f = build(out ? turned(b) : complete(b));
	memcpy(f.data + f.transport + 8, datagram, b.payload);
	frame_fix(&f);
	return f;
}

static inline enum ps_reason receive_from(struct build b, struct quic q)
{
	last = quic_frame(b, &q, false);
	return host_receive(&last);
}

static inline enum ps_reason receive_quic(struct quic q)
{
	return receive_from((struct build){ 0 }, q);
}

static inline void send_quic(struct quic q)
{
	struct frame f = quic_frame((struct build){ 0 }, &q, true);

	assert_why(host_send(&f, PS_SENDER_OTHER), sent);
}

/* What the shell sends in the stead of the last datagram received. */
static inline u32 retry_of_last(u8 *retry)
{
	struct ps_arrival arrival = { .packet = &host->packet, .frame = &host->frame,
				      .data = last.data, .instant = host_instant() };
	struct ps_quic_random random = { .bits = 0xa5 };
	static u8 salt;
	u32 length;

	random.salt.byte[3] = salt++;
	length = ps_quic_retry_make(retry, &host->engine, &arrival, host->verdict.config, &random);
	assert_in_range(length, 69, PS_QUIC_RETRY_MAX);
	return length;
}

/* The follow-up of a client that has got a Retry: it returns id and token. */
static inline struct quic follow_up(struct quic q, const u8 *retry, u32 length)
{
	u32 scid = 6U + retry[5];

	q.dcid = retry + scid + 1;
	q.dcid_length = retry[scid];
	q.token = q.dcid + q.dcid_length;
	q.token_length = (u32)(retry + length - 16 - q.token);
	return q;
}

static inline void quic_on(enum ps_protection_index which)
{
	toggle(other, which, true);
}

#endif
