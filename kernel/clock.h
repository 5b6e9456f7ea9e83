/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of packets and of what they leave behind: the kernel's tick, which is
 * one load to read. It goes on by 10 ms at most and never back; like the coarse
 * clocks, but those take a sequence lock and a multiplication more.
 */
#ifndef PS_CLOCK_H
#define PS_CLOCK_H

#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/time64.h>

/* Nanoseconds since some time before the kernel's start. */
static inline u64 ps_clock_ns(void)
{
	return get_jiffies_64() * (NSEC_PER_SEC / HZ);
}

/* Seconds since then, modulo 2^32. */
static inline u32 ps_clock_seconds(void)
{
	return (u32)div_u64(get_jiffies_64(), HZ);
}

#endif
