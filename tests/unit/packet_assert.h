/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assertions about what becomes of a frame; for cmocka tests. */
#ifndef PS_TESTS_PACKET_ASSERT_H
#define PS_TESTS_PACKET_ASSERT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "packets.h"

/* Parse from a heap copy of exactly the frame's size: ASan sees any byte too many. */
static inline void parse_exactly(struct ps_packet *packet, const struct frame *f, u32 available)
{
	struct ps_view view = frame_view(f);
	u8 *copy = malloc(available ? available : 1);

	memcpy(copy, f->data, available);
	view.data = available ? copy : copy + 1;
	view.available = available;
	ps_packet_parse(packet, &view);
	free(copy);
}

static inline const char *reason_of(const struct frame *f)
{
	struct ps_packet packet;

	parse_exactly(&packet, f, f->length);
	return ps_reason_info[packet.reason].name;
}

/* The frame is passed or dropped for the reason of that name. */
#define assert_reason(f, why) assert_string_equal(reason_of(&(f)), \
						  ps_reason_info[PS_REASON_##why].name)
/* The frame is fit to be judged. */
#define assert_fit(f) assert_string_equal(reason_of(&(f)), "undecided")

#endif
