/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures: incoming packets as they came, kept in slots until somebody reads
 * them. An instance has two pools of slots: one for all packets, and, once a
 * context has asked for it, one for those of contexts with context_capture 1.
 *
 * A slot is free, then filled by one CPU alone, then full, then a reader's, then
 * free again. Packets take no lock: which slot a CPU fills is a word of that CPU,
 * which only it sets and which it or a reader clears. A reader who takes away a
 * slot half full waits for a grace period before it looks inside, and so for the
 * packet that may be writing there; packets never wait.
 *
 * Invariant: each packet is either in a slot of the first pool or counted in
 * capmissed.
 */
#ifndef PS_CAPTURE_H
#define PS_CAPTURE_H

#include <linux/fs.h>
#include <linux/mutex.h>

#include "core/engine.h"
#include "core/record.h"
#include "counters.h"

enum ps_capture_state {
	PS_CAPTURE_FREE,
	PS_CAPTURE_FILLING,
	PS_CAPTURE_LEAVING, /* taken from its CPU, which may be writing a last packet */
	PS_CAPTURE_FULL,
	PS_CAPTURE_READING,
};

/**
 * struct ps_capture_slot - a slot
 * @area:	what is in it; belongs to the CPU that fills it, then to the reader
 * @order:	grows from one filled slot to the next
 * @since:	jiffies at its first packet
 * @state:	enum ps_capture_state; from FREE by compare-and-exchange, otherwise
 *		by whom it belongs to
 */
struct ps_capture_slot {
	struct ps_record_area area;
	u64 order;
	unsigned long since;
	u32 state;
} ____cacheline_aligned_in_smp;

/**
 * struct ps_capture_pool - slots of one kind
 * @free:	slots that are free and nobody's yet: 0 before there are any
 * @count:	how many there are; valid with @slots
 * @slots:	published once, under ps_capture.lock
 * @memory:	what they are filled with
 * @order:	of the last one that was begun
 */
struct ps_capture_pool {
	atomic_t free;
	u32 count;
	struct ps_capture_slot *slots;
	u8 *memory;
	atomic64_t order;
};

enum ps_capture_file {
	PS_CAPTURE_FILE_RAW,	  /* raw.cap */
	PS_CAPTURE_FILE_MAP,	  /* capture.map */
	PS_CAPTURE_FILE_CONTEXTS, /* context_capture.map */
	PS_CAPTURE_FILES,
};

/**
 * struct ps_capture_reader - who reads a file; all under ps_capture.lock
 * @serial:	of the open file, 0: nobody has yet
 * @slot:	that it has, or NULL
 * @base:	of raw.cap: the offset in the file at which the slot begins
 * @done:	of raw.cap: bytes of the slot that it has got
 */
struct ps_capture_reader {
	unsigned long serial;
	struct ps_capture_slot *slot;
	loff_t base;
	u32 done;
};

/**
 * struct ps_capture - the captures of an instance
 * @pool:	by enum ps_capture_kind
 * @lock:	of the readers; held over a grace period; nothing is taken inside
 *		but the locks of memory
 * @serial:	the last one given to an open file
 * @reader:	by enum ps_capture_file
 */
struct ps_capture {
	struct ps_capture_pool pool[PS_CAPTURES];
	struct mutex lock;
	unsigned long serial;
	struct ps_capture_reader reader[PS_CAPTURE_FILES];
};

void ps_capture_init(struct ps_capture *capture);

/* Free all, when neither packet nor reader can come any more. */
void ps_capture_exit(struct ps_capture *capture);

/**
 * ps_capture_prepare() - see to it that there are slots
 * @capture: of the instance
 * @kind: in which pool
 *
 * Context: process; takes @capture->lock.
 * Return: 0 or -ENOMEM.
 */
int ps_capture_prepare(struct ps_capture *capture, enum ps_capture_kind kind);

/* Capture a packet where there may be room; the rest of ps_capture_packet(). */
void ps_capture_store(struct ps_capture *capture, struct ps_instance_counters *here,
		      const struct ps_arrival *arrival, const struct ps_verdict *verdict);

/**
 * ps_capture_packet() - capture an incoming packet, or count it as missed
 * @capture: of the instance
 * @here: its counters on this CPU
 * @arrival: the packet, as it came
 * @verdict: what becomes of it
 *
 * Context: softirqs disabled; RCU read side.
 */
static inline void ps_capture_packet(struct ps_capture *capture, struct ps_instance_counters *here,
				     const struct ps_arrival *arrival,
				     const struct ps_verdict *verdict)
{
	const struct ps_capture_pool *pool = capture->pool;
	unsigned long wanted = atomic_read(&pool[PS_CAPTURE_ALL].free) |
			       atomic_read(&pool[PS_CAPTURE_CONTEXT].free) |
			       (unsigned long)READ_ONCE(here->filling[PS_CAPTURE_ALL]) |
			       (unsigned long)READ_ONCE(here->filling[PS_CAPTURE_CONTEXT]);

	if (unlikely(wanted))
		ps_capture_store(capture, here, arrival, verdict);
	else
		here->counter[PS_INSTANCE_COUNTER_capmissed] += arrival->packet->segments;
}

/**
 * ps_capture_read() - read() of one of the files
 * @capture: of the instance
 * @counters: of the same
 * @which: the file
 * @file: the open file
 * @buffer: where to
 * @offset: in the file; counts in raw.cap only
 * @count: bytes wanted
 *
 * Context: process; takes @capture->lock; may wait for a grace period.
 * Return: bytes read, or a negative errno: -ESTALE for who isn't the reader any
 * more; in raw.cap -EINVAL before the slot that is being read.
 */
ssize_t ps_capture_read(struct ps_capture *capture, struct ps_instance_counters __percpu *counters,
			enum ps_capture_file which, struct file *file, char *buffer,
			loff_t offset, size_t count);

/**
 * ps_capture_mmap() - mmap() of capture.map or context_capture.map
 * @capture: of the instance
 * @which: the file
 * @file: the open file, which has read a size
 * @vma: where to
 *
 * Context: process; takes @capture->lock.
 * Return: 0; -EINVAL without a slot, or beyond it; -ESTALE; -ENOMEM.
 */
int ps_capture_mmap(struct ps_capture *capture, enum ps_capture_file which, struct file *file,
		    struct vm_area_struct *vma);

#endif
