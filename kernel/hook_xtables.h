/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The xtables target PACKETSHIELD: how packets come to us by rules of iptables
 * and nftables, with no interface attached.
 */
#ifndef PS_HOOK_XTABLES_H
#define PS_HOOK_XTABLES_H

int ps_hook_xtables_init(void);
void ps_hook_xtables_exit(void);

#endif
