/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of one family in a list of sources, and making them others.
 * Addresses of the other family stay as they are.
 *
 * Few changes are made one by one, many by replacing the list. They start from
 * what the list is thought to be; the kernel refuses those that don't fit what it
 * is, and then it must be read.
 */
#ifndef PS_SOURCE_LIST_H
#define PS_SOURCE_LIST_H

#include "elements.h"
#include "link.h"
#include "names.h"

/**
 * struct ps_source_list - the list
 * @link: the way to the module
 * @place: whose list
 * @list: which
 * @family: of the addresses that this is about
 * @now: those that it has, as far as is known
 * @wanted: those that it shall have
 * @others: those of the other family, when it was read
 * @added: to do
 * @removed: to do
 */
struct ps_source_list {
	struct ps_link link;
	struct ps_place place;
	const struct ps_list *list;
	enum ps_family family;
	struct ps_ranges now;
	struct ps_ranges wanted;
	struct ps_ranges others;
	struct ps_ranges added;
	struct ps_ranges removed;
};

/* See what it has: enum ps_exit, after a message. */
int ps_source_list_read(struct ps_source_list *sources);

/* Make it what is wanted, if it is what it is thought to be: 0 or a negative errno. */
int ps_source_list_change(struct ps_source_list *sources);

void ps_source_list_free(struct ps_source_list *sources);

#endif
