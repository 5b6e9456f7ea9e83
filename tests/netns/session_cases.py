#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How sessions of protected TCP ports come, live and go, segment by segment:
peers made of frames on one side, real sockets on the other, exact counts.

Runs on the shield, see shield.py and session_wire.py. Port 80 is in
p_tcp_ports of Other, port 22 in no list; protections are off, but where a case
switches them on.
"""
import socket

import frames as f
import shield
from session_wire import (ISN, TOGGLES, V4, V6, Counts, Peer, Wire, case, listen, option, reset,
                          toggled, write)

ADMITTED = 16  # incoming packets of a half-open session
TCP_REPAIR = 19


def handshake(wire, listener, net):
    with case(net.name + ": a SYN opens nothing, whatever the request socket says") as problems:
        peer, counts = Peer(wire, net), Counts()
        peer.begin()
        counts.expect(problems, syn=1)
        peer.stray()
        peer.receive(lambda s: s.flags == f.ACK, "the request socket's answer")
        peer.stray(ADMITTED + 3)
        counts.expect(problems, ack=ADMITTED + 4, established=ADMITTED, unmatched=4)
        # The session is used up, whoever sends: no new SYN buys it packets.
        peer.send(f.SYN, seq=ISN)
        peer.stray()
        counts.expect(problems, syn=1, ack=1, unmatched=1)
    with case(net.name + ": handshake, then the server's first segment opens") as problems:
        peer, counts = Peer(wire, net), Counts()
        connection = peer.connect(listener)
        counts.expect(problems, syn=1, ack=1, established=1)
        peer.tell(connection, b"hello")
        counts.expect(problems, ack=1, established=1, newconns=1)
        peer.stray(3 * ADMITTED)
        peer.tell(connection, b"and more")
        counts.expect(problems, ack=3 * ADMITTED + 1, established=3 * ADMITTED + 1)
        reset(connection)
    with case(net.name + ": a server that speaks first") as problems:
        peer, counts = Peer(wire, net), Counts()
        connection = peer.connect(listener)
        peer.hear(connection, b"220 ready")
        peer.stray(2 * ADMITTED)
        counts.expect(problems, syn=1, ack=2 * ADMITTED + 2, established=2 * ADMITTED + 2,
                      newconns=1)
        reset(connection)


def cookie(wire, listener, net):
    """No session at the SYN, an established one with the first ACK."""
    with case(net.name + ": a SYN cookie that comes back opens an established session") as \
            problems, toggled("new_cookie", "unmatch_drop"):
        peer, counts = Peer(wire, net), Counts()
        peer.begin()
        peer.stray(2)
        counts.expect(problems, syn=1, syncookie=1, ack=2, unmatched=2, drop_ack=2)
        peer.send(f.ACK)
        counts.expect(problems, ack=1, established=1, newconns=1)
        peer.stray(3 * ADMITTED)
        counts.expect(problems, ack=3 * ADMITTED, established=3 * ADMITTED)
        connection = peer.accepted(listener)
        peer.tell(connection, b"hello")
        counts.expect(problems, ack=1, established=1)
        reset(connection)
        peer.send(f.ACK)
        counts.expect(problems, ack=1, unmatched=1, drop_ack=1)


def half_open_flood(wire, net):
    """Spoofed SYNs too few to switch cookies on, then ACKs on their tuples."""
    peers = [Peer(wire, net) for _ in range(5)]
    with case(net.name + ": half-open sessions admit %d each" % ADMITTED) as problems:
        with option("Other/new_cookie_threshold", "1000-500"), toggled("unmatch_drop"):
            counts = Counts()
            for peer in peers:
                peer.begin()
            counts.expect(problems, syn=5)
            for peer in peers:
                peer.stray(30)
            left = 5 * (30 - ADMITTED)
            counts.expect(problems, ack=150, established=5 * ADMITTED, unmatched=left,
                          drop_ack=left)
    with case(net.name + ": an ACK that guesses wrong ends its half-open session") as problems:
        with toggled("unmatch_drop"):
            peer = Peer(wire, net)
            peer.begin()
            counts = Counts()
            peer.send(f.ACK, ack=1)
            peer.expect(f.RST)
            counts.expect(problems, ack=1, established=1)
            peer.stray(5)
            counts.expect(problems, ack=5, unmatched=5, drop_ack=5)


def closing(wire, listener, net):
    with case(net.name + ": simultaneous close, to TIME_WAIT") as problems, \
            toggled("unmatch_drop"):
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        counts = Counts()
        before_fin = peer.ack
        connection.close()
        peer.expect(f.FIN)
        # As if it had left before the server's came.
        peer.send(f.FIN | f.ACK, ack=before_fin)
        peer.receive(lambda s: s.flags & f.ACK and s.ack == peer.seq, "the FIN's ACK")
        peer.send(f.ACK)
        peer.quiet()
        peer.send(f.FIN | f.ACK, seq=peer.seq - 1)
        # TIME_WAIT says ACK; without a socket it would be RST.
        peer.receive(lambda s: s.flags == f.ACK, "an ACK of TIME_WAIT")
        counts.expect(problems, ack=3, established=3)
    with case(net.name + ": the server has vanished: data, its RST, the end") as problems, \
            toggled("unmatch_drop"):
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        connection.close()  # in repair mode, without a word
        counts = Counts()
        peer.send(f.ACK | f.PSH, b"anybody there?")
        peer.expect(f.RST)
        counts.expect(problems, ack=1, established=1)
        peer.send(f.ACK)
        counts.expect(problems, ack=1, unmatched=1, drop_ack=1)


def resets(wire, listener, net):
    with case(net.name + ": blind RSTs and FINs cost nobody the connection") as problems, \
            toggled("unmatch_drop"):
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        counts = Counts()
        peer.stray(20, f.RST)
        peer.stray(20, f.RST | f.ACK)
        peer.stray(20, f.FIN | f.ACK)
        counts.expect(problems, rst=40, ack=20, established=60)
        peer.tell(connection, b"still here")
        peer.hear(connection, b"so am I")
        counts.expect(problems, ack=2, established=2)
        reset(connection)
    with case(net.name + ": not even the right RST ends a session, but the answer to what comes "
              "after it") as problems, toggled("unmatch_drop"):
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        counts = Counts()
        peer.send(f.RST)
        counts.expect(problems, rst=1, established=1)
        peer.quiet()
        peer.send(f.ACK)
        peer.expect(f.RST)
        peer.send(f.ACK)
        counts.expect(problems, ack=2, established=1, unmatched=1, drop_ack=1)
        connection.close()
    with case(net.name + ": an outgoing RST ends it at once") as problems, toggled("unmatch_drop"):
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        counts = Counts()
        reset(connection)
        peer.expect(f.RST)
        for flags in (f.ACK, f.FIN | f.ACK, f.RST):
            peer.send(flags)
        counts.expect(problems, ack=2, rst=1, unmatched=3, drop_ack=2, drop_rst=1)


STRAYS = ((f.ACK, "ack"), (f.FIN | f.ACK, "ack"), (f.SYN | f.ACK, "ack"), (f.RST, "rst"),
          (f.RST | f.ACK, "rst"))


def unmatched(wire, net):
    """Of no session at all: delivered and counted, or dropped and counted."""
    tap = shield.Tap()

    def reached():
        return sum(f.address(net.peer) in packet for packet in tap.packets())

    for flags, line in STRAYS:
        with case("%s: flags %#04x of no session" % (net.name, flags)) as problems:
            tap.packets()
            counts = Counts()
            Peer(wire, net).send(flags, ack=1)
            counts.expect(problems, unmatched=1, **{line: 1})
            if not shield.wait_until(reached, bool):
                problems.append("off, but it wasn't delivered")
            with toggled("unmatch_drop"):
                Peer(wire, net).send(flags, ack=1)
                counts.expect(problems, unmatched=1, **{line: 1, "drop_" + line: 1})
                if reached():
                    problems.append("on, but it was delivered")


def lists(wire, net):
    """Ports in no list: nothing comes in but what belongs to this host's own."""
    with case(net.name + ": a SYN to a port in no list is dropped, open or not") as problems:
        with listen(22):
            counts = Counts()
            peer = Peer(wire, net, port=22)
            peer.send(f.SYN)
            counts.expect(problems, filtered=1)
            if not peer.silent():
                problems.append("and answered")


def own(wire, net):
    """Connections that this host opens."""
    family = socket.AF_INET6 if net is V6 else socket.AF_INET

    def opener(port):
        """A socket that connects to a peer which listens, as it were."""
        sock = socket.socket(family)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((net.shield, port))
        sock.setblocking(False)
        peer = Peer(wire, net, port=port)
        sock.connect_ex((net.peer, peer.sport))
        peer.expect(f.SYN)
        return sock, peer

    def opened(sock, peer, problems):
        peer.receive(lambda s: s.flags & f.ACK and s.ack == peer.seq, "its ACK")
        peer.tell(sock, b"pong")
        peer.hear(sock, b"ping")
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            problems.append("the connection failed")
        reset(sock)

    # A port in no list, and one that is protected besides, whose connections count.
    for port, opens in ((50000, {}), (80, {"newconns": 1})):
        with case("%s: own connection from port %d, all protections on" % (net.name, port)) as \
                problems, option("Other/deliver_block_threshold", "100000-90000"), \
                toggled(*TOGGLES):
            counts = Counts()
            sock, peer = opener(port)
            peer.send(f.SYN | f.ACK)
            opened(sock, peer, problems)
            counts.expect(problems, out_related=3, **opens)
    with case(net.name + ": simultaneous open, all protections on") as problems, \
            option("Other/deliver_block_threshold", "100000-90000"), toggled(*TOGGLES):
        counts = Counts()
        sock, peer = opener(50001)
        peer.send(f.SYN)
        peer.expect(f.SYN | f.ACK)
        peer.send(f.SYN | f.ACK, seq=ISN)
        opened(sock, peer, problems)
        counts.expect(problems, out_related=4)
        peer.send(f.ACK)
        counts.expect(problems, filtered=1)


def main():
    wire, listener = Wire(), listen()
    write("Other/p_tcp_ports", "+80")
    for net in (V4, V6):
        handshake(wire, listener, net)
        cookie(wire, listener, net)
        half_open_flood(wire, net)
        closing(wire, listener, net)
        resets(wire, listener, net)
        unmatched(wire, net)
        lists(wire, net)
        own(wire, net)
    print("end")


main()
