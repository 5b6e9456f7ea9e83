// SPDX-License-Identifier: GPL-2.0-or-later
/* "Did you mean": what is near enough, and which is nearest. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "suggest.h"

static const char *meant(const char *typed)
{
	static const char *const words[] = { "stats", "status", "set", "show", "monitor",
					     "b_sources", "w_sources", "load-geoip" };
	struct ps_suggest suggest = PS_SUGGEST(typed);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		ps_suggest_try(&suggest, words[i]);
	return suggest.best ? suggest.best : "";
}

static void near_words(void **state)
{
	assert_string_equal(meant("stauts"), "status");
	assert_string_equal(meant("stast"), "stats");
	assert_string_equal(meant("shwo"), "show");
	assert_string_equal(meant("monitr"), "monitor");
	assert_string_equal(meant("mon"), "monitor");
	assert_string_equal(meant("b_source"), "b_sources");
	assert_string_equal(meant("w-sources"), "w_sources");
	assert_string_equal(meant("load_geoip"), "load-geoip");
}

static void far_words(void **state)
{
	char longer[200];

	memset(longer, 's', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_string_equal(meant(""), "");
	assert_string_equal(meant("x"), "");
	assert_string_equal(meant("elephant"), "");
	assert_string_equal(meant("b_srcs_of_mine"), "");
	assert_string_equal(meant(longer), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_words),
		cmocka_unit_test(far_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
