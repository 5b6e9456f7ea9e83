/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadows <net/genetlink.h>: newer kernels tell what runs before an operation
 * of it by struct genl_split_ops, and dumps of their request by struct
 * genl_info. Kbuild looks which it is.
 */
#ifndef PS_COMPAT_NET_GENETLINK_H
#define PS_COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>

#ifdef PS_HAVE_GENL_SPLIT_PRE
#define ps_genl_pre_ops const struct genl_split_ops
#else
#define ps_genl_pre_ops const struct genl_ops
#endif

#ifdef PS_HAVE_GENL_INFO_DUMP
#define ps_genl_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#else
#define ps_genl_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#endif

#endif
