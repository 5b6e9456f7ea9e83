/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYN cookies: the kernel's side of ps_platform_cookie_*() in core/platform.h.
 */
#ifndef PS_SYNCOOKIE_H
#define PS_SYNCOOKIE_H

int ps_syncookie_init(void);
void ps_syncookie_exit(void);

#endif
