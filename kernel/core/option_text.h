/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of options that aren't plain integers, in and out of text. Every
 * value is an s64, whatever it stands for; formatting is the inverse of
 * parsing. Texts are as in parse.h: without a terminating zero and without the
 * trailing newline; formatted ones end in a zero, have room for PS_ITEM_MAX
 * bytes, and their length is returned.
 */
#ifndef PS_CORE_OPTION_TEXT_H
#define PS_CORE_OPTION_TEXT_H

#include "countries.h"
#include "parse.h"
#include "threshold.h"

#define PS_WSCALE_NONE	(-1)
#define PS_WSCALE_MAX	14	/* RFC 7323, section 2.3 */
#define PS_MAC_MAX	0xffffffffffffLL
#define PS_RATES_MAX	((s64)PS_RATE_MAX << 32 | PS_RATE_MAX)

/**
 * ps_option_parse_boolean() - off or on
 * @text: 0 or 1
 * @length: bytes of @text
 * @value: out: 0 or 1
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE (another number).
 */
enum ps_status ps_option_parse_boolean(const char *text, size_t length, s64 *value);

/**
 * ps_option_parse_rates() - the two rates of a threshold
 * @text: X-Y, each 0-1,000,000,000 without leading zeros, X not below Y
 * @length: bytes of @text
 * @value: out, as of ps_rates_pack()
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE (also where X is below Y).
 */
enum ps_status ps_option_parse_rates(const char *text, size_t length, s64 *value);

/**
 * ps_option_parse_mac() - an Ethernet address
 * @text: aa:bb:cc:dd:ee:ff, in either case
 * @length: bytes of @text
 * @value: out: 48 bits, the first octet on top
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_option_parse_mac(const char *text, size_t length, s64 *value);

/**
 * ps_option_parse_wscale() - a TCP window scale
 * @text: none, or 0-14
 * @length: bytes of @text
 * @value: out: the shift, or PS_WSCALE_NONE
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE.
 */
enum ps_status ps_option_parse_wscale(const char *text, size_t length, s64 *value);

/**
 * ps_option_parse_geoip_policy() - what becomes of countries
 * @text: none, deny_countries or allow_countries
 * @length: bytes of @text
 * @value: out: enum ps_geoip_policy
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_option_parse_geoip_policy(const char *text, size_t length, s64 *value);

/**
 * ps_option_parse_secret() - what becomes of a secret
 * @text: none, or the secret: any other text but set, which is what its file
 *	  reads, and keep, which files of the tool say instead of it
 * @length: bytes of @text
 * @value: out: 0 for none, 1: there is one
 *
 * Return: PS_OK, PS_MALFORMED (empty, one of those words, or more than a line).
 */
enum ps_status ps_option_parse_secret(const char *text, size_t length, s64 *value);

size_t ps_option_format_rates(char *text, s64 value);
/* In lower case. */
size_t ps_option_format_mac(char *text, s64 value);
size_t ps_option_format_wscale(char *text, s64 value);
size_t ps_option_format_geoip_policy(char *text, s64 value);
/* none or set: the secret itself is never shown. */
size_t ps_option_format_secret(char *text, s64 value);

#endif
