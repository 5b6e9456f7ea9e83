#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real sockets on both sides of a shield with x_tcp_ports: what they have agreed
on, large transfers over lossy links, and ports that are used again.

	synproxy_sockets.py options MSS WSCALE TIMESTAMPS SACK ECN   equal to the rule's
	synproxy_sockets.py transfers MEGABYTES IN-VLAN
	synproxy_sockets.py reuse

Runs on the shield in the topology of synproxy.sh; the client's sockets are the
client's own addresses', the server is behind the shield.
"""
import contextlib
import hashlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading

import shield
from cookie_wire import Info, accept, sysctl
from session_wire import Problem, case, listen, option, reset, toggled
from synproxy_rig import PATHS, Judges, Rule

PORT = 8002
# What the client's system does otherwise than usual.
HABITS = {"everything": {}, "no timestamps": {"tcp_timestamps": 0}, "no SACK": {"tcp_sack": 0},
          "no scaling": {"tcp_window_scaling": 0}, "ECN": {"tcp_ecn": 1},
          "ECN, no timestamps": {"tcp_ecn": 1, "tcp_timestamps": 0}}
USUAL = {"tcp_timestamps": 1, "tcp_sack": 1, "tcp_window_scaling": 1, "tcp_ecn": 2}
PLAIN_WINDOW = 65535  # the largest without scaling
# A port that comes again passes on its session. Each program has some of its own.
FRESH_PORTS = itertools.count(10000 + os.getpid() % 200 * 100)


class Pair:
    """with Pair(...): a connection of the real client with the server, and both ends of it."""

    def __init__(self, listener, net, client, sport=None):
        family = socket.AF_INET6 if ":" in net.shield else socket.AF_INET
        with shield.Host("client"):
            self.client = socket.socket(family)
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.client.settimeout(shield.TIMEOUT)
        self.client.bind((client, sport or next(FRESH_PORTS)))
        self.client.connect((net.shield, PORT))
        self.server = accept(listener, self.client.getsockname()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        reset(self.client)
        reset(self.server)

    def talk(self):
        """A word from each side; the server's first."""
        for source, sink, word in ((self.server, self.client, b"220 ready"),
                                   (self.client, self.server, b"quit")):
            source.sendall(word)
            if sink.recv(len(word), socket.MSG_WAITALL) != word:
                raise Problem("%r got lost" % word)


def agreed(rule, changes, net):
    """What both ends should have agreed on: (options, the client's MSS, the server's)."""
    habit = {**USUAL, **changes}
    stamped = rule.timestamps and habit["tcp_timestamps"] == 1
    options, largest, room = 0, 1440 if ":" in net.shield else 1460, 0
    if stamped:
        room = 12
        options = Info.TIMESTAMPS
        options |= Info.SACK * (rule.sack and habit["tcp_sack"] == 1)
        options |= Info.SCALE * (rule.scale is not None and habit["tcp_window_scaling"] == 1)
        options |= Info.ECN * (rule.ecn and habit["tcp_ecn"] == 1)
    return options, min(rule.mss, largest) - room, largest - room


def expect_agreed(pair, expected, rule, problems):
    options, client_mss, server_mss = expected
    ends = Info(pair.client), Info(pair.server)
    for name, info, segment in zip(("client", "server"), ends, (client_mss, server_mss)):
        known = Info.TIMESTAMPS | Info.SACK | Info.SCALE | Info.ECN
        if info.options & known != options:
            problems.append("the %s's options %#x, not %#x" % (name, info.options, options))
        if info.snd_mss != segment:
            problems.append("the %s's segments %d, not %d" % (name, info.snd_mss, segment))
    if options & Info.SCALE:
        scales = ends[0].snd_scale, ends[1].rcv_scale, ends[1].snd_scale
        wanted = rule.scale, rule.scale, ends[0].rcv_scale
        if scales != wanted:
            problems.append("scales %s, not %s" % (scales, wanted))


def compare(listener, path, rule, changes, on):
    """One connection of a client with these habits; what is wrong about it."""
    net, _, context, client = path
    problems, judges = [], Judges(context)
    with contextlib.ExitStack() as stack:
        for name, value in changes.items():
            stack.enter_context(sysctl("ipv4/" + name, value, "client"))
        pair = stack.enter_context(Pair(listener, net, client))
        pair.talk()
        expect_agreed(pair, agreed(rule, changes, net), rule, problems)
        if bool(judges.seen()[0]) == on:
            problems.append("SYNPROXY saw %s" % (judges.seen(),))
    return problems


def options(listener, words):
    rule = Rule(words)
    for path in PATHS:
        net, _, context, _ = path
        for on in (False, True):
            names = ("new_cookie", "unmatch_drop") if on else ()
            with case("%s: rule %s, %s answers: both ends agree" %
                      (net.name, rule.text, "the shield" if on else "netfilter")) as problems, \
                    toggled(*names, context=context):
                for name, changes in HABITS.items():
                    problems += ["%s: %s" % (name, text)
                                 for text in compare(listener, path, rule, changes, on)]


class Flow:
    """One end sends noise, the other one reads it: its sum, and the largest window seen."""

    def __init__(self, source, sink, size):
        self.source, self.sink, self.size = source, sink, size
        self.window, self.problem, self.sums = 0, None, [hashlib.sha256(), hashlib.sha256()]

    def send(self):
        try:
            block = os.urandom(1 << 16)
            for number in range(self.size >> 16):
                data = number.to_bytes(8, "big") + block[8:]
                self.sums[0].update(data)
                self.source.sendall(data)
                self.window = max(self.window, Info(self.source).snd_wnd)
        except OSError as problem:
            self.problem = problem

    def run(self, problems):
        sender = threading.Thread(target=self.send)
        sender.start()
        left = self.size
        try:
            while left:
                data = self.sink.recv(min(left, 1 << 20))
                if not data:
                    break
                self.sums[1].update(data)
                left -= len(data)
        except OSError as problem:
            problems.append("the reader: %r" % problem)
            reset(self.sink)
        sender.join()
        if self.problem:
            problems.append("the sender: %r" % self.problem)
        if left or self.sums[0].digest() != self.sums[1].digest():
            problems.append("%d bytes missing, or others than were sent" % left)
        if self.window <= PLAIN_WINDOW:
            problems.append("the window never got past %d" % self.window)


def tc(host, *words):
    """Of the outer link's qdisc; what it prints."""
    return subprocess.run(["ip", "netns", "exec", "%s-%s" % (os.environ["NS_PREFIX"], host), "tc",
                           *words], check=True, stdout=subprocess.PIPE).stdout


@contextlib.contextmanager
def losses(sender, problems):
    """One packet in a hundred gets lost on the outer link, each way; of the sender's at least
    one, which are many."""
    for host in ("client", "shield"):
        tc(host, "qdisc", "add", "dev", "eth0", "root", "netem", "limit", "10000", "loss", "1%")
    try:
        yield
        if not json.loads(tc(sender, "-s", "-j", "qdisc", "show", "dev", "eth0"))[0]["drops"]:
            problems.append("nothing got lost")
    finally:
        for host in ("client", "shield"):
            tc(host, "qdisc", "del", "dev", "eth0", "root")


def transfers(listener, sizes):
    everything = ("new_cookie", "unmatch_drop", "unknown_ttlfilter", "deliver_block")
    for net, tags, context, client in PATHS:
        size = sizes[len(tags)]
        for name, source, sink in (("up", "client", "server"), ("down", "server", "client")):
            with case("%s: %d MB %s with losses, all protections on" %
                      (net.name, size >> 20, name)) as problems, \
                    option(context + "/deliver_block_threshold", "10000000-9000000"), \
                    option(context + "/unknown_ttlfilter_threshold", "10000-9000"), \
                    toggled(*everything, context=context), Pair(listener, net, client) as pair:
                pair.talk()
                with losses("client" if name == "up" else "shield", problems):
                    Flow(getattr(pair, source), getattr(pair, sink), size).run(problems)


def reuse(listener):
    """The client's port again and again, as soon as the server has closed: the shield answers
    the first SYN; those of the session pass to netfilter, one a second. A SYN may get lost on
    a slow machine's way: its repetition counts, too."""
    for number, (net, _, context, client) in enumerate(PATHS):
        with case(net.name + ": a port used again") as problems, \
                toggled("new_cookie", "unmatch_drop", context=context):
            judges = Judges(context)
            for turn in range(3):
                pair = Pair(listener, net, client, 30000 + number)
                pair.talk()
                pair.server.close()
                pair.client.recv(1)
                pair.client.close()
                moved, (passed, invalid, valid) = judges.counts.moved(), judges.seen()
                if moved.get("newconns") != 1 or not moved.get("syncookie") or invalid or \
                        valid <= turn or (passed < turn if turn else passed):
                    problems.append("connection %d: %s, SYNPROXY saw %s" %
                                    (turn + 1, moved, judges.seen()))


def main():
    with shield.Host("server"):
        listener = listen(PORT)
    if sys.argv[1] == "options":
        options(listener, sys.argv[2:])
    elif sys.argv[1] == "transfers":
        transfers(listener, [int(word) << 20 for word in sys.argv[2:]])
    else:
        reuse(listener)
    print("end")


main()
