#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shapes of socket buffers, made on purpose: TCP super-packets and packets whose
checksum the sender left to its NIC, by the header that packet sockets take in
front of a frame (struct virtio_net_hdr). Packets count as on the wire. Then
what a packet socket on the interface sees of packets that are dropped.

Runs on the shield, see shield.py. TCP port 80 and UDP port 53 are open.
"""
import struct

import frames as f
import shield
from invalid_cases import V4, V6

NEEDS_CHECKSUM, GSO_NONE, GSO_TCPV4, GSO_TCPV6 = 1, 0, 1, 4
SEGMENT = 1000
CHECKSUM_AT = {f.TCP: 16, f.UDP: 6}


NOBODY = (f.address(V4.src), f.address(V6.src))


def source(packet):
    return packet[12:16] if packet[0] >> 4 == 4 else packet[8:24]


class Shapes:
    def __init__(self):
        self.sock = shield.packet_socket("attacker", 0, vnet=True)
        self.tap = shield.Tap()

    def offloaded(self, family, packet, protocol, segment=0):
        """Send it with the transport checksum, and with segment the cutting
        into segments of so many bytes, left to the NIC."""
        network = 20 if family is V4 else 40
        start, field = 14 + network, CHECKSUM_AT[protocol]
        at = network + field
        pseudo = f.address(family.src) + f.address(family.dst) + struct.pack(
            "!II", len(packet) - network, protocol)
        packet = packet[:at] + struct.pack("!H", f.checksum(pseudo) ^ 0xFFFF) + packet[at + 2:]
        kind, headers = GSO_NONE, start + field + 2
        if segment:
            headers = start + 20
            kind = GSO_TCPV4 if family is V4 else GSO_TCPV6
        header = shield.vnet_header(NEEDS_CHECKSUM, kind, headers, segment, start, field)
        ethertype = f.IPV4 if family is V4 else f.IPV6
        self.sock.send(header + f.ethernet(packet, ethertype))

    def case(self, name, send, expected, reached):
        before = shield.counters()
        self.tap.packets()
        send()
        problems = shield.expect_moved(before, expected)
        seen = sum(source(packet) in NOBODY for packet in self.tap.packets())
        if seen != reached:
            problems.append("%d packets reached the stack, not %d" % (seen, reached))
        shield.report("%s: %s" % (name, expected), problems)


def super_packets(run, family):
    """One buffer, several segments: the last one is short, or there is none."""
    for payload, segments in ((10 * SEGMENT, 10), (10 * SEGMENT + 1, 11), (2 * SEGMENT, 2)):
        for port, expected in (
                (80, {"rx_total": segments, "whitelisted": segments, "delivered": segments}),
                (81, {"rx_total": segments, "filtered": segments, "closed_tcp_port": segments})):
            packet = family.tcp(flags=f.ACK, payload=b"x" * payload, dport=port)
            run.case("%s: super-packet of %d segments to port %d" % (family.name, segments, port),
                     lambda p=packet: run.offloaded(family, p, f.TCP, SEGMENT), expected,
                     1 if port == 80 else 0)
    packet = family.tcp(flags=f.SYN, payload=b"x" * 2 * SEGMENT)
    run.case(family.name + ": super-packet with SYN", lambda: run.offloaded(
        family, packet, f.TCP, SEGMENT), {"rx_total": 2, "invalid": 2, "tcp_syn_data": 2}, 0)


def local_checksums(run, family):
    """CHECKSUM_PARTIAL: the checksum field isn't right yet, and isn't judged."""
    allowed = {"rx_total": 1, "whitelisted": 1, "delivered": 1}
    run.case(family.name + ": TCP, checksum left to the NIC", lambda: run.offloaded(
        family, family.tcp(flags=f.ACK, payload=b"abc"), f.TCP), allowed, 1)
    run.case(family.name + ": UDP, checksum left to the NIC", lambda: run.offloaded(
        family, family.udp(payload=b"abc"), f.UDP), allowed, 1)
    packet = family.tcp(flags=f.ACK, payload=b"abc", bad_checksum=1)
    ethertype = f.IPV4 if family is V4 else f.IPV6
    plain = shield.vnet_header() + f.ethernet(packet, ethertype)
    run.case(family.name + ": TCP, wrong checksum, not left to the NIC",
             lambda: run.sock.send(plain), {"rx_total": 1, "invalid": 1, "tcp_checksum": 1}, 0)


def taps(run):
    """Who listens on the interface sees what is dropped, as it came."""
    listener = shield.packet_socket("shield", shield.ALL)
    sent = []
    for family, ethertype in ((V4, f.IPV4), (V6, f.IPV6)):
        for packet in (family.tcp(dport=81), family.tcp(flags=0), family.udp(bad_checksum=1),
                       family.udp({"version": 5}), family.tcp(flags=f.ACK, payload=b"x" * 1400,
                                                              dport=81)):
            sent.append(f.ethernet(packet, ethertype))
    before = shield.counters()
    for frame in sent:
        run.sock.send(shield.vnet_header() + frame)
    shield.wait_until(shield.counters, lambda now: now["rx_total"] == before["rx_total"] + len(sent))
    found = shield.moved(before, shield.counters())
    problems = [] if "delivered" not in found and found["rx_total"] == len(sent) else [str(found)]
    if [frame for frame in shield.drain(listener) if frame[6:12] == f.mac(f.ATTACKER)] != sent:
        problems.append("seen otherwise than sent")
    shield.report("a capture sees the packets that are dropped", problems)


def main():
    run = Shapes()
    for family in (V4, V6):
        super_packets(run, family)
        local_checksums(run, family)
    taps(run)
    print("end")


main()
