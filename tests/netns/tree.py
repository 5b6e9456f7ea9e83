# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree /sys/packetshield as the tests write and read it: plain system
calls, so that what a test says is what the module gets.

A write that isn't expected to fail raises when it does.
"""
import errno
import os
import re

PS = "/sys/packetshield"
COUNTERS = ("stats", "drops")
# Reading them takes packets away, and of the maps there is no end.
CAPTURES = ("raw.cap", "capture.map", "context_capture.map")
TABLES = "include/packetshield"
# Scope of options.def -> where its files are, below an instance.
PLACES = {"INSTANCE": "", "CONTEXT": "Other/", "OTHER": "Other/", "SHARED": ""}
# Protection -> its bit of the status.
PROTECTIONS = {"new_cookie": 1, "unknown_ttlfilter": 2, "unmatch_drop": 4, "deliver_block": 8}


def name_of(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def write_once(fd, data):
    """One write(): OK, SHORT, or the name of its errno."""
    if isinstance(data, str):
        data = data.encode("latin-1")
    try:
        return "OK" if os.write(fd, data) == len(data) else "SHORT"
    except OSError as error:
        return name_of(error)


def attempt(path, data):
    """Open, write once, close: as write_once(), or "open" and an errno."""
    try:
        fd = os.open(path, os.O_WRONLY)
    except OSError as error:
        return "open " + name_of(error)
    try:
        return write_once(fd, data)
    finally:
        os.close(fd)


def write_all(fd, text):
    """As cat does it: the kernel takes a page a call."""
    data = memoryview(text.encode("ascii"))
    while data:
        data = data[os.write(fd, data):]


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        write_all(fd, text)
    finally:
        os.close(fd)


def transaction(items):
    return "{\n" + "".join(item + "\n" for item in items) + "}\n"


def replace(path, items):
    write(path, transaction(items))


def read(path):
    """The whole file, by as many reads as it takes."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_on(fd)
    finally:
        os.close(fd)


def read_on(fd):
    parts = []
    while True:
        part = os.read(fd, 65536)
        if not part:
            return b"".join(parts).decode("ascii")
        parts.append(part)


def lines(path):
    return read(path).splitlines()


def snapshot(root=PS, skip=COUNTERS + CAPTURES):
    """Path -> text, of every file below but the counters."""
    found = {}
    for directory, _, names in os.walk(root):
        found[directory] = None
        for name in names:
            if name not in skip:
                found[directory + "/" + name] = read(directory + "/" + name)
    return found


def differences(before, after):
    """What changed between two snapshots, as problems to report."""
    return ["%s: %r became %r" % (path, before.get(path, "-"), after.get(path, "-"))
            for path in sorted(before.keys() | after.keys())
            if before.get(path, "-") != after.get(path, "-")]


def unequal(expected, actual):
    """Problems to report: none where both are the same."""
    return [] if expected == actual else ["expected %.1000r" % (expected,),
                                          "  actual %.1000r" % (actual,)]


def rows(table, macro):
    """The rows of a table of include/packetshield, as lists of their fields."""
    with open("%s/%s.def" % (TABLES, table), encoding="ascii") as text:
        found = re.findall(r"^%s\(([^\")]*)" % macro, text.read(), re.MULTILINE)
    return [[field.strip() for field in row.split(",")] for row in found]
