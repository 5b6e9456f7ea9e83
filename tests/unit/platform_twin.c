// SPDX-License-Identifier: GPL-2.0-or-later
/* The userspace twin of the functions in platform.h; see platform_twin.h. */
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
