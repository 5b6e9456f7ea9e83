// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The grammar of numbers and items: what is accepted, what it means, how it is
 * printed, and which of the two refusals the rest gets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parse.h"

/* Texts are handed over without a terminating zero, so that reading on is caught. */
static char *unterminated(const char *text, size_t length)
{
	char *copy = malloc(length);

	memcpy(copy, text, length);
	return copy;
}

static enum ps_status integer(const char *text, s64 min, s64 max, s64 *out)
{
	char *copy = unterminated(text, strlen(text));
	enum ps_status status = ps_parse_integer(copy, strlen(text), min, max, out);

	free(copy);
	return status;
}

static void assert_integer(const char *text, s64 value)
{
	char printed[PS_ITEM_MAX];
	s64 out;

	assert_int_equal(integer(text, INT64_MIN, INT64_MAX, &out), PS_OK);
	assert_true(out == value);
	assert_int_equal(ps_format_integer(printed, value), strlen(text));
	assert_string_equal(printed, text);
}

/* Parses one item of any kind and prints it again: "malformed", "out of range" or the text. */
#define PRINTED(name, item, formatter)						\
static const char *name(const char *text)					\
{										\
	size_t length = strlen(text);						\
	char *copy = unterminated(text, length);				\
	static char printed[PS_ITEM_MAX];					\
	enum ps_status status;							\
	item out;								\
										\
	status = ps_parse_##name(copy, length, &out);				\
	free(copy);								\
	if (status)								\
		return status == PS_MALFORMED ? "malformed" : "out of range";	\
	length = ps_format_##formatter(printed, &out);				\
	assert_int_equal(strlen(printed), length);				\
	return printed;								\
}

PRINTED(source, struct ps_range, source)
PRINTED(ports, struct ps_interval, interval)
PRINTED(protocol, struct ps_interval, interval)
PRINTED(context, struct ps_context_id, context)

#define assert_printed(kind, text, expected)	assert_string_equal(kind(text), expected)
#define assert_kept(kind, text)			assert_string_equal(kind(text), text)
#define assert_malformed(kind, text)		assert_string_equal(kind(text), "malformed")
#define assert_out_of_range(kind, text)		assert_string_equal(kind(text), "out of range")

static void integers_are_decimal_and_canonical(void **state)
{
	static const char *const malformed[] = {
		"", "-", "+1", "00", "01", "-0", "-01", " 1", "1 ", "1\n", "0x1", "1e3", "1.0",
		"--1", "1-", "a", "9999999999999999999999999999999999999999x",
	};
	unsigned int i;
	s64 out;

	(void)state;
	assert_integer("0", 0);
	assert_integer("7", 7);
	assert_integer("-1", -1);
	assert_integer("32767", 32767);
	assert_integer("4294967296", 4294967296);
	assert_integer("9223372036854775807", INT64_MAX);
	assert_integer("-9223372036854775808", INT64_MIN);
	for (i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_int_equal(integer(malformed[i], INT64_MIN, INT64_MAX, &out), PS_MALFORMED);
	assert_int_equal(ps_parse_integer("1\0", 2, 0, 9, &out), PS_MALFORMED);
}

static void integers_have_their_range(void **state)
{
	s64 out;

	(void)state;
	assert_int_equal(integer("1", 1, 32767, &out), PS_OK);
	assert_int_equal(integer("32767", 1, 32767, &out), PS_OK);
	assert_int_equal(integer("0", 1, 32767, &out), PS_OUT_OF_RANGE);
	assert_int_equal(integer("32768", 1, 32767, &out), PS_OUT_OF_RANGE);
	assert_int_equal(integer("-5", 1, 32767, &out), PS_OUT_OF_RANGE);
	assert_int_equal(integer("9223372036854775808", INT64_MIN, INT64_MAX, &out),
			 PS_OUT_OF_RANGE);
	assert_int_equal(integer("-9223372036854775809", INT64_MIN, INT64_MAX, &out),
			 PS_OUT_OF_RANGE);
	assert_int_equal(integer("18446744073709551617", 0, 9, &out), PS_OUT_OF_RANGE);
	assert_int_equal(integer("1844674407370955161600000000000000000001", 0, 9, &out),
			 PS_OUT_OF_RANGE);
}

static void sources_are_hosts_ranges_and_blocks(void **state)
{
	struct ps_range out;

	(void)state;
	assert_int_equal(ps_parse_source("10.0.4.10-20", 12, &out), PS_OK);
	assert_true(out.first.word[3] == 0x0a00040a && out.last.word[3] == 0x0a000414);
	assert_int_equal(ps_parse_source("2001:db8::/33", 13, &out), PS_OK);
	assert_true(out.last.word[0] == 0x20010db8 && out.last.word[1] == 0x7fffffff);
	assert_true(out.last.word[2] == ~0U && out.last.word[3] == ~0U);

	assert_kept(source, "10.0.0.1");
	assert_kept(source, "10.0.4.10-20");
	assert_kept(source, "10.0.0.0/8");
	assert_kept(source, "0.0.0.0/0");
	assert_kept(source, "10.0.0.7-10.0.9.3");
	assert_kept(source, "2001:db8::5");
	assert_kept(source, "2001:db8::/32");
	assert_kept(source, "2001:db8::1-2001:db8::ff");
	assert_kept(source, "::/0");
	assert_kept(source, "8000::/1");
	assert_kept(source, "::-fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void sources_are_printed_in_the_smallest_form(void **state)
{
	(void)state;
	assert_printed(source, "10.0.0.1/32", "10.0.0.1");
	assert_printed(source, "10.0.0.1-1", "10.0.0.1");
	assert_printed(source, "::1/128", "::1");
	assert_printed(source, "10.0.3.0-255", "10.0.3.0/24");
	assert_printed(source, "10.0.0.0-10.255.255.255", "10.0.0.0/8");
	assert_printed(source, "0.0.0.0-255.255.255.255", "0.0.0.0/0");
	assert_printed(source, "10.0.4.10-10.0.4.20", "10.0.4.10-20");
	assert_printed(source, "10.0.4.8/30", "10.0.4.8/30");		/* as long as -11 */
	assert_printed(source, "10.0.4.4/30", "10.0.4.4-7");		/* shorter by one */
	assert_printed(source, "2001:db8::-2001:db8::ffff", "2001:db8::/112");
	assert_printed(source, "::-::1", "::/127");
	assert_printed(source, "::1-::2", "::1-::2");
	assert_printed(source, "10.0.0.0-10.0.2.255", "10.0.0.0-10.0.2.255");
}

static void sources_are_refused(void **state)
{
	static const char *const malformed[] = {
		"", "-", "/", "10.0.0.1-", "-10.0.0.1", "10.0.0.0/", "/8", "10.0.0.0/08",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0/8",
		"10.0.0.1/8", "2001:db8::1/64", "10.0.4.20-10", "10.0.4.20-10.0.4.10",
		"::2-::1", "10.0.0.1-::1", "::1-10.0.0.1", "2001:db8::1-20:", "10.0.4.10-020",
		"10.0.4.10-20-30", "10.0.4.10-4.20", "10.0.4.300", "10.0.4.10 - 20",
		"10.0.4.0/24-30", "10.0.4.0-8/29", "Other", "::1%1/128", "10.0.4.300/33",
		/* an IPv6 block that ends in the mapped one, and the mapped one itself */
		"::/80", "::fffe:0:0/95", "::ffff:0:0/96", "::-::ffff:1.2.3.4",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_malformed(source, malformed[i]);
	assert_malformed(source, "2001:db8::1-20");	/* short ranges are IPv4's */
	assert_out_of_range(source, "10.0.0.0/33");
	assert_out_of_range(source, "10.0.0.1/33");
	assert_out_of_range(source, "2001:db8::/129");
	assert_out_of_range(source, "::/340282366920938463463374607431768211456");
	assert_out_of_range(source, "10.0.4.10-256");
	assert_out_of_range(source, "10.0.4.10-300");
}

static void ports_are_numbers_or_ranges(void **state)
{
	(void)state;
	assert_kept(ports, "80");
	assert_kept(ports, "1");
	assert_kept(ports, "65535");
	assert_kept(ports, "1200-1250");
	assert_printed(ports, "80-80", "80");
	assert_out_of_range(ports, "0");
	assert_out_of_range(ports, "70000");
	assert_out_of_range(ports, "65536");
	assert_out_of_range(ports, "0-80");
	assert_out_of_range(ports, "80-65536");
	assert_out_of_range(ports, "9999999999999999999999999999999999999999");
	assert_malformed(ports, "1250-1200");
	assert_malformed(ports, "70000-x");
	assert_malformed(ports, "x-70000");
	assert_malformed(ports, "080");
	assert_malformed(ports, "-80");
	assert_malformed(ports, "80-");
	assert_malformed(ports, "80--90");
	assert_malformed(ports, "80-90-100");
	assert_malformed(ports, "80,90");
	assert_malformed(ports, "http");
	assert_malformed(ports, "80\r");
	assert_malformed(ports, "");
}

static void protocols_are_iana_numbers(void **state)
{
	(void)state;
	assert_kept(protocol, "0");
	assert_kept(protocol, "112");
	assert_kept(protocol, "255");
	assert_out_of_range(protocol, "256");
	assert_malformed(protocol, "1-2");
	assert_malformed(protocol, "-1");
	assert_malformed(protocol, "icmp");
	assert_malformed(protocol, "");
}

static void contexts_are_addresses_with_or_without_a_vlan(void **state)
{
	struct ps_context_id other = { .vlan = 0 };
	char printed[PS_ITEM_MAX];

	(void)state;
	assert_kept(context, "10.2.3.5");
	assert_kept(context, "10.2.3.5@100");
	assert_kept(context, "2001:db8::5");
	assert_kept(context, "2001:db8::5@4094");
	assert_kept(context, "10.2.3.5@1");
	assert_kept(context, "224.0.0.1");
	assert_kept(context, "255.255.255.255");
	assert_printed(context, "2001:DB8:0::5@7", "2001:db8::5@7");
	assert_out_of_range(context, "10.2.3.5@0");
	assert_out_of_range(context, "10.2.3.5@4095");
	assert_malformed(context, "10.2.3.5@");
	assert_malformed(context, "@100");
	assert_malformed(context, "10.2.3.5@0100");
	assert_malformed(context, "10.2.3.5@-1");
	assert_malformed(context, "10.2.3.5@1@2");
	assert_malformed(context, "0.0.0.0");
	assert_malformed(context, "::");
	assert_malformed(context, "0.0.0.0@5000");
	assert_malformed(context, "Other");
	assert_malformed(context, "");
	assert_int_equal(ps_format_context(printed, &other), 5);
	assert_string_equal(printed, "Other");
}

static enum ps_status instance(const char *name)
{
	return ps_parse_instance_name(name, strlen(name));
}

static void instance_names(void **state)
{
	char long_name[64];

	(void)state;
	memset(long_name, 'a', sizeof(long_name));
	assert_int_equal(ps_parse_instance_name(long_name, 63), PS_OK);
	assert_int_equal(ps_parse_instance_name(long_name, 64), PS_MALFORMED);
	assert_int_equal(instance("myinst"), PS_OK);
	assert_int_equal(instance("-A_z.09"), PS_OK);
	assert_int_equal(instance("a"), PS_OK);
	assert_int_equal(instance("instance"), PS_OK);
	assert_int_equal(instance("versions"), PS_OK);
	assert_int_equal(instance("Version"), PS_OK);
	assert_int_equal(instance("instances"), PS_MALFORMED);
	assert_int_equal(instance("version"), PS_MALFORMED);
	assert_int_equal(instance(""), PS_MALFORMED);
	assert_int_equal(instance("."), PS_MALFORMED);
	assert_int_equal(instance("..a"), PS_MALFORMED);
	assert_int_equal(instance("a/b"), PS_MALFORMED);
	assert_int_equal(instance("a b"), PS_MALFORMED);
	assert_int_equal(instance("a\n"), PS_MALFORMED);
	assert_int_equal(instance("\xc3\xa9"), PS_MALFORMED);
	assert_int_equal(ps_parse_instance_name("a\0b", 3), PS_MALFORMED);
}

static enum ps_status iface(const char *name)
{
	return ps_parse_iface_name(name, strlen(name));
}

static void iface_names(void **state)
{
	(void)state;
	assert_int_equal(iface("eth1"), PS_OK);
	assert_int_equal(iface("eth0.100"), PS_OK);
	assert_int_equal(iface("br-0_x@y"), PS_OK);
	assert_int_equal(iface("..."), PS_OK);
	assert_int_equal(iface("fifteen-bytes-x"), PS_OK);
	assert_int_equal(iface("\xc3\xa9t\xc3\xa9"), PS_OK);
	assert_int_equal(iface("sixteen-bytes-xx"), PS_MALFORMED);
	assert_int_equal(iface(""), PS_MALFORMED);
	assert_int_equal(iface("."), PS_MALFORMED);
	assert_int_equal(iface(".."), PS_MALFORMED);
	assert_int_equal(iface("eth0:1"), PS_MALFORMED);
	assert_int_equal(iface("a/b"), PS_MALFORMED);
	assert_int_equal(iface("a b"), PS_MALFORMED);
	assert_int_equal(iface("a\tb"), PS_MALFORMED);
	assert_int_equal(iface("a\v"), PS_MALFORMED);
	assert_int_equal(iface("a\r"), PS_MALFORMED);
	assert_int_equal(iface("a\xa0"), PS_MALFORMED);
	assert_int_equal(ps_parse_iface_name("a\0b", 3), PS_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_decimal_and_canonical),
		cmocka_unit_test(integers_have_their_range),
		cmocka_unit_test(sources_are_hosts_ranges_and_blocks),
		cmocka_unit_test(sources_are_printed_in_the_smallest_form),
		cmocka_unit_test(sources_are_refused),
		cmocka_unit_test(ports_are_numbers_or_ranges),
		cmocka_unit_test(protocols_are_iana_numbers),
		cmocka_unit_test(contexts_are_addresses_with_or_without_a_vlan),
		cmocka_unit_test(instance_names),
		cmocka_unit_test(iface_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
