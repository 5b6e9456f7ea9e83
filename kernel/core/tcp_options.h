/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP options of a SYN and of the SYN cookie that answers it.
 *
 * A cookie's sequence number has no room for options. As Linux and its
 * SYNPROXY do it, they travel in the low 6 bits of the timestamp that the
 * client will echo: window scale in 4 bits (15: none), selective
 * acknowledgements, ECN. So without timestamps there are no other options but
 * the MSS. Everything here comes out as the Linux stack has it.
 */
#ifndef PS_CORE_TCP_OPTIONS_H
#define PS_CORE_TCP_OPTIONS_H

#include "option_text.h"

#define PS_TCP_OPTIONS_MAX	40U	/* bytes of options, at most */

/**
 * struct ps_tcp_options - what one side of a handshake says of itself
 * @tsval:	its timestamp; valid with @timestamps
 * @tsecr:	the timestamp it echoes; likewise
 * @mss:	maximum segment size, or 0 where it says none
 * @wscale:	0-14, or PS_WSCALE_NONE
 * @timestamps:	it has a timestamp
 * @sack:	it permits selective acknowledgements
 * @ecn:	the flags of its header negotiate ECN
 */
struct ps_tcp_options {
	u32 tsval;
	u32 tsecr;
	u16 mss;
	s8 wscale;
	bool timestamps;
	bool sack;
	bool ecn;
};

/**
 * struct ps_tcp_offer - what a SYN cookie may say
 * @mss:	maximum segment size
 * @wscale:	window scale, or PS_WSCALE_NONE
 * @timestamps:	whether it may have a timestamp
 * @sack:	whether it may permit selective acknowledgements
 * @ecn:	whether it may agree to ECN
 * @shift:	added to the timestamp
 */
struct ps_tcp_offer {
	u32 shift;
	u16 mss;
	s8 wscale;
	bool timestamps;
	bool sack;
	bool ecn;
};

/**
 * ps_tcp_options_parse() - read what a SYN offers
 * @options: out
 * @header: its TCP header
 * @length: of the header with its options, 20 or more
 *
 * Of options that occur twice the last counts, but for an MSS of 0; options
 * of another length than theirs don't, nor does anything behind a broken one.
 */
void ps_tcp_options_parse(struct ps_tcp_options *options, const u8 *header, u32 length);

/**
 * ps_tcp_options_answer() - what the SYN cookie for a SYN says
 * @answer: out
 * @syn: what the SYN offers
 * @offer: what may be agreed to
 * @now: clock of the timestamps, in milliseconds
 */
void ps_tcp_options_answer(struct ps_tcp_options *answer, const struct ps_tcp_options *syn,
			   const struct ps_tcp_offer *offer, u64 now);

/**
 * ps_tcp_options_build() - write options
 * @to: room for PS_TCP_OPTIONS_MAX bytes
 * @options: what to write
 *
 * Return: bytes written, a multiple of 4.
 */
u32 ps_tcp_options_build(u8 *to, const struct ps_tcp_options *options);

/**
 * struct ps_tcp_space - what a listener's windows are made of
 * @space:	payload that its receive buffer holds
 * @clamp:	its windows are never larger; 0: no limit
 * @growth:	what the buffer of a connection may grow to
 * @signed_windows: windows of 32 KiB and more, unscaled, are to be avoided
 */
struct ps_tcp_space {
	u32 space;
	u32 clamp;
	u32 growth;
	bool signed_windows;
};

/**
 * struct ps_tcp_window - a listener's first window
 * @window:	for the header of the SYN+ACK
 * @scale:	window scale to announce
 */
struct ps_tcp_window {
	u16 window;
	u8 scale;
};

/**
 * ps_tcp_options_window() - what window a listener offers
 * @space: the listener's
 * @mss: payload of the segments it will get, not 0
 *
 * Return: the window.
 */
struct ps_tcp_window ps_tcp_options_window(const struct ps_tcp_space *space, u32 mss);

#endif
