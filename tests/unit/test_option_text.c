// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values of options that aren't plain integers: what is accepted, what it
 * means, how it is printed, and which of the two refusals the rest gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config.h"
#include "option_text.h"

#define UNTOUCHED (-0x5a5a5a5a5a5aLL)

struct type {
	enum ps_status (*parse)(const char *text, size_t length, s64 *value);
	size_t (*format)(char *text, s64 value);
};

static const struct type boolean = { ps_option_parse_boolean, ps_format_integer };
static const struct type rates = { ps_option_parse_rates, ps_option_format_rates };
static const struct type mac = { ps_option_parse_mac, ps_option_format_mac };
static const struct type wscale = { ps_option_parse_wscale, ps_option_format_wscale };
static const struct type policy = { ps_option_parse_geoip_policy, ps_option_format_geoip_policy };

/* The text is handed over without a terminating zero, so that reading on is caught. */
static enum ps_status parse(const struct type *type, const char *text, size_t length, s64 *value)
{
	char *copy = malloc(length);
	enum ps_status status;

	memcpy(copy, text, length);
	*value = UNTOUCHED;
	status = type->parse(copy, length, value);
	free(copy);
	return status;
}

static void assert_value(const struct type *type, const char *text, s64 expected)
{
	s64 value;

	assert_int_equal(parse(type, text, strlen(text), &value), PS_OK);
	assert_true(value == expected);
}

/* The text means the value and is what the value is printed as. */
static void assert_text(const struct type *type, const char *text, s64 value)
{
	char printed[PS_ITEM_MAX];

	assert_value(type, text, value);
	memset(printed, '#', sizeof(printed));
	assert_int_equal(type->format(printed, value), strlen(text));
	assert_string_equal(printed, text);
}

static void assert_malformed(const struct type *type, const char *text)
{
	s64 value;

	assert_int_equal(parse(type, text, strlen(text), &value), PS_MALFORMED);
	assert_true(value == UNTOUCHED);
}

static void assert_out_of_range(const struct type *type, const char *text)
{
	s64 value;

	assert_int_equal(parse(type, text, strlen(text), &value), PS_OUT_OF_RANGE);
	assert_true(value == UNTOUCHED);
}

static void test_no_type_takes_an_empty_text_or_blanks(void **state)
{
	static const struct type *const type[] = { &boolean, &rates, &mac, &wscale };
	static const char *const text[] = { "", " ", "\n", "-", "+", "+1", " 1", "1 ", "1\n", "01",
					    "0x1", "-0", "-1", "--", "nonesuch", "1.0" };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(type); i++)
		for (j = 0; j < ARRAY_SIZE(text); j++)
			assert_malformed(type[i], text[j]);
}

static void test_no_type_takes_a_zero_byte_for_the_end(void **state)
{
	s64 value;

	assert_int_equal(parse(&boolean, "1\0", 2, &value), PS_MALFORMED);
	assert_int_equal(parse(&rates, "2-1\0", 4, &value), PS_MALFORMED);
	assert_int_equal(parse(&mac, "00:00:00:00:00:0\0", 17, &value), PS_MALFORMED);
	assert_int_equal(parse(&mac, "00:00:00:00:00:00\0", 18, &value), PS_MALFORMED);
	assert_int_equal(parse(&wscale, "none\0", 5, &value), PS_MALFORMED);
}

static void test_a_boolean_is_0_or_1(void **state)
{
	assert_text(&boolean, "0", 0);
	assert_text(&boolean, "1", 1);
	assert_out_of_range(&boolean, "2");
	assert_out_of_range(&boolean, "99999999999999999999999999");
	assert_malformed(&boolean, "yes");
	assert_malformed(&boolean, "00");
}

static void test_rates_are_two_numbers(void **state)
{
	assert_text(&rates, "0-0", 0);
	assert_text(&rates, "1-0", 1LL << 32);
	assert_text(&rates, "1-1", 1LL << 32 | 1);
	assert_text(&rates, "1000-500", 1000LL << 32 | 500);
	assert_text(&rates, "1000000000-999999999", 1000000000LL << 32 | 999999999);
	assert_text(&rates, "1000000000-1000000000", PS_RATES_MAX);
}

static void test_rates_are_packed_in_the_order_of_their_text(void **state)
{
	struct ps_rates unpacked;
	s64 value;

	assert_int_equal(parse(&rates, "1000-500", 8, &value), PS_OK);
	unpacked = ps_rates_unpack(value);
	assert_int_equal(unpacked.above, 1000);
	assert_int_equal(unpacked.below, 500);
	assert_true(ps_rates_pack(unpacked) == value);
	/* So that a row of options.def can say 0 and PS_RATES_MAX. */
	assert_true(value > 0 && value < PS_RATES_MAX);
}

static void test_rates_run_from_the_higher_to_the_lower(void **state)
{
	assert_out_of_range(&rates, "0-1");
	assert_out_of_range(&rates, "499-500");
	assert_out_of_range(&rates, "999999999-1000000000");
}

static void test_rates_end_at_a_billion(void **state)
{
	assert_out_of_range(&rates, "1000000001-1");
	assert_out_of_range(&rates, "1000000001-1000000001");
	assert_out_of_range(&rates, "4294967297-1");
	assert_out_of_range(&rates, "18446744073709551617-1");
	assert_out_of_range(&rates, "1-99999999999999999999999999");
}

static void test_rates_of_another_form_are_malformed(void **state)
{
	static const char *const text[] = {
		"1000", "1000-", "-500", "1000-500-", "1000-500-1", "1000--500", "-1000-500",
		"1000 - 500", "1000- 500", "1000:500", "1000,500", "01000-500", "1000-0500",
		"1000-00", "1000-500\n", "1e3-500", "none", "x-y", "1000-x", "x-500",
		/* the form comes before the range */
		"99999999999-", "99999999999-x", "x-99999999999", "99999999999--1",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text); i++)
		assert_malformed(&rates, text[i]);
}

static void test_a_mac_is_48_bits(void **state)
{
	assert_text(&mac, "00:00:00:00:00:00", 0);
	assert_text(&mac, "ff:ff:ff:ff:ff:ff", PS_MAC_MAX);
	assert_text(&mac, "01:23:45:67:89:ab", 0x0123456789abLL);
	assert_text(&mac, "80:00:00:00:00:01", 0x800000000001LL);
}

static void test_a_mac_may_be_written_in_upper_case(void **state)
{
	assert_value(&mac, "0A:1b:2C:3d:4E:5f", 0x0a1b2c3d4e5fLL);
	assert_value(&mac, "FF:FF:FF:FF:FF:FF", PS_MAC_MAX);
}

static void test_a_mac_of_another_form_is_malformed(void **state)
{
	static const char *const text[] = {
		"none", "0", "01:23:45:67:89", "01:23:45:67:89:a", "01:23:45:67:89:ab:",
		"01:23:45:67:89:ab:cd", "1:23:45:67:89:ab", "01-23-45-67-89-ab",
		"01:23:45:67:89-ab", "0123456789ab", "0123.4567.89ab", "01:23:45:67:89:ag",
		"01:23:45:67:89:/0", "01:23:45:67:89:@0", "01:23:45:67:89:`0",
		"01:23:45:67:89:G0", "01::2:45:67:89:ab", " 1:23:45:67:89:ab",
		"01:23:45:67:89:ab\n", "0x:23:45:67:89:ab",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text); i++)
		assert_malformed(&mac, text[i]);
}

static void test_a_window_scale_is_none_or_a_shift(void **state)
{
	char text[PS_ITEM_MAX];
	s64 shift;

	assert_text(&wscale, "none", PS_WSCALE_NONE);
	for (shift = 0; shift <= 14; shift++) {
		ps_format_integer(text, shift);
		assert_text(&wscale, text, shift);
	}
	assert_out_of_range(&wscale, "15");
	assert_out_of_range(&wscale, "255");
	assert_out_of_range(&wscale, "18446744073709551616");
}

static void test_a_window_scale_of_another_form_is_malformed(void **state)
{
	static const char *const text[] = { "None", "NONE", "non", "nonee", "-1", "-15", "07", "7-",
					    "7 none" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text); i++)
		assert_malformed(&wscale, text[i]);
}

static void test_a_geoip_policy_is_one_of_three_words(void **state)
{
	static const char *const text[] = { "None", "non", "nonee", "0", "1", "deny", "allow",
					    "deny_countrie", "deny_countriess",
					    "allow_countries ", "deny_countries\n" };
	u32 i;

	assert_text(&policy, "none", PS_GEOIP_NONE);
	assert_text(&policy, "deny_countries", PS_GEOIP_DENY);
	assert_text(&policy, "allow_countries", PS_GEOIP_ALLOW);
	for (i = 0; i < ARRAY_SIZE(text); i++)
		assert_malformed(&policy, text[i]);
}

static void test_a_secret_is_never_shown(void **state)
{
	const struct ps_option *secret = &ps_option[PS_OPTION_cluster_secret];
	char text[PS_ITEM_MAX];
	s64 value;

	assert_int_equal(ps_option_parse(secret, "none", 4, &value), PS_OK);
	assert_int_equal(value, 0);
	assert_int_equal(ps_option_format(secret, text, value), 4);
	assert_string_equal(text, "none");
	assert_int_equal(ps_option_parse(secret, "nonesuch", 8, &value), PS_OK);
	assert_int_equal(value, 1);
	assert_int_equal(ps_option_parse(secret, "a secret: \xc3\xa4", 12, &value), PS_OK);
	assert_int_equal(value, 1);
	assert_int_equal(ps_option_format(secret, text, value), 3);
	assert_string_equal(text, "set");
	assert_int_equal(ps_option_parse(secret, "set", 3, &value), PS_MALFORMED);
	assert_int_equal(ps_option_parse(secret, "keep", 4, &value), PS_MALFORMED);
	assert_int_equal(ps_option_parse(secret, "keeper", 6, &value), PS_OK);
	assert_int_equal(value, 1);
	assert_int_equal(ps_option_parse(secret, "", 0, &value), PS_MALFORMED);
	assert_int_equal(ps_option_parse(secret, "two\nlines", 9, &value), PS_MALFORMED);
	assert_int_equal(ps_option_parse(secret, "a\0b", 3, &value), PS_MALFORMED);
}

/* Whatever is printed parses to the same value. */
static void test_printing_is_the_inverse_of_parsing(void **state)
{
	struct ps_rates some;
	char text[PS_ITEM_MAX];
	u32 i, seed = 1;

	for (i = 0; i < 20000; i++) {
		seed = seed * 1664525 + 1013904223;
		some.above = (seed >> 2) % (PS_RATE_MAX + 1);
		some.below = some.above - some.above / (1 + (seed & 7));
		ps_option_format_rates(text, ps_rates_pack(some));
		assert_value(&rates, text, ps_rates_pack(some));
		ps_option_format_mac(text, (s64)seed * 65521 & PS_MAC_MAX);
		assert_value(&mac, text, (s64)seed * 65521 & PS_MAC_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_type_takes_an_empty_text_or_blanks),
		cmocka_unit_test(test_no_type_takes_a_zero_byte_for_the_end),
		cmocka_unit_test(test_a_boolean_is_0_or_1),
		cmocka_unit_test(test_rates_are_two_numbers),
		cmocka_unit_test(test_rates_are_packed_in_the_order_of_their_text),
		cmocka_unit_test(test_rates_run_from_the_higher_to_the_lower),
		cmocka_unit_test(test_rates_end_at_a_billion),
		cmocka_unit_test(test_rates_of_another_form_are_malformed),
		cmocka_unit_test(test_a_mac_is_48_bits),
		cmocka_unit_test(test_a_mac_may_be_written_in_upper_case),
		cmocka_unit_test(test_a_mac_of_another_form_is_malformed),
		cmocka_unit_test(test_a_window_scale_is_none_or_a_shift),
		cmocka_unit_test(test_a_window_scale_of_another_form_is_malformed),
		cmocka_unit_test(test_a_geoip_policy_is_one_of_three_words),
		cmocka_unit_test(test_a_secret_is_never_shown),
		cmocka_unit_test(test_printing_is_the_inverse_of_parsing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
