// SPDX-License-Identifier: GPL-2.0-or-later
/* The guard of a change that waits for its confirmation; see confirm.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "command.h"
#include "confirm_guard.h"
#include "state.h"

#define GUARD_NAME "packetshield-apply"

/**
 * struct guard - the guard
 * @parent: socket to who applies, -1 when he has gone
 * @door: where others knock
 * @seconds: to wait
 * @deadline: milliseconds of the monotonic clock, 0 before the change
 * @former: what comes back
 */
struct guard {
	int parent;
	int door;
	unsigned int seconds;
	long long deadline;
	const struct ps_model *former;
};

socklen_t ps_guard_address(struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path + 1, GUARD_NAME, sizeof(GUARD_NAME) - 1);
	return offsetof(struct sockaddr_un, sun_path) + sizeof(GUARD_NAME);
}

bool ps_guard_is_trusted(int socket)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return !getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) &&
	       (!peer.uid || peer.uid == geteuid());
}

char ps_guard_hear(int socket)
{
	char word;
	ssize_t got;

	do {
		got = recv(socket, &word, 1, 0);
	} while (got < 0 && errno == EINTR);
	return got == 1 ? word : '\0';
}

bool ps_guard_say(int socket, enum ps_guard_word word)
{
	char byte = word;

	return send(socket, &byte, 1, MSG_NOSIGNAL) == 1;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void start_clock(struct guard *guard)
{
	if (!guard->deadline)
		guard->deadline = now_ms() + guard->seconds * 1000LL;
}

/* Bring back what was: whether that was done. */
static bool go_back(const struct guard *guard)
{
	struct ps_model model = {};
	struct ps_link link;
	int result;

	result = ps_link_open(&link);
	if (result)
		return false;
	result = ps_state_read(&link, &model);
	if (!result)
		result = ps_apply_model(&link, &model, guard->former);
	ps_link_close(&link);
	ps_model_free(&model);
	return !result;
}

static void end(struct guard *guard, bool keep) __attribute__((noreturn));
static void end(struct guard *guard, bool keep)
{
	enum ps_guard_word word = PS_GUARD_KEPT;

	if (!keep)
		word = go_back(guard) ? PS_GUARD_BACK : PS_GUARD_FAILED;
	syslog(keep ? LOG_INFO : LOG_WARNING, "%s",
	       word == PS_GUARD_KEPT ?
		       "the configuration was confirmed" :
	       word == PS_GUARD_BACK ?
		       "the configuration wasn't confirmed: the former one is back" :
		       "the former configuration can't be brought back");
	if (guard->parent >= 0)
		ps_guard_say(guard->parent, word);
	_exit(word == PS_GUARD_FAILED);
}

static void hear_parent(struct guard *guard)
{
	switch (ps_guard_hear(guard->parent)) {
	case PS_GUARD_APPLIED:
		start_clock(guard);
		break;
	case PS_GUARD_QUIT:
		_exit(0);
	case PS_GUARD_YES:
		end(guard, true);
	case PS_GUARD_NO:
		end(guard, false);
	default:
		/* Killed, or his terminal is gone; perhaps in the middle of the change. */
		close(guard->parent);
		guard->parent = -1;
		start_clock(guard);
		break;
	}
}

static void open_door(struct guard *guard)
{
	const struct timeval patience = { .tv_sec = 1 };
	int visitor = accept4(guard->door, NULL, NULL, SOCK_CLOEXEC);

	if (visitor < 0)
		return;
	setsockopt(visitor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (guard->deadline && ps_guard_is_trusted(visitor) &&
	    ps_guard_hear(visitor) == PS_GUARD_YES) {
		ps_guard_say(visitor, PS_GUARD_KEPT);
		end(guard, true);
	}
	close(visitor);
}

/* Leave the terminal: neither its end nor its keys end us. */
static void detach(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t i;

	setsid();
	for (i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	for (i = 0; i < 3 && null >= 0; i++)
		dup2(null, (int)i);
	if (chdir("/"))
		syslog(LOG_DEBUG, "/: %m");
	openlog("packetshield", LOG_PID, LOG_DAEMON);
}

static bool bind_door(struct guard *guard)
{
	struct sockaddr_un address;
	socklen_t length = ps_guard_address(&address);

	guard->door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return guard->door >= 0 && !bind(guard->door, (struct sockaddr *)&address, length) &&
	       !listen(guard->door, 8);
}

void ps_guard_run(int parent, unsigned int seconds, const struct ps_model *former)
{
	struct guard guard = { .parent = parent, .seconds = seconds, .former = former };
	struct pollfd fd[2];
	long long left;

	detach();
	if (!bind_door(&guard)) {
		ps_guard_say(parent, PS_GUARD_BUSY);
		_exit(1);
	}
	ps_guard_say(parent, PS_GUARD_READY);
	for (;;) {
		left = guard.deadline ? guard.deadline - now_ms() : -1;
		if (guard.deadline && left <= 0)
			end(&guard, false);
		fd[0] = (struct pollfd){ .fd = guard.door, .events = POLLIN };
		fd[1] = (struct pollfd){ .fd = guard.parent, .events = POLLIN };
		if (poll(fd, 2, (int)left) <= 0)
			continue;
		if (fd[1].revents)
			hear_parent(&guard);
		if (fd[0].revents)
			open_door(&guard);
	}
}
