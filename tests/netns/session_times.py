#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long sessions of protected TCP ports live: the time-outs of the three
classes of packets, what refreshes a session, and keepalive across a time-out.

Runs on the shield, see shield.py and session_wire.py. Port 80 is in
p_tcp_ports of Other. Nothing here must be quick: a session is made under long
time-outs, which are made short afterwards.
"""
import socket
import time

import frames as f
from session_wire import (V4, V6, Counts, Peer, Wire, case, listen, outlast, reset, toggled,
                          write)


def set_timeouts(ack, syn, rst):
    for name, value in (("ack", ack), ("syn", syn), ("rst", rst)):
        write(name + "_session_timeout", str(value))


def pairs(wire, listener, number):
    """Peers with established sessions, of both families, and the connections."""
    found = []
    for net in (V4, V6):
        for _ in range(number):
            peer = Peer(wire, net)
            found.append((peer, peer.establish(listener)))
    return found


def all_reset(connections):
    for _, connection in connections:
        reset(connection)


# Packets of the three classes, and what is counted of each without a session.
CLASSES = (("ack", f.ACK, {"ack": 1, "unmatched": 1, "drop_ack": 1}),
           ("ack", f.FIN | f.ACK, {"ack": 1, "unmatched": 1, "drop_ack": 1}),
           ("ack", f.SYN | f.ACK, {"ack": 1, "unmatched": 1, "drop_ack": 1}),
           ("syn", f.SYN, {"syn": 1}),
           ("rst", f.RST, {"rst": 1, "unmatched": 1, "drop_rst": 1}))


def classes(wire, listener):
    """Each class has a time-out of its own."""
    for short in ("ack", "syn", "rst"):
        set_timeouts(60, 60, 60)
        connections = pairs(wire, listener, len(CLASSES))
        set_timeouts(*(1 if name == short else 60 for name in ("ack", "syn", "rst")))
        outlast(time.monotonic(), 1)
        with toggled("unmatch_drop"):
            for (peer, _), (line, flags, missed) in zip(connections, 2 * CLASSES):
                with case("%s: %s_session_timeout has passed, then flags %#04x" %
                          (peer.net.name, short, flags)) as problems:
                    counts = Counts()
                    peer.stray(1, flags)
                    if line == short:
                        counts.expect(problems, **missed)
                    else:
                        counts.expect(problems, established=1, **{line: 1})
        all_reset(connections)


def keep_alive(connection, idle, interval):
    for level, name, value in ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
                               (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle),
                               (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval),
                               (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 100)):
        connection.setsockopt(level, name, value)


def refreshed(wire, listener):
    """Packets of both directions refresh a session; RSTs do, they don't shorten it."""
    set_timeouts(60, 60, 60)
    connections = pairs(wire, listener, 2)
    coming, going = connections[0::2], connections[1::2]
    counts = Counts()
    set_timeouts(3, 1, 3)
    for _, connection in going:
        keep_alive(connection, 1, 1)  # nobody answers those
    start = time.monotonic()
    while time.monotonic() < start + 6:
        tick = time.monotonic()
        for peer, _ in coming:
            peer.stray(1, f.RST)  # nor these
        outlast(tick, 0)
    moved = counts.moved()
    with case("sessions that are refreshed aren't opened anew") as problems:
        if "newconns" in moved or "unmatched" in moved:
            problems.append(str(moved))
    with toggled("unmatch_drop"):
        for what, some in (("come in", coming), ("go out", going)):
            for peer, _ in some:
                with case("%s: a session is refreshed by packets that %s" %
                          (peer.net.name, what)) as problems:
                    counts = Counts()
                    peer.stray(2)
                    counts.expect(problems, ack=2, established=2)
    all_reset(connections)


def probe(peer):
    """Wait for a keepalive of the server's: a byte before what was acknowledged."""
    peer.receive(lambda s: s.flags == f.ACK and s.seq == peer.ack - 1, "a keepalive")


def server_keepalive(wire, listener, net):
    """The server asks: its question is a segment of a full socket."""
    set_timeouts(60, 60, 60)
    often, seldom = Peer(wire, net), Peer(wire, net)
    connections = [(peer, peer.establish(listener)) for peer in (often, seldom)]
    for (peer, connection), (idle, interval) in zip(connections, ((1, 1), (6, 60))):
        peer.hear(connection, b"so that something is acknowledged")
        keep_alive(connection, idle, interval)
    set_timeouts(3, 1, 3)
    with case(net.name + ": keepalive by the server, within the time-out and after it") as \
            problems, toggled("unmatch_drop"):
        counts = Counts()
        for _ in range(3):
            probe(often)
            often.send(f.ACK)
        # This session is long dead, and opened anew by the server's question.
        probe(seldom)
        seldom.send(f.ACK)
        seldom.tell(connections[1][1], b"good morning")
        counts.expect(problems, ack=5, established=5, newconns=1)
    all_reset(connections)


def client_keepalive(wire, listener, net):
    """The client asks, after the session's end: it depends on the protection."""
    set_timeouts(60, 60, 60)
    connections = [(peer, peer.establish(listener)) for peer in (Peer(wire, net), Peer(wire, net))]
    set_timeouts(1, 1, 1)
    outlast(time.monotonic(), 1)
    peer, connection = connections[0]
    with case(net.name + ": keepalive by the client after the time-out, unmatched delivered: "
              "the answer opens the session anew") as problems:
        counts = Counts()
        peer.quiet()
        peer.send(f.ACK, seq=peer.seq - 1)
        peer.expect(f.ACK)
        counts.expect(problems, ack=1, unmatched=1, newconns=1)
        set_timeouts(60, 60, 60)
        with toggled("unmatch_drop"):
            peer.tell(connection, b"good morning")
            counts.expect(problems, ack=1, established=1)
    set_timeouts(1, 1, 1)
    peer, connection = connections[1]
    with case(net.name + ": keepalive by the client after the time-out, unmatched dropped: "
              "only the server can go on") as problems, toggled("unmatch_drop"):
        counts = Counts()
        peer.quiet()
        peer.send(f.ACK, seq=peer.seq - 1)
        counts.expect(problems, ack=1, unmatched=1, drop_ack=1)
        if not peer.silent():
            problems.append("and yet it was answered")
        connection.send(b"are you there?")
        peer.expect_data(b"are you there?")
        set_timeouts(60, 60, 60)
        peer.tell(connection, b"yes")
        counts.expect(problems, ack=1, established=1, newconns=1)
    all_reset(connections)


def main():
    wire, listener = Wire(), listen()
    write("Other/p_tcp_ports", "+80")
    classes(wire, listener)
    refreshed(wire, listener)
    for net in (V4, V6):
        server_keepalive(wire, listener, net)
        client_keepalive(wire, listener, net)
    print("end")


main()
