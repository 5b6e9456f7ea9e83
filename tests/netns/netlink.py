# SPDX-License-Identifier: GPL-2.0-or-later
"""The generic netlink family "packetshield" as the tests speak it: struct and
socket only, numbers from the tables and from the header of the interface.
"""
import errno
import re
import socket
import struct

import tree

SOL_NETLINK, CAP_ACK, EXT_ACK, NONSTRICT = 270, 10, 11, 12
ADD_MEMBERSHIP = 1
REQUEST, MULTI, ACK, DUMP_INTR, DUMP = 0x1, 0x2, 0x4, 0x10, 0x300
ACK_CAPPED, ACK_TLVS = 0x100, 0x200
ERROR, DONE = 2, 3
CTRL, GETFAMILY, GETPOLICY = 16, 3, 10
NESTED = 0x8000
HEADER = "include/packetshield/netlink.h"


def _names():
    """PS_CMD_, PS_A_ and PS_ITEM_ -> numbers, in the order of their enums."""
    with open(HEADER, encoding="ascii") as text:
        plain = re.sub(r"/\*.*?\*/", "", text.read(), flags=re.DOTALL)
    found = {}
    for enum in re.findall(r"enum \w+ \{(.*?)\}", plain, re.DOTALL):
        for number, name in enumerate(re.findall(r"PS_(\w+)", enum)):
            found[name] = number
    return found


N = _names()
# (nest, name) -> id of an option or list; and options' names for themselves.
NESTS = {"INSTANCE": "A_INSTANCE_SETTINGS", "SHARED": "A_INSTANCE_SETTINGS",
         "CONTEXT": "A_CONTEXT_SETTINGS", "OTHER": "A_OTHER_SETTINGS"}
OPTIONS = {row[1]: (N[NESTS[row[0]]], int(row[3])) for row in tree.rows("options", "PS_OPTION")}
OPTION_TYPES = {row[1]: row[2] for row in tree.rows("options", "PS_OPTION")}
LISTS = {row[1]: (N[NESTS[row[0]]], int(row[4])) for row in tree.rows("options", "PS_LIST")}


class Refused(Exception):
    """An error: its errno's name, the words with it, and the attribute's offset."""

    def __init__(self, number, words, offset):
        super().__init__("%s: %s" % (errno.errorcode.get(number, number), words))
        self.name, self.words, self.offset = errno.errorcode.get(number, number), words, offset


def attr(kind, data=b""):
    if isinstance(data, str):
        data = data.encode("latin-1")
    return struct.pack("=HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def nest(kind, *parts):
    return attr(kind | NESTED, b"".join(parts))


def text(kind, value):
    return attr(kind, value.encode("latin-1") + b"\0")


def s64(kind, value):
    return attr(kind, struct.pack("=q", value))


def attrs(data):
    """(kind, bytes) of every attribute."""
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        found.append((kind & 0x3fff, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


def string(data):
    return data.rstrip(b"\0").decode("latin-1")


class Socket:
    """A socket of the family, in the namespace where it is made."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        for size in (33, 32):   # SO_RCVBUFFORCE, SO_SNDBUFFORCE: for who may
            try:
                self.sock.setsockopt(socket.SOL_SOCKET, size, 4 << 20)
            except PermissionError:
                pass
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NONSTRICT, 1)
        self.sock.bind((0, 0))
        self.sock.settimeout(60)
        self.sequence, self.interrupted, self.family = 0, False, CTRL
        found = dict(attrs(self.ask(GETFAMILY, text(2, "packetshield"))[0][1]))
        self.family = struct.unpack("=H", found[1])[0]
        groups = dict(attrs(found[7]))
        self.group = struct.unpack("=I", dict(attrs(groups[1]))[2])[0]

    def close(self):
        self.sock.close()

    def message(self, command, body=b"", flags=REQUEST | ACK, family=None):
        self.sequence += 1
        data = struct.pack("=BBH", command, 1, 0) + body
        return struct.pack("=IHHII", 16 + len(data), self.family if family is None else family,
                           flags, self.sequence, 0) + data

    def raw(self, message):
        """Send bytes as they are and read all that comes back for them."""
        self.sock.send(message)
        return self.answers()

    def ask(self, command, body=b"", flags=REQUEST | ACK, family=None):
        return self.raw(self.message(command, body, flags, family))

    def dump(self, command, body=b"", family=None):
        return self.ask(command, body, REQUEST | ACK | DUMP, family)

    def answers(self):
        found, self.interrupted = [], False
        while True:
            data = self.sock.recv(1 << 20)
            while data:
                length, kind, flags = struct.unpack_from("=IHH", data)
                part, data = data[16:length], data[(length + 3) & ~3:]
                self.interrupted |= bool(flags & DUMP_INTR)
                if kind in (ERROR, DONE):
                    number = struct.unpack_from("=i", part)[0] if part else 0
                    if number:
                        raise self.refused(-number, kind, flags, part)
                    return found
                found.append((part[0], part[4:]))

    @staticmethod
    def refused(number, kind, flags, part):
        skip = 4 if kind == DONE else 20
        if kind == ERROR and not flags & ACK_CAPPED:
            skip = 4 + struct.unpack_from("=I", part, 4)[0]
        tlvs = dict(attrs(part[skip:])) if flags & ACK_TLVS else {}
        return Refused(number, string(tlvs.get(1, b"")),
                       struct.unpack("=I", tlvs[2])[0] if 2 in tlvs else None)

    def listen(self):
        self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, self.group)

    def event(self, timeout=20):
        """The next one: its command and attributes by name."""
        self.sock.settimeout(timeout)
        data = self.sock.recv(65536)
        return data[16], dict(attrs(data[20:]))


def where(instance, context=None):
    return text(N["A_INSTANCE"], instance) + \
        (text(N["A_CONTEXT"], context) if context else b"")


def items(name, *parts):
    """A list in its nest."""
    outer, number = LISTS[name]
    return nest(outer, nest(number, *parts))


def add(item):
    return attr(N["ITEM_ADD"], item)


def remove(item):
    return attr(N["ITEM_REMOVE"], item)


def whole(name, wanted):
    return items(name, attr(N["ITEM_REPLACE"]), *[add(item) for item in wanted])


def option(name, value):
    outer, number = OPTIONS[name]
    return nest(outer, s64(number, value))


def secret(*parts):
    outer, number_of = OPTIONS["cluster_secret"]
    return nest(outer, nest(number_of, *parts))


def chunks(name, wanted, size=60000):
    """The bodies of the messages that replace a list, however long."""
    part, used, first = [], 0, True
    for item in wanted:
        one = add(item)
        if used + len(one) > size:
            yield items(name, attr(N["ITEM_REPLACE" if first else "ITEM_MORE"]), *part)
            part, used, first = [], 0, False
        part.append(one)
        used += len(one)
    yield items(name, attr(N["ITEM_REPLACE" if first else "ITEM_MORE"]), *part)


def read_list(sock, name, instance, context=None):
    outer, number = LISTS[name]
    found = []
    for _, body in sock.dump(N["CMD_GET_LIST"], where(instance, context) + text(N["A_LIST"], name)):
        inner = dict(attrs(dict(attrs(body))[outer]))[number]
        found += [data.decode("latin-1") for _, data in attrs(inner)]
    return found


def value_text(name, value):
    """As sysfs prints it."""
    kind = OPTION_TYPES[name]
    if kind == "RATES":
        return "%d-%d" % (value >> 32, value & 0xffffffff)
    if kind == "MAC":
        return ":".join("%02x" % byte for byte in value.to_bytes(6, "big"))
    if kind == "WSCALE":
        return "none" if value < 0 else str(value)
    if kind == "GEOIP_POLICY":
        return ("none", "deny_countries", "allow_countries")[value]
    if kind == "SECRET":
        return ("none", "set")[value]
    return str(value)


def view(sock):
    """All that a dump tells: {(instance, context): {attribute: bytes}}."""
    found = {}
    for _, body in sock.dump(N["CMD_GET"]):
        parts = dict(attrs(body))
        key = tuple(string(parts[n]) if n in parts else None
                    for n in (N["A_INSTANCE"], N["A_CONTEXT"]))
        found[key] = parts
    return found


def listed(pairs):
    return {kind: number(data) for kind, data in attrs(pairs)}


def number(data):
    """An option's value; a secret's is whether there is one."""
    if len(data) == 8:
        return struct.unpack("=q", data)[0]
    return {N["SECRET_NONE"]: 0, N["SECRET_KEEP"]: 1}[attrs(data)[0][0]]


def batch(sock, messages, count=None):
    """Begin, send, commit: what the commit says."""
    sock.ask(N["CMD_BEGIN"])
    for message in messages:
        command, body = message if isinstance(message, tuple) else ("CMD_SET", message)
        sock.ask(N[command], body)
    return commit(sock, len(messages) if count is None else count)


def commit(sock, count):
    try:
        sock.ask(N["CMD_COMMIT"], attr(N["A_MESSAGES"], struct.pack("=I", count)))
        return "OK", ""
    except Refused as error:
        return error.name, error.words


def refusal(sock, command, body=b""):
    try:
        sock.ask(command, body)
        return "OK"
    except Refused as error:
        return error.name if error.words else error.name + " without words"
