/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadows <net/secure_seq.h>: what the stack adds to the timestamps of a
 * connection can be asked for only where Kbuild has found the function.
 */
#ifndef PS_COMPAT_NET_SECURE_SEQ_H
#define PS_COMPAT_NET_SECURE_SEQ_H

#include_next <net/secure_seq.h>

#ifdef PS_HAVE_TS_OFF
#define ps_ts_off_is_known true
#define ps_ts_off_v4(...) (secure_tcp_seq_and_ts_off(__VA_ARGS__).ts_off)
#define ps_ts_off_v6(...) (secure_tcpv6_seq_and_ts_off(__VA_ARGS__).ts_off)
#else
#define ps_ts_off_is_known false
#define ps_ts_off_v4(...) 0
#define ps_ts_off_v6(...) 0
#endif

#endif
