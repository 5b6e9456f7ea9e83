/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the form pcapng (draft-ietf-opsawg-pcapng), in the host's byte order:
 * one section of Ethernet interfaces, packets with a comment each, statistics at
 * the end. Errors of writing are left in the stream, for ferror().
 */
#ifndef PS_PCAPNG_H
#define PS_PCAPNG_H

#include <stdio.h>

#include "capture.h"

/**
 * struct ps_pcapng_counts - what is told of an interface at the end
 * @begin: nanoseconds since 1970
 * @end: likewise
 * @received: packets that came
 * @lost: of these not captured, for want of room
 * @accepted: of these in the file
 */
struct ps_pcapng_counts {
	u64 begin;
	u64 end;
	u64 received;
	u64 lost;
	u64 accepted;
};

/* The section's header: what made the file. */
void ps_pcapng_begin(FILE *to, const char *application);

/* An interface; they are numbered from 0 on. */
void ps_pcapng_interface(FILE *to, const char *name, const char *description);

/* A packet that came in there. */
void ps_pcapng_packet(FILE *to, u32 interface, const struct ps_capture_frame *frame,
		      const char *comment);

void ps_pcapng_statistics(FILE *to, u32 interface, const struct ps_pcapng_counts *counts,
			  const char *comment);

#endif
