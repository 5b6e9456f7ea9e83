/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadows <net/tcp.h>: the checks of SYN cookies take the cookie apart from
 * the header before 6.8.
 */
#ifndef PS_COMPAT_NET_TCP_H
#define PS_COMPAT_NET_TCP_H

#include_next <net/tcp.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define ps_cookie_v4_check(ip, tcp) __cookie_v4_check(ip, tcp)
#define ps_cookie_v6_check(ip, tcp) __cookie_v6_check(ip, tcp)
#else
#define ps_cookie_v4_check(ip, tcp) __cookie_v4_check(ip, tcp, ntohl((tcp)->ack_seq) - 1)
#define ps_cookie_v6_check(ip, tcp) __cookie_v6_check(ip, tcp, ntohl((tcp)->ack_seq) - 1)
#endif

#endif
