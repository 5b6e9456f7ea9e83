#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a SYN cookie has negotiated is used: large transfers in both directions
over a link that loses packets, or marks them where ECN was agreed to, and the
windows that were announced meanwhile.

Runs on the shield, see shield.py; the client's sockets are in its namespace.
Port 80 is in p_tcp_ports of Other. 50 MB where the guest is fast, else 4.
"""
import contextlib
import hashlib
import os
import subprocess
import threading
import time

import shield
from cookie_wire import Info, Tally, accept, connect, cookies, sysctl
from session_wire import V4, V4_100, V6, V6_100, case, listen

SIZE = 50000000 if os.environ.get("PS_GUEST") in ("uml", "kvm") else 4000000
PIECE = 1 << 16
UNSCALED = 65535  # the largest window without a scale


@contextlib.contextmanager
def link(*disturbance):
    """What netem does to single packets between the client and the switch."""
    ends = (("client", "eth0"), ("switch", "client"))
    for name, device in ends:
        with shield.Host(name):
            subprocess.run(("tc", "qdisc", "add", "dev", device, "root", "netem") + disturbance,
                           check=True)
    yield
    for name, device in ends:
        with shield.Host(name):
            subprocess.run(("tc", "qdisc", "del", "dev", device, "root"), check=True)


def single_packets():
    """No super-packets: for netem they are one, and lost as a whole."""
    for name in ("client", "shield"):
        for device in ("eth0", "eth0.100"):
            with shield.Host(name):
                subprocess.run(("ip", "link", "set", device, "gso_max_segs", "1"), check=True)


class Sender(threading.Thread):
    """Sends random data, and notes the widest window it was announced."""

    def __init__(self, sock, size):
        super().__init__(daemon=True)
        self.sock, self.size = sock, size
        self.digest, self.window, self.problem = hashlib.sha256(), 0, "it never ended"

    def run(self):
        try:
            left = self.size
            while left:
                data = os.urandom(min(left, PIECE))
                self.sock.sendall(data)
                self.digest.update(data)
                self.window = max(self.window, Info(self.sock).snd_wnd)
                left -= len(data)
            self.problem = None
        except OSError as problem:
            self.problem = repr(problem)


def receive(sock, size):
    """The digest of so much data, or of what comes before the end."""
    digest = hashlib.sha256()
    while size:
        data = sock.recv(min(size, PIECE))
        if not data:
            break
        digest.update(data)
        size -= len(data)
    return digest


def transfer(problems, source, destination, size):
    """The widest window; what arrives is what was sent."""
    sender = Sender(source, size)
    sender.start()
    found = receive(destination, size)
    sender.join(shield.TIMEOUT)
    if sender.problem:
        problems.append(sender.problem)
    if found.digest() != sender.digest.digest():
        problems.append("the data differ")
    return sender.window


def both_ways(problems, listener, net, size):
    """One connection; the widest windows, announced by the shield and by the
    client, and what both ends know of it."""
    tally, start = Tally(), time.monotonic()
    client = connect(net)
    # Of a cookie the server knows by the ACK alone; where that is lost, by data sent again.
    client.sendall(b"!")
    server = accept(listener, client.getsockname()[1])
    server.recv(1)
    windows = [transfer(problems, client, server, size), transfer(problems, server, client, size)]
    found, infos = tally.moved(), (Info(server), Info(client))
    # Now and then a SYN+ACK is lost, too.
    if not found.get("syncookie") or found["syncookie"] != found["syn"] or found["newconns"] != 1:
        problems.append("not by a cookie: %s" % found)
    client.close()
    server.close()
    print("# %s: %d bytes each way in %.1f s, windows %s, marked %s" % (
        net.name, size, time.monotonic() - start, windows, [i.delivered_ce for i in infos]))
    return windows, infos


def with_loss(listener):
    for net in (V4, V6_100):
        with case("%s: %d bytes each way with 1 %% loss arrive as sent" % (net.name, SIZE)) as problems:
            windows, _ = both_ways(problems, listener, net, SIZE)
        with case(net.name + ": the windows grew past 64 KB") as problems:
            if min(windows) <= UNSCALED:
                problems.append("%s" % windows)


def without_scale(listener):
    with case("without window scale the windows stay within 64 KB") as problems, \
            sysctl("ipv4/tcp_window_scaling", 0, "client"):
        windows, infos = both_ways(problems, listener, V4, SIZE // 10)
        if max(windows) > UNSCALED or infos[0].options & Info.SCALE:
            problems.append("%s" % windows)


def with_marks(listener):
    """A router that marks instead of dropping: senders hear of it, both ways. It
    drops SYNs all the same; a client that sends one again asks for ECN again."""
    for net in (V6, V4_100):
        with case(net.name + ": ECN is used in both directions") as problems, \
                sysctl("ipv4/tcp_ecn", 1, "client"), sysctl("ipv4/tcp_ecn_fallback", 0, "client"):
            _, infos = both_ways(problems, listener, net, SIZE // 10)
            for name, info in zip(("shield", "client"), infos):
                if not info.options & Info.ECN or not info.options & Info.ECN_SEEN:
                    problems.append("%s: options %#x" % (name, info.options))
                if not info.delivered_ce:
                    problems.append("%s: nothing it sent was marked" % name)


def main():
    single_packets()
    with listen() as listener:
        cookies(True)
        with link("loss", "1%"):
            with_loss(listener)
            without_scale(listener)
        # So much that a short transfer can't go by without a mark.
        with link("loss", "5%", "ecn"):
            with_marks(listener)
    print("end")


main()
