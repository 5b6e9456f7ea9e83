/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames out of a capture file, pcap or pcapng, of Ethernet; by libpcap. */
#ifndef PS_CAPTURE_H
#define PS_CAPTURE_H

#include <stdio.h>

#include "platform.h"

#define PS_MAC_BYTES	6
#define PS_ETHERNET	14	/* bytes of an Ethernet header */

/**
 * struct ps_capture - an open file
 * @pcap: of libpcap
 * @name: for messages
 * @number: of the last frame, from 1 on
 */
struct ps_capture {
	struct pcap *pcap;
	const char *name;
	u64 number;
};

/**
 * struct ps_capture_frame - a frame
 * @data: from the Ethernet header on, until the next one is read
 * @captured: bytes at @data
 * @length: bytes it had on the wire
 * @time: nanoseconds since 1970
 * @number: in the file, from 1 on
 */
struct ps_capture_frame {
	const u8 *data;
	u32 captured;
	u32 length;
	u64 time;
	u64 number;
};

/**
 * ps_capture_open() - open a file
 * @capture: filled
 * @from: an open stream, closed with the capture, and on errors as well
 * @name: of the file, kept by reference
 *
 * Return: enum ps_exit; errors have been told.
 */
int ps_capture_open(struct ps_capture *capture, FILE *from, const char *name);
void ps_capture_close(struct ps_capture *capture);

/**
 * ps_capture_next() - read a frame
 * @capture: the capture
 * @frame: filled
 *
 * Return: 1; 0 behind the last; -1 where the file is broken, which has been told.
 */
int ps_capture_next(struct ps_capture *capture, struct ps_capture_frame *frame);

#endif
