// SPDX-License-Identifier: GPL-2.0-or-later
/* Source sets: look-up, walk, and what an edit makes of values and leaves. */
#include "sources_set.h"

static void an_empty_set_is_one_segment_without_value(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	struct ps_addr addr = ipv6(0x20010db8, 0, 0, 1);

	(void)state;
	assert_segment(&set, 0x0a000001, 0, HIGHEST, 0);
	assert_int_equal(ps_sources_find(&ps_sources_empty_ipv6, &addr), 0);
	ps_sources_seek(&cursor, &ps_sources_empty_ipv6, NULL);
	assert_true(ps_sources_next(&cursor, &segment));
	addr = ipv6(0, 0, 0, 0);
	assert_true(ps_addr_equal(&segment.range.first, &addr));
	addr = ipv6(HIGHEST, HIGHEST, HIGHEST, HIGHEST);
	assert_true(ps_addr_equal(&segment.range.last, &addr));
	assert_false(ps_sources_next(&cursor, &segment));
}

static void a_range_ends_where_it_says(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(100, 199), PS_SOURCE_DENY);
	assert_segment(&set, 0, 0, 99, PS_SOURCE_NONE);
	assert_segment(&set, 100, 100, 199, PS_SOURCE_DENY);
	assert_segment(&set, 199, 100, 199, PS_SOURCE_DENY);
	assert_segment(&set, 200, 200, HIGHEST, PS_SOURCE_NONE);
	assert_int_equal(set.now->ranges, 1);
	assert_int_equal(set.last.used, 1);
	assert_int_equal(set.last.drops, 0);
	set_free(&set);
}

static void removing_from_the_middle_splits(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(100, 199), PS_SOURCE_DENY);
	set_assign(&set, ipv4(150, 150), PS_SOURCE_NONE);
	assert_segment(&set, 120, 100, 149, PS_SOURCE_DENY);
	assert_segment(&set, 150, 150, 150, PS_SOURCE_NONE);
	assert_segment(&set, 180, 151, 199, PS_SOURCE_DENY);
	assert_int_equal(set.now->ranges, 2);
	set_free(&set);
}

static void adding_to_one_list_takes_out_of_the_other(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(100, 199), PS_SOURCE_DENY);
	set_assign(&set, ipv4(190, 209), PS_SOURCE_ALLOW);
	assert_segment(&set, 100, 100, 189, PS_SOURCE_DENY);
	assert_segment(&set, 190, 190, 209, PS_SOURCE_ALLOW);
	assert_int_equal(set.now->ranges, 2);
	set_free(&set);
}

static void ranges_that_touch_become_one(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(100, 109), 1);
	set_assign(&set, ipv4(120, 129), 1);
	assert_int_equal(set.now->ranges, 2);
	set_assign(&set, ipv4(110, 119), 1);
	assert_segment(&set, 110, 100, 129, 1);
	assert_int_equal(set.now->ranges, 1);
	set_free(&set);
}

static void the_ends_of_the_space_are_addresses_like_others(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(HIGHEST, HIGHEST), 1);
	set_assign(&set, ipv4(0, 0), 2);
	assert_segment(&set, 0, 0, 0, 2);
	assert_segment(&set, 1, 1, HIGHEST - 1, 0);
	assert_segment(&set, HIGHEST, HIGHEST, HIGHEST, 1);
	set_assign(&set, ipv4(0, HIGHEST), 7);
	assert_segment(&set, 12345, 0, HIGHEST, 7);
	assert_int_equal(set.now->ranges, 1);
	set_free(&set);
}

static void a_set_without_range_has_no_leaf(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(0, HIGHEST), 0);
	assert_int_equal(set.now->leaves, 0);
	set_assign(&set, ipv4(5, 9), 1);
	set_assign(&set, ipv4(3, 9), 0);
	assert_int_equal(set.now->leaves, 0);
	assert_int_equal(set.now->ranges, 0);
	assert_int_equal(set.last.used, 0);
	assert_int_equal(set.last.drops, 1);
	assert_segment(&set, 5, 0, HIGHEST, 0);
	set_free(&set);
}

static void an_edit_that_changes_nothing_costs_no_leaf(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(100, 199), 1);
	set_assign(&set, ipv4(120, 199), 1);
	assert_int_equal(set.last.used, 0);
	assert_int_equal(set.last.drops, 0);
	set_assign(&set, ipv4(200, HIGHEST), 0);
	assert_int_equal(set.last.used, 0);
	assert_int_equal(set.last.drops, 0);
	assert_segment(&set, 150, 100, 199, 1);
	assert_int_equal(set.now->ranges, 1);
	set_free(&set);
}

static void an_ipv6_range_may_end_at_a_word_border(void **state)
{
	const struct ps_range range = { ipv6(0x20010db8, 0, 0, 1),
					ipv6(0x20010db8, 0, HIGHEST, HIGHEST) };
	const struct ps_addr behind = ipv6(0x20010db8, 1, 0, 0);
	const struct ps_addr before = ipv6(0x20010db8, 0, 0, 0);
	struct set set = { .now = &ps_sources_empty_ipv6 };
	struct ps_sources_segment segment;

	(void)state;
	set_assign(&set, range, 1);
	assert_int_equal(ps_sources_find(set.now, &range.first), 1);
	assert_int_equal(ps_sources_find(set.now, &range.last), 1);
	assert_int_equal(ps_sources_find(set.now, &behind), 0);
	segment = ps_sources_segment_at(set.now, &before);
	assert_true(ps_addr_equal(&segment.range.last, &before));
	segment = ps_sources_segment_at(set.now, &behind);
	assert_true(ps_addr_equal(&segment.range.first, &behind));
	set_free(&set);
}

/* Bring leaf @leaf of a comb to its capacity by edits in its gaps. */
static void set_fill_leaf(struct set *set, u32 leaf)
{
	const u32 first = (set->now->key[leaf] + 31) / 32 * 32;
	u32 i;

	for (i = 0; set->now->leaf[leaf]->boundaries + 2U <= CAPACITY_IPV4; i++)
		set_assign(set, ipv4(first + 32 * i + 8, first + 32 * i + 9), 2);
	if (set->now->leaf[leaf]->boundaries < CAPACITY_IPV4)
		set_assign(set, ipv4(first + 10, first + 10), 3);
	assert_int_equal(set->now->leaf[leaf]->boundaries, CAPACITY_IPV4);
}

static void a_full_leaf_splits_evenly_and_the_others_are_shared(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	struct ps_sources_leaf *left, *right;
	u32 key;

	(void)state;
	set_comb(&set, 3 * FILL_IPV4 / 2);
	assert_int_equal(set.now->leaves, 3);
	set_fill_leaf(&set, 1);
	left = set.now->leaf[0];
	right = set.now->leaf[2];
	key = (set.now->key[1] + 31) / 32 * 32 + 20;
	set_assign(&set, ipv4(key, key), 9);
	assert_int_equal(set.now->leaves, 4);
	assert_int_equal(set.last.used, 2);
	assert_int_equal(set.last.dropped, 1);
	assert_int_equal(set.last.drops, 1);
	assert_int_equal(set.now->leaf[1]->boundaries, CAPACITY_IPV4 / 2 + 1);
	assert_int_equal(set.now->leaf[2]->boundaries, CAPACITY_IPV4 / 2 + 1);
	assert_ptr_equal(set.now->leaf[0], left);
	assert_ptr_equal(set.now->leaf[3], right);
	assert_segment(&set, key, key, key, 9);
	set_free(&set);
}

static void an_edit_across_two_full_leaves_takes_three(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	const struct ps_sources_leaf *leaf;
	u32 first, last;

	(void)state;
	set_comb(&set, FILL_IPV4);
	assert_int_equal(set.now->leaves, 2);
	set_fill_leaf(&set, 0);
	set_fill_leaf(&set, 1);
	leaf = set.now->leaf[0];
	first = leaf->ipv4.key[leaf->boundaries - 1] + 1;
	last = set.now->key[1];
	assert_true(first < last);
	set_assign(&set, ipv4(first, last), 9);
	assert_int_equal(set.last.used, 3);
	assert_int_equal(set.last.drops, 2);
	assert_int_equal(set.now->leaf[0]->boundaries + set.now->leaf[1]->boundaries +
			 set.now->leaf[2]->boundaries, 2 * CAPACITY_IPV4 + 1);
	assert_segment(&set, first, first, last, 9);
	set_free(&set);
}

static void covered_leaves_are_dropped(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	u32 ranges, first, last;

	(void)state;
	set_comb(&set, 10 * FILL_IPV4 / 2);
	assert_int_equal(set.now->leaves, 10);
	first = set.now->key[2] / 32 * 32 + 32 * 30;
	last = set.now->key[7] / 32 * 32 + 32 * 30;
	ranges = set.now->ranges - (last - first) / 32;
	set_assign(&set, ipv4(first, last - 1), 0);
	assert_int_equal(set.last.dropped, 2);
	assert_int_equal(set.last.drops, 6);
	assert_int_equal(set.last.used, 1);
	assert_int_equal(set.now->leaves, 5);
	assert_int_equal(set.now->ranges, ranges);
	assert_segment(&set, first, first - 28, last - 1, 0);
	set_free(&set);
}

/* Take away all of a leaf but its first @keep boundaries, and of no other leaf anything. */
static void set_thin_leaf(struct set *set, u32 leaf, u32 keep)
{
	const struct ps_sources_leaf *thin = set->now->leaf[leaf];

	/* Both ends are in gaps of the comb. */
	assert_int_equal(thin->ipv4.value[keep - 1], 0);
	assert_int_equal(thin->ipv4.value[thin->boundaries - 1], 0);
	set_assign(set, ipv4(thin->ipv4.key[keep - 1] + 1,
			     thin->ipv4.key[thin->boundaries - 1]), 0);
}

static void a_leaf_with_little_left_joins_its_neighbour(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	u32 left, right;

	(void)state;
	/* The least that four leaves are made for. */
	set_comb(&set, 3 * FILL_IPV4 / 2 + 1);
	assert_int_equal(set.now->leaves, 4);
	left = set.now->leaf[0]->boundaries;
	right = set.now->leaf[2]->boundaries;
	set_thin_leaf(&set, 1, CAPACITY_IPV4 / 4 - 1);
	assert_int_equal(set.last.dropped, 0);
	assert_int_equal(set.last.drops, 2);
	assert_int_equal(set.last.used, 1);
	left += CAPACITY_IPV4 / 4 - 1;
	assert_int_equal(set.now->leaf[0]->boundaries, left);
	/* The first leaf has no neighbour on its left. */
	set_thin_leaf(&set, 0, 2);
	assert_int_equal(set.last.dropped, 0);
	assert_int_equal(set.last.drops, 2);
	assert_int_equal(set.last.used, 1);
	assert_int_equal(set.now->leaf[0]->boundaries, right + 2);
	set_free(&set);
}

static void a_leaf_with_a_quarter_left_stays_alone(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_comb(&set, 3 * FILL_IPV4 / 2 - 3);
	set_thin_leaf(&set, 1, CAPACITY_IPV4 / 4);
	assert_int_equal(set.last.drops, 1);
	assert_int_equal(set.now->leaves, 3);
	set_free(&set);
}

static void a_leaf_with_nothing_left_goes_without_a_new_one(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	u32 first;

	(void)state;
	set_comb(&set, 3 * FILL_IPV4 / 2);
	first = set.now->key[2];
	assert_int_equal(set.now->leaf[2]->ipv4.value[0], 1);
	set_assign(&set, ipv4(first, HIGHEST), 0);
	assert_int_equal(set.last.used, 0);
	assert_int_equal(set.last.dropped, 2);
	assert_int_equal(set.last.drops, 1);
	assert_int_equal(set.now->leaves, 2);
	assert_segment(&set, first, first - 28, HIGHEST, 0);
	set_free(&set);
}

static void a_cursor_begins_anywhere_and_gives_every_segment_once(void **state)
{
	const struct ps_addr from = ps_addr_from_ipv4(64 + 2);
	struct set set = { .now = &ps_sources_empty_ipv4 };
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	u32 next = 64;
	u32 n = 0;

	(void)state;
	set_comb(&set, 500);
	ps_sources_seek(&cursor, set.now, &from);
	while (ps_sources_next(&cursor, &segment)) {
		assert_int_equal(segment.range.first.word[3], next);
		assert_int_equal(segment.value, n % 2 ? 0 : 1);
		next = segment.range.last.word[3] + 1;
		n++;
	}
	assert_int_equal(next, 0);
	assert_int_equal(n, 2 * (500 - 2));
	set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_set_is_one_segment_without_value),
		cmocka_unit_test(a_range_ends_where_it_says),
		cmocka_unit_test(removing_from_the_middle_splits),
		cmocka_unit_test(adding_to_one_list_takes_out_of_the_other),
		cmocka_unit_test(ranges_that_touch_become_one),
		cmocka_unit_test(the_ends_of_the_space_are_addresses_like_others),
		cmocka_unit_test(a_set_without_range_has_no_leaf),
		cmocka_unit_test(an_edit_that_changes_nothing_costs_no_leaf),
		cmocka_unit_test(an_ipv6_range_may_end_at_a_word_border),
		cmocka_unit_test(a_full_leaf_splits_evenly_and_the_others_are_shared),
		cmocka_unit_test(an_edit_across_two_full_leaves_takes_three),
		cmocka_unit_test(covered_leaves_are_dropped),
		cmocka_unit_test(a_leaf_with_little_left_joins_its_neighbour),
		cmocka_unit_test(a_leaf_with_a_quarter_left_stays_alone),
		cmocka_unit_test(a_leaf_with_nothing_left_goes_without_a_new_one),
		cmocka_unit_test(a_cursor_begins_anywhere_and_gives_every_segment_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
