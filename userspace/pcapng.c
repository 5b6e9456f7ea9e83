// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See pcapng.h. A block is its type and length, a fixed part, options, and its
 * length again; all of it is padded to 32 bits. Since the length comes first, a
 * block is put together before it is written.
 */
#include <packetshield/capture.h>
#include <stdlib.h>
#include <string.h>

#include "pcapng.h"
#include "print.h"

/* Types of blocks and of their options, and values of these. */
#define BLOCK_SECTION	 0x0a0d0d0a
#define BLOCK_INTERFACE	 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET	 6

#define OPTION_END	      0
#define OPTION_COMMENT	      1
#define SECTION_APPLICATION   4
#define INTERFACE_NAME	      2
#define INTERFACE_DESCRIPTION 3
#define PACKET_FLAGS	      2
#define STATISTICS_BEGIN      2
#define STATISTICS_END	      3
#define STATISTICS_RECEIVED   4
#define STATISTICS_LOST	      5
#define STATISTICS_ACCEPTED   6

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LINK_ETHERNET	 1
#define INBOUND		 1

/**
 * struct block - a block in the making
 * @data: its bytes
 * @length: of them
 * @room: that there is
 */
struct block {
	u8 *data;
	size_t length;
	size_t room;
};

/* Padded to 32 bits. */
static void put(struct block *block, const void *data, size_t length)
{
	size_t padded = (length + 3) & ~(size_t)3;

	if (block->length + padded > block->room) {
		block->room = 2 * (block->length + padded);
		block->data = ps_print_allocate(block->data, block->room);
	}
	memcpy(block->data + block->length, data, length);
	memset(block->data + block->length + length, 0, padded - length);
	block->length += padded;
}

static void put_u32(struct block *block, u32 value)
{
	put(block, &value, sizeof(value));
}

/* Times of a resolution that nobody tells are microseconds. */
static void put_time(struct block *block, u64 nanoseconds)
{
	put_u32(block, (u32)(nanoseconds / 1000 >> 32));
	put_u32(block, (u32)(nanoseconds / 1000));
}

static void put_option(struct block *block, u16 type, const void *data, size_t length)
{
	u16 head[2] = { type, (u16)length };

	put(block, head, sizeof(head));
	put(block, data, length);
}

static void put_text(struct block *block, u16 type, const char *text)
{
	put_option(block, type, text, strlen(text));
}

static void put_option_time(struct block *block, u16 type, u64 nanoseconds)
{
	u32 words[2] = { (u32)(nanoseconds / 1000 >> 32), (u32)(nanoseconds / 1000) };

	put_option(block, type, words, sizeof(words));
}

static struct block begin(u32 type)
{
	struct block block = {};

	put_u32(&block, type);
	put_u32(&block, 0);
	return block;
}

static void end(struct block *block, FILE *to)
{
	u32 length;

	put_option(block, OPTION_END, "", 0);
	length = (u32)block->length + sizeof(length);
	put_u32(block, length);
	memcpy(block->data + sizeof(u32), &length, sizeof(length));
	fwrite(block->data, 1, block->length, to);
	free(block->data);
}

void ps_pcapng_begin(FILE *to, const char *application)
{
	struct block block = begin(BLOCK_SECTION);
	u16 version[2] = { 1, 0 };
	u64 unknown = ~0ULL;

	put_u32(&block, BYTE_ORDER_MAGIC);
	put(&block, version, sizeof(version));
	put(&block, &unknown, sizeof(unknown));
	put_text(&block, SECTION_APPLICATION, application);
	end(&block, to);
}

void ps_pcapng_interface(FILE *to, const char *name, const char *description)
{
	struct block block = begin(BLOCK_INTERFACE);
	u16 link[2] = { LINK_ETHERNET, 0 };

	put(&block, link, sizeof(link));
	put_u32(&block, PS_CAPTURE_FRAME_MAX);
	put_text(&block, INTERFACE_NAME, name);
	put_text(&block, INTERFACE_DESCRIPTION, description);
	end(&block, to);
}

void ps_pcapng_packet(FILE *to, u32 interface, const struct ps_capture_frame *frame,
		      const char *comment)
{
	struct block block = begin(BLOCK_PACKET);
	u32 flags = INBOUND;

	put_u32(&block, interface);
	put_time(&block, frame->time);
	put_u32(&block, frame->captured);
	put_u32(&block, frame->length);
	put(&block, frame->data, frame->captured);
	put_option(&block, PACKET_FLAGS, &flags, sizeof(flags));
	put_text(&block, OPTION_COMMENT, comment);
	end(&block, to);
}

void ps_pcapng_statistics(FILE *to, u32 interface, const struct ps_pcapng_counts *counts,
			  const char *comment)
{
	struct block block = begin(BLOCK_STATISTICS);

	put_u32(&block, interface);
	put_time(&block, counts->end);
	put_option_time(&block, STATISTICS_BEGIN, counts->begin);
	put_option_time(&block, STATISTICS_END, counts->end);
	put_option(&block, STATISTICS_RECEIVED, &counts->received, sizeof(counts->received));
	put_option(&block, STATISTICS_LOST, &counts->lost, sizeof(counts->lost));
	put_option(&block, STATISTICS_ACCEPTED, &counts->accepted, sizeof(counts->accepted));
	put_text(&block, OPTION_COMMENT, comment);
	end(&block, to);
}
