#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The order of the rules, packet by packet: a case configures contexts, sends
valid packets as raw frames, and says which counters must move by how many and
which packets must reach the stack.

Runs on the shield, see shield.py. The contexts' lists are empty before and
after each case.
"""
import time

import frames as f
import shield
from invalid_cases import V4, V6

REPEAT = 3
LISTS = ("w_sources", "b_sources", "w_protocols", "w_tcp_ports", "w_udp_ports", "p_tcp_ports",
         "x_tcp_ports")
OPEN_TCP, OPEN_UDP, OPEN_PROTOCOL = "allowed_tcp_port", "allowed_udp_port", "allowed_protocol"


def write(path, text):
    with open("%s/%s" % (shield.INSTANCE, path), "w", encoding="ascii") as file:
        file.write(text)


def configure(context, **lists):
    """lists: items separated by spaces; lists not named become empty."""
    for name in LISTS:
        items = lists.get(name, "").split()
        write("%s/%s" % (context, name), "\n".join(["{"] + items + ["}"]) + "\n")


class Rules:
    def __init__(self):
        self.sock = shield.packet_socket("attacker", 0)
        self.tap = shield.Tap()

    def send(self, packet, vlan=0):
        ethertype = f.IPV4 if packet[0] >> 4 == 4 else f.IPV6
        payload = packet
        if vlan:
            payload, ethertype = f.tag(packet, ethertype, vlan), f.VLAN
        for _ in range(REPEAT):
            self.sock.send(f.ethernet(payload, ethertype))

    def case(self, name, packet, reason, context="Other", vlan=0, passed=("whitelisted",)):
        """reason: of the drop, or None for a packet that passes, which the counters
        named in passed tell; those of an allowlist unless said otherwise."""
        contexts = ["Other"] + shield.contexts()
        before = {c: shield.counters(c) for c in contexts}
        self.tap.packets()
        self.send(packet, vlan)
        expected = {"rx_total": REPEAT}
        expected.update({"filtered": REPEAT, reason: REPEAT} if reason else
                        dict.fromkeys(("delivered",) + passed, REPEAT))
        problems = []
        for c in [context] + [c for c in contexts if c != context]:
            problems += shield.expect_moved(before[c], expected if c == context else {}, c)
        reached = self.tap.packets().count(packet)
        if reached != (0 if reason else REPEAT):
            problems.append("%d reached the stack" % reached)
        shield.report("%s: %s" % (name, reason or "delivered"), problems)


def closed(rules, family):
    """Step 5: with empty lists all is dropped, by kind."""
    configure("Other")
    rules.case(family.name + ": TCP, nothing allowed", family.tcp(), "closed_tcp_port")
    rules.case(family.name + ": UDP, nothing allowed", family.udp(), "closed_udp_port")
    rules.case(family.name + ": protocol 47, nothing allowed", family.ip(b"gre", 47),
               "closed_protocol")
    rules.case(family.name + ": echo request, nothing allowed", echo(family), "closed_protocol")


def echo(family):
    if family is V4:
        return family.ip(f.icmp(), f.ICMP)
    return family.ip(f.icmp6(family.src, family.dst), f.ICMPV6)


def ports(rules, family):
    """Step 3d, its edges, and that neither protocol's list serves the other."""
    configure("Other", w_tcp_ports="80 1200-1250", w_udp_ports="53 65535")
    for port, reason in ((80, None), (79, "closed"), (81, "closed"), (1199, "closed"),
                         (1200, None), (1250, None), (1251, "closed"), (53, "closed")):
        rules.case("%s: TCP port %d of 80, 1200-1250" % (family.name, port),
                   family.tcp(dport=port), reason and "closed_tcp_port")
    for port, reason in ((53, None), (65535, None), (65534, "closed"), (80, "closed")):
        rules.case("%s: UDP port %d of 53, 65535" % (family.name, port),
                   family.udp(dport=port), reason and "closed_udp_port")


def protocols(rules, family):
    """Step 3c."""
    echoes = f.ICMP if family is V4 else f.ICMPV6
    configure("Other", w_protocols="%d 47" % echoes)
    rules.case(family.name + ": echo request, protocol allowed", echo(family), None)
    rules.case(family.name + ": protocol 47 allowed", family.ip(b"gre", 47), None)
    rules.case(family.name + ": protocol 48 not", family.ip(b"dsr", 48), "closed_protocol")
    rules.case(family.name + ": TCP not", family.tcp(), "closed_tcp_port")
    configure("Other", w_protocols="6")
    rules.case(family.name + ": protocol 6 allows every TCP port", family.tcp(dport=9), None)
    rules.case(family.name + ": and no UDP port", family.udp(), "closed_udp_port")


def sources(rules, family):
    """Steps 2 and 3a: hosts, ranges and prefixes, inside and just outside."""
    if family is V4:
        denied = (("10.0.4.7", "10.0.4.7", "10.0.4.6"), ("10.0.4.10-20", "10.0.4.20", "10.0.4.21"),
                  ("10.8.0.0/13", "10.15.255.255", "10.16.0.0"),
                  ("10.0.5.250-10.0.6.3", "10.0.6.3", "10.0.6.4"))
    else:
        denied = (("2001:db8:4::7", "2001:db8:4::7", "2001:db8:4::8"),
                  ("2001:db8:5::/48", "2001:db8:5:ffff::1", "2001:db8:6::"),
                  ("2001:db8:7::1-2001:db8:7::ffff", "2001:db8:7::1", "2001:db8:7::"))
    for item, inside, outside in denied:
        configure("Other", b_sources=item, w_udp_ports="53")
        rules.case("b_sources %s: %s" % (item, inside), family.udp_between(inside),
                   "denied_source")
        rules.case("b_sources %s: %s" % (item, outside), family.udp_between(outside), None)
        configure("Other", w_sources=item)
        rules.case("w_sources %s: %s" % (item, inside), family.udp_between(inside), None)
        rules.case("w_sources %s: %s" % (item, outside), family.udp_between(outside),
                   "closed_udp_port")


def precedence(rules, family):
    """b_sources before everything that allows; w_sources before what is closed."""
    whole = "0.0.0.0/0" if family is V4 else "::/0"
    echoes = str(f.ICMP if family is V4 else f.ICMPV6)
    configure("Other", b_sources=whole, w_tcp_ports="80", w_udp_ports="53", w_protocols=echoes)
    rules.case(family.name + ": b_sources beats w_tcp_ports", family.tcp(), "denied_source")
    rules.case(family.name + ": b_sources beats w_udp_ports", family.udp(), "denied_source")
    rules.case(family.name + ": b_sources beats w_protocols", echo(family), "denied_source")
    configure("Other", w_sources=whole)
    rules.case(family.name + ": w_sources beats closed TCP ports", family.tcp(), None)
    rules.case(family.name + ": w_sources beats closed UDP ports", family.udp(), None)
    rules.case(family.name + ": w_sources beats closed protocols", family.ip(b"gre", 47), None)


def protected(rules, family):
    """Step 4b comes behind all lists, and is for its ports only."""
    whole = "0.0.0.0/0" if family is V4 else "::/0"
    for name in ("p_tcp_ports", "x_tcp_ports"):
        where = "%s: %s: " % (family.name, name)
        configure("Other", **{name: "80 90-99"})
        for port in (80, 90, 99):
            rules.case(where + "SYN to port %d" % port, family.tcp(dport=port), None,
                       passed=("syn", "unknown_ttl"))
        rules.case(where + "another port", family.tcp(dport=89), "closed_tcp_port")
        rules.case(where + "UDP", family.udp(dport=80), "closed_udp_port")
        configure("Other", **{name: "80", "b_sources": whole})
        rules.case(where + "b_sources comes first", family.tcp(), "denied_source")
        configure("Other", **{name: "80", "w_sources": whole})
        rules.case(where + "w_sources comes first", family.tcp(), None)
        configure("Other", **{name: "80", "w_protocols": "6"})
        rules.case(where + "w_protocols comes first", family.tcp(), None)


def context_order(rules, family):
    """addr@vlan, then addr, then Other; nothing is inherited, removal falls back."""
    address, vlan = family.dst, family.dst + "@100"
    configure("Other", w_tcp_ports="80", w_udp_ports="53")
    write("contexts", "+" + address)
    rules.case("new %s inherits nothing" % address, family.tcp(), "closed_tcp_port", address)
    configure(address, w_tcp_ports="81")
    rules.case("%s has rules of its own" % address, family.tcp(dport=81), None, address)
    rules.case("%s serves tagged packets too" % address, family.tcp(dport=81), None, address, 100)
    write("contexts", "+" + vlan)
    configure(vlan, w_tcp_ports="82")
    rules.case("%s comes first" % vlan, family.tcp(dport=82), None, vlan, 100)
    rules.case("%s inherits nothing from %s" % (vlan, address), family.tcp(dport=81),
               "closed_tcp_port", vlan, 100)
    rules.case("%s not for untagged packets" % vlan, family.tcp(dport=82), "closed_tcp_port",
               address)
    rules.case("%s not for VLAN 200" % vlan, family.tcp(dport=82), "closed_tcp_port",
               address, 200)
    write("contexts", "-" + address)
    rules.case("without %s untagged packets are Other's" % address, family.tcp(), None)
    rules.case("and those of VLAN 200", family.tcp(), None, "Other", 200)
    rules.case("but not those of VLAN 100", family.tcp(), "closed_tcp_port", vlan, 100)
    write("contexts", "-" + vlan)
    rules.case("without %s these too" % vlan, family.tcp(), None, "Other", 100)


def two_contexts(rules, family):
    other = "10.0.0.200" if family is V4 else "2001:db8::200"
    for context, port in ((family.dst, "80"), (other, "81")):
        write("contexts", "+" + context)
        configure(context, w_tcp_ports=port)
    def to_other(port):
        return family.ip(f.tcp(family.src, other, dport=port), f.TCP, dst=other)
    rules.case("two contexts: 80 to the first", family.tcp(dport=80), None, family.dst)
    rules.case("two contexts: 81 to the first", family.tcp(dport=81), "closed_tcp_port",
               family.dst)
    rules.case("two contexts: 80 to the second", to_other(80), "closed_tcp_port", other)
    rules.case("two contexts: 81 to the second", to_other(81), None, other)
    for context in (family.dst, other):
        write("contexts", "-" + context)


def orphan_fragments(rules, family):
    """At most the budget, 100 in one go and 100 a second, reaches the stack."""
    configure("Other", w_udp_ports="53")
    count = 400
    if family is V4:
        packet = V4.ip(b"x" * 8, f.UDP, fragment=f.MORE | 2)
        ethertype = f.IPV4
    else:
        packet = V6.ip(f.fragment6(b"x" * 8, f.UDP, 16, 1), f.FRAGMENT)
        ethertype = f.IPV6
    before, start = shield.counters(), time.monotonic()
    rules.tap.packets()
    for _ in range(count):
        rules.sock.send(f.ethernet(packet, ethertype))
    found = shield.wait_until(lambda: shield.moved(before, shield.counters()),
                              lambda m: m.get("rx_total", 0) >= count)
    allowed = 100 + 100 * (time.monotonic() - start) + 1
    passed, orphans = found.get("delivered", 0), found.get("orphan_fragment", 0)
    problems = []
    if not 0 < passed <= allowed or passed + orphans != count:
        problems = ["%d passed, %d allowed; %s" % (passed, allowed, found)]
    if found.get("filtered") != orphans or found.get("whitelisted"):
        problems.append(str(found))
    if rules.tap.packets().count(packet) != passed:
        problems.append("what reached the stack differs")
    shield.report("%s: %d orphan fragments: their budget passes" % (family.name, count), problems)


def main():
    rules = Rules()
    for family in (V4, V6):
        for scenario in (closed, ports, protocols, sources, precedence, protected,
                         context_order, two_contexts, orphan_fragments):
            scenario(rules, family)
    configure("Other")
    print("end")


if __name__ == "__main__":
    main()
