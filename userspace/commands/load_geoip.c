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

/**
 * struct load - lines on their way
 * @link: whose batch takes them
 * @upload: by family
 * @lines: sent, by family
 * @error: negative errno of what the kernel refused
 */
struct load {
	struct ps_link *link;
	struct ps_upload upload[PS_FAMILIES];
	u32 lines[PS_FAMILIES];
	int error;
};

static void show_progress(u64 done, u64 all)
{
	ps_progress_show("loading", done, all);
}

/* Messages of two lists can't be made at once, so what there is of IPv4 goes first. */
static int take_line(void *data, enum ps_family family, const struct ps_geo_line *line)
{
	const struct ps_list *list = geo_list[family];
	char text[PS_ITEM_MAX];
	struct load *load = data;

	if (++load->lines[family] > list->limit) {
		ps_print_error("the database has more ranges than %s takes, %u", list->name,
			       list->limit);
		ps_print_hint("a database of countries has fewer than one of cities");
		return PS_EXIT_FAILED;
	}
	if (family == PS_IPV6 && load->upload[PS_IPV4].message)
		load->error = ps_upload_end(&load->upload[PS_IPV4]);
	if (!load->error)
		load->error =
			ps_upload_put(&load->upload[family], text, ps_format_geo_line(text, line));
	return load->error ? PS_EXIT_FAILED : PS_EXIT_OK;
}

/* A database that says nothing of a family leaves that as it was. */
static int commit(struct load *load)
{
	enum ps_family family;

	for (family = 0; family < PS_FAMILIES && !load->error; family++)
		if (load->lines[family])
			load->error = ps_upload_end(&load->upload[family]);
	if (!load->error)
		load->error = ps_link_batch_commit(load->link);
	return load->error ? PS_EXIT_FAILED : PS_EXIT_OK;
}

static int load_file(struct ps_link *link, const struct ps_place *place, const char *path,
		     struct ps_geo_database *database)
{
	struct load load = { .link = link };
	const struct ps_geo_reader reader = { take_line, show_progress, &load };
	enum ps_family family;
	int result;

	for (family = 0; family < PS_FAMILIES; family++)
		load.upload[family] = (struct ps_upload){ .link = link,
							  .place = place,
							  .list = geo_list[family],
							  .kind = PS_ITEM_REPLACE,
							  .in_batch = true };
	load.error = ps_link_batch_begin(link);
	result = load.error ? PS_EXIT_FAILED : ps_geo_read(path, database, &reader);
	if (!result)
		result = commit(&load);
	ps_progress_end();
	return load.error ? ps_link_refused(link, load.error, "load-geoip %s", place->path) :
			    result;
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
			 (json_int_t)table->ranges, "loaded", table->lines != 0);
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

		if (table->lines)
			printf("%s: %llu networks, %u ranges\n", name[family],
			       (unsigned long long)table->networks, table->ranges);
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
	struct ps_place place;
	struct timespec start;
	struct ps_link link;
	int result, used;

	clock_gettime(CLOCK_MONOTONIC, &start);
	result = ps_names_place(arguments->text, 1, &place, &used);
	if (!result)
		result = ps_link_open(&link);
	if (result)
		return result;
	result = load_file(&link, &place, arguments->text[1], &database);
	ps_link_close(&link);
	if (!result)
		result = ps_command_flag(arguments, "--json") ?
				 tell_as_json(&database, seconds_since(&start)) :
				 tell(&database, seconds_since(&start));
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
