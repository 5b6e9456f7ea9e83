// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of geoip4 and geoip6: text, order, table; see geo_lines.h.
 *
 * A sorted and joined line is a boundary of the table that sources.c describes,
 * so the table is written in one pass. It is only ever replaced as a whole:
 * its leaves are full.
 */
#include "geo_lines.h"
#include "parse.h"
#include "sources_leaf.h"

enum ps_status ps_parse_geo_line(const char *text, size_t length, struct ps_geo_line *out)
{
	enum ps_status status;
	size_t end, code;

	for (end = 0; end < length && !ps_parse_is_blank(text[end]); end++)
		;
	for (code = end; code < length && ps_parse_is_blank(text[code]); code++)
		;
	status = ps_parse_address(text, end, &out->first);
	if (status)
		return status;
	if (length - code != 1 || text[code] != '-')
		return ps_parse_country(text + code, length - code, &out->country);
	memset(&out->country, 0, sizeof(out->country));
	return PS_OK;
}

size_t ps_format_geo_line(char *text, const struct ps_geo_line *line)
{
	size_t length = ps_format_address(text, &line->first);

	text[length++] = ' ';
	return length + ps_format_country(text + length, &line->country);
}

static bool line_is_above(const struct ps_geo_line *a, const struct ps_geo_line *b)
{
	return ps_key_above(a->first.word, b->first.word, 4);
}

bool ps_geo_is_sorted(const struct ps_geo_line *line, u32 n)
{
	u32 i;

	for (i = 1; i < n; i++)
		if (line_is_above(&line[i - 1], &line[i]))
			return false;
	return true;
}

/* Merge two neighbouring runs, @n lines in all; the left one has @n_left. */
static void merge_lines(struct ps_geo_line *to, const struct ps_geo_line *from, u32 n_left, u32 n)
{
	u32 left = 0, right = n_left;

	while (left < n_left || right < n) {
		if (left == n_left || (right < n && line_is_above(&from[left], &from[right])))
			*to++ = from[right++];
		else
			*to++ = from[left++];
	}
}

void ps_geo_sort(struct ps_geo_line *line, struct ps_geo_line *scratch, u32 n)
{
	struct ps_geo_line *from = line, *to = scratch, *swap;
	size_t width, at;

	for (width = 1; width < n; width *= 2) {
		for (at = 0; at < n; at += 2 * width)
			merge_lines(to + at, from + at, min(width, n - at), min(2 * width, n - at));
		swap = from;
		from = to;
		to = swap;
	}
	if (from != line)
		memcpy(line, from, n * sizeof(*line));
}

enum ps_status ps_geo_join(struct ps_geo_line *line, u32 *n)
{
	static const struct ps_country none;
	const struct ps_country *last = &none;
	u32 i, kept = 0;

	for (i = 0; i < *n; i++) {
		/* Lines of one address stand together, and the same one is kept at most. */
		if (i && ps_addr_equal(&line[i].first, &line[i - 1].first) &&
		    !ps_country_equal(&line[i].country, &line[i - 1].country))
			return PS_MALFORMED;
		if (ps_country_equal(&line[i].country, last))
			continue;
		line[kept] = line[i];
		last = &line[kept++].country;
	}
	*n = kept;
	return PS_OK;
}

/* Whether the table begins with addresses of no country. */
static bool lines_begin_late(const struct ps_geo_line *line, u32 words)
{
	const u32 *key = ps_key_of(&line->first, words);
	u32 i, any = 0;

	for (i = 0; i < words; i++)
		any |= key[i];
	return any;
}

static u32 lines_boundaries(const struct ps_geo_line *line, u32 n, u32 words)
{
	return n ? n + lines_begin_late(line, words) : 0;
}

u32 ps_geo_leaves(const struct ps_geo_line *line, u32 n, u32 words)
{
	const u32 room = PS_SOURCES_CAPACITY(words);

	return (lines_boundaries(line, n, words) + room - 1) / room;
}

void ps_geo_build(const struct ps_geo_line *line, u32 n, const struct ps_countries *countries,
		  struct ps_sources *root)
{
	static const struct ps_addr lowest;
	const u32 words = root->words;
	struct ps_leaf_writer writer;
	u16 value = 0;
	u32 i;

	if (!n)
		return;
	ps_leaf_write_start(&writer, root, 0, root->leaves, lines_boundaries(line, n, words));
	if (lines_begin_late(line, words))
		ps_leaf_write(&writer, ps_key_of(&lowest, words), &value, 1);
	for (i = 0; i < n; i++) {
		value = ps_countries_find(countries, &line[i].country);
		ps_leaf_write(&writer, ps_key_of(&line[i].first, words), &value, 1);
		root->ranges += value != 0;
	}
}
