/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets out of capture.map of an instance, as the kernel hands them out: slot
 * after slot, by mmap (include/packetshield/capture.h). What is told of a packet
 * stays until the next slot is read.
 */
#ifndef PS_SLOT_H
#define PS_SLOT_H

#include <packetshield/capture.h>

#include "capture.h"
#include "parse.h"
#include "reasons.h"

/**
 * struct ps_slot - a reader of capture.map, and the slot at hand
 * @file: the open file
 * @data: a copy of the slot, PS_CAPTURE_SLOT_BYTES; the kernel's own goes with its instance
 * @bytes: of records in it
 * @at: the next record
 * @note: number of the next note
 */
struct ps_slot {
	int file;
	u8 *data;
	u32 bytes;
	u32 at;
	u32 note;
};

/**
 * struct ps_slot_packet - a packet and what became of it
 * @frame: the packet
 * @ifindex: of the interface that received it
 * @segments: packets of the wire that it stands for
 * @verdict: PS_PASS, PS_DELIVER, PS_DROP or PS_REPLY
 * @reason: PS_REASON_UNDECIDED where this tool doesn't know its number
 * @context: that judged: its name; "-" where none has
 */
struct ps_slot_packet {
	struct ps_capture_frame frame;
	u32 ifindex;
	u16 segments;
	enum ps_action verdict;
	enum ps_reason reason;
	char context[PS_ITEM_MAX];
};

/* Open capture.map of an instance: 0 or a negative errno. */
int ps_slot_open(struct ps_slot *slot, const char *instance);
void ps_slot_close(struct ps_slot *slot);

/* What the instance has received so far, and of it not captured: 0 or a negative errno. */
int ps_slot_counts(const char *instance, u64 *received, u64 *lost);

/**
 * ps_slot_read() - release the slot at hand, and get the next one
 * @slot: the reader
 *
 * Return: 1; 0 where there is none now; -ENODEV: the instance is gone; -ESTALE:
 * somebody else reads; another negative errno.
 */
int ps_slot_read(struct ps_slot *slot);

/**
 * ps_slot_next() - the next packet of the slot at hand
 * @slot: the reader
 * @packet: filled
 *
 * Return: 1; 0 behind the last; -EBADMSG where the slot isn't what it should be.
 */
int ps_slot_next(struct ps_slot *slot, struct ps_slot_packet *packet);

#endif
