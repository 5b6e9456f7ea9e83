#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams in fragments: those of a client's stack, whole and in order, and
frames in any order and any number. UDP port 7600 of the shield is in
w_udp_ports, nothing else is open.

Runs on the shield, see shield.py.
"""
import os
import time

import frames as f
import shield
from answers_net import NETS, hears, moves
from session_wire import case, write

PORT, CLOSED = 7600, 7601
SIZE = 1400  # payload of the fragments made here; a multiple of 8
ID_BYTES = 65536  # for all fragments of one id


def fragments_of(net, size):
    """How many a stack makes of a datagram."""
    room = 1480 if net.ip is f.ipv4 else 1448
    return -(-(size + 8) // room)


def of_a_stack(net):
    for size in (1600, 4000, 60000):
        data, number = os.urandom(size), fragments_of(net, size)
        with net.socket("client") as sender, net.socket("shield", PORT) as open_port, \
                net.socket("shield", CLOSED) as closed:
            with case("%s: %d bytes in %d fragments to an open port" % (
                    net.name, size, number)) as problems:
                moves(problems, lambda: sender.sendto(data, open_port.getsockname()),
                      whitelisted=1, followed=number - 1)
                hears(problems, open_port, data)
            with case("%s: %d bytes in %d fragments to a closed one" % (
                    net.name, size, number)) as problems:
                moves(problems, lambda: sender.sendto(data, closed.getsockname()),
                      closed_udp_port=1, fragment_of_dropped=number - 1)
                hears(problems, closed)
            with case("%s: %d bytes in %d fragments as an answer" % (
                    net.name, size, number)) as problems:
                closed.sendto(b"ask", sender.getsockname())
                sender.recv(100)
                moves(problems, lambda: sender.sendto(data, closed.getsockname()),
                      udp_rsp=1, followed=number - 1)
                hears(problems, closed, data)


class Pieces:
    """A datagram of the attacker's, cut into frames."""

    def __init__(self, net, port, size, ident):
        self.net, self.ident = net, ident
        self.data = os.urandom(size)
        self.datagram = f.udp(net.attacker, net.shield, port, payload=self.data)

    def frame(self, offset, end=None):
        """From the offset on, SIZE bytes, or up to the end and as if more came."""
        net, piece = self.net, self.datagram[offset:end or offset + SIZE]
        more = end is not None or offset + SIZE < len(self.datagram)
        if net.ip is f.ipv4:
            packet = f.ipv4(piece, f.UDP, net.attacker, net.shield, ident=self.ident,
                            fragment=offset // 8 | (f.MORE if more else 0))
        else:
            packet = f.ipv6(f.fragment6(piece, f.UDP, offset, int(more), self.ident), f.FRAGMENT,
                            net.attacker, net.shield)
        return f.ethernet(packet, net.ethertype)

    def frames(self):
        return [self.frame(offset) for offset in range(0, len(self.datagram), SIZE)]


def out_of_order(net, wire):
    with case(net.name + ": fragments that come before the first") as problems, \
            net.socket("shield", PORT) as sock:
        pieces = Pieces(net, PORT, 4000, 101)
        moves(problems, lambda: [wire.send(frame) for frame in reversed(pieces.frames())],
              whitelisted=1, followed=2)
        hears(problems, sock, pieces.data)
    with case(net.name + ": what comes behind a dropped first, in any order") as problems, \
            net.socket("shield", CLOSED) as sock:
        first, second, third = Pieces(net, CLOSED, 4000, 102).frames()
        moves(problems, lambda: wire.send(first), closed_udp_port=1)
        moves(problems, lambda: [wire.send(frame) for frame in (third, second)],
              fragment_of_dropped=2)
        hears(problems, sock)
    with case(net.name + ": another packet's fragments follow nobody") as problems:
        shield.wait_until(time.monotonic, lambda now, start=time.monotonic(): now > start + 1)
        wire.send(Pieces(net, CLOSED, 4000, 103).frames()[0])
        moves(problems, lambda: wire.send(Pieces(net, CLOSED, 4000, 104).frames()[1]), followed=1)


def without_budget(net, wire):
    """What follows its first needs nothing of the budget for what doesn't."""
    data, number = os.urandom(60000), fragments_of(net, 60000)
    with case(net.name + ": followers come in when the budget is used up") as problems, \
            net.socket("client") as sender, net.socket("shield", PORT) as sock:
        orphan = Pieces(net, CLOSED, 4000, 107).frames()[1]
        before = shield.counters()
        for _ in range(300):
            wire.send(orphan)
        if not shield.moved(before, shield.counters()).get("orphan_fragment"):
            problems.append("it isn't")
        moves(problems, lambda: sender.sendto(data, sock.getsockname()), whitelisted=1,
              followed=number - 1)
        hears(problems, sock, data)


def one_id(net, wire):
    """Whatever overlaps in it, the fragments of one id carry 64 KiB."""
    fit = ID_BYTES // SIZE
    with case("%s: the fragments of one id: %d, not more" % (net.name, fit)) as problems:
        frames = Pieces(net, PORT, 4000, 105).frames()
        moves(problems, lambda: wire.send(frames[0]), whitelisted=1)
        moves(problems, lambda: [wire.send(frames[1]) for _ in range(fit - 1)], followed=fit - 1)
        moves(problems, lambda: [wire.send(frames[1]) for _ in range(20)], fragment_bytes=20)
        # What is left is less than SIZE.
        small = Pieces(net, PORT, 4000, 105).frame(SIZE, SIZE + 8)
        moves(problems, lambda: wire.send(small), followed=1)
    with case(net.name + ": another id has its own") as problems, \
            net.socket("shield", PORT) as sock:
        pieces = Pieces(net, PORT, 4000, 106)
        moves(problems, lambda: [wire.send(frame) for frame in pieces.frames()],
              whitelisted=1, followed=2)
        hears(problems, sock, pieces.data)


def main():
    write("Other/w_udp_ports", "+%d" % PORT)
    wire = shield.packet_socket("attacker", 0)
    for net in NETS:
        of_a_stack(net)
        out_of_order(net, wire)
        without_budget(net, wire)
        one_id(net, wire)
    write("Other/w_udp_ports", "-%d" % PORT)
    print("end")


main()
