# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes MaxMind databases, after the public description of their format 2.0:
a binary tree, 16 zeros, the data, and behind a mark the description.

networks: (network as text, record) in any order; a smaller network inside a
larger one takes its part out of it. A record is what maps, lists, texts and
numbers of Python say; None makes a hole.
"""
import ipaddress
import struct

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


class Tree:
    """Nodes are pairs [left, right] of: None, an int (offset in the data), or a node's
    number in a list of its own, as (number,)."""

    def __init__(self, bits):
        self.bits, self.nodes = bits, [[None, None]]

    def _step(self, node, bit):
        """The node below; a record on the way is split into two."""
        below = self.nodes[node][bit]
        if not isinstance(below, tuple):
            self.nodes.append([below, below])
            below = (len(self.nodes) - 1,)
            self.nodes[node][bit] = below
        return below[0]

    def put(self, first, length, record):
        node = 0
        for depth in range(length - 1):
            node = self._step(node, first >> (self.bits - 1 - depth) & 1)
        self.nodes[node][first >> (self.bits - length) & 1] = record

    def get(self, first, length):
        node = 0
        for depth in range(length - 1):
            node = self._step(node, first >> (self.bits - 1 - depth) & 1)
        return self.nodes[node][first >> (self.bits - length) & 1]

    def numbered(self):
        """The nodes that can be reached, the root first, by number."""
        order, seen, todo = [], {}, [0]
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen[node] = len(order)
            order.append(node)
            todo += [side[0] for side in reversed(self.nodes[node]) if isinstance(side, tuple)]
        return order, seen

    def pack(self, record_size):
        order, number = self.numbered()
        count, parts = len(order), []

        def value(side):
            if side is None:
                return count
            return number[side[0]] if isinstance(side, tuple) else count + 16 + side

        for node in order:
            left, right = map(value, self.nodes[node])
            if max(left, right) >> record_size:
                raise ValueError("too much for records of %d bits" % record_size)
            if record_size == 28:
                parts.append(struct.pack(">I", left & 0xffffff)[1:] +
                             bytes([left >> 24 << 4 | right >> 24]) +
                             struct.pack(">I", right & 0xffffff)[1:])
            else:
                size = record_size // 8
                parts.append(left.to_bytes(size, "big") + right.to_bytes(size, "big"))
        return count, b"".join(parts)


def _place(network, bits):
    where = ipaddress.ip_network(network)
    return int(where.network_address), where.prefixlen + (bits - where.max_prefixlen), where


def write(path, networks, version=6, record_size=28, kind="Test-Country", alias=True):
    """Make a database; returns how many nodes it has."""
    bits = 128 if version == 6 else 32
    tree, data, offsets = Tree(bits), bytearray(), {}
    placed = sorted((_place(network, bits) + (record,) for network, record in networks),
                    key=lambda row: row[1])
    for first, length, _, record in placed:
        offset = None
        if record is not None:
            encoded = encode(record)
            if encoded not in offsets:
                offsets[encoded] = len(data)
                data += encoded
            offset = offsets[encoded]
        tree.put(first, length, offset)
    if alias and version == 6:
        start = tree.get(0, 96)
        for network in ALIASES:
            first, length, _ = _place(network, bits)
            tree.put(first, length, start)
    count, packed = tree.pack(record_size)
    about = {"binary_format_major_version": 2, "binary_format_minor_version": 0,
             "build_epoch": unsigned(U64, 1700000000), "database_type": kind, "description": {"en": "a test"},
             "ip_version": version, "languages": ["en"], "node_count": unsigned(U32, count),
             "record_size": record_size}
    with open(path, "wb") as out:
        out.write(packed + bytes(16) + bytes(data) + MARK + encode(about))
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
