// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address ranges -> value: one edit. See sources.c for the data structure.
 *
 * Theory of operation
 *
 * Giving first..last the value v changes the list of boundaries in one place:
 * those with keys in first..last+1 go away and at most two come instead,
 * (first, v) if the value just below first isn't v, and (last+1, w) if w, the
 * value that last+1 had, isn't v. That is canonical again: the next boundary
 * that stays differs from w as it always did.
 *
 * In terms of leaves: let A be the leaf that holds the boundary in force at
 * first and Z the one in force at last+1 (the last leaf if there is no such
 * address). Leaves A to Z are replaced, all others are shared. The new
 * boundaries are T = head + middle + tail:
 *
 *	head	the boundaries of A below first
 *	middle	the new ones, at most two
 *	tail	the boundaries of Z above last+1
 *
 * where an empty set counts as a leaf with the one boundary (0, 0). They are
 * spread evenly over as few leaves as hold them. With a leaf's capacity C:
 *
 *  - Without a last+1 there is no tail: T <= C + 1.
 *  - If A is Z, the head and the tail are parts of one leaf: T <= C + 2.
 *  - Else Z's first key is in first..last+1 and goes: T <= C + 2 + C - 1.
 *
 * So T <= 2C + 1 and three new leaves always suffice.
 *
 * Every leaf, the only one apart, is to hold C/4 or more; a bulk build makes
 * them hold 15C/32 or more. More than C spread over two or three leaves is C/2 or
 * more in each. With less than C/4, but not nothing, a neighbour is taken in,
 * with C/4 or more of its own by induction; that makes between C/4 and C/4 + C:
 * one leaf, or two that are half full. Nothing at all needs no leaf, so no leaf
 * is ever empty.
 *
 * The number of ranges follows from the counts kept in the leaves that go.
 * The edit costs a copy of the root and a few leaves, and where a range covers
 * many leaves a look at the count of each.
 */
#include "sources_leaf.h"

static_assert(2 * PS_SOURCES_CAPACITY(1) + 1 <= PS_SOURCES_EDIT_LEAVES * PS_SOURCES_CAPACITY(1));
static_assert(2 * PS_SOURCES_CAPACITY(4) + 1 <= PS_SOURCES_EDIT_LEAVES * PS_SOURCES_CAPACITY(4));

/* The new boundaries are these runs one after the other; most are empty. */
enum {
	RUN_LEFT, /* the neighbour on the left, taken in */
	RUN_HEAD,
	RUN_MIDDLE,
	RUN_TAIL,
	RUN_RIGHT, /* the neighbour on the right, taken in */
	RUNS,
};

struct run {
	const u32 *key;
	const u16 *value;
	u32 n;
};

/**
 * struct change - what an edit does to the old root
 * @from:	first leaf that is replaced
 * @to:		first leaf behind those
 * @boundaries:	boundaries in all runs
 * @ranges:	ranges of the old set, and in the end of the new one
 * @run:	what the replaced leaves become
 * @key:	keys of RUN_MIDDLE
 * @value:	values of RUN_MIDDLE
 */
struct change {
	u32 from;
	u32 to;
	u32 boundaries;
	u32 ranges;
	struct run run[RUNS];
	u32 key[2 * 4];
	u16 value[2];
};

/* Make boundaries @slot to @end - 1 of a leaf a run of the change. */
static void change_take(struct change *change, u32 run, const struct ps_sources_leaf *leaf,
			u32 slot, u32 end, u32 words)
{
	change->run[run].key = ps_leaf_key(leaf, slot, words);
	change->run[run].value = ps_leaf_value(leaf, slot, words);
	change->run[run].n = end - slot;
	change->boundaries += end - slot;
}

static void change_insert(struct change *change, const struct ps_addr *addr, u16 value, u32 words)
{
	struct run *run = &change->run[RUN_MIDDLE];

	memcpy(change->key + run->n * words, ps_key_of(addr, words), words * sizeof(u32));
	change->value[run->n] = value;
	run->n++;
	change->boundaries++;
}

/* Keep what is below @addr, and begin the new value there. */
static void change_head(struct change *change, const struct ps_sources *old,
			const struct ps_addr *addr, u16 value)
{
	const u32 words = old->words;
	const struct ps_sources_leaf *leaf;
	struct ps_sources_cursor at;
	bool starts = true;

	ps_sources_seek(&at, old, addr);
	leaf = ps_leaf_of(old, at.leaf);
	/* The boundary in force is kept unless it is at the very address. */
	if (ps_key_above(ps_key_of(addr, words), ps_leaf_key(leaf, at.slot, words), words))
		at.slot++;
	change->from = at.leaf;
	change_take(change, RUN_HEAD, leaf, 0, at.slot, words);

	if (!at.slot && at.leaf) {
		leaf = ps_leaf_of(old, at.leaf - 1);
		at.slot = leaf->boundaries;
	}
	if (at.slot)
		starts = *ps_leaf_value(leaf, at.slot - 1, words) != value;
	if (starts)
		change_insert(change, addr, value, words);
}

/* End the new value at @last, and keep what is above. */
static void change_tail(struct change *change, const struct ps_sources *old,
			const struct ps_addr *last, u16 value)
{
	const u32 words = old->words;
	const struct ps_sources_leaf *leaf;
	struct ps_sources_cursor at;
	struct ps_addr next;
	u16 after;

	change->to = old->leaves;
	if (ps_key_is_highest(last, words))
		return;
	next = ps_key_after(*last);
	ps_sources_seek(&at, old, &next);
	leaf = ps_leaf_of(old, at.leaf);
	after = *ps_leaf_value(leaf, at.slot, words);
	if (after != value)
		change_insert(change, &next, after, words);
	change_take(change, RUN_TAIL, leaf, at.slot + 1, leaf->boundaries, words);
	if (old->leaves)
		change->to = at.leaf + 1;
}

/* Count the ranges of the new set; before neighbours are taken in. */
static void change_count(struct change *change, const struct ps_sources *old)
{
	u32 i;

	for (i = change->from; i < change->to; i++)
		change->ranges -= old->leaf[i]->ranges;
	for (i = 0; i < RUNS; i++)
		change->ranges += ps_leaf_ranges(change->run[i].value, change->run[i].n);
}

/* Take a neighbour in where too little is left to be a leaf. */
static void change_join(struct change *change, const struct ps_sources *old)
{
	const struct ps_sources_leaf *leaf;

	if (!change->boundaries || change->boundaries >= PS_SOURCES_CAPACITY(old->words) / 4)
		return;
	if (change->from) {
		leaf = old->leaf[--change->from];
		change_take(change, RUN_LEFT, leaf, 0, leaf->boundaries, old->words);
	} else if (change->to < old->leaves) {
		leaf = old->leaf[change->to++];
		change_take(change, RUN_RIGHT, leaf, 0, leaf->boundaries, old->words);
	}
}

/* Share @n leaves: those from @at_old on of the old root become @at of the new. */
static void root_share(struct ps_sources *root, u32 at, const struct ps_sources *old, u32 at_old,
		       u32 n)
{
	const size_t words = old->words;

	if (!n)
		return;
	memcpy(root->leaf + at, old->leaf + at_old, n * sizeof(*root->leaf));
	memcpy(root->key + at * words, old->key + at_old * words, n * words * sizeof(*root->key));
}

/* Make the new root: leaves @change->from to @change->to - 1 become @leaves new ones. */
static void change_apply(const struct change *change, const struct ps_sources *old, u32 leaves,
			 struct ps_sources_edit *edit)
{
	struct ps_sources *root = edit->root;
	struct ps_leaf_writer writer;
	u32 i;

	edit->used = leaves;
	edit->dropped = change->from;
	edit->drops = change->to - change->from;
	ps_sources_lay_out(root, old->words, old->leaves - edit->drops + leaves);
	root->ranges = change->ranges;
	root_share(root, 0, old, 0, change->from);
	root_share(root, change->from + leaves, old, change->to, old->leaves - change->to);
	if (!leaves)
		return;
	memcpy(root->leaf + change->from, edit->spare, leaves * sizeof(*root->leaf));
	ps_leaf_write_start(&writer, root, change->from, leaves, change->boundaries);
	for (i = 0; i < RUNS; i++)
		ps_leaf_write(&writer, change->run[i].key, change->run[i].value, change->run[i].n);
}

void ps_sources_assign(const struct ps_sources *old, const struct ps_range *range, u16 value,
		       struct ps_sources_edit *edit)
{
	const u32 capacity = PS_SOURCES_CAPACITY(old->words);
	struct ps_sources_segment segment;
	struct change change = {};

	change.ranges = old->ranges;
	segment = ps_sources_segment_at(old, &range->first);
	if (segment.value == value && ps_addr_compare(&range->last, &segment.range.last) <= 0) {
		change_apply(&change, old, 0, edit);
		return;
	}

	change.run[RUN_MIDDLE].key = change.key;
	change.run[RUN_MIDDLE].value = change.value;
	change_head(&change, old, &range->first, value);
	change_tail(&change, old, &range->last, value);
	change_count(&change, old);
	change_join(&change, old);
	/* Without a range the one boundary left is (0, 0), which isn't stored. */
	if (!change.ranges)
		change.boundaries = 0;
	change_apply(&change, old, (change.boundaries + capacity - 1) / capacity, edit);
}
