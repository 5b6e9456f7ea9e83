/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's version, as /sys/packetshield/version and modinfo show it. */
#ifndef PS_VERSION_H
#define PS_VERSION_H

#define PS_VERSION	"0.1.0"

#endif
