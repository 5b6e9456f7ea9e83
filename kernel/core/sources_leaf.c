// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filling leaves: the one place where boundaries are put into a leaf. A writer
 * is told beforehand how many boundaries are to come, so it can spread them
 * evenly; it keeps the counts in the leaves and the first keys in the root.
 */
#include "sources_leaf.h"

const struct ps_sources_leaf ps_leaf_zero = { .boundaries = 1 };

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
	leaf->boundaries = 0;
	leaf->ranges = 0;
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
		if (words == 1) {
			memcpy(leaf->ipv4.key + slot, key, take * sizeof(*key));
			memcpy(leaf->ipv4.value + slot, value, take * sizeof(*value));
		} else {
			memcpy(leaf->ipv6.key + slot * 4, key, take * 4 * sizeof(*key));
			memcpy(leaf->ipv6.value + slot, value, take * sizeof(*value));
		}
		leaf->boundaries += take;
		leaf->ranges += ps_leaf_ranges(value, take);
		writer->room -= take;
		key += take * words;
		value += take;
		n -= take;
	}
}
