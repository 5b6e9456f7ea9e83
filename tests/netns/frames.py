# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames as bytes, right by default and wrong in exactly one way on request.

Every header is a function that takes the payload and returns header + payload.
Lengths and checksums are computed unless given. Nothing is imported but the
standard library's smallest modules: guests may be slow.
"""
import socket
import struct

IPV4, IPV6, VLAN, SVLAN, PPPOE = 0x0800, 0x86DD, 0x8100, 0x88A8, 0x8864
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
MORE = 0x2000  # IPv4 flag

# The hosts of lib.sh by their last byte.
SHIELD, CLIENT, ATTACKER, NEIGHBOUR = 1, 2, 3, 4
NOBODY = 99  # an address in the net that no host has: nobody answers answers


def mac(number):
    return bytes((2, 0, 0, 0, 0, number))


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ethernet(payload, ethertype, dst=mac(SHIELD), src=mac(ATTACKER)):
    return dst + src + struct.pack("!H", ethertype) + payload


def tag(payload, ethertype, vlan):
    """What stands behind the EtherType VLAN or SVLAN."""
    return struct.pack("!HH", vlan, ethertype) + payload


def pppoe(payload, protocol, code=0x1100, length=None):
    if length is None:
        length = len(payload) + 2
    return struct.pack("!HHHH", code, 1, length, protocol) + payload


def ipv4(payload, protocol, src, dst, version=4, ihl=None, total=None, fragment=0,
         ttl=64, options=b"", bad_checksum=0, ident=7):
    """fragment: the 16 bits of flags and offset."""
    if ihl is None:
        ihl = 5 + len(options) // 4
    if total is None:
        total = 20 + len(options) + len(payload)
    def build(check):
        return struct.pack("!BBHHHBBH", version << 4 | ihl, 0, total, ident, fragment, ttl,
                           protocol, check) + address(src) + address(dst) + options
    return build(checksum(build(0)) ^ bad_checksum) + payload


def ipv6(payload, protocol, src, dst, version=6, length=None, hops=64):
    if length is None:
        length = len(payload)
    return (struct.pack("!IHBB", version << 28, length, protocol, hops) +
            address(src) + address(dst) + payload)


def extension(payload, protocol, body=b"\1\4\0\0\0\0", units=None):
    """Hop-by-hop, destination or routing header; body: 8n + 6 bytes."""
    if units is None:
        units = len(body) // 8
    return struct.pack("!BB", protocol, units) + body + payload


def fragment6(payload, protocol, offset=0, more=0, ident=7):
    """offset in bytes."""
    return struct.pack("!BBHI", protocol, 0, offset | more, ident) + payload


def with_sum(segment, field, protocol, src, dst, bad):
    """Fill in the transport checksum, which is zero so far, and flip the bits
    of bad in it; src is None where no pseudo header is."""
    pseudo = b""
    if src is not None:
        pseudo = address(src) + address(dst) + struct.pack("!II", len(segment), protocol)
    value = checksum(pseudo + segment)
    if protocol == UDP and value == 0:
        value = 0xFFFF
    return segment[:field] + struct.pack("!H", value ^ bad) + segment[field + 2:]


def tcp(src, dst, dport=80, sport=40000, flags=SYN, options=b"", payload=b"", offset=None,
        bad_checksum=0, seq=1, ack=0):
    if offset is None:
        offset = 5 + len(options) // 4
    segment = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, offset << 4, flags, 64000,
                          0, 0) + options + payload
    return with_sum(segment, 16, TCP, src, dst, bad_checksum)


def udp(src, dst, dport=53, sport=40000, payload=b"12345678", length=None, bad_checksum=0,
        no_checksum=False):
    """length: as the header says; the checksum covers what there is of it."""
    stated = 8 + len(payload) if length is None else length
    datagram = struct.pack("!HHHH", sport, dport, stated, 0) + payload
    if no_checksum:
        return datagram
    covered = with_sum(datagram[:max(stated, 8)], 6, UDP, src, dst, bad_checksum)
    return covered + datagram[len(covered):]


def icmp(kind=8, body=b"\0\1\0\1payload!", bad_checksum=0):
    return with_sum(bytes((kind, 0, 0, 0)) + body, 2, ICMP, None, None, bad_checksum)


def icmp6(src, dst, kind=128, body=b"\0\1\0\1payload!", bad_checksum=0):
    return with_sum(bytes((kind, 0, 0, 0)) + body, 2, ICMPV6, src, dst, bad_checksum)
