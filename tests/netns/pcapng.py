# SPDX-License-Identifier: GPL-2.0-or-later
"""pcapng files read back by the draft (draft-ietf-opsawg-pcapng) and nothing
else: sections in this host's byte order, interfaces, packets, statistics.
"""
import struct

SECTION, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6


class Packet:
    """One packet: its interface's name, time, length on the wire, bytes, comment."""

    def __init__(self, interface, when, length, frame, comment):
        self.interface, self.when, self.length = interface, when, length
        self.frame, self.comment = frame, comment

    def words(self):
        """The comment's key=value."""
        return dict(word.split("=", 1) for word in self.comment.split())


class File:
    """All of a file: interfaces [(name, description)], packets, statistics
    [(interface, {option: value})]."""

    def __init__(self, data):
        self.interfaces, self.packets, self.statistics = [], [], []
        at = 0
        while at < len(data):
            kind, length = struct.unpack_from("=II", data, at)
            if length % 4 or length < 12 or at + length > len(data) or \
                    struct.unpack_from("=I", data, at + length - 4)[0] != length:
                raise ValueError("block %#x of %d bytes at %d of %d" %
                                 (kind, length, at, len(data)))
            if not at and kind != SECTION:
                raise ValueError("no section at the start")
            self.block(kind, data[at + 8:at + length - 4])
            at += length

    def block(self, kind, body):
        if kind == SECTION:
            if struct.unpack_from("=IHHq", body) != (0x1A2B3C4D, 1, 0, -1):
                raise ValueError("section %r" % body)
        elif kind == INTERFACE:
            if struct.unpack_from("=HHI", body) != (1, 0, 65600):
                raise ValueError("interface %r" % body)
            found = options(body[8:])
            self.interfaces.append((found[2].decode(), found[3].decode()))
        elif kind == PACKET:
            self.packet(body)
        elif kind == STATISTICS:
            found = options(body[12:])
            self.statistics.append((self.interfaces[struct.unpack_from("=I", body)[0]][0], {
                "received": number(found[4]), "lost": number(found[5]),
                "accepted": number(found[6])}))
        else:
            raise ValueError("block %#x" % kind)

    def packet(self, body):
        interface, high, low, captured, length = struct.unpack_from("=IIIII", body)
        padded = (captured + 3) & ~3
        found = options(body[20 + padded:])
        if any(body[20 + captured:20 + padded]) or number(found[2]) != 1:
            raise ValueError("padding, or flags %r" % found)
        self.packets.append(Packet(self.interfaces[interface][0], (high << 32 | low) / 1e6,
                                   length, body[20:20 + captured], found[1].decode()))


def number(value):
    return int.from_bytes(value, "little" if struct.pack("=H", 1)[0] else "big")


def options(data):
    """{code: value}; the list must have its end at the end."""
    found, at = {}, 0
    while True:
        code, length = struct.unpack_from("=HH", data, at)
        at += 4
        if not code:
            if length or at != len(data):
                raise ValueError("options %r" % data)
            return found
        if code in found:
            raise ValueError("twice option %d" % code)
        found[code] = data[at:at + length]
        at += (length + 3) & ~3
