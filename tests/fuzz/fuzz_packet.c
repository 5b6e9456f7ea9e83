// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The header walk over any bytes. The first six say how the front end found
 * the frame: flags, where the view is cut, EtherType, VLAN; the rest is the frame.
 *
 * Properties: the answer depends on the bytes alone; a view cut short gets the
 * same answer or a sensible wish; offsets lie in order within the packet; what
 * is fit to be judged has all that judging needs.
 */
#include <stdlib.h>

#include "packet.h"

#define PREFIX	6

static void require(bool property)
{
	if (!property)
		__builtin_trap();
}

/* Parse from an allocation of exactly the readable bytes. */
static void parse(struct ps_packet *packet, struct ps_view view, u32 available, u8 fill)
{
	u8 *copy = malloc(available ? available : 1);

	memcpy(copy, view.data, available);
	view.data = available ? copy : copy + 1;
	view.available = available;
	memset(packet, fill, sizeof(*packet));
	ps_packet_parse(packet, &view);
	free(copy);
}

static void check_wish(const struct ps_packet *packet, u32 available, u32 length)
{
	require(packet->wants > available);
	require(packet->wants <= length);
	require(packet->wants <= PS_HEADERS_MAX);
}

/* What the engine reads of the payload, if it is there. */
static u32 looked_at(const struct ps_packet *packet)
{
	if (packet->icmp_error)
		return PS_QUOTE_MAX;
	return packet->protocol == PS_PROTOCOL_UDP ? PS_DATAGRAM_MAX : 0;
}

static void check_cuts(const struct ps_packet *whole, const struct ps_view *view, u32 cut)
{
	struct ps_packet packet;

	parse(&packet, *view, cut, 0x55);
	while (packet.wants) {
		check_wish(&packet, cut, view->length);
		cut = packet.wants;
		parse(&packet, *view, cut, 0xaa);
	}
	/* How much may be read of the payload depends on the view. */
	require(packet.readable <= whole->readable);
	require(packet.readable >= min(looked_at(whole), whole->readable));
	packet.readable = whole->readable;
	require(!memcmp(&packet, whole, sizeof(packet)));
}

static void check_offsets(const struct ps_packet *packet)
{
	require(packet->end <= packet->length);
	if (packet->transport) {
		require(packet->network + 20U <= packet->transport);
		require(packet->transport <= packet->end);
		require(packet->fragment != PS_FRAGMENT_LATER);
	}
	require(packet->payload + packet->readable <= min(packet->end, PS_HEADERS_MAX) ||
		!packet->readable);
	require(packet->payload <= packet->end || packet->reason);
	if (packet->checksum) {
		require(packet->reason == PS_REASON_UNDECIDED);
		require(packet->fragment == PS_FRAGMENT_NONE);
		require(packet->checksum >= packet->transport + 2);
		require(packet->checksum + 2U <= packet->checksum_end);
		require(packet->checksum_end <= packet->end);
		require(ps_reason_info[packet->checksum_reason].action == PS_DROP);
	}
}

static void check_answer(const struct ps_packet *packet)
{
	bool whole = packet->fragment == PS_FRAGMENT_NONE;

	require(packet->reason < PS_REASONS);
	require(!packet->wants);
	if (packet->reason) {
		require(ps_reason_info[packet->reason].action != PS_DELIVER);
		return;
	}
	require(ps_addr_is_ipv4(&packet->src) == ps_addr_is_ipv4(&packet->dst));
	require(packet->transport || packet->fragment == PS_FRAGMENT_LATER);
	if (packet->transport && (packet->protocol == PS_PROTOCOL_TCP ||
				  packet->protocol == PS_PROTOCOL_UDP))
		require(packet->sport && packet->dport);
	if (packet->transport && packet->protocol == PS_PROTOCOL_TCP)
		require(packet->tcp_flags && packet->transport + 20U <= packet->end);
	if (whole && packet->protocol == PS_PROTOCOL_TCP && ps_addr_is_ipv4(&packet->src))
		require(packet->checksum);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ps_packet packet, again;
	struct ps_view view = { 0 };
	u32 cut;

	if (size < PREFIX)
		return 0;
	view.flags = data[0];
	cut = data[1];
	view.ethertype = (u16)(data[2] << 8 | data[3]);
	view.vlan = (u16)(data[4] << 8 | data[5]) % 4095;
	view.data = data + PREFIX;
	view.length = (u32)size - PREFIX;
	view.segments = 1;
	parse(&packet, view, view.length, 0x00);
	parse(&again, view, view.length, 0xff);
	require(!memcmp(&packet, &again, sizeof(packet)));
	check_answer(&packet);
	check_offsets(&packet);
	check_cuts(&packet, &view, min(cut, view.length));
	check_cuts(&packet, &view, view.length - min(cut, view.length));
	if (packet.checksum)
		ps_packet_checksum(&packet, view.data);
	return 0;
}
