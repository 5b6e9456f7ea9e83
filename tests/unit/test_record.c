// SPDX-License-Identifier: GPL-2.0-or-later
/* How captured packets lie in a slot: records, chunks, notes. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "record.h"

static u8 slot[PS_CAPTURE_SLOT_BYTES];
static struct ps_record_area area;

static const struct ps_context_id other = {};
static const struct ps_context_id four = { .addr = { { 0, 0, 0xffff, 0x0a020305 } }, .vlan = 100 };
static const struct ps_context_id six = { .addr = { { 0x20010db8, 0, 0, 5 } } };

static int empty(void **state)
{
	memset(slot, 0xa5, sizeof(slot));
	area = (struct ps_record_area){ .data = slot };
	return 0;
}

/* Add a frame of so many bytes, each of them @byte. */
static bool add(u32 bytes, u8 byte, const struct ps_context_id *id)
{
	struct ps_capture_record record = {
		.seconds = 1000 + byte,
		.microseconds = byte,
		.captured = bytes,
		.length = bytes + 1,
	};
	struct ps_capture_note note = { .ifindex = byte };
	u8 *to;

	to = ps_record_add(&area, &record, &note, id);
	if (to)
		memset(to, byte, bytes);
	return to;
}

/* The record at @offset is as add() made it; returns the offset behind it. */
static u32 assert_record(u32 offset, u32 bytes, u8 byte)
{
	struct ps_capture_record record;
	u32 i;

	memcpy(&record, slot + offset, sizeof(record));
	assert_int_equal(record.seconds, 1000 + byte);
	assert_int_equal(record.microseconds, byte);
	assert_int_equal(record.captured, bytes);
	assert_int_equal(record.length, bytes + 1);
	for (i = 0; i < bytes; i++)
		assert_int_equal(slot[offset + 16 + i], byte);
	return offset + 16 + bytes;
}

static u32 note_ifindex(u32 n)
{
	struct ps_capture_note note;

	memcpy(&note, slot + PS_CAPTURE_SLOT_BYTES - (n + 1) * sizeof(note), sizeof(note));
	return note.ifindex;
}

/* The 28 bytes as documented, read without the struct; returns what is behind. */
static u32 assert_chunk(u32 offset, u16 family, const u8 *address, u16 vlan, u32 bytes)
{
	const u8 *at = slot + offset;

	assert_int_equal(at[0] << 8 | at[1], 0);
	assert_int_equal(at[2] << 8 | at[3], family);
	assert_memory_equal(at + 4, address, 16);
	assert_int_equal(at[20] << 8 | at[21], 0);
	assert_int_equal(at[22] << 8 | at[23], vlan);
	assert_int_equal((u32)at[24] << 24 | at[25] << 16 | at[26] << 8 | at[27], bytes);
	return offset + 28;
}

static void test_records_follow_each_other(void **state)
{
	u32 at = 0;

	assert_true(add(60, 1, NULL));
	assert_true(add(0, 2, NULL));
	assert_true(add(1501, 3, NULL));
	at = assert_record(at, 60, 1);
	at = assert_record(at, 0, 2);
	at = assert_record(at, 1501, 3);
	assert_int_equal(area.used, at);
	assert_int_equal(area.records, 3);
	assert_int_equal(slot[at], 0xa5);
	assert_int_equal(note_ifindex(0), 1);
	assert_int_equal(note_ifindex(1), 2);
	assert_int_equal(note_ifindex(2), 3);
}

static void test_one_chunk_for_neighbours_of_a_context(void **state)
{
	static const u8 none[16], address4[16] = { 10, 2, 3, 5 };
	static const u8 address6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 5 };
	u32 at;

	assert_true(add(60, 1, &four));
	assert_true(add(61, 2, &four));
	assert_true(add(62, 3, &six));
	assert_true(add(63, 4, &other));
	assert_true(add(64, 5, &four));
	at = assert_chunk(0, 2, address4, 100, 76 + 77);
	at = assert_record(at, 60, 1);
	at = assert_record(at, 61, 2);
	at = assert_chunk(at, 10, address6, 0, 78);
	at = assert_record(at, 62, 3);
	at = assert_chunk(at, 0, none, 0, 79);
	at = assert_record(at, 63, 4);
	at = assert_chunk(at, 2, address4, 100, 80);
	at = assert_record(at, 64, 5);
	assert_int_equal(area.used, at);
}

static void test_the_vlan_makes_a_context(void **state)
{
	struct ps_context_id untagged = four;
	u32 used;

	untagged.vlan = 0;
	assert_true(add(60, 1, &four));
	used = area.used;
	assert_true(add(60, 2, &untagged));
	assert_int_equal(area.used - used, 28 + 16 + 60);
}

/* However small the packets, records and notes never meet. */
static void fill(u32 bytes, const struct ps_context_id *ids[2])
{
	u32 i, used, records;

	for (i = 0; add(bytes, i, ids[i % 2]); i++)
		;
	used = area.used;
	records = area.records;
	assert_true(used + records * sizeof(struct ps_capture_note) <= PS_CAPTURE_SLOT_BYTES);
	assert_true(used + (records + 1) * sizeof(struct ps_capture_note) + 16 + bytes +
			    (ids[0] ? 28 : 0) > PS_CAPTURE_SLOT_BYTES);
	assert_int_equal(records, i);
	for (i = 0; i < records; i++)
		assert_int_equal(note_ifindex(i), i & 0xff);
	assert_false(add(bytes, 0, ids[records % 2]));
	assert_int_equal(area.used, used);
	assert_int_equal(area.records, records);
}

static void test_it_is_full_before_notes_are_overwritten(void **state)
{
	const struct ps_context_id *none[2] = {}, *two[2] = { &four, &six };
	u32 bytes;

	for (bytes = 0; bytes < 200; bytes++) {
		empty(NULL);
		fill(bytes, none);
		empty(NULL);
		fill(bytes, two);
	}
}

static void test_an_empty_slot_takes_the_longest_frame(void **state)
{
	assert_true(add(PS_CAPTURE_FRAME_MAX, 1, &four));
	assert_int_equal(assert_record(28, PS_CAPTURE_FRAME_MAX, 1), area.used);
}

static void test_boundaries(void **state)
{
	u32 at;

	add(60, 1, NULL);
	add(0, 2, NULL);
	add(7, 3, NULL);
	for (at = 0; at <= area.used; at++)
		assert_int_equal(ps_record_boundary(slot, at),
				 at < 76 ? 0 : at < 92 ? 76 : at < area.used ? 92 : area.used);
}

static void test_the_name_of_a_context(void **state)
{
	static const u8 none[16], address4[16] = { 10, 2, 3, 5 };
	struct ps_capture_note note;

	memset(&note, 0xff, sizeof(note));
	ps_record_name(&note, &four);
	assert_int_equal(note.family, 2);
	assert_int_equal(note.vlan, 100);
	assert_memory_equal(note.address, address4, 16);
	ps_record_name(&note, &other);
	assert_int_equal(note.family, 0);
	assert_int_equal(note.vlan, 0);
	assert_memory_equal(note.address, none, 16);
	ps_record_name(&note, NULL);
	assert_int_equal(note.family, PS_CAPTURE_NO_CONTEXT);
	ps_record_name(&note, &six);
	assert_int_equal(note.family, 10);
}

static void test_the_header_of_the_file(void **state)
{
	static const u32 expected[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, PS_CAPTURE_FRAME_MAX, 1 };

	/* As it is on machines with the lowest byte first. */
	if (htonl(1) != 1)
		assert_memory_equal(&ps_record_pcap, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_records_follow_each_other, empty),
		cmocka_unit_test_setup(test_one_chunk_for_neighbours_of_a_context, empty),
		cmocka_unit_test_setup(test_the_vlan_makes_a_context, empty),
		cmocka_unit_test(test_it_is_full_before_notes_are_overwritten),
		cmocka_unit_test_setup(test_an_empty_slot_takes_the_longest_frame, empty),
		cmocka_unit_test_setup(test_boundaries, empty),
		cmocka_unit_test(test_the_name_of_a_context),
		cmocka_unit_test(test_the_header_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
