// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses in and out of text: what is one, and how it is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parse.h"

/* Parses a text and prints the address: "malformed" or the canonical text. */
static const char *address(const char *text)
{
	static char printed[PS_ITEM_MAX];
	size_t length = strlen(text);
	char *copy = malloc(length);	/* its exact size, so that reading on is caught */
	enum ps_status status;
	struct ps_addr out;

	memcpy(copy, text, length);
	status = ps_parse_address(copy, length, &out);
	free(copy);
	if (status) {
		assert_int_equal(status, PS_MALFORMED);
		return "malformed";
	}
	length = ps_format_address(printed, &out);
	assert_int_equal(strlen(printed), length);
	return printed;
}

#define assert_printed(text, expected)	assert_string_equal(address(text), expected)
#define assert_kept(text)		assert_string_equal(address(text), text)
#define assert_malformed(text)		assert_string_equal(address(text), "malformed")

static void ipv4_is_strict_dotted_quad(void **state)
{
	struct ps_addr out;

	(void)state;
	assert_int_equal(ps_parse_address("10.2.3.5", 8, &out), PS_OK);
	assert_true(ps_addr_is_ipv4(&out));
	assert_true(out.word[3] == 0x0a020305);
	assert_kept("0.0.0.0");
	assert_kept("255.255.255.255");
	assert_malformed("10.2.3.256");
	assert_malformed("10.2.3.4294967297");
	assert_malformed("10.2.3.05");
	assert_malformed("10.2.3.00");
	assert_malformed("0x0a.2.3.5");
	assert_malformed("10.2.3");
	assert_malformed("10.2.3.");
	assert_malformed("10..3.5");
	assert_malformed(".10.2.3");
	assert_malformed("10.2.3.5.6");
	assert_malformed("10.2.3.5.");
	assert_malformed(" 10.2.3.5");
	assert_malformed("10.2.3.5 ");
	assert_malformed("167904005");
	assert_malformed("");
}

static void ipv6_takes_every_form_of_rfc_4291(void **state)
{
	(void)state;
	assert_kept("::");
	assert_kept("::1");
	assert_kept("1::");
	assert_kept("2001:db8::5");
	assert_kept("1:2:3:4:5:6:7:8");
	assert_printed("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a");
	assert_printed("0001:0:0:0:0:0:0:0000", "1::");
	assert_printed("64:ff9b::1.2.3.4", "64:ff9b::102:304");
	assert_printed("::13.1.68.3", "::d01:4403");
	assert_printed("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
	assert_printed("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
	assert_printed("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
	assert_printed("::ffff:0:1.2.3.4", "::ffff:0:102:304");
}

static void ipv6_takes_nothing_else(void **state)
{
	static const char *const malformed[] = {
		":", ":::", "::1::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8:", "1:", ":1", "::12345", "::00001", "::g",
		"::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::1.2.3.04", "1.2.3.4::", "::1.2.3.4:5",
		"1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "fe80::1%eth0", "fe80::1%2",
		"[::1]", "::1 ", " ::1", "::1/128", "1:::2", "::-1",
		/* the IPv4-mapped ones have an IPv4 text */
		"::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:0:0",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_malformed(malformed[i]);
}

static void ipv6_is_printed_as_rfc_5952_says(void **state)
{
	(void)state;
	assert_printed("2001:0db8::0001", "2001:db8::1");	/* 4.1 */
	assert_printed("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"); /* 4.2.1 */
	assert_printed("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); /* 4.2.2 */
	assert_printed("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");	/* 4.2.3 */
	assert_printed("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"); /* 4.2.3, tie */
	assert_printed("2001:DB8::AAAA", "2001:db8::aaaa");	/* 4.3 */
	assert_printed("0:0:1:0:0:0:0:0", "0:0:1::");
	assert_printed("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0");
	assert_printed("f00:10:0100:1000:0:0:0:0", "f00:10:100:1000::");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_strict_dotted_quad),
		cmocka_unit_test(ipv6_takes_every_form_of_rfc_4291),
		cmocka_unit_test(ipv6_takes_nothing_else),
		cmocka_unit_test(ipv6_is_printed_as_rfc_5952_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
