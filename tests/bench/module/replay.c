// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames out of a pcap file (Ethernet, either byte order), to be sent instead of our own. */
#include <linux/etherdevice.h>
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/swab.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define BENCH_REPLAY_MAX (64 << 20)

struct bench_pcap_header {
	u32 magic;
	u16 major, minor;
	u32 zone, digits, snaplen, link;
};

struct bench_pcap_record {
	u32 seconds, fraction, captured, length;
};

static bool bench_replay_is_foreign(const struct bench_pcap_header *header)
{
	return header->magic == swab32(0xa1b2c3d4) || header->magic == swab32(0xa1b23c4d);
}

static bool bench_replay_is_pcap(const struct bench_pcap_header *header)
{
	bool foreign = bench_replay_is_foreign(header);
	u32 link = foreign ? swab32(header->link) : header->link;

	return link == 1 && (foreign || header->magic == 0xa1b2c3d4 || header->magic == 0xa1b23c4d);
}

/* Walk the records; remember them where there is room to. Returns how many there are. */
static u32 bench_replay_walk(struct bench_replay *replay, size_t size, bool foreign)
{
	size_t at = sizeof(struct bench_pcap_header);
	u32 frames = 0;

	while (at + sizeof(struct bench_pcap_record) <= size) {
		const struct bench_pcap_record *record = replay->data + at;
		u32 length = foreign ? swab32(record->captured) : record->captured;

		at += sizeof(*record);
		if (length < ETH_HLEN || length > BENCH_FRAME_MAX || length > size - at)
			break;
		if (replay->frame) {
			replay->frame[frames] = replay->data + at;
			replay->length[frames] = length;
		}
		frames++;
		at += length;
	}
	return frames;
}

int bench_replay_open(struct bench_replay *replay, const char *path)
{
	ssize_t size;
	u32 frames;

	memset(replay, 0, sizeof(*replay));
	size = kernel_read_file_from_path(path, 0, &replay->data, BENCH_REPLAY_MAX, NULL,
					  READING_UNKNOWN);
	if (size < 0)
		return size;
	if (size < sizeof(struct bench_pcap_header) || !bench_replay_is_pcap(replay->data))
		goto bad;
	frames = bench_replay_walk(replay, size, bench_replay_is_foreign(replay->data));
	if (!frames)
		goto bad;
	replay->frame = kvmalloc_array(frames, sizeof(*replay->frame), GFP_KERNEL);
	replay->length = kvmalloc_array(frames, sizeof(*replay->length), GFP_KERNEL);
	if (!replay->frame || !replay->length) {
		bench_replay_close(replay);
		return -ENOMEM;
	}
	replay->frames = bench_replay_walk(replay, size, bench_replay_is_foreign(replay->data));
	return 0;
bad:
	bench_replay_close(replay);
	return -EINVAL;
}

void bench_replay_close(struct bench_replay *replay)
{
	kvfree(replay->frame);
	kvfree(replay->length);
	vfree(replay->data);
	memset(replay, 0, sizeof(*replay));
}
