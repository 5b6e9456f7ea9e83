/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written to geoip4 and geoip6, and the table of ranges made of it: a
 * line says that from this address on, up to the next line's, addresses are in
 * that country.
 */
#ifndef PS_CORE_GEO_LINES_H
#define PS_CORE_GEO_LINES_H

#include "countries.h"
#include "sources.h"

/**
 * struct ps_geo_line - a line
 * @first: where it begins
 * @country: that of the addresses from here on
 */
struct ps_geo_line {
	struct ps_addr first;
	struct ps_country country;
};

/**
 * ps_parse_geo_line() - a line of geoip4 or geoip6
 * @text: an address, blanks, and a country's code or "-"
 * @length: bytes of @text
 * @out: the line
 *
 * Return: PS_OK, PS_MALFORMED.
 */
enum ps_status ps_parse_geo_line(const char *text, size_t length, struct ps_geo_line *out);

/* The line with one blank and a zero, in PS_ITEM_MAX bytes; returns its length. */
size_t ps_format_geo_line(char *text, const struct ps_geo_line *line);

/* Whether the lines are in the order of their addresses. */
bool ps_geo_is_sorted(const struct ps_geo_line *line, u32 n);

/**
 * ps_geo_sort() - bring lines into the order of their addresses
 * @line: the lines
 * @scratch: as much memory again
 * @n: number of lines
 */
void ps_geo_sort(struct ps_geo_line *line, struct ps_geo_line *scratch, u32 n);

/**
 * ps_geo_join() - drop the lines that change nothing
 * @line: sorted lines
 * @n: number of lines, before and after
 *
 * Return: PS_OK, or PS_MALFORMED where one address is said to be in two
 * countries; the lines are undefined then.
 */
enum ps_status ps_geo_join(struct ps_geo_line *line, u32 *n);

/**
 * ps_geo_leaves() - how large the table will be
 * @line: joined lines of one family
 * @n: number of lines
 * @words: 32-bit words of the family's keys
 *
 * Return: its leaves.
 */
u32 ps_geo_leaves(const struct ps_geo_line *line, u32 n, u32 words);

/**
 * ps_geo_build() - make the table: address -> number of its country
 * @line: joined lines of the root's family
 * @n: number of lines
 * @countries: has numbers for all of their codes
 * @root: laid out for ps_geo_leaves() leaves, with memory for every leaf
 */
void ps_geo_build(const struct ps_geo_line *line, u32 n, const struct ps_countries *countries,
		  struct ps_sources *root);

#endif
