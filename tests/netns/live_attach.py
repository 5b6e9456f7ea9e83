#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shield is attached to an interface in the middle of its work: 200
connections move data both ways when it comes, when every protection is switched
on, and under a flood of SYNs, ACKs and RSTs from random sources. None is lost,
no byte is wrong, and new clients get in.

Runs on the shield, see shield.py. The instance is new, and eth0 not attached;
nginx serves a page on port 8080 (test_live_attach.sh). IPv4 floods are
hping3's, which has no IPv6: those are frames of this program's.
"""
import contextlib
import ipaddress
import os
import random
import signal
import subprocess
import time

import frames as f
import shield
from session_traffic import Traffic
from session_wire import TOGGLES, Counts, case, option, toggled, write

CONNECTIONS = 200
UNLISTED = 20  # of these, to a port in no list
ADDRESSES = ("10.0.0.1", "2001:db8::1", "10.1.0.1", "2001:db8:1::1")
FLOOD_SECONDS = 4
FLOOD_PACKETS = 1000  # of each kind at least, or it wasn't one
FETCHES = 3  # from each address, in a flood
FLAGS = (f.SYN, f.ACK, f.RST, f.SYN | f.ACK, f.FIN | f.ACK)


def drops():
    found = shield.numbers(shield.INSTANCE + "/Other/drops")
    return {name: number for name, number in found.items() if number}


def on_now():
    """The protections that say they are on."""
    found = []
    for name in TOGGLES:
        with open("%s/Other/%s_toggled" % (shield.INSTANCE, name), encoding="ascii") as file:
            if "Other\n" in file.readlines():
                found.append(name)
    return tuple(found)


def flood_frames(number):
    """IPv6, with and without a tag, from everywhere."""
    found = []
    for n in range(number):
        vlan = 100 if n % 2 else 0
        src = str(ipaddress.IPv6Address(0x2000 << 112 | random.getrandbits(112)))
        dst = "2001:db8:1::1" if vlan else "2001:db8::1"
        segment = f.tcp(src, dst, 80, random.randint(1024, 65535), FLAGS[n % len(FLAGS)],
                        seq=random.getrandbits(32), ack=random.getrandbits(32))
        packet, kind = f.ipv6(segment, f.TCP, src, dst), f.IPV6
        if vlan:
            packet, kind = f.tag(packet, kind, vlan), f.VLAN
        found.append(f.ethernet(packet, kind))
    return found


def send_for_ever(frames):
    sock = shield.packet_socket("attacker", 0)
    while True:
        for frame in frames:
            with contextlib.suppress(OSError):
                sock.send(frame)


@contextlib.contextmanager
def flood(frames):
    """From the attacker, as fast as it can, for as long as the block takes."""
    with shield.Host("attacker"):
        programs = [subprocess.Popen(
            ["hping3", "--flood", "--rand-source", "-q", flag, "-p", "80", "10.0.0.1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for flag in ("-S", "-A", "-R")]
    child = os.fork()
    if not child:
        try:
            send_for_ever(frames)
        finally:
            os._exit(1)
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def fetch(problems):
    """Pages over new connections, by a real client."""
    urls = ["http://%s:8080/" % ("[%s]" % address if ":" in address else address)
            for address in ADDRESSES] * FETCHES
    with shield.Host("client"):
        done = subprocess.run(["curl", "-gsS", "--max-time", str(shield.TIMEOUT)] + urls,
                              capture_output=True, check=False)
    if done.stdout != b"page\n" * len(urls):
        problems.append("%r %r" % (done.stdout, done.stderr))


class Busy:
    """All connections: those to a protected port, and those to a port in no
    list, from the time before the shield, such as the operator's own ssh."""

    def __init__(self, *traffics):
        self.traffics = traffics

    def moved(self, problems):
        for traffic in self.traffics:
            traffic.moved(problems)


def quiet(name, busy, allowed=()):
    """All have moved data, and nothing was dropped, but for what is allowed."""
    before = drops()
    with case(name) as problems:
        busy.moved(problems)
        found = {name: number for name, number in drops().items()
                 if number != before.get(name, 0) and name not in allowed}
        if found:
            problems.append("drops: %s" % found)


def under_flood(name, busy, frames, lines):
    """lines: those of the stats which must show the flood."""
    counts = Counts()
    with flood(frames):
        with case(name + ": no connection is lost, no byte wrong") as problems:
            start = time.monotonic()
            while time.monotonic() < start + FLOOD_SECONDS and not problems:
                busy.moved(problems)
        with case(name + ": new clients get in") as problems:
            fetch(problems)
        with case(name + ": it was one") as problems:
            def moved():
                return {line: counts.moved().get(line, 0) for line in lines}
            found = shield.wait_until(moved, lambda m: min(m.values()) >= FLOOD_PACKETS)
            if min(found.values()) < FLOOD_PACKETS:
                problems.append(str(found))
    print("#", counts.moved(), flush=True)
    with case(name + ", and after it: all connections go on") as problems:
        busy.moved(problems)


def stages(busy, frames):
    with case("%d connections move data" % CONNECTIONS) as problems:
        busy.moved(problems)
    write("ifaces", "+eth0")
    # On a port in no list a connection gets through once this host has sent on it;
    # should it have nothing to say, keepalive does.
    quiet("attached, all protections off: all go on", busy, allowed=("closed_tcp_port",))
    quiet("attached, all protections off: nothing is dropped", busy)
    with option("Other/deliver_block_threshold", "2000000-1000000"), \
            toggled("new_cookie", "unmatch_drop", "deliver_block"):
        quiet("protections against SYNs, unmatched and surge on: nothing is dropped", busy)
        under_flood("flood", busy, frames, ("syncookie", "drop_ack", "drop_rst"))
        with toggled("unknown_ttlfilter"):
            with case("every protection is on") as problems:
                if on_now() != TOGGLES:
                    problems.append(str(on_now()))
            under_flood("flood, with TTL filter", busy, frames, ("ttlfiltered",))
    with case("all protections off again: all go on") as problems:
        busy.moved(problems)


def main():
    random.seed(1)
    frames = flood_frames(2000)
    write("Other/p_tcp_ports", "+80")
    write("Other/p_tcp_ports", "+8080")
    with Traffic(CONNECTIONS - UNLISTED, 80, ADDRESSES) as listed, \
            Traffic(UNLISTED, 22, ADDRESSES, keepalive=True) as unlisted:
        stages(Busy(listed, unlisted), frames)
    print("end")


main()
