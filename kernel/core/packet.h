/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded header walk: bytes -> struct ps_packet.
 *
 * The walk starts behind the Ethernet header, goes through inner VLAN tags,
 * PPPoE, IPv4 or IPv6 with its extension headers, and ends in the TCP, UDP or
 * ICMP header. It never reads outside the view, takes the same steps for every
 * packet of a kind, and applies all rules of "invalid packets" that need no
 * configuration, the transport checksum apart (ps_packet_checksum()). Where
 * several rules apply, the reason is that of the first broken link or IP
 * header; then come what is passed unjudged, the addresses, and the transport
 * header.
 */
#ifndef PS_CORE_PACKET_H
#define PS_CORE_PACKET_H

#include "address.h"
#include "reasons.h"

#define PS_HEADERS_MAX		2048U	/* bytes of headers looked at, at most */
#define PS_IPV6_EXTENSIONS_MAX	8	/* extension headers, at most */
#define PS_LINK_HEADERS_MAX	4	/* inner VLAN tags and PPPoE, at most */
#define PS_QUOTE_MAX		128U	/* bytes of a packet quoted in an ICMP error */
#define PS_DATAGRAM_MAX		128U	/* bytes of a datagram: of DNS two, of QUIC a header */
#define PS_VLAN_NONE		0	/* untagged, or tagged with priority only */

/* Flags of struct ps_view. */
#define PS_VIEW_OTHER_HOST	0x01	/* the frame's destination is another host */
#define PS_VIEW_LOOPBACK	0x02	/* received on a loopback interface */
#define PS_VIEW_SUPER		0x04	/* GRO or TSO super-packet: its IP length may read 0 */

/**
 * struct ps_view - a packet as the front end hands it over
 * @data:	first byte behind the Ethernet header and, where the descriptor
 *		holds the outer VLAN tag, behind that tag
 * @available:	bytes at @data that may be read
 * @length:	bytes of the frame from @data on; @available or more
 * @segments:	packets on the wire that this one stands for, 1 or more
 * @ethertype:	EtherType of what is at @data, host order
 * @vlan:	outer VLAN id, 1-4094, or PS_VLAN_NONE
 * @flags:	PS_VIEW_*
 */
struct ps_view {
	const u8 *data;
	u32 available;
	u32 length;
	u16 segments;
	u16 ethertype;
	u16 vlan;
	u8 flags;
};

enum ps_fragment {
	PS_FRAGMENT_NONE,	/* whole, atomic IPv6 fragments included */
	PS_FRAGMENT_FIRST,
	PS_FRAGMENT_LATER,	/* has no transport header */
};

/* TCP flags, as in the 14th byte of the header. */
#define PS_TCP_FIN	0x01
#define PS_TCP_SYN	0x02
#define PS_TCP_RST	0x04
#define PS_TCP_PSH	0x08
#define PS_TCP_ACK	0x10
#define PS_TCP_URG	0x20

#define PS_PORT_DNS		53

#define PS_PROTOCOL_ICMP	1
#define PS_PROTOCOL_TCP		6
#define PS_PROTOCOL_UDP		17
#define PS_PROTOCOL_ICMPV6	58

/**
 * struct ps_packet - what is known of a packet after the walk
 * @src:	source address
 * @dst:	destination address; all zero when the walk didn't get there
 * @network:	offset of the IP header in the view
 * @transport:	offset of the transport header; 0 for later fragments
 * @payload:	offset behind the TCP, UDP or ICMP header, or of the fragment in
 *		later fragments; 0 for other protocols
 * @readable:	bytes at @payload that may be read: at least PS_QUOTE_MAX of ICMP
 *		errors and PS_DATAGRAM_MAX of UDP, or what they have
 * @end:	offset behind the IP packet (link padding lies beyond)
 * @length:	bytes of the frame, as in the view
 * @wants:	0, or the bytes the view must have available for the walk to
 *		end: nothing else is valid then
 * @fragment_id: of the IPv4 header or IPv6 fragment header
 * @segments:	as in the view
 * @sport:	TCP or UDP source port
 * @dport:	TCP or UDP destination port
 * @vlan:	outer VLAN id or PS_VLAN_NONE
 * @checksum:	offset of the TCP, UDP, ICMP or ICMPv6 checksum field that
 *		covers @transport to @end (for UDP: to the UDP length) and must
 *		be verified, or 0 where there is none to verify: packets that
 *		@reason decides, other protocols, fragments, UDP without checksum
 *		over IPv4, and IPv6 packets that a routing header with segments
 *		left sends on: their checksum is for another destination
 * @checksum_end: offset behind the last byte that the checksum covers; valid
 *		with @checksum
 * @checksum_reason: the drop reason when it doesn't verify (enum ps_reason);
 *		valid with @checksum
 * @reason:	enum ps_reason: why it is passed or dropped, or
 *		PS_REASON_UNDECIDED: fit to be judged
 * @protocol:	transport protocol, IANA number; of a later fragment what its
 *		header says comes next
 * @ttl:	TTL or hop limit
 * @fragment:	enum ps_fragment
 * @tcp_flags:	PS_TCP_*
 * @icmp_type:	of ICMP and ICMPv6
 * @icmp_error:	of them: it reports on a packet that @payload quotes
 */
struct ps_packet {
	struct ps_addr src;
	struct ps_addr dst;
	u32 end;
	u32 length;
	u32 wants;
	u32 fragment_id;
	u32 checksum_end;
	u16 network;
	u16 transport;
	u16 payload;
	u16 readable;
	u16 checksum;
	u16 segments;
	u16 sport;
	u16 dport;
	u16 vlan;
	u8 checksum_reason;
	u8 reason;
	u8 protocol;
	u8 ttl;
	u8 fragment;
	u8 tcp_flags;
	u8 icmp_type;
	bool icmp_error;
};

/**
 * ps_packet_parse() - walk the headers of a packet
 * @packet: filled in as far as the walk comes
 * @view: the packet
 *
 * When the walk needs bytes that the frame has but the view hasn't available,
 * packet->wants says how many; the caller comes again with a longer view. It
 * never wants more than PS_HEADERS_MAX.
 */
void ps_packet_parse(struct ps_packet *packet, const struct ps_view *view);

/**
 * ps_packet_checksum() - verify the transport checksum of a linear packet
 * @packet: a packet with packet->checksum set
 * @data: view->data, readable to packet->checksum_end
 *
 * For userspace and for front ends without a checksum engine of their own.
 *
 * Return: whether it is right (RFC 1071).
 */
bool ps_packet_checksum(const struct ps_packet *packet, const u8 *data);

#endif
