// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The grammar of numbers and items against the C library: inet_pton() and inet_ntop() for
 * addresses, regular expressions for forms, strtoll() and 128-bit arithmetic
 * for values. Texts are made from valid pieces, half of them then damaged.
 *
 * PS_SEED and PS_ROUNDS in the environment repeat or prolong a run.
 */
#include <errno.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "parse_texts.h"

#define NUMBER	"(0|[1-9][0-9]*)"

static unsigned long rounds = 200000;

static bool matches(const char *text, const char *pattern)
{
	static struct {
		const char *pattern;
		regex_t compiled;
	} cache[8];
	unsigned int i;

	for (i = 0; cache[i].pattern && strcmp(cache[i].pattern, pattern); i++)
		;
	if (!cache[i].pattern) {
		cache[i].pattern = pattern;
		assert_int_equal(regcomp(&cache[i].compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
	}
	return !regexec(&cache[i].compiled, text, 0, NULL, 0);
}

static bool within(const char *number, s64 min, s64 max)
{
	long long value;

	errno = 0;
	value = strtoll(number, NULL, 10);
	return !errno && value >= min && value <= max;
}

static bool is_mapped(u128 value)
{
	return value >> 32 == 0xffff;
}

static bool libc_address(const char *text, bool *ipv4, u128 *value)
{
	u8 bytes[16];
	int i;

	*value = 0;
	*ipv4 = inet_pton(AF_INET, text, bytes) == 1;
	if (!*ipv4 && inet_pton(AF_INET6, text, bytes) != 1)
		return false;
	for (i = 0; i < (*ipv4 ? 4 : 16); i++)
		*value = *value << 8 | bytes[i];
	return *ipv4 || !is_mapped(*value);
}

static enum ps_status libc_number(const char *text, u32 min, u32 max)
{
	if (!matches(text, "^" NUMBER "$"))
		return PS_MALFORMED;
	return within(text, min, max) ? PS_OK : PS_OUT_OF_RANGE;
}

static enum ps_status libc_source(const char *item, bool *ipv4, u128 *first, u128 *last)
{
	char text[TEXT], *rest, separator = 0;
	enum ps_status status;
	bool last_ipv4;
	u128 host;

	rest = strpbrk(strcpy(text, item), "/-");
	if (rest) {
		separator = *rest;
		*rest++ = 0;
	}
	if (!libc_address(text, ipv4, first))
		return PS_MALFORMED;
	if (!separator) {
		*last = *first;
	} else if (separator == '/') {
		status = libc_number(rest, 0, *ipv4 ? 32 : 128);
		if (status)
			return status;
		host = atoi(rest) ? ((u128)1 << ((*ipv4 ? 32 : 128) - atoi(rest))) - 1 :
		       *ipv4 ? 0xffffffff : ~(u128)0;
		if (*first & host)
			return PS_MALFORMED;
		*last = *first + host;
	} else if (libc_address(rest, &last_ipv4, last)) {
		if (last_ipv4 != *ipv4)
			return PS_MALFORMED;
	} else {
		status = *ipv4 ? libc_number(rest, 0, 255) : PS_MALFORMED;
		if (status)
			return status;
		*last = *first / 256 * 256 + atoi(rest);
	}
	return *first > *last || (!*ipv4 && is_mapped(*last)) ? PS_MALFORMED : PS_OK;
}

static const char *text_of(bool ipv4, u128 value)
{
	return ipv4 ? text_of_ipv4((u32)value) : text_of_ipv6(value);
}

/* Tries all forms there are. */
static void shortest_source(char *best, bool ipv4, u128 first, u128 last)
{
	char form[TEXT];
	int prefix;

	strcpy(best, text_of(ipv4, first));
	if (first == last)
		return;
	sprintf(best + strlen(best), "-%s", text_of(ipv4, last));
	if (ipv4 && first / 256 == last / 256) {
		sprintf(form, "%s-%u", text_of_ipv4((u32)first), (u32)last % 256);
		if (strlen(form) <= strlen(best))
			strcpy(best, form);
	}
	for (prefix = 1; prefix < (ipv4 ? 32 : 128); prefix++) {
		u128 size = (u128)1 << ((ipv4 ? 32 : 128) - prefix);

		sprintf(form, "%s/%d", text_of(ipv4, first), prefix);
		if (first % size == 0 && last - first == size - 1 && strlen(form) <= strlen(best))
			strcpy(best, form);
	}
	if (!first && last == (ipv4 ? 0xffffffff : ~(u128)0))
		strcpy(best, ipv4 ? "0.0.0.0/0" : "::/0");
}

static struct ps_addr addr_of(bool ipv4, u128 value)
{
	if (ipv4)
		value |= (u128)0xffff << 32;
	return (struct ps_addr){ { (u32)(value >> 96), (u32)(value >> 64), (u32)(value >> 32),
				   (u32)value } };
}

static void assert_printed(const char *printed, size_t length, const char *expected)
{
	assert_string_equal(printed, expected);
	assert_int_equal(length, strlen(expected));
	assert_true(length < PS_ITEM_MAX);
}

#define assert_status(text, is, expected) do {					\
	enum ps_status is_ = (is), expected_ = (expected);			\
	if (is_ != expected_)							\
		fail_msg("\"%s\": %d, not %d", text, is_, expected_);		\
} while (0)

static void compare_integer(const char *text, const char *copy, size_t length)
{
	s64 low = random_below(2) ? INT64_MIN : -(s64)random_below(300);
	s64 high = random_below(2) ? INT64_MAX : (s64)random_below(70000);
	enum ps_status expected = PS_MALFORMED;
	char printed[PS_ITEM_MAX], again[TEXT];
	s64 out;

	if (matches(text, "^(0|-?[1-9][0-9]*)$"))
		expected = within(text, low, high) ? PS_OK : PS_OUT_OF_RANGE;
	assert_status(text, ps_parse_integer(copy, length, low, high, &out), expected);
	if (expected)
		return;
	assert_true(out == strtoll(text, NULL, 10));
	sprintf(again, "%lld", (long long)out);
	assert_printed(printed, ps_format_integer(printed, out), again);
}

static void compare_address(const char *text, const char *copy, size_t length)
{
	char printed[PS_ITEM_MAX];
	struct ps_addr out, expected;
	u128 value;
	bool ipv4;

	if (!libc_address(text, &ipv4, &value)) {
		assert_status(text, ps_parse_address(copy, length, &out), PS_MALFORMED);
		return;
	}
	assert_status(text, ps_parse_address(copy, length, &out), PS_OK);
	expected = addr_of(ipv4, value);
	assert_memory_equal(&out, &expected, sizeof(out));
	assert_printed(printed, ps_format_address(printed, &out), text_of(ipv4, value));
}

static void compare_source(const char *text, const char *copy, size_t length)
{
	char printed[PS_ITEM_MAX], best[TEXT];
	struct ps_range out, expected;
	enum ps_status status;
	u128 first, last;
	bool ipv4;

	status = libc_source(text, &ipv4, &first, &last);
	assert_status(text, ps_parse_source(copy, length, &out), status);
	if (status)
		return;
	expected.first = addr_of(ipv4, first);
	expected.last = addr_of(ipv4, last);
	assert_memory_equal(&out, &expected, sizeof(out));
	shortest_source(best, ipv4, first, last);
	assert_printed(printed, ps_format_source(printed, &out), best);
}

static void compare_interval(const char *text, const char *copy, size_t length)
{
	enum ps_status status = PS_MALFORMED;
	const char *dash = strchr(text, '-');
	char printed[PS_ITEM_MAX], best[TEXT];
	struct ps_interval out;

	assert_status(text, ps_parse_protocol(copy, length, &out), libc_number(text, 0, 255));
	if (matches(text, "^" NUMBER "(-" NUMBER ")?$")) {
		status = PS_OK;
		if (!within(text, 1, 65535) || (dash && !within(dash + 1, 1, 65535)))
			status = PS_OUT_OF_RANGE;
		else if (dash && atoi(text) > atoi(dash + 1))
			status = PS_MALFORMED;
	}
	assert_status(text, ps_parse_ports(copy, length, &out), status);
	if (status)
		return;
	assert_int_equal(out.first, atoi(text));
	assert_int_equal(out.last, atoi(dash ? dash + 1 : text));
	if (out.first == out.last)
		sprintf(best, "%d", out.first);
	else
		sprintf(best, "%d-%d", out.first, out.last);
	assert_printed(printed, ps_format_interval(printed, &out), best);
}

static void compare_context(const char *item, const char *copy, size_t length)
{
	enum ps_status status = PS_MALFORMED;
	char printed[PS_ITEM_MAX], text[TEXT], *vlan;
	struct ps_context_id out;
	u128 value;
	bool ipv4;

	vlan = strchr(strcpy(text, item), '@');
	if (vlan)
		*vlan++ = 0;
	if (libc_address(text, &ipv4, &value) && value)
		status = vlan ? libc_number(vlan, 1, 4094) : PS_OK;
	assert_status(item, ps_parse_context(copy, length, &out), status);
	if (status)
		return;
	assert_int_equal(out.vlan, vlan ? atoi(vlan) : 0);
	strcpy(text, text_of(ipv4, value));
	if (out.vlan)
		sprintf(text + strlen(text), "@%d", out.vlan);
	assert_printed(printed, ps_format_context(printed, &out), text);
}

static void compare_names(const char *text, const char *copy, size_t length)
{
	bool reserved = !strcmp(text, "instances") || !strcmp(text, "version");
	bool name = matches(text, "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,62}$") && !reserved;
	bool iface = matches(text, "^[^/:[:space:]]{1,15}$") && !matches(text, "^[.][.]?$");

	assert_status(text, ps_parse_instance_name(copy, length), name ? PS_OK : PS_MALFORMED);
	assert_status(text, ps_parse_iface_name(copy, length), iface ? PS_OK : PS_MALFORMED);
}

static void every_text_means_what_libc_says(void **state)
{
	static void (*const compare[])(const char *, const char *, size_t) = {
		compare_integer, compare_address, compare_source, compare_interval,
		compare_context, compare_names,
	};
	char text[TEXT], *copy;
	unsigned long round;
	unsigned int i;
	size_t length;

	(void)state;
	for (round = 0; round < rounds; round++) {
		random_text(text);
		length = strlen(text);
		copy = malloc(length);	/* its exact size, so that reading on is caught */
		memcpy(copy, text, length);
		for (i = 0; i < ARRAY_SIZE(compare); i++)
			compare[i](text, copy, length);
		free(copy);
	}
}

static void every_range_is_printed_in_its_shortest_form(void **state)
{
	char printed[PS_ITEM_MAX], best[TEXT];
	struct ps_range range, again;
	unsigned long round;

	(void)state;
	for (round = 0; round < rounds / 4; round++) {
		bool ipv4 = random_below(2);
		u128 first = ipv4 ? random_ipv4() : random_ipv6();
		u128 host = ~(u128)0 >> (ipv4 ? 96 : 0) >> random_below(ipv4 ? 32 : 128);
		u128 last = random_below(2) ? first | host : ipv4 ? random_ipv4() : random_ipv6();

		if (random_below(2))
			first &= ~host;
		if (first > last || (!ipv4 && (is_mapped(first) || is_mapped(last))))
			continue;
		range.first = addr_of(ipv4, first);
		range.last = addr_of(ipv4, last);
		shortest_source(best, ipv4, first, last);
		assert_printed(printed, ps_format_source(printed, &range), best);
		assert_int_equal(ps_parse_source(printed, strlen(printed), &again), PS_OK);
		assert_memory_equal(&again, &range, sizeof(range));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_means_what_libc_says),
		cmocka_unit_test(every_range_is_printed_in_its_shortest_form),
	};
	const char *seed = getenv("PS_SEED");

	random_state = seed ? strtoull(seed, NULL, 0) : (u64)time(NULL);
	if (getenv("PS_ROUNDS"))
		rounds = strtoul(getenv("PS_ROUNDS"), NULL, 0);
	printf("PS_SEED=%llu PS_ROUNDS=%lu\n", (unsigned long long)random_state, rounds);
	random_state = random_state * 0x9e3779b97f4a7c15ULL | 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
