/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule with the target PACKETSHIELD says to the kernel. Its size and
 * layout never change; they are the same for programs of 32 and 64 bits.
 */
#ifndef PS_XT_PACKETSHIELD_H
#define PS_XT_PACKETSHIELD_H

#define XT_PACKETSHIELD_NAME_SIZE 64

/**
 * struct xt_packetshield_info - the target's data
 * @instance:	name of the instance that judges, zero-terminated
 * @kernel:	used by the kernel only
 */
struct xt_packetshield_info {
	char instance[XT_PACKETSHIELD_NAME_SIZE];
	void *kernel __attribute__((aligned(8)));
};

#endif
