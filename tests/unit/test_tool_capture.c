// SPDX-License-Identifier: GPL-2.0-or-later
/* Slots of captures taken apart, wanted packets chosen, and what is said of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture_filter.h"
#include "capture_print.h"
#include "record.h"

static u8 data[PS_CAPTURE_SLOT_BYTES];

static u8 id_of(enum ps_reason reason)
{
	return ps_reason_info[reason].id;
}

/* A packet of so many bytes, put there as the kernel does; its context is @id. */
static void add(struct ps_record_area *area, u32 bytes, enum ps_reason reason,
		const struct ps_context_id *id)
{
	struct ps_capture_record record = { 7, 8, bytes, bytes + 1 };
	struct ps_capture_note note = {
		.ifindex = 3,
		.segments = 2,
		.verdict = ps_reason_info[reason].action,
		.reason = id_of(reason),
	};
	u8 *to;

	ps_record_name(&note, id);
	to = ps_record_add(area, &record, &note, NULL);
	assert_non_null(to);
	memset(to, (int)bytes, bytes);
}

static struct ps_slot made(const struct ps_record_area *area)
{
	return (struct ps_slot){ .file = -1, .data = data, .bytes = area->used };
}

static void packets(void **state)
{
	struct ps_context_id other = {}, v4 = { .addr = ps_addr_from_ipv4(0x0a000001), .vlan = 7 };
	struct ps_context_id v6 = { .addr = { { 0x20010db8, 0, 0, 1 } } };
	const struct ps_context_id *id[] = { &other, &v4, &v6, NULL };
	static const char *const name[] = { "Other", "10.0.0.1@7", "2001:db8::1", "-" };
	struct ps_record_area area = { .data = data };
	struct ps_slot_packet packet;
	struct ps_slot slot;
	u32 i;

	for (i = 0; i < 4; i++)
		add(&area, 60 + i, PS_REASON_tcp_checksum, id[i]);
	slot = made(&area);
	for (i = 0; i < 4; i++) {
		assert_int_equal(ps_slot_next(&slot, &packet), 1);
		assert_string_equal(packet.context, name[i]);
		assert_int_equal(packet.frame.captured, 60 + i);
		assert_int_equal(packet.frame.length, 61 + i);
		assert_int_equal(packet.frame.data[59 + i], 60 + i);
		assert_int_equal(packet.frame.time, 7000008000);
		assert_int_equal(packet.reason, PS_REASON_tcp_checksum);
		assert_int_equal(packet.verdict, PS_DROP);
		assert_int_equal(packet.ifindex, 3);
		assert_int_equal(packet.segments, 2);
	}
	assert_int_equal(ps_slot_next(&slot, &packet), 0);
}

/* Whatever stands in a slot, nothing outside of it is read: the sanitizers look. */
static void garbage(void **state)
{
	struct ps_slot_packet packet;
	struct ps_slot slot = { .file = -1 };
	u8 *mine = malloc(PS_CAPTURE_SLOT_BYTES);
	u32 i, turn;
	int got;

	srand(1);
	for (turn = 0; turn < 300; turn++) {
		/* Zeroes make small numbers, of which records can be made. */
		for (i = 0; i < PS_CAPTURE_SLOT_BYTES; i++)
			mine[i] = rand() % 8 ? 0 : (u8)rand();
		slot.data = mine;
		slot.bytes = (u32)rand() % (PS_CAPTURE_SLOT_BYTES + 1);
		slot.at = slot.note = 0;
		do {
			got = ps_slot_next(&slot, &packet);
			if (got > 0 && packet.frame.captured)
				assert_true(packet.frame.data + packet.frame.captured <=
					    mine + slot.bytes);
		} while (got > 0);
	}
	free(mine);
}

static void broken(void **state)
{
	struct ps_record_area area = { .data = data };
	struct ps_context_id other = {};
	struct ps_slot_packet packet;
	struct ps_slot slot;

	add(&area, 60, PS_REASON_tcp_checksum, &other);
	slot = made(&area);
	slot.bytes--;
	assert_int_equal(ps_slot_next(&slot, &packet), -EBADMSG);
	slot.bytes = 15;
	assert_int_equal(ps_slot_next(&slot, &packet), -EBADMSG);
	slot = made(&area);
	slot.bytes = PS_CAPTURE_SLOT_BYTES - 31;
	assert_int_equal(ps_slot_next(&slot, &packet), -EBADMSG);
}

static struct ps_capture_filter filter_of(const char *verdict, const char *reason,
					  const char *context, const char *expression, int expected)
{
	struct ps_arguments arguments = { .command = &ps_command_capture };
	static const char *const name[] = { "--verdict", "--reason", "--context", "--filter" };
	const char *value[] = { verdict, reason, context, expression };
	struct ps_capture_filter filter;
	int i, j;

	for (i = 0; ps_command_capture.flags[i].name; i++)
		for (j = 0; j < 4; j++)
			if (!strcmp(ps_command_capture.flags[i].name, name[j]))
				arguments.flag[i] = value[j];
	assert_int_equal(ps_capture_filter_read(&filter, &arguments), expected);
	return filter;
}

static bool wants(const char *verdict, const char *reason, const char *context,
		  const char *expression)
{
	static const u8 udp[60] = { [12] = 8, [14] = 0x45, [23] = 17 };
	struct ps_slot_packet packet = {
		.frame = { .data = udp, .captured = sizeof(udp), .length = sizeof(udp) },
		.verdict = PS_DROP,
		.reason = PS_REASON_udp_checksum,
		.context = "10.0.0.1@7",
	};
	struct ps_capture_filter filter = filter_of(verdict, reason, context, expression, 0);
	bool wanted = ps_capture_filter_wants(&filter, &packet);

	ps_capture_filter_free(&filter);
	return wanted;
}

static void filters(void **state)
{
	assert_true(wants(NULL, NULL, NULL, NULL));
	assert_true(wants("drop", NULL, NULL, NULL));
	assert_true(wants("pass,drop", NULL, NULL, NULL));
	assert_false(wants("pass,deliver,reply", NULL, NULL, NULL));
	assert_true(wants(NULL, "tcp_checksum,udp_checksum", NULL, NULL));
	assert_false(wants(NULL, "tcp_checksum", NULL, NULL));
	assert_true(wants(NULL, NULL, "10.0.0.1@7", NULL));
	assert_false(wants(NULL, NULL, "10.0.0.1", NULL));
	assert_false(wants(NULL, NULL, "Other", NULL));
	assert_true(wants(NULL, NULL, NULL, "udp"));
	assert_false(wants(NULL, NULL, NULL, "tcp"));
	assert_false(wants("deliver", "udp_checksum", "10.0.0.1@7", "udp"));
}

static void refused(void **state)
{
	struct ps_capture_filter filter;

	filter = filter_of("drops", NULL, NULL, NULL, PS_EXIT_USAGE);
	filter = filter_of("", NULL, NULL, NULL, PS_EXIT_USAGE);
	filter = filter_of(NULL, "sent", NULL, NULL, PS_EXIT_USAGE);
	filter = filter_of(NULL, NULL, "10.0.0.300", NULL, PS_EXIT_USAGE);
	filter = filter_of(NULL, NULL, NULL, "tcp and", PS_EXIT_USAGE);
	ps_capture_filter_free(&filter);
}

static void comments(void **state)
{
	struct ps_slot_packet packet = {
		.verdict = PS_DELIVER,
		.reason = PS_REASON_established,
		.segments = 1,
		.context = "Other",
	};
	char text[PS_CAPTURE_COMMENT_MAX];

	ps_capture_comment(text, &packet, "web");
	assert_string_equal(text, "verdict=deliver reason=established context=Other instance=web");
	packet.segments = 44;
	packet.reason = PS_REASON_UNDECIDED;
	ps_capture_comment(text, &packet, "web");
	assert_string_equal(
		text, "verdict=deliver reason=unknown context=Other instance=web segments=44");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets), cmocka_unit_test(garbage),  cmocka_unit_test(broken),
		cmocka_unit_test(filters), cmocka_unit_test(refused), cmocka_unit_test(comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
