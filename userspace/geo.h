/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Countries out of a MaxMind database (GeoLite2 Country or City, and others of
 * that form), as lines of geoip4 and geoip6.
 *
 * The country of a network is country.iso_code of its record, which says where
 * it is; where the record has none, as for satellites and proxies, it is
 * registered_country.iso_code, as xt_geoip has it.
 *
 * IPv4 is loaded once, from ::/96. The places where a database repeats it,
 * ::ffff:0:0/96, 2001::/32 and 2002::/16, point to the same node of its tree:
 * those addresses of IPv6 are in no country.
 */
#ifndef PS_GEO_H
#define PS_GEO_H

#include "config.h"
#include "geo_lines.h"

/**
 * struct ps_geo_table - what was said of one family so far
 * @lines: lines that were made
 * @ranges: those of them that name a country
 * @networks: networks of the database, with and without a country
 * @last: country of the last line
 */
struct ps_geo_table {
	u32 lines;
	u32 ranges;
	u64 networks;
	struct ps_country last;
};

/**
 * struct ps_geo_database - what a database says
 * @table: by family
 * @country: the codes that occur; the first is that of no country
 * @countries: how many, that one included
 * @without: networks whose record names no country
 * @type: what the database calls itself
 */
struct ps_geo_database {
	struct ps_geo_table table[PS_FAMILIES];
	struct ps_country country[PS_COUNTRIES];
	u32 countries;
	u64 without;
	char type[64];
};

/**
 * struct ps_geo_reader - who wants a database's lines
 * @take: called with each line, in order: first those of IPv4; returns enum ps_exit,
 *	  and anything but PS_EXIT_OK ends the reading
 * @progress: called now and then with how much is done
 * @data: for @take
 */
struct ps_geo_reader {
	int (*take)(void *data, enum ps_family family, const struct ps_geo_line *line);
	void (*progress)(u64 done, u64 all);
	void *data;
};

/**
 * ps_geo_append() - addresses from here on are in this country
 * @table: what was appended before was of lower addresses
 * @country: the country
 *
 * Return: whether that takes a line: neighbours of one country share theirs.
 */
bool ps_geo_append(struct ps_geo_table *table, const struct ps_country *country);

/**
 * ps_geo_read() - read a database
 * @path: its file
 * @database: filled
 * @reader: gets its lines
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_geo_read(const char *path, struct ps_geo_database *database,
		const struct ps_geo_reader *reader);

#endif
