// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Booleans, rates, Ethernet addresses, window scales, policies, secrets; see
 * option_text.h. As in parse.c the form of the whole text is judged before its
 * numbers are.
 */
#include "option_text.h"

#define PS_MAC_TEXT 17 /* aa:bb:cc:dd:ee:ff */

enum ps_status ps_option_parse_boolean(const char *text, size_t length, s64 *value)
{
	if (length && text[0] == '-')
		return PS_MALFORMED;
	return ps_parse_integer(text, length, 0, 1, value);
}

static enum ps_status ps_option_parse_rate(const char *text, size_t length, u32 *rate)
{
	enum ps_status status;
	s64 value;

	if (length && text[0] == '-')
		return PS_MALFORMED;
	status = ps_parse_integer(text, length, 0, PS_RATE_MAX, &value);
	if (!status)
		*rate = (u32)value;
	return status;
}

enum ps_status ps_option_parse_rates(const char *text, size_t length, s64 *value)
{
	enum ps_status above, below;
	struct ps_rates rates = {};
	size_t dash;

	for (dash = 0; dash < length && text[dash] != '-'; dash++)
		;
	if (dash == length)
		return PS_MALFORMED;
	above = ps_option_parse_rate(text, dash, &rates.above);
	below = ps_option_parse_rate(text + dash + 1, length - dash - 1, &rates.below);
	if (above == PS_MALFORMED || below == PS_MALFORMED)
		return PS_MALFORMED;
	if (above || below || rates.above < rates.below)
		return PS_OUT_OF_RANGE;
	*value = ps_rates_pack(rates);
	return PS_OK;
}

enum ps_status ps_option_parse_mac(const char *text, size_t length, s64 *value)
{
	unsigned int nibble;
	s64 mac = 0;
	size_t at;

	if (length != PS_MAC_TEXT)
		return PS_MALFORMED;
	for (at = 0; at < length; at++) {
		if (at % 3 == 2) {
			if (text[at] != ':')
				return PS_MALFORMED;
			continue;
		}
		nibble = ps_parse_hex_digit(text[at]);
		if (nibble > 15)
			return PS_MALFORMED;
		mac = mac << 4 | nibble;
	}
	*value = mac;
	return PS_OK;
}

enum ps_status ps_option_parse_wscale(const char *text, size_t length, s64 *value)
{
	if (length == 4 && !memcmp(text, "none", 4)) {
		*value = PS_WSCALE_NONE;
		return PS_OK;
	}
	if (length && text[0] == '-')
		return PS_MALFORMED;
	return ps_parse_integer(text, length, 0, PS_WSCALE_MAX, value);
}

static const struct {
	const char *name;
	size_t length;
} geoip_policy[PS_GEOIP_POLICIES] = {
	[PS_GEOIP_NONE] = { "none", 4 },
	[PS_GEOIP_DENY] = { "deny_countries", 14 },
	[PS_GEOIP_ALLOW] = { "allow_countries", 15 },
};

enum ps_status ps_option_parse_geoip_policy(const char *text, size_t length, s64 *value)
{
	enum ps_geoip_policy i;

	for (i = 0; i < PS_GEOIP_POLICIES; i++)
		if (length == geoip_policy[i].length &&
		    !memcmp(text, geoip_policy[i].name, length)) {
			*value = i;
			return PS_OK;
		}
	return PS_MALFORMED;
}

static bool ps_option_is_word(const char *text, size_t length, const char *word, size_t bytes)
{
	return length == bytes && !memcmp(text, word, bytes);
}

enum ps_status ps_option_parse_secret(const char *text, size_t length, s64 *value)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (text[i] == '\n' || !text[i])
			return PS_MALFORMED;
	if (!length || ps_option_is_word(text, length, "set", 3) ||
	    ps_option_is_word(text, length, "keep", 4))
		return PS_MALFORMED;
	*value = !ps_option_is_word(text, length, "none", 4);
	return PS_OK;
}

size_t ps_option_format_rates(char *text, s64 value)
{
	struct ps_rates rates = ps_rates_unpack(value);
	size_t length = ps_format_integer(text, rates.above);

	text[length++] = '-';
	return length + ps_format_integer(text + length, rates.below);
}

size_t ps_option_format_mac(char *text, s64 value)
{
	unsigned int shift = 48;
	size_t length = 0;

	while (shift) {
		shift -= 4;
		text[length++] = "0123456789abcdef"[value >> shift & 0xf];
		if (shift && shift % 8 == 0)
			text[length++] = ':';
	}
	text[length] = 0;
	return length;
}

size_t ps_option_format_wscale(char *text, s64 value)
{
	if (value != PS_WSCALE_NONE)
		return ps_format_integer(text, value);
	memcpy(text, "none", 5);
	return 4;
}

size_t ps_option_format_geoip_policy(char *text, s64 value)
{
	memcpy(text, geoip_policy[value].name, geoip_policy[value].length + 1);
	return geoip_policy[value].length;
}

size_t ps_option_format_secret(char *text, s64 value)
{
	memcpy(text, value ? "set" : "none", value ? 4 : 5);
	return value ? 3 : 4;
}
