// SPDX-License-Identifier: GPL-2.0-or-later
/* Summing up and printing; what moves the counters is in counters.h. */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "counters.h"

void ps_counters_sum(const struct ps_counters __percpu *counters, struct ps_counters *sum)
{
	enum ps_context_counter i;
	enum ps_reason reason;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct ps_counters *here = per_cpu_ptr(counters, cpu);

		for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
			sum->event[i] += READ_ONCE(here->event[i]);
		for (reason = 0; reason < PS_REASONS; reason++) {
			sum->reason[reason].packets += READ_ONCE(here->reason[reason].packets);
			sum->reason[reason].bytes += READ_ONCE(here->reason[reason].bytes);
		}
	}
}

bool ps_counters_are_zero(const struct ps_counters __percpu *counters)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (memchr_inv(per_cpu_ptr(counters, cpu), 0, sizeof(*counters)))
			return false;
	return true;
}

u64 ps_counters_instance(const struct ps_instance_counters __percpu *counters,
			 enum ps_instance_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(counters, cpu)->counter[counter]);
	return sum;
}

size_t ps_counters_print_instance(const struct ps_instance_counters __percpu *counters, char *text)
{
	enum ps_instance_counter i;
	size_t length = 0;

	for (i = 0; i < PS_INSTANCE_COUNTERS; i++)
		length += scnprintf(text + length, PS_COUNTERS_TEXT - length, "%-10s: %llu\n",
				    ps_instance_counter_name[i], ps_counters_instance(counters, i));
	return length;
}

void ps_counters_stats(const struct ps_counters __percpu *counters, struct ps_counters *sum)
{
	enum ps_context_counter i;
	enum ps_reason reason;

	ps_counters_sum(counters, sum);
	for (reason = 0; reason < PS_REASONS; reason++)
		for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
			if (ps_reason_info[reason].counters & BIT(i))
				sum->event[i] += sum->reason[reason].packets;
}

ssize_t ps_counters_print_context(const struct ps_counters __percpu *counters, u16 status,
				  char *text)
{
	enum ps_context_counter i;
	struct ps_counters *sum;
	size_t length;

	sum = kmalloc(sizeof(*sum), GFP_KERNEL);
	if (!sum)
		return -ENOMEM;
	ps_counters_stats(counters, sum);
	length = scnprintf(text, PS_COUNTERS_TEXT, "%-11s: 0x%04x\n", "status", status);
	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		length += scnprintf(text + length, PS_COUNTERS_TEXT - length, "%-11s: %llu\n",
				    ps_context_counter_name[i], sum->event[i]);
	kfree(sum);
	return length;
}
