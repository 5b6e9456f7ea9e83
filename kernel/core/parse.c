// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers and items, in and out of text; addresses are in address_text.c, the
 * stream of writes is in list_stream.c.
 *
 * A text is judged as a whole: whether it has the form comes first, whether
 * its numbers are in their ranges second, how they relate (a range that runs
 * backwards, host bits) last. So a number too large for any type is out of
 * range like one that is too large by one.
 */
#include "parse.h"

/* Where @c first stands in the text, @length if nowhere. */
static size_t ps_parse_find(const char *text, size_t length, char c)
{
	size_t at;

	for (at = 0; at < length && text[at] != c; at++)
		;
	return at;
}

/* Digits without leading zeros; out of range above @max, however many there are. */
static enum ps_status ps_parse_digits(const char *text, size_t length, u64 max, u64 *out)
{
	u64 value = 0;
	size_t at;

	if (!length || (length > 1 && text[0] == '0'))
		return PS_MALFORMED;
	for (at = 0; at < length; at++) {
		if (text[at] < '0' || text[at] > '9')
			return PS_MALFORMED;
		/* Every @max in use is below U64_MAX, where this saturates. */
		value = value < ~0ULL / 10 ? value * 10 + (text[at] - '0') : ~0ULL;
	}
	*out = value;
	return value <= max ? PS_OK : PS_OUT_OF_RANGE;
}

enum ps_status ps_parse_integer(const char *text, size_t length, s64 min, s64 max, s64 *out)
{
	bool negative = length && text[0] == '-';
	enum ps_status status;
	u64 magnitude;
	s64 value;

	if (negative) {
		text++;
		length--;
		if (length && text[0] == '0')
			return PS_MALFORMED;
	}
	status = ps_parse_digits(text, length, (~0ULL >> 1) + negative, &magnitude);
	if (status)
		return status;
	value = (s64)(negative ? 0 - magnitude : magnitude);
	if (value < min || value > max)
		return PS_OUT_OF_RANGE;
	*out = value;
	return PS_OK;
}

static enum ps_status ps_parse_u16(const char *text, size_t length, u16 min, u16 max, u16 *out)
{
	enum ps_status status;
	s64 value;

	if (length && text[0] == '-')
		return PS_MALFORMED;
	status = ps_parse_integer(text, length, min, max, &value);
	if (!status)
		*out = (u16)value;
	return status;
}

/* The bits of word @i that a prefix of @prefix out of 128 bits leaves free. */
static u32 ps_parse_host_bits(unsigned int prefix, unsigned int i)
{
	if (prefix >= 32 * (i + 1))
		return 0;
	return prefix <= 32 * i ? ~0U : ~0U >> (prefix - 32 * i);
}

/* The prefix length behind the slash: from out->first to out->last. */
static enum ps_status ps_parse_prefix(const char *text, size_t length, struct ps_range *out)
{
	bool ipv4 = ps_addr_is_ipv4(&out->first);
	enum ps_status status;
	unsigned int i;
	u16 prefix;

	status = ps_parse_u16(text, length, 0, ipv4 ? 32 : 128, &prefix);
	if (status)
		return status;
	if (ipv4)
		prefix += 96;
	for (i = 0; i < 4; i++) {
		u32 host = ps_parse_host_bits(prefix, i);

		if (out->first.word[i] & host)
			return PS_MALFORMED;
		out->last.word[i] = out->first.word[i] | host;
	}
	return PS_OK;
}

/* What stands behind the dash, an address or a last byte: out->last. */
static enum ps_status ps_parse_last(const char *text, size_t length, struct ps_range *out)
{
	enum ps_status status;
	u16 byte;

	status = ps_parse_address(text, length, &out->last);
	if (!status || !ps_addr_is_ipv4(&out->first))
		return status;
	status = ps_parse_u16(text, length, 0, 255, &byte);
	if (status)
		return status;
	out->last = out->first;
	out->last.word[3] = (out->first.word[3] & ~0xffU) | byte;
	return PS_OK;
}

enum ps_status ps_parse_source(const char *text, size_t length, struct ps_range *out)
{
	size_t slash = ps_parse_find(text, length, '/');
	size_t dash = ps_parse_find(text, length, '-');
	size_t end = min(slash, dash);
	enum ps_status status;

	status = ps_parse_address(text, end, &out->first);
	if (status)
		return status;
	if (end == length)
		out->last = out->first;
	else if (end == slash)
		status = ps_parse_prefix(text + end + 1, length - end - 1, out);
	else
		status = ps_parse_last(text + end + 1, length - end - 1, out);
	if (status)
		return status;
	/* An IPv6 prefix shorter than 96 bits can end in the mapped block. */
	if (ps_addr_is_ipv4(&out->first) != ps_addr_is_ipv4(&out->last) ||
	    ps_addr_compare(&out->first, &out->last) > 0)
		return PS_MALFORMED;
	return PS_OK;
}

enum ps_status ps_parse_ports(const char *text, size_t length, struct ps_interval *out)
{
	size_t dash = ps_parse_find(text, length, '-');
	enum ps_status first, last;

	first = ps_parse_u16(text, dash, 1, 65535, &out->first);
	if (dash == length) {
		if (!first)
			out->last = out->first;
		return first;
	}
	last = ps_parse_u16(text + dash + 1, length - dash - 1, 1, 65535, &out->last);
	if (first == PS_MALFORMED || last == PS_MALFORMED)
		return PS_MALFORMED;
	if (first || last)
		return PS_OUT_OF_RANGE;
	return out->first <= out->last ? PS_OK : PS_MALFORMED;
}

enum ps_status ps_parse_protocol(const char *text, size_t length, struct ps_interval *out)
{
	enum ps_status status = ps_parse_u16(text, length, 0, 255, &out->first);

	if (!status)
		out->last = out->first;
	return status;
}

enum ps_status ps_parse_context(const char *text, size_t length, struct ps_context_id *out)
{
	size_t at = ps_parse_find(text, length, '@');
	enum ps_status status;

	status = ps_parse_address(text, at, &out->addr);
	if (status)
		return status;
	/* 0.0.0.0 or :: */
	if (!(out->addr.word[0] | out->addr.word[1] | out->addr.word[3]) &&
	    (!out->addr.word[2] || out->addr.word[2] == PS_ADDR_MAPPED))
		return PS_MALFORMED;
	out->vlan = 0;
	if (at == length)
		return PS_OK;
	return ps_parse_u16(text + at + 1, length - at - 1, 1, PS_VLAN_MAX, &out->vlan);
}

static bool ps_parse_is(const char *text, size_t length, const char *word, size_t word_length)
{
	return length == word_length && !memcmp(text, word, length);
}

bool ps_parse_is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

enum ps_status ps_parse_instance_name(const char *text, size_t length)
{
	size_t at;

	if (!length || length > PS_INSTANCE_NAME_MAX || text[0] == '.')
		return PS_MALFORMED;
	for (at = 0; at < length; at++)
		if (!ps_parse_is_name_byte(text[at]))
			return PS_MALFORMED;
	/* The names of the files beside the instances' directories. */
	if (ps_parse_is(text, length, "instances", 9) || ps_parse_is(text, length, "version", 7))
		return PS_MALFORMED;
	return PS_OK;
}

/* The kernel's isspace(), which knows the no-break space of Latin-1. */
static bool ps_parse_is_space(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

enum ps_status ps_parse_iface_name(const char *text, size_t length)
{
	size_t at;

	if (!length || length > PS_IFACE_NAME_MAX)
		return PS_MALFORMED;
	if (ps_parse_is(text, length, ".", 1) || ps_parse_is(text, length, "..", 2))
		return PS_MALFORMED;
	for (at = 0; at < length; at++)
		if (!text[at] || text[at] == '/' || text[at] == ':' ||
		    ps_parse_is_space((u8)text[at]))
			return PS_MALFORMED;
	return PS_OK;
}

/* Returns the last digit. In steps of 32 bits: not every kernel can divide 64. */
static u32 ps_format_divide_by_ten(u64 *value)
{
	u32 high = *value >> 32;
	u32 low = (u32)*value;
	u32 middle = high % 10 << 16 | low >> 16;
	u32 bottom = middle % 10 << 16 | (low & 0xffff);

	*value = (u64)(high / 10) << 32 | middle / 10 << 16 | bottom / 10;
	return bottom % 10;
}

size_t ps_format_integer(char *text, s64 value)
{
	u64 magnitude = value < 0 ? 0 - (u64)value : (u64)value;
	unsigned int digits = 0;
	size_t length = 0;
	char reversed[20];

	do {
		reversed[digits++] = '0' + ps_format_divide_by_ten(&magnitude);
	} while (magnitude);
	if (value < 0)
		text[length++] = '-';
	while (digits)
		text[length++] = reversed[--digits];
	text[length] = 0;
	return length;
}

/*
 * The prefix length, out of 128 bits, of the CIDR block that the range is;
 * 129 if it is none. A block's first and last address differ in all of the
 * low bits and in nothing else, and the first has zeros there.
 */
static unsigned int ps_format_prefix(const struct ps_range *range)
{
	unsigned int prefix = 128;
	bool within = false; /* below the prefix */
	unsigned int i;

	for (i = 0; i < 4; i++) {
		u32 host = range->first.word[i] ^ range->last.word[i];

		if (range->first.word[i] & host || host & (host + 1) || (within && ~host))
			return 129;
		within = within || host;
		for (; host; host >>= 1)
			prefix--;
	}
	return prefix;
}

/*
 * A CIDR is never longer than the full range: "/" with at most three digits
 * against "-" with an address, and the only address of two bytes, "::", ends
 * no range of more than itself. Inside a /24 a prefix has two digits, so only
 * a last byte of one digit is shorter.
 */
size_t ps_format_source(char *text, const struct ps_range *range)
{
	const struct ps_addr *first = &range->first, *last = &range->last;
	size_t length = ps_format_address(text, first);
	unsigned int prefix = ps_format_prefix(range);
	bool ipv4 = ps_addr_is_ipv4(first);
	unsigned int byte = last->word[3] & 0xff;
	bool class_c;

	if (ps_addr_equal(first, last))
		return length;
	class_c = ipv4 && !((first->word[3] ^ last->word[3]) >> 8);
	if (prefix <= 128 && ipv4)
		prefix -= 96;
	if (prefix <= 128 && (!class_c || byte >= 10)) {
		text[length++] = '/';
		return length + ps_format_integer(text + length, prefix);
	}
	text[length++] = '-';
	if (class_c)
		return length + ps_format_integer(text + length, byte);
	return length + ps_format_address(text + length, last);
}

size_t ps_format_interval(char *text, const struct ps_interval *interval)
{
	size_t length = ps_format_integer(text, interval->first);

	if (interval->first == interval->last)
		return length;
	text[length++] = '-';
	return length + ps_format_integer(text + length, interval->last);
}

size_t ps_format_context(char *text, const struct ps_context_id *id)
{
	static const struct ps_addr other;
	size_t length;

	if (ps_addr_equal(&id->addr, &other)) {
		memcpy(text, "Other", 6);
		return 5;
	}
	length = ps_format_address(text, &id->addr);
	if (!id->vlan)
		return length;
	text[length++] = '@';
	return length + ps_format_integer(text + length, id->vlan);
}
