// SPDX-License-Identifier: GPL-2.0-or-later
/* Country codes and their numbers; see countries.h. */
#include "countries.h"
#include "parse.h"

const struct ps_country_set ps_country_set_empty;

enum ps_status ps_parse_country(const char *text, size_t length, struct ps_country *out)
{
	size_t at;

	if (!length || length > PS_COUNTRY_MAX || (length == 1 && text[0] == '-'))
		return PS_MALFORMED;
	for (at = 0; at < length; at++)
		if (text[at] == '.' || !ps_parse_is_name_byte(text[at]))
			return PS_MALFORMED;
	memset(out, 0, sizeof(*out));
	memcpy(out->text, text, length);
	return PS_OK;
}

size_t ps_format_country(char *text, const struct ps_country *country)
{
	size_t length = 0;

	while (country->text[length]) {
		text[length] = country->text[length];
		length++;
	}
	if (!length)
		text[length++] = '-';
	text[length] = 0;
	return length;
}

/* Where in the order the code stands, or would. */
static u32 countries_place(const struct ps_countries *countries, const struct ps_country *country)
{
	u32 first = 0, end = countries->count, middle;

	while (first < end) {
		middle = (first + end) / 2;
		if (memcmp(countries->country[countries->order[middle]].text, country->text,
			   sizeof(country->text)) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static u16 countries_at(const struct ps_countries *countries, u32 place,
			const struct ps_country *country)
{
	u16 number;

	if (place == countries->count)
		return 0;
	number = countries->order[place];
	return ps_country_equal(&countries->country[number], country) ? number : 0;
}

u16 ps_countries_find(const struct ps_countries *countries, const struct ps_country *country)
{
	return countries_at(countries, countries_place(countries, country), country);
}

u16 ps_countries_add(struct ps_countries *countries, const struct ps_country *country)
{
	u32 place = countries_place(countries, country);
	u16 number = countries_at(countries, place, country);

	if (number || countries->count == PS_COUNTRIES - 1)
		return number;
	for (number = 1; countries->country[number].text[0]; number++)
		;
	countries->country[number] = *country;
	memmove(&countries->order[place + 1], &countries->order[place],
		(countries->count - place) * sizeof(countries->order[0]));
	countries->order[place] = number;
	countries->count++;
	return number;
}

void ps_countries_retain(struct ps_countries *countries, const struct ps_country_set *used)
{
	u32 place, kept = 0;
	u16 number;

	for (place = 0; place < countries->count; place++) {
		number = countries->order[place];
		if (ps_country_set_has(used, number))
			countries->order[kept++] = number;
		else
			memset(&countries->country[number], 0, sizeof(countries->country[number]));
	}
	countries->count = kept;
}
