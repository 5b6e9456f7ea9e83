/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only writer of the contexts' configuration, but for its countries
 * (geoip.h): copy, change, check, publish, free after a grace period. Every door
 * (sysfs, netlink) comes through here, and a change that is refused leaves no
 * trace.
 *
 * All functions but create, free and sort are called with netns->lock held. They
 * sleep, and return -ENOENT for a context that is being removed and -ENOMEM where memory is short.
 */
#ifndef PS_SNAPSHOT_H
#define PS_SNAPSHOT_H

#include "context.h"

/* Give a new context its first configuration; nothing is allocated. */
void ps_snapshot_create(struct ps_context *context);

/* Free the configuration of a context that nobody reaches any more. */
void ps_snapshot_free(struct ps_context *context);

/* The configuration as the holder of netns->lock sees it: the pending one, if any. */
const struct ps_config *ps_snapshot_get(const struct ps_context_node *node);

/**
 * ps_snapshot_set_option() - change an option
 * @node: the context
 * @option: one of the scope CONTEXT
 * @value: within its range
 *
 * Return: 0 or a negative errno.
 */
int ps_snapshot_set_option(struct ps_context_node *node, enum ps_option_index option, s64 value);

/**
 * ps_snapshot_set_secret() - change cluster_secret
 * @node: the context
 * @key: all that is kept of the secret: ps_quic_key_make(); NULL: none
 *
 * Return: 0 or a negative errno.
 */
int ps_snapshot_set_secret(struct ps_context_node *node, const struct ps_quic_key *key);

/**
 * ps_snapshot_edit_sources() - add a range to a source list or remove it
 * @node: the context
 * @list: the list
 * @range: addresses of one family
 * @add: add; the addresses leave the other source list
 *
 * Return: 0, -EEXIST where the list has all of @range already, -ENOENT where it
 * doesn't have all of it, -ENOSPC over the list's limit of disjoint ranges.
 */
int ps_snapshot_edit_sources(struct ps_context_node *node, const struct ps_list *list,
			     const struct ps_range *range, bool add);

/**
 * struct ps_range_array - ranges of one family
 * @range: the ranges
 * @count: how many
 */
struct ps_range_array {
	struct ps_range *range;
	u32 count;
};

/* Sort and join ranges in place, which takes a while: 0 or -ENOMEM. */
int ps_snapshot_sort(struct ps_range_array *array);

/**
 * ps_snapshot_replace_sources() - replace a source list as a whole
 * @node: the context
 * @list: the list
 * @arrays: its new ranges by family, sorted; the addresses leave the other source list
 *
 * Return: 0 or -ENOSPC over the list's limit of disjoint ranges.
 */
int ps_snapshot_replace_sources(struct ps_context_node *node, const struct ps_list *list,
				struct ps_range_array arrays[PS_FAMILIES]);

/**
 * ps_snapshot_edit_interval() - add ports or a protocol to a list, or remove them
 * @node: the context
 * @list: a list of ports or protocols
 * @interval: the numbers
 * @add: add; ports leave the other lists of their protocol
 *
 * Return: 0, -EEXIST where the list has all of them already, -ENOENT where it
 * doesn't have all of them.
 */
int ps_snapshot_edit_interval(struct ps_context_node *node, const struct ps_list *list,
			      const struct ps_interval *interval, bool add);

/**
 * ps_snapshot_replace_intervals() - replace a list of ports or protocols
 * @node: the context
 * @list: the list
 * @interval: its new numbers, in any order
 * @count: how many
 *
 * Return: 0 or a negative errno.
 */
int ps_snapshot_replace_intervals(struct ps_context_node *node, const struct ps_list *list,
				  const struct ps_interval *interval, u32 count);

#endif
