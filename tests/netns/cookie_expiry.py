#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long SYN cookies are good for. The kernel dates them by a clock that
moves once a minute, and believes those of this minute and the last; the shield
asks for 128 s after it has stopped to send them. So this takes two minutes,
some of which a flood of ACKs that carry no cookie fills.

Runs on the shield, see shield.py and cookie_wire.py. Port 80 is in p_tcp_ports
of Other, tcp_syncookies is 2: the kernel's own cookies are the same ones, and
tell of its clock while the shield sends none.
"""
import os
import random
import time

import frames as f
import shield
from cookie_wire import PATHS, Client, Line, Tally, accept, cookies, sysctl
from session_wire import V4, case, listen, reset, toggled

OPENED = {"rx_total": 1, "ack": 1, "established": 1, "newconns": 1, "delivered": 1}
STRAY = {"rx_total": 1, "ack": 1, "unmatched": 1, "drop_ack": 1, "unmatched_ack": 1}
LET_IN = {"rx_total": 1, "ack": 1, "unmatched": 1, "delivered": 1}
BLIND = 200000 if os.environ.get("PS_GUEST") in ("uml", "kvm") else 20000
SOURCES = "11.0.%d.%d", "2001:db8:f::%x:%x"
LIFE = 128  # seconds


class Clock:
    """The kernel's, as seen in its cookies for one and the same SYN."""

    def __init__(self, line):
        self.client, self.ticks = Client(line, V4), 0
        self.last = self.client.begin().seq

    def tick(self):
        """How often it has moved since."""
        found = self.client.begin().seq
        if found != self.last:
            self.ticks, self.last = self.ticks + 1, found
        return self.ticks

    def wait(self, ticks):
        while self.tick() < ticks:
            shield.wait_until(lambda: False, bool, 0.25)


class Cookie:
    """One that is out, of a client that takes its time."""

    def __init__(self, line, path):
        self.client = Client(line, *path)
        self.answer = self.client.begin()

    def use(self, problems, expected, listener=None):
        tally = Tally()
        self.client.finish(self.answer)
        tally.expect(problems, expected)
        if listener:
            reset(accept(listener, self.client.sport))
            self.client.receive(f.RST | f.ACK, "RST")


def blind(line):
    """ACKs with random addresses, ports and numbers: 2^-29 of them carry a cookie."""
    dice = random.Random(2)
    clients = [Client(line, *path) for path in PATHS[:2]]
    with case("%d blind ACKs open nothing" % BLIND) as problems, toggled("unmatch_drop"):
        tally = Tally()
        for number in range(BLIND):
            client = clients[number % 2]
            client.source = SOURCES[number % 2] % (dice.randrange(256), dice.randrange(256))
            client.sport = dice.randrange(1, 65536)
            line.sock.send(client.frame(f.ACK, dice.getrandbits(32), dice.getrandbits(32)))
        found = shield.wait_until(tally.moved, lambda moved: moved.get("rx_total") == BLIND)
        lucky = found.get("newconns", 0)
        if found != dict({name: BLIND for name in STRAY}, **{
                name: BLIND - lucky for name in ("unmatched", "drop_ack", "unmatched_ack")},
                         **{name: lucky for name in ("established", "newconns", "delivered")
                            if lucky}) or lucky > 1:
            problems.append("%s" % found)


def kernels_own(line, listener, problems, expected):
    """A cookie that the kernel sent while the shield sends none. The SYN+ACK has
    left a session behind, which the RST for a wrong ACK ends."""
    cookie = Cookie(line, PATHS[0])
    client, answer = cookie.client, cookie.answer
    client.finish(answer, ack=answer.seq + 1000)
    client.receive(f.RST, "RST")
    cookie.use(problems, expected, listener)


def take(line):
    """Three cookies a path, all of the same minute, and the clock that tells."""
    while True:
        clock = Clock(line)
        found = [[Cookie(line, path) for _ in range(3)] for path in PATHS]
        if clock.tick() == 0:
            return clock, found


def main():
    line = Line(20000)
    with listen() as listener, sysctl("ipv4/tcp_syncookies", 2):
        cookies(True)
        clock, out = take(line)
        with case("cookies of this minute are good") as problems:
            for first, _, _ in out:
                first.use(problems, OPENED, listener)
        blind(line)
        cookies(False)
        off = time.monotonic()
        with case("cookies of the last minute are good") as problems:
            clock.wait(1)
            for _, second, _ in out:
                second.use(problems, OPENED, listener)
        with case("older ones aren't, nor those used before") as problems:
            clock.wait(2)
            for first, _, third in out:
                with toggled("unmatch_drop"):
                    first.use(problems, STRAY)
                    third.use(problems, STRAY)
                third.use(problems, LET_IN)
                third.client.receive(f.RST, "RST of the stack's")
        with case("%d s after they were switched off cookies count" % LIFE) as problems:
            kernels_own(line, listener, problems, OPENED)
            if time.monotonic() - off >= LIFE:
                problems.append("too late to tell")
        with case("then they don't") as problems:
            shield.wait_until(lambda: time.monotonic() - off, lambda gone: gone > LIFE + 1, LIFE)
            kernels_own(line, listener, problems, LET_IN)
    print("end")


main()
