// SPDX-License-Identifier: GPL-2.0-or-later
/* Source sets: sorting ranges, and replacing one list of a set as a whole. */
#include "sources_set.h"

static void a_bulk_build_fills_leaves_evenly_and_leaves_some_room(void **state)
{
	struct set set = { .now = &ps_sources_empty_ipv4 };
	u32 i;

	(void)state;
	set_comb(&set, FILL_IPV4);
	assert_int_equal(set.now->leaves, 2);
	assert_int_equal(set.now->ranges, FILL_IPV4);
	assert_int_equal(set.now->leaf[0]->boundaries, FILL_IPV4);
	assert_int_equal(set.now->leaf[1]->boundaries, FILL_IPV4);
	set_comb(&set, FILL_IPV4 + 1);
	assert_int_equal(set.now->leaves, 3);
	/* What three leaves can't share evenly the first ones have. */
	for (i = 0; i < 3; i++)
		assert_int_equal(set.now->leaf[i]->boundaries, (2 * FILL_IPV4 + 2 + 2 - i) / 3);
	set_free(&set);
}

static void sorted_input_is_left_alone(void **state)
{
	struct ps_range range[] = { ipv4(1, 2), ipv4(4, 4), ipv4(6, HIGHEST) };

	(void)state;
	assert_int_equal(ps_sources_sort(range, NULL, 3), 3);
	assert_int_equal(ps_sources_sort(range, NULL, 1), 1);
	assert_int_equal(ps_sources_sort(NULL, NULL, 0), 0);
	assert_int_equal(range[1].first.word[3], 4);
}

static void sorting_joins_what_overlaps_or_touches(void **state)
{
	struct ps_range range[] = {
		ipv4(50, 60), ipv4(10, 40), ipv4(20, 30), ipv4(41, 45), ipv4(10, 10),
		ipv4(100, HIGHEST), ipv4(HIGHEST, HIGHEST), ipv4(47, 47), ipv4(50, 60),
	};
	struct ps_range scratch[ARRAY_SIZE(range)];
	static const u32 expected[][2] = { { 10, 45 }, { 47, 47 }, { 50, 60 }, { 100, HIGHEST } };
	u32 i;

	(void)state;
	assert_int_equal(ps_sources_sort(range, scratch, ARRAY_SIZE(range)), 4);
	for (i = 0; i < 4; i++) {
		assert_int_equal(range[i].first.word[3], expected[i][0]);
		assert_int_equal(range[i].last.word[3], expected[i][1]);
	}
}

static void ipv6_ranges_touch_across_a_word_border(void **state)
{
	struct ps_range range[] = {
		{ ipv6(1, 1, 0, 0), ipv6(1, 1, 0, 9) },
		{ ipv6(1, 0, 0, 0), ipv6(1, 0, HIGHEST, HIGHEST) },
		{ ipv6(0, 5, 0, 0), ipv6(0, 5, HIGHEST, HIGHEST - 1) },
	};
	struct ps_range scratch[3];

	(void)state;
	assert_int_equal(ps_sources_sort(range, scratch, 3), 2);
	assert_int_equal(range[1].first.word[0], 1);
	assert_int_equal(range[1].last.word[3], 9);
}

static void a_replacement_touches_its_own_list_only(void **state)
{
	const struct ps_range deny[] = { ipv4(0, 9), ipv4(25, 34), ipv4(HIGHEST, HIGHEST) };
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_assign(&set, ipv4(5, 29), PS_SOURCE_ALLOW);
	set_assign(&set, ipv4(15, 19), PS_SOURCE_DENY);
	set_assign(&set, ipv4(50, 59), PS_SOURCE_DENY);
	set_replace(&set, deny, 3, PS_SOURCE_DENY);
	assert_segment(&set, 0, 0, 9, PS_SOURCE_DENY);
	assert_segment(&set, 10, 10, 14, PS_SOURCE_ALLOW);
	assert_segment(&set, 15, 15, 19, PS_SOURCE_NONE);
	assert_segment(&set, 20, 20, 24, PS_SOURCE_ALLOW);
	assert_segment(&set, 25, 25, 34, PS_SOURCE_DENY);
	assert_segment(&set, 50, 35, HIGHEST - 1, PS_SOURCE_NONE);
	assert_segment(&set, HIGHEST, HIGHEST, HIGHEST, PS_SOURCE_DENY);
	assert_int_equal(set.now->ranges, 5);
	set_replace(&set, NULL, 0, PS_SOURCE_DENY);
	assert_int_equal(set.now->ranges, 2);
	set_replace(&set, NULL, 0, PS_SOURCE_ALLOW);
	assert_int_equal(set.now->leaves, 0);
	set_free(&set);
}

static void replacing_with_the_whole_space_leaves_one_range(void **state)
{
	const struct ps_range all = ipv4(0, HIGHEST);
	struct set set = { .now = &ps_sources_empty_ipv4 };

	(void)state;
	set_comb(&set, 300);
	set_replace(&set, &all, 1, PS_SOURCE_ALLOW);
	assert_segment(&set, 77, 0, HIGHEST, PS_SOURCE_ALLOW);
	assert_int_equal(set.now->leaves, 1);
	assert_int_equal(set.now->ranges, 1);
	set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bulk_build_fills_leaves_evenly_and_leaves_some_room),
		cmocka_unit_test(sorted_input_is_left_alone),
		cmocka_unit_test(sorting_joins_what_overlaps_or_touches),
		cmocka_unit_test(ipv6_ranges_touch_across_a_word_border),
		cmocka_unit_test(a_replacement_touches_its_own_list_only),
		cmocka_unit_test(replacing_with_the_whole_space_leaves_one_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
