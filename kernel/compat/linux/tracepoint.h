/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadows <linux/tracepoint.h>: __assign_str() takes the source a second time
 * before 6.10.
 */
#ifndef PS_COMPAT_LINUX_TRACEPOINT_H
#define PS_COMPAT_LINUX_TRACEPOINT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define ps_assign_str(field, source) __assign_str(field)
#else
#define ps_assign_str(field, source) __assign_str(field, source)
#endif

#endif

/* The original is read more than once, by design. */
#include_next <linux/tracepoint.h>
