/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sources.c, sources_edit.c and sources_build.c share: keys, the inside
 * of a leaf, and the writer that fills leaves. Nobody else includes this.
 *
 * Everything takes the number of words of a key and is inlined, so that a
 * caller who passes a constant gets code for one family from one source.
 */
#ifndef PS_CORE_SOURCES_LEAF_H
#define PS_CORE_SOURCES_LEAF_H

#include "sources.h"

/* The key of an address is its last one or four words. */
static __always_inline const u32 *ps_key_of(const struct ps_addr *addr, u32 words)
{
	return addr->word + 4 - words;
}

static __always_inline struct ps_addr ps_key_addr(const u32 *key, u32 words)
{
	if (words == 1)
		return ps_addr_from_ipv4(*key);
	return (struct ps_addr){ { key[0], key[1], key[2], key[3] } };
}

static __always_inline u64 ps_key_pair(const u32 *key)
{
	return (u64)key[0] << 32 | key[1];
}

/* Whether key @a is above key @b; written so that no branch is needed. */
static __always_inline bool ps_key_above(const u32 *a, const u32 *b, u32 words)
{
	u64 high_a, high_b;

	if (words == 1)
		return *a > *b;
	high_a = ps_key_pair(a);
	high_b = ps_key_pair(b);
	return (high_a > high_b) |
	       ((high_a == high_b) & (ps_key_pair(a + 2) > ps_key_pair(b + 2)));
}

/*
 * How many of @n keys in order are not above @key: by comparing with all of
 * them, without a branch that could be mispredicted.
 */
static __always_inline u32 ps_key_count(const u32 *keys, const u32 n, const u32 *key, u32 words)
{
	u32 i, count = 0;

#pragma GCC unroll 16
	for (i = 0; i < n; i++)
		count += !ps_key_above(keys + (size_t)i * words, key, words);
	return count;
}

/*
 * The index of the last of @n keys in order that is not above @key; the first
 * of them must not be. Behind them there is a group of highest keys. Halves
 * without looking at the outcome: as many steps for any @key, and a conditional
 * move in each; what is left then is few enough to be compared at once.
 */
static __always_inline u32 ps_key_search(const u32 *keys, u32 n, const u32 *key, u32 words)
{
	const u32 group = PS_SOURCES_GROUP(words), all = n;
	const u32 *from = keys, *middle;
	u32 half;

	while (n > group) {
		half = n >> 1;
		middle = from + (size_t)half * words;
		from = ps_key_above(middle, key, words) ? from : middle;
		n -= half;
	}
	n = (u32)((from - keys) / words) + ps_key_count(from, group, key, words);
	return min(n, all) - 1;
}

/* The address after @addr, which isn't the highest of its family. */
static inline struct ps_addr ps_key_after(struct ps_addr addr)
{
	u32 i = 4;

	while (i-- > 0)
		if (++addr.word[i])
			break;
	return addr;
}

/* The address before @addr, which isn't the lowest of its family. */
static inline struct ps_addr ps_key_before(struct ps_addr addr)
{
	u32 i = 4;

	while (i-- > 0)
		if (addr.word[i]--)
			break;
	return addr;
}

static inline struct ps_addr ps_key_highest(u32 words)
{
	if (words == 1)
		return ps_addr_from_ipv4(~0U);
	return (struct ps_addr){ { ~0U, ~0U, ~0U, ~0U } };
}

static inline bool ps_key_is_highest(const struct ps_addr *addr, u32 words)
{
	const struct ps_addr highest = ps_key_highest(words);

	return ps_addr_equal(addr, &highest);
}

static __always_inline const u32 *ps_leaf_key(const struct ps_sources_leaf *leaf, u32 slot,
					      u32 words)
{
	return words == 1 ? leaf->ipv4.key + slot : leaf->ipv6.key + slot * 4;
}

static __always_inline const u16 *ps_leaf_value(const struct ps_sources_leaf *leaf, u32 slot,
						u32 words)
{
	return words == 1 ? leaf->ipv4.value + slot : leaf->ipv6.value + slot;
}

static __always_inline const u32 *ps_leaf_pivot(const struct ps_sources_leaf *leaf, u32 words)
{
	return words == 1 ? leaf->ipv4.pivot : leaf->ipv6.pivot;
}

/*
 * The boundary in force at @key, which isn't below the leaf's first. Behind the
 * last boundary all keys are the highest there is, so only for that one too many
 * are counted.
 */
static __always_inline u32 ps_leaf_search(const struct ps_sources_leaf *leaf, const u32 *key,
					  u32 words)
{
	const u32 group = PS_SOURCES_GROUP(words);
	u32 first = group * ps_key_count(ps_leaf_pivot(leaf, words), PS_SOURCES_GROUPS(words) - 1,
					 key, words);
	u32 last;

	/* What the group says is in another line than what it is asked by. */
	__builtin_prefetch(ps_leaf_value(leaf, first, words));
	last = first + ps_key_count(ps_leaf_key(leaf, first, words), group, key, words);
	return min(last, (u32)leaf->boundaries) - 1;
}

/* The leaf that stands for an empty set: at key 0 the value 0. */
extern const struct ps_sources_leaf ps_leaf_zero;

static inline const struct ps_sources_leaf *ps_leaf_of(const struct ps_sources *sources, u32 leaf)
{
	return sources->leaves ? sources->leaf[leaf] : &ps_leaf_zero;
}

/**
 * struct ps_leaf_writer - fills a run of a root's leaves evenly
 * @root:	the root, with memory for the leaves in place
 * @next:	index of the leaf to begin when @room is used up
 * @room:	boundaries that still go into the leaf begun last
 * @each:	boundaries a leaf gets
 * @extra:	leaves not yet begun that get one more
 */
struct ps_leaf_writer {
	struct ps_sources *root;
	u32 next;
	u32 room;
	u32 each;
	u32 extra;
};

/**
 * ps_leaf_write_start() - begin to fill leaves
 * @writer: the writer
 * @root: the root
 * @first: index of the first leaf to fill
 * @leaves: leaves to fill, 1 or more
 * @boundaries: boundaries that will be written: at least as many as leaves,
 *		and no more than fit
 */
void ps_leaf_write_start(struct ps_leaf_writer *writer, struct ps_sources *root, u32 first,
			 u32 leaves, u32 boundaries);

/**
 * ps_leaf_write() - write boundaries, and root keys where leaves begin
 * @writer: the writer
 * @key: the keys, above all keys written before
 * @value: the values
 * @n: their number
 */
void ps_leaf_write(struct ps_leaf_writer *writer, const u32 *key, const u16 *value, u32 n);

/**
 * ps_leaf_ranges() - count values that make a range
 * @value: the values
 * @n: their number
 *
 * Return: how many are not 0.
 */
u32 ps_leaf_ranges(const u16 *value, u32 n);

#endif
