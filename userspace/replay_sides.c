// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which end of a capture is this host; see replay.h. The addresses of contexts
 * tell, since they are on this host or behind it; else the one MAC that all
 * frames have in common.
 */
#include <string.h>

#include "replay.h"

static bool is_group(const u8 *mac)
{
	return mac[0] & 1;
}

/* What both frames so far and this one have stays. */
static void intersect(struct ps_replay_sides *sides, const u8 *ends)
{
	u32 i, kept = 0;

	if (sides->candidates == ~0U) {
		memcpy(sides->candidate, ends, sizeof(sides->candidate));
		sides->candidates = 2;
		return;
	}
	for (i = 0; i < sides->candidates; i++)
		if (!memcmp(sides->candidate[i], ends, PS_MAC_BYTES) ||
		    !memcmp(sides->candidate[i], ends + PS_MAC_BYTES, PS_MAC_BYTES))
			memmove(sides->candidate[kept++], sides->candidate[i], PS_MAC_BYTES);
	sides->candidates = kept;
}

static void vote(struct ps_replay_sides *sides, const u8 *mac)
{
	u32 i;

	if (is_group(mac))
		return;
	for (i = 0; i < sides->voted; i++)
		if (!memcmp(sides->votes[i].mac, mac, PS_MAC_BYTES))
			break;
	if (i == PS_REPLAY_MACS)
		return;
	if (i == sides->voted) {
		memcpy(sides->votes[i].mac, mac, PS_MAC_BYTES);
		sides->votes[i].count = 0;
		sides->voted++;
	}
	sides->votes[i].count++;
}

/* Whether a context is named by the address, with any VLAN or none. */
static bool is_context(const struct ps_model_instance *instance, const struct ps_addr *addr,
		       u16 vlan)
{
	struct ps_context_id id = { .addr = *addr, .vlan = vlan };

	if (ps_addr_equal(addr, &instance->context[0].id.addr))
		return false;
	if (ps_model_find_context(instance, &id))
		return true;
	id.vlan = 0;
	return ps_model_find_context(instance, &id);
}

void ps_replay_sides_see(struct ps_replay_sides *sides, const struct ps_capture_frame *frame)
{
	struct ps_view view = ps_replay_view(frame);
	struct ps_packet packet;

	if (frame->captured < PS_ETHERNET)
		return;
	if (!is_group(frame->data) && memcmp(frame->data, frame->data + PS_MAC_BYTES, PS_MAC_BYTES))
		intersect(sides, frame->data);
	if (sides->instance->contexts < 2)
		return;
	ps_packet_parse(&packet, &view);
	if (packet.wants || packet.reason)
		return;
	if (is_context(sides->instance, &packet.dst, packet.vlan))
		vote(sides, frame->data);
	if (is_context(sides->instance, &packet.src, packet.vlan))
		vote(sides, frame->data + PS_MAC_BYTES);
}

bool ps_replay_sides_find(const struct ps_replay_sides *sides, u8 mac[PS_MAC_BYTES])
{
	u32 i, best = 0;

	for (i = 1; i < sides->voted; i++)
		if (sides->votes[i].count > sides->votes[best].count)
			best = i;
	if (sides->voted)
		memcpy(mac, sides->votes[best].mac, PS_MAC_BYTES);
	else if (sides->candidates == 1)
		memcpy(mac, sides->candidate[0], PS_MAC_BYTES);
	return sides->voted || sides->candidates == 1;
}
