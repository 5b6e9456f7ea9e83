/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From lines of text to a table of countries, for tests: the steps of the shell,
 * with memory of its exact size so that the sanitizers see what goes beyond.
 */
#ifndef PS_TESTS_GEO_TABLE_H
#define PS_TESTS_GEO_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "geo_lines.h"
#include "parse.h"

/* Some lines on their way, and what comes of them. */
struct geo {
	struct ps_geo_line *line;
	u32 n;
	struct ps_countries countries;
	struct ps_sources *table;
};

static inline enum ps_status geo_parse(const char *text, struct ps_geo_line *line)
{
	size_t length = strlen(text);
	char *copy = malloc(length);
	enum ps_status status;

	memcpy(copy, text, length);
	memset(line, '#', sizeof(*line));
	status = ps_parse_geo_line(copy, length, line);
	free(copy);
	return status;
}

static inline void geo_add(struct geo *geo, const char *text)
{
	/* Full at each power of two. */
	if (!(geo->n & (geo->n - 1)))
		geo->line = realloc(geo->line, max(2 * geo->n, 1U) * sizeof(*geo->line));
	assert_int_equal(geo_parse(text, &geo->line[geo->n++]), PS_OK);
}

/* Sort and join. */
static inline enum ps_status geo_tidy(struct geo *geo)
{
	struct ps_geo_line *scratch;

	geo->line = realloc(geo->line, geo->n * sizeof(*geo->line));
	if (!ps_geo_is_sorted(geo->line, geo->n)) {
		scratch = malloc(geo->n * sizeof(*scratch));
		ps_geo_sort(geo->line, scratch, geo->n);
		free(scratch);
	}
	return ps_geo_join(geo->line, &geo->n);
}

static inline void geo_build(struct geo *geo, u32 words)
{
	u32 leaves = ps_geo_leaves(geo->line, geo->n, words), i;

	for (i = 0; i < geo->n; i++)
		if (geo->line[i].country.text[0])
			assert_true(ps_countries_add(&geo->countries, &geo->line[i].country));
	geo->table = malloc(ps_sources_root_bytes(words, leaves));
	ps_sources_lay_out(geo->table, words, leaves);
	for (i = 0; i < leaves; i++)
		geo->table->leaf[i] = malloc(sizeof(*geo->table->leaf[i]));
	ps_geo_build(geo->line, geo->n, &geo->countries, geo->table);
}

static inline const char *geo_code(const struct geo *geo, u16 number)
{
	static char text[PS_ITEM_MAX];

	ps_format_country(text, &geo->countries.country[number]);
	return text;
}

static inline const char *geo_country(const struct geo *geo, struct ps_addr addr)
{
	return geo_code(geo, ps_sources_find(geo->table, &addr));
}

static inline void geo_free(struct geo *geo)
{
	u32 i;

	for (i = 0; geo->table && i < geo->table->leaves; i++)
		free(geo->table->leaf[i]);
	free(geo->table);
	free(geo->line);
}

#endif
