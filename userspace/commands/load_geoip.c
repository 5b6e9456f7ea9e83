// SPDX-License-Identifier: GPL-2.0-or-later
/* load-geoip: the countries of a MaxMind database into an instance, both families at once. */
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "geo.h"
#include "parse.h"
#include "print.h"
#include "progress.h"
#include "upload.h"

static const struct ps_list *const geo_list[PS_FAMILIES] = {
	[PS_IPV4] = &ps_list[PS_LIST_geoip4],
	[PS_IPV6] = &ps_list[PS_LIST_geoip6],
};

static void show_reading(u64 done, u64 all)
{
	ps_progress_show("reading", done, all);
}

/* A table that is larger than the kernel takes. */
static bool is_too_large(const struct ps_geo_table *table, const struct ps_list *list)
{
	if (table->n <= list->limit)
		return false;
	ps_print_error("%u ranges, and %s takes %u at most", table->n, list->name, list->limit);
	ps_print_hint("a database of countries has fewer than one of cities");
	return true;
}

/* The lines of a table as a list's items: 0 or a negative errno. */
static int send_table(struct ps_link *link, const char *instance, const struct ps_list *list,
		      const struct ps_geo_table *table)
{
	struct ps_upload upload = {
		.link = link, .instance = instance, .list = list, .whole = true
	};
	char text[PS_ITEM_MAX];
	int error = 0;
	u32 i;

	for (i = 0; i < table->n && !error; i++) {
		error = ps_upload_item(&upload, PS_ITEM_ADD, text,
				       ps_format_geo_line(text, &table->line[i]));
		if (i % 8192 == 0)
			ps_progress_show(list->name, i, table->n);
	}
	return error ? error : ps_upload_finish(&upload);
}

static int load(struct ps_link *link, const char *instance, const struct ps_geo_database *database)
{
	enum ps_family family;
	int error;

	error = ps_link_batch_begin(link);
	/* A database that says nothing of a family leaves that as it was. */
	for (family = 0; family < PS_FAMILIES && !error; family++)
		if (database->table[family].n)
			error = send_table(link, instance, geo_list[family],
					   &database->table[family]);
	if (!error)
		error = ps_link_batch_commit(link);
	ps_progress_end();
	return error ? ps_link_refused(link, error, "load-geoip %s", instance) : PS_EXIT_OK;
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static json_t *family_as_json(const struct ps_geo_table *table)
{
	return json_pack("{s:I, s:I, s:b}", "networks", (json_int_t)table->networks, "ranges",
			 (json_int_t)ps_geo_ranges(table), "loaded", table->n != 0);
}

static int tell_as_json(const struct ps_geo_database *database, double seconds)
{
	json_t *json;

	json = json_pack("{s:s, s:o, s:o, s:i, s:I, s:f}", "type", database->type, "ipv4",
			 family_as_json(&database->table[PS_IPV4]), "ipv6",
			 family_as_json(&database->table[PS_IPV6]), "countries",
			 (int)database->countries - 1, "without_country",
			 (json_int_t)database->without, "seconds", seconds);
	return ps_print_json(json, false);
}

static int tell(const struct ps_geo_database *database, double seconds)
{
	static const char *const name[PS_FAMILIES] = { "IPv4", "IPv6" };
	enum ps_family family;

	for (family = 0; family < PS_FAMILIES; family++) {
		const struct ps_geo_table *table = &database->table[family];

		if (table->n)
			printf("%s: %llu networks, %u ranges\n", name[family],
			       (unsigned long long)table->networks, ps_geo_ranges(table));
		else
			printf("%s: not in the database, %s stays as it is\n", name[family],
			       geo_list[family]->name);
	}
	printf("%u countries, %llu networks without one; %.2f s\n", database->countries - 1,
	       (unsigned long long)database->without, seconds);
	return PS_EXIT_OK;
}

static int run(const struct ps_arguments *arguments)
{
	struct ps_geo_database database;
	struct timespec start;
	struct ps_link link;
	int result;

	clock_gettime(CLOCK_MONOTONIC, &start);
	result = ps_link_open(&link);
	if (result)
		return result;
	result = ps_geo_read(arguments->text[1], &database, show_reading);
	ps_progress_end();
	if (!result && (is_too_large(&database.table[PS_IPV4], geo_list[PS_IPV4]) ||
			is_too_large(&database.table[PS_IPV6], geo_list[PS_IPV6])))
		result = PS_EXIT_FAILED;
	if (!result)
		result = load(&link, arguments->text[0], &database);
	ps_link_close(&link);
	if (!result)
		result = ps_command_flag(arguments, "--json") ?
				 tell_as_json(&database, seconds_since(&start)) :
				 tell(&database, seconds_since(&start));
	ps_geo_free(&database);
	return result;
}

const struct ps_command ps_command_load_geoip = {
	.name = "load-geoip",
	.arguments = "INSTANCE FILE.mmdb",
	.summary = "take countries from a MaxMind database",
	.help = "Replaces geoip4 and geoip6 of the instance by what the database says, both at\n"
		"once or neither. Databases of countries and of cities will do.\n"
		"\n"
		"A network's country is country.iso_code, where it is; where the database has\n"
		"none, registered_country.iso_code. What has neither is in no country.\n"
		"\n"
		"A database of IPv4 only leaves geoip6 as it is, and one of IPv6 only geoip4.\n"
		"2001::/32 and 2002::/16 are in no country where the database has only IPv4's\n"
		"once more for them.\n"
		"\n"
		"    packetshield load-geoip myinst /var/lib/GeoIP/GeoLite2-Country.mmdb\n"
		"    packetshield set myinst Other geoip_policy deny_countries",
	.min = 2,
	.max = 2,
	.flags = { PS_FLAG_JSON },
	.run = run,
};
