/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which packets of a capture are wanted. */
#ifndef PS_CAPTURE_FILTER_H
#define PS_CAPTURE_FILTER_H

#include <pcap/pcap.h>

#include "command.h"
#include "slot.h"

/**
 * struct ps_capture_filter - what a packet must be like
 * @verdict: bit n: of this enum ps_action
 * @reason: by enum ps_reason; all of them where @any_reason
 * @any_reason: the reason doesn't matter
 * @context: its name; empty: any
 * @program: what libpcap made of an expression; no instructions: none was given
 */
struct ps_capture_filter {
	unsigned int verdict;
	bool reason[PS_REASONS];
	bool any_reason;
	char context[PS_ITEM_MAX];
	struct bpf_program program;
};

/**
 * ps_capture_filter_read() - from the flags of a command
 * @filter: filled; for ps_capture_filter_free() in any case
 * @arguments: flags --verdict, --reason, --context, --filter
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_capture_filter_read(struct ps_capture_filter *filter, const struct ps_arguments *arguments);
void ps_capture_filter_free(struct ps_capture_filter *filter);

bool ps_capture_filter_wants(const struct ps_capture_filter *filter,
			     const struct ps_slot_packet *packet);

/* "drop": the word of a verdict. */
const char *ps_capture_filter_word(enum ps_action verdict);

#endif
