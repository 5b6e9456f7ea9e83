/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A token bucket in one word, shared by all CPUs without a lock.
 *
 * The word is the time at which the bucket will be full again (the virtual
 * schedule of the generic cell rate algorithm, ITU-T I.371). Each packet moves
 * it on by 1/rate; it may run ahead of the clock by depth/rate. A packet that
 * is refused only reads the word.
 */
#ifndef PS_CORE_BUCKET_H
#define PS_CORE_BUCKET_H

#include "platform.h"

/**
 * ps_bucket_take() - take tokens, if there are enough
 * @bucket: the word; zero is a full bucket
 * @now: time in nanoseconds
 * @rate: tokens a second, 1-1,000,000,000
 * @depth: tokens in a full bucket, 1 or more
 * @tokens: how many to take; more than @depth is never granted
 *
 * Return: whether they were taken.
 */
bool ps_bucket_take(u64 *bucket, u64 now, u32 rate, u32 depth, u32 tokens);

/**
 * ps_bucket_burst() - a depth for what comes from many hosts
 * @rate: tokens a second
 *
 * A tenth of a second's worth may come at once, so that a second never sees
 * much more than the rate; small rates still let a handful of hosts ping in
 * the same instant.
 */
static inline u32 ps_bucket_burst(u32 rate)
{
	return max(rate / 10, min(rate, 10U));
}

#endif
