/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address ranges -> value. See sources.c for the theory of operation.
 *
 * One struct ps_sources holds the ranges of one address family (key of 1 or 4
 * 32-bit words) and is immutable once published: a look-up takes no lock, an
 * edit makes a new root that shares all leaves but the few it touched. Leaves
 * and roots are memory of the caller.
 */
#ifndef PS_CORE_SOURCES_H
#define PS_CORE_SOURCES_H

#include "address.h"

#define PS_SOURCES_LEAF_BYTES	1024
#define PS_SOURCES_EDIT_LEAVES	3	/* new leaves that one edit may need */

/* A leaf's boundaries come in groups, whose keys fill a cache line or two. */
#define PS_SOURCES_GROUP(words)	   ((words) == 1 ? 16U : 8U)
#define PS_SOURCES_GROUPS(words)   ((words) == 1 ? 10U : 6U)
#define PS_SOURCES_CAPACITY(words) (PS_SOURCES_GROUP(words) * PS_SOURCES_GROUPS(words))

/* Values of a context's source lists; 0 is "in no list". */
enum ps_source_value {
	PS_SOURCE_NONE,
	PS_SOURCE_DENY,		/* b_sources */
	PS_SOURCE_ALLOW,	/* w_sources */
};

/**
 * struct ps_sources_leaf - a run of boundaries; private to sources*.c
 * @boundaries:	how many there are, 1 or more
 * @ranges:	how many of them have a value other than 0
 */
struct ps_sources_leaf {
	u16 boundaries;
	u16 ranges;
	/* private: for keys of 1 word and of 4: pivots to a cache line's end, keys, values */
	union {
		struct {
			u32 pivot[15];
			u32 key[PS_SOURCES_CAPACITY(1)];
			u16 value[PS_SOURCES_CAPACITY(1)];
		} ipv4;
		struct {
			u32 pivot[31];
			u32 key[PS_SOURCES_CAPACITY(4) * 4];
			u16 value[PS_SOURCES_CAPACITY(4)];
		} ipv6;
	};
};

static_assert(sizeof(struct ps_sources_leaf) == PS_SOURCES_LEAF_BYTES);

/**
 * struct ps_sources - the root
 * @words:	32-bit words of a key: 1 (IPv4) or 4 (IPv6)
 * @leaves:	number of leaves, 0 for an empty set
 * @ranges:	disjoint ranges with a value other than 0 (adjacent ranges of
 *		one value count as one)
 * @leaf:	the leaves in order of their keys
 * @key:	first key of every leaf, @words words each, and behind them a group of
 *		the highest keys there are
 */
struct ps_sources {
	u32 words;
	u32 leaves;
	u32 ranges;
	struct ps_sources_leaf **leaf;
	u32 *key;
};

/* The set without a range, of either family: what a new context has. */
extern const struct ps_sources ps_sources_empty_ipv4;
extern const struct ps_sources ps_sources_empty_ipv6;

/**
 * ps_sources_find() - the value of an address
 * @sources: the set of the address's family
 * @addr: the address
 *
 * Return: the value, 0 if no range holds @addr.
 */
u16 ps_sources_find(const struct ps_sources *sources, const struct ps_addr *addr);

/**
 * struct ps_sources_segment - a maximal run of addresses with one value
 * @range: its addresses
 * @value: its value, 0 included
 */
struct ps_sources_segment {
	struct ps_range range;
	u16 value;
};

/**
 * ps_sources_segment_at() - the segment that holds an address
 * @sources: the set of the address's family
 * @addr: the address
 *
 * A range is wholly in a list when the segment at its first address has the
 * list's value and reaches to its last address.
 *
 * Return: the maximal run of addresses around @addr that have its value.
 */
struct ps_sources_segment ps_sources_segment_at(const struct ps_sources *sources,
						const struct ps_addr *addr);

/**
 * struct ps_sources_cursor - a place in a set, for walking it; private
 * @sources:	the set; it must live as long as the walk
 * @leaf:	index of the leaf that holds the next segment's boundary
 * @slot:	index of that boundary in the leaf
 */
struct ps_sources_cursor {
	const struct ps_sources *sources;
	u32 leaf;
	u32 slot;
};

/**
 * ps_sources_seek() - place a cursor
 * @cursor: the cursor
 * @sources: the set to walk
 * @addr: an address of the set's family; ps_sources_next() will give the
 *	  segment that holds it. NULL for the family's lowest.
 */
void ps_sources_seek(struct ps_sources_cursor *cursor, const struct ps_sources *sources,
		     const struct ps_addr *addr);

/**
 * ps_sources_next() - take the segment at a cursor and go on to the next
 * @cursor: the cursor
 * @segment: filled in; the segments of a whole walk cover all addresses of the
 *	     family, those of value 0 included
 *
 * Return: false, with @segment as it was, behind the last segment.
 */
bool ps_sources_next(struct ps_sources_cursor *cursor, struct ps_sources_segment *segment);

/**
 * ps_sources_root_bytes() - size of a root
 * @words: 32-bit words of a key
 * @leaves: leaves it can hold
 *
 * Return: bytes, root and arrays together.
 */
size_t ps_sources_root_bytes(u32 words, u32 leaves);

/**
 * ps_sources_lay_out() - place a root's arrays
 * @root: memory of ps_sources_root_bytes() bytes, aligned for pointers
 * @words: 32-bit words of a key
 * @leaves: number of leaves
 *
 * The root has its counts and the place of its arrays then, but nothing is in
 * the arrays yet and @root->ranges is 0.
 */
void ps_sources_lay_out(struct ps_sources *root, u32 words, u32 leaves);

/**
 * struct ps_sources_edit - memory for one edit and what the edit made of it
 * @root:	in: where the new root goes, ps_sources_root_bytes() long for
 *		old->leaves + PS_SOURCES_EDIT_LEAVES leaves; out: the new root
 * @spare:	in: memory for new leaves
 * @used:	out: how many of @spare the new root holds, the first ones, in its
 *		leaves from index @dropped on
 * @dropped:	out: index of the first leaf of the old root that the new one
 *		doesn't hold
 * @drops:	out: how many such leaves there are, from @dropped on
 */
struct ps_sources_edit {
	struct ps_sources *root;
	struct ps_sources_leaf *spare[PS_SOURCES_EDIT_LEAVES];
	u32 used;
	u32 dropped;
	u32 drops;
};

/**
 * ps_sources_assign() - give all addresses of a range a value
 * @old: the set to start from; not changed
 * @range: the addresses, of the set's family
 * @value: their new value; 0 takes them out of the set
 * @edit: memory, and the new set
 *
 * All other leaves of @old are the new root's too: whoever publishes the new
 * root frees the old one with its dropped leaves only, whoever throws the new
 * root away frees that one with all of the spare.
 *
 * Where every address of the range has the value already the new root is a
 * copy of the old one, and nothing is used or dropped. A set in which no
 * address has a value is the empty set, without a leaf.
 */
void ps_sources_assign(const struct ps_sources *old, const struct ps_range *range,
		       u16 value, struct ps_sources_edit *edit);

/**
 * ps_sources_sort() - sort ranges by address and make them disjoint
 * @range: the ranges, all of one family; sorted in place
 * @scratch: as much memory again
 * @n: number of ranges
 *
 * Ranges that overlap or touch become one. Input that is in order already
 * costs one pass and leaves @scratch alone.
 *
 * Return: number of ranges left.
 */
u32 ps_sources_sort(struct ps_range *range, struct ps_range *scratch, u32 n);

/**
 * struct ps_sources_replacement - a list to be replaced as a whole
 * @old:	the set to start from; not changed. To build a set from nothing
 *		start from an empty one.
 * @range:	the list's new ranges, as ps_sources_sort() leaves them
 * @n:		their number, 0 to empty the list
 * @value:	the list's value, 1-65535
 * @boundaries:	out of ps_sources_measure(): boundaries of the new set
 * @leaves:	out of ps_sources_measure(): its leaves
 * @ranges:	out of ps_sources_measure(): its ranges
 *
 * In the new set the addresses in @range have @value, other addresses that
 * had @value have none, and all else is as in the old set.
 */
struct ps_sources_replacement {
	const struct ps_sources *old;
	const struct ps_range *range;
	u32 n;
	u16 value;
	u32 boundaries;
	u32 leaves;
	u32 ranges;
};

/**
 * ps_sources_measure() - how large the set after a replacement will be
 * @replacement: what to replace; its last three members are filled in
 */
void ps_sources_measure(struct ps_sources_replacement *replacement);

/**
 * ps_sources_replace() - make the set after a replacement
 * @replacement: what to replace, measured
 * @root: a root laid out for the old set's words and @replacement->leaves
 *	  leaves, with memory for every leaf in @root->leaf
 *
 * The new set shares nothing with the old one.
 */
void ps_sources_replace(const struct ps_sources_replacement *replacement,
			struct ps_sources *root);

#endif
