// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay: directions, cookies, super-packets, time; and capture files that are
 * whole, cut off anywhere, or something else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "config_file.h"
#include "packets.h"
#include "replay.h"

#define SECOND	1000000000ULL
#define START	(1700000000 * SECOND)

static const u8 here[] = { 2, 0, 0, 0, 0, 1 }, there[] = { 2, 0, 0, 0, 0, 2 };
static const u8 elsewhere[] = { 2, 0, 0, 0, 0, 3 }, all[] = { 255, 255, 255, 255, 255, 255 };

static struct ps_model model;
static struct ps_replay replay;
static struct ps_replay_told told;
static u64 now;

static void begin(const char *lines)
{
	struct ps_config_file_errors errors = {};
	char text[1000];

	snprintf(text, sizeof(text), "instances i\ni/session_table_size 1024\n%s", lines);
	ps_config_file_parse(&model, text, strlen(text), &errors);
	assert_int_equal(errors.count, 0);
	ps_replay_make(&replay, &model.instance[0]);
	memcpy(replay.mac[0], here, sizeof(here));
	replay.macs = 1;
	now = START;
}

static void end(void)
{
	ps_replay_free(&replay);
	ps_model_free(&model);
}

/* A frame in memory of its exact size; @captured bytes of it, 0 for all. */
static const char *pass(const u8 *to, const u8 *from, const struct frame *f, u32 captured)
{
	u32 length = PS_ETHERNET + f->length;
	struct ps_capture_frame frame = { .length = length, .time = now, .number = 1 };
	u8 *data;

	frame.captured = captured ? captured : length;
	data = malloc(length);
	memcpy(data, to, 6);
	memcpy(data + 6, from, 6);
	put16(data + 12, f->ethertype);
	memcpy(data + 14, f->data, f->length);
	frame.data = data = realloc(data, frame.captured);
	ps_replay_frame(&replay, &frame, &told);
	free(data);
	if (told.end != PS_REPLAY_JUDGED)
		return told.end == PS_REPLAY_CUT ? "cut" : "reply";
	return ps_reason_info[told.verdict.reason].name;
}

static const char *receive(struct build b)
{
	struct frame f = build(b);

	return pass(here, there, &f, 0);
}

static struct frame tcp(struct build b, u32 sequence, u32 acknowledged)
{
	struct frame f = build(b);

	put16(f.data + f.transport + 4, sequence >> 16);
	put16(f.data + f.transport + 6, sequence);
	put16(f.data + f.transport + 8, acknowledged >> 16);
	put16(f.data + f.transport + 10, acknowledged);
	frame_fix(&f);
	return f;
}

#define BACK .src = "198.51.100.2", .dst = "192.0.2.1", .sport = 80, .dport = 40000

static void directions(void **state)
{
	struct frame f = build((struct build){ .tcp_flags = PS_TCP_SYN });
	struct frame arp = { .ethertype = 0x0806, .length = 28 };

	begin("i/Other/p_tcp_ports 80\n");
	assert_string_equal(pass(here, there, &f, 0), "syn_open");
	assert_true(told.incoming);
	assert_string_equal(pass(elsewhere, there, &f, 0), "other_host");
	assert_string_equal(pass(all, there, &f, 0), "syn_open");
	assert_string_equal(pass(there, here, &f, 0), "sent");
	assert_false(told.incoming);
	assert_string_equal(pass(all, there, &arp, 0), "not_ip");
	assert_int_equal(replay.host.counter[PS_INSTANCE_COUNTER_rx_total], 4);
	assert_int_equal(replay.host.counter[PS_INSTANCE_COUNTER_tx_total], 1);
	assert_int_equal(ps_host_stat(&replay.host.context[0], PS_CONTEXT_COUNTER_rx_total), 2);
	end();
}

static void vlans(void **state)
{
	struct frame f = build((struct build){ .tcp_flags = PS_TCP_SYN }), tagged = f;

	begin("i/contexts 198.51.100.2@7\ni/198.51.100.2@7/w_tcp_ports 80\n");
	tagged.ethertype = FRAME_VLAN;
	put16(tagged.data, 7);
	put16(tagged.data + 2, f.ethertype);
	memcpy(tagged.data + 4, f.data, f.length);
	tagged.length += 4;
	assert_string_equal(pass(here, there, &tagged, 0), "allowed_tcp_port");
	put16(tagged.data, 0x6000 | 7);
	assert_string_equal(pass(here, there, &tagged, 0), "allowed_tcp_port");
	put16(tagged.data, 8);
	assert_string_equal(pass(here, there, &tagged, 0), "closed_tcp_port");
	assert_string_equal(pass(here, there, &f, 0), "closed_tcp_port");
	end();
}

static void sessions(void **state)
{
	struct frame answer = build((struct build){ BACK, .tcp_flags = PS_TCP_ACK, .payload = 4 });

	begin("i/Other/p_tcp_ports 80\ni/Other/unmatch_drop_toggled Other\n"
	      "i/ack_session_timeout 30\n");
	assert_string_equal(receive((struct build){ .payload = 10 }), "unmatched_ack");
	assert_string_equal(pass(there, here, &answer, 0), "sent");
	now += 29 * SECOND;
	assert_string_equal(receive((struct build){ .payload = 10 }), "established");
	now += 32 * SECOND;
	assert_string_equal(receive((struct build){ .payload = 10 }), "unmatched_ack");
	assert_string_equal(pass(there, here, &answer, 0), "sent");
	/* Time that goes back doesn't. */
	now -= 60 * SECOND;
	assert_string_equal(receive((struct build){ .payload = 10 }), "established");
	/* Half a day later, where the clock of the tables has wrapped. */
	now += 0x10000 * SECOND + 60 * SECOND;
	assert_string_equal(receive((struct build){ .payload = 10 }), "unmatched_ack");
	end();
}

static void cookies(void **state)
{
	struct frame syn = tcp((struct build){ .tcp_flags = PS_TCP_SYN }, 1000, 0);
	struct frame reply =
		tcp((struct build){ BACK, .tcp_flags = PS_TCP_SYN | PS_TCP_ACK }, 7000, 1001);
	struct frame good = tcp((struct build){ .tcp_flags = PS_TCP_ACK }, 1001, 7001);
	struct frame bad = tcp((struct build){ .tcp_flags = PS_TCP_ACK }, 1001, 7002);

	begin("i/Other/p_tcp_ports 80\ni/Other/unmatch_drop_toggled Other\n"
	      "i/Other/new_cookie_toggled Other\n");
	assert_string_equal(pass(here, there, &good, 0), "unmatched_ack");
	assert_string_equal(pass(here, there, &syn, 0), "syncookie");
	assert_string_equal(pass(here, there, &good, 0), "unmatched_ack");
	assert_string_equal(pass(there, here, &reply, 0), "reply");
	assert_string_equal(pass(here, there, &bad, 0), "unmatched_ack");
	assert_string_equal(pass(here, there, &good, 0), "cookie_valid");
	assert_string_equal(pass(here, there, &good, 0), "established");
	assert_int_equal(replay.host.counter[PS_INSTANCE_COUNTER_tx_total], 0);
	assert_int_equal(replay.replies, 1);
	end();
	begin("i/Other/p_tcp_ports 80\ni/Other/unmatch_drop_toggled Other\n"
	      "i/Other/new_cookie_toggled Other\n");
	assert_string_equal(pass(here, there, &syn, 0), "syncookie");
	assert_string_equal(pass(there, here, &reply, 0), "reply");
	now += 129 * SECOND;
	assert_string_equal(pass(here, there, &good, 0), "unmatched_ack");
	end();
}

static void protections(void **state)
{
	struct ps_host_context *other;
	u32 i, dropped = 0;

	begin("i/Other/p_tcp_ports 80\ni/Other/unmatch_drop_threshold 1000-500\n");
	other = &replay.host.context[0];
	for (i = 0; i < 500; i++, now += SECOND / 100000)
		dropped += !strcmp(receive((struct build){}), "unmatched_ack");
	assert_in_range(dropped, 400, 430);
	assert_int_equal(ps_host_status(other, replay.now), 1 << PS_PROTECT_UNMATCHED);
	now += 3 * SECOND;
	assert_string_equal(receive((struct build){}), "unmatched_open");
	assert_int_equal(ps_host_status(other, replay.now), 0);
	end();
}

static void shapes(void **state)
{
	struct frame f = build((struct build){ .payload = 3000 });
	struct frame wrong = build((struct build){ .payload = 10 });
	u32 length;

	begin("i/Other/w_tcp_ports 80\n");
	/* 3000 bytes in segments of 1460. */
	assert_string_equal(pass(here, there, &f, 0), "allowed_tcp_port");
	assert_int_equal(ps_host_stat(&replay.host.context[0], PS_CONTEXT_COUNTER_delivered), 3);
	replay.mtu = 9000;
	assert_string_equal(pass(here, there, &f, 0), "allowed_tcp_port");
	assert_int_equal(ps_host_stat(&replay.host.context[0], PS_CONTEXT_COUNTER_delivered), 4);
	wrong.data[wrong.length - 1] ^= 1;
	assert_string_equal(pass(here, there, &wrong, 0), "tcp_checksum");
	replay.trust = true;
	assert_string_equal(pass(here, there, &wrong, 0), "allowed_tcp_port");
	replay.trust = false;
	/* What was cut off is judged by what is there, or not at all. */
	for (length = 1; length < PS_ETHERNET + wrong.length; length++)
		assert_string_equal(pass(here, there, &wrong, length),
				    length < PS_ETHERNET + 40 ? "cut" : "allowed_tcp_port");
	end();
}

static void sides(void **state)
{
	struct frame f = build((struct build){}), back = build((struct build){ BACK });
	struct ps_replay_sides found;
	struct ps_capture_frame frame = { .captured = 54, .length = 54 };
	u8 data[54], mac[6];

	begin("i/contexts 198.51.100.2\n");
	frame.data = data;
	put16(data + 12, 0x88cc);
	found = (struct ps_replay_sides)PS_REPLAY_SIDES(&model.instance[0]);
	memcpy(data, here, 6);
	memcpy(data + 6, there, 6);
	ps_replay_sides_see(&found, &frame);
	assert_false(ps_replay_sides_find(&found, mac));
	memcpy(data + 6, elsewhere, 6);
	ps_replay_sides_see(&found, &frame);
	assert_true(ps_replay_sides_find(&found, mac));
	assert_memory_equal(mac, here, 6);
	/* What a context's address says counts more. */
	put16(data + 12, f.ethertype);
	memcpy(data, elsewhere, 6);
	memcpy(data + 14, f.data, 40);
	ps_replay_sides_see(&found, &frame);
	assert_true(ps_replay_sides_find(&found, mac));
	assert_memory_equal(mac, elsewhere, 6);
	memcpy(data + 6, here, 6);
	memcpy(data + 14, back.data, 40);
	ps_replay_sides_see(&found, &frame);
	ps_replay_sides_see(&found, &frame);
	assert_true(ps_replay_sides_find(&found, mac));
	assert_memory_equal(mac, here, 6);
	end();
}

/* A pcap file of two frames of 60 bytes. */
static size_t make_file(u8 *file, u32 link_type)
{
	const u32 head[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, link_type };
	const u32 record[] = { 1700000000, 999999, 60, 60 };
	size_t length = sizeof(head);
	int i;

	memset(file, 0, 200);
	memcpy(file, head, sizeof(head));
	for (i = 0; i < 2; i++, length += sizeof(record) + 60)
		memcpy(file + length, record, sizeof(record));
	return length;
}

/* A pcapng file of one frame of 60 bytes. */
static size_t make_pcapng(u8 *file)
{
	const u64 time = 1700000000999999;
	const u32 head[] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, ~0U, ~0U, 28, 1, 20, 1, 65535, 20 };
	const u32 packet[] = { 6, 92, 0, (u32)(time >> 32), (u32)time, 60, 60 };
	const u32 length = 92;

	memset(file, 0, 200);
	memcpy(file, head, sizeof(head));
	memcpy(file + sizeof(head), packet, sizeof(packet));
	memcpy(file + sizeof(head) + 88, &length, sizeof(length));
	return sizeof(head) + 92;
}

/* Frames read, or -1 where the file is refused, or broken behind some. */
static int read_file(u8 *file, size_t length)
{
	struct ps_capture_frame frame;
	struct ps_capture capture;
	int got, frames = 0;
	u8 *copy = malloc(length ? length : 1);
	FILE *from;

	memcpy(copy, file, length);
	from = fmemopen(copy, length, "r");
	if (!from || ps_capture_open(&capture, from, "test")) {
		free(copy);
		return -1;
	}
	while ((got = ps_capture_next(&capture, &frame)) > 0) {
		assert_int_equal(frame.time, 1700000000 * SECOND + 999999000);
		assert_int_equal(frame.length, 60);
		frames++;
	}
	ps_capture_close(&capture);
	free(copy);
	return got ? -1 : frames;
}

static void files(void **state)
{
	FILE *errors = stderr;
	u8 file[200];
	size_t length = make_file(file, 1), i;

	stderr = fopen("/dev/null", "w");
	assert_int_equal(read_file(file, length), 2);
	for (i = 1; i < length; i++)
		assert_int_equal(read_file(file, i), i == 24 ? 0 : i == 24 + 76 ? 1 : -1);
	make_file(file, 113);
	assert_int_equal(read_file(file, length), -1);
	make_file(file, 1);
	file[0] ^= 1;
	assert_int_equal(read_file(file, length), -1);
	length = make_pcapng(file);
	assert_int_equal(read_file(file, length), 1);
	for (i = 1; i < length; i++)
		assert_int_equal(read_file(file, i), i == 48 ? 0 : -1);
	fclose(stderr);
	stderr = errors;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directions),  cmocka_unit_test(vlans),
		cmocka_unit_test(sessions),    cmocka_unit_test(cookies),
		cmocka_unit_test(protections), cmocka_unit_test(shapes),
		cmocka_unit_test(sides),       cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
