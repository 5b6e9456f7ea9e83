// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which lines the networks of a database take; and databases of a handful of
 * nodes, made by hand, whose trees point where they shouldn't.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "command.h"
#include "geo.h"

#define ROOM 1024

/* A database under construction. */
struct file {
	unsigned char bytes[ROOM];
	size_t used;
	char path[32];
};

static void put(struct file *file, const void *bytes, size_t n)
{
	memcpy(file->bytes + file->used, bytes, n);
	file->used += n;
}

static void put_text(struct file *file, const char *text)
{
	unsigned char control = (unsigned char)(2 << 5 | strlen(text));

	put(file, &control, 1);
	put(file, text, strlen(text));
}

static void put_number(struct file *file, unsigned char kind, unsigned char number)
{
	unsigned char bytes[] = { (unsigned char)(kind << 5 | 1), number };

	put(file, bytes, 2);
}

/* Records of 24 bits, two a node; the data hold {country: {iso_code: XY}} at 0. */
static void make(struct file *file, unsigned char ip_version, const unsigned int *records,
		 unsigned char nodes)
{
	static const unsigned char zero[16], map[] = { 7 << 5 | 1 }, about[] = { 7 << 5 | 9 };
	static const unsigned char epoch[] = { 1, 2, 1 }, list[] = { 0, 4 }, nothing[] = { 7 << 5 };
	unsigned int i;
	int fd;

	file->used = 0;
	for (i = 0; i < 2U * nodes; i++) {
		unsigned char record[] = { (unsigned char)(records[i] >> 16),
					   (unsigned char)(records[i] >> 8),
					   (unsigned char)records[i] };

		put(file, record, 3);
	}
	put(file, zero, 16);
	put(file, map, 1);
	put_text(file, "country");
	put(file, map, 1);
	put_text(file, "iso_code");
	put_text(file, "XY");
	put(file, "\xab\xcd\xefMaxMind.com", 14);
	put(file, about, 1);
	put_text(file, "binary_format_major_version");
	put_number(file, 5, 2);
	put_text(file, "binary_format_minor_version");
	put_number(file, 5, 0);
	put_text(file, "build_epoch");
	put(file, epoch, 3);
	put_text(file, "database_type");
	put_text(file, "T");
	put_text(file, "ip_version");
	put_number(file, 5, ip_version);
	put_text(file, "node_count");
	put_number(file, 6, nodes);
	put_text(file, "languages");
	put(file, list, 2);
	put_text(file, "description");
	put(file, nothing, 1);
	put_text(file, "record_size");
	put_number(file, 5, 24);
	strcpy(file->path, "/tmp/test_tool_geo.XXXXXX");
	fd = mkstemp(file->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->bytes, file->used), file->used);
	close(fd);
}

struct lines {
	char text[ROOM];
	int result;
};

static int take(void *data, enum ps_family family, const struct ps_geo_line *line)
{
	struct lines *lines = data;
	size_t used = strlen(lines->text);

	snprintf(lines->text + used, ROOM - used, "%s%d:%x.%x=%s", used ? " " : "", family,
		 line->first.word[0], line->first.word[3],
		 line->country.text[0] ? line->country.text : "-");
	return lines->result;
}

static void progress(u64 done, u64 all)
{
}

static int read_all(unsigned char ip_version, const unsigned int *records, unsigned char nodes,
		    struct lines *lines)
{
	const struct ps_geo_reader reader = { take, progress, lines };
	struct ps_geo_database database;
	struct file file;
	int result;

	lines->text[0] = '\0';
	make(&file, ip_version, records, nodes);
	result = ps_geo_read(file.path, &database, &reader);
	unlink(file.path);
	return result;
}

static void test_append(void **state)
{
	const struct ps_country none = {}, xy = { "XY" }, zz = { "ZZ" };
	struct ps_geo_table table = {};

	assert_false(ps_geo_append(&table, &none));
	assert_true(ps_geo_append(&table, &xy));
	assert_false(ps_geo_append(&table, &xy));
	assert_true(ps_geo_append(&table, &zz));
	assert_true(ps_geo_append(&table, &none));
	assert_false(ps_geo_append(&table, &none));
	assert_true(ps_geo_append(&table, &xy));
	assert_int_equal(table.lines, 4);
	assert_int_equal(table.ranges, 3);
}

/* Nodes are numbered from 0; their number is "nothing"; 16 more is the first record. */
static void test_ipv4(void **state)
{
	const unsigned int halves[] = { 1, 18, 2 + 16, 2 }, whole[] = { 17, 17 };
	const unsigned int none[] = { 1, 1 };
	struct lines lines = {};

	assert_int_equal(read_all(4, halves, 2, &lines), PS_EXIT_OK);
	assert_string_equal(lines.text, "0:0.0=XY 0:0.40000000=- 0:0.80000000=XY");
	assert_int_equal(read_all(4, whole, 1, &lines), PS_EXIT_OK);
	assert_string_equal(lines.text, "0:0.0=XY");
	assert_int_equal(read_all(4, none, 1, &lines), PS_EXIT_FAILED);
	assert_string_equal(lines.text, "");
}

static void test_ipv6(void **state)
{
	const unsigned int low[] = { 17, 1 }, high[] = { 1, 17 };
	struct lines lines = {};

	/* The lower half holds all of IPv4 too. */
	assert_int_equal(read_all(6, low, 1, &lines), PS_EXIT_OK);
	assert_string_equal(lines.text, "0:0.0=XY 1:0.0=XY 1:80000000.0=-");
	assert_int_equal(read_all(6, high, 1, &lines), PS_EXIT_OK);
	assert_string_equal(lines.text, "1:80000000.0=XY");
}

static void test_broken(void **state)
{
	const unsigned int loop[] = { 0, 17 }, twice[] = { 1, 1, 18, 18 };
	const unsigned int outside[] = { 0xffffff, 17 }, between[] = { 5, 17 };
	const unsigned int in_text[] = { 17 + 3, 17 };
	struct lines lines = {};

	assert_int_equal(read_all(4, loop, 1, &lines), PS_EXIT_FAILED);
	assert_int_equal(read_all(6, loop, 1, &lines), PS_EXIT_FAILED);
	assert_int_equal(read_all(4, twice, 2, &lines), PS_EXIT_FAILED);
	assert_int_equal(read_all(4, outside, 1, &lines), PS_EXIT_FAILED);
	assert_int_equal(read_all(4, between, 1, &lines), PS_EXIT_FAILED);
	assert_int_not_equal(read_all(4, in_text, 1, &lines), PS_EXIT_USAGE);
}

static void test_refused(void **state)
{
	const unsigned int whole[] = { 17, 1 };
	struct lines lines = { .result = PS_EXIT_FAILED };

	assert_int_equal(read_all(4, whole, 1, &lines), PS_EXIT_FAILED);
	assert_string_equal(lines.text, "0:0.0=XY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append), cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),   cmocka_unit_test(test_broken),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
