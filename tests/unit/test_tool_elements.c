// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Elements of sets: what events make of them, the addresses they stand for, and
 * differences of lists, against a bitmap of a few addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "elements.h"

#define BASE 0x0a000000U
#define SPACE 64

static void add(struct ps_elements *elements, u32 key, bool is_end, bool is_gone, u64 expires)
{
	struct ps_element element = { ps_addr_from_ipv4(key), is_end, is_gone, expires, 0 };

	ps_elements_add(elements, &element);
}

static void add_range(struct ps_ranges *ranges, u32 first, u32 last)
{
	struct ps_range range = { ps_addr_from_ipv4(first), ps_addr_from_ipv4(last) };

	ps_ranges_add(ranges, PS_IPV4, &range);
}

static void expect(const struct ps_ranges *ranges, size_t n, const u32 bounds[])
{
	size_t i;

	assert_int_equal(ranges->n, n);
	for (i = 0; i < n; i++) {
		assert_int_equal(ranges->range[i].first.word[3], bounds[2 * i]);
		assert_int_equal(ranges->range[i].last.word[3], bounds[2 * i + 1]);
	}
}

static void test_single(void **state)
{
	struct ps_elements elements = {};
	struct ps_ranges ranges = {};
	const u32 joined[] = { 1, 3, 5, 5, ~0U, ~0U };

	add(&elements, 5, false, false, 0);
	add(&elements, 2, false, false, 0);
	add(&elements, ~0U, false, false, 0);
	add(&elements, 1, false, false, 0);
	add(&elements, 3, false, false, 0);
	add(&elements, 2, false, false, 0);
	ps_elements_sort(&elements);
	assert_int_equal(elements.n, 5);
	assert_int_equal(ps_elements_ranges(&elements, PS_IPV4, false, 1, &ranges), 0);
	expect(&ranges, 3, joined);
	ps_elements_free(&elements);
	ps_ranges_free(&ranges);
}

static void test_intervals(void **state)
{
	struct ps_elements elements = {};
	struct ps_ranges ranges = {};
	/* 10-19; 20-29 without an end of the first; 40-49 and 50-59 with both; 70 to the end. */
	const u32 whole[] = { 10, 29, 40, 59, 70, ~0U };

	add(&elements, 0, true, false, 0);
	add(&elements, 10, false, false, 0);
	add(&elements, 20, false, false, 0);
	add(&elements, 30, true, false, 0);
	add(&elements, 40, false, false, 0);
	add(&elements, 50, false, false, 0);
	add(&elements, 50, true, false, 0);
	add(&elements, 60, true, false, 0);
	add(&elements, 70, false, false, 0);
	ps_elements_sort(&elements);
	ps_elements_ranges(&elements, PS_IPV4, true, 1, &ranges);
	expect(&ranges, 3, whole);
	ps_elements_free(&elements);
	ps_ranges_free(&ranges);
}

static void test_expiry(void **state)
{
	struct ps_elements elements = {};
	struct ps_ranges ranges = {};
	const u32 at_first[] = { 10, 29 }, later[] = { 10, 19 };

	add(&elements, 10, false, false, 300);
	add(&elements, 20, false, false, 200);
	add(&elements, 30, true, false, 200);
	ps_elements_sort(&elements);
	assert_int_equal(ps_elements_ranges(&elements, PS_IPV4, true, 199, &ranges), 200);
	expect(&ranges, 1, at_first);
	/* Where the second began the first still ends. */
	assert_int_equal(ps_elements_ranges(&elements, PS_IPV4, true, 200, &ranges), 300);
	expect(&ranges, 1, later);
	assert_int_equal(ps_elements_ranges(&elements, PS_IPV4, true, 300, &ranges), 0);
	assert_int_equal(ranges.n, 0);
	ps_elements_free(&elements);
	ps_ranges_free(&ranges);
}

static void test_events(void **state)
{
	struct ps_elements elements = {}, events = {};
	struct ps_ranges ranges = {};
	const u32 left[] = { 1, 2, 9, 9 };

	add(&elements, 1, false, false, 0);
	add(&elements, 3, false, false, 0);
	add(&elements, 9, false, false, 50);
	ps_elements_sort(&elements);
	add(&events, 9, false, false, 0);
	add(&events, 3, false, true, 0);
	add(&events, 2, false, false, 0);
	add(&events, 7, false, false, 0);
	add(&events, 8, false, true, 0);
	add(&events, 7, false, true, 0);
	ps_elements_sort(&events);
	ps_elements_apply(&elements, &events);
	assert_int_equal(ps_elements_ranges(&elements, PS_IPV4, false, 100, &ranges), 0);
	expect(&ranges, 2, left);
	/* The same again, as after a dump that is newer than the events. */
	ps_elements_apply(&elements, &events);
	ps_elements_ranges(&elements, PS_IPV4, false, 100, &ranges);
	expect(&ranges, 2, left);
	ps_elements_free(&elements);
	ps_elements_free(&events);
	ps_ranges_free(&ranges);
}

static void test_mapped(void **state)
{
	const struct ps_range all = { { { 0, 0, 0, 0 } }, { { ~0U, ~0U, ~0U, ~0U } } };
	const struct ps_range inside = { ps_addr_from_ipv4(5), ps_addr_from_ipv4(9) };
	struct ps_ranges ranges = {};

	ps_ranges_add(&ranges, PS_IPV6, &inside);
	assert_int_equal(ranges.n, 0);
	ps_ranges_add(&ranges, PS_IPV6, &all);
	assert_int_equal(ranges.n, 2);
	assert_int_equal(ranges.range[0].last.word[2], 0xfffe);
	assert_int_equal(ranges.range[0].last.word[3], ~0U);
	assert_int_equal(ranges.range[1].first.word[2], 0x10000);
	assert_int_equal(ranges.range[1].first.word[3], 0);
	ps_ranges_free(&ranges);
}

static bool random_ranges(struct ps_ranges *ranges, bool *map)
{
	u32 at = (u32)rand() % 4, last;

	memset(map, 0, SPACE);
	ranges->n = 0;
	while (at < SPACE) {
		last = at + (u32)rand() % 6;
		if (last >= SPACE)
			last = SPACE - 1;
		add_range(ranges, BASE + at, BASE + last);
		memset(map + at, 1, last - at + 1);
		at = last + 1 + (u32)rand() % 5;
	}
	return ranges->n > 3;
}

static void test_subtract(void **state)
{
	struct ps_ranges from = {}, what = {}, left = {};
	bool in_from[SPACE], in_what[SPACE], in_left[SPACE];
	unsigned int round, rich = 0;
	size_t i, j;

	srand(1);
	for (round = 0; round < 20000; round++) {
		rich += random_ranges(&from, in_from) & random_ranges(&what, in_what);
		ps_ranges_subtract(&from, &what, PS_IPV4, &left);
		memset(in_left, 0, sizeof(in_left));
		for (i = 0; i < left.n; i++) {
			for (j = left.range[i].first.word[3]; j <= left.range[i].last.word[3]; j++)
				in_left[j - BASE] = true;
			if (i)
				assert_true(left.range[i].first.word[3] >
					    left.range[i - 1].last.word[3] + 1);
		}
		for (i = 0; i < SPACE; i++)
			assert_int_equal(in_left[i], in_from[i] && !in_what[i]);
	}
	assert_true(rich > 10000);
	ps_ranges_free(&from);
	ps_ranges_free(&what);
	ps_ranges_free(&left);
}

/* Up to the last address, where a step further would begin again at 0. */
static void test_last(void **state)
{
	struct ps_ranges from = {}, what = {}, left = {};
	const u32 rest[] = { 0, 99 };

	add_range(&from, 0, ~0U);
	add_range(&what, 100, ~0U);
	ps_ranges_subtract(&from, &what, PS_IPV4, &left);
	expect(&left, 1, rest);
	ps_ranges_subtract(&what, &from, PS_IPV4, &left);
	assert_int_equal(left.n, 0);
	ps_ranges_free(&from);
	ps_ranges_free(&what);
	ps_ranges_free(&left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),	 cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_expiry),	 cmocka_unit_test(test_events),
		cmocka_unit_test(test_mapped),	 cmocka_unit_test(test_subtract),
		cmocka_unit_test(test_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
