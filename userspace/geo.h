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
 * struct ps_geo_table - lines of one family, in order, none of which is needless
 * @line: the lines
 * @n: how many
 * @room: how many fit at @line
 * @networks: networks of the database, with and without a country
 */
struct ps_geo_table {
	struct ps_geo_line *line;
	u32 n;
	u32 room;
	u64 networks;
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

/* Called now and then with how much is done. */
typedef void (*ps_geo_progress)(u64 done, u64 all);

/**
 * ps_geo_append() - addresses from here on are in this country
 * @table: what was appended before was of lower addresses
 * @first: the first of them
 * @country: the country
 *
 * What changes nothing isn't kept, so neighbours of one country become one line.
 */
void ps_geo_append(struct ps_geo_table *table, const struct ps_addr *first,
		   const struct ps_country *country);

/* How many of its lines name a country. */
u32 ps_geo_ranges(const struct ps_geo_table *table);

/**
 * ps_geo_read() - read a database
 * @path: its file
 * @database: filled; ps_geo_free() it whatever is returned
 * @progress: called meanwhile
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_geo_read(const char *path, struct ps_geo_database *database, ps_geo_progress progress);

void ps_geo_free(struct ps_geo_database *database);

#endif
