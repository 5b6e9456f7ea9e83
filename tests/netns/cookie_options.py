#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SYN cookies come out as the kernel's own: the same SYN, byte by byte, is
answered by the stack (tcp_syncookies 2, the shield's cookies off) and by the
shield, and the two answers are compared field by field, the cookie included.
Then connections are completed from both, and their sockets compared.

Runs on the shield, see shield.py and cookie_wire.py. What two answers can't
have in common is the clock in their timestamps: it must have the same low bits.
"""
import contextlib
import socket
import subprocess
import time

import frames as f
import shield
from cookie_syns import MSS, every_syn, few_syns
from cookie_wire import (PATHS, SACK, USUAL, Client, Info, Line, accept, cookies, mss, scale,
                         sysctl, timestamps)
from session_wire import V4, case, reset

CLOCK = 64  # the values of a timestamp's low bits, which carry options
LAG = 1000  # ms; the shield's clock is as old as the last tick, which a guest may miss
WSCALE = 3  # kind of the option
CODE_SACK, CODE_ECN, CODE_NO_SCALE = 16, 32, 15
# What a cookie over IPv4 can say of the client's MSS.
TABLE = (536, 1300, 1440, 1460)
OPTIONS = {
    "rcvbuf": (socket.SOL_SOCKET, shield.SO_RCVBUFFORCE),
    "device": (socket.SOL_SOCKET, socket.SO_BINDTODEVICE),
    "maxseg": (socket.IPPROTO_TCP, socket.TCP_MAXSEG),
    "clamp": (socket.IPPROTO_TCP, socket.TCP_WINDOW_CLAMP),
    "congestion": (socket.IPPROTO_TCP, socket.TCP_CONGESTION),
    "tos": (socket.IPPROTO_IP, socket.IP_TOS),
    "tclass": (socket.IPPROTO_IPV6, socket.IPV6_TCLASS),
}


class Twins:
    """The stack's answers and the shield's to the same SYNs."""

    def __init__(self, line, path, port, syns):
        self.syns, self.problems = list(syns), []
        self.clients = [Client(line, *path, port, options, **fields)
                        for _, options, fields in self.syns]

    def ask(self, ours):
        """All answers; those of the shield, or none, are counted there."""
        cookies(ours)
        before = shield.counters()["syncookie"]
        found = [client.begin() for client in self.clients]
        sent = shield.counters()["syncookie"] - before
        if sent != (len(found) if ours else 0):
            self.problems.append("%d of %d were the shield's" % (sent, len(found)))
        return found

    def ask_both(self):
        """Once a minute the kernel's clock of cookies moves on: then again."""
        for _ in range(3):
            start = time.monotonic()
            theirs, ours = self.ask(False), self.ask(True)
            if all(a.seq == b.seq for a, b in zip(ours, theirs)):
                break
        return ours, theirs, (time.monotonic() - start) * 1000

    def compare(self):
        ours, theirs, elapsed = self.ask_both()
        for (name, _, _), a, b in zip(self.syns, ours, theirs):
            wrong = a.differs(b) + a.whole()
            if a.seq != b.seq:
                wrong.append("another cookie")
            if a.tsval is not None and b.tsval is not None:
                ahead = (a.tsval - b.tsval + (1 << 31) & 0xFFFFFFFF) - (1 << 31)
                if ahead % CLOCK or not -LAG <= ahead <= elapsed + CLOCK:
                    wrong.append("timestamp %d ahead after %d ms" % (ahead, elapsed))
            if wrong:
                self.problems.append("%s: %s" % (name, "; ".join(wrong)))
        return self.problems


@contextlib.contextmanager
def mtu(value):
    """Of the shield's interface. Those of its VLANs shrink with it."""
    subprocess.run(("ip", "link", "set", "eth0", "mtu", str(value)), check=True)
    yield
    for name in ("eth0", "eth0.100", "eth0.200"):
        subprocess.run(("ip", "link", "set", name, "mtu", "1500"), check=True)


def listen(port, family=socket.AF_INET6, address="", **options):
    """A listener, of both families if it is of IPv6; options: see OPTIONS."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    for name, value in options.items():
        sock.setsockopt(*OPTIONS[name], value)
    sock.bind((address, port))
    sock.listen(512)
    return sock


def hosts():
    """(name, setting, options of the listener)"""
    nothing = contextlib.nullcontext
    for name in ("timestamps", "ecn"):
        for value in range(3):
            yield "tcp_%s %d" % (name, value), sysctl("ipv4/tcp_" + name, value), {}
    for name, value in (("tcp_sack", 0), ("tcp_window_scaling", 0), ("tcp_adv_win_scale", -2),
                        ("tcp_adv_win_scale", 3), ("tcp_workaround_signed_windows", 1),
                        ("tcp_rmem", "4096 16384 65536"), ("tcp_rmem", "4096 50000 33554432"),
                        ("route/min_adv_mss", 1600)):
        yield "%s %s" % (name, value), sysctl("ipv4/" + name, value), {}
    yield "mtu 1300 of IPv6", sysctl("ipv6/conf/eth0/mtu", 1300), {}
    for value in (1280, 9000):
        yield "mtu %d" % value, mtu(value), {}
    for value in (100, 536, 1000, 1400, 9000):
        yield "TCP_MAXSEG %d" % value, nothing(), {"maxseg": value}
    for value in (1, 8192, 100000, 4000000):
        yield "SO_RCVBUF %d" % value, nothing(), {"rcvbuf": value}
    for value in (500, 30000, 100000):
        yield "TCP_WINDOW_CLAMP %d" % value, nothing(), {"clamp": value}
    yield "IP_TOS, IPV6_TCLASS", nothing(), {"tos": 0xB8, "tclass": 0x28}
    yield "a bound device", nothing(), {"device": b"eth0"}


def compare(line, port, name, paths, syns, **options):
    for path in paths:
        with listen(port, **options), case("%s, %s: the kernel's cookies" % (path[0].name,
                                                                            name)) as problems:
            problems += Twins(line, path, port, syns()).compare()


def all_syns(line):
    compare(line, 8000, "every SYN", PATHS[:2], every_syn)
    compare(line, 8001, "some SYNs", PATHS[2:], few_syns)
    compare(line, 8002, "listening on IPv4 alone", PATHS[:1], few_syns, family=socket.AF_INET)
    compare(line, 8003, "listening on the address", PATHS[1:2], few_syns, address="2001:db8::1")


def all_hosts(line):
    """A port each: what is known of listeners may be a second old."""
    for port, (name, setting, options) in enumerate(hosts(), 8010):
        with setting:
            compare(line, port, name, PATHS[:2], few_syns, **options)


def data_center(line):
    """Congestion control that wants ECN even where the sysctl doesn't."""
    try:
        listen(8100, congestion=b"dctcp").close()
    except FileNotFoundError:
        print("# this kernel has no DCTCP")
        return
    with sysctl("ipv4/tcp_ecn", 0):
        compare(line, 8100, "DCTCP, tcp_ecn 0", PATHS[:2], few_syns, congestion=b"dctcp")


def code(line):
    """The low bits of the timestamp themselves, where nothing is added to it."""
    for options, flags, expected in (
            (USUAL, f.SYN, CODE_SACK | 7),
            (USUAL, f.SYN | f.ECE | f.CWR, CODE_ECN | CODE_SACK | 7),
            (timestamps(), f.SYN, CODE_NO_SCALE),
            (timestamps() + scale(14), f.SYN | f.ECE | f.CWR, CODE_ECN | 14),
            (timestamps() + scale(0), f.SYN, 0)):
        found = Client(line, V4, (), 8101, options, flags=flags).begin()
        with case("timestamps of %s, flags %#x: code %#x" % (options.hex(), flags,
                                                             expected)) as problems:
            if found.tsval is None or found.tsval % CLOCK != expected:
                problems.append("timestamp %s" % found.tsval)


def negotiated(line, listener, path, options, flags, ours):
    """What the sockets of a completed connection have, and that it carries data."""
    cookies(ours)
    client = Client(line, *path, 8102, options, flags=flags)
    answer = client.begin()
    client.finish(answer, b"to the server")
    connection = accept(listener, client.sport)
    found = Info(connection).negotiated()
    found["announced"] = answer.option(WSCALE)
    found["data"] = connection.recv(100)
    connection.send(b"to the client")
    found["reply"] = client.receive(f.ACK | f.PSH, "data").payload
    reset(connection)
    return found


def expected(offered, shift, ecn):
    """By RFC, and the kernel's table of MSS; offered: an MSS, or None."""
    options = Info.TIMESTAMPS | Info.SACK | (Info.SCALE if shift is not None else 0)
    return {"options": options | (Info.ECN if ecn else 0), "snd_scale": min(shift or 0, 14),
            "snd_mss": max([m for m in TABLE if m <= (offered or 0)] + [TABLE[0]]) - 12,
            "data": b"to the server", "reply": b"to the client"}


def sockets(line, listener):
    """What a cookie said arrives in the socket."""
    cases = [(value, 7, False) for value in MSS if value > 1]
    cases += [(1460, shift, True) for shift in tuple(range(15)) + (None,)]
    cases += [(None, 7, False)]
    for path in PATHS:
        for ecn in (False, True):
            with case("%s, ECN %d: sockets as offered, and as by the kernel's cookies" % (
                    path[0].name, ecn)) as problems:
                for offered, shift, wanted in cases:
                    if wanted == ecn:
                        problems += one_socket(line, listener, path, offered, shift, ecn)


def one_socket(line, listener, path, offered, shift, ecn):
    flags = f.SYN | f.ECE | f.CWR if ecn else f.SYN
    options = (mss(offered) if offered else b"") + SACK + timestamps()
    options += scale(shift) if shift is not None else b""
    ours = negotiated(line, listener, path, options, flags, True)
    theirs = negotiated(line, listener, path, options, flags, False)
    wanted = expected(offered, shift, ecn)
    if path[0].ip is f.ipv6:
        del wanted["snd_mss"] # another table, and the path's MTU
    problems = [] if ours == theirs else ["%s, the kernel %s" % (ours, theirs)]
    problems += ["%s %s, not %s" % (name, ours[name], value)
                 for name, value in wanted.items() if ours[name] != value]
    return ["MSS %s, scale %s: %s" % (offered, shift, text) for text in problems]


def main():
    line = Line(20000)
    with sysctl("ipv4/tcp_syncookies", 2):
        all_syns(line)
        all_hosts(line)
        data_center(line)
        cookies(True)
        with sysctl("ipv4/tcp_timestamps", 2), listen(8101):
            code(line)
        with listen(8102) as listener:
            sockets(line, listener)
    print("end")


main()
