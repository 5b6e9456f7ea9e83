/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of a context's configuration, all of one form:
 *
 *	begin	copy the configuration, under the lock
 *	...	replace parts of the copy; each replaced part is noted down with
 *		what only the old configuration holds of it (retired) and what
 *		only the new one does (fresh)
 *	end	publish and discard the retired parts, or, after an error, throw
 *		the fresh ones away
 *
 * Parts that a change doesn't touch belong to both configurations. The initial
 * configuration and its parts are constants of the core and never freed.
 */
#ifndef PS_CHANGE_H
#define PS_CHANGE_H

#include "context.h"
#include "garbage.h"

/**
 * struct ps_change - one change under way
 * @node:	whose
 * @old:	the configuration in force
 * @next:	its copy
 * @retired:	what dies when the change is published
 * @fresh:	what dies when it isn't
 */
struct ps_change {
	struct ps_context_node *node;
	const struct ps_config *old;
	struct ps_config *next;
	struct ps_garbage *retired;
	struct ps_garbage *fresh;
};

/**
 * ps_change_begin() - begin a change
 * @change: filled in
 * @node: whose
 *
 * Context: process; takes netns->lock, and keeps it unless it fails.
 * Return: 0, -ENOMEM, or -ENOENT for a context that is being removed.
 */
int ps_change_begin(struct ps_change *change, struct ps_context_node *node);

/* Publish when @err is 0, else throw away, and release the lock; returns @err. */
int ps_change_end(struct ps_change *change, int err);

/* What is to be freed of a part: nothing of the core's constants. */
const struct ps_country_set *ps_change_owned_countries(const struct ps_country_set *countries);
struct ps_garbage_sources ps_change_owned_sources(const struct ps_sources *root, u32 first,
						  u32 count);

/* A root with memory for all its leaves, or NULL. */
struct ps_sources *ps_change_alloc_sources(u32 words, u32 leaves);

#endif
