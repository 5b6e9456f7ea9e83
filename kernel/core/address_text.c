// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses in and out of text: RFC 4291 2.2 and dotted quad in, RFC 5952 out.
 *
 * The mapped block ::ffff:0:0/96 holds the IPv4 addresses, so it has no IPv6
 * text: none is read and none is written.
 */
#include "parse.h"

#define PS_GROUPS     8 /* 16-bit groups of an IPv6 address */
#define PS_GROUPS_BAD 9 /* their number in what isn't one */
#define PS_GAP_NONE   9 /* there is no "::" */

/* Dotted quad, decimal, no leading zeros. */
static bool ps_parse_ipv4(const char *text, size_t length, u32 *out)
{
	unsigned int octet, digits, n;
	u32 addr = 0;
	size_t at = 0;

	for (n = 0; n < 4; n++) {
		if (n && (at == length || text[at++] != '.'))
			return false;
		octet = 0;
		for (digits = 0; at < length && text[at] >= '0' && text[at] <= '9'; digits++) {
			if (digits && !octet)
				return false;
			octet = octet * 10 + (text[at++] - '0');
			if (octet > 255)
				return false;
		}
		if (!digits)
			return false;
		addr = addr << 8 | octet;
	}
	*out = addr;
	return at == length;
}

unsigned int ps_parse_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* One to four hexadecimal digits; returns how many there are. */
static size_t ps_parse_group(const char *text, size_t length, u16 *out)
{
	unsigned int digit;
	size_t at;

	*out = 0;
	for (at = 0; at < length && at < 4; at++) {
		digit = ps_parse_hex_digit(text[at]);
		if (digit > 15)
			break;
		*out = *out << 4 | digit;
	}
	return at;
}

/*
 * The groups as they stand in the text; returns their number. @gap is the
 * number of groups before "::".
 */
static unsigned int ps_parse_groups(const char *text, size_t length, u16 *group, unsigned int *gap)
{
	unsigned int n = 0;
	size_t at = 0, digits;
	u32 tail;

	*gap = PS_GAP_NONE;
	if (length >= 2 && text[0] == ':' && text[1] == ':') {
		*gap = 0;
		at = 2;
	}
	while (at < length) {
		if (n <= PS_GROUPS - 2 && ps_parse_ipv4(text + at, length - at, &tail)) {
			group[n++] = tail >> 16;
			group[n++] = tail & 0xffff;
			return n;
		}
		if (n == PS_GROUPS)
			return PS_GROUPS_BAD;
		digits = ps_parse_group(text + at, length - at, &group[n++]);
		at += digits;
		if (digits && at == length)
			return n;
		/* Behind a group stands ":" with more after it, or the one "::". */
		if (!digits || text[at++] != ':' || at == length)
			return PS_GROUPS_BAD;
		if (text[at] == ':') {
			if (*gap != PS_GAP_NONE)
				return PS_GROUPS_BAD;
			*gap = n;
			at++;
		}
	}
	return n;
}

static bool ps_parse_ipv6(const char *text, size_t length, struct ps_addr *out)
{
	unsigned int n, gap, behind, i;
	u16 group[PS_GROUPS];

	n = ps_parse_groups(text, length, group, &gap);
	/* "::" stands for one group or more. */
	if (gap == PS_GAP_NONE ? n != PS_GROUPS : n >= PS_GROUPS)
		return false;

	*out = (struct ps_addr){ { 0 } };
	behind = PS_GROUPS - n;
	for (i = 0; i < n; i++) {
		unsigned int to = i < gap ? i : i + behind;

		out->word[to / 2] |= (u32)group[i] << (to % 2 ? 0 : 16);
	}
	return !ps_addr_is_ipv4(out);
}

enum ps_status ps_parse_address(const char *text, size_t length, struct ps_addr *out)
{
	u32 addr;

	if (ps_parse_ipv4(text, length, &addr)) {
		*out = ps_addr_from_ipv4(addr);
		return PS_OK;
	}
	return ps_parse_ipv6(text, length, out) ? PS_OK : PS_MALFORMED;
}

static size_t ps_format_ipv4(char *text, u32 addr)
{
	size_t length = 0;
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		length += ps_format_integer(text + length, addr >> shift & 0xff);
		text[length++] = '.';
	}
	text[--length] = 0;
	return length;
}

static u16 ps_format_group_of(const struct ps_addr *addr, unsigned int i)
{
	return addr->word[i / 2] >> (i % 2 ? 0 : 16);
}

/* Hexadecimal without leading zeros. */
static size_t ps_format_group(char *text, u16 group)
{
	size_t length = 0;
	int shift;

	for (shift = 12; shift >= 0; shift -= 4)
		if (group >> shift || !shift)
			text[length++] = "0123456789abcdef"[group >> shift & 15];
	return length;
}

/* The longest run of zero groups, the first of equals; its length. */
static unsigned int ps_format_longest_gap(const struct ps_addr *addr, unsigned int *start)
{
	unsigned int i, run = 0, longest = 0;

	for (i = 0; i < PS_GROUPS; i++) {
		run = ps_format_group_of(addr, i) ? 0 : run + 1;
		if (run > longest) {
			longest = run;
			*start = i + 1 - run;
		}
	}
	return longest;
}

static size_t ps_format_ipv6(char *text, const struct ps_addr *addr)
{
	unsigned int i = 0, start = PS_GROUPS, gap;
	size_t length = 0;

	gap = ps_format_longest_gap(addr, &start);
	if (gap < 2)
		start = PS_GROUPS; /* a lone zero group is written out */
	while (i < PS_GROUPS) {
		if (i == start) {
			text[length++] = ':';
			text[length++] = ':';
			i += gap;
			continue;
		}
		if (i && i != start + gap)
			text[length++] = ':';
		length += ps_format_group(text + length, ps_format_group_of(addr, i++));
	}
	text[length] = 0;
	return length;
}

size_t ps_format_address(char *text, const struct ps_addr *addr)
{
	if (ps_addr_is_ipv4(addr))
		return ps_format_ipv4(text, addr->word[3]);
	return ps_format_ipv6(text, addr);
}
