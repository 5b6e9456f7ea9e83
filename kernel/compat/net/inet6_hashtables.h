/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadows <net/inet6_hashtables.h>, which declares nothing in kernels without
 * IPv6: there nobody is found.
 */
#ifndef PS_COMPAT_NET_INET6_HASHTABLES_H
#define PS_COMPAT_NET_INET6_HASHTABLES_H

#include_next <net/inet6_hashtables.h>

#if !IS_ENABLED(CONFIG_IPV6)
#define inet6_lookup_listener(...) ((struct sock *)NULL)
#define __inet6_lookup_established(...) ((struct sock *)NULL)
#endif

#endif
