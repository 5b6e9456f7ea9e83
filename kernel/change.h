/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of a context's configuration, all of one form:
 *
 *	begin	copy the configuration; netns->lock is held throughout
 *	...	replace parts of the copy; each replaced part is noted down with
 *		what only the old configuration holds of it (retired) and what
 *		only the new one does (fresh)
 *	end	publish and discard the retired parts, or, after an error, throw
 *		the fresh ones away
 *
 * Parts that a change doesn't touch belong to both configurations. The initial
 * configuration and its parts are constants of the core and never freed.
 *
 * Between ps_change_set_begin() and ps_change_set_end() what changes end with is
 * not published but pending: the next change starts from it, packets and files
 * don't see it. At the end all of it is published, or none. Each change of a
 * set knows its retired and fresh parts just as if it had been published, so
 * freeing goes step by step: forwards the retired, or backwards the fresh.
 */
#ifndef PS_CHANGE_H
#define PS_CHANGE_H

#include "context.h"
#include "garbage.h"

/**
 * struct ps_change_step - what remains of a change until it is published
 * @list:	in ps_change_set.steps
 * @node:	whose configuration changes; NULL where it is
 * @instance:	whose table of countries
 * @family:	and of which addresses
 * @retired:	what dies when the change is published
 * @fresh:	what dies when it isn't
 */
struct ps_change_step {
	struct list_head list;
	struct ps_context_node *node;
	struct ps_instance *instance;
	enum ps_family family;
	struct ps_garbage *retired;
	struct ps_garbage *fresh;
};

/**
 * struct ps_change_set - changes that are published together
 * @steps: in the order in which they were made
 */
struct ps_change_set {
	struct list_head steps;
};

/* Open a set, under netns->lock, which is held until it ends; one at a time. */
void ps_change_set_begin(struct ps_netns *netns, struct ps_change_set *set);

/* Publish all of it when @err is 0, else throw it away; returns @err. */
int ps_change_set_end(struct ps_netns *netns, int err);

/* A step with empty records, or NULL. */
struct ps_change_step *ps_change_step_create(void);

/* End of a step that isn't taken, with what its fresh record holds. */
void ps_change_step_free(struct ps_change_step *step);

/* Publish what is pending at the step's place, now or with the set under way. */
void ps_change_step_commit(struct ps_netns *netns, struct ps_change_step *step);

/**
 * struct ps_change - one change under way
 * @node:	whose
 * @old:	the configuration in force
 * @next:	its copy
 * @step:	what is left of it afterwards
 * @retired:	of the step
 * @fresh:	of the step
 */
struct ps_change {
	struct ps_context_node *node;
	const struct ps_config *old;
	struct ps_config *next;
	struct ps_change_step *step;
	struct ps_garbage *retired;
	struct ps_garbage *fresh;
};

/**
 * ps_change_begin() - begin a change
 * @change: filled in
 * @node: whose
 *
 * Context: process; netns->lock held.
 * Return: 0, -ENOMEM, or -ENOENT for a context that is being removed.
 */
int ps_change_begin(struct ps_change *change, struct ps_context_node *node);

/* Publish (or leave to the set) when @err is 0, else throw away; returns @err. */
int ps_change_end(struct ps_change *change, int err);

/* What is to be freed of a part: nothing of the core's constants. */
const struct ps_country_set *ps_change_owned_countries(const struct ps_country_set *countries);
struct ps_garbage_sources ps_change_owned_sources(const struct ps_sources *root, u32 first,
						  u32 count);

/* A root with memory for all its leaves, or NULL. */
struct ps_sources *ps_change_alloc_sources(u32 words, u32 leaves);

#endif
