/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State of a header walk, shared by packet.c (link and IP) and transport.c.
 *
 * Invariant: no byte is read before ps_walk_reach() has said that it may be.
 * The functions of the walk return whether it goes on; where they return
 * false, packet->reason or packet->wants says why it ended.
 */
#ifndef PS_CORE_PACKET_WALK_H
#define PS_CORE_PACKET_WALK_H

#include "packet.h"

/**
 * struct ps_walk - where a walk is
 * @packet:	what it fills in
 * @data:	view->data
 * @available:	bytes at @data that may be read
 * @end:	offset behind the innermost packet known so far: frame, PPPoE
 *		payload, IP packet
 * @readable:	the least of @available, @end and PS_HEADERS_MAX
 * @offset:	of the next header
 * @flags:	PS_VIEW_*
 * @extensions:	IPv6 extension headers so far
 * @ipv4:	the IP header is one of IPv4, not of IPv6
 * @hop_by_hop:	the first extension header is a hop-by-hop header
 * @detour:	a routing header sends the packet to another destination first
 */
struct ps_walk {
	struct ps_packet *packet;
	const u8 *data;
	u32 available;
	u32 end;
	u32 readable;
	u32 offset;
	u8 flags;
	u8 extensions;
	bool ipv4;
	bool hop_by_hop;
	bool detour;
};

/* Take @end for the end of the packet; it is never behind the former one. */
static __always_inline void ps_walk_limit(struct ps_walk *walk, u32 end)
{
	walk->end = end;
	walk->readable = min(min(walk->available, end), PS_HEADERS_MAX);
}

/* End the walk for @reason. Return: false. */
static __always_inline bool ps_walk_stop(struct ps_walk *walk, enum ps_reason reason)
{
	walk->packet->reason = (u8)reason;
	return false;
}

/* ps_walk_reach() for bytes that can't be read. */
bool ps_walk_out_of_reach(struct ps_walk *walk, u32 to, enum ps_reason truncated);

/**
 * ps_walk_reach() - ask for the bytes up to an offset
 * @walk: the walk
 * @to: offset behind the last byte
 * @truncated: why the walk ends if the packet ends before @to; of a first
 *	       fragment it is always that it is too short
 *
 * Return: true if the bytes may be read; otherwise the walk ends.
 */
static __always_inline bool ps_walk_reach(struct ps_walk *walk, u32 to, enum ps_reason truncated)
{
	return likely(to <= walk->readable) || ps_walk_out_of_reach(walk, to, truncated);
}

/* What ps_walk_option() found. */
enum ps_walk_option {
	PS_OPTION_LIST_END,
	PS_OPTION_LIST_MALFORMED,
	PS_OPTION_LIST_ITEM,
};

/**
 * ps_walk_option() - take the next option of an IPv4 or TCP option list
 * @next: in and out: the rest of the list
 * @end: behind the list
 * @option: out: the option, its kind in the first byte, its length in the
 *	    second: 2 or more, and within the list
 *
 * Both lists have one form (RFC 791, RFC 9293): kind 0 ends the list, kind 1
 * is a byte of padding, any other kind is followed by its length.
 *
 * Return: what it found.
 */
static __always_inline enum ps_walk_option ps_walk_option(const u8 **next, const u8 *end,
							  const u8 **option)
{
	const u8 *at = *next;

	while (at < end && *at == 1)
		at++;
	if (at >= end || *at == 0)
		return PS_OPTION_LIST_END;
	if (end - at < 2 || at[1] < 2 || at[1] > end - at)
		return PS_OPTION_LIST_MALFORMED;
	*next = at + at[1];
	*option = at;
	return PS_OPTION_LIST_ITEM;
}

#endif
