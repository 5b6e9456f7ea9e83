/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadows <linux/kobject.h>: the callbacks of struct kobj_type take a const
 * kobject since 6.2.
 */
#ifndef PS_COMPAT_LINUX_KOBJECT_H
#define PS_COMPAT_LINUX_KOBJECT_H

#include_next <linux/kobject.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define ps_const_kobject const struct kobject
#else
#define ps_const_kobject struct kobject
#endif

#endif
