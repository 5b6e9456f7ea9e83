/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far something that takes long has come: a bar on standard error, where
 * that is a terminal, and nothing elsewhere.
 */
#ifndef PS_PROGRESS_H
#define PS_PROGRESS_H

#include <stdint.h>

/**
 * ps_progress_show() - draw the bar, at most ten times a second
 * @what: a word or two in front of it
 * @done: how much is done
 * @all: of how much
 */
void ps_progress_show(const char *what, uint64_t done, uint64_t all);

/* Take the bar away, before anything else is printed. */
void ps_progress_end(void);

#endif
