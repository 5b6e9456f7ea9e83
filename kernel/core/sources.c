// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address ranges -> value: look-up and walk. Edits are in sources_edit.c,
 * sorting and bulk replacement in sources_build.c.
 *
 * Theory of operation
 *
 * A set gives every address of a family a value. Going up through the
 * addresses the value changes now and then; the places where it does are the
 * boundaries: (key, value) says that from this key on the value holds, up to
 * the next boundary's key. Nothing else is stored, no last addresses and no
 * gaps: ranges 10.0.0.0-10.0.0.9 = 1 and 10.0.0.10 = 2 are
 *
 *	key	0.0.0.0	 10.0.0.0  10.0.0.10  10.0.0.11
 *	value	0	 1	   2	      0
 *
 * and a look-up is "the last boundary not above the address". The list is
 * canonical, so that equal sets are equal lists:
 *
 *  - the first boundary is at key 0;
 *  - keys rise;
 *  - neighbours differ in their value, hence a boundary whose value isn't 0 is
 *    one maximal range, and counting those counts the ranges;
 *  - the list (0, 0) alone, the empty set, is stored as no leaf at all.
 *
 * The list is cut into leaves of 1 KiB and the root has two arrays: pointers
 * to the leaves, and their first keys side by side. For a million IPv4 ranges,
 * two million boundaries, the root's keys are some 64 KB and stay in the cache;
 * the leaf costs the misses. They are what a look-up waits for, so a leaf has one
 * more level: its keys come in groups as long as cache lines, and the first line
 * of the leaf has the first key of each (the pivots). One line from memory says
 * which group, and then the group's keys and its values come at the same time.
 * The root is halved until a group is left; pivots and groups are compared with
 * all at once. Neither takes other steps for one key than for another.
 *
 * Where the leaves are cut has no meaning, it only has to keep them well
 * filled: every leaf holds at least a quarter of its capacity, unless it is
 * the only one. See sources_edit.c for how an edit keeps that.
 *
 * A leaf never changes once a published root points to it. An edit copies the
 * root and the leaves that it touches; the old root goes on to be a valid set
 * for those who still look at it.
 */
#include "sources_leaf.h"

const struct ps_sources ps_sources_empty_ipv4 = { .words = 1 };
const struct ps_sources ps_sources_empty_ipv6 = { .words = 4 };

static __always_inline u16 sources_find(const struct ps_sources *sources,
					const struct ps_addr *addr, const u32 words)
{
	const u32 *key = ps_key_of(addr, words);
	const struct ps_sources_leaf *leaf;

	leaf = sources->leaf[ps_key_search(sources->key, sources->leaves, key, words)];
	return *ps_leaf_value(leaf, ps_leaf_search(leaf, key, words), words);
}

/* Apart, for it needs so many registers that the other would be slower. */
static noinline u16 sources_find_ipv6(const struct ps_sources *sources, const struct ps_addr *addr)
{
	return sources_find(sources, addr, 4);
}

u16 ps_sources_find(const struct ps_sources *sources, const struct ps_addr *addr)
{
	if (!sources->leaves)
		return 0;
	if (likely(sources->words == 1))
		return sources_find(sources, addr, 1);
	return sources_find_ipv6(sources, addr);
}

void ps_sources_seek(struct ps_sources_cursor *cursor, const struct ps_sources *sources,
		     const struct ps_addr *addr)
{
	const u32 words = sources->words;
	const struct ps_sources_leaf *leaf;
	const u32 *key;

	cursor->sources = sources;
	cursor->leaf = 0;
	cursor->slot = 0;
	if (!addr || !sources->leaves)
		return;
	key = ps_key_of(addr, words);
	cursor->leaf = words == 1 ? ps_key_search(sources->key, sources->leaves, key, 1) :
				    ps_key_search(sources->key, sources->leaves, key, 4);
	leaf = sources->leaf[cursor->leaf];
	cursor->slot = words == 1 ? ps_leaf_search(leaf, key, 1) : ps_leaf_search(leaf, key, 4);
}

bool ps_sources_next(struct ps_sources_cursor *cursor, struct ps_sources_segment *segment)
{
	const struct ps_sources *sources = cursor->sources;
	const u32 leaves = max(sources->leaves, 1U);
	const u32 words = sources->words;
	const struct ps_sources_leaf *leaf;
	const u32 *next;

	if (cursor->leaf >= leaves)
		return false;
	leaf = ps_leaf_of(sources, cursor->leaf);
	segment->range.first = ps_key_addr(ps_leaf_key(leaf, cursor->slot, words), words);
	segment->value = *ps_leaf_value(leaf, cursor->slot, words);

	if (++cursor->slot < leaf->boundaries) {
		next = ps_leaf_key(leaf, cursor->slot, words);
	} else {
		cursor->slot = 0;
		if (++cursor->leaf == leaves) {
			segment->range.last = ps_key_highest(words);
			return true;
		}
		next = sources->key + (size_t)cursor->leaf * words;
	}
	segment->range.last = ps_key_before(ps_key_addr(next, words));
	return true;
}

struct ps_sources_segment ps_sources_segment_at(const struct ps_sources *sources,
						const struct ps_addr *addr)
{
	struct ps_sources_segment segment = {};
	struct ps_sources_cursor cursor;

	ps_sources_seek(&cursor, sources, addr);
	ps_sources_next(&cursor, &segment);
	return segment;
}

size_t ps_sources_root_bytes(u32 words, u32 leaves)
{
	return sizeof(struct ps_sources) + leaves * sizeof(struct ps_sources_leaf *) +
	       ((size_t)leaves + PS_SOURCES_GROUP(words)) * words * sizeof(u32);
}

void ps_sources_lay_out(struct ps_sources *root, u32 words, u32 leaves)
{
	root->words = words;
	root->leaves = leaves;
	root->ranges = 0;
	root->leaf = (struct ps_sources_leaf **)(root + 1);
	root->key = (u32 *)(root->leaf + leaves);
	memset(root->key + (size_t)leaves * words, 0xff,
	       PS_SOURCES_GROUP(words) * words * sizeof(u32));
}
