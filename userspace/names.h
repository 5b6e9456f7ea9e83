/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names on the command line: INSTANCE [CONTEXT] and the options and lists that
 * these have. All of it is decided by options.def and the core's grammar; the
 * kernel isn't asked.
 */
#ifndef PS_NAMES_H
#define PS_NAMES_H

#include <stdbool.h>

#include "config.h"
#include "link.h"
#include "parse.h"

/**
 * struct ps_place - an instance or a context of one
 * @instance: its name; NULL: all of them
 * @context: its canonical name; empty: the instance itself
 * @path: both, as in messages
 */
struct ps_place {
	const char *instance;
	char context[PS_ITEM_MAX];
	char path[PS_INSTANCE_NAME_MAX + PS_ITEM_MAX + 2];
};

/**
 * struct ps_setting - an option or a list: one of both
 * @option: or NULL
 * @list: or NULL
 */
struct ps_setting {
	const struct ps_option *option;
	const struct ps_list *list;
};

static inline const char *ps_place_context(const struct ps_place *place)
{
	return place->context[0] ? place->context : NULL;
}

/**
 * ps_names_place() - read INSTANCE [CONTEXT] off the front of some words
 * @text: the words
 * @count: how many; with none the place is all instances
 * @place: out
 * @used: out: words taken
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_names_place(char **text, int count, struct ps_place *place, int *used);

struct ps_arguments;

/* The same where nothing else may follow. */
int ps_names_place_only(const struct ps_arguments *arguments, struct ps_place *place);

/* Whether a place has options or lists of this scope. */
bool ps_names_has(const struct ps_place *place, enum ps_scope scope);

/**
 * ps_names_find() - the option or list called so
 * @place: where; not all instances
 * @name: the name
 * @setting: out
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_names_find(const struct ps_place *place, const char *name, struct ps_setting *setting);

/* Where settings of this scope are, as words: "INSTANCE CONTEXT". */
const char *ps_names_scope(enum ps_scope scope);

/* The context whose message a list of this scope goes with, or NULL: GeoIP is the instance's. */
const char *ps_names_context(const struct ps_place *place, enum ps_scope scope);

/* The name of a protection: that of its option without "_threshold"; in @text of PS_ITEM_MAX. */
const char *ps_names_protection(enum ps_protection_index which, char *text);

/* The name of a table of sessions, as messages number it: "tcp". */
const char *ps_names_table(u64 which);

#endif
