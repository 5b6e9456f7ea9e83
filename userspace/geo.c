// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The walk through a MaxMind database; see geo.h. Its tree is walked from the
 * left, which is the order of addresses, so lines come out sorted. Each node is
 * read once, or the tree isn't one: a broken file can't keep us busy for ever.
 */
#include <errno.h>
#include <maxminddb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "command.h"
#include "geo.h"
#include "parse.h"
#include "print.h"

#define PS_GEO_STEP 8192U /* nodes between two calls of progress */

/**
 * struct ps_geo_walk - the state of a walk
 * @mmdb: the database
 * @out: what it says
 * @known: of an offset in the data: number of its country, counted from 1; 0: not read yet
 * @reader: gets its lines
 * @path: of the file
 * @visited: nodes that were read
 * @ipv4: the node where IPv4 begins in a tree of IPv6, once found
 * @bits: of its addresses
 * @coded: a network has a country
 */
struct ps_geo_walk {
	MMDB_s mmdb;
	struct ps_geo_database *out;
	u16 *known;
	const struct ps_geo_reader *reader;
	const char *path;
	u32 visited;
	s64 ipv4;
	unsigned int bits;
	bool coded;
};

bool ps_geo_append(struct ps_geo_table *table, const struct ps_country *country)
{
	if (ps_country_equal(&table->last, country))
		return false;
	table->last = *country;
	table->lines++;
	table->ranges += country->text[0] != '\0';
	return true;
}

static int walk_corrupt(const struct ps_geo_walk *walk, const char *why)
{
	ps_print_error("%s: corrupt: %s", walk->path, why);
	ps_print_hint("fetch it again, and compare its checksum");
	return PS_EXIT_FAILED;
}

/* One field of a record: a text, or an empty one where there is none. */
static int read_field(struct ps_geo_walk *walk, u32 offset, const char *const path[],
		      MMDB_entry_data_s *data)
{
	MMDB_entry_s entry = { .mmdb = &walk->mmdb, .offset = offset };
	int error = MMDB_aget_value(&entry, data, path);

	if (error && error != MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR)
		return walk_corrupt(walk, MMDB_strerror(error));
	if (error || !data->has_data)
		data->data_size = 0;
	else if (data->type != MMDB_DATA_TYPE_UTF8_STRING)
		return walk_corrupt(walk, "an iso_code that isn't text");
	return PS_EXIT_OK;
}

/* The number of a code, which gets one where it has none. */
static int number_code(struct ps_geo_walk *walk, const MMDB_entry_data_s *data, u16 *number)
{
	struct ps_geo_database *out = walk->out;
	struct ps_country country;

	if (ps_parse_country(data->utf8_string, data->data_size, &country)) {
		ps_print_error("%s: \"%.*s\" can't be the code of a country", walk->path,
			       (int)min(data->data_size, 40U), data->utf8_string);
		return PS_EXIT_FAILED;
	}
	for (*number = 1; *number < out->countries; ++*number)
		if (ps_country_equal(&out->country[*number], &country))
			return PS_EXIT_OK;
	if (out->countries == PS_COUNTRIES) {
		ps_print_error("%s: more than %u countries", walk->path, PS_COUNTRIES - 1);
		return PS_EXIT_FAILED;
	}
	out->country[out->countries++] = country;
	return PS_EXIT_OK;
}

/* The number of a record's country. Many networks have the same record. */
static int read_country(struct ps_geo_walk *walk, u32 offset, u16 *number)
{
	static const char *const located[] = { "country", "iso_code", NULL };
	static const char *const registered[] = { "registered_country", "iso_code", NULL };
	MMDB_entry_data_s data = {};
	int result;

	if (offset >= walk->mmdb.data_section_size)
		return walk_corrupt(walk, "a record lies outside of the file");
	if (walk->known[offset]) {
		*number = walk->known[offset] - 1;
		return PS_EXIT_OK;
	}
	result = read_field(walk, offset, located, &data);
	if (!result && !data.data_size)
		result = read_field(walk, offset, registered, &data);
	*number = 0;
	if (!result && data.data_size)
		result = number_code(walk, &data, number);
	walk->known[offset] = *number + 1;
	return result;
}

/* Whether a prefix of so many bits of a tree of IPv6 is, or holds, all of IPv4. */
static bool holds_ipv4(const struct ps_addr *first, unsigned int depth)
{
	return depth <= 96 && !(first->word[0] | first->word[1] | first->word[2]);
}

static bool is_mapped(const struct ps_addr *first, unsigned int depth)
{
	return depth == 96 && ps_addr_is_ipv4(first);
}

static int walk_say(struct ps_geo_walk *walk, enum ps_family family, const struct ps_addr *first,
		    u16 number)
{
	const struct ps_geo_line line = { .first = *first, .country = walk->out->country[number] };

	if (!ps_geo_append(&walk->out->table[family], &line.country))
		return PS_EXIT_OK;
	return walk->reader->take(walk->reader->data, family, &line);
}

static int walk_leaf(struct ps_geo_walk *walk, const struct ps_addr *first, unsigned int depth,
		     enum ps_family family, u16 number)
{
	struct ps_addr ipv4 = ps_addr_from_ipv4(first->word[3]);
	int result = PS_EXIT_OK;

	walk->coded |= number;
	if (family == PS_IPV4 || holds_ipv4(first, depth))
		result = walk_say(walk, PS_IPV4, &ipv4, number);
	if (!result && family == PS_IPV6)
		result = walk_say(walk, PS_IPV6, first, number);
	return result;
}

static int walk_node(struct ps_geo_walk *walk, u32 node, const struct ps_addr *first,
		     unsigned int depth, enum ps_family family);

/* What hangs on a node's left or right side. */
static int walk_record(struct ps_geo_walk *walk, u64 record, u8 type, u32 offset,
		       const struct ps_addr *first, unsigned int depth, enum ps_family family)
{
	u16 number = 0;
	int result;

	/* Nothing that is written so is an address of IPv6; what is below goes on. */
	if (family == PS_IPV6 && is_mapped(first, depth))
		return PS_EXIT_OK;
	if (type == MMDB_RECORD_TYPE_INVALID)
		return walk_corrupt(walk, "its tree points outside of the file");
	if (type == MMDB_RECORD_TYPE_SEARCH_NODE && family == PS_IPV6) {
		if (depth == 96 && holds_ipv4(first, depth)) {
			walk->ipv4 = (s64)record;
			family = PS_IPV4;
		} else if ((s64)record == walk->ipv4) {
			type = MMDB_RECORD_TYPE_EMPTY;
		}
	}
	if (type == MMDB_RECORD_TYPE_SEARCH_NODE)
		return walk_node(walk, (u32)record, first, depth, family);
	if (type == MMDB_RECORD_TYPE_DATA) {
		result = read_country(walk, offset, &number);
		if (result)
			return result;
		walk->out->table[family].networks++;
		walk->out->without += !number;
	}
	return walk_leaf(walk, first, depth, family, number);
}

static int walk_node(struct ps_geo_walk *walk, u32 node, const struct ps_addr *first,
		     unsigned int depth, enum ps_family family)
{
	const unsigned int bit = depth + 128 - walk->bits;
	struct ps_addr right = *first;
	MMDB_search_node_s found;
	int result;

	if (depth >= walk->bits)
		return walk_corrupt(walk, "its tree is deeper than addresses are long");
	if (++walk->visited > walk->mmdb.metadata.node_count)
		return walk_corrupt(walk, "its tree has more ways than nodes");
	if (MMDB_read_node(&walk->mmdb, node, &found))
		return walk_corrupt(walk, "its tree points outside of the file");
	if (walk->visited % PS_GEO_STEP == 0)
		walk->reader->progress(walk->visited, walk->mmdb.metadata.node_count);
	result = walk_record(walk, found.left_record, found.left_record_type,
			     found.left_record_entry.offset, first, depth + 1, family);
	if (result)
		return result;
	right.word[bit / 32] |= 1U << (31 - bit % 32);
	return walk_record(walk, found.right_record, found.right_record_type,
			   found.right_record_entry.offset, &right, depth + 1, family);
}

static int walk_all(struct ps_geo_walk *walk)
{
	const MMDB_metadata_s *about = &walk->mmdb.metadata;
	const struct ps_addr zero = {};
	int result;

	snprintf(walk->out->type, sizeof(walk->out->type), "%s",
		 about->database_type ? about->database_type : "");
	walk->bits = about->ip_version == 4 ? 32 : 128;
	walk->known = calloc(walk->mmdb.data_section_size + 1UL, sizeof(*walk->known));
	if (!walk->known) {
		ps_print_error("out of memory");
		return PS_EXIT_FAILED;
	}
	result = walk_node(walk, 0, &zero, 0, walk->bits == 32 ? PS_IPV4 : PS_IPV6);
	free(walk->known);
	if (result || walk->coded)
		return result;
	ps_print_error("%s: none of its networks has a country; it is of the type \"%s\"",
		       walk->path, walk->out->type);
	ps_print_hint("a database of countries or cities is needed, such as GeoLite2-Country.mmdb");
	return PS_EXIT_FAILED;
}

static int refuse_file(const char *path, int error)
{
	int number = errno;

	if (error == MMDB_FILE_OPEN_ERROR || error == MMDB_IO_ERROR) {
		ps_print_error("%s: %s", path, strerror(number));
		return PS_EXIT_FAILED;
	}
	ps_print_error("%s: %s", path, MMDB_strerror(error));
	ps_print_hint("it is cut short, or no MaxMind database (.mmdb; unpack .gz and .tar.gz)");
	return PS_EXIT_FAILED;
}

/* Each page of it will be read: asking for all at once saves a fault a page. */
static void fetch_file(const MMDB_s *mmdb)
{
#ifdef MADV_POPULATE_READ
	madvise((void *)(uintptr_t)mmdb->file_content, (size_t)mmdb->file_size, MADV_POPULATE_READ);
#endif
}

int ps_geo_read(const char *path, struct ps_geo_database *database,
		const struct ps_geo_reader *reader)
{
	struct ps_geo_walk walk = { .out = database, .path = path, .reader = reader, .ipv4 = -1 };
	int error, result;

	*database = (struct ps_geo_database){ .countries = 1 };
	error = MMDB_open(path, MMDB_MODE_MMAP, &walk.mmdb);
	if (error)
		return refuse_file(path, error);
	fetch_file(&walk.mmdb);
	result = walk_all(&walk);
	MMDB_close(&walk.mmdb);
	return result;
}
