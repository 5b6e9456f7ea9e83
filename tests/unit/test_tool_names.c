// SPDX-License-Identifier: GPL-2.0-or-later
/* INSTANCE [CONTEXT] NAME VALUE: who has what, and what is refused in which words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "names.h"
#include "value.h"

static struct ps_place place;
static int used;

static int read_place(char *first, char *second)
{
	char *words[] = { first, second };

	return ps_names_place(words, !!first + !!second, &place, &used);
}

static void places(void **state)
{
	assert_int_equal(read_place(NULL, NULL), PS_EXIT_OK);
	assert_null(place.instance);
	assert_int_equal(read_place("i", "Other"), PS_EXIT_OK);
	assert_int_equal(used, 2);
	assert_string_equal(place.context, "Other");
	assert_string_equal(place.path, "i/Other");
	assert_int_equal(read_place("i", "2001:DB8:0::5@7"), PS_EXIT_OK);
	assert_string_equal(place.path, "i/2001:db8::5@7");
	assert_int_equal(read_place("i", "ifaces"), PS_EXIT_OK);
	assert_int_equal(used, 1);
	assert_null(ps_place_context(&place));
	assert_int_equal(read_place("i", "10.0.0.1@4095"), PS_EXIT_OK);
	assert_int_equal(used, 1);
	assert_int_equal(read_place("instances", NULL), PS_EXIT_USAGE);
	assert_int_equal(read_place("a/b", NULL), PS_EXIT_USAGE);
	assert_int_equal(read_place("", NULL), PS_EXIT_USAGE);
}

/* Which of all names a place has: each of its scope, and no other. */
static int count_names(char *context)
{
	struct ps_setting setting;
	int i, count = 0;

	read_place("i", context);
	for (i = 0; i < PS_OPTIONS; i++)
		if (!ps_names_find(&place, ps_option[i].name, &setting)) {
			assert_ptr_equal(setting.option, &ps_option[i]);
			assert_null(setting.list);
			count++;
		}
	for (i = 0; i < PS_LISTS; i++)
		if (!ps_names_find(&place, ps_list[i].name, &setting)) {
			assert_ptr_equal(setting.list, &ps_list[i]);
			assert_null(setting.option);
			count++;
		}
	return count;
}

static int count_rows(unsigned int scopes)
{
	int i, count = 0;

	for (i = 0; i < PS_OPTIONS; i++)
		count += scopes >> ps_option[i].scope & 1;
	for (i = 0; i < PS_LISTS; i++)
		count += scopes >> ps_list[i].scope & 1;
	return count;
}

static void settings(void **state)
{
	const unsigned int instance = 1U << PS_SCOPE_INSTANCE | 1U << PS_SCOPE_SHARED;
	const unsigned int context = 1U << PS_SCOPE_CONTEXT;
	const unsigned int other = context | 1U << PS_SCOPE_OTHER | 1U << PS_SCOPE_SHARED;

	assert_int_equal(count_names(NULL), count_rows(instance));
	assert_int_equal(count_names("10.0.0.1"), count_rows(context));
	assert_int_equal(count_names("Other"), count_rows(other));
}

static void messages(void **state)
{
	char text[PS_ITEM_MAX];

	read_place("i", "Other");
	assert_null(ps_names_context(&place, PS_SCOPE_SHARED));
	assert_string_equal(ps_names_context(&place, PS_SCOPE_OTHER), "Other");
	assert_int_equal(PS_NETLINK_SETTINGS(PS_SCOPE_SHARED), PS_A_INSTANCE_SETTINGS);
	assert_string_equal(ps_names_protection(PS_PROTECT_NEW_COOKIE, text), "new_cookie");
	assert_string_equal(ps_names_protection(PS_PROTECT_SURGE, text), "deliver_block");
}

static void values(void **state)
{
	const struct ps_option *timeout = &ps_option[PS_OPTION_ack_session_timeout];
	const struct ps_list *sources = &ps_list[PS_LIST_b_sources];
	struct ps_value_words words;
	char longer[PS_ITEM_MAX + 2];
	const char *wrong;
	s64 value;
	int i;

	assert_int_equal(ps_value_parse(timeout, "120", 3, &value, &words), PS_OK);
	assert_int_equal(value, 120);
	assert_int_equal(ps_value_parse(timeout, "0", 1, &value, &words), PS_OUT_OF_RANGE);
	assert_string_equal(words.reason, "is out of range");
	assert_string_equal(words.hint, "ack_session_timeout takes 1 to 32767 (seconds)");
	for (i = 0; i < PS_OPTIONS; i++) {
		/* A secret may be anything but what tells that there is one. */
		wrong = ps_option[i].type == PS_OPTION_SECRET ? "set" : "?";
		assert_int_equal(ps_value_parse(&ps_option[i], wrong, strlen(wrong), &value,
						&words),
				 PS_MALFORMED);
		assert_string_equal(words.reason, "is malformed");
		assert_memory_equal(words.hint, ps_option[i].name, strlen(ps_option[i].name));
		assert_in_range(strlen(words.hint), 10, sizeof(words.hint) - 2);
	}
	assert_int_equal(ps_value_check_item(sources, "10.0.0.0/8", 10, &words), PS_OK);
	assert_int_equal(ps_value_check_item(sources, "10.0.0.0/33", 11, &words), PS_OUT_OF_RANGE);
	assert_int_equal(ps_value_check_item(sources, "", 0, &words), PS_MALFORMED);
	memset(longer, '1', sizeof(longer));
	assert_int_equal(ps_value_check_item(sources, longer, sizeof(longer), &words),
			 PS_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(settings),
		cmocka_unit_test(messages),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
