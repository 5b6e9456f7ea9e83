#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What keeps sessions, counters and protections apart: the instance, the
context, and the VLAN where the context's name has one.

Runs on the shield, see shield.py and session_wire.py. The instance "shield" has
eth0, "second" has eth1; the attacker has the other ends of both. Port 80 is
protected everywhere.
"""
import frames as f
import shield
from session_wire import (V4, V4_100, V6, V6_100, Counts, Net, Peer, Wire, case, listen, option,
                          reset, toggled, write)

SECOND = "../second/Other"  # as a context, seen from the first instance
OPENED = {"syn": 1, "ack": 2, "established": 2, "newconns": 1}  # Peer.establish()
V4_ETH1 = Net("IPv4", "10.3.0.99", "10.3.0.1")
V6_ETH1 = Net("IPv6", "2001:db8:3::99", "2001:db8:3::1")


class Several:
    """Counts of several contexts; those that aren't named mustn't move."""

    def __init__(self, *contexts):
        self.counts = {context: Counts(context) for context in contexts}

    def expect(self, problems, expected):
        # Those that move first, so that the others have had the time to.
        for context in sorted(self.counts, key=lambda name: name not in expected):
            found = []
            self.counts[context].expect(found, **expected.get(context, {}))
            problems += ["%s: %s" % (context, problem) for problem in found]


def protections(context):
    """The status word of a context."""
    return shield.numbers("%s/%s/stats" % (shield.INSTANCE, context))["status"]


def instances(listener):
    first, second = Wire(), Wire(interface="eth1")
    for net, net1 in ((V4, V4_ETH1), (V6, V6_ETH1)):
        with case(net.name + ": two instances: each counts its own") as problems:
            counts = Several("Other", SECOND)
            peer, peer1 = Peer(first, net), Peer(second, net1)
            connection = peer.establish(listener)
            counts.expect(problems, {"Other": OPENED})
            connection1 = peer1.establish(listener)
            counts.expect(problems, {SECOND: OPENED})
        with case(net.name + ": two instances: a session of one is none of the other") as problems:
            peer.wire = second
            peer.stray(3)
            counts.expect(problems, {SECOND: {"ack": 3, "unmatched": 3}})
            peer.wire = first
            peer.stray(3)
            counts.expect(problems, {"Other": {"ack": 3, "established": 3}})
        with case(net.name + ": two instances: protections of one, of the other") as problems:
            for on, off, wire, wire1 in (("Other", SECOND, first, second),
                                         (SECOND, "Other", second, first)):
                name = "shield" if on == "Other" else "second"
                write("../%s/Other/unmatch_drop_toggled" % name, "+Other")
                Peer(wire, net).stray()
                Peer(wire1, net).stray()
                counts.expect(problems, {on: {"ack": 1, "unmatched": 1, "drop_ack": 1},
                                         off: {"ack": 1, "unmatched": 1}})
                write("../%s/Other/unmatch_drop_toggled" % name, "-Other")
        reset(connection)
        reset(connection1)


def contexts(wire, listener):
    for net, net100 in ((V4, V4_100), (V6, V6_100)):
        for name in (net.shield, net100.shield):
            write("contexts", "+" + name)
            write(name + "/p_tcp_ports", "+80")
        counts = Several("Other", net.shield, net100.shield)
        with case(net.name + ": two contexts, one port: each counts its own") as problems:
            connection = Peer(wire, net).establish(listener)
            counts.expect(problems, {net.shield: OPENED})
            connection100 = Peer(wire, net100, vlan=100).establish(listener)
            counts.expect(problems, {net100.shield: OPENED})
        with case(net.name + ": two contexts, one port: a protection of one") as problems, \
                toggled("unmatch_drop", context=net.shield):
            Peer(wire, net).stray()
            Peer(wire, net100, vlan=100).stray()
            counts.expect(problems, {net.shield: {"ack": 1, "unmatched": 1, "drop_ack": 1},
                                     net100.shield: {"ack": 1, "unmatched": 1}})
        with case(net.name + ": two contexts, one port: a threshold of one") as problems, \
                option(net100.shield + "/unmatch_drop_threshold", "40-20"), \
                option(net.shield + "/unmatch_drop_threshold", "1000000-20"):
            def strays():
                for _ in range(100):
                    Peer(wire, net).stray()
                    Peer(wire, net100, vlan=100).stray()
                return [protections(context) for context in (net.shield, net100.shield, "Other")]
            found = shield.wait_until(strays, lambda status: any(status))
            if found != [0, 4, 0]:
                problems.append("status %s" % found)
        reset(connection)
        reset(connection100)
        for name in (net.shield, net100.shield):
            write("contexts", "-" + name)


def vlans(wire, listener):
    """A tag is part of the session only where it is part of the context."""
    for net in (V4_100, V6_100):
        plain, tagged = net.shield, net.shield + "@100"
        write("contexts", "+" + plain)
        write(plain + "/p_tcp_ports", "+80")
        with case(net.name + ": a context without VLAN: packets may come another way") as problems:
            counts = Several("Other", plain)
            peer = Peer(wire, net, vlan=100)
            connection = peer.establish(listener)
            peer.stray(2, vlan=0)
            peer.stray(2, vlan=200)
            counts.expect(problems, {plain: {"syn": 1, "ack": 6, "established": 6, "newconns": 1}})
            reset(connection)
        write("contexts", "+" + tagged)
        write(tagged + "/p_tcp_ports", "+80")
        with case(net.name + ": a context with VLAN: its sessions are that VLAN's") as problems:
            counts = Several("Other", plain, tagged)
            peer = Peer(wire, net, vlan=100)
            connection = peer.establish(listener)
            peer.stray(1, vlan=0)
            peer.stray(1, vlan=200)
            counts.expect(problems, {tagged: OPENED, plain: {"ack": 2, "unmatched": 2}})
            peer.tell(connection, b"as before")
            counts.expect(problems, {tagged: {"ack": 1, "established": 1}})
            reset(connection)
        with case(net.name + ": a protection of the context with VLAN") as problems, \
                toggled("unmatch_drop", context=tagged):
            for vlan in (0, 100, 200):
                Peer(wire, net).send(f.ACK, vlan=vlan)
            counts.expect(problems, {tagged: {"ack": 1, "unmatched": 1, "drop_ack": 1},
                                     plain: {"ack": 2, "unmatched": 2}})
        for name in (tagged, plain):
            write("contexts", "-" + name)


def main():
    listener = listen()
    for context in ("Other", SECOND):
        write(context + "/p_tcp_ports", "+80")
    instances(listener)
    wire = Wire()
    contexts(wire, listener)
    vlans(wire, listener)
    print("end")


main()
