/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of the last apply in this network namespace, kept until the next
 * boot for who asks (metrics). A note: nothing fails for want of it.
 */
#ifndef PS_APPLIED_H
#define PS_APPLIED_H

#include "platform.h"

/**
 * struct ps_applied - what became of apply
 * @successful: the last one was
 * @last: when it was, seconds since 1970
 * @success: when the last successful one was; 0: none was
 */
struct ps_applied {
	bool successful;
	s64 last;
	s64 success;
};

/* Note that apply ran, now. */
void ps_applied_note(bool successful);

/* Whether it ran, and what became of it. */
bool ps_applied_read(struct ps_applied *applied);

#endif
