// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP options of a SYN and of the SYN cookie that answers it; see the header.
 * RFC 9293 (MSS), RFC 7323 (scale, timestamps), RFC 2018 (SACK), RFC 3168 (ECN).
 */
#include "bytes.h"
#include "packet_walk.h"
#include "tcp_options.h"

#define PS_TCP_HEADER 20 /* bytes without options */

#define PS_TCP_ECE 0x40
#define PS_TCP_CWR 0x80

/* Kinds and lengths of options. */
#define PS_TCP_NOP		 1
#define PS_TCP_MSS		 2
#define PS_TCP_MSS_LENGTH	 4
#define PS_TCP_WSCALE		 3
#define PS_TCP_WSCALE_LENGTH	 3
#define PS_TCP_SACK		 4
#define PS_TCP_SACK_LENGTH	 2
#define PS_TCP_TIMESTAMPS	 8
#define PS_TCP_TIMESTAMPS_LENGTH 10

/* The low bits of a cookie's timestamp. */
#define PS_TCP_CODE_BITS     6
#define PS_TCP_CODE_NO_SCALE 0x0f
#define PS_TCP_CODE_SACK     0x10
#define PS_TCP_CODE_ECN	     0x20

#define PS_TCP_WINDOW_MAX	 65535U
#define PS_TCP_SIGNED_WINDOW_MAX 32767U

static void ps_tcp_options_take(struct ps_tcp_options *options, const u8 *option)
{
	switch (option[0] << 8 | option[1]) {
	case PS_TCP_MSS << 8 | PS_TCP_MSS_LENGTH:
		if (ps_bytes_u16(option + 2))
			options->mss = ps_bytes_u16(option + 2);
		break;
	case PS_TCP_WSCALE << 8 | PS_TCP_WSCALE_LENGTH:
		options->wscale = (s8)min(option[2], (u8)PS_WSCALE_MAX);
		break;
	case PS_TCP_SACK << 8 | PS_TCP_SACK_LENGTH:
		options->sack = true;
		break;
	case PS_TCP_TIMESTAMPS << 8 | PS_TCP_TIMESTAMPS_LENGTH:
		options->timestamps = true;
		options->tsval = ps_bytes_u32(option + 2);
		options->tsecr = ps_bytes_u32(option + 6);
		break;
	}
}

void ps_tcp_options_parse(struct ps_tcp_options *options, const u8 *header, u32 length)
{
	const u8 *next = header + PS_TCP_HEADER;
	const u8 *option;

	*options = (struct ps_tcp_options){
		.wscale = PS_WSCALE_NONE,
		.ecn = !(~header[13] & (PS_TCP_ECE | PS_TCP_CWR)),
	};
	while (ps_walk_option(&next, header + length, &option) == PS_OPTION_LIST_ITEM)
		ps_tcp_options_take(options, option);
}

/*
 * The latest time with this code in its low bits that hasn't come yet: the
 * connection's own timestamps go on from there, and may not go back.
 */
static u32 ps_tcp_options_encode(u64 now, u32 code)
{
	u64 time = now >> PS_TCP_CODE_BITS << PS_TCP_CODE_BITS | code;

	return (u32)(time > now ? time - (1 << PS_TCP_CODE_BITS) : time);
}

void ps_tcp_options_answer(struct ps_tcp_options *answer, const struct ps_tcp_options *syn,
			   const struct ps_tcp_offer *offer, u64 now)
{
	u32 code = PS_TCP_CODE_NO_SCALE;

	*answer = (struct ps_tcp_options){ .mss = offer->mss, .wscale = PS_WSCALE_NONE };
	if (!syn->timestamps || !offer->timestamps)
		return;
	answer->timestamps = true;
	answer->sack = syn->sack && offer->sack;
	answer->ecn = syn->ecn && offer->ecn;
	if (syn->wscale != PS_WSCALE_NONE && offer->wscale != PS_WSCALE_NONE) {
		answer->wscale = offer->wscale;
		code = (u32)syn->wscale;
	}
	if (answer->sack)
		code |= PS_TCP_CODE_SACK;
	if (answer->ecn)
		code |= PS_TCP_CODE_ECN;
	answer->tsval = ps_tcp_options_encode(now, code) + offer->shift;
	answer->tsecr = syn->tsval;
}

static u8 *ps_tcp_options_put(u8 *to, u32 word)
{
	to[0] = (u8)(word >> 24);
	to[1] = (u8)(word >> 16);
	to[2] = (u8)(word >> 8);
	to[3] = (u8)word;
	return to + 4;
}

/* A timestamp without SACK has two bytes of padding before it, in which SACK would be. */
static u8 *ps_tcp_options_put_timestamps(u8 *to, const struct ps_tcp_options *options)
{
	u32 first = options->sack ? PS_TCP_SACK << 8 | PS_TCP_SACK_LENGTH :
				    PS_TCP_NOP << 8 | PS_TCP_NOP;

	to = ps_tcp_options_put(to,
				first << 16 | PS_TCP_TIMESTAMPS << 8 | PS_TCP_TIMESTAMPS_LENGTH);
	to = ps_tcp_options_put(to, options->tsval);
	return ps_tcp_options_put(to, options->tsecr);
}

u32 ps_tcp_options_build(u8 *to, const struct ps_tcp_options *options)
{
	u8 *next = to;

	if (options->mss)
		next = ps_tcp_options_put(next, PS_TCP_MSS << 24 | PS_TCP_MSS_LENGTH << 16 |
							options->mss);
	if (options->timestamps)
		next = ps_tcp_options_put_timestamps(next, options);
	else if (options->sack)
		next = ps_tcp_options_put(next, PS_TCP_NOP << 24 | PS_TCP_NOP << 16 |
							PS_TCP_SACK << 8 | PS_TCP_SACK_LENGTH);
	if (options->wscale != PS_WSCALE_NONE)
		next = ps_tcp_options_put(next, PS_TCP_NOP << 24 | PS_TCP_WSCALE << 16 |
							PS_TCP_WSCALE_LENGTH << 8 |
							(u32)options->wscale);
	return (u32)(next - to);
}

/* The number of the highest bit set; 0 for 0. */
static u32 ps_tcp_options_log2(u32 value)
{
	return 31 - (u32)__builtin_clz(value | 1);
}

struct ps_tcp_window ps_tcp_options_window(const struct ps_tcp_space *space, u32 mss)
{
	u32 clamp = space->clamp ? space->clamp : PS_TCP_WINDOW_MAX << PS_WSCALE_MAX;
	u32 most = space->signed_windows ? PS_TCP_SIGNED_WINDOW_MAX : PS_TCP_WINDOW_MAX;
	u32 first = min(space->space, clamp);
	u32 bits;

	if (first > mss)
		first -= first % mss;
	/* The scale is for what the buffer may become, not for what it is. */
	bits = ps_tcp_options_log2(min(max(first, space->growth), clamp));
	return (struct ps_tcp_window){
		.window = (u16)min(first, most),
		.scale = (u8)(bits > 15 ? min(bits - 15, (u32)PS_WSCALE_MAX) : 0),
	};
}
