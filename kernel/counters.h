/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics. A packet moves exactly one pair of numbers in its context, those
 * of its reason, on its CPU; every line of a stats file is a sum of such
 * numbers, by the rows of reasons.def. So rx_total = delivered + drops +
 * replies holds by construction, and the packet path writes one cache line.
 */
#ifndef PS_COUNTERS_H
#define PS_COUNTERS_H

#include <linux/percpu.h>

#include "core/reasons.h"

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
 */
struct ps_counters {
	struct ps_count reason[PS_REASONS];
};

/**
 * struct ps_instance_counters - an instance's counters, likewise
 * @counter: by enum ps_instance_counter
 */
struct ps_instance_counters {
	u64 counter[PS_INSTANCE_COUNTERS];
};

static inline void ps_counters_add(struct ps_counters __percpu *counters, enum ps_reason reason,
				   u32 packets, u32 bytes)
{
	struct ps_counters *here = this_cpu_ptr(counters);

	here->reason[reason].packets += packets;
	here->reason[reason].bytes += bytes;
}

/* Room for the text of either stats file. */
#define PS_COUNTERS_TEXT	2048

/* Print the stats file of an instance into @text; its length. */
size_t ps_counters_print_instance(const struct ps_instance_counters __percpu *counters, char *text);

/* Print the stats file of a context into @text; its length. */
size_t ps_counters_print_context(const struct ps_counters __percpu *counters, u16 status,
				 char *text);

/* The sum over all CPUs. */
void ps_counters_sum(const struct ps_counters __percpu *counters, struct ps_counters *sum);

#endif
