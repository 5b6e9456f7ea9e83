// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See slot.h. When an instance goes, so does the memory of its slots: to look
 * there is SIGBUS then, which is waited for while a slot is copied.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "print.h"
#include "slot.h"

static sigjmp_buf gone;

int ps_slot_open(struct ps_slot *slot, const char *instance)
{
	char path[PS_INSTANCE_NAME_MAX + 64];

	*slot = (struct ps_slot){};
	snprintf(path, sizeof(path), "/sys/packetshield/%s/capture.map", instance);
	slot->file = open(path, O_RDONLY | O_CLOEXEC);
	if (slot->file < 0)
		return -errno;
	slot->data = ps_print_allocate(NULL, PS_CAPTURE_SLOT_BYTES);
	return 0;
}

void ps_slot_close(struct ps_slot *slot)
{
	char release;

	/* Less than a number: nothing else is handed out. */
	if (slot->file >= 0 && read(slot->file, &release, 1) < 0)
		errno = 0;
	if (slot->file >= 0)
		close(slot->file);
	free(slot->data);
	*slot = (struct ps_slot){ .file = -1 };
}

int ps_slot_counts(const char *instance, u64 *received, u64 *lost)
{
	char path[PS_INSTANCE_NAME_MAX + 64];
	unsigned long long rx_total, capmissed;
	FILE *file;
	int found;

	snprintf(path, sizeof(path), "/sys/packetshield/%s/stats", instance);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	found = fscanf(file, "rx_total : %llu capmissed : %llu", &rx_total, &capmissed);
	fclose(file);
	if (found != 2)
		return -ENODEV;
	*received = rx_total;
	*lost = capmissed;
	return 0;
}

static void jump(int number)
{
	(void)number;
	siglongjmp(gone, 1);
}

static int copy(u8 *to, const void *from)
{
	struct sigaction action = { .sa_handler = jump }, before;
	int error = 0;

	sigaction(SIGBUS, &action, &before);
	if (sigsetjmp(gone, 1))
		error = -ENODEV;
	else
		memcpy(to, from, PS_CAPTURE_SLOT_BYTES);
	sigaction(SIGBUS, &before, NULL);
	return error;
}

int ps_slot_read(struct ps_slot *slot)
{
	ssize_t got;
	void *area;
	int error;
	u32 bytes;

	slot->bytes = 0;
	slot->at = 0;
	slot->note = 0;
	got = read(slot->file, &bytes, sizeof(bytes));
	if (got != sizeof(bytes))
		return got < 0 ? -errno : -EBADMSG;
	if (!bytes)
		return 0;
	if (bytes > PS_CAPTURE_SLOT_BYTES)
		return -EBADMSG;
	area = mmap(NULL, PS_CAPTURE_SLOT_BYTES, PROT_READ, MAP_SHARED, slot->file, 0);
	if (area == MAP_FAILED)
		return -errno;
	error = copy(slot->data, area);
	munmap(area, PS_CAPTURE_SLOT_BYTES);
	if (error)
		return error;
	slot->bytes = bytes;
	return 1;
}

static enum ps_reason reason_of(u16 id)
{
	enum ps_reason i;

	for (i = 1; i < PS_REASONS; i++)
		if (ps_reason_info[i].id == id)
			return i;
	return PS_REASON_UNDECIDED;
}

static int name_context(char *text, const struct ps_capture_note *note)
{
	size_t length;

	if (note->family == PS_CAPTURE_NO_CONTEXT || !note->family) {
		strcpy(text, note->family ? "-" : "Other");
		return 0;
	}
	if (!inet_ntop(note->family, note->address, text, PS_ITEM_MAX))
		return -EBADMSG;
	length = strlen(text);
	if (note->vlan)
		snprintf(text + length, PS_ITEM_MAX - length, "@%u", note->vlan);
	return 0;
}

static int take_note(struct ps_slot *slot, struct ps_slot_packet *packet)
{
	u32 end = PS_CAPTURE_SLOT_BYTES - (slot->note + 1) * sizeof(struct ps_capture_note);
	struct ps_capture_note note;

	/* Notes and records grow towards each other. */
	if (end < slot->bytes || end > PS_CAPTURE_SLOT_BYTES)
		return -EBADMSG;
	memcpy(&note, slot->data + end, sizeof(note));
	if (note.verdict > PS_REPLY)
		return -EBADMSG;
	packet->ifindex = note.ifindex;
	packet->segments = note.segments;
	packet->verdict = note.verdict;
	packet->reason = reason_of(note.reason);
	slot->note++;
	return name_context(packet->context, &note);
}

int ps_slot_next(struct ps_slot *slot, struct ps_slot_packet *packet)
{
	u32 left = slot->bytes - slot->at;
	struct ps_capture_record record;
	int error;

	if (!left)
		return 0;
	if (left < sizeof(record))
		return -EBADMSG;
	memcpy(&record, slot->data + slot->at, sizeof(record));
	if (record.captured > left - sizeof(record) || record.length < record.captured)
		return -EBADMSG;
	packet->frame = (struct ps_capture_frame){
		.data = slot->data + slot->at + sizeof(record),
		.captured = record.captured,
		.length = record.length,
		.time = record.seconds * 1000000000ULL + record.microseconds * 1000ULL,
	};
	error = take_note(slot, packet);
	if (error)
		return error;
	slot->at += sizeof(record) + record.captured;
	return 1;
}
