// SPDX-License-Identifier: GPL-2.0-or-later
/* The token bucket of bucket.h. */
#include "bucket.h"

#define PS_NSEC_PER_SEC 1000000000U

bool ps_bucket_take(u64 *bucket, u64 now, u32 rate, u32 depth, u32 tokens)
{
	u64 cost = PS_NSEC_PER_SEC / rate;
	u64 old, full, next;

	do {
		old = READ_ONCE(*bucket);
		full = max(old, now);
		next = full + tokens * cost;
		if (next > now + depth * cost)
			return false;
	} while (ps_platform_cmpxchg64(bucket, old, next) != old);
	return true;
}
