// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking whether all is well; see confirm.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "confirm.h"
#include "confirm_guard.h"
#include "print.h"

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int refuse(const char *what)
{
	ps_print_error("%s: %s", what, strerror(errno));
	return PS_EXIT_FAILED;
}

int ps_confirm_start(struct ps_confirm *confirm, const struct ps_model *former)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return refuse("socketpair");
	/* Or the guard would say it again. */
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return refuse("fork");
	if (!pid) {
		close(ends[0]);
		ps_guard_run(ends[1], confirm->seconds, former);
	}
	close(ends[1]);
	confirm->guard = ends[0];
	if (ps_guard_hear(confirm->guard) == PS_GUARD_READY)
		return PS_EXIT_OK;
	close(confirm->guard);
	ps_print_error("another apply waits for its confirmation");
	ps_print_hint("packetshield apply --confirmed");
	return PS_EXIT_FAILED;
}

void ps_confirm_cancel(struct ps_confirm *confirm)
{
	ps_guard_say(confirm->guard, PS_GUARD_QUIT);
	close(confirm->guard);
}

/* What a line means to the guard; 0: nothing. */
static int word_of(const char *line)
{
	if (!strcmp(line, "yes") || !strcmp(line, "y"))
		return PS_GUARD_YES;
	if (!strcmp(line, "no") || !strcmp(line, "n"))
		return PS_GUARD_NO;
	ps_print_hint("type yes or no");
	return 0;
}

/* Tell the guard what was typed; false behind the last line. */
static bool hear_operator(const struct ps_confirm *confirm)
{
	char text[256], *rest = text, *line;
	ssize_t got = read(STDIN_FILENO, text, sizeof(text) - 1);
	int word;

	if (got <= 0)
		return got < 0 && errno == EINTR;
	text[got] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		word = *line ? word_of(line) : 0;
		if (!word)
			continue;
		ps_guard_say(confirm->guard, word);
		break;
	}
	return true;
}

/* What the guard says at last. */
static char converse(struct ps_confirm *confirm)
{
	struct pollfd fd[2] = { { .fd = confirm->guard, .events = POLLIN },
				{ .fd = STDIN_FILENO, .events = POLLIN } };
	int ready;

	for (;;) {
		ready = poll(fd, 2, -1);
		if (interrupted) {
			interrupted = 0;
			ps_guard_say(confirm->guard, PS_GUARD_NO);
		}
		if (ready <= 0)
			continue;
		if (fd[0].revents)
			return ps_guard_hear(confirm->guard);
		if (!hear_operator(confirm))
			fd[1].fd = -1;
	}
}

int ps_confirm_wait(struct ps_confirm *confirm)
{
	const struct sigaction action = { .sa_handler = note_interrupt };
	char word;

	sigaction(SIGINT, &action, NULL);
	ps_guard_say(confirm->guard, PS_GUARD_APPLIED);
	fprintf(stderr,
		"Applied. Type yes within %u s, or run \"packetshield apply --confirmed\", or what "
		"was before\ncomes back.\n",
		confirm->seconds);
	word = converse(confirm);
	close(confirm->guard);
	if (word == PS_GUARD_KEPT)
		return PS_EXIT_OK;
	if (word == PS_GUARD_BACK)
		ps_print_error("not confirmed: what was before is back");
	else
		ps_print_error("not confirmed, and what was before can't be brought back");
	return PS_EXIT_FAILED;
}

/* A socket to the guard, or -1. Anybody may have the name: he shall not make us wait. */
static int knock(void)
{
	struct sockaddr_un address;
	socklen_t length = ps_guard_address(&address);
	int guard = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (guard >= 0 && !connect(guard, (struct sockaddr *)&address, length) &&
	    ps_guard_is_trusted(guard) && !fcntl(guard, F_SETFL, 0))
		return guard;
	if (guard >= 0)
		close(guard);
	return -1;
}

bool ps_confirm_is_awaited(void)
{
	int guard = knock();

	if (guard < 0)
		return false;
	close(guard);
	return true;
}

int ps_confirm_elsewhere(void)
{
	int guard = knock();
	bool kept;

	if (guard < 0) {
		ps_print_error("no apply waits for its confirmation");
		return PS_EXIT_FAILED;
	}
	kept = ps_guard_say(guard, PS_GUARD_YES) && ps_guard_hear(guard) == PS_GUARD_KEPT;
	close(guard);
	if (kept)
		return PS_EXIT_OK;
	ps_print_error("the confirmation wasn't taken");
	ps_print_hint("only who applied, and root, can confirm");
	return PS_EXIT_FAILED;
}
