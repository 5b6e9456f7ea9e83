#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the filters of protected ports take for wrong while they are on: TCP
packets that match nothing, SPEC 5.3, and those whose TTL isn't the one that
their network is known for, SPEC 5.4.

Runs on the shield, see shield.py and session_wire.py, with the session_neighbours
of session_lib.sh; peers in far networks are behind those. Port 80 is in
p_tcp_ports of Other, port 81 in w_tcp_ports.
"""
import functools
import time

import frames as f
import shield
from session_wire import V4, V6, Net, Peer, Wire, case, listen, reset, toggled, write
from shield import expect

TTL, SECOND, THIRD, COOKIE = 57, 33, 90, 70
Y = 20  # packets a second from networks never seen
STRAYS = (f.ACK, f.PSH | f.ACK, f.FIN | f.ACK, f.SYN | f.ACK, f.RST, f.RST | f.ACK)


class Far(Net):
    """A host in a far network, whose packets arrive with a TTL."""

    def __init__(self, address, ttl):
        super().__init__(address, address, "2001:db8::1" if ":" in address else "10.0.0.1")
        self.at(ttl)

    def at(self, ttl):
        field = "hops" if ":" in self.peer else "ttl"
        self.ip = functools.partial(f.ipv6 if ":" in self.peer else f.ipv4, **{field: ttl})
        return self


# The same in both families: a network and its last address, the next one, one
# that is known by a cookie only, one whose packets never prove anything.
FAMILIES = (
    ("IPv4", V4, "198.51.100.7", "198.51.100.255", "198.51.101.0", "198.51.102.%d",
     "198.51.103.%d"),
    ("IPv6", V6, "2001:db8:a00:b00::7", "2001:db8:a00:bff:ffff::9", "2001:db8:a00:c00::",
     "2001:db8:a00:d00::%d", "2001:db8:a00:e00::%d"),
)


def kind(flags):
    if flags & f.RST:
        return "rst"
    return "syn" if flags & (f.SYN | f.ACK) == f.SYN else "ack"


def unmatched(wire, listener, name, net):
    with case(name + ": what matches nothing is delivered as long as that is off") as problems:
        for flags in STRAYS:
            expect(problems, lambda: Peer(wire, net).send(flags), rx_total=1, delivered=1,
                   unmatched=1, unknown_ttl=1, **{kind(flags): 1})
    with case(name + ": and dropped when it is on, but for SYNs") as problems, \
            toggled("unmatch_drop"):
        for flags in STRAYS:
            what = "rst" if flags & f.RST else "ack"
            expect(problems, lambda: Peer(wire, net).send(flags), rx_total=1, unmatched=1,
                   unknown_ttl=1, **{what: 1, "drop_" + what: 1, "unmatched_" + what: 1})
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        peer.hear(connection, b"an answer")
        expect(problems, lambda: peer.stray(5), rx_total=5, delivered=5, ack=5, established=5)
        reset(connection)


def probe(problems, wire, host, verdict, flags=f.SYN):
    """A packet of no session from there: passes, differs or is unknown."""
    expected = {"rx_total": 1, kind(flags): 1}
    if verdict == "differs":
        expected.update(unknown_ttl=1, ttlfiltered=1, ttl_differs=1)
    else:
        expected["delivered"] = 1
        if verdict == "unknown":
            expected["unknown_ttl"] = 1
        if flags != f.SYN:
            expected["unmatched"] = 1
    expect(problems, lambda: Peer(wire, host).send(flags), **expected)


def bucket_fills():
    """Two packets of networks never seen pass again."""
    start = time.monotonic()
    shield.wait_until(time.monotonic, lambda now: now > start + 3 / Y)


def established(wire, listener, name, address, last, following):
    """The TTL of an established session is that of its network."""
    peer = Peer(wire, Far(address, TTL))
    connection = peer.establish(listener)
    peer.hear(connection, b"an answer")
    with case(name + ": a TTL that a session has taught, for its whole network") as problems, \
            toggled("unknown_ttlfilter"):
        for host in (address, last):
            for ttl in (TTL - 2, TTL, TTL + 2):
                probe(problems, wire, Far(host, ttl), "passes")
                probe(problems, wire, Far(host, ttl), "passes", f.ACK)
            for ttl in (1, TTL - 3, TTL + 3, 255):
                probe(problems, wire, Far(host, ttl), "differs")
                probe(problems, wire, Far(host, ttl), "differs", f.RST)
        bucket_fills()
        probe(problems, wire, Far(following, TTL), "unknown")
    with case(name + ": a known session may have another, which is learned as well") as problems, \
            toggled("unknown_ttlfilter"):
        probe(problems, wire, Far(address, SECOND), "differs")
        peer.net.at(SECOND)
        expect(problems, lambda: peer.tell(connection, b"x"), rx_total=1, delivered=1, ack=1,
               established=1)
        probe(problems, wire, Far(last, SECOND), "passes")
        probe(problems, wire, Far(last, TTL), "passes")
    with case(name + ": but not a third one") as problems, toggled("unknown_ttlfilter"):
        peer.net.at(THIRD)
        expect(problems, lambda: peer.tell(connection, b"x"), rx_total=1, delivered=1, ack=1,
               established=1)
        probe(problems, wire, Far(last, THIRD), "differs")
        probe(problems, wire, Far(last, TTL), "passes")
    with case(name + ": the filter is off: everything passes, and is counted") as problems:
        expect(problems, lambda: Peer(wire, Far(last, THIRD)).send(f.SYN), rx_total=1,
               delivered=1, syn=1, unknown_ttl=1)
    with case(name + ": ports of w_tcp_ports have no filter") as problems, \
            toggled("unknown_ttlfilter"):
        expect(problems, lambda: Peer(wire, Far(last, THIRD), 81).send(f.SYN), rx_total=1,
               delivered=1, whitelisted=1)
    reset(connection)


def cookie(wire, listener, name, pattern):
    """A valid cookie teaches, too; and the filter comes before cookies."""
    peer = Peer(wire, Far(pattern % 7, COOKIE))
    with case(name + ": a TTL that a valid SYN cookie has taught") as problems:
        with toggled("new_cookie"):
            reset(peer.connect(listener))
        with toggled("unknown_ttlfilter"):
            probe(problems, wire, Far(pattern % 8, COOKIE + 1), "passes")
            probe(problems, wire, Far(pattern % 8, COOKIE + 4), "differs")
    with case(name + ": no cookie for a TTL that differs") as problems, \
            toggled("unknown_ttlfilter", "new_cookie"):
        probe(problems, wire, Far(pattern % 9, COOKIE + 4), "differs")
        expect(problems, lambda: Peer(wire, Far(pattern % 9, COOKIE)).send(f.SYN), rx_total=1,
               syn=1, syncookie=1)


def never_proven(wire, name, pattern):
    """What anybody can send teaches nothing, and little of it passes."""
    host = Far(pattern % 7, TTL)
    with case(name + ": packets that prove nothing teach nothing") as problems:
        for flags in (f.SYN, f.ACK, f.ACK, f.RST):
            Peer(wire, host).send(flags)
        bucket_fills()
        with toggled("unknown_ttlfilter"):
            probe(problems, wire, host, "unknown")
            probe(problems, wire, Far(pattern % 8, THIRD), "unknown")
    with case("%s: of networks never seen %d a second pass" % (name, Y)) as problems, \
            toggled("unknown_ttlfilter"):
        bucket_fills()
        number, before, start = 200, shield.counters(), time.monotonic()
        for sport in range(number):
            Peer(wire, host, sport=30000 + sport).send(f.SYN)
        found = shield.wait_until(lambda: shield.moved(before, shield.counters()),
                                  lambda m: m.get("rx_total") == number)
        most = Y // 10 + Y * (time.monotonic() - start) + 1
        passed, dropped = found.get("delivered", 0), found.get("ttl_unknown", 0)
        if not Y // 10 <= passed <= most or passed + dropped != number:
            problems.append("%d passed, at most %d may: %s" % (passed, most, found))
        if found["unknown_ttl"] != number or found["ttlfiltered"] != dropped:
            problems.append("%s" % found)


def main():
    wire, listener = Wire(), listen()
    write("Other/unknown_ttlfilter_threshold", "1000000-%d" % Y)
    for name, near, address, last, following, taught, unproven in FAMILIES:
        unmatched(wire, listener, name, near)
        established(wire, listener, name, address, last, following)
        cookie(wire, listener, name, taught)
        never_proven(wire, name, unproven)
    print("end")


main()
