/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A way back for who locks himself out: a process of its own, the guard, brings
 * the former configuration back unless it is told in time that all is well, by
 * who applied or from another session. It is there before anything changes, and
 * outlives the terminal.
 *
 * One guard waits in a network namespace: it is found by an abstract socket,
 * whose peers prove who they are.
 */
#ifndef PS_CONFIRM_H
#define PS_CONFIRM_H

#include "model.h"

#define PS_CONFIRM_SECONDS_MAX	86400

/**
 * struct ps_confirm - who waits for a confirmation
 * @guard: socket to the guard
 * @seconds: how long it waits
 */
struct ps_confirm {
	int guard;
	unsigned int seconds;
};

/**
 * ps_confirm_start() - set a guard, before the change
 * @confirm: @seconds is set; @guard is filled in
 * @former: what it is to bring back
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_confirm_start(struct ps_confirm *confirm, const struct ps_model *former);

/* Nothing was changed: the guard goes. */
void ps_confirm_cancel(struct ps_confirm *confirm);

/* All was changed: ask, and wait for what comes of it. Returns enum ps_exit. */
int ps_confirm_wait(struct ps_confirm *confirm);

/* Tell the guard of another session that all is well. Returns enum ps_exit. */
int ps_confirm_elsewhere(void);

/* Whether a guard waits: what is applied now would not last. */
bool ps_confirm_is_awaited(void);

#endif
