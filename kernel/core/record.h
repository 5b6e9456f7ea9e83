/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How captured packets lie in a slot: records of pcap files from its start, in
 * chunks of one context where wanted, and a note on each from its end
 * (include/packetshield/capture.h). Both grow towards each other.
 */
#ifndef PS_CORE_RECORD_H
#define PS_CORE_RECORD_H

#include "../../include/packetshield/capture.h"
#include "parse.h"

/**
 * struct ps_record_area - a slot while it is being filled
 * @data:	PS_CAPTURE_SLOT_BYTES
 * @used:	bytes of chunks and records so far
 * @records:	how many of them, and notes
 * @chunk:	where the last chunk begins
 * @id:		its context; both valid when there is one
 */
struct ps_record_area {
	u8 *data;
	u32 used;
	u32 records;
	u32 chunk;
	struct ps_context_id id;
};

/**
 * ps_record_add() - make room for a packet
 * @area: the slot
 * @record: its record
 * @note: what became of it
 * @id: the context whose chunk it is to be in; NULL for a slot without chunks
 *
 * Return: where record->captured bytes of the frame are to go, or NULL where the
 * slot hasn't room for them; nothing has changed then. An empty slot has.
 */
u8 *ps_record_add(struct ps_record_area *area, const struct ps_capture_record *record,
		  const struct ps_capture_note *note, const struct ps_context_id *id);

/**
 * ps_record_boundary() - where the record begins that a byte is in
 * @data: records
 * @at: offset of the byte; or the end of a record
 *
 * Return: offset of that record, or @at at the end of one.
 */
u32 ps_record_boundary(const u8 *data, u32 at);

/* Fill in the part of a note that names a context; NULL: none has judged. */
void ps_record_name(struct ps_capture_note *note, const struct ps_context_id *id);

/* What raw.cap begins with. */
extern const struct ps_capture_pcap ps_record_pcap;

#endif
