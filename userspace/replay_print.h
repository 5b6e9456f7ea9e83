/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a replay tells: a line a packet, and statistics as the files of sysfs have them. */
#ifndef PS_REPLAY_PRINT_H
#define PS_REPLAY_PRINT_H

#include "print.h"
#include "replay.h"

/* By enum ps_action. */
extern const enum ps_colour ps_replay_colour[];

/* Address and, where there is one, port; in @text of PS_ITEM_MAX. */
const char *ps_replay_end(char *text, const struct ps_packet *packet, const struct ps_addr *addr,
			  u16 port);

/* One packet, on a line of its own. */
void ps_replay_print_verdict(const struct ps_replay *replay, const struct ps_capture_frame *frame,
			     const struct ps_replay_told *told);

/* The same as an object. */
json_t *ps_replay_json_verdict(const struct ps_replay *replay, const struct ps_capture_frame *frame,
			       const struct ps_replay_told *told);

/* At the end: the statistics of the instance, and of the contexts that saw packets. */
void ps_replay_print(struct ps_replay *replay);
json_t *ps_replay_json(struct ps_replay *replay);

#endif
