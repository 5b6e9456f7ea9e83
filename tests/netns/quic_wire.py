# SPDX-License-Identifier: GPL-2.0-or-later
"""A QUIC client made of frames, for what no real client sends, and for reading
every byte of the answer.

A client is an address that no host has; its frames leave from the attacker's
interface, and the answers are read there. Port 443 of the shield is in
p_udp_ports of Other; nobody need listen.
"""
import contextlib
import os
import select
import socket
import struct
import time

import frames as f
import quic_token
import shield
from session_wire import PEER_MAC

PORT = 443
SECRET = b"PacketShieldTestSecret-2026"
DCID, SCID = bytes(range(0xA1, 0xA9)), bytes(range(0xB1, 0xB9))
# Client, shield, VLAN tags of the frames.
PATHS = (("10.0.0.%d", "10.0.0.1", ()), ("2001:db8::%d", "2001:db8::1", ()),
         ("10.1.0.%d", "10.1.0.1", (100,)), ("2001:db8:1::%d", "2001:db8:1::1", (100,)))
SOL_PACKET, PACKET_AUXDATA, TAG_VALID = 263, 8, 0x10


def varint(value, size=2):
    return (value | {1: 0, 2: 1, 4: 2, 8: 3}[size] << 8 * size - 2).to_bytes(size, "big")


def long_header(kind, version=quic_token.V1, dcid=DCID, scid=SCID, token=b"", total=1200):
    """kind: 0 Initial, 1 0-RTT, 2 Handshake, 3 Retry, as version 1 counts."""
    bits = (kind + 1) % 4 if version == quic_token.V2 else kind
    head = struct.pack("!BI", 0xC0 | bits << 4, version)
    head += bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid
    if kind == 0:
        head += varint(len(token)) + token
    head += varint(total - len(head) - 2)
    return head + os.urandom(total - len(head))


def initial(**fields):
    return long_header(0, **fields)


def short_header(total=40):
    return b"\x5a" + os.urandom(total - 1)


class Client:
    """One client: its address and port."""

    def __init__(self, path, number=f.NOBODY, port=40000):
        network, self.server, self.tags = path
        self.address, self.port = network % number, port
        self.sock = shield.packet_socket("attacker", shield.ALL)
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def send(self, datagram):
        six = ":" in self.address
        segment = f.udp(self.address, self.server, PORT, self.port, datagram)
        packet = (f.ipv6 if six else f.ipv4)(segment, f.UDP, self.address, self.server)
        ethertype = f.IPV6 if six else f.IPV4
        for vlan in reversed(self.tags):
            packet, ethertype = f.tag(packet, ethertype, vlan), f.VLAN
        self.sock.send(f.ethernet(packet, ethertype, src=PEER_MAC))

    def _answer(self, data, vlan):
        """The datagram of a frame, if it is one to this client."""
        if data[:6] != PEER_MAC or vlan != self.tags or len(data) < 42:
            return None
        packet = data[14:]
        if packet[0] >> 4 == 4:
            packet = packet[:struct.unpack("!H", packet[2:4])[0]]
            protocol, src, dst, segment = packet[9], packet[12:16], packet[16:20], packet[20:]
            if f.checksum(packet[:20]):
                raise ValueError("IP checksum")
        else:
            protocol, src, dst, segment = packet[6], packet[8:24], packet[24:40], packet[40:]
            segment = segment[:struct.unpack("!H", packet[4:6])[0]]
        if protocol != f.UDP or dst != f.address(self.address) or src != f.address(self.server):
            return None
        if struct.unpack("!HHH", segment[:6]) != (PORT, self.port, len(segment)):
            return None
        pseudo = src + dst + struct.pack("!II", len(segment), f.UDP)
        if f.checksum(pseudo + segment):
            raise ValueError("UDP checksum")
        return segment[8:]

    def answer(self, timeout=None):
        """The next datagram to this client; None when none has come in time."""
        deadline = time.monotonic() + (shield.TIMEOUT if timeout is None else timeout)
        while True:
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            data, ancillary, _, _ = self.sock.recvmsg(4096, 1024)
            found = self._answer(data, tuple(
                struct.unpack("=IIIHHHH", value)[5] & 0xFFF for level, kind, value in ancillary
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)
                and struct.unpack("=IIIHHHH", value)[0] & TAG_VALID))
            if found is not None:
                return found

    def close(self):
        self.sock.close()


@contextlib.contextmanager
def client(path, number=f.NOBODY, port=40000):
    peer = Client(path, number, port)
    try:
        yield peer
    finally:
        peer.close()
