// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of geoip4 and geoip6: their form, what they say together. */
#include "geo_table.h"

static void assert_country(const struct geo *geo, const char *addr, const char *country)
{
	struct ps_addr parsed;

	assert_int_equal(ps_parse_address(addr, strlen(addr), &parsed), PS_OK);
	assert_string_equal(geo_country(geo, parsed), country);
}

static struct geo made_of(u32 words, const char *const *text, u32 n)
{
	struct geo geo = { .n = 0 };
	u32 i;

	for (i = 0; i < n; i++)
		geo_add(&geo, text[i]);
	assert_int_equal(geo_tidy(&geo), PS_OK);
	geo_build(&geo, words);
	return geo;
}

static void test_a_line_is_an_address_and_a_code(void **state)
{
	static const char *const text[][2] = {
		{ "1.0.0.0 AU", "1.0.0.0 AU" }, { "1.0.0.0 \t  AU", "1.0.0.0 AU" },
		{ "255.255.255.255 -", "255.255.255.255 -" }, { "0.0.0.0 --", "0.0.0.0 --" },
		{ "2001:DB8:0::\tmy_own-code_015", "2001:db8:: my_own-code_015" },
		{ ":: -", ":: -" },
	};
	struct ps_geo_line line;
	char printed[PS_ITEM_MAX];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		assert_int_equal(geo_parse(text[i][0], &line), PS_OK);
		assert_int_equal(ps_format_geo_line(printed, &line), strlen(text[i][1]));
		assert_string_equal(printed, text[i][1]);
	}
}

static void test_what_is_no_line(void **state)
{
	static const char *const text[] = {
		"", "1.0.0.0", "1.0.0.0 ", " 1.0.0.0 AU", "AU", "- AU", "1.0.0.0,AU", "1.0.0 AU",
		"1.0.0.0 A U", "1.0.0.0 AU ", "1.0.0.0 - ", "1.0.0.0 sixteen_letters_",
		"1.0.0.0/8 AU", "1.0.0.0-5 AU", "::ffff:1.0.0.0 AU", "1.0.0.256 AU", "1.0.0.0\nAU",
		"1.0.0.0 A.U", "01.0.0.0 AU", "2001:db8::g AU", "1.0.0.0AU",
	};
	struct ps_geo_line line;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text); i++)
		assert_int_equal(geo_parse(text[i], &line), PS_MALFORMED);
}

static void test_a_line_goes_up_to_the_next(void **state)
{
	static const char *const text[] = { "5.0.0.0 -", "1.0.0.0 AU", "9.9.9.9 CO", "3.0.0.7 NZ" };
	struct geo geo = made_of(1, text, ARRAY_SIZE(text));

	assert_country(&geo, "0.0.0.0", "-");
	assert_country(&geo, "0.255.255.255", "-");
	assert_country(&geo, "1.0.0.0", "AU");
	assert_country(&geo, "3.0.0.6", "AU");
	assert_country(&geo, "3.0.0.7", "NZ");
	assert_country(&geo, "4.255.255.255", "NZ");
	assert_country(&geo, "5.0.0.0", "-");
	assert_country(&geo, "9.9.9.8", "-");
	assert_country(&geo, "9.9.9.9", "CO");
	assert_country(&geo, "255.255.255.255", "CO");
	assert_int_equal(geo.table->ranges, 3);
	geo_free(&geo);
}

static void test_the_same_for_ipv6(void **state)
{
	static const char *const text[] = { ":: ZZ", "2001:db8:: -", "2001:db8::1:0:0:0 AU",
					    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff NZ" };
	struct geo geo = made_of(4, text, ARRAY_SIZE(text));

	assert_country(&geo, "::", "ZZ");
	assert_country(&geo, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "ZZ");
	assert_country(&geo, "2001:db8::ffff:ffff:ffff", "-");
	assert_country(&geo, "2001:db8::1:0:0:0", "AU");
	assert_country(&geo, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "AU");
	assert_country(&geo, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "NZ");
	geo_free(&geo);
}

static void test_before_the_first_line_is_no_country(void **state)
{
	static const char *const late[] = { "2001:db8:: AU" }, *const last[] = { "::1 NZ" };
	struct geo geo = made_of(4, late, 1);

	assert_country(&geo, "::", "-");
	assert_country(&geo, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "-");
	assert_country(&geo, "2001:db8::", "AU");
	geo_free(&geo);
	geo = made_of(4, last, 1);
	assert_country(&geo, "::", "-");
	assert_country(&geo, "::1", "NZ");
	geo_free(&geo);
}

static void test_lines_that_change_nothing_are_dropped(void **state)
{
	static const char *const text[] = { "0.0.0.0 -", "1.0.0.0 -", "2.0.0.0 AU", "2.0.0.0 AU",
					    "3.0.0.0 AU", "4.0.0.0 -", "5.0.0.0 -", "6.0.0.0 AU" };
	static const char *const kept[] = { "2.0.0.0 AU", "4.0.0.0 -", "6.0.0.0 AU" };
	struct geo geo = made_of(1, text, ARRAY_SIZE(text));
	char printed[PS_ITEM_MAX];
	u32 i;

	assert_int_equal(geo.n, ARRAY_SIZE(kept));
	for (i = 0; i < geo.n; i++) {
		ps_format_geo_line(printed, &geo.line[i]);
		assert_string_equal(printed, kept[i]);
	}
	geo_free(&geo);
}

static void test_no_line_is_the_empty_table(void **state)
{
	static const char *const text[] = { "0.0.0.0 -", "77.0.0.0 -" };
	struct geo geo = made_of(1, text, ARRAY_SIZE(text));

	assert_int_equal(geo.n, 0);
	assert_int_equal(geo.table->leaves, 0);
	assert_country(&geo, "77.0.0.0", "-");
	geo_free(&geo);
}

static void test_an_address_is_in_one_country(void **state)
{
	static const char *const text[][4] = {
		{ "1.0.0.0 AU", "1.0.0.0 NZ" }, { "1.0.0.0 AU", "1.0.0.0 -" },
		{ "1.0.0.0 -", "1.0.0.0 AU" },
		{ "1.0.0.0 AU", "2.0.0.0 NZ", "1.0.0.0 AU", "2.0.0.0 AU" },
		{ "0.0.0.0 AU", "2.0.0.0 AU", "3.0.0.0 X", "2.0.0.0 NZ" },
	};
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		struct geo geo = { .n = 0 };

		for (j = 0; j < 4 && text[i][j]; j++)
			geo_add(&geo, text[i][j]);
		assert_int_equal(geo_tidy(&geo), PS_MALFORMED);
		geo_free(&geo);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_an_address_and_a_code),
		cmocka_unit_test(test_what_is_no_line),
		cmocka_unit_test(test_a_line_goes_up_to_the_next),
		cmocka_unit_test(test_the_same_for_ipv6),
		cmocka_unit_test(test_before_the_first_line_is_no_country),
		cmocka_unit_test(test_lines_that_change_nothing_are_dropped),
		cmocka_unit_test(test_no_line_is_the_empty_table),
		cmocka_unit_test(test_an_address_is_in_one_country),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
