/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ps_learn(): what outgoing packets teach about who talks to whom, and the few
 * of them that aren't sent.
 */
#ifndef PS_CORE_LEARN_H
#define PS_CORE_LEARN_H

#include "engine.h"

/* Who sends an outgoing TCP packet. */
enum ps_sender {
	PS_SENDER_FORWARDED,	/* not a TCP socket of this host: a router, a raw socket */
	PS_SENDER_CONNECTED,	/* a TCP socket past SYN_RECV: it has seen an ACK it believes */
	PS_SENDER_OTHER,	/* any other socket of TCP: listening, connecting, closed */
};

/**
 * struct ps_departure - an outgoing packet
 * @packet:	after ps_packet_parse()
 * @data:	view->data that it was parsed from
 * @sender:	of TCP packets
 * @group:	the frame goes to a broadcast or multicast address
 * @random:	32 random bits; needed where drop_empty_ack isn't 0
 * @instant:	when it goes
 */
struct ps_departure {
	const struct ps_packet *packet;
	const u8 *data;
	enum ps_sender sender;
	bool group;
	u32 random;
	struct ps_instant instant;
};

/**
 * ps_learn() - learn from an outgoing packet
 * @engine: the instance's
 * @departure: the packet
 *
 * Return: the verdict: SEND or WITHHOLD; context NULL where the packet has no
 * IP source address.
 */
struct ps_verdict ps_learn(const struct ps_engine *engine, const struct ps_departure *departure);

/* The same for UDP from a port that speaks QUIC: quic.c */
void ps_quic_learn(const struct ps_engine *engine, const struct ps_departure *departure,
		   struct ps_verdict *verdict);

#endif
