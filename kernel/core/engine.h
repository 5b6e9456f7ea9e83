/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ps_judge(): the rules in their documented order; the first that decides
 * wins, and the reason it gives says what becomes of the packet.
 */
#ifndef PS_CORE_ENGINE_H
#define PS_CORE_ENGINE_H

#include "contexts.h"
#include "packet.h"

/**
 * struct ps_verdict - what is to become of a packet, and why
 * @context: the context that judged; NULL for packets passed unjudged
 * @reason: never PS_REASON_UNDECIDED; ps_reason_info[reason].action says what
 *	    to do
 */
struct ps_verdict {
	struct ps_context *context;
	enum ps_reason reason;
};

/**
 * ps_judge() - judge an incoming packet
 * @contexts: the instance's contexts
 * @packet: the packet after ps_packet_parse(), packet->reason set to
 *	    packet->checksum_reason where the transport checksum is wrong
 * @now: time in nanoseconds, any monotonic clock that advances at least every
 *	 10 ms
 *
 * Return: the verdict.
 */
struct ps_verdict ps_judge(const struct ps_contexts *contexts, const struct ps_packet *packet,
			   u64 now);

#endif
