// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The header walk as a whole, the link headers, and the rules for addresses.
 *
 * The walk reads header after header and ends at the first one that is broken.
 * If it got past the IP headers, what isn't ours to judge comes first, then the
 * addresses, and last what the walk found in the transport header. A packet
 * whose IP headers are broken is never passed unjudged.
 */
#include "bytes.h"
#include "packet_ip.h"
#include "transport.h"

#define PS_ETHERTYPE_IPV4  0x0800
#define PS_ETHERTYPE_IPV6  0x86dd
#define PS_ETHERTYPE_VLAN  0x8100 /* IEEE 802.1Q */
#define PS_ETHERTYPE_SVLAN 0x88a8 /* IEEE 802.1ad */
#define PS_ETHERTYPE_PPPOE 0x8864 /* session stage, RFC 2516 */

#define PS_VLAN_HEADER	 4
#define PS_VLAN_ID	 0x0fff
#define PS_PPPOE_HEADER	 6
#define PS_PPPOE_SESSION 0x1100 /* version 1, type 1, code 0 */
#define PS_PPP_IPV4	 0x0021
#define PS_PPP_IPV6	 0x0057

#define PS_ND_FIRST	 133 /* router solicitation */
#define PS_ND_LAST	 137 /* redirect */
#define PS_MLD_FIRST	 130 /* query */
#define PS_MLD_LAST	 132 /* done */
#define PS_MLD2_REPORT	 143
#define PS_DHCPV6_CLIENT 546
#define PS_DHCP_SERVER	 67
#define PS_DHCP_CLIENT	 68

static_assert(PS_HEADERS_MAX >= 256, "link headers, IPv4 and TCP with options always fit");
static_assert(PS_HEADERS_MAX <= 65535, "offsets of headers are u16");
static_assert(PS_REASONS <= 256, "reasons are kept in a u8");

bool ps_walk_out_of_reach(struct ps_walk *walk, u32 to, enum ps_reason truncated)
{
	if (to > walk->end)
		return ps_walk_stop(walk, walk->packet->fragment == PS_FRAGMENT_FIRST ?
						  PS_REASON_fragment_tiny :
						  truncated);
	if (to > PS_HEADERS_MAX)
		return ps_walk_stop(walk, PS_REASON_ipv6_extension_count);
	walk->packet->wants = to;
	return false;
}

static bool ps_packet_vlan(struct ps_walk *walk, u16 *ethertype)
{
	const u8 *header = walk->data + walk->offset;

	if (!ps_walk_reach(walk, walk->offset + PS_VLAN_HEADER, PS_REASON_link_header))
		return false;
	if (walk->packet->vlan == PS_VLAN_NONE)
		walk->packet->vlan = ps_bytes_u16(header) & PS_VLAN_ID;
	*ethertype = ps_bytes_u16(header + 2);
	walk->offset += PS_VLAN_HEADER;
	return true;
}

/* The PPP protocol field may have lost its leading zero byte (RFC 1661 6.5). */
static bool ps_packet_ppp_protocol(struct ps_walk *walk, u16 *protocol)
{
	if (!ps_walk_reach(walk, walk->offset + 1, PS_REASON_link_header))
		return false;
	*protocol = walk->data[walk->offset];
	if (!(*protocol & 1)) {
		if (!ps_walk_reach(walk, walk->offset + 2, PS_REASON_link_header))
			return false;
		*protocol = ps_bytes_u16(walk->data + walk->offset);
		walk->offset++;
	}
	walk->offset++;
	return true;
}

static bool ps_packet_pppoe(struct ps_walk *walk, u16 *ethertype)
{
	const u8 *header = walk->data + walk->offset;
	u16 protocol;
	u32 length;

	if (!ps_walk_reach(walk, walk->offset + PS_PPPOE_HEADER, PS_REASON_link_header))
		return false;
	walk->offset += PS_PPPOE_HEADER;
	length = ps_bytes_u16(header + 4);
	if (ps_bytes_u16(header) != PS_PPPOE_SESSION || length > walk->end - walk->offset)
		return ps_walk_stop(walk, PS_REASON_link_header);
	ps_walk_limit(walk, walk->offset + length);
	if (!ps_packet_ppp_protocol(walk, &protocol))
		return false;
	if (protocol != PS_PPP_IPV4 && protocol != PS_PPP_IPV6)
		return ps_walk_stop(walk, PS_REASON_not_ip);
	*ethertype = protocol == PS_PPP_IPV4 ? PS_ETHERTYPE_IPV4 : PS_ETHERTYPE_IPV6;
	return true;
}

/* Walk the link headers up to an IP header. */
static bool ps_packet_link(struct ps_walk *walk, u16 ethertype)
{
	unsigned int headers;
	bool more = true;

	for (headers = 0; more; headers++) {
		switch (ethertype) {
		case PS_ETHERTYPE_IPV4:
		case PS_ETHERTYPE_IPV6:
			walk->ipv4 = ethertype == PS_ETHERTYPE_IPV4;
			walk->packet->network = (u16)walk->offset;
			return true;
		case PS_ETHERTYPE_VLAN:
		case PS_ETHERTYPE_SVLAN:
		case PS_ETHERTYPE_PPPOE:
			if (headers == PS_LINK_HEADERS_MAX)
				return ps_walk_stop(walk, PS_REASON_link_header);
			more = ethertype == PS_ETHERTYPE_PPPOE ? ps_packet_pppoe(walk, &ethertype) :
								 ps_packet_vlan(walk, &ethertype);
			break;
		default:
			return ps_walk_stop(walk, PS_REASON_not_ip);
		}
	}
	return false;
}

/* What an IPv6 link can't live without, whatever the configuration. */
static enum ps_reason ps_packet_unjudged(const struct ps_walk *walk)
{
	const struct ps_packet *packet = walk->packet;
	bool link_local = packet->src.word[0] >> 22 == 0xfe80 >> 6;
	u8 type = packet->icmp_type;

	if (walk->ipv4 || walk->extensions > walk->hop_by_hop)
		return PS_REASON_UNDECIDED;
	/* A message shorter than its header is none of these, whatever its type. */
	if (packet->reason == PS_REASON_icmp_header || packet->reason == PS_REASON_udp_header)
		return PS_REASON_UNDECIDED;
	if (packet->protocol == PS_PROTOCOL_ICMPV6) {
		if (type >= PS_ND_FIRST && type <= PS_ND_LAST && packet->ttl == 255 &&
		    !walk->extensions)
			return PS_REASON_neighbour_discovery;
		if (((type >= PS_MLD_FIRST && type <= PS_MLD_LAST) || type == PS_MLD2_REPORT) &&
		    packet->ttl == 1 && link_local)
			return PS_REASON_multicast_listener;
	}
	if (packet->protocol == PS_PROTOCOL_UDP && packet->dport == PS_DHCPV6_CLIENT &&
	    link_local && !walk->extensions)
		return PS_REASON_dhcpv6_client;
	return PS_REASON_UNDECIDED;
}

static bool ps_packet_is_multicast(const struct ps_addr *addr)
{
	return ps_addr_is_ipv4(addr) ? addr->word[3] >> 28 == 0xe : addr->word[0] >> 24 == 0xff;
}

static bool ps_packet_is_broadcast(const struct ps_addr *addr)
{
	return ps_addr_is_ipv4(addr) && addr->word[3] == 0xffffffff;
}

static bool ps_packet_is_loopback(const struct ps_addr *addr)
{
	if (ps_addr_is_ipv4(addr))
		return addr->word[3] >> 24 == 127;
	return !(addr->word[0] | addr->word[1] | addr->word[2]) && addr->word[3] == 1;
}

static bool ps_packet_is_unspecified(const struct ps_addr *addr)
{
	return !addr->word[3] &&
	       (ps_addr_is_ipv4(addr) || !(addr->word[0] | addr->word[1] | addr->word[2]));
}

/* The one packet that has a good reason to come from nowhere. */
static bool ps_packet_is_dhcp_discovery(const struct ps_walk *walk)
{
	const struct ps_packet *packet = walk->packet;

	return walk->ipv4 && packet->protocol == PS_PROTOCOL_UDP &&
	       packet->fragment == PS_FRAGMENT_NONE && packet->sport == PS_DHCP_CLIENT &&
	       packet->dport == PS_DHCP_SERVER;
}

/* The host talks to itself on a loopback interface, from any address. */
static enum ps_reason ps_packet_check_addresses(const struct ps_walk *walk)
{
	const struct ps_addr *src = &walk->packet->src;
	const struct ps_addr *dst = &walk->packet->dst;
	bool loopback = walk->flags & PS_VIEW_LOOPBACK;

	if (!walk->ipv4 && (ps_addr_is_ipv4(src) || ps_addr_is_ipv4(dst)))
		return PS_REASON_ipv6_mapped;
	if (ps_addr_equal(src, dst) && !loopback)
		return PS_REASON_ip_land;
	if (ps_packet_is_multicast(src))
		return PS_REASON_source_multicast;
	if (ps_packet_is_broadcast(src))
		return PS_REASON_source_broadcast;
	if (ps_packet_is_loopback(src) && !loopback)
		return PS_REASON_source_loopback;
	if (ps_packet_is_unspecified(src) && !loopback && !ps_packet_is_dhcp_discovery(walk))
		return PS_REASON_source_unspecified;
	return PS_REASON_UNDECIDED;
}

static void ps_packet_walk(struct ps_walk *walk, u16 ethertype)
{
	struct ps_packet *packet = walk->packet;
	enum ps_reason reason;

	if (!ps_packet_link(walk, ethertype) || !ps_packet_ip_parse(walk))
		return;
	if (packet->fragment == PS_FRAGMENT_LATER) {
		packet->payload = (u16)walk->offset;
	} else {
		packet->transport = (u16)walk->offset;
		ps_transport_parse(walk);
		if (packet->wants)
			return;
	}
	reason = ps_packet_unjudged(walk);
	if (!reason)
		reason = ps_packet_check_addresses(walk);
	if (!reason)
		return;
	packet->reason = (u8)reason;
	packet->checksum = 0;
}

void ps_packet_parse(struct ps_packet *packet, const struct ps_view *view)
{
	struct ps_walk walk = {
		.packet = packet,
		.data = view->data,
		.available = view->available,
		.flags = view->flags,
	};

	*packet = (struct ps_packet){
		.length = view->length,
		.segments = view->segments,
		.vlan = view->vlan,
	};
	ps_walk_limit(&walk, view->length);
	if (view->flags & PS_VIEW_OTHER_HOST)
		packet->reason = PS_REASON_other_host;
	else
		ps_packet_walk(&walk, view->ethertype);
}
