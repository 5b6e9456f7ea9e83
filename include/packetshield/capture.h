/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What captures look like, for the module and for programs.
 *
 * <i>/capture.map and <i>/context_capture.map: read() of 4 bytes gives the bytes
 * that are captured in a slot, 0 when nothing is. mmap() at offset 0 of the same
 * open file, read-only, gives the slot, until the next read() releases it. Slots
 * are handed out when they are full, or after PS_CAPTURE_PATIENCE ms. A read() of
 * less than 4 bytes only releases, and gives none. A new reader's first read()
 * takes over, with the slot that its predecessor hadn't released; that one gets
 * ESTALE from then on.
 *
 * A slot of capture.map is records of pcap files, one after the other, as long
 * as read() said: struct ps_capture_record in the host's byte order, and the
 * frame. A slot of context_capture.map is chunks: struct ps_capture_chunk in
 * network byte order, and records of that context's packets.
 *
 * Who maps all of the PS_CAPTURE_SLOT_BYTES also finds a note on each record:
 * that of the first record in the last bytes of the slot, that of the second in
 * front of it, and so on. Records that are handed out always have their note.
 */
#ifndef PACKETSHIELD_CAPTURE_H
#define PACKETSHIELD_CAPTURE_H

#include <linux/types.h>

#define PS_CAPTURE_SLOT_BYTES	131072
#define PS_CAPTURE_PATIENCE	100	/* ms that packets wait in a slot half full */
#define PS_CAPTURE_FRAME_MAX	65600	/* of longer ones the rest isn't captured */

#define PS_CAPTURE_PCAP_MAGIC	0xa1b2c3d4	/* microseconds */
#define PS_CAPTURE_PCAP_EN10MB	1

/**
 * struct ps_capture_pcap - what raw.cap begins with
 * @magic:	PS_CAPTURE_PCAP_MAGIC, as everything in the host's byte order
 * @major:	2
 * @minor:	4
 * @zone:	0: times are UTC
 * @accuracy:	0
 * @frame_max:	PS_CAPTURE_FRAME_MAX
 * @link:	PS_CAPTURE_PCAP_EN10MB
 */
struct ps_capture_pcap {
	__u32 magic;
	__u16 major;
	__u16 minor;
	__u32 zone;
	__u32 accuracy;
	__u32 frame_max;
	__u32 link;
};

/**
 * struct ps_capture_record - in front of each frame
 * @seconds:		when it came, since 1970
 * @microseconds:	and of that second
 * @captured:		bytes that follow
 * @length:		bytes of the frame on the wire
 */
struct ps_capture_record {
	__u32 seconds;
	__u32 microseconds;
	__u32 captured;
	__u32 length;
};

/**
 * struct ps_capture_chunk - in front of records of one context; network byte order
 * @reserved:	0
 * @family:	AF_INET, AF_INET6, or 0 of the context Other
 * @address:	of the context: IPv4 in the first 4 bytes; the rest is 0
 * @port:	0
 * @vlan:	of the context, 0 without
 * @bytes:	of the records that follow
 */
struct ps_capture_chunk {
	__u16 reserved;
	__u16 family;
	__u8 address[16];
	__u16 port;
	__u16 vlan;
	__u32 bytes;
} __attribute__((packed));

#define PS_CAPTURE_NO_CONTEXT	255	/* ps_capture_note.family of a packet passed unjudged */

/**
 * struct ps_capture_note - what became of a record's packet; host's byte order
 * @ifindex:	of the interface that received it
 * @segments:	packets of the wire that it stands for: more than 1 of super-packets
 * @vlan:	of the context that judged, 0 without
 * @family:	of that context: AF_INET, AF_INET6, 0 of Other, PS_CAPTURE_NO_CONTEXT
 * @verdict:	as the tracepoint packetshield:judge: 0 pass, 1 deliver, 2 drop, 3 reply
 * @reason:	id of its row in reasons.def
 * @reserved:	0
 * @address:	of the context, as in struct ps_capture_chunk
 */
struct ps_capture_note {
	__u32 ifindex;
	__u16 segments;
	__u16 vlan;
	__u8 family;
	__u8 verdict;
	__u16 reason;
	__u32 reserved;
	__u8 address[16];
};

#endif
