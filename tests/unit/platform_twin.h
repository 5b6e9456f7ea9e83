/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What platform.h asks of the kernel, for programs in userspace: here a frame
 * is the answers that a test wants the platform to give, and a record of what
 * the core has asked.
 */
#ifndef PS_TESTS_PLATFORM_TWIN_H
#define PS_TESTS_PLATFORM_TWIN_H

#include "platform.h"

/**
 * struct ps_frame - a packet as the twin has it
 * @can_offer:	a SYN can be answered with a cookie, an Initial with Retry
 * @is_valid:	the ACK returns a valid one
 * @offers:	how often ps_platform_cookie_offer() was called
 * @retries:	how often ps_platform_retry_offer() was called
 * @checks:	how often ps_platform_cookie_check() was called
 * @packet:	what the last of these calls was about
 * @forwarded:	and whether to a port in x_tcp_ports
 */
struct ps_frame {
	bool can_offer;
	bool is_valid;
	u32 offers;
	u32 retries;
	u32 checks;
	const struct ps_packet *packet;
	bool forwarded;
};

#endif
