// SPDX-License-Identifier: GPL-2.0-or-later
/* What the core asks of the platform, but for userspace/platform_nettle.c; see platform_twin.h. */
#include "platform_twin.h"

bool ps_platform_cookie_offer(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded)
{
	frame->offers++;
	frame->packet = packet;
	frame->forwarded = forwarded;
	return frame->can_offer;
}

bool ps_platform_cookie_check(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded)
{
	frame->checks++;
	frame->packet = packet;
	frame->forwarded = forwarded;
	return frame->is_valid;
}

bool ps_platform_retry_offer(struct ps_frame *frame, const struct ps_packet *packet)
{
	frame->retries++;
	frame->packet = packet;
	return frame->can_offer;
}
