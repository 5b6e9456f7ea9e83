/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IP headers of a walk. */
#ifndef PS_CORE_PACKET_IP_H
#define PS_CORE_PACKET_IP_H

#include "packet_walk.h"

/**
 * ps_packet_ip_parse() - read the IP header and all that belongs to it
 * @walk: at the IP header; walk->ipv4 says which one the frame announces
 *
 * Fills in addresses, protocol, TTL, fragment and end. Afterwards the walk is
 * behind the options and extension headers and bounded by the IP packet.
 *
 * Return: true if the walk goes on; else packet->reason or packet->wants is set.
 */
bool ps_packet_ip_parse(struct ps_walk *walk);

#endif
