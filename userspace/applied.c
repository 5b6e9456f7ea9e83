// SPDX-License-Identifier: GPL-2.0-or-later
/* See applied.h. Namespaces are told apart by their cookies, which never come again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "applied.h"

#define DIRECTORY "/run/packetshield"

static bool make_path(char path[64])
{
	int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long long cookie;
	socklen_t length = sizeof(cookie);
	bool known = false;

	if (file >= 0) {
		known = !getsockopt(file, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length);
		close(file);
	}
	if (known)
		snprintf(path, 64, DIRECTORY "/applied-%llu", cookie);
	return known;
}

void ps_applied_note(bool successful)
{
	struct ps_applied applied = {};
	char path[64], fresh[80];
	FILE *file;

	ps_applied_read(&applied);
	applied.last = time(NULL);
	if (successful)
		applied.success = applied.last;
	if (!make_path(path) || (mkdir(DIRECTORY, 0755) && errno != EEXIST))
		return;
	snprintf(fresh, sizeof(fresh), "%s.%d", path, (int)getpid());
	file = fopen(fresh, "we");
	if (!file)
		return;
	fprintf(file, "%d %lld %lld\n", successful, (long long)applied.last,
		(long long)applied.success);
	if (fclose(file) || rename(fresh, path))
		unlink(fresh);
}

bool ps_applied_read(struct ps_applied *applied)
{
	long long last, success;
	int found, successful;
	char path[64];
	FILE *file;

	file = make_path(path) ? fopen(path, "re") : NULL;
	if (!file)
		return false;
	found = fscanf(file, "%d %lld %lld", &successful, &last, &success);
	fclose(file);
	*applied =
		(struct ps_applied){ .successful = successful, .last = last, .success = success };
	if (found != 3)
		*applied = (struct ps_applied){};
	return found == 3;
}
