/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets of this host that an incoming TCP packet would get to.
 */
#ifndef PS_LISTENER_H
#define PS_LISTENER_H

#include <net/sock.h>

#include "frame.h"

/**
 * struct ps_listener_place - where the stack will look for a packet's socket
 * @net:	the namespace
 * @dev:	the device that the stack receives it on
 * @dif:	that device's index, or that of the VRF it belongs to
 * @sdif:	its index, if it belongs to a VRF, or 0
 */
struct ps_listener_place {
	struct net *net;
	const struct net_device *dev;
	int dif;
	int sdif;
};

/**
 * ps_listener_locate() - find out where the stack will look
 * @place: out
 * @frame: a packet to this host
 * @packet: the same, parsed; not inside of PPPoE
 *
 * It goes where the stack goes: through VLAN devices (which may be in another
 * namespace), bonds and bridges.
 *
 * Context: RCU read side.
 * Return: false where the stack drops it: no such VLAN here.
 */
bool ps_listener_locate(struct ps_listener_place *place, const struct ps_frame *frame,
			const struct ps_packet *packet);

/**
 * ps_listener_find() - find who listens
 * @place: from ps_listener_locate()
 * @frame: the packet
 * @packet: the same, parsed: TCP
 *
 * Context: RCU read side, which keeps the socket: it comes without reference.
 * Return: a socket in state TCP_LISTEN, or NULL.
 */
struct sock *ps_listener_find(const struct ps_listener_place *place, const struct ps_frame *frame,
			      const struct ps_packet *packet);

/**
 * ps_listener_clear_way() - let what is left of other connections give way to a new one
 * @place: from ps_listener_locate()
 * @frame: an ACK with a valid SYN cookie, which completes the new connection
 * @packet: the same, parsed
 *
 * Two sockets with the addresses and ports of the ACK would keep it from the
 * listener: one in TIME_WAIT, which goes if the stack would have had it give
 * way to the SYN before this ACK; and a request from before cookies went on,
 * whose SYN+ACK the client can't have heeded.
 *
 * Context: softirq, or process with softirqs disabled; RCU read side.
 */
void ps_listener_clear_way(const struct ps_listener_place *place, const struct ps_frame *frame,
			   const struct ps_packet *packet);

#endif
