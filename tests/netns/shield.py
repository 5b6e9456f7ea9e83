# SPDX-License-Identifier: GPL-2.0-or-later
"""The shield as the test programs see it: sockets in other hosts' namespaces,
counters, and what comes out behind the hook.

A program runs on the shield, so that /sys/packetshield is the shield's, and
opens its sockets in the namespaces where they are needed. It prints lines
"ok NAME" or "not ok NAME", comments, and "end" as the last line; results() of
lib.sh turns them into KTAP.
"""
import ctypes
import os
import select
import socket
import struct
import time

import frames

TIMEOUT = float(os.environ.get("PS_TIMEOUT", "30"))
INSTANCE = "/sys/packetshield/" + os.environ.get("PS_INSTANCE", "shield")
SOL_PACKET, PACKET_VNET_HDR, ALL = 263, 15, 0x0003
SO_RCVBUFFORCE = 33
CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def report(name, problems):
    """One result; problems is what is wrong, empty if nothing is."""
    print("not ok" if problems else "ok", name, flush=True)
    for problem in problems:
        print("#", problem, flush=True)


class Host:
    """with Host("client"): what is opened inside belongs to the client."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/%s-%s" % (os.environ["NS_PREFIX"], self.name), os.O_RDONLY)
        self._enter(there)

    def __exit__(self, *_):
        self._enter(self.home)

    @staticmethod
    def _enter(namespace):
        if _LIBC.setns(namespace, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        os.close(namespace)


def packet_socket(host, protocol, interface="eth0", vnet=False):
    """A raw socket there. One for a single EtherType stands behind the hook:
    it gets what the stack gets; ALL stands before it, and sees what leaves."""
    with Host(host):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        if vnet:
            sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        sock.bind((interface, protocol))
    return sock


def numbers(path):
    """First column -> second, of a stats or drops file."""
    found = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, value = line.replace(":", " ").split()[:2]
            found[name] = int(value, 0)
    return found


def counters(context="Other"):
    """All numbers of a context: its stats, and its drops by reason."""
    found = numbers("%s/%s/stats" % (INSTANCE, context))
    found.update(numbers("%s/%s/drops" % (INSTANCE, context)))
    return found


def total():
    """rx_total of the instance: all frames, judged or not."""
    return numbers(INSTANCE + "/stats")["rx_total"]


def contexts():
    """Those of the list, Other apart."""
    with open(INSTANCE + "/contexts", encoding="ascii") as names:
        return names.read().split()


def moved(before, after):
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def expect_moved(before, expected, context="Other"):
    """Wait until the counters have moved by what is expected; what they moved
    by otherwise, as a list of problems. What this host sends (its neighbour
    discovery, for one) matters only where tx_total is expected."""
    def ask():
        found = moved(before, counters(context))
        return {name: found[name] for name in found if name != "tx_total" or name in expected}
    found = wait_until(ask, lambda m: m == expected)
    return [] if found == expected else ["expected %s, counted %s" % (expected, found)]


def expect(problems, send, context="Other", **expected):
    """What sending something moves, exactly; problems are added to the list."""
    before = counters(context)
    send()
    problems += expect_moved(before, expected, context)


def wait_until(ask, good, timeout=None):
    """Ask until the answer is good or the time is up; the last answer."""
    deadline = time.monotonic() + (TIMEOUT if timeout is None else timeout)
    answer = ask()
    while not good(answer) and time.monotonic() < deadline:
        time.sleep(0.01)
        answer = ask()
    return answer


def receive(sock, wanted, timeout):
    """The first frame that wanted() accepts within the time, or None."""
    deadline = time.monotonic() + timeout
    while True:
        left = deadline - time.monotonic()
        if left < 0 or not select.select([sock], [], [], left)[0]:
            return None
        frame = sock.recv(65536)
        if wanted(frame):
            return frame


def drain(sock):
    """All frames received so far."""
    found = []
    while True:
        try:
            found.append(sock.recv(65536, socket.MSG_DONTWAIT))
        except BlockingIOError:
            return found


class Tap:
    """What gets past the hook, of both families and on every interface."""

    def __init__(self, host="shield"):
        with Host(host):
            self.socks = [socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(t))
                          for t in (frames.IPV4, frames.IPV6)]
        for sock in self.socks:
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)

    def packets(self):
        """IP packets, as they came, since the last call."""
        return [packet for sock in self.socks for packet in drain(sock)]


def vnet_header(flags=0, kind=0, header=0, size=0, start=0, offset=0):
    """struct virtio_net_hdr, in front of a frame on a socket with vnet=True."""
    return struct.pack("=BBHHHH", flags, kind, header, size, start, offset)
