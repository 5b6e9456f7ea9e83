# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes MaxMind databases, after the public description of their format 2.0:
a binary tree, 16 zeros, the data, and behind a mark the description.

networks: (network as text, record) in any order; a smaller network inside a
larger one takes its part out of it. A record is what maps, lists, texts and
numbers of Python say; None makes a hole.
"""
import ipaddress
import struct
from array import array

MARK = b"\xab\xcd\xefMaxMind.com"
ALIASES = ("::ffff:0:0/96", "2001::/32", "2002::/16")
MAP, TEXT, DOUBLE, BYTES, U16, U32, U64, ARRAY, BOOLEAN = 7, 2, 3, 4, 5, 6, 9, 11, 14


def control(kind, size):
    """The byte or bytes in front of a value."""
    extra = b""
    if size >= 65821:
        size, extra = 31, struct.pack(">I", size - 65821)[1:]
    elif size >= 285:
        size, extra = 30, struct.pack(">H", size - 285)
    elif size >= 29:
        size, extra = 29, bytes([size - 29])
    if kind < 8:
        return bytes([kind << 5 | size]) + extra
    return bytes([size, kind - 7]) + extra


class Encoded(bytes):
    """A value that has been encoded, where the kind of number matters."""


def unsigned(kind, value):
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return Encoded(control(kind, len(data)) + data)


def encode(value):
    if isinstance(value, Encoded):
        return bytes(value)
    if isinstance(value, dict):
        return control(MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, bool):
        return control(BOOLEAN, int(value))
    if isinstance(value, float):
        return control(DOUBLE, 8) + struct.pack(">d", value)
    if isinstance(value, int):
        return unsigned(U16 if value < 1 << 16 else U32 if value < 1 << 32 else U64, value)
    if isinstance(value, (list, tuple)):
        return control(ARRAY, len(value)) + b"".join(encode(v) for v in value)
    if isinstance(value, bytes):
        return control(BYTES, len(value)) + value
    data = value.encode()
    return control(TEXT, len(data)) + data


HOLE = 0


def record_at(offset):
    return (offset + 1) << 1


class Tree:
    """Two sides a node, back to back: HOLE, record_at(offset in the data), or another
    node as its number << 1 | 1."""

    def __init__(self, bits):
        self.bits, self.sides = bits, array("q", [HOLE, HOLE])

    def _side(self, first, length):
        """Where the network hangs; a record on the way there is split into two."""
        node = 0
        for shift in range(self.bits - 1, self.bits - length, -1):
            at = node << 1 | (first >> shift & 1)
            below = self.sides[at]
            if not below & 1:
                self.sides.extend((below, below))
                below = len(self.sides) - 2 | 1
                self.sides[at] = below
            node = below >> 1
        return node << 1 | (first >> (self.bits - length) & 1)

    def put(self, first, length, side):
        self.sides[self._side(first, length)] = side

    def get(self, first, length):
        return self.sides[self._side(first, length)]

    def numbered(self):
        """The nodes that can be reached, the root first, and their numbers."""
        order, number, todo = array("q"), array("q", [-1]) * (len(self.sides) // 2), [0]
        while todo:
            node = todo.pop()
            if number[node] >= 0:
                continue
            number[node] = len(order)
            order.append(node)
            todo += [side >> 1 for side in self.sides[2 * node:2 * node + 2] if side & 1]
        return order, number

    def pack(self, record_size):
        order, number = self.numbered()
        count, packed = len(order), bytearray()

        def value(side):
            if side & 1:
                return number[side >> 1]
            return count + 15 + (side >> 1) if side else count

        for node in order:
            left, right = map(value, self.sides[2 * node:2 * node + 2])
            if max(left, right) >> record_size:
                raise ValueError("too much for records of %d bits" % record_size)
            if record_size == 28:
                packed += (left & 0xffffff).to_bytes(3, "big")
                packed.append(left >> 24 << 4 | right >> 24)
                packed += (right & 0xffffff).to_bytes(3, "big")
            else:
                packed += left.to_bytes(record_size // 8, "big")
                packed += right.to_bytes(record_size // 8, "big")
        return count, packed


def _place(network):
    where = ipaddress.ip_network(network)
    return int(where.network_address), where.prefixlen


def write(path, networks, version=6, record_size=28, kind="Test-Country", alias=True):
    """Make a database; returns how many nodes it has."""
    bits = 128 if version == 6 else 32
    tree, data, offsets = Tree(bits), bytearray(), {}
    placed = sorted((_place(network) + (record,) for network, record in networks),
                    key=lambda row: row[1])
    for first, length, record in placed:
        side = HOLE
        if record is not None:
            encoded = encode(record)
            if encoded not in offsets:
                offsets[encoded] = len(data)
                data += encoded
            side = record_at(offsets[encoded])
        tree.put(first, length, side)
    if alias and version == 6:
        start = tree.get(0, 96)
        for network in ALIASES:
            first, length = _place(network)
            tree.put(first, length, start)
    count, packed = tree.pack(record_size)
    about = {"binary_format_major_version": 2, "binary_format_minor_version": 0,
             "build_epoch": unsigned(U64, 1700000000), "database_type": kind,
             "description": {"en": "a test"}, "ip_version": version, "languages": ["en"],
             "node_count": unsigned(U32, count), "record_size": record_size}
    with open(path, "wb") as out:
        out.write(packed + bytes(16) + data + MARK + encode(about))
    return count


def country(code, registered=None, city=False):
    """A record as those of GeoLite2 are."""
    record = {}
    if city:
        record["city"] = {"names": {"en": "City of " + (code or "nobody")}}
        record["location"] = {"latitude": 1.5, "longitude": -2.5}
    if code:
        record["country"] = {"geoname_id": 1, "iso_code": code, "names": {"en": "Land " + code}}
    if registered:
        record["registered_country"] = {"iso_code": registered}
    return record
