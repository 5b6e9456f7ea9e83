// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792) and ICMPv6 (RFC 4443) headers:
 * the rules of "invalid packets" for them, in the order of reasons.def.
 *
 * A first fragment must hold its whole transport header, or a rule could be
 * evaded by putting the telling part into the next fragment. What needs the
 * whole packet, UDP length and checksums, isn't asked of it.
 */
#include "bytes.h"
#include "transport.h"

#define PS_TCP_HEADER  20 /* bytes without options */
#define PS_UDP_HEADER  8
#define PS_ICMP_HEADER 8
#define PS_ICMP_COMMON 4 /* type, code and checksum */

#define PS_ICMP_UNREACHABLE   3
#define PS_ICMP_TIME_EXCEEDED 11
#define PS_ICMP_PARAMETER     12

#define PS_TCP_FLAGS		    (PS_TCP_FIN | PS_TCP_SYN | PS_TCP_RST | PS_TCP_PSH | PS_TCP_ACK | PS_TCP_URG)
#define PS_TCP_FAST_OPEN	    34	/* RFC 7413 */
#define PS_TCP_EXPERIMENT	    254 /* RFC 6994 */
#define PS_TCP_EXPERIMENT_FAST_OPEN 0xf989

static bool ps_transport_is_first(const struct ps_walk *walk)
{
	return walk->packet->fragment == PS_FRAGMENT_FIRST;
}

/*
 * The checksum of a packet that a routing header still sends elsewhere covers
 * the final destination, not the one in the IPv6 header (RFC 8200 8.1): it
 * will be verified there.
 */
static void ps_transport_expect(const struct ps_walk *walk, u32 field, u32 end,
				enum ps_reason reason)
{
	struct ps_packet *packet = walk->packet;

	if (packet->fragment != PS_FRAGMENT_NONE || walk->detour)
		return;
	packet->checksum = (u16)(walk->offset + field);
	packet->checksum_end = end;
	packet->checksum_reason = (u8)reason;
}

/*
 * Behind the header there is a payload, and the engine will look at its first
 * @bytes, or at as many as there are.
 */
static __always_inline bool ps_transport_payload(struct ps_walk *walk, u32 header, u32 bytes)
{
	u32 start = walk->offset + header;
	u32 end = min(min(start + bytes, walk->end), PS_HEADERS_MAX);

	if (end > start && !ps_walk_reach(walk, end, PS_REASON_UNDECIDED))
		return false;
	walk->packet->payload = (u16)start;
	walk->packet->readable = (u16)(walk->readable - start);
	return true;
}

static enum ps_reason ps_transport_tcp_flags(u8 flags)
{
	u8 alone = flags & (PS_TCP_SYN | PS_TCP_FIN | PS_TCP_RST);

	/* What nearly all packets have: at most one of these, and a purpose. */
	if (likely(!(alone & (alone - 1)) && flags & (PS_TCP_ACK | PS_TCP_SYN | PS_TCP_RST)))
		return PS_REASON_UNDECIDED;
	if (!flags)
		return PS_REASON_tcp_flags_none;
	if ((flags & (PS_TCP_SYN | PS_TCP_FIN)) == (PS_TCP_SYN | PS_TCP_FIN))
		return PS_REASON_tcp_flags_syn_fin;
	if ((flags & (PS_TCP_SYN | PS_TCP_RST)) == (PS_TCP_SYN | PS_TCP_RST))
		return PS_REASON_tcp_flags_syn_rst;
	if ((flags & (PS_TCP_FIN | PS_TCP_RST)) == (PS_TCP_FIN | PS_TCP_RST))
		return PS_REASON_tcp_flags_fin_rst;
	return PS_REASON_tcp_flags_no_ack;
}

static bool ps_transport_is_fast_open(const u8 *option)
{
	return option[0] == PS_TCP_FAST_OPEN ||
	       (option[0] == PS_TCP_EXPERIMENT && option[1] >= 4 &&
		ps_bytes_u16(option + 2) == PS_TCP_EXPERIMENT_FAST_OPEN);
}

/* Walk the option list; *fast_open says whether it has a Fast Open option. */
static bool ps_transport_tcp_options(struct ps_walk *walk, const u8 *next, const u8 *end,
				     bool *fast_open)
{
	const u8 *option;

	for (;;) {
		switch (ps_walk_option(&next, end, &option)) {
		case PS_OPTION_LIST_END:
			return true;
		case PS_OPTION_LIST_MALFORMED:
			return ps_walk_stop(walk, PS_REASON_tcp_options);
		case PS_OPTION_LIST_ITEM:
			*fast_open |= ps_transport_is_fast_open(option);
		}
	}
}

/*
 * Rules about data in packets that should have none. A first fragment has data
 * even if it ends with the header: there is more to come.
 */
static bool ps_transport_tcp_data(struct ps_walk *walk, u32 header_end, bool fast_open)
{
	u8 flags = walk->packet->tcp_flags;

	if (header_end == walk->end && !ps_transport_is_first(walk))
		return true;
	if ((flags & (PS_TCP_SYN | PS_TCP_ACK)) == PS_TCP_SYN && !fast_open)
		return ps_walk_stop(walk, PS_REASON_tcp_syn_data);
	if (flags & PS_TCP_RST)
		return ps_walk_stop(walk, PS_REASON_tcp_rst_data);
	return true;
}

static bool ps_transport_tcp(struct ps_walk *walk)
{
	const u8 *header = walk->data + walk->offset;
	struct ps_packet *packet = walk->packet;
	enum ps_reason reason;
	bool fast_open = false;
	u32 length;

	if (!ps_walk_reach(walk, walk->offset + PS_TCP_HEADER, PS_REASON_tcp_header))
		return false;
	packet->sport = ps_bytes_u16(header);
	packet->dport = ps_bytes_u16(header + 2);
	packet->tcp_flags = header[13] & PS_TCP_FLAGS;
	length = (header[12] >> 4) * 4;
	if (length < PS_TCP_HEADER)
		return ps_walk_stop(walk, PS_REASON_tcp_header);
	if (!ps_walk_reach(walk, walk->offset + length, PS_REASON_tcp_length))
		return false;
	if (!packet->sport || !packet->dport)
		return ps_walk_stop(walk, PS_REASON_tcp_port_zero);
	reason = ps_transport_tcp_flags(packet->tcp_flags);
	if (reason)
		return ps_walk_stop(walk, reason);
	if (!ps_transport_tcp_options(walk, header + PS_TCP_HEADER, header + length, &fast_open))
		return false;
	if (!ps_transport_tcp_data(walk, walk->offset + length, fast_open))
		return false;
	ps_transport_expect(walk, 16, walk->end, PS_REASON_tcp_checksum);
	return ps_transport_payload(walk, length, 0);
}

/*
 * The length of the datagram, or 0 and the walk ends. It may be shorter than
 * the IP payload: what lies beyond isn't the datagram's.
 */
static u32 ps_transport_udp_length(struct ps_walk *walk, const u8 *header)
{
	u32 payload = walk->end - walk->offset;
	u32 length = ps_bytes_u16(header + 4);

	if (!length && (walk->flags & PS_VIEW_SUPER))
		return payload;
	if (length >= PS_UDP_HEADER && length <= payload)
		return length;
	ps_walk_stop(walk, length > payload ? PS_REASON_udp_length : PS_REASON_udp_header);
	return 0;
}

static bool ps_transport_udp(struct ps_walk *walk)
{
	const u8 *header = walk->data + walk->offset;
	bool first = ps_transport_is_first(walk);
	struct ps_packet *packet = walk->packet;
	u32 length = 0;

	if (!ps_walk_reach(walk, walk->offset + PS_UDP_HEADER, PS_REASON_udp_header))
		return false;
	packet->sport = ps_bytes_u16(header);
	packet->dport = ps_bytes_u16(header + 2);
	if (!first) {
		length = ps_transport_udp_length(walk, header);
		if (!length)
			return false;
	}
	if (!packet->sport || !packet->dport)
		return ps_walk_stop(walk, PS_REASON_udp_port_zero);
	if (ps_bytes_u16(header + 6))
		ps_transport_expect(walk, 6, walk->offset + length, PS_REASON_udp_checksum);
	else if (!walk->ipv4 && !first)
		return ps_walk_stop(walk, PS_REASON_udp_checksum);
	return ps_transport_payload(walk, PS_UDP_HEADER, PS_DATAGRAM_MAX);
}

/* RFC 792, RFC 4443: messages about a packet that they quote. */
static bool ps_transport_icmp_is_error(const struct ps_walk *walk)
{
	u8 type = walk->packet->icmp_type;

	if (!walk->ipv4)
		return type >= 1 && type <= 4;
	return type == PS_ICMP_UNREACHABLE || type == PS_ICMP_TIME_EXCEEDED ||
	       type == PS_ICMP_PARAMETER;
}

static bool ps_transport_icmp(struct ps_walk *walk)
{
	if (!ps_walk_reach(walk, walk->offset + PS_ICMP_COMMON, PS_REASON_icmp_header))
		return false;
	walk->packet->icmp_type = walk->data[walk->offset];
	if (!ps_walk_reach(walk, walk->offset + PS_ICMP_HEADER, PS_REASON_icmp_header))
		return false;
	ps_transport_expect(walk, 2, walk->end, PS_REASON_icmp_checksum);
	walk->packet->icmp_error = ps_transport_icmp_is_error(walk);
	return ps_transport_payload(walk, PS_ICMP_HEADER,
				    walk->packet->icmp_error ? PS_QUOTE_MAX : 0);
}

void ps_transport_parse(struct ps_walk *walk)
{
	switch (walk->packet->protocol) {
	case PS_PROTOCOL_TCP:
		ps_transport_tcp(walk);
		break;
	case PS_PROTOCOL_UDP:
		ps_transport_udp(walk);
		break;
	case PS_PROTOCOL_ICMP:
		if (walk->ipv4)
			ps_transport_icmp(walk);
		break;
	case PS_PROTOCOL_ICMPV6:
		if (!walk->ipv4)
			ps_transport_icmp(walk);
		break;
	}
}
