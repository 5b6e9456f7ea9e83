/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements of an nftables set, what its events make of them, the addresses
 * they stand for, and how two lists of addresses differ: pure functions over
 * sorted arrays, in one pass each.
 *
 * nftables holds an interval as two elements: where it begins, and an end, which
 * is the first address behind it. Where the next one begins at once, or the
 * addresses are over, there may be no end.
 */
#ifndef PS_ELEMENTS_H
#define PS_ELEMENTS_H

#include "config.h"

/**
 * struct ps_element - an element, or an event about one
 * @key: its address
 * @is_end: it is the end of an interval
 * @is_gone: of an event: it was deleted
 * @expires: when it leaves by itself, in milliseconds of some clock; 0: never
 * @order: of an event, among those of its array
 */
struct ps_element {
	struct ps_addr key;
	bool is_end;
	bool is_gone;
	u64 expires;
	u64 order;
};

/**
 * struct ps_elements - elements or events
 * @element: sorted, once ps_elements_sort() has been there
 * @n: how many
 * @room: how many fit
 */
struct ps_elements {
	struct ps_element *element;
	size_t n;
	size_t room;
};

/**
 * struct ps_ranges - disjoint addresses of one family, in order
 * @range: none is next to another
 * @n: how many
 * @room: how many fit
 */
struct ps_ranges {
	struct ps_range *range;
	size_t n;
	size_t room;
};

/* One more, at the end. */
void ps_elements_add(struct ps_elements *elements, const struct ps_element *element);

/* In order of their keys, an end first; of those that are the same the last counts. */
void ps_elements_sort(struct ps_elements *elements);

/**
 * ps_elements_apply() - what events make of elements
 * @elements: sorted; changed
 * @events: sorted
 */
void ps_elements_apply(struct ps_elements *elements, const struct ps_elements *events);

/**
 * ps_elements_ranges() - the addresses that a set holds now
 * @elements: sorted, of one family; those that have expired are taken out
 * @family: that family
 * @is_interval: whether it is a set of intervals
 * @now: time, by the clock of @expires
 * @ranges: filled anew
 *
 * Return: when the next one expires, 0 for never.
 */
u64 ps_elements_ranges(struct ps_elements *elements, enum ps_family family, bool is_interval,
		       u64 now, struct ps_ranges *ranges);

/* Addresses that are not below those that are there; IPv4-mapped ones of IPv6 are left out. */
void ps_ranges_add(struct ps_ranges *ranges, enum ps_family family, const struct ps_range *range);

/* What is in one and not in the other, filled anew. */
void ps_ranges_subtract(const struct ps_ranges *from, const struct ps_ranges *what,
			enum ps_family family, struct ps_ranges *left);

void ps_elements_free(struct ps_elements *elements);
void ps_ranges_free(struct ps_ranges *ranges);

#endif
