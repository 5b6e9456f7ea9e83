/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protections of a context: each is a threshold (threshold.h) that switches
 * it, and a bucket for what it lets pass while it is on. A context has memory
 * for those only that were ever configured or toggled.
 */
#ifndef PS_CORE_PROTECTION_H
#define PS_CORE_PROTECTION_H

#include "threshold.h"

/* Protections; bit 1 << n of a context's status says that it is on. */
enum ps_protection_index {
	PS_PROTECT_NEW_COOKIE,
	PS_PROTECT_UNKNOWN_TTL,
	PS_PROTECT_UNMATCHED,
	PS_PROTECT_SURGE,
	PS_PROTECTIONS,
};

/* Status bit: SYN cookies are on but the host refuses them (tcp_syncookies 0). */
#define PS_STATUS_NO_COOKIES	0x0100U
/* Likewise: there is no cluster_secret to make Retries with (p_udp_ports). */
#define PS_STATUS_NO_RETRY	0x0200U

/**
 * struct ps_protection_cpu - one CPU's part, on a cache line of its own
 * @part: of the threshold
 */
struct ps_protection_cpu {
	struct ps_threshold_cpu part;
} ____cacheline_aligned;

/**
 * struct ps_protection - one protection of one context; all zero at its birth
 * @threshold: when it is on
 * @bucket: for ps_threshold_police()
 * @cpu: by number of the CPU
 */
struct ps_protection {
	struct ps_threshold threshold;
	u64 bucket ____cacheline_aligned;
	struct ps_protection_cpu cpu[];
};

#endif
