/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last header of a walk: TCP, UDP, ICMP or ICMPv6. */
#ifndef PS_CORE_TRANSPORT_H
#define PS_CORE_TRANSPORT_H

#include "packet_walk.h"

/**
 * ps_transport_parse() - read the transport header and apply its rules
 * @walk: at the transport header of a whole packet or of a first fragment;
 *	  walk->packet->protocol says which
 *
 * Fills in the fields of the packet that belong to the transport header, as
 * far as there is one, and packet->reason or packet->wants. Other protocols
 * have no rules.
 */
void ps_transport_parse(struct ps_walk *walk);

#endif
