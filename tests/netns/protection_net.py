# SPDX-License-Identifier: GPL-2.0-or-later
"""The four protections as the tests see them: what floods them, what they do
about it, their status, and what the tracepoint tells.

Every protection gets a context of its own, of an address that no host has: the
stack throws away what is delivered there, and answers nothing.
"""
import os
import re

import frames as f
import shield
from session_wire import PEER_MAC, write
from tree import PROTECTIONS

TRACE = os.environ.get("PS_TRACING", "/sys/kernel/tracing")
EVENT = re.compile(r" ([0-9]+\.[0-9]+): protection: instance=\S+ context=(\S+) "
                   r"protection=(\S+) state=(on|off) rate=([0-9]+)")
PORT = 80


class Target:
    """One protection, the context where it is tried, and packets that count."""

    def __init__(self, name, address, let, dropped):
        self.name, self.context = name, address
        self.bit, self.let, self.dropped = PROTECTIONS[name], let, dropped
        self.src = "2001:db8::99" if ":" in address else "198.51.100.99"
        self.ip, self.ethertype = (f.ipv6, f.IPV6) if ":" in address else (f.ipv4, f.IPV4)

    def frame(self, sport=40000):
        if self.name == "deliver_block":
            protocol, payload = f.UDP, f.udp(self.src, self.context, PORT, sport)
        else:
            flags = f.ACK if self.name == "unmatch_drop" else f.SYN
            protocol = f.TCP
            payload = f.tcp(self.src, self.context, PORT, sport, flags)
        packet = self.ip(payload, protocol, self.src, self.context)
        return f.ethernet(packet, self.ethertype, src=PEER_MAC)

    def frames(self, number=64):
        return [self.frame(30000 + sport) for sport in range(number)]

    def add(self, rates):
        """The context is new: nothing is remembered of floods before."""
        write("contexts", "+" + self.context)
        write(self.context + "/p_tcp_ports", "+%d" % PORT)
        write(self.context + "/w_udp_ports", "+%d" % PORT)
        write("%s/%s_threshold" % (self.context, self.name), rates)

    def remove(self):
        write("contexts", "-" + self.context)

    def toggle(self, sign):
        write("Other/%s_toggled" % self.name, sign + self.context)

    def listed(self):
        with open("%s/Other/%s_toggled" % (shield.INSTANCE, self.name), encoding="ascii") as names:
            return self.context in names.read().split()

    def is_on(self):
        return status(self.context) == self.bit


def status(context):
    return shield.numbers("%s/%s/stats" % (shield.INSTANCE, context))["status"]


# Protection, where, what counts a packet that it lets pass, what one it drops.
# Nobody listens on the port: no SYN cookie can be offered.
TARGETS = [
    Target("new_cookie", "10.0.0.101", "syn", "syn_rate"),
    Target("unmatch_drop", "2001:db8::102", "unmatched", "unmatched_ack"),
    Target("unknown_ttlfilter", "10.0.0.103", "unknown_ttl", "ttl_unknown"),
    Target("deliver_block", "10.0.0.104", "whitelisted", "surge"),
]


class Trace:
    """Protections that went on and off, by the tracepoint. Its clock is
    time.monotonic()'s."""

    def __init__(self):
        self.set("trace_clock", "mono")
        self.set("events/packetshield/protection/enable", "1")

    @staticmethod
    def set(name, value):
        with open("%s/%s" % (TRACE, name), "w", encoding="ascii") as file:
            file.write(value)

    def clear(self):
        self.set("trace", "")

    @staticmethod
    def events(target):
        """(seconds, "on" or "off", rate), in order."""
        with open(TRACE + "/trace", encoding="ascii") as lines:
            found = [EVENT.search(line) for line in lines]
        return [(float(e[1]), e[4], int(e[5])) for e in found
                if e and (e[2], e[3]) == (target.context, target.name)]
