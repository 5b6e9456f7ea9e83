/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": of words that would do, the one most like what was typed. */
#ifndef PS_SUGGEST_H
#define PS_SUGGEST_H

#include <stddef.h>

/**
 * struct ps_suggest - a search for the word that was meant
 * @word: what was typed
 * @best: the word most like it, or NULL
 * @distance: how far it is, for ps_suggest_try()
 */
struct ps_suggest {
	const char *word;
	const char *best;
	size_t distance;
};

#define PS_SUGGEST(typed) { .word = (typed) }

/* One more word that would do; it is kept by reference. */
void ps_suggest_try(struct ps_suggest *suggest, const char *candidate);

/* Tell it as a hint, if there is one. */
void ps_suggest_tell(const struct ps_suggest *suggest);

#endif
