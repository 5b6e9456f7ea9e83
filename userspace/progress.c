// SPDX-License-Identifier: GPL-2.0-or-later
/* The bar; see progress.h. It stays on one line, which it takes away at the end. */
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define PS_PROGRESS_WIDTH 40

static bool ps_progress_is_shown;

/* Whether a tenth of a second has passed since it last was so. */
static bool is_due(void)
{
	static struct timespec last;
	struct timespec now;
	long passed;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	passed = (now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000;
	if (passed < 100)
		return false;
	last = now;
	return true;
}

void ps_progress_show(const char *what, uint64_t done, uint64_t all)
{
	static const char full[PS_PROGRESS_WIDTH + 1] = "########################################";
	static int is_terminal = -1;
	int width;

	if (is_terminal < 0)
		is_terminal = isatty(STDERR_FILENO);
	if (!is_terminal || !all || !is_due())
		return;
	width = (int)(done >= all ? PS_PROGRESS_WIDTH : PS_PROGRESS_WIDTH * done / all);
	fprintf(stderr, "\r%s [%-*.*s] %3d %%", what, PS_PROGRESS_WIDTH, width, full,
		(int)(done >= all ? 100 : 100 * done / all));
	fflush(stderr);
	ps_progress_is_shown = true;
}

void ps_progress_end(void)
{
	if (ps_progress_is_shown)
		fputs("\r\033[K", stderr);
	ps_progress_is_shown = false;
}
