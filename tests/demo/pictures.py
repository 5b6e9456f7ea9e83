# SPDX-License-Identifier: GPL-2.0-or-later
"""pictures.py DIRECTORY: a minute of traffic with floods in it, seen by packetshield
top in terminals of two sizes; their screens go to DIRECTORY/top-COLUMNSxLINES.

What flows is made up, what is shown isn't: the packets come through the module.
"""
import itertools
import math
import os
import random
import re
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "netns"))

import frames  # noqa: E402
import shield  # noqa: E402
from terminal import Terminal  # noqa: E402
from tool import TOOL, do  # noqa: E402

SECONDS = 66
SIZES = ((80, 24), (160, 48))
QUIET = range(50, 66)
CONFIGURATION = """instances web
    web/ifaces eth0
    web/contexts 203.0.113.10, 203.0.113.20, 203.0.113.30@100, 203.0.113.40, 2001:db8::10
    web/203.0.113.10/p_tcp_ports 80, 443
    web/203.0.113.10/new_cookie_threshold 500-250
    web/203.0.113.10/unmatch_drop_threshold 250-100
    web/203.0.113.10/unknown_ttlfilter_threshold 5000-2000
    web/203.0.113.20/w_udp_ports 53
    web/203.0.113.20/deliver_block_threshold 500-400
    web/203.0.113.30@100/p_tcp_ports 443
    web/203.0.113.30@100/new_cookie_threshold 100-50
    web/203.0.113.40/p_tcp_ports 22
    web/2001:db8::10/w_tcp_ports 25
    web/Other/b_sources 192.0.2.0/24
    web/Other/unmatch_drop_toggled 203.0.113.40
""" + "".join("web/contexts 203.0.113.%d\nweb/203.0.113.%d/w_tcp_ports 443\n" % (n, n)
              for n in QUIET)


def ip(dst, protocol, build, sources="198.51.100", ports=64):
    """Frames to an address from many sources; build(src, dst, sport) makes their payload."""
    made = []
    for n in range(ports):
        src = "%s.%d" % (sources, 1 + n) if "." in dst else "2001:db8:1::%x" % (1 + n)
        packet = (frames.ipv4 if "." in dst else frames.ipv6)(
            build(src, dst, 1024 + 7 * n), protocol, src, dst)
        made.append(frames.ethernet(packet, frames.IPV4 if "." in dst else frames.IPV6))
    return made


def tcp(dport, flags=frames.SYN, **more):
    return lambda src, dst, sport: frames.tcp(src, dst, dport=dport, sport=sport, flags=flags,
                                              **more)


def udp(dport):
    return lambda src, dst, sport: frames.udp(src, dst, dport=dport, sport=sport)


def tagged(made, vlan):
    return [frame[:12] + frames.VLAN.to_bytes(2, "big") + vlan.to_bytes(2, "big") + frame[12:]
            for frame in made]


def wave(rate, depth, period):
    return lambda t: rate * (1 + depth * math.sin(2 * math.pi * t / period))


def flood(rate, begin, end=math.inf, rise=3):
    return lambda t: rate * min(1, (t - begin) / rise) if begin <= t < end else 0


def streams():
    """(frames, packets a second at a time)."""
    web, dns, other = "203.0.113.10", "203.0.113.20", "203.0.113.77"
    quiet = [frame for n in QUIET for frame in ip("203.0.113.%d" % n, frames.TCP,
                                                  tcp(443), ports=80 - n)]
    random.shuffle(quiet)
    return ((ip(web, frames.TCP, tcp(443)), flood(1250, 22)),
            (ip(web, frames.TCP, tcp(443)), wave(60, 0.4, 20)),
            (ip(web, frames.TCP, tcp(80, frames.ACK)), flood(370, 41)),
            (ip(dns, frames.UDP, udp(53)), wave(180, 0.35, 24)),
            (tagged(ip("203.0.113.30", frames.TCP, tcp(443)), 100), wave(55, 0.5, 31)),
            (ip("203.0.113.40", frames.TCP, tcp(22, frames.ACK)), wave(8, 0.5, 15)),
            (ip("2001:db8::10", frames.TCP, tcp(25)), wave(44, 0.3, 17)),
            (quiet, wave(70, 0.3, 27)),
            (ip(other, frames.UDP, udp(123), sources="192.0.2"), flood(420, 8, 34)),
            (ip(other, frames.UDP, udp(123), sources="192.0.2"), wave(90, 0.2, 9)),
            (ip(other, frames.TCP, tcp(8080)), wave(33, 0.3, 12)),
            (ip(other, frames.TCP, tcp(80, bad_checksum=1)), wave(12, 0.3, 12)))


def send(wire, seen):
    """A minute of all of them, and more until seen(). What a busy machine can't send in time
    isn't sent later."""
    flows = [(itertools.cycle(made), rate, [0.0]) for made, rate in streams()]
    last = start = time.monotonic()
    look = start + SECONDS
    while last < look or not seen():
        if last >= look:
            look = time.monotonic() + 2.5
            last = time.monotonic()
        time.sleep(0.005)
        now = time.monotonic()
        for made, rate, due in flows:
            due[0] += rate(now - start) * min(now - last, 0.1) * random.uniform(0.8, 1.2)
            for _ in range(int(due[0])):
                wire.send(next(made))
            due[0] %= 1
        last = now


def main():
    directory = sys.argv[1]
    do("apply", "-", stdin=CONFIGURATION)
    with socket.create_server(("203.0.113.10", 443)), Terminal(
            *SIZES[0], TOOL, "top") as small, Terminal(*SIZES[1], TOOL, "top") as large:
        screens = {}

        def seen():
            """What is to be pictured: the floods at their height, in both."""
            for terminal in (small, large):
                screens[terminal] = terminal.screen("-e", "-N")
            return all(re.search(r"new_cookie +1\.\d+ k/s",
                                 re.sub("\x1b\\[[0-9;]*m", "", "\n".join(lines)))
                       for lines in screens.values())
        send(shield.packet_socket("shield", 0, "eth1"), seen)
        for terminal, lines in screens.items():
            name = "top-%dx%d" % (terminal.columns, terminal.lines)
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write("\n".join(lines))
            shield.report(name, [])


if __name__ == "__main__":
    main()
    print("end")
