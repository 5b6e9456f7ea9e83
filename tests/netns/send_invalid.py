#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends every case of invalid_cases.py from the attacker, several times, and
checks for each: exactly its drop reason (or the allowlist) counted it, with its
bytes, and it reached the stack unchanged or not at all.

Runs on the shield, see shield.py. With "reasons DEF" it also checks that every
drop reason of "invalid packets" in DEF was hit.
"""
import re
import sys

import frames
import invalid_cases as cases
import shield

REPEAT = 3


class Sender:
    def __init__(self):
        self.sock = shield.packet_socket("attacker", 0)
        self.tap = shield.Tap()
        self.hit = set()

    def run(self, name, reason, frame, packet=None):
        """packet: what the stack is to get of it if delivered; None: unknown."""
        before, bytes_before = shield.counters(), dropped_bytes(reason)
        self.tap.packets()
        for _ in range(REPEAT):
            self.sock.send(frame)
        problems = shield.expect_moved(before, expectation(reason))
        if packet is not None:
            wanted = 0 if is_drop(reason) else REPEAT
            problems += self.reached(packet, wanted)
        if is_drop(reason):
            self.hit.add(reason)
            problems += check_bytes(frame, dropped_bytes(reason) - bytes_before)
        shield.report("%s: %s" % (name, reason), problems)

    def reached(self, packet, wanted):
        seen = []
        def count():
            seen.extend(p for p in self.tap.packets() if p == packet)
            return len(seen)
        found = shield.wait_until(count, lambda n: n >= wanted)
        return [] if found == wanted else ["%d of %d reached the stack" % (found, wanted)]


def is_drop(reason):
    return reason not in (cases.ALLOWED, cases.EARLY)


def expectation(reason):
    expected = {"rx_total": REPEAT}
    if is_drop(reason):
        expected.update({"invalid": REPEAT, reason: REPEAT})
    else:
        expected["delivered"] = REPEAT
    if reason == cases.ALLOWED:
        expected["whitelisted"] = REPEAT
    return expected


def dropped_bytes(reason):
    with open(shield.INSTANCE + "/Other/drops", encoding="ascii") as lines:
        for line in lines:
            name, _, count = line.split()
            if name == reason:
                return int(count)
    return 0


def check_bytes(frame, counted):
    """All behind the Ethernet header, the outer tag apart."""
    length = len(frame) - 14
    if frame[12:14] in (b"\x81\0", b"\x88\xa8"):
        length -= 4
    wanted = REPEAT * length
    return [] if counted == wanted else ["%d bytes counted, not %d" % (counted, wanted)]


def send_all(sender):
    for family, ethertype in ((cases.V4, frames.IPV4), (cases.V6, frames.IPV6)):
        for name, reason, packet in cases.of(family):
            sender.run("%s: %s" % (family.name, name), reason,
                       frames.ethernet(packet, ethertype), packet)
    for name, reason, frame in cases.links():
        sender.run("link: " + name, reason, frame)
    for name, reason, packet in cases.long():
        ethertype = frames.IPV4 if packet[0] >> 4 == 4 else frames.IPV6
        sender.run("long: " + name, reason, frames.ethernet(packet, ethertype), packet)


def check_complete(sender, table):
    """Every DROP row with ids 10 to 47 was hit."""
    with open(table, encoding="ascii") as text:
        rows = re.findall(r"^PS_REASON\((\d+), (\w+), DROP", text.read(), re.M)
    missing = [name for number, name in rows
               if 10 <= int(number) <= 47 and name not in sender.hit]
    shield.report("every reason of invalid packets has a case", missing)


def main():
    sender = Sender()
    send_all(sender)
    check_complete(sender, sys.argv[1])
    print("end")


main()
