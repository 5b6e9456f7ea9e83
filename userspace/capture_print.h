/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A captured packet, for people: a line, or the comment in a file. */
#ifndef PS_CAPTURE_PRINT_H
#define PS_CAPTURE_PRINT_H

#include "slot.h"

#define PS_CAPTURE_COMMENT_MAX	512

/* One line on standard output. */
void ps_capture_print(const struct ps_slot_packet *packet, const char *instance,
		      const char *interface);

/* "verdict=drop reason=tcp_checksum context=Other instance=shield"; in @text. */
void ps_capture_comment(char text[PS_CAPTURE_COMMENT_MAX], const struct ps_slot_packet *packet,
			const char *instance);

#endif
