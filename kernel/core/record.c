// SPDX-License-Identifier: GPL-2.0-or-later
/* How captured packets lie in a slot; see record.h. */
#include "record.h"

/* Of the platform, whose numbers are the same wherever this runs. */
#define PS_RECORD_IPV4 2
#define PS_RECORD_IPV6 10

static_assert(sizeof(struct ps_capture_pcap) == 24);
static_assert(sizeof(struct ps_capture_record) == 16);
static_assert(sizeof(struct ps_capture_chunk) == 28);
static_assert(sizeof(struct ps_capture_note) == 32);
static_assert(sizeof(struct ps_capture_chunk) + sizeof(struct ps_capture_record) +
		      PS_CAPTURE_FRAME_MAX + sizeof(struct ps_capture_note) <=
	      PS_CAPTURE_SLOT_BYTES);

const struct ps_capture_pcap ps_record_pcap = {
	.magic = PS_CAPTURE_PCAP_MAGIC,
	.major = 2,
	.minor = 4,
	.frame_max = PS_CAPTURE_FRAME_MAX,
	.link = PS_CAPTURE_PCAP_EN10MB,
};

static void ps_record_put_u16(u8 *to, u16 value)
{
	to[0] = value >> 8;
	to[1] = value & 0xff;
}

static void ps_record_put_u32(u8 *to, u32 value)
{
	ps_record_put_u16(to, value >> 16);
	ps_record_put_u16(to + 2, value & 0xffff);
}

/* The family of a context's address, which is written into 16 bytes of zeros. */
static u8 ps_record_address(u8 *to, const struct ps_context_id *id)
{
	const struct ps_addr *addr = &id->addr;
	unsigned int i;

	if (!(addr->word[0] | addr->word[1] | addr->word[2] | addr->word[3]))
		return 0;
	if (ps_addr_is_ipv4(addr)) {
		ps_record_put_u32(to, addr->word[3]);
		return PS_RECORD_IPV4;
	}
	for (i = 0; i < 4; i++)
		ps_record_put_u32(to + 4 * i, addr->word[i]);
	return PS_RECORD_IPV6;
}

void ps_record_name(struct ps_capture_note *note, const struct ps_context_id *id)
{
	memset(note->address, 0, sizeof(note->address));
	note->vlan = id ? id->vlan : 0;
	note->family = id ? ps_record_address(note->address, id) : PS_CAPTURE_NO_CONTEXT;
}

static bool ps_record_continues(const struct ps_record_area *area, const struct ps_context_id *id)
{
	return area->used && area->id.vlan == id->vlan && ps_addr_equal(&area->id.addr, &id->addr);
}

/* The header of a new chunk at the end, without its length. */
static void ps_record_begin_chunk(struct ps_record_area *area, const struct ps_context_id *id)
{
	struct ps_capture_chunk chunk = {};

	area->id = *id;
	area->chunk = area->used;
	area->used += sizeof(chunk);
	ps_record_put_u16((u8 *)&chunk + offsetof(struct ps_capture_chunk, family),
			  ps_record_address(chunk.address, id));
	ps_record_put_u16((u8 *)&chunk + offsetof(struct ps_capture_chunk, vlan), id->vlan);
	memcpy(area->data + area->chunk, &chunk, sizeof(chunk));
}

u8 *ps_record_add(struct ps_record_area *area, const struct ps_capture_record *record,
		  const struct ps_capture_note *note, const struct ps_context_id *id)
{
	bool opens = id && !ps_record_continues(area, id);
	u32 bytes = sizeof(*record) + record->captured;
	u32 notes = (area->records + 1) * sizeof(*note);
	u8 *to;

	if (area->used + (opens ? sizeof(struct ps_capture_chunk) : 0) + bytes + notes >
	    PS_CAPTURE_SLOT_BYTES)
		return NULL;
	if (opens)
		ps_record_begin_chunk(area, id);
	to = area->data + area->used;
	memcpy(to, record, sizeof(*record));
	memcpy(area->data + PS_CAPTURE_SLOT_BYTES - notes, note, sizeof(*note));
	area->records++;
	area->used += bytes;
	if (id)
		ps_record_put_u32(area->data + area->chunk +
					  offsetof(struct ps_capture_chunk, bytes),
				  area->used - area->chunk - sizeof(struct ps_capture_chunk));
	return to + sizeof(*record);
}

u32 ps_record_boundary(const u8 *data, u32 at)
{
	struct ps_capture_record record;
	u32 start = 0, next = 0;

	while (next <= at) {
		start = next;
		if (start == at)
			break;
		memcpy(&record, data + start, sizeof(record));
		next = start + sizeof(record) + record.captured;
	}
	return start;
}
