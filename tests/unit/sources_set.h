/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source set with the memory that belongs to it, for the tests of
 * sources*.c. It is made from the empty set by edits and replacements, and
 * frees what they say is to be freed, no more: the sanitizers find what is lost
 * or freed twice.
 */
#ifndef TESTS_UNIT_SOURCES_SET_H
#define TESTS_UNIT_SOURCES_SET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sources.h"

#define CAPACITY_IPV4	PS_SOURCES_CAPACITY(1)
#define FILL_IPV4	(CAPACITY_IPV4 * 15 / 16)
#define HIGHEST		0xffffffffU

static inline struct ps_range ipv4(u32 first, u32 last)
{
	return (struct ps_range){ ps_addr_from_ipv4(first), ps_addr_from_ipv4(last) };
}

static inline struct ps_addr ipv6(u32 a, u32 b, u32 c, u32 d)
{
	return (struct ps_addr){ { a, b, c, d } };
}

/* The set under test: a copy of the constant one until the first edit. */
struct set {
	const struct ps_sources *now;
	struct ps_sources *owned;
	struct ps_sources_edit last;	/* the latest edit; pointers to compare only */
};

static inline void set_free(struct set *set)
{
	u32 i;

	if (!set->owned)
		return;
	for (i = 0; i < set->owned->leaves; i++)
		free(set->owned->leaf[i]);
	free(set->owned);
}

static inline void set_assign(struct set *set, struct ps_range range, u16 value)
{
	struct ps_sources_edit edit = { };
	u32 i;

	edit.root = malloc(ps_sources_root_bytes(set->now->words,
						 set->now->leaves + PS_SOURCES_EDIT_LEAVES));
	for (i = 0; i < PS_SOURCES_EDIT_LEAVES; i++)
		edit.spare[i] = malloc(PS_SOURCES_LEAF_BYTES);
	ps_sources_assign(set->now, &range, value, &edit);
	for (i = edit.used; i < PS_SOURCES_EDIT_LEAVES; i++)
		free(edit.spare[i]);
	for (i = edit.dropped; i < edit.dropped + edit.drops; i++)
		free(set->now->leaf[i]);
	free(set->owned);
	set->owned = edit.root;
	set->now = edit.root;
	set->last = edit;
}

static inline void set_replace(struct set *set, const struct ps_range *range, u32 n, u16 value)
{
	struct ps_sources_replacement replacement = {
		.old = set->now, .range = range, .n = n, .value = value,
	};
	struct ps_sources *root;
	u32 i;

	ps_sources_measure(&replacement);
	root = malloc(ps_sources_root_bytes(set->now->words, replacement.leaves));
	ps_sources_lay_out(root, set->now->words, replacement.leaves);
	for (i = 0; i < root->leaves; i++)
		root->leaf[i] = malloc(PS_SOURCES_LEAF_BYTES);
	ps_sources_replace(&replacement, root);
	assert_int_equal(root->ranges, replacement.ranges);
	set_free(set);
	set->owned = root;
	set->now = root;
}

static inline u16 value_of(const struct set *set, u32 addr)
{
	const struct ps_addr a = ps_addr_from_ipv4(addr);

	return ps_sources_find(set->now, &a);
}

static inline void assert_segment(const struct set *set, u32 at, u32 first, u32 last, u16 value)
{
	const struct ps_addr addr = ps_addr_from_ipv4(at);
	const struct ps_sources_segment segment = ps_sources_segment_at(set->now, &addr);

	assert_true(ps_addr_is_ipv4(&segment.range.first));
	assert_true(ps_addr_is_ipv4(&segment.range.last));
	assert_int_equal(segment.range.first.word[3], first);
	assert_int_equal(segment.range.last.word[3], last);
	assert_int_equal(segment.value, value);
	assert_int_equal(value_of(set, at), value);
}

/* Ranges 32 addresses apart and 4 wide, so that there is room between any two. */
static inline void set_comb(struct set *set, u32 n)
{
	struct ps_range *range = calloc(n, sizeof(*range));
	u32 i;

	for (i = 0; i < n; i++)
		range[i] = ipv4(32 * i, 32 * i + 3);
	set_replace(set, range, n, 1);
	free(range);
}

#endif
