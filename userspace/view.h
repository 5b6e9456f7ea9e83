/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells of instances and contexts: options, statistics, lists. */
#ifndef PS_VIEW_H
#define PS_VIEW_H

#include <stddef.h>

#include "link.h"
#include "names.h"
#include "reasons.h"

#define PS_COUNTERS (PS_INSTANCE_COUNTERS + PS_CONTEXT_COUNTERS)

/**
 * struct ps_counter - a row of counters.def
 * @name: as in stats
 * @doc: what it counts
 * @scope: PS_SCOPE_INSTANCE or PS_SCOPE_CONTEXT
 * @index: in struct ps_view.counter
 * @id: netlink attribute
 */
struct ps_counter {
	const char *name;
	const char *doc;
	u8 scope;
	u8 index;
	u8 id;
};

extern const struct ps_counter ps_counter[PS_COUNTERS];

/**
 * struct ps_view - an instance or a context of one, as it was at one moment
 * @place: which; @place.instance is @name
 * @name: of the instance
 * @option: values of the options of its scope
 * @counter: by enum ps_context_counter or enum ps_instance_counter
 * @drop: by enum ps_reason, of a context
 * @status: bits of the protections that are on, of a context
 * @by_hand: of these, those that were switched on by hand
 * @rate: of a context: what the thresholds see, events a second
 * @measured: which of them have an X, as bits of the status; others see nothing
 * @table: of an instance: its tables of sessions; no slots before there are any
 * @contexts: of an instance: how many it has, those left out too
 */
struct ps_view {
	struct ps_place place;
	char name[PS_INSTANCE_NAME_MAX + 1];
	s64 option[PS_OPTIONS];
	u64 counter[PS_CONTEXT_COUNTERS];
	struct ps_netlink_count drop[PS_REASONS];
	u32 status;
	u32 by_hand;
	u64 rate[PS_PROTECTIONS];
	u32 measured;
	struct ps_netlink_table table[PS_NETLINK_TABLES];
	u32 contexts;
};

/**
 * struct ps_views - what a dump told: an instance, behind it its contexts
 * @view: they; each stays where it is
 * @count: how many
 * @room: of @view
 * @version: of the module; empty where one context was asked for
 * @generation: of the configuration, likewise 0
 */
struct ps_views {
	struct ps_view **view;
	size_t count;
	size_t room;
	char version[32];
	u32 generation;
};

/* Whether it is the view of an object that has this counter. */
static inline bool ps_view_counts(const struct ps_view *view, const struct ps_counter *counter)
{
	return counter->scope == (view->place.context[0] ? PS_SCOPE_CONTEXT : PS_SCOPE_INSTANCE);
}

/**
 * ps_view_read() - ask for all instances, one with its contexts, or one context
 * @link: the link
 * @place: which
 * @views: out; for ps_view_free() in any case
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_view_read(struct ps_link *link, const struct ps_place *place, struct ps_views *views);
void ps_view_free(struct ps_views *views);

/*
 * The same of instances without contexts to which nothing has happened: nothing came
 * or went or was dropped, and no protection is on. The kernel leaves them out.
 */
int ps_view_read_busy(struct ps_link *link, const struct ps_place *place, struct ps_views *views);

/**
 * ps_view_print() - the body of a command that reads [INSTANCE [CONTEXT]] and prints it
 * @arguments: of the command
 * @print: prints it; returns enum ps_exit
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_view_print(const struct ps_arguments *arguments,
		  int (*print)(struct ps_link *link, const struct ps_views *views,
			       const struct ps_arguments *arguments));

/**
 * struct ps_lines - the items of a list, one a line
 * @data: the lines, each ended by a newline; NULL where there is none
 * @length: bytes of @data
 * @room: bytes that it has room for
 * @count: lines
 * @generation: of the configuration that the list is of
 */
struct ps_lines {
	char *data;
	size_t length;
	size_t room;
	size_t count;
	u32 generation;
};

void ps_lines_add(struct ps_lines *lines, const char *text, size_t length);
void ps_lines_free(struct ps_lines *lines);

/* The next line: false behind the last. @at is 0 at the start. */
bool ps_lines_next(const struct ps_lines *lines, size_t *at, const char **text, size_t *length);

/**
 * ps_view_list() - ask for the items of a list: one state of it
 * @link: the link
 * @place: whose
 * @list: which
 * @lines: out; for ps_lines_free() in any case
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_view_list(struct ps_link *link, const struct ps_place *place, const struct ps_list *list,
		 struct ps_lines *lines);

/* Likewise, but a refusal is the caller's to tell: 0 or a negative errno. */
int ps_view_try_list(struct ps_link *link, const struct ps_place *place,
		     const struct ps_list *list, struct ps_lines *lines);

/* What a reason means, for people. */
const char *ps_view_reason_doc(enum ps_reason reason);

#endif
