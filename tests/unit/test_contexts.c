// SPDX-License-Identifier: GPL-2.0-or-later
/* The context table: look-up order, removal, growth, many contexts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "contexts.h"

static struct ps_context other;

static struct ps_contexts *create_table(u32 count)
{
	u32 slots = ps_contexts_slots(count);
	struct ps_contexts *table = malloc(sizeof(*table) + slots * sizeof(table->slot[0]));

	ps_contexts_init(table, slots, 0x1234567890abcdefULL, &other);
	return table;
}

static struct ps_context *create_context(u32 addr, u16 vlan)
{
	struct ps_context *context = aligned_alloc(64, sizeof(*context));

	memset(context, 0, sizeof(*context));
	context->id.addr = ps_addr_from_ipv4(addr);
	context->id.vlan = vlan;
	return context;
}

static struct ps_context *match(const struct ps_contexts *table, u32 addr, u16 vlan)
{
	struct ps_addr dst = ps_addr_from_ipv4(addr);

	return ps_contexts_match(table, &dst, vlan);
}

static void test_other_matches_everything_in_an_empty_table(void **state)
{
	struct ps_contexts *table = create_table(0);

	assert_ptr_equal(match(table, 0x0a000001, 0), &other);
	assert_ptr_equal(match(table, 0x0a000001, 100), &other);
	free(table);
}

static void test_order_is_addr_vlan_then_addr_then_other(void **state)
{
	struct ps_contexts *table = create_table(4);
	struct ps_context *tagged = create_context(0x0a000001, 100);
	struct ps_context *plain = create_context(0x0a000001, 0);

	ps_contexts_insert(table, tagged);
	/* Only packets that arrive with the tag. */
	assert_ptr_equal(match(table, 0x0a000001, 0), &other);
	assert_ptr_equal(match(table, 0x0a000001, 101), &other);
	assert_ptr_equal(match(table, 0x0a000001, 100), tagged);
	ps_contexts_insert(table, plain);
	assert_ptr_equal(match(table, 0x0a000001, 0), plain);
	assert_ptr_equal(match(table, 0x0a000001, 101), plain);
	assert_ptr_equal(match(table, 0x0a000001, 100), tagged);
	assert_ptr_equal(match(table, 0x0a000002, 100), &other);
	ps_contexts_remove(table, tagged);
	assert_ptr_equal(match(table, 0x0a000001, 100), plain);
	ps_contexts_remove(table, plain);
	assert_ptr_equal(match(table, 0x0a000001, 100), &other);
	assert_int_equal(table->count, 0);
	assert_int_equal(table->tagged, 0);
	free(plain);
	free(tagged);
	free(table);
}

static void test_removal_leaves_the_others_of_a_probe_findable(void **state)
{
	enum { N = 64 };
	struct ps_contexts *table = create_table(N);
	struct ps_context *context[N];
	u32 i, j;

	for (i = 0; i < N; i++) {
		context[i] = create_context(i, 0);
		ps_contexts_insert(table, context[i]);
	}
	for (i = 0; i < N; i++) {
		ps_contexts_remove(table, context[i]);
		for (j = 0; j < N; j++)
			assert_ptr_equal(match(table, j, 0), j > i ? context[j] : &other);
	}
	for (i = 0; i < N; i++)
		free(context[i]);
	free(table);
}

static void test_a_table_is_full_at_half_its_slots(void **state)
{
	struct ps_contexts *table = create_table(4);
	struct ps_context *context[8];
	u32 i;

	assert_int_equal(table->mask + 1, 16);
	for (i = 0; i < 8; i++) {
		assert_false(ps_contexts_full(table));
		context[i] = create_context(i, i);
		ps_contexts_insert(table, context[i]);
	}
	assert_true(ps_contexts_full(table));
	/* A tombstone isn't a free slot: probes go on behind it. */
	ps_contexts_remove(table, context[3]);
	assert_true(ps_contexts_full(table));
	for (i = 0; i < 8; i++)
		free(context[i]);
	free(table);
}

static void test_65536_contexts(void **state)
{
	enum { N = 65536 };
	struct ps_contexts *table = create_table(N);
	struct ps_context **context = malloc(N * sizeof(*context));
	u32 i;

	for (i = 0; i < N; i++) {
		context[i] = create_context(0x0a000000 + i / 2, i % 2 * 7);
		ps_contexts_insert(table, context[i]);
	}
	assert_int_equal(table->count, N);
	for (i = 0; i < N; i++)
		assert_ptr_equal(match(table, 0x0a000000 + i / 2, i % 2 * 7), context[i]);
	for (i = 0; i < N; i++)
		free(context[i]);
	free(context);
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_matches_everything_in_an_empty_table),
		cmocka_unit_test(test_order_is_addr_vlan_then_addr_then_other),
		cmocka_unit_test(test_removal_leaves_the_others_of_a_probe_findable),
		cmocka_unit_test(test_a_table_is_full_at_half_its_slots),
		cmocka_unit_test(test_65536_contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
