/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Country codes, their numbers, and sets of them.
 *
 * A code is a short text; users may invent their own. Packets are judged by
 * numbers: each code has one in its instance, and keeps it as long as a
 * context's list or an address range uses it. 0 is the number of no country.
 */
#ifndef PS_CORE_COUNTRIES_H
#define PS_CORE_COUNTRIES_H

#include "platform.h"
#include "status.h"

#define PS_COUNTRY_MAX	15	/* bytes of a code, at most */
#define PS_COUNTRIES	1024U	/* numbers, that of no country included */

/* Values of geoip_policy. */
enum ps_geoip_policy {
	PS_GEOIP_NONE,
	PS_GEOIP_DENY,		/* the countries of the list are refused */
	PS_GEOIP_ALLOW,		/* all others are, and addresses of no country */
	PS_GEOIP_POLICIES,
};

/**
 * struct ps_country - a country's code
 * @text: the code and zeros; all zero for no country
 */
struct ps_country {
	char text[PS_COUNTRY_MAX + 1];
};

/**
 * struct ps_countries - the codes that have numbers; all zero is the empty table
 * @count:	how many there are
 * @order:	their numbers, in the order of the codes
 * @country:	number -> code; no country where the number is free
 */
struct ps_countries {
	u32 count;
	u16 order[PS_COUNTRIES];
	struct ps_country country[PS_COUNTRIES];
};

/**
 * struct ps_country_set - some countries
 * @bit: bit n set: the country of number n; never bit 0
 */
struct ps_country_set {
	u64 bit[PS_COUNTRIES / 64];
};

/* The list of a new context. */
extern const struct ps_country_set ps_country_set_empty;

static inline bool ps_country_set_has(const struct ps_country_set *set, u16 number)
{
	return set->bit[number / 64] >> (number % 64) & 1;
}

static inline void ps_country_set_put(struct ps_country_set *set, u16 number, bool member)
{
	set->bit[number / 64] &= ~(1ULL << (number % 64));
	set->bit[number / 64] |= (u64)member << (number % 64);
}

static inline bool ps_country_equal(const struct ps_country *a, const struct ps_country *b)
{
	return !memcmp(a->text, b->text, sizeof(a->text));
}

/**
 * ps_parse_country() - a country's code
 * @text: 1-15 of letters, digits, _ and -; not "-" alone
 * @length: bytes of @text
 * @out: the code
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_parse_country(const char *text, size_t length, struct ps_country *out);

/* The code, or "-" for no country, and a zero; returns its length. */
size_t ps_format_country(char *text, const struct ps_country *country);

/**
 * ps_countries_find() - the number of a code
 * @countries: the table
 * @country: the code
 *
 * Return: its number; 0 for no country and for a code without a number.
 */
u16 ps_countries_find(const struct ps_countries *countries, const struct ps_country *country);

/**
 * ps_countries_add() - the number of a code, which gets one where it has none
 * @countries: the table
 * @country: the code, not that of no country
 *
 * Return: its number; 0 where all are taken.
 */
u16 ps_countries_add(struct ps_countries *countries, const struct ps_country *country);

/**
 * ps_countries_retain() - take their numbers from codes that nobody uses
 * @countries: the table
 * @used: whose stay
 */
void ps_countries_retain(struct ps_countries *countries, const struct ps_country_set *used);

#endif
