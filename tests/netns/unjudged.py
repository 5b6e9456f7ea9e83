#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What passes unjudged, SPEC 2.1, and what only looks like it, as raw frames.

A case sends one frame from the attacker and says either that no context counts
it and it reaches the stack, or which drop reason of Other counts it. Everything
is closed. Runs on the shield, see shield.py.
"""
import struct

import frames as f
import shield

GLOBAL = "2001:db8::3"
LINK = "fe80::ff:fe00:3"
SHIELD_LINK = "fe80::ff:fe00:1"
ALL_NODES_MAC = b"\x33\x33\0\0\0\1"


def neighbour_solicitation(src, **header):
    target = f.address("2001:db8::1")
    message = f.icmp6(src, "2001:db8::1", 135, b"\0" * 4 + target + b"\1\1" + f.mac(f.ATTACKER))
    header.setdefault("hops", 255)
    return f.ipv6(message, f.ICMPV6, src, "2001:db8::1", **header)


def nd(kind, src=LINK, dst=SHIELD_LINK, hops=255, body=b"\0" * 20):
    return f.ipv6(f.icmp6(src, dst, kind, body), f.ICMPV6, src, dst, hops=hops)


def router_advertisement(prefix):
    body = struct.pack("!BBHII", 64, 0, 0, 0, 0)  # not a default router
    body += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 3600, 0) + f.address(prefix)
    packet = f.ipv6(f.icmp6(LINK, "ff02::1", 134, body), f.ICMPV6, LINK, "ff02::1", hops=255)
    return f.ethernet(packet, f.IPV6, ALL_NODES_MAC)


def mld(src, kind=130, hops=1, router_alert=True, body=struct.pack("!HH", 100, 0) + b"\0" * 16 +
        b"\2\x7d\0\0"):
    """A general query (RFC 3810) by default, answered within 100 ms."""
    message, protocol = f.icmp6(src, "ff02::1", kind, body), f.ICMPV6
    if router_alert:
        message = f.extension(message, protocol, b"\5\2\0\0\1\0")
        protocol = f.HOP_BY_HOP
    return f.ipv6(message, protocol, src, "ff02::1", hops=hops)


def dhcpv6(src, dport=546, dst=SHIELD_LINK):
    return f.ipv6(f.udp(src, dst, dport, 547, b"\7\0\0\1"), f.UDP, src, dst)


class Frames:
    def __init__(self):
        self.sock = shield.packet_socket("attacker", 0)
        self.tap = shield.Tap()

    def passes(self, name, packet, dst=f.mac(f.SHIELD)):
        self.case(name, packet, {}, dst)

    def judged(self, name, packet, reason, counter="filtered", dst=f.mac(f.SHIELD)):
        self.case(name, packet, {"rx_total": 1, counter: 1, reason: 1}, dst)

    def case(self, name, packet, expected, dst):
        before, total = shield.counters(), shield.total()
        self.tap.packets()
        self.sock.send(f.ethernet(packet, f.IPV6, dst))
        shield.wait_until(shield.total, lambda now: now > total)
        problems = shield.expect_moved(before, expected)
        wanted = 0 if expected else 1
        reached = self.tap.packets().count(packet)
        if reached != wanted:
            problems.append("%d reached the stack" % reached)
        shield.report(name, problems)

    def other_ethertypes(self):
        """Only the instance counts them."""
        for name, ethertype, payload in (
                ("LLDP", 0x88CC, b"\2\7\4\2\0\0\0\0\3"), ("an unknown EtherType", 0x9000, b"\0" * 46),
                ("PPPoE discovery", 0x8863, b"\x11\x09" + b"\0" * 4),
                ("PPPoE, not IP", f.PPPOE, f.pppoe(b"\1\1\0\4", 0xC021))):
            sock = shield.packet_socket("shield", ethertype)
            before, total = shield.counters(), shield.total()
            for _ in range(3):
                self.sock.send(f.ethernet(payload, ethertype))
            shield.wait_until(shield.total, lambda now, old=total: now >= old + 3)
            problems = shield.expect_moved(before, {})
            got = len(shield.drain(sock))
            if shield.total() < total + 3 or got != 3:
                problems.append("%d counted, %d arrived" % (shield.total() - total, got))
            shield.report("%s passes, counted by the instance alone" % name, problems)
            sock.close()


def discovery(run):
    for kind in range(133, 138):
        run.passes("ND type %d, hop limit 255" % kind, nd(kind))
        run.judged("ND type %d, hop limit 254" % kind, nd(kind, hops=254), "closed_protocol")
    run.passes("ND from a global source", neighbour_solicitation(GLOBAL))
    run.passes("duplicate address detection", neighbour_solicitation("::"))
    run.judged("duplicate address detection, hop limit 64", neighbour_solicitation("::", hops=64),
               "source_unspecified", "invalid")
    message = f.icmp6(LINK, SHIELD_LINK, 135, b"\0" * 20)
    behind = {
        "a hop-by-hop header": (f.HOP_BY_HOP, f.extension(message, f.ICMPV6)),
        "a destination header": (f.DESTINATION, f.extension(message, f.ICMPV6)),
        "an atomic fragment header": (f.FRAGMENT, f.fragment6(message, f.ICMPV6)),
        "a fragment header": (f.FRAGMENT, f.fragment6(message, f.ICMPV6, more=1))}
    for name, (protocol, payload) in behind.items():
        run.judged("ND behind " + name, f.ipv6(payload, protocol, LINK, SHIELD_LINK, hops=255),
                   "closed_protocol")
    run.judged("ND shorter than its header", nd(135, body=b""), "icmp_header", "invalid")
    for kind in (128, 138):
        run.judged("ICMPv6 type %d, hop limit 255" % kind, nd(kind), "closed_protocol")


def listeners(run):
    to = ALL_NODES_MAC
    for kind in (130, 131, 132, 143):
        run.passes("MLD type %d" % kind, mld(LINK, kind), to)
    run.passes("MLD without router alert", mld(LINK, router_alert=False), to)
    run.judged("MLD, hop limit 2", mld(LINK, hops=2), "closed_protocol", dst=to)
    run.judged("MLD, hop limit 255", mld(LINK, hops=255), "closed_protocol", dst=to)
    run.judged("MLD from a global source", mld(GLOBAL), "closed_protocol", dst=to)
    run.judged("another type with hop limit 1", mld(LINK, 128), "closed_protocol", dst=to)
    inner = f.extension(f.icmp6(LINK, "ff02::1", 130, b"\0" * 20), f.ICMPV6)
    run.judged("MLD behind a destination header",
               f.ipv6(inner, f.DESTINATION, LINK, "ff02::1", hops=1), "closed_protocol", dst=to)


def listener_answers(run):
    """The shield's own stack hears the query: the client hears its report."""
    client = shield.packet_socket("client", f.IPV6)
    run.sock.send(f.ethernet(mld(LINK), f.IPV6, ALL_NODES_MAC))
    def report(frame):
        return frame[22:38] == f.address(SHIELD_LINK) and frame[54 + 8] == 143
    heard = shield.receive(client, report, shield.TIMEOUT)
    shield.report("MLD: the shield answers a query", [] if heard else ["no report"])


def advertisement(run):
    """Router advertisements configure the shield's interface."""
    run.sock.send(router_advertisement("2001:db8:77::"))
    def addresses():
        with open("/proc/net/if_inet6", encoding="ascii") as lines:
            return lines.read()
    found = shield.wait_until(addresses, lambda text: "20010db800770000" in text)
    shield.report("RA: the shield takes an address from its prefix",
                  [] if "20010db800770000" in found else [found])


def dhcp_answers(run):
    run.passes("DHCPv6 to port 546 from a link-local source", dhcpv6(LINK))
    run.judged("DHCPv6 to port 546 from a global source", dhcpv6(GLOBAL), "closed_udp_port")
    run.judged("UDP to port 547 from a link-local source", dhcpv6(LINK, 547), "closed_udp_port")
    run.judged("UDP to port 545 from a link-local source", dhcpv6(LINK, 545), "closed_udp_port")
    data = f.extension(f.udp(LINK, SHIELD_LINK, 546, 547), f.UDP)
    run.judged("DHCPv6 behind an extension header",
               f.ipv6(data, f.DESTINATION, LINK, SHIELD_LINK), "closed_udp_port")


def neighbours_frames(run):
    """Frames for the neighbour, which the switch floods, while eth0 is
    promiscuous: seen, not judged, whatever is in them, and not answered."""
    everything = shield.packet_socket("shield", shield.ALL)
    answers = shield.packet_socket("client", shield.ALL)
    src, dst = "10.0.0.2", "10.0.0.1"
    flood = [f.ipv4(f.tcp(src, dst, flags=flags), f.TCP, src, dst)
             for flags in (0, f.SYN, f.ACK, f.SYN | f.FIN)] + [b"", b"\x45"]
    before, total = shield.counters(), shield.total()
    for packet in flood:
        run.sock.send(f.ethernet(packet, f.IPV4, f.mac(f.NEIGHBOUR)))
    shield.wait_until(shield.total, lambda now: now >= total + len(flood))
    problems = shield.expect_moved(before, {})
    seen = [frame[14:] for frame in shield.drain(everything) if frame[:6] == f.mac(f.NEIGHBOUR)]
    if seen != flood:
        problems.append("%d of %d frames seen" % (len(seen), len(flood)))
    if shield.receive(answers, lambda frame: frame[6:12] == f.mac(f.SHIELD) and
                      frame[12:14] == b"\x08\0", 0.5):
        problems.append("the shield answered")
    shield.report("a neighbour's frames are neither judged nor answered", problems)


def main():
    run = Frames()
    for scenario in (discovery, listeners, listener_answers, advertisement, dhcp_answers,
                     neighbours_frames):
        scenario(run)
    run.other_ethertypes()
    print("end")


main()
