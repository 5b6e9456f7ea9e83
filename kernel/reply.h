/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies made of the packet that they answer, and sent from where it came.
 */
#ifndef PS_REPLY_H
#define PS_REPLY_H

#include "core/engine.h"
#include "frame.h"

/**
 * ps_reply_possible() - whether a frame can be turned into its reply
 * @frame: the packet
 * @packet: the same, parsed: TCP or UDP, no fragment
 *
 * Return: false where there is no checksum to verify, for frames to a group of
 * hosts or from one, on devices whose link-layer header can't be turned round,
 * inside of PPPoE, and for IPv6 packets that are to go on to another destination.
 */
bool ps_reply_possible(const struct ps_frame *frame, const struct ps_packet *packet);

/**
 * ps_reply_syncookie() - answer a SYN with a SYN cookie
 * @frame: the packet, for which ps_platform_cookie_offer() has returned true
 * @packet: the same, parsed
 * @config: rules of its context
 *
 * Context: softirq, or process with softirqs disabled; RCU read side.
 * Return: true: the packet is consumed; false: no memory; it is still the
 * caller's, perhaps changed, and no longer fit for the stack.
 */
bool ps_reply_syncookie(struct ps_frame *frame, const struct ps_packet *packet,
			const struct ps_config *config);

/**
 * ps_reply_quic_retry() - answer a QUIC Initial with Retry
 * @engine: the instance's
 * @arrival: the packet, judged PS_REASON_quic_retry
 * @config: rules of its context
 *
 * Context, return: as of ps_reply_syncookie().
 */
bool ps_reply_quic_retry(const struct ps_engine *engine, const struct ps_arrival *arrival,
			 const struct ps_config *config);

/**
 * ps_reply_begin() - empty the buffer of a frame for its reply
 * @frame: the packet, for which ps_reply_possible() has returned true
 * @length: bytes of the reply from behind its Ethernet header
 *
 * Return: the buffer, with that many bytes at its data; NULL: no memory, and
 * the packet is still the caller's, perhaps changed.
 */
struct sk_buff *ps_reply_begin(struct ps_frame *frame, u32 length);

/**
 * ps_reply_path() - how the reply of a frame leaves
 * @frame: the packet, before ps_reply_begin()
 *
 * Return: whose routes it takes; NULL: it goes as the packet came.
 */
struct net *ps_reply_path(const struct ps_frame *frame);

/**
 * ps_reply_send() - send a reply
 * @skb: the reply, from behind its Ethernet header; consumed
 * @config: rules of the context of its packet: they may name a gateway
 * @path: as of ps_reply_path()
 * @ipv6: it is IPv6
 */
void ps_reply_send(struct sk_buff *skb, const struct ps_config *config, struct net *path,
		   bool ipv6);

/* Whether the packet that this CPU is sending is a reply of ours. */
bool ps_reply_is_under_way(void);

#endif
