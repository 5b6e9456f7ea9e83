# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule of "invalid packets": the packets that hit it, and near misses.

Each case is (name, reason, packet). The reason is that of reasons.def, ALLOWED
for a near miss that the allowlists deliver (TCP ports 1 and 80, UDP ports 1,
53 and 67, protocols 1, 47 and 58), EARLY for later fragments within their budget.
"""
import struct

import frames as f

ALLOWED, EARLY = "allowed", "early_fragment"
NOP = b"\1"


class Family:
    """Builds packets of one family from a source that no host has."""

    def __init__(self, name, src, dst, build):
        self.name, self.src, self.dst, self.build = name, src, dst, build

    def ip(self, payload, protocol, **fields):
        fields.setdefault("src", self.src)
        fields.setdefault("dst", self.dst)
        return self.build(payload, protocol, **fields)

    def tcp(self, ip=None, **fields):
        return self.ip(f.tcp(self.src, self.dst, **fields), f.TCP, **(ip or {}))

    def udp(self, ip=None, **fields):
        return self.ip(f.udp(self.src, self.dst, **fields), f.UDP, **(ip or {}))

    def udp_between(self, src, **fields):
        return self.ip(f.udp(src, self.dst, **fields), f.UDP, src=src)


V4 = Family("ipv4", "10.0.0.99", "10.0.0.1", f.ipv4)
V6 = Family("ipv6", "2001:db8::99", "2001:db8::1", f.ipv6)


def tcp_headers(family):
    whole = f.tcp(family.src, family.dst, flags=f.ACK)
    yield "TCP header of 20 bytes", ALLOWED, family.ip(whole, f.TCP)
    yield "TCP header of 19 bytes", "tcp_header", family.ip(whole[:19], f.TCP)
    yield "no TCP header", "tcp_header", family.ip(b"", f.TCP)
    yield "TCP data offset 4", "tcp_header", family.tcp(offset=4)
    yield "TCP data offset over the packet", "tcp_length", family.tcp(offset=6)
    yield "TCP data offset 15 with 40 bytes", ALLOWED, family.tcp(options=NOP * 40)
    yield "TCP source port 0", "tcp_port_zero", family.tcp(sport=0)
    yield "TCP destination port 0", "tcp_port_zero", family.tcp(dport=0)
    yield "TCP ports 1", ALLOWED, family.tcp(sport=1, dport=1)


def tcp_flags(family):
    cases = (
        (0, "none"), (f.ECE, "none"), (f.CWR, "none"),
        (f.SYN | f.FIN, "syn_fin"), (f.SYN | f.FIN | f.ACK, "syn_fin"),
        (f.SYN | f.RST, "syn_rst"), (f.SYN | f.RST | f.ACK, "syn_rst"),
        (f.FIN | f.RST, "fin_rst"), (f.FIN | f.RST | f.ACK, "fin_rst"),
        (f.FIN, "no_ack"), (f.PSH, "no_ack"), (f.URG, "no_ack"),
        (f.FIN | f.PSH | f.URG, "no_ack"),
        (f.SYN, None), (f.SYN | f.ECE | f.CWR, None), (f.SYN | f.ACK, None), (f.ACK, None),
        (f.RST, None), (f.RST | f.ACK, None), (f.FIN | f.ACK, None),
        (f.PSH | f.ACK, None), (f.FIN | f.PSH | f.URG | f.ACK, None))
    for flags, reason in cases:
        yield ("TCP flags 0x%02x" % flags, "tcp_flags_" + reason if reason else ALLOWED,
               family.tcp(flags=flags))


def tcp_options(family):
    bad = {"length 0": b"\2\0\5\xb4", "length 1": b"\2\1\5\xb4",
           "length over the list": b"\2\5\5\xb4", "last byte without length": NOP * 3 + b"\2"}
    good = {"MSS": b"\2\4\5\xb4", "nonsense behind the end": b"\0\2\0\0",
            "an unknown kind": b"\xfd\4ab"}
    for name, options in bad.items():
        yield "TCP options: " + name, "tcp_options", family.tcp(options=options)
    for name, options in good.items():
        yield "TCP options: " + name, ALLOWED, family.tcp(options=options)


def tcp_data(family):
    fast_open, experiment = b"\x22\2" + NOP * 2, b"\xfe\4\xf9\x89"
    yield "SYN with data", "tcp_syn_data", family.tcp(payload=b"x")
    yield ("SYN with data and another experiment", "tcp_syn_data",
           family.tcp(payload=b"x", options=b"\xfe\4\xf9\x88"))
    yield "SYN+ACK with data", ALLOWED, family.tcp(payload=b"x", flags=f.SYN | f.ACK)
    yield "SYN with data and Fast Open", ALLOWED, family.tcp(payload=b"x", options=fast_open)
    yield ("SYN with data and experimental Fast Open", ALLOWED,
           family.tcp(payload=b"x", options=experiment))
    yield "RST with data", "tcp_rst_data", family.tcp(payload=b"x", flags=f.RST)
    yield "RST+ACK with data", "tcp_rst_data", family.tcp(payload=b"x", flags=f.RST | f.ACK)
    yield "ACK with data", ALLOWED, family.tcp(payload=b"x", flags=f.ACK)
    for bit in (1, 0x8000):
        yield ("TCP checksum, bit 0x%x wrong" % bit, "tcp_checksum",
               family.tcp(payload=b"odd", flags=f.ACK, bad_checksum=bit))


def udp(family):
    yield "UDP header of 7 bytes", "udp_header", family.ip(b"\0\1\0\1\0\7\0", f.UDP)
    yield "UDP length 7", "udp_header", family.udp(length=7)
    yield "UDP length 8", ALLOWED, family.udp(payload=b"")
    yield "UDP length over the IP length", "udp_length", family.udp(length=17)
    yield "UDP length under the IP length", ALLOWED, family.udp(length=15)
    yield "UDP source port 0", "udp_port_zero", family.udp(sport=0)
    yield "UDP destination port 0", "udp_port_zero", family.udp(dport=0)
    yield "UDP ports 1", ALLOWED, family.udp(sport=1, dport=1)
    yield "UDP checksum, one bit wrong", "udp_checksum", family.udp(bad_checksum=0x10)
    yield ("UDP without checksum", ALLOWED if family is V4 else "udp_checksum",
           family.udp(no_checksum=True))


def icmp(family):
    if family is V4:
        number, message = f.ICMP, f.icmp
    else:
        number = f.ICMPV6
        def message(**fields):
            return f.icmp6(family.src, family.dst, **fields)
    yield "ICMP of 7 bytes", "icmp_header", family.ip(message(body=b"123"), number)
    yield "ICMP of 3 bytes", "icmp_header", family.ip(b"\x80\0\0", number)
    yield "ICMP of 8 bytes", ALLOWED, family.ip(message(body=b"1234"), number)
    yield "ICMP checksum, one bit wrong", "icmp_checksum", family.ip(message(bad_checksum=1), number)
    other = f.ICMPV6 if family is V4 else f.ICMP
    yield "ICMP of the other family is any protocol", ALLOWED, family.ip(b"\0", other)


def ipv4_headers():
    base = V4.udp()
    yield "a UDP packet", ALLOWED, base
    yield "version 6 in a frame for IPv4", "ip_version", V6.udp()
    yield "version 5", "ip_version", V4.udp({"version": 5})
    yield "IP header of 19 bytes", "ip_header_length", base[:19]
    yield "nothing behind the EtherType", "ip_header_length", b""
    yield "IP header length 4", "ip_header_length", V4.udp({"ihl": 4})
    yield "IP header length over the frame", "ip_header_length", V4.ip(b"", 47, ihl=6)
    yield "total length under the header's", "ip_length", V4.ip(b"", 47, total=19)
    yield "total length that of the header", ALLOWED, V4.ip(b"", 47)
    yield "total length 0", "ip_length", V4.udp({"total": 0})
    yield "total length over the frame's", "ip_length", V4.udp({"total": len(base) + 1})
    yield "padding behind the packet", ALLOWED, base + b"padding"
    yield "IP checksum, one bit wrong", "ip_checksum", V4.udp({"bad_checksum": 0x100})
    yield ("IP checksum with options, one bit wrong", "ip_checksum",
           V4.udp({"bad_checksum": 2, "options": NOP * 4}))


def ipv4_options():
    cases = (("length 0", "ip_options", b"\7\0\4\0"), ("length 1", "ip_options", b"\7\1\4\0"),
             ("length over the list", "ip_options", b"\7\5\4\0"),
             ("last byte without length", "ip_options", NOP * 3 + b"\7"),
             ("padding", ALLOWED, NOP * 4),
             ("nonsense behind the end", ALLOWED, b"\0\7\0\0"),
             ("record route", ALLOWED, b"\7" + b"\7\4" + b"\0" * 5),
             ("loose source route", "ip_source_route", b"\x83\7\4" + b"\0" * 5),
             ("strict source route", "ip_source_route", b"\x89\7\4" + b"\0" * 5),
             ("source route behind padding", "ip_source_route", NOP + b"\x83\7\4" + b"\0" * 4),
             ("source route behind the end", ALLOWED, b"\0" + b"\x83\7\4" + b"\0" * 4))
    for name, reason, options in cases:
        yield "IP options: " + name, reason, V4.udp({"options": options})


def ipv4_addresses():
    cases = ((V4.dst, "ip_land"), ("10.0.0.2", ALLOWED),
             ("224.0.0.1", "source_multicast"), ("239.255.255.255", "source_multicast"),
             ("223.255.255.255", ALLOWED), ("240.0.0.1", ALLOWED),
             ("255.255.255.255", "source_broadcast"), ("255.255.255.254", ALLOWED),
             ("127.0.0.1", "source_loopback"), ("127.255.255.255", "source_loopback"),
             ("126.255.255.255", ALLOWED), ("128.0.0.1", ALLOWED),
             ("0.0.0.0", "source_unspecified"), ("0.0.0.1", ALLOWED))
    for src, reason in cases:
        yield "source %s" % src, reason, V4.udp_between(src)
    yield "DHCP discovery", ALLOWED, V4.udp_between("0.0.0.0", sport=68, dport=67)
    yield ("0.0.0.0 from port 68 to another port", "source_unspecified",
           V4.udp_between("0.0.0.0", sport=68, dport=53))
    yield ("0.0.0.0 to port 67 from another port", "source_unspecified",
           V4.udp_between("0.0.0.0", sport=69, dport=67))


def ipv4_fragments():
    data = f.udp(V4.src, V4.dst, payload=b"x" * 32)
    segment = f.tcp(V4.src, V4.dst, flags=f.ACK, options=NOP * 12)
    def fragment(payload, protocol, offset, more=f.MORE, **fields):
        return V4.ip(payload, protocol, fragment=more | offset // 8, **fields)
    yield "first fragment with its UDP header", ALLOWED, fragment(data[:8], f.UDP, 0)
    yield "first fragment, nothing of UDP", "fragment_tiny", fragment(b"", f.UDP, 0)
    yield "first fragment with its TCP header", ALLOWED, fragment(segment, f.TCP, 0)
    yield "first fragment without TCP options", "fragment_tiny", fragment(segment[:24], f.TCP, 0)
    yield "first fragment, 16 bytes of TCP", "fragment_tiny", fragment(segment[:16], f.TCP, 0)
    yield "first fragment, nothing of ICMP", "fragment_tiny", fragment(b"", f.ICMP, 0)
    yield "TCP fragment at offset 1", "fragment_offset1", fragment(segment[8:16], f.TCP, 8)
    yield "TCP fragment at offset 2", EARLY, fragment(segment[16:24], f.TCP, 16)
    yield "UDP fragment at offset 1", EARLY, fragment(data[8:16], f.UDP, 8)
    yield "fragment that ends at 65,535", EARLY, fragment(b"123", f.UDP, 65512, more=0)
    yield "fragment that ends at 65,536", "fragment_length", fragment(b"1234", f.UDP, 65512, more=0)
    yield "not the last, and 9 bytes", "fragment_length", fragment(data[8:17], f.UDP, 8)
    yield "the last, and 9 bytes", EARLY, fragment(data[8:17], f.UDP, 8, more=0)
    yield "SYN, first fragment with data", "tcp_syn_data", fragment(
        f.tcp(V4.src, V4.dst, payload=b"1234"), f.TCP, 0)


def ipv6_headers():
    base = V6.udp()
    yield "a UDP packet", ALLOWED, base
    yield "version 4 in a frame for IPv6", "ip_version", V4.udp({"options": NOP * 20})
    yield "version 7", "ip_version", V6.udp({"version": 7})
    yield "IP header of 39 bytes", "ip_header_length", base[:39]
    yield "nothing behind the EtherType", "ip_header_length", b""
    yield "payload length over the frame's", "ip_length", V6.udp({"length": 17})
    yield "payload length 0 with payload behind", "tcp_header", V6.tcp({"length": 0})
    yield "padding behind the packet", ALLOWED, base + b"padding"


def ipv6_addresses():
    cases = ((V6.dst, "ip_land"), ("2001:db8::2", ALLOWED),
             ("ff02::1", "source_multicast"), ("ff00::", "source_multicast"),
             ("feff::1", ALLOWED), ("::1", "source_loopback"), ("::2", ALLOWED),
             ("::", "source_unspecified"), ("::ffff:10.0.0.2", "ipv6_mapped"),
             ("::fffe:10.0.0.2", ALLOWED))
    for src, reason in cases:
        yield "source %s" % src, reason, V6.udp_between(src)
    yield "unspecified source, ports of DHCPv4", "source_unspecified", V6.udp_between(
        "::", sport=68, dport=67)
    mapped = "::ffff:10.0.0.1"
    yield "IPv4-mapped destination", "ipv6_mapped", V6.ip(f.udp(V6.src, mapped), f.UDP, dst=mapped)


def extensions(count, payload, protocol, kind=f.DESTINATION):
    for _ in range(count):
        payload, protocol = f.extension(payload, protocol), kind
    return V6.ip(payload, protocol)


def ipv6_extensions():
    data = f.udp(V6.src, V6.dst)
    def routing(kind, left):
        return f.extension(data, f.UDP, bytes((kind, left)) + b"\0" * 4)
    yield "8 extension headers", ALLOWED, extensions(8, data, f.UDP)
    yield "9 extension headers", "ipv6_extension_count", extensions(9, data, f.UDP)
    yield ("extension header of 7 bytes", "ipv6_extension",
           V6.ip(struct.pack("!BB", f.UDP, 0) + b"12345", f.DESTINATION))
    yield ("extension header over the packet", "ipv6_extension",
           V6.ip(f.extension(data, f.UDP, units=3), f.DESTINATION))
    yield "hop-by-hop header first", ALLOWED, extensions(1, data, f.UDP, f.HOP_BY_HOP)
    yield "two hop-by-hop headers", "ipv6_extension", extensions(2, data, f.UDP, f.HOP_BY_HOP)
    yield ("hop-by-hop header behind another", "ipv6_extension",
           V6.ip(f.extension(f.extension(data, f.UDP), f.HOP_BY_HOP), f.DESTINATION))
    atomic = f.fragment6(data, f.UDP)
    yield "atomic fragment", ALLOWED, V6.ip(atomic, f.FRAGMENT)
    yield ("two fragment headers", "ipv6_extension",
           V6.ip(f.fragment6(atomic, f.FRAGMENT), f.FRAGMENT))
    yield "routing header type 0", "ipv6_routing_type0", V6.ip(routing(0, 0), f.ROUTING)
    yield "routing header type 2", ALLOWED, V6.ip(routing(2, 0), f.ROUTING)
    yield ("routing header type 0 behind another header", "ipv6_routing_type0",
           V6.ip(f.extension(routing(0, 1), f.ROUTING), f.DESTINATION))


def ipv6_fragments():
    data = f.udp(V6.src, V6.dst, payload=b"x" * 32)
    segment = f.tcp(V6.src, V6.dst, flags=f.ACK, options=NOP * 12)
    def fragment(payload, protocol, offset, more=1):
        return V6.ip(f.fragment6(payload, protocol, offset, more), f.FRAGMENT)
    yield "first fragment with its UDP header", ALLOWED, fragment(data[:8], f.UDP, 0)
    yield "first fragment with its TCP header", ALLOWED, fragment(segment, f.TCP, 0)
    yield "first fragment, 24 of 32 bytes of TCP", "fragment_tiny", fragment(segment[:24], f.TCP, 0)
    yield ("first fragment that ends in an extension header", "fragment_tiny",
           fragment(f.extension(b"", f.UDP, b"\1" + b"\0" * 13)[:8], f.DESTINATION, 0))
    yield "TCP fragment at offset 1", "fragment_offset1", fragment(segment[8:16], f.TCP, 8)
    yield "TCP fragment at offset 2", EARLY, fragment(segment[16:24], f.TCP, 16)
    yield "not the last, and 9 bytes", "fragment_length", fragment(data[8:17], f.UDP, 8)
    yield "the last, and 9 bytes", EARLY, fragment(data[8:17], f.UDP, 8, more=0)
    yield "fragment that ends at 65,535", EARLY, fragment(b"1234567", f.UDP, 65528, more=0)
    yield "fragment that ends at 65,536", "fragment_length", fragment(
        b"12345678", f.UDP, 65528, more=0)


TRANSPORT = (tcp_headers, tcp_flags, tcp_options, tcp_data, udp, icmp)
NETWORK = {V4: (ipv4_headers, ipv4_options, ipv4_addresses, ipv4_fragments),
           V6: (ipv6_headers, ipv6_addresses, ipv6_extensions, ipv6_fragments)}


def of(family):
    for rules in NETWORK[family]:
        yield from rules()
    for rules in TRANSPORT:
        yield from rules(family)


def links():
    """(name, reason, frame): what is wrong lies in front of the IP header, or
    the packet lies behind tags; these needn't reach the stack to be delivered."""
    good, bad = V4.tcp(flags=f.ACK), V4.tcp(flags=0)
    good6, bad6 = V6.tcp(flags=f.ACK), V6.tcp(flags=0)
    def tagged(inner, kind):
        return f.ethernet(f.tag(inner, kind, 100), f.VLAN)
    def qinq(inner, kind):
        return f.ethernet(f.tag(f.tag(inner, kind, 200), f.VLAN, 100), f.SVLAN)
    def session(inner, kind=0x21, **fields):
        return f.ethernet(f.pppoe(inner, kind, **fields), f.PPPOE)
    for name, reason, v4, v6 in (("valid", ALLOWED, good, good6),
                                 ("no TCP flags", "tcp_flags_none", bad, bad6)):
        yield "VLAN, IPv4, " + name, reason, tagged(v4, f.IPV4)
        yield "VLAN, IPv6, " + name, reason, tagged(v6, f.IPV6)
        yield "QinQ, IPv4, " + name, reason, qinq(v4, f.IPV4)
        yield "QinQ, IPv6, " + name, reason, qinq(v6, f.IPV6)
        yield "PPPoE, IPv4, " + name, reason, session(v4)
        yield "PPPoE, IPv6, " + name, reason, session(v6, 0x57)
        yield ("PPPoE in a VLAN, " + name, reason,
               tagged(f.pppoe(v4, 0x21), f.PPPOE))
    yield "VLAN, bad checksum", "tcp_checksum", tagged(V4.tcp(bad_checksum=1), f.IPV4)
    yield "PPPoE, bad checksum", "tcp_checksum", session(V4.tcp(bad_checksum=1))
    yield "QinQ, inner tag of 2 bytes", "link_header", f.ethernet(
        f.tag(b"\0\1", f.VLAN, 100), f.SVLAN)
    deep = good
    kind = f.IPV4
    for _ in range(4):
        deep, kind = f.tag(deep, kind, 9), f.VLAN
    yield "4 inner tags", ALLOWED, qinq_outer(deep)
    yield "5 inner tags", "link_header", qinq_outer(f.tag(deep, f.VLAN, 9))
    yield "PPPoE header of 5 bytes", "link_header", f.ethernet(f.pppoe(b"", 0x21)[:5], f.PPPOE)
    yield "PPPoE without a protocol", "link_header", f.ethernet(
        f.pppoe(b"", 0x21, length=0)[:6], f.PPPOE)
    yield "PPPoE version 2", "link_header", session(good, code=0x2100)
    yield "PPPoE code 9", "link_header", session(good, code=0x1109)
    yield "PPPoE length over the frame", "link_header", session(good, length=len(good) + 3)
    yield "PPPoE length under the packet", "ip_length", session(good, length=len(good) + 1)


def qinq_outer(inner):
    return f.ethernet(f.tag(inner, f.VLAN, 100), f.SVLAN)


def long():
    """(name, reason, packet): packets of more than a page, which lie outside
    the linear part of their buffer, headers and all."""
    def far(end, **fields):
        data = f.udp(V6.src, V6.dst, payload=b"x" * 2400, **fields)
        return V6.ip(f.extension(data, f.UDP, b"\0" * (end - 40 - 8 - 2)), f.DESTINATION)
    yield "headers of 2,048 bytes", ALLOWED, far(2048)
    yield "headers of 2,048 bytes, bad checksum", "udp_checksum", far(2048, bad_checksum=1)
    yield "headers of 2,056 bytes", "ipv6_extension_count", far(2056)
    big = b"x" * 4400
    yield "IPv6, TCP with data", ALLOWED, V6.tcp(flags=f.ACK, payload=big)
    yield "IPv6, SYN with data", "tcp_syn_data", V6.tcp(payload=big)
    yield "IPv4, TCP with data", ALLOWED, V4.tcp(flags=f.ACK, payload=big)
    yield "IPv4, TCP without flags", "tcp_flags_none", V4.tcp(flags=0, payload=big)
    yield "IPv4, bad checksum", "tcp_checksum", V4.tcp(flags=f.ACK, payload=big, bad_checksum=4)
    yield "IPv4, bad checksum of its header", "ip_checksum", V4.udp(
        {"bad_checksum": 1}, payload=big)
