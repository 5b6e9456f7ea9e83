# SPDX-License-Identifier: GPL-2.0-or-later
"""Batches by netlink that take in what a packet would notice at once: interfaces
and the priority of their hooks, sizes of tables, protections switched by hand.
Run by test_netlink_batch.sh on the shield, which has eth0 and eth1, the two ends
of a cable, and the instances i and j.

	netlink_iface_cases.py together	interfaces with all else, or nothing
	netlink_iface_cases.py refused	what can't be
	netlink_iface_cases.py moved	no packet passes unjudged meanwhile
	netlink_iface_cases.py sizes	options that may fail, several of them
	netlink_iface_cases.py switched	protections, likewise
	netlink_iface_cases.py full	tables of sessions that are full
	netlink_iface_cases.py used	an instance that a rule uses (i)
	netlink_iface_cases.py storm	writers of all kinds, devices that come and go
"""
import os
import socket
import subprocess
import sys
import time

import frames as f
import netlink
import shield
import tree
from netlink import N, add, batch, items, option, remove, where, whole
from shield import report
from tree import PS, unequal

I, J, O = where("i"), where("j"), where("i", "Other")
BAD = O + items("w_protocols", remove("200"))


def start(**ifaces):
    """Two instances with nothing but these interfaces."""
    for name in tree.lines(PS + "/instances"):
        tree.write(PS + "/instances", "-" + name)
    for name in ("i", "j"):
        tree.write(PS + "/instances", "+" + name)
    for name, wanted in ifaces.items():
        tree.replace(PS + "/%s/ifaces" % name, wanted)


def attached():
    return {name: sorted(tree.lines(PS + "/%s/ifaces" % name))
            for name in tree.lines(PS + "/instances")}


class Cable:
    """Frames into eth1, and those that the host gets from eth0."""

    def __init__(self):
        self.out = self.open("eth1", 0)
        self.got = self.open("eth0", f.IPV4)
        self.got.settimeout(0.2)
        with open("/sys/class/net/eth0/address", encoding="ascii") as text:
            to = bytes.fromhex(text.read().strip().replace(":", ""))
        segment = f.tcp("10.0.0.3", "10.0.0.1", 81)
        self.frame = f.ethernet(f.ipv4(segment, f.TCP, "10.0.0.3", "10.0.0.1"), f.IPV4, dst=to)

    @staticmethod
    def open(device, protocol):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
        sock.bind((device, protocol))
        return sock

    def send(self):
        self.out.send(self.frame)

    def passes(self):
        """Whether one gets through."""
        self.send()
        return self.received() > 0

    def received(self):
        number = 0
        try:
            while True:
                self.got.recv(2000)
                number += 1
        except TimeoutError:
            return number


def everything():
    """With interfaces that are of two instances on the way."""
    k = where("k")
    return [
        ("CMD_NEW_INSTANCE", k),
        k + whole("ifaces", ["eth0", "eth1"]),
        k + option("hook_priority", 9),
        k + option("session_table_size", 5000),
        k + items("ifaces", remove("eth1")),
        J + items("ifaces", add("eth1")),
        J + option("hook_priority", -3),
        I + whole("ifaces", []),
        I + option("session_table_size", 4096),
        I + option("hook_priority", 4),
        O + items("w_tcp_ports", add("80")),
        where("k", "Other") + whole("w_tcp_ports", ["81"]),
        O + items("unmatch_drop_toggled", add("Other")),
    ]


def together(sock):
    start(i=["eth0", "eth1"])
    before, problems, cable = tree.snapshot(), [], Cable()
    for place in range(len(everything()) + 1):
        messages = everything()
        messages.insert(place, BAD)
        problems += unequal("ENOENT", batch(sock, messages)[0])
        problems += tree.differences(before, tree.snapshot())
        problems += ["%d: a packet passes" % place] if cable.passes() else []
    report("interfaces with all else and one that fails, anywhere: no change", problems)
    ears = netlink.Socket()
    ears.listen()
    got = batch(sock, everything())
    report("... and without it: all of it", unequal(
        (("OK", ""), {"k": ["eth0"], "j": ["eth1"], "i": []}, ["9\n", "-3\n", "4\n"],
         ["8192\n", "1048576\n", "4096\n"], ["80"], ["81"], ["Other"]),
        (got, attached(), [tree.read(PS + "/%s/hook_priority" % n) for n in "kji"],
         [tree.read(PS + "/%s/session_table_size" % n) for n in "kji"],
         tree.lines(PS + "/i/Other/w_tcp_ports"), tree.lines(PS + "/k/Other/w_tcp_ports"),
         tree.lines(PS + "/i/Other/unmatch_drop_toggled"))))
    told = set()
    for _ in range(5):
        command, parts = ears.event()
        if command == N["CMD_INTERFACE"]:
            told.add((netlink.string(parts[N["A_INSTANCE"]]), netlink.string(
                parts[N["A_INTERFACE"]]), parts[N["A_ON"]][0]))
    report("... listeners are told of each interface", unequal(
        {("i", "eth0", 0), ("i", "eth1", 0), ("k", "eth0", 1), ("j", "eth1", 1)}, told))
    report("... and packets meet the new one", unequal(True, cable.passes()))
    report("an instance goes and another takes its interface", unequal(
        (("OK", ""), {"m": ["eth0"], "j": ["eth1"], "i": []}), (batch(sock, [
            ("CMD_NEW_INSTANCE", where("m")), where("m") + items("ifaces", add("eth0")),
            ("CMD_DEL_INSTANCE", where("k"))]), attached())))
    report("... which closes the port", unequal(False, cable.passes()))
    report("one that comes and goes in one", unequal(
        (("OK", ""), {"m": ["eth0"], "j": ["eth1"], "i": []}), (batch(sock, [
            ("CMD_NEW_INSTANCE", where("n")), J + items("ifaces", remove("eth1"), add("eth1")),
            ("CMD_DEL_INSTANCE", where("n"))]), attached())))


def refused(sock):
    start(i=["eth0"])
    before, more = tree.snapshot(), O + items("w_tcp_ports", add("80"))
    for name, expected, words, messages in (
            ("of two instances", "EBUSY", "j/ifaces: busy", [J + items("ifaces", add("eth0"))]),
            ("of two in the end", "EBUSY", "j/ifaces: busy", [
                I + whole("ifaces", ["eth1"]), J + whole("ifaces", ["eth1"])]),
            ("no such", "ENOENT", "j/ifaces: not found", [J + items("ifaces", add("eth7"))]),
            ("no such among others", "ENOENT", "i/ifaces: not found", [
                J + items("ifaces", add("eth1")), I + whole("ifaces", ["eth0", "eth7"])]),
            ("attached already", "EEXIST", "i/ifaces: exists", [I + items("ifaces", add("eth0"))]),
            ("not attached", "ENOENT", "i/ifaces: not found", [
                I + items("ifaces", remove("eth1"))]),
            ("removed twice", "ENOENT", "i/ifaces: not found", [
                I + items("ifaces", remove("eth0"), remove("eth0"))]),
            ("of an instance that goes", "ENOENT", "j/ifaces: not found", [
                ("CMD_DEL_INSTANCE", J), J + items("ifaces", add("eth1"))])):
        got = batch(sock, [more] + messages)
        report("refused: " + name, unequal((expected, words), (got[0], got[1][:len(words)])) +
               tree.differences(before, tree.snapshot()))


def moved(sock):
    """From one to the other and back, with hooks that move, under a stream."""
    start(i=["eth0"])
    cable, stop = Cable(), os.pipe()
    child = os.fork()
    if not child:
        os.close(stop[1])
        os.set_blocking(stop[0], False)
        sent = 0
        while True:
            cable.send()
            sent += 1
            try:
                os.read(stop[0], 1)
                os._exit(0 if sent > 100 else 1)
            except BlockingIOError:
                pass
    problems = []
    for n in range(100):
        here, there = (J, I) if n % 2 else (I, J)
        problems += unequal(("OK", ""), batch(sock, [
            there + items("ifaces", add("eth0")), there + option("hook_priority", n % 7),
            here + whole("ifaces", [])]))
    os.close(stop[1])
    report("an interface moves 100 times, packets meanwhile", problems + unequal(
        0, os.waitpid(child, 0)[1]))
    report("... and none of them is unjudged", unequal(0, cable.received()))
    report("... which would be seen", unequal(
        (("OK", ""), True), (batch(sock, [I + whole("ifaces", [])]), cable.passes())))


def sizes(sock):
    start(i=["eth0"], j=["eth1"])
    before = tree.snapshot()
    wanted = [I + option("session_table_size", 64), J + option("session_table_size", 100),
              I + option("hook_priority", 1), J + option("hook_priority", 2),
              I + option("session_table_size", 512)]
    got = batch(sock, wanted + [BAD])
    report("sizes and priorities of two instances, and one that fails", unequal(
        "ENOENT", got[0]) + tree.differences(before, tree.snapshot()))
    report("... and without it", unequal(
        (("OK", ""), ["512\n", "128\n", "1\n", "2\n"]), (batch(sock, wanted), [
            tree.read(PS + "/%s/%s" % (n, o)) for o in ("session_table_size", "hook_priority")
            for n in "ij"])))
    for n in (1024, 2048):
        batch(sock, [I + option("session_table_size", n)])
    before = tree.snapshot()
    got = batch(sock, wanted)
    report("too many sizes in too short a time", unequal(
        ("EBUSY", "i/session_table_size: busy"), (got[0], got[1][:26])) +
        tree.differences(before, tree.snapshot()))


def switched(sock):
    start()
    tree.replace(PS + "/i/contexts", ["10.0.0.1", "10.0.0.2"])
    tree.write(PS + "/i/Other/new_cookie_toggled", "+10.0.0.2")
    before = tree.snapshot()
    cookie, drop, block = [n + "_toggled" for n in (
        "new_cookie", "unmatch_drop", "deliver_block")]
    one = [O + items(cookie, add("10.0.0.1"), remove("10.0.0.2"), add("Other"), remove("Other")),
           O + items(drop, add("10.0.0.2")),
           where("i", "10.0.0.1") + option("deliver_block_threshold", 9 << 32 | 9),
           O + items(block, add("10.0.0.1")), where("j", "Other") + items(cookie, add("Other"))]
    for name, expected, last in (
            ("switched on twice", "EEXIST", items(cookie, add("10.0.0.1"))),
            ("switched off twice", "ENOENT", items(cookie, remove("10.0.0.2"))),
            ("off that isn't on", "ENOENT", items(drop, remove("10.0.0.1"))),
            ("off behind a whole list without it", "ENOENT", items(drop, remove("10.0.0.2"))),
            ("surge without a rate", "ERANGE", items(block, add("10.0.0.2"))),
            ("no such context", "ENOENT", items(cookie, add("10.0.0.3")))):
        messages = one + ([O + whole(drop, ["10.0.0.1"])] if "whole" in name else []) + [O + last]
        report("refused: " + name, unequal(expected, batch(sock, messages)[0]) +
               tree.differences(before, tree.snapshot()))
    report("several protections, one by one", unequal(
        (("OK", ""), ["10.0.0.1"], ["10.0.0.2"], ["10.0.0.1"], ["Other"]),
        (batch(sock, one), *[tree.lines(PS + "/i/Other/" + n) for n in (cookie, drop, block)],
         tree.lines(PS + "/j/Other/" + cookie))))


def fill(cable, number):
    """Say so many things to others, by TCP and by UDP."""
    for n in range(number):
        for kind in (f.TCP, f.UDP):
            segment = (f.tcp if kind == f.TCP else f.udp)("10.0.0.1", "10.0.0.3", 1000 + n)
            cable.out.send(f.ethernet(f.ipv4(segment, kind, "10.0.0.1", "10.0.0.3"), f.IPV4))


def heard(ears, cable, number):
    """What listeners are told of both tables: (instance, table, on, slots)."""
    told, until = set(), time.monotonic() + 60
    while len(told) < 2 and time.monotonic() < until:
        fill(cable, number)
        try:
            while True:
                command, parts = ears.event(0.2)
                if command == N["CMD_TABLE"]:
                    told.add((netlink.string(parts[N["A_INSTANCE"]]),) + tuple(
                        int.from_bytes(parts[N[n]], sys.byteorder)
                        for n in ("A_TABLE", "A_ON", "A_SLOTS")))
        except TimeoutError:
            pass
    return told


def full(sock):
    start(j=["eth1"])
    cable, ears = Cable(), netlink.Socket()
    ears.listen()
    names = ["%s_session_timeout" % n for n in ("ack", "syn", "rst", "udp", "dns")]
    batch(sock, [J + option("session_table_size", 1024)] + [J + option(n, 9) for n in names])
    fill(cable, 20)
    time_of = time.monotonic()
    report("a table that is full", unequal(
        {("j", 0, 1, 1024), ("j", 1, 1, 256)}, heard(ears, cable, 2000)))
    report("... and no longer", unequal(
        {("j", 0, 0, 1024), ("j", 1, 0, 256)}, heard(ears, cable, 1)))
    report("... not before its sessions were dead",
           [] if time.monotonic() - time_of > 9 else ["too early"])


def used(sock):
    before = tree.snapshot()
    got = batch(sock, [J + items("ifaces", add("eth0")), ("CMD_DEL_INSTANCE", I)])
    report("an instance that a rule uses stays, and all else as it was", unequal(
        ("EBUSY", "i: busy"), (got[0], got[1][:7])) + tree.differences(before, tree.snapshot()))


def storm(sock):
    start()
    doors = ("sysfs", "moves", "instances", "devices", "priority", "list")
    children = [subprocess.Popen([sys.executable, __file__, "storm-" + n]) for n in doors]
    problems, until = [], time.monotonic() + 4
    while time.monotonic() < until:
        for name in ("i", "j"):
            found = tree.lines(PS + "/%s/ifaces" % name)
            problems += [found] if len(set(found)) != len(found) else []
        netlink.view(sock)
    report("no writer met what it shouldn't", unequal([0] * len(doors),
                                                      [c.wait() for c in children]))
    report("no interface is twice in a list", problems[:5])
    both = [(tree.lines(PS + "/%s/ifaces" % n), netlink.read_list(sock, "ifaces", n))
            for n in tree.lines(PS + "/instances")]
    report("both doors end with the same", [b for b in both if b[0] != b[1]])
    report("... and each interface is of one", [] if len({
        n for b in both for n in b[0]}) == sum(len(b[0]) for b in both) else [both])
    start(i=["eth0", "eth1"])
    report("... and free for others", unequal({"j": [], "i": ["eth0", "eth1"]}, attached()))


def storm_on(door):
    sock, n, until = netlink.Socket(), 0, time.monotonic() + 4
    fine = ("OK", "EEXIST", "ENOENT", "EBUSY")
    while time.monotonic() < until:
        n += 1
        got = "OK"
        if door == "sysfs":
            got = tree.attempt(PS + "/%s/ifaces" % "ij"[n // 2 % 2], "+-"[n % 2] + "eth0")
        elif door == "moves":
            here, there = (J, I) if n % 2 else (I, J)
            got = batch(sock, [there + whole("ifaces", ["eth0", "eth1"]),
                               here + whole("ifaces", [])] + [BAD] * (n % 3 == 0))[0]
        elif door == "instances":
            w = where("w")
            got = batch(sock, [("CMD_NEW_INSTANCE", w), w + items("ifaces", add("d0")),
                               w + option("session_table_size", 64)] if n % 2
                        else [w + option("hook_priority", n), ("CMD_DEL_INSTANCE", w)])[0]
        elif door == "devices":
            subprocess.run(["ip", "link", "add" if n % 2 else "del", "d0"] +
                           ["type", "dummy"] * (n % 2), check=True)
        elif door == "priority":
            got = tree.attempt(PS + "/i/hook_priority", "%d" % (n % 100))
        else:
            got = tree.attempt(PS + "/j/ifaces", tree.transaction(["eth1", "eth1"][:n % 3]))
        if got not in fine:
            raise SystemExit("%s: %s" % (door, got))


def main():
    case = sys.argv[1]
    if case.startswith("storm-"):
        return storm_on(case[6:])
    {"together": together, "refused": refused, "moved": moved, "sizes": sizes,
     "switched": switched, "full": full, "used": used, "storm": storm}[case](netlink.Socket())
    return print("end")


main()
