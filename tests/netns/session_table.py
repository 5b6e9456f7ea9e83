#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of TCP sessions: overfull, it forgets sessions but drops nothing;
its size changes while connections are busy, and none is lost.

Runs on the shield, see shield.py. The instance is new, and eth0 not attached.
"""
import contextlib
import errno
import glob
import os
import socket
import time

import shield
from session_traffic import Traffic
from session_wire import TOGGLES, Counts, case, listen, option, outlast, toggled, write

ENTRIES = 1024
SESSIONS = 2500
RECENT = 100
ADDRESSES = ("10.0.0.1", "2001:db8::1", "10.1.0.1", "2001:db8:1::1")
TIMEOUT = 20  # seconds, of all kinds of sessions; a slow guest may stand still for some
GRACE = 5  # seconds that an old table stays longer than its sessions


def size():
    with open(shield.INSTANCE + "/session_table_size", encoding="ascii") as file:
        return file.read()


def refused(value):
    """The errno of writing a size; 0 for none."""
    try:
        write("session_table_size", str(value))
    except OSError as error:
        return error.errno
    return 0


def sizes():
    for value, expected in ((9, "16\n"), (1000, "1024\n"), (67108864, "67108864\n"),
                            (67108863, "67108864\n"), (8, "8\n"), (ENTRIES, "1024\n")):
        with case("session_table_size: %d is %s" % (value, expected.strip())) as problems:
            write("session_table_size", str(value))
            if size() != expected:
                problems.append(size())
    for value, error in ((7, errno.ERANGE), (67108865, errno.ERANGE), ("many", errno.EIO)):
        with case("session_table_size: %s is %s" % (value, errno.errorcode[error])) as problems:
            found = refused(value)
            if found != error or size() != "1024\n":
                problems.append("error %d, size %s" % (found, size()))


class Pair:
    """A connection, both of whose ends are here."""

    def __init__(self, listener, address):
        with shield.Host("client"):
            self.client = socket.create_connection((address, 80), timeout=shield.TIMEOUT)
        self.server, _ = listener.accept()
        self.server.settimeout(shield.TIMEOUT)

    @staticmethod
    def say(sender, receiver):
        sender.send(b"x")
        if receiver.recv(10) != b"x":
            raise OSError("wrong data")

    def client_first(self):
        self.say(self.client, self.server)
        self.say(self.server, self.client)

    def server_first(self):
        self.say(self.server, self.client)
        self.say(self.client, self.server)


def no_drops(problems):
    found = {name: number for name, number in
             shield.numbers(shield.INSTANCE + "/Other/drops").items() if number}
    if found:
        problems.append("drops: %s" % found)


def overfull(listener):
    with contextlib.ExitStack() as stack:
        pairs = []

        def open_some(number):
            for n in range(number):
                pairs.append(Pair(listener, ADDRESSES[n % len(ADDRESSES)]))
                stack.enter_context(pairs[-1].client)
                stack.enter_context(pairs[-1].server)
                pairs[-1].client_first()

        counts = Counts()
        with case("%d connections through %d sessions" % (SESSIONS, ENTRIES)) as problems:
            open_some(SESSIONS)
            moved = counts.moved()
            if moved.get("newconns", 0) < SESSIONS:
                problems.append("newconns: %s" % moved)
            no_drops(problems)
        with case("overfull: the sessions forgotten are delivered, and opened anew") as problems:
            counts = Counts()
            for pair in pairs:
                pair.client_first()
            moved = counts.moved()
            if moved.get("unmatched", 0) < SESSIONS - ENTRIES:
                problems.append("hardly any session was forgotten: %s" % moved)
            no_drops(problems)
        # What is least recently used is told by the second.
        outlast(time.monotonic(), 0)
        with case("overfull: the recent %d sessions live" % RECENT) as problems:
            open_some(RECENT)
            with toggled("unmatch_drop"):
                for pair in pairs[-RECENT:]:
                    pair.client_first()
            no_drops(problems)
        with case("overfull: a server that speaks has its session back") as problems:
            with toggled("unmatch_drop"):
                for pair in pairs[:RECENT]:
                    pair.server_first()
            no_drops(problems)


def resize():
    """While data moves under all protections, so that a session lost would show."""
    for path in glob.glob(shield.INSTANCE + "/*_session_timeout"):
        write(os.path.basename(path), str(TIMEOUT))
    with Traffic(60, 80, ADDRESSES) as traffic:
        with case("60 connections move data") as problems:
            # They must be younger than those before them, by the second.
            outlast(time.monotonic(), 0)
            traffic.moved(problems)
        with option("Other/deliver_block_threshold", "2000000-1000000"), toggled(*TOGGLES):
            counts = Counts()
            for value in (2048, 1048576, ENTRIES * 2):
                with case("from %s to %d entries, and data moves" % (size().strip(), value)) as \
                        problems:
                    write("session_table_size", str(value))
                    traffic.moved(problems)
            with case("the fourth change in a row is too early, and changes nothing") as problems:
                found = refused(4096)
                if found != errno.EBUSY or size() != "2048\n":
                    problems.append("error %d, size %s" % (found, size()))
                if refused(2048):
                    problems.append("and the same size again isn't one")
                traffic.moved(problems)
            with case("when the oldest table is gone, it can be changed again") as problems:
                if shield.wait_until(lambda: refused(4096), lambda error: not error,
                                     TIMEOUT + GRACE + shield.TIMEOUT):
                    problems.append("it can't")
                traffic.moved(problems)
            with case("no packet was without its session meanwhile") as problems:
                moved = counts.moved()
                if set(moved) != {"ack", "established"}:
                    problems.append(str(moved))
                no_drops(problems)


def main():
    sizes()
    write("Other/p_tcp_ports", "+80")
    write("ifaces", "+eth0")
    with listen(80) as listener:
        listener.settimeout(shield.TIMEOUT)
        overfull(listener)
    resize()
    print("end")


main()
