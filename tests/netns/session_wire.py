# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP peer made of frames, for the tests of sessions: it talks to real sockets
of the shield and says what it likes, right or wrong.

A peer is an address that no host has. Its frames leave from the attacker's
interface, and the answers are read there; the shield has its MAC address in its
neighbour tables (session_neighbours of session_lib.sh), so it never asks.

What a case counts is told as a whole: counters that it doesn't name mustn't move.
"""
import contextlib
import socket
import struct
import time

import frames as f
import shield

ISN = 1000  # where a peer's sequence numbers start
FAR = 1 << 20  # outside of every window
PEER_MAC = f.mac(f.NOBODY)
# What the shield makes of TCP; rx_total, delivered and tx_total follow from it.
WATCHED = ("invalid", "whitelisted", "filtered", "out_related", "syn", "rst", "ack", "ttlfiltered",
           "established", "newconns", "unmatched", "syncookie", "drop_syn", "drop_rst", "drop_ack")
TOGGLES = ("new_cookie", "unmatch_drop", "unknown_ttlfilter", "deliver_block")


class Problem(Exception):
    """Why a case can't go on."""


@contextlib.contextmanager
def case(name):
    """One result: what is appended to the list, or stops the case, is wrong."""
    problems = []
    try:
        yield problems
    except (Problem, OSError) as problem:
        problems.append(repr(problem))
    shield.report(name, problems)


def write(path, text):
    with open("%s/%s" % (shield.INSTANCE, path), "w", encoding="ascii") as file:
        file.write(text)


@contextlib.contextmanager
def option(path, value):
    """with option(...): and as it was before afterwards."""
    with open("%s/%s" % (shield.INSTANCE, path), encoding="ascii") as file:
        before = file.read()
    write(path, value)
    try:
        yield
    finally:
        write(path, before)


@contextlib.contextmanager
def toggled(*protections, context="Other"):
    """with toggled("unmatch_drop"): switched on by hand, and off afterwards."""
    for name in protections:
        write("Other/%s_toggled" % name, "+" + context)
    try:
        yield
    finally:
        for name in protections:
            write("Other/%s_toggled" % name, "-" + context)


class Counts:
    """What moves in a context from here on."""

    def __init__(self, context="Other"):
        self.context = context
        self.before = shield.counters(context)

    def moved(self):
        found = shield.moved(self.before, shield.counters(self.context))
        return {name: found[name] for name in WATCHED if name in found}

    def expect(self, problems, **expected):
        found = shield.wait_until(self.moved, lambda moved: moved == expected)
        if found != expected:
            problems.append("expected %s, counted %s" % (expected, found))
        self.before = shield.counters(self.context)


def outlast(start, seconds):
    """Wait until a session whose last packet was before `start` (of
    time.monotonic()) is older than the seconds: its clock has whole ones."""
    shield.wait_until(lambda: time.monotonic() - start, lambda gone: gone > seconds + 1,
                      timeout=seconds + shield.TIMEOUT)


class Segment:
    """A TCP segment out of a frame."""

    def __init__(self, packet):
        if packet[0] >> 4 == 4:
            self.src, self.dst = packet[12:16], packet[16:20]
            packet = packet[(packet[0] & 15) * 4:struct.unpack("!H", packet[2:4])[0]]
        else:
            self.src, self.dst = packet[8:24], packet[24:40]
            packet = packet[40:40 + struct.unpack("!H", packet[4:6])[0]]
        self.sport, self.dport, self.seq, self.ack, offset, self.flags = struct.unpack(
            "!HHIIBB", packet[:14])
        self.payload = packet[(offset >> 4) * 4:]
        self.length = len(self.payload) + bool(self.flags & f.SYN) + bool(self.flags & f.FIN)


def is_tcp(frame):
    kind = struct.unpack("!H", frame[12:14])[0]
    return (kind == f.IPV4 and frame[23] == f.TCP) or (kind == f.IPV6 and frame[20] == f.TCP)


class Wire:
    """The interface that peers share."""

    def __init__(self, host="attacker", interface="eth0"):
        self.sock = shield.packet_socket(host, shield.ALL, interface)
        self.arrived = {}
        self.next_port = 20000

    def new_port(self):
        self.next_port += 1
        return self.next_port

    def segments(self, key):
        """Those that have come for a peer."""
        for frame in shield.drain(self.sock):
            if is_tcp(frame) and frame[6:12] != PEER_MAC:
                segment = Segment(frame[14:])
                to = (segment.dst, segment.dport, segment.src, segment.sport)
                self.arrived.setdefault(to, []).append(segment)
        return self.arrived.setdefault(key, [])


class Peer:
    """One connection's remote side."""

    def __init__(self, wire, net, port=80, sport=None, vlan=0):
        """net: a Net below; vlan: tag of its frames."""
        self.wire, self.net, self.port, self.vlan = wire, net, port, vlan
        self.sport = sport or wire.new_port()
        self.seq, self.ack = ISN, 0
        self.key = (f.address(net.peer), self.sport, f.address(net.shield), port)

    def send(self, flags, payload=b"", seq=None, ack=None, vlan=None):
        """Out of turn with seq or ack; else what is sent counts as sent."""
        number = self.seq if seq is None else seq
        segment = f.tcp(self.net.peer, self.net.shield, self.port, self.sport, flags,
                        payload=payload, seq=number, ack=self.ack if ack is None else ack)
        packet = self.net.ip(segment, f.TCP, self.net.peer, self.net.shield)
        kind, tag = self.net.ethertype, self.vlan if vlan is None else vlan
        if tag:
            packet, kind = f.tag(packet, kind, tag), f.VLAN
        self.wire.sock.send(f.ethernet(packet, kind, src=PEER_MAC))
        if seq is None:
            self.seq += len(payload) + bool(flags & f.SYN) + bool(flags & f.FIN)

    def stray(self, number=1, flags=f.ACK, vlan=None):
        """Segments that no socket believes: outside of the window."""
        for _ in range(number):
            self.send(flags, seq=self.seq + FAR, vlan=vlan)

    def receive(self, wanted, what, timeout=None):
        """The next segment that wanted() accepts; those before it are gone."""
        def ask():
            queue = self.wire.segments(self.key)
            while queue:
                segment = queue.pop(0)
                if wanted(segment):
                    return segment
            return None
        segment = shield.wait_until(ask, lambda found: found, timeout)
        if not segment:
            raise Problem("never got " + what)
        return segment

    def expect(self, flags, timeout=None):
        """The next segment with all of these flags; it will be acknowledged."""
        segment = self.receive(lambda s: s.flags & flags == flags, "flags %#x" % flags, timeout)
        self.ack = segment.seq + segment.length & 0xFFFFFFFF
        return segment

    def expect_data(self, data):
        segment = self.receive(lambda s: s.payload, repr(data))
        self.ack = segment.seq + segment.length & 0xFFFFFFFF
        if segment.payload != data:
            raise Problem("got %r, not %r" % (segment.payload, data))

    def quiet(self):
        """Forget what has come; all of it has, the sender's softirq brings it."""
        self.wire.segments(self.key).clear()

    def silent(self, seconds=0.3):
        """Whether nothing comes for a moment."""
        return not shield.wait_until(lambda: self.wire.segments(self.key), bool, seconds)

    def begin(self):
        """SYN, and wait for its answer."""
        self.send(f.SYN)
        self.expect(f.SYN | f.ACK)

    def connect(self, listener):
        """A whole handshake, in which the server's side has nothing to say."""
        self.begin()
        self.send(f.ACK)
        return self.accepted(listener)

    def accepted(self, listener):
        """The server's end of it."""
        listener.settimeout(shield.TIMEOUT)
        connection, address = listener.accept()
        if address[1] != self.sport:
            raise Problem("accepted %s, not %d" % (address, self.sport))
        return connection

    def establish(self, listener):
        """And the server's first segment, which makes the session."""
        connection = self.connect(listener)
        self.tell(connection, b"hello")
        return connection

    def tell(self, connection, data):
        """Data, which the server's side reads and acknowledges."""
        end = self.seq + len(data)
        self.send(f.ACK | f.PSH, data)
        connection.settimeout(shield.TIMEOUT)
        if connection.recv(65536) != data:
            raise Problem("the server didn't read %r" % data)
        self.receive(lambda s: s.flags & f.ACK and s.ack == end, "the acknowledgement")

    def hear(self, connection, data):
        """Data from the server's side, acknowledged."""
        connection.send(data)
        self.expect_data(data)
        self.send(f.ACK)


class Net:
    """Where a peer and the shield meet."""

    def __init__(self, name, peer, address):
        self.name, self.peer, self.shield = name, peer, address
        self.ip, self.ethertype = (f.ipv6, f.IPV6) if ":" in peer else (f.ipv4, f.IPV4)


V4 = Net("IPv4", "10.0.0.99", "10.0.0.1")
V6 = Net("IPv6", "2001:db8::99", "2001:db8::1")
V4_100 = Net("IPv4 in VLAN 100", "10.1.0.99", "10.1.0.1")
V6_100 = Net("IPv6 in VLAN 100", "2001:db8:1::99", "2001:db8:1::1")


def listen(port=80, backlog=256):
    """A listener of both families on all of the shield's addresses."""
    return socket.create_server(("", port), family=socket.AF_INET6, backlog=backlog,
                                dualstack_ipv6=True, reuse_port=True)


def reset(connection):
    """Close it by RST, which ends its session."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
