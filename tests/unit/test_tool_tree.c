// SPDX-License-Identifier: GPL-2.0-or-later
/* What reading commands print: lines of lists, and the JSON of instances and contexts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

static void lines(void **state)
{
	struct ps_lines list = {};
	const char *text;
	size_t at = 0, length, i;

	assert_false(ps_lines_next(&list, &at, &text, &length));
	for (i = 0; i < 100; i++)
		ps_lines_add(&list, "0123456789", i % 11);
	assert_int_equal(list.count, 100);
	for (i = 0; i < 100; i++) {
		assert_true(ps_lines_next(&list, &at, &text, &length));
		assert_int_equal(length, i % 11);
		assert_memory_equal(text, "0123456789", length);
	}
	assert_false(ps_lines_next(&list, &at, &text, &length));
	ps_lines_free(&list);
	assert_null(list.data);
}

/* The compact text of a value, which goes. */
static void expect_json(json_t *json, const char *expected)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

static void values(void **state)
{
	expect_json(ps_tree_value(&ps_option[PS_OPTION_hook_priority], -300), "-300");
	expect_json(ps_tree_value(&ps_option[PS_OPTION_dsr_mode], 1), "true");
	expect_json(ps_tree_value(&ps_option[PS_OPTION_new_cookie_threshold], 5LL << 32 | 4),
		    "\"5-4\"");
	expect_json(ps_tree_value(&ps_option[PS_OPTION_x_tcp_wscale], -1), "\"none\"");
	expect_json(ps_tree_text("eth\"0", 5), "\"eth\\\"0\"");
	expect_json(ps_tree_text("e\xff\x80", 3), "\"e\\\\xff\\\\x80\"");
}

static int fill(json_t *object, const struct ps_view *view, void *data)
{
	json_object_set_new(object, "n", json_integer(view->status));
	return view->status == 99 ? 1 : 0;
}

static void set_view(struct ps_view *view, const char *name, const char *context, u32 status)
{
	*view = (struct ps_view){ .status = status };
	snprintf(view->name, sizeof(view->name), "%s", name);
	snprintf(view->place.context, sizeof(view->place.context), "%s", context);
}

static void trees(void **state)
{
	struct ps_view view[4], *pointer[] = { &view[0], &view[1], &view[2], &view[3] };
	struct ps_views views = { .view = pointer, .count = 4 };
	json_t *tree;

	set_view(&view[0], "a", "", 1);
	set_view(&view[1], "a", "Other", 2);
	set_view(&view[2], "a", "10.0.0.1", 3);
	set_view(&view[3], "b", "Other", 4);
	assert_int_equal(ps_tree_make(&views, fill, NULL, &tree), 0);
	expect_json(tree, "{\"instances\":[{\"name\":\"a\",\"n\":1,\"contexts\":["
			  "{\"name\":\"Other\",\"n\":2},{\"name\":\"10.0.0.1\",\"n\":3}]},"
			  "{\"name\":\"b\",\"contexts\":[{\"name\":\"Other\",\"n\":4}]}]}");
	view[2].status = 99;
	assert_int_equal(ps_tree_make(&views, fill, NULL, &tree), 1);
	assert_null(tree);
	views.count = 0;
	assert_int_equal(ps_tree_make(&views, fill, NULL, &tree), 0);
	expect_json(tree, "{\"instances\":[]}");
}

static void protections(void **state)
{
	struct ps_view view = { .status = 1U << PS_PROTECT_NEW_COOKIE | 1U << PS_PROTECT_SURGE,
				.by_hand = 1U << PS_PROTECT_SURGE,
				.measured = 1U << PS_PROTECT_SURGE,
				.rate[PS_PROTECT_SURGE] = 5000000000ULL };
	char text[256], small[8];
	json_t *json = ps_tree_protections(&view);

	assert_string_equal(ps_tree_protection_words(&view, text, sizeof(text)),
			    "new_cookie, deliver_block (by hand)");
	assert_string_equal(ps_tree_protection_words(&view, small, sizeof(small)), "new_coo");
	assert_int_equal(json_object_size(json), PS_PROTECTIONS);
	assert_true(json_is_true(json_object_get(json_object_get(json, "new_cookie"), "on")));
	assert_true(json_is_false(json_object_get(json_object_get(json, "new_cookie"), "by_hand")));
	assert_null(json_object_get(json_object_get(json, "new_cookie"), "rate"));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "deliver_block"),
							    "rate")), 5000000000LL);
	json_decref(json);
	view.status = 0;
	assert_string_equal(ps_tree_protection_words(&view, text, sizeof(text)), "-");
}

static void tables(void **state)
{
	struct ps_view view = {};

	expect_json(ps_tree_tables(&view), "{}");
	view.table[0] = (struct ps_netlink_table){ .slots = 64, .used = 5 };
	view.table[2] = (struct ps_netlink_table){ .slots = 1U << 30, .used = 1U << 30 };
	expect_json(ps_tree_tables(&view),
		    "{\"tcp\":{\"slots\":64,\"used\":5},"
		    "\"quic\":{\"slots\":1073741824,\"used\":1073741824}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(values),
		cmocka_unit_test(trees),
		cmocka_unit_test(protections),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
