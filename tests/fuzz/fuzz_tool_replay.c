// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reader of captures and replay. By its first bit the input is the file, or makes
 * one of packets by recipe, each behind a byte of how and one of when it goes.
 * Whatever is in the file, what a context received it has delivered, dropped or
 * answered, and all that was judged was counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config_file.h"
#include "packet_recipe.h"
#include "replay.h"

static const char config[] =
	"instances i\ni/session_table_size 8\ni/contexts 10.0.0.1,10.0.0.1@1,::1\n"
	"i/Other/p_tcp_ports 1-30000\ni/Other/x_tcp_ports 30001-60000\n"
	"i/Other/new_cookie_threshold 9-9\ni/Other/unmatch_drop_threshold 9-9\n"
	"i/Other/unknown_ttlfilter_threshold 9-9\ni/Other/deliver_block_threshold 99-9\n"
	"i/Other/w_protocols 1,58\ni/Other/icmp_rate_max 5\ni/Other/drop_empty_ack 50\n"
	"i/Other/new_cookie_toggled Other,10.0.0.1\ni/10.0.0.1/p_tcp_ports 1-65535\n"
	"i/10.0.0.1/b_sources 0.0.0.0/1\ni/10.0.0.1@1/dsr_mode 1\n"
	"i/Other/geoip4 1.0.0.0 CO\ni/Other/geoip_policy deny_countries\ni/Other/countries CO\n";

static struct ps_model model;

static void require(bool property)
{
	if (!property)
		__builtin_trap();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct ps_config_file_errors errors = {};

	ps_config_file_parse(&model, config, strlen(config), &errors);
	ps_config_file_check(&model, &errors);
	require(!errors.count);
	/* What is wrong with files isn't worth reading here. */
	stderr = fopen("/dev/null", "w");
	return 0;
}

static void check_sums(const struct ps_host *host)
{
	const struct ps_host_context *context;
	u64 received, sum, judged = 0;
	enum ps_reason reason;
	u32 i;

	for (i = 0; i < host->rules.instance->contexts; i++) {
		context = &host->context[i];
		received = ps_host_stat(context, PS_CONTEXT_COUNTER_rx_total);
		sum = ps_host_stat(context, PS_CONTEXT_COUNTER_delivered);
		for (reason = 0; reason < PS_REASONS; reason++)
			if (ps_reason_info[reason].action == PS_DROP ||
			    ps_reason_info[reason].action == PS_REPLY)
				sum += context->reason[reason].packets;
		require(received == sum);
		judged += received;
	}
	require(judged <= host->counter[PS_INSTANCE_COUNTER_rx_total]);
}

#define RECIPE_BYTES	(2 + sizeof(struct recipe))
#define FILE_MAX	(1 << 20)

/* A pcap file in @file of what the input says; its length. */
static size_t cook_file(u8 *file, const u8 *data, size_t size)
{
	const u32 head[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };
	size_t length = sizeof(head);
	u32 record[4] = { 1700000000 };
	static struct frame f;
	u8 *at;

	memcpy(file, head, sizeof(head));
	recipe_reset();
	for (; size >= RECIPE_BYTES; data += RECIPE_BYTES, size -= RECIPE_BYTES) {
		recipe_cook(&f, data + 2, sizeof(struct recipe), data[0] & 1);
		if (length + sizeof(record) + PS_ETHERNET + f.length > FILE_MAX)
			break;
		record[0] += (1U << data[1] % 17) - 1;
		record[1] = data[1] * 3000U;
		record[3] = PS_ETHERNET + f.length;
		record[2] = data[0] & 2 && data[0] / 4 < record[3] ? data[0] / 4 : record[3];
		memcpy(file + length, record, sizeof(record));
		length += sizeof(record);
		at = file + length;
		memcpy(at, "\2\0\0\0\0\1\2\0\0\0\0\1", 12);
		at[data[0] & 1 ? 5 : 11] = 2;
		put16(at + 12, f.ethertype);
		memcpy(at + PS_ETHERNET, f.data, f.length);
		length += record[2];
	}
	return length;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 file[FILE_MAX];
	struct ps_capture_frame frame;
	struct ps_replay_told told;
	struct ps_capture capture;
	struct ps_replay replay;
	u64 frames = 0;
	FILE *from;

	if (size && data[0] & 1) {
		size = cook_file(file, data + 1, size - 1);
		data = file;
	}
	from = size ? fmemopen((void *)data, size, "r") : NULL;
	if (!from || ps_capture_open(&capture, from, "input"))
		return 0;
	ps_replay_make(&replay, &model.instance[0]);
	memcpy(replay.mac[0], "\2\0\0\0\0\1", PS_MAC_BYTES);
	replay.macs = 1;
	while (ps_capture_next(&capture, &frame) > 0) {
		/* Where the heap ends the frame ends. */
		u8 *copy = malloc(frame.captured ? frame.captured : 1);

		memcpy(copy, frame.data, frame.captured);
		frame.data = copy;
		ps_replay_frame(&replay, &frame, &told);
		free(copy);
		frames++;
	}
	require(frames == replay.incoming + replay.outgoing + replay.replies + replay.cut);
	check_sums(&replay.host);
	ps_capture_close(&capture);
	ps_replay_free(&replay);
	return 0;
}
