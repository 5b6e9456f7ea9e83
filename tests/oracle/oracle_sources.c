// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Source sets against a flat array, the value of each cell of an address space
 * (sources_space.h). Every operation takes whole cells, so that the model knows
 * the value of every address.
 *
 * After each operation the boundaries in the leaves must be those that follow
 * from the model, to the bit. Old versions are kept for a while and must still
 * be what they were when their time comes; then exactly what the edit said is
 * freed, so that the sanitizers find leaves lost, freed twice or used after.
 *
 * PS_SEED and PS_ROUNDS in the environment repeat or prolong a run.
 */
#include <stdlib.h>
#include <time.h>

#include "sources.h"
#include "sources_space.h"

#define VALUES		4
#define HISTORY		5
#define ROUNDS		60000

struct version {
	struct ps_sources *set;
	u16 model[CELLS];
	u32 dropped, drops;	/* what the next version doesn't hold */
};

static long leaves_alive;

static u64 setting(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static struct ps_sources_leaf *leaf_new(void)
{
	leaves_alive++;
	return malloc(PS_SOURCES_LEAF_BYTES);
}

static void leaf_free(struct ps_sources_leaf *leaf)
{
	leaves_alive--;
	free(leaf);
}

/* The leaves, to the bit. */
static void check_leaves(const struct space *space, const struct ps_sources *set, const u16 *model)
{
	const u32 capacity = space->words == 1 ? 160 : 48;
	const struct ps_sources_leaf *leaf = NULL;
	u32 cell, value, l = 0, slot = 0, in_leaf = 0, in_set = 0;
	const u32 *key;

	assert_int_equal(set->words, space->words);
	for (cell = 0; cell < CELLS && set->leaves; cell++) {
		if (cell && model[cell] == model[cell - 1])
			continue;
		if (!leaf || slot == leaf->boundaries) {
			assert_true(!leaf || leaf->ranges == in_leaf);
			assert_true(l < set->leaves);
			leaf = set->leaf[l];
			assert_true(key_of(space, set->key + l * space->words) == space->low[cell]);
			assert_in_range(leaf->boundaries, set->leaves == 1 ? 1 : capacity / 4,
					capacity);
			slot = 0;
			in_leaf = 0;
			l++;
		}
		key = space->words == 1 ? leaf->ipv4.key + slot : leaf->ipv6.key + 4 * slot;
		value = space->words == 1 ? leaf->ipv4.value[slot] : leaf->ipv6.value[slot];
		assert_true(key_of(space, key) == space->low[cell]);
		assert_int_equal(value, model[cell]);
		in_leaf += model[cell] != 0;
		in_set += model[cell] != 0;
		slot++;
	}
	assert_int_equal(l, set->leaves);
	assert_true(!leaf || (slot == leaf->boundaries && leaf->ranges == in_leaf));
	assert_int_equal(set->ranges, in_set);
	/* Empty in one way only. */
	for (cell = 0; cell < CELLS && !in_set; cell++)
		assert_int_equal(model[cell], 0);
	assert_true(in_set ? set->leaves : !set->leaves);
}

static void check_segment(const struct space *space, const struct ps_sources_segment *segment,
			  const u16 *model, u32 cell)
{
	u32 first, last;

	run_around(model, cell, &first, &last);
	assert_true(number_of(space, &segment->range.first) == space->low[first]);
	assert_true(number_of(space, &segment->range.last) == space->high[last]);
	assert_int_equal(segment->value, model[cell]);
}

/* What look-ups and a walk say. */
static void check_reads(const struct space *space, const struct ps_sources *set, const u16 *model)
{
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	struct ps_addr addr;
	u32 cell, first, i;

	for (i = 0; i < 16; i++) {
		cell = pick(CELLS);
		addr = addr_of(space, space->low[cell]);
		assert_int_equal(ps_sources_find(set, &addr), model[cell]);
		segment = ps_sources_segment_at(set, &addr);
		check_segment(space, &segment, model, cell);
		addr = addr_of(space, space->high[cell]);
		assert_int_equal(ps_sources_find(set, &addr), model[cell]);
		addr = addr_of(space, space->low[cell] + pick_wide() %
			       (space->high[cell] - space->low[cell] + 1));
		assert_int_equal(ps_sources_find(set, &addr), model[cell]);
	}
	if (pick(8))
		return;
	cell = pick(4) ? pick(CELLS) : 0;
	addr = addr_of(space, space->low[cell]);
	ps_sources_seek(&cursor, set, cell ? &addr : NULL);
	while (cell < CELLS) {
		assert_true(ps_sources_next(&cursor, &segment));
		check_segment(space, &segment, model, cell);
		run_around(model, cell, &first, &cell);
		cell++;
	}
	assert_false(ps_sources_next(&cursor, &segment));
}

/* Runs of cells; how long they are and what they get changes from phase to phase. */
struct mood {
	u32 length;
	u32 values;
	u32 lists;	/* one operation in so many replaces a list */
};

static void mood_change(struct mood *mood)
{
	static const u32 length[] = { 1, 2, 5, 30, 400, CELLS };

	mood->length = length[pick(ARRAY_SIZE(length))];
	mood->values = pick(3) ? VALUES : 1 + pick(2);
	mood->lists = pick(2) ? 100 : 5;
}

static void pick_run(const struct mood *mood, u32 *first, u32 *last)
{
	*first = pick(16) ? pick(CELLS) : 0;
	*last = *first + pick(mood->length);
	if (*last >= CELLS || !pick(50))
		*last = CELLS - 1;
}

/* One edit; sometimes thrown away, as when a limit is reached. */
static bool edit(const struct space *space, const struct mood *mood, struct version *old,
		 struct version *new)
{
	const u16 value = pick(mood->values);
	struct ps_sources_edit edit = { };
	struct ps_range range;
	u32 first, last, i;

	pick_run(mood, &first, &last);
	range = cells(space, first, last);
	edit.root = malloc(ps_sources_root_bytes(space->words,
						 old->set->leaves + PS_SOURCES_EDIT_LEAVES));
	for (i = 0; i < PS_SOURCES_EDIT_LEAVES; i++)
		edit.spare[i] = leaf_new();
	ps_sources_assign(old->set, &range, value, &edit);

	memcpy(new->model, old->model, sizeof(new->model));
	for (i = first; i <= last; i++)
		new->model[i] = value;
	check_leaves(space, edit.root, new->model);
	assert_true(edit.used <= PS_SOURCES_EDIT_LEAVES);
	assert_true(edit.dropped + edit.drops <= old->set->leaves);
	assert_int_equal(edit.root->leaves, old->set->leaves - edit.drops + edit.used);
	if (!memcmp(new->model, old->model, sizeof(new->model)))
		assert_int_equal(edit.used + edit.drops, 0);
	for (i = 0; i < edit.used; i++)
		assert_ptr_equal(edit.root->leaf[edit.dropped + i], edit.spare[i]);
	for (i = edit.used; i < PS_SOURCES_EDIT_LEAVES; i++)
		leaf_free(edit.spare[i]);
	if (!pick(20)) {
		for (i = 0; i < edit.used; i++)
			leaf_free(edit.spare[i]);
		free(edit.root);
		return false;
	}
	new->set = edit.root;
	old->dropped = edit.dropped;
	old->drops = edit.drops;
	return true;
}

/* The runs of cells marked in @in, against sorted and joined ranges. */
static void check_sorted(const struct space *space, const struct ps_range *range, u32 n,
			 const u16 *in)
{
	u32 cell, first, last;
	u32 i = 0;

	for (cell = 0; cell < CELLS; cell = last + 1) {
		run_around(in, cell, &first, &last);
		if (!in[cell])
			continue;
		assert_true(i < n);
		assert_true(number_of(space, &range[i].first) == space->low[first]);
		assert_true(number_of(space, &range[i].last) == space->high[last]);
		i++;
	}
	assert_int_equal(i, n);
}

/* Replace one list by random ranges in no order. */
static void replace(const struct space *space, const struct mood *mood, struct version *old,
		    struct version *new)
{
	struct ps_sources_replacement replacement = { .old = old->set };
	struct ps_range range[CELLS], scratch[CELLS];
	const u32 n = pick(8) ? pick(CELLS) >> pick(8) : 0;
	u32 i, first, last, cell;
	u16 in[CELLS] = { };

	for (i = 0; i < n; i++) {
		pick_run(mood, &first, &last);
		range[i] = cells(space, first, last);
		for (cell = first; cell <= last; cell++)
			in[cell] = 1;
	}
	replacement.value = 1 + pick(VALUES - 1);
	replacement.range = n ? range : NULL;
	replacement.n = ps_sources_sort(range, scratch, n);
	check_sorted(space, range, replacement.n, in);
	ps_sources_measure(&replacement);

	new->set = malloc(ps_sources_root_bytes(space->words, replacement.leaves));
	ps_sources_lay_out(new->set, space->words, replacement.leaves);
	for (i = 0; i < replacement.leaves; i++)
		new->set->leaf[i] = leaf_new();
	ps_sources_replace(&replacement, new->set);
	assert_int_equal(new->set->ranges, replacement.ranges);
	for (cell = 0; cell < CELLS; cell++) {
		new->model[cell] = old->model[cell] == replacement.value ? 0 : old->model[cell];
		if (in[cell])
			new->model[cell] = replacement.value;
	}
	old->dropped = 0;
	old->drops = old->set->leaves;
}

/* The oldest version's time has come. */
static void version_free(const struct space *space, struct version *version)
{
	u32 i;

	check_leaves(space, version->set, version->model);
	check_reads(space, version->set, version->model);
	for (i = version->dropped; i < version->dropped + version->drops; i++)
		leaf_free(version->set->leaf[i]);
	free(version->set);
}

static void run(u32 words, u32 cut, u64 rounds)
{
	static struct version history[HISTORY];
	static struct space space;
	struct version *old, *new;
	u64 oldest = 0, newest = 0, round;
	struct mood mood;

	space_cut(&space, words, cut);
	memset(history, 0, sizeof(history));
	history[0].set = malloc(ps_sources_root_bytes(words, 0));
	ps_sources_lay_out(history[0].set, words, 0);
	for (round = 0; round < rounds; round++) {
		if (round % 250 == 0)
			mood_change(&mood);
		old = &history[newest % HISTORY];
		new = &history[(newest + 1) % HISTORY];
		if (!pick(mood.lists))
			replace(&space, &mood, old, new);
		else if (!edit(&space, &mood, old, new))
			continue;
		check_leaves(&space, new->set, new->model);
		check_reads(&space, new->set, new->model);
		newest++;
		while (newest - oldest >= HISTORY - 1 || (oldest < newest && !pick(4)))
			version_free(&space, &history[oldest++ % HISTORY]);
	}
	while (oldest < newest)
		version_free(&space, &history[oldest++ % HISTORY]);
	assert_int_equal(leaves_alive, history[newest % HISTORY].set->leaves);
	history[newest % HISTORY].dropped = 0;
	history[newest % HISTORY].drops = history[newest % HISTORY].set->leaves;
	version_free(&space, &history[newest % HISTORY]);
	assert_int_equal(leaves_alive, 0);
}

static void sets_are_what_the_model_says(void **state)
{
	const u64 rounds = setting("PS_ROUNDS", ROUNDS);
	const u64 seed = setting("PS_SEED", time(NULL));
	u32 cut;

	(void)state;
	print_message("PS_SEED=%llu PS_ROUNDS=%llu\n", (unsigned long long)seed,
		      (unsigned long long)rounds);
	random_state = (seed + 1) * 0x9e3779b97f4a7c15ULL | 1;
	for (cut = 0; cut < CUTS; cut++) {
		run(1, cut, rounds / (2 * CUTS));
		run(4, cut, rounds / (2 * CUTS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_what_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
