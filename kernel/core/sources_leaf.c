// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filling leaves: the one place where boundaries are put into a leaf. A writer
 * is told beforehand how many boundaries are to come, so it can spread them
 * evenly; it keeps the counts in the leaves and the first keys in the root.
 */
#include "sources_leaf.h"

const struct ps_sources_leaf ps_leaf_zero = { .boundaries = 1 };

/* The places of sources_leaf.h, for the one who fills them in. */
static u32 *leaf_keys(struct ps_sources_leaf *leaf, u32 words)
{
	return (u32 *)ps_leaf_key(leaf, 0, words);
}

static u32 *leaf_pivots(struct ps_sources_leaf *leaf, u32 words)
{
	return (u32 *)ps_leaf_pivot(leaf, words);
}

/*
 * What is in no use yet is above all keys, or equal to the highest. Both families'
 * pivots begin at one address, and a compiler that looks for writes beyond an array
 * takes the shorter one's length for it: so word by word, here and below.
 */
static void leaf_clear(struct ps_sources_leaf *leaf, u32 words)
{
	u32 *pivot = leaf_pivots(leaf, words);
	u32 i;

	leaf->boundaries = 0;
	leaf->ranges = 0;
	for (i = 0; i < (PS_SOURCES_GROUPS(words) - 1) * words; i++)
		pivot[i] = ~0U;
	memset(leaf_keys(leaf, words), 0xff, PS_SOURCES_CAPACITY(words) * words * sizeof(u32));
}

/* Note the first keys of the groups that begin in boundaries @from to @to - 1. */
static void leaf_note_pivots(struct ps_sources_leaf *leaf, u32 from, u32 to, u32 words)
{
	const u32 group = PS_SOURCES_GROUP(words);
	const u32 *key = leaf_keys(leaf, words);
	u32 *pivot = leaf_pivots(leaf, words);
	u32 slot, i;

	for (slot = max((from + group - 1) / group, 1U) * group; slot < to; slot += group)
		for (i = 0; i < words; i++)
			pivot[(slot / group - 1) * words + i] = key[slot * words + i];
}

u32 ps_leaf_ranges(const u16 *value, u32 n)
{
	u32 ranges = 0;
	u32 i;

	for (i = 0; i < n; i++)
		ranges += value[i] != 0;
	return ranges;
}

void ps_leaf_write_start(struct ps_leaf_writer *writer, struct ps_sources *root, u32 first,
			 u32 leaves, u32 boundaries)
{
	writer->root = root;
	writer->next = first;
	writer->room = 0;
	writer->each = boundaries / leaves;
	writer->extra = boundaries % leaves;
}

/* Begin the next leaf, whose first key is @key. */
static struct ps_sources_leaf *writer_begin(struct ps_leaf_writer *writer, const u32 *key)
{
	const u32 words = writer->root->words;
	struct ps_sources_leaf *leaf;

	leaf = writer->root->leaf[writer->next];
	leaf_clear(leaf, words);
	memcpy(writer->root->key + (size_t)writer->next * words, key, words * sizeof(*key));
	writer->next++;
	writer->room = writer->each;
	if (writer->extra) {
		writer->extra--;
		writer->room++;
	}
	return leaf;
}

void ps_leaf_write(struct ps_leaf_writer *writer, const u32 *key, const u16 *value, u32 n)
{
	const u32 words = writer->root->words;
	struct ps_sources_leaf *leaf = NULL;
	u32 slot, take;

	if (n && writer->room)
		leaf = writer->root->leaf[writer->next - 1];
	while (n) {
		if (!writer->room)
			leaf = writer_begin(writer, key);
		take = min(n, writer->room);
		slot = leaf->boundaries;
		memcpy(leaf_keys(leaf, words) + slot * words, key, take * words * sizeof(*key));
		memcpy((u16 *)ps_leaf_value(leaf, slot, words), value, take * sizeof(*value));
		leaf->boundaries += take;
		leaf_note_pivots(leaf, slot, slot + take, words);
		leaf->ranges += ps_leaf_ranges(value, take);
		writer->room -= take;
		key += take * words;
		value += take;
		n -= take;
	}
}
