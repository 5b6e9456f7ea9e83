# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures read back by what is documented of them, and by nothing else: no
struct is shared with the module.

raw.cap is a pcap file. A slot of capture.map is records of pcap files; one of
context_capture.map is chunks, each a header of 28 bytes in network byte order
and records. Notes on the records stand at the end of the slot.
"""
import ctypes
import os
import socket
import struct

SLOT = 131072
FRAME_MAX = 65600
OTHER, NO_CONTEXT = 0, 255


PROT_READ, MAP_SHARED = 1, 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int,
                       ctypes.c_int, ctypes.c_long)
_LIBC.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)


def map_file(fd, size, protection=PROT_READ, flags=MAP_SHARED, offset=0):
    area = _LIBC.mmap(None, size, protection, flags, fd, offset)
    if area == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return area


def unmap(area, size):
    _LIBC.munmap(area, size)


def open_file(path):
    return os.open(path, os.O_RDONLY)


def records(data):
    """[(time, length on the wire, frame)] of records one after the other."""
    found, at = [], 0
    while at < len(data):
        seconds, micro, captured, length = struct.unpack_from("=IIII", data, at)
        frame = data[at + 16:at + 16 + captured]
        if len(frame) != captured or micro >= 1000000 or length < captured:
            raise ValueError("bad record at %d of %d: %r" %
                             (at, len(data), (seconds, micro, captured, length)))
        found.append((seconds + micro / 1e6, length, frame))
        at += 16 + captured
    return found


def pcap(data):
    """The records of a whole file."""
    magic, major, minor, zone, accuracy, most, link = struct.unpack_from("=IHHIIII", data)
    if (magic, major, minor, zone, accuracy, link) != (0xA1B2C3D4, 2, 4, 0, 0, 1):
        raise ValueError("not a pcap file of Ethernet frames: %r" % data[:24])
    if most != FRAME_MAX:
        raise ValueError("snap length %d" % most)
    return records(data[24:])


def frames_of(found):
    return [frame for _, _, frame in found]


def context_name(family, address, vlan):
    if family == OTHER:
        if any(address) or vlan:
            raise ValueError("Other with an address: %r %d" % (address, vlan))
        return "Other"
    if family == socket.AF_INET and any(address[4:]):
        raise ValueError("bytes behind an IPv4 address: %r" % address)
    length = {socket.AF_INET: 4, socket.AF_INET6: 16}[family]
    name = socket.inet_ntop(family, address[:length])
    return name + ("@%d" % vlan if vlan else "")


def chunks(data):
    """[(context, records)] of a slot of context_capture.map."""
    found, at = [], 0
    while at < len(data):
        reserved, family, address, port, vlan, length = struct.unpack_from("!HH16sHHI", data, at)
        if reserved or port or at + 28 + length > len(data):
            raise ValueError("bad chunk at %d of %d: %r" % (at, len(data), data[at:at + 28]))
        found.append((context_name(family, address, vlan),
                      records(data[at + 28:at + 28 + length])))
        at += 28 + length
    return found


def notes(slot, count):
    """[(ifindex, segments, context or None, verdict, reason)] of a whole slot."""
    found = []
    for n in range(count):
        ifindex, segments, vlan, family, verdict, reason, reserved, address = \
            struct.unpack_from("=IHHBBHI16s", slot, SLOT - 32 * (n + 1))
        if reserved:
            raise ValueError("note %d is none: %r" % (n, slot[SLOT - 32 * (n + 1):][:32]))
        context = None if family == NO_CONTEXT else context_name(family, address, vlan)
        found.append((ifindex, segments, context, verdict, reason))
    return found


class Map:
    """A reader of capture.map or context_capture.map."""

    def __init__(self, path):
        self.fd = open_file(path)

    def size(self):
        """The next slot's bytes; releases the one before."""
        return struct.unpack("=I", os.read(self.fd, 4))[0]

    def release(self):
        """Without another one."""
        os.read(self.fd, 1)

    def slot(self, size):
        """So many bytes of it; Python's own mmap() believes sysfs that there are none."""
        area = map_file(self.fd, size)
        try:
            return ctypes.string_at(area, size)
        finally:
            unmap(area, size)

    def slots(self):
        """Those that are there to be read now, whole: (bytes of data, slot)."""
        while True:
            size = self.size()
            if not size:
                return
            yield size, self.slot(SLOT)

    def drain(self):
        """All records that are there to be read now."""
        return [record for size, slot in self.slots() for record in records(slot[:size])]

    def close(self):
        os.close(self.fd)


def read_all(fd, piece=65536):
    """What is left of a file, by reads of at most so many bytes."""
    found = []
    while True:
        data = os.read(fd, piece)
        if not data:
            return b"".join(found)
        found.append(data)
