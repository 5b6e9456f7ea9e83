// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv4 (RFC 791) and IPv6 (RFC 8200) headers, with options, extension headers
 * and fragments.
 *
 * Invariant: behind this file nothing depends on the IP version any more but
 * the meaning of protocol numbers. Both headers end in one set of fields, one
 * rule for lengths and one for fragments.
 */
#include "bytes.h"
#include "checksum.h"
#include "packet_ip.h"

#define PS_IPV4_HEADER		20 /* bytes without options */
#define PS_IPV4_MORE		0x2000
#define PS_IPV4_OFFSET		0x1fff
#define PS_IPV4_LOOSE_ROUTE	131
#define PS_IPV4_STRICT_ROUTE	137
#define PS_IPV6_HEADER		40
#define PS_IPV6_FRAGMENT_HEADER 8
#define PS_IPV6_MORE		0x0001
#define PS_IPV6_OFFSET		0xfff8 /* with this mask it is in bytes */
#define PS_IP_MAX		65535  /* bytes of a reassembled packet */

#define PS_IPV6_HOP_BY_HOP  0
#define PS_IPV6_ROUTING	    43
#define PS_IPV6_FRAGMENT    44
#define PS_IPV6_DESTINATION 60

/*
 * Take the length that the IP header states. A super-packet of over 65,535
 * bytes states 0 and reaches to the end of the frame.
 */
static bool ps_packet_ip_length(struct ps_walk *walk, u32 header, u32 stated, u32 length)
{
	u32 room = walk->end - walk->packet->network;

	if (!stated && (walk->flags & PS_VIEW_SUPER))
		length = room;
	if (length < header || length > room)
		return ps_walk_stop(walk, PS_REASON_ip_length);
	ps_walk_limit(walk, walk->packet->network + length);
	walk->packet->end = walk->end;
	return true;
}

/*
 * A fragment, not an atomic one. @offset is where its payload, which starts at
 * walk->offset, belongs in that of the whole packet, in bytes; @headers is
 * what else counts towards the whole packet's limit of 65,535 bytes.
 */
static bool ps_packet_ip_fragment(struct ps_walk *walk, u32 offset, bool last, u32 headers)
{
	u32 payload = walk->end - walk->offset;

	walk->packet->fragment = offset ? PS_FRAGMENT_LATER : PS_FRAGMENT_FIRST;
	if (payload > PS_IP_MAX || headers + offset + payload > PS_IP_MAX)
		return ps_walk_stop(walk, PS_REASON_fragment_length);
	/* Stacks trim such a tail, and let the next fragment take its place. */
	if (!last && payload % 8)
		return ps_walk_stop(walk, PS_REASON_fragment_length);
	if (offset == 8 && walk->packet->protocol == PS_PROTOCOL_TCP)
		return ps_walk_stop(walk, PS_REASON_fragment_offset1);
	return true;
}

static bool ps_packet_ipv4_options(struct ps_walk *walk, const u8 *next, const u8 *end)
{
	const u8 *option;

	for (;;) {
		switch (ps_walk_option(&next, end, &option)) {
		case PS_OPTION_LIST_END:
			return true;
		case PS_OPTION_LIST_MALFORMED:
			return ps_walk_stop(walk, PS_REASON_ip_options);
		case PS_OPTION_LIST_ITEM:
			if (*option == PS_IPV4_LOOSE_ROUTE || *option == PS_IPV4_STRICT_ROUTE)
				return ps_walk_stop(walk, PS_REASON_ip_source_route);
		}
	}
}

static bool ps_packet_ipv4_checksum(const u8 *header, u32 length)
{
	u64 sum = (u64)ps_bytes_u32(header) + ps_bytes_u32(header + 4) + ps_bytes_u32(header + 8) +
		  ps_bytes_u32(header + 12) + ps_bytes_u32(header + 16);

	if (unlikely(length > PS_IPV4_HEADER))
		sum = ps_checksum_add(sum, header + PS_IPV4_HEADER, length - PS_IPV4_HEADER);
	return ps_checksum_fold(sum) == PS_CHECKSUM_VALID;
}

/* RFC 791. The caller has made sure of the first 20 bytes and the version. */
static bool ps_packet_ipv4(struct ps_walk *walk)
{
	const u8 *header = walk->data + walk->offset;
	struct ps_packet *packet = walk->packet;
	u32 length = (header[0] & 0xf) * 4;
	u32 total = ps_bytes_u16(header + 2);
	u16 field = ps_bytes_u16(header + 6);

	if (length < PS_IPV4_HEADER)
		return ps_walk_stop(walk, PS_REASON_ip_header_length);
	if (!ps_walk_reach(walk, walk->offset + length, PS_REASON_ip_header_length))
		return false;
	packet->src = ps_addr_from_ipv4(ps_bytes_u32(header + 12));
	packet->dst = ps_addr_from_ipv4(ps_bytes_u32(header + 16));
	packet->fragment_id = ps_bytes_u16(header + 4);
	packet->ttl = header[8];
	packet->protocol = header[9];
	if (!ps_packet_ip_length(walk, length, total, total))
		return false;
	if (!ps_packet_ipv4_checksum(header, length))
		return ps_walk_stop(walk, PS_REASON_ip_checksum);
	if (unlikely(length > PS_IPV4_HEADER) &&
	    !ps_packet_ipv4_options(walk, header + PS_IPV4_HEADER, header + length))
		return false;
	walk->offset += length;
	if (field & (PS_IPV4_MORE | PS_IPV4_OFFSET))
		return ps_packet_ip_fragment(walk, (field & PS_IPV4_OFFSET) * 8,
					     !(field & PS_IPV4_MORE), length);
	return true;
}

/* RFC 8200 4.5. Offset 0 and no more to come: an atomic fragment, a whole packet. */
static bool ps_packet_ipv6_fragment(struct ps_walk *walk, const u8 *header)
{
	u32 before =
		walk->offset - PS_IPV6_FRAGMENT_HEADER - PS_IPV6_HEADER - walk->packet->network;
	u16 field = ps_bytes_u16(header + 2);

	walk->packet->fragment_id = ps_bytes_u32(header + 4);
	if (field & (PS_IPV6_MORE | PS_IPV6_OFFSET))
		return ps_packet_ip_fragment(walk, field & PS_IPV6_OFFSET, !(field & PS_IPV6_MORE),
					     before);
	return true;
}

static bool ps_packet_ip_is_extension(u8 protocol)
{
	return protocol == PS_IPV6_HOP_BY_HOP || protocol == PS_IPV6_ROUTING ||
	       protocol == PS_IPV6_FRAGMENT || protocol == PS_IPV6_DESTINATION;
}

/* One extension header, RFC 8200 4; packet->protocol says which. */
static bool ps_packet_ip_extension(struct ps_walk *walk, bool *fragmented)
{
	const u8 *header = walk->data + walk->offset;
	struct ps_packet *packet = walk->packet;
	u8 kind = packet->protocol;
	u32 length = 8;

	if (walk->extensions == PS_IPV6_EXTENSIONS_MAX)
		return ps_walk_stop(walk, PS_REASON_ipv6_extension_count);
	if ((kind == PS_IPV6_HOP_BY_HOP && walk->extensions) ||
	    (kind == PS_IPV6_FRAGMENT && *fragmented))
		return ps_walk_stop(walk, PS_REASON_ipv6_extension);
	if (!ps_walk_reach(walk, walk->offset + length, PS_REASON_ipv6_extension))
		return false;
	if (kind != PS_IPV6_FRAGMENT)
		length += header[1] * 8;
	if (!ps_walk_reach(walk, walk->offset + length, PS_REASON_ipv6_extension))
		return false;
	walk->extensions++;
	walk->offset += length;
	packet->protocol = header[0];
	switch (kind) {
	case PS_IPV6_HOP_BY_HOP:
		walk->hop_by_hop = true;
		return true;
	case PS_IPV6_ROUTING:
		walk->detour |= header[3] != 0;
		return header[2] ? true : ps_walk_stop(walk, PS_REASON_ipv6_routing_type0);
	case PS_IPV6_FRAGMENT:
		*fragmented = true;
		return ps_packet_ipv6_fragment(walk, header);
	default:
		return true;
	}
}

static struct ps_addr ps_packet_ipv6_address(const u8 *at)
{
	return (struct ps_addr){ { ps_bytes_u32(at), ps_bytes_u32(at + 4), ps_bytes_u32(at + 8),
				   ps_bytes_u32(at + 12) } };
}

/* RFC 8200. The caller has made sure of the 40 bytes and the version. */
static bool ps_packet_ipv6(struct ps_walk *walk)
{
	const u8 *header = walk->data + walk->offset;
	struct ps_packet *packet = walk->packet;
	u32 payload = ps_bytes_u16(header + 4);
	bool fragmented = false;

	packet->src = ps_packet_ipv6_address(header + 8);
	packet->dst = ps_packet_ipv6_address(header + 24);
	packet->protocol = header[6];
	packet->ttl = header[7];
	if (!ps_packet_ip_length(walk, PS_IPV6_HEADER, payload, PS_IPV6_HEADER + payload))
		return false;
	walk->offset += PS_IPV6_HEADER;
	while (unlikely(ps_packet_ip_is_extension(packet->protocol)) &&
	       packet->fragment != PS_FRAGMENT_LATER)
		if (!ps_packet_ip_extension(walk, &fragmented))
			return false;
	return true;
}

bool ps_packet_ip_parse(struct ps_walk *walk)
{
	u32 header = walk->ipv4 ? PS_IPV4_HEADER : PS_IPV6_HEADER;

	if (!ps_walk_reach(walk, walk->offset + header, PS_REASON_ip_header_length))
		return false;
	if (walk->data[walk->offset] >> 4 != (walk->ipv4 ? 4 : 6))
		return ps_walk_stop(walk, PS_REASON_ip_version);
	return walk->ipv4 ? ps_packet_ipv4(walk) : ps_packet_ipv6(walk);
}
