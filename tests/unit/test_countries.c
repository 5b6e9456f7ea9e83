// SPDX-License-Identifier: GPL-2.0-or-later
/* Country codes as texts, and the numbers that they are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "countries.h"

static struct ps_country code(const char *text)
{
	struct ps_country country;
	size_t length = strlen(text);
	char *copy = malloc(length);

	memcpy(copy, text, length);
	memset(&country, '#', sizeof(country));
	assert_int_equal(ps_parse_country(copy, length, &country), PS_OK);
	free(copy);
	return country;
}

static u16 add(struct ps_countries *countries, const char *text)
{
	const struct ps_country country = code(text);

	return ps_countries_add(countries, &country);
}

static u16 find(const struct ps_countries *countries, const char *text)
{
	const struct ps_country country = code(text);

	return ps_countries_find(countries, &country);
}

static void test_codes_are_printed_as_they_are_written(void **state)
{
	static const char *const text[] = { "CO", "co", "a", "0", "_", "--", "-x", "x-",
					    "AS64500", "my_own-code_015" };
	struct ps_country country;
	char printed[32];
	u32 i, at;

	for (i = 0; i < ARRAY_SIZE(text); i++) {
		country = code(text[i]);
		for (at = strlen(text[i]); at < sizeof(country.text); at++)
			assert_int_equal(country.text[at], 0);
		assert_int_equal(ps_format_country(printed, &country), strlen(text[i]));
		assert_string_equal(printed, text[i]);
	}
	memset(&country, 0, sizeof(country));
	assert_int_equal(ps_format_country(printed, &country), 1);
	assert_string_equal(printed, "-");
}

static void test_what_is_no_code(void **state)
{
	static const char *const text[] = { "", "-", "sixteen_letters_", "C.", "C O", " CO", "CO ",
					    "CO\n", "C,O", "C/O", "C+", "\xc3\x84" };
	struct ps_country country;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text); i++)
		assert_int_equal(ps_parse_country(text[i], strlen(text[i]), &country),
				 PS_MALFORMED);
	assert_int_equal(ps_parse_country("C\0", 2, &country), PS_MALFORMED);
}

static void test_a_code_keeps_its_number(void **state)
{
	struct ps_countries *countries = calloc(1, sizeof(*countries));
	u16 m, b, x;

	assert_int_equal(find(countries, "M"), 0);
	m = add(countries, "M");
	b = add(countries, "B");
	x = add(countries, "X");
	assert_true(m && b && x && m != b && b != x && m != x);
	assert_int_equal(add(countries, "M"), m);
	assert_int_equal(find(countries, "M"), m);
	assert_int_equal(find(countries, "B"), b);
	assert_int_equal(find(countries, "X"), x);
	assert_int_equal(find(countries, "m"), 0);
	assert_int_equal(find(countries, "MM"), 0);
	assert_int_equal(countries->count, 3);
	assert_int_equal(countries->order[0], b);
	assert_int_equal(countries->order[1], m);
	assert_int_equal(countries->order[2], x);
	free(countries);
}

static void test_numbers_run_out_and_come_back(void **state)
{
	struct ps_countries *countries = calloc(1, sizeof(*countries));
	struct ps_country_set used = { { 0 } };
	char text[16];
	u16 number;
	u32 i;

	for (i = 1; i < PS_COUNTRIES; i++) {
		snprintf(text, sizeof(text), "c%u", i * 7919 % 1024);
		number = add(countries, text);
		assert_in_range(number, 1, PS_COUNTRIES - 1);
		if (i % 3 == 0)
			ps_country_set_put(&used, number, true);
	}
	assert_int_equal(add(countries, "new"), 0);
	assert_int_equal(add(countries, "c1"), find(countries, "c1"));
	ps_countries_retain(countries, &used);
	assert_int_equal(countries->count, PS_COUNTRIES / 3);
	for (i = 1; i < PS_COUNTRIES; i++) {
		snprintf(text, sizeof(text), "c%u", i * 7919 % 1024);
		number = find(countries, text);
		assert_int_equal(number != 0, i % 3 == 0);
		assert_true(!number || ps_country_set_has(&used, number));
	}
	number = add(countries, "new");
	assert_true(number && !ps_country_set_has(&used, number));
	assert_int_equal(find(countries, "new"), number);
	for (i = 1; i < countries->count; i++)
		assert_true(memcmp(&countries->country[countries->order[i - 1]],
				   &countries->country[countries->order[i]],
				   sizeof(struct ps_country)) < 0);
	free(countries);
}

static void test_a_set_holds_what_was_put_into_it(void **state)
{
	struct ps_country_set set = { { 0 } };
	u32 i;

	for (i = 1; i < PS_COUNTRIES; i += 5)
		ps_country_set_put(&set, (u16)i, true);
	ps_country_set_put(&set, 6, false);
	ps_country_set_put(&set, 7, false);
	for (i = 0; i < PS_COUNTRIES; i++)
		assert_int_equal(ps_country_set_has(&set, (u16)i), i % 5 == 1 && i != 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_are_printed_as_they_are_written),
		cmocka_unit_test(test_what_is_no_code),
		cmocka_unit_test(test_a_code_keeps_its_number),
		cmocka_unit_test(test_numbers_run_out_and_come_back),
		cmocka_unit_test(test_a_set_holds_what_was_put_into_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
