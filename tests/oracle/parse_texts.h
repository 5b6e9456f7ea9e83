/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random texts for oracle_parse.c, made of pieces that are often valid and
 * often at a limit, and addresses in text as the C library prints them.
 */
#ifndef PS_ORACLE_PARSE_TEXTS_H
#define PS_ORACLE_PARSE_TEXTS_H

#include <arpa/inet.h>
#include <stdio.h>

#include "parse.h"

#define TEXT	512	/* bytes that hold every text made here */

typedef unsigned __int128 u128;

static u64 random_state;	/* never 0 */

static u32 random_u32(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (u32)(random_state >> 32);
}

static u32 random_below(u32 n)
{
	return random_u32() % n;
}

/* Addresses whose groups are often 0 or ffff, so that runs, ties and blocks are frequent. */
static u128 random_ipv6(void)
{
	u128 value = 0;
	int i;

	for (i = 0; i < 8; i++) {
		static const u16 usual[] = { 0, 0, 0, 0, 0xffff, 1 };
		u32 pick = random_below(ARRAY_SIZE(usual) + 2);

		value = value << 16 | (pick < ARRAY_SIZE(usual) ? usual[pick] :
				       random_u32() >> 16 >> random_below(16));
	}
	return value;
}

static u32 random_ipv4(void)
{
	if (random_below(2))
		return 0x0a000400 + random_below(256);
	return random_u32() << random_below(32);
}

static const char *text_of_ipv4(u32 value)
{
	static char text[INET_ADDRSTRLEN];
	struct in_addr addr = { .s_addr = htonl(value) };

	return inet_ntop(AF_INET, &addr, text, sizeof(text));
}

static const char *libc_text_of_ipv6(u128 value)
{
	static char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;
	int i;

	for (i = 15; i >= 0; i--, value >>= 8)
		addr.s6_addr[i] = (u8)value;
	return inet_ntop(AF_INET6, &addr, text, sizeof(text));
}

/* The C library prints ::102:304 as ::1.2.3.4. */
static const char *text_of_ipv6(u128 value)
{
	static char text[INET6_ADDRSTRLEN];

	if (!strchr(libc_text_of_ipv6(value), '.'))
		return libc_text_of_ipv6(value);
	snprintf(text, sizeof(text), "::%x:%x", (u32)value >> 16, (u32)value & 0xffff);
	return text;
}

static char *append_groups(char *end, u32 n)
{
	for (; n; n--)
		end += sprintf(end, random_below(2) ? "%x%s" : "%04X%s",
			       random_u32() >> 16 >> random_below(16), n > 1 ? ":" : "");
	return end;
}

static void append_ipv6(char *text)
{
	char *end = text + strlen(text);
	u32 before = random_below(9);

	switch (random_below(4)) {
	case 0:
		append_groups(end, 8);
		break;
	case 1:	/* "::" anywhere, at times for no group at all */
		end = append_groups(end, before);
		end += sprintf(end, "::");
		end = append_groups(end, random_below(9 - before));
		if (random_below(3) == 0)
			sprintf(end, "%s%s", end[-1] == ':' ? "" : ":",
				text_of_ipv4(random_ipv4()));
		break;
	default:
		strcpy(end, libc_text_of_ipv6(random_ipv6()));
	}
}

static void append_number(char *text)
{
	static const char *const usual[] = {
		"0", "1", "00", "01", "8", "9", "10", "24", "31", "32", "33", "64", "80", "96",
		"127", "128", "129", "255", "256", "300", "4094", "4095", "65535", "65536", "70000",
		"-0", "-1", "+1", "2147483647", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "18446744073709551615",
		"18446744073709551616", "18446744073709551617", "4294967296", "4294967297",
		"9999999999999999999999999999999999999999",
	};
	u32 digits;

	switch (random_below(3)) {
	case 0:
		strcat(text, usual[random_below(ARRAY_SIZE(usual))]);
		return;
	case 1:
		sprintf(text + strlen(text), "%u", random_below(300));
		return;
	}
	for (digits = random_below(25); digits; digits--)
		sprintf(text + strlen(text), "%u", random_below(10));
}

static void append_piece(char *text)
{
	switch (random_below(3)) {
	case 0:
		append_ipv6(text);
		break;
	case 1:
		strcat(text, text_of_ipv4(random_ipv4()));
		break;
	default:
		append_number(text);
	}
}

static void damage(char *text)
{
	static const char alphabet[] = "0123456789abfAF::..--//@@%+ \r\n_xg";
	size_t length = strlen(text), at = random_below((u32)length + 1);
	char c = alphabet[random_below(sizeof(alphabet) - 1)];

	switch (random_below(3)) {
	case 0:
		if (at < length)
			text[at] = c;
		break;
	case 1:
		memmove(text + at + 1, text + at, length - at + 1);
		text[at] = c;
		break;
	default:
		if (at < length)
			memmove(text + at, text + at + 1, length - at);
	}
}

static void random_text(char *text)
{
	static const char *const separator[] = { "/", "-", "@" };
	u32 n;

	text[0] = 0;
	append_piece(text);
	for (n = random_below(8) ? random_below(2) : 2; n; n--) {
		strcat(text, separator[random_below(ARRAY_SIZE(separator))]);
		append_piece(text);
	}
	if (random_below(2))
		for (n = 1 + random_below(3); n; n--)
			damage(text);
}

#endif
