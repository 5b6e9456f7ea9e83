// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See suggest.h. Words are alike when few letters must be put in, taken out,
 * replaced or swapped with their neighbour; a beginning of a word is very like it.
 */
#include <string.h>

#include "print.h"
#include "suggest.h"

#define PS_SUGGEST_MAX 64 /* bytes of a word */

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits that make one word the other: optimal string alignment, by rows. */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][PS_SUGGEST_MAX + 1], i, j, n = strlen(a), m = strlen(b);
	size_t *before = row[0], *last = row[1], *now = row[2], *spare;

	for (j = 0; j <= m; j++)
		last[j] = j;
	for (i = 1; i <= n; i++) {
		now[0] = i;
		for (j = 1; j <= m; j++) {
			now[j] = min(min(last[j], now[j - 1]) + 1,
				     last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min(now[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

void ps_suggest_try(struct ps_suggest *suggest, const char *candidate)
{
	size_t typed = strlen(suggest->word), found;

	if (!typed || typed > PS_SUGGEST_MAX || strlen(candidate) > PS_SUGGEST_MAX)
		return;
	if (typed >= 3 && !strncmp(suggest->word, candidate, typed))
		found = 1;
	else
		found = distance(suggest->word, candidate);
	if (found > (typed + 2) / 3 || found >= strlen(candidate))
		return;
	/* Of two that are as near the one that is as long. */
	found = 2 * found + (strlen(candidate) != typed);
	if (!suggest->best || found < suggest->distance) {
		suggest->best = candidate;
		suggest->distance = found;
	}
}

void ps_suggest_tell(const struct ps_suggest *suggest)
{
	if (suggest->best)
		ps_print_hint("did you mean \"%s\"?", suggest->best);
}
