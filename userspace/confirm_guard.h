/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guard and those who talk to it have in common; private to confirm*.c. */
#ifndef PS_CONFIRM_GUARD_H
#define PS_CONFIRM_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "model.h"

/* What they say: one byte each. */
enum ps_guard_word {
	PS_GUARD_READY = 'r',	/* guard: changes may begin */
	PS_GUARD_BUSY = 'b',	/* guard: another one waits */
	PS_GUARD_APPLIED = 'a',	/* the change is done: the time runs */
	PS_GUARD_QUIT = 'q',	/* nothing was changed */
	PS_GUARD_YES = 'y',	/* all is well */
	PS_GUARD_NO = 'n',	/* go back at once */
	PS_GUARD_KEPT = 'k',	/* guard: the change stays */
	PS_GUARD_BACK = 'o',	/* guard: what was before is back */
	PS_GUARD_FAILED = 'f',	/* guard: it can't be brought back */
};

/* The name that a guard is found by; returns the length of the address. */
socklen_t ps_guard_address(struct sockaddr_un *address);

/* Whether the other end is root or who we are. */
bool ps_guard_is_trusted(int socket);

/* One byte, or 0 where none comes any more. */
char ps_guard_hear(int socket);
bool ps_guard_say(int socket, enum ps_guard_word word);

/* Be the guard, to the end of the process. */
void ps_guard_run(int parent, unsigned int seconds, const struct ps_model *former)
	__attribute__((noreturn));

#endif
