/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics. A packet moves exactly one pair of numbers in its context, those
 * of its reason, on its CPU; the lines of a stats file are sums of such numbers,
 * by the rows of reasons.def. So rx_total = delivered + drops + replies holds by
 * construction. What isn't part of the reason (a SYN is one whatever becomes of
 * it) the verdict names besides; those numbers are counters of their own.
 */
#ifndef PS_COUNTERS_H
#define PS_COUNTERS_H

#include <linux/percpu.h>

#include "core/engine.h"

/**
 * struct ps_count - packets (segments, of super-packets) and their bytes
 * @packets: as on the wire
 * @bytes: of what lies behind the Ethernet header
 */
struct ps_count {
	u64 packets;
	u64 bytes;
};

/**
 * struct ps_counters - a context's counters, on one CPU or summed up
 * @reason: by enum ps_reason
 * @event: by enum ps_context_counter: what verdicts moved besides
 */
struct ps_counters {
	struct ps_count reason[PS_REASONS];
	u64 event[PS_CONTEXT_COUNTERS];
};

struct ps_capture_slot;

/* The pools of slots that packets are captured in (capture.h). */
enum ps_capture_kind {
	PS_CAPTURE_ALL,
	PS_CAPTURE_CONTEXT,
	PS_CAPTURES,
};

/**
 * struct ps_instance_counters - an instance's counters, likewise
 * @counter: by enum ps_instance_counter
 * @filling: slots that this CPU fills with packets, or NULL, by enum
 *	     ps_capture_kind: packets look here anyway
 */
struct ps_instance_counters {
	u64 counter[PS_INSTANCE_COUNTERS];
	struct ps_capture_slot *filling[PS_CAPTURES];
};

/**
 * ps_counters_add() - count a packet
 * @counters: of the context that judged
 * @verdict: what was judged
 * @packets: how many it stands for
 * @bytes: behind the Ethernet header
 */
static inline void ps_counters_add(struct ps_counters __percpu *counters,
				   const struct ps_verdict *verdict, u32 packets, u32 bytes)
{
	struct ps_counters *here = this_cpu_ptr(counters);
	unsigned long moves = verdict->moves;

	here->reason[verdict->reason].packets += packets;
	here->reason[verdict->reason].bytes += bytes;
	for (; moves; moves &= moves - 1)
		here->event[__ffs(moves)] += packets;
}

/* Room for the text of either stats file. */
#define PS_COUNTERS_TEXT	2048

/* Print the stats file of an instance into @text; its length. */
size_t ps_counters_print_instance(const struct ps_instance_counters __percpu *counters, char *text);

/* Print the stats file of a context into @text: its length or -ENOMEM. */
ssize_t ps_counters_print_context(const struct ps_counters __percpu *counters, u16 status,
				  char *text);

/* One counter of an instance, over all CPUs. */
u64 ps_counters_instance(const struct ps_instance_counters __percpu *counters,
			 enum ps_instance_counter counter);

/* The sum over all CPUs, with the lines of stats in @sum->event. */
void ps_counters_stats(const struct ps_counters __percpu *counters, struct ps_counters *sum);

/* Whether no packet has ever moved one. */
bool ps_counters_are_zero(const struct ps_counters __percpu *counters);

/* The sum over all CPUs. */
void ps_counters_sum(const struct ps_counters __percpu *counters, struct ps_counters *sum);

#endif
