# SPDX-License-Identifier: GPL-2.0-or-later
"""Transactions; run by test_transactions.sh on the shield, which has the
instance i attached to eth0, which denies the attacker who floods it, and the
instance quiet without an interface.

	transaction_cases.py lists	all that needs no packets
	transaction_cases.py silence	a writer that goes silent (takes 31 s)
	transaction_cases.py swaps	lists replaced under the flood
"""
import os
import signal
import subprocess
import sys
import time

import shield
import tree
from shield import report
from tree import PS, transaction, unequal, write_once

OTHER = PS + "/i/Other/"
QUIET = PS + "/quiet/Other/"
# Two contents of each kind of list.
LISTS = {
    PS + "/i/ifaces": (["eth0", "eth0.100"], ["eth0"]),
    PS + "/i/contexts": (["10.0.0.1", "10.0.0.1@7"], ["10.0.0.1", "2001:db8::1", "10.7.7.7"]),
    OTHER + "b_sources": (["10.0.0.7", "10.0.1.0/24", "::5"], ["10.0.0.0/8"]),
    OTHER + "w_sources": (["192.0.2.1-3"], ["192.0.2.1-3", "192.0.2.9", "2001:db8::/32"]),
    OTHER + "w_protocols": (["1", "58"], ["47", "50", "51"]),
    OTHER + "w_tcp_ports": (["80", "443"], ["1-79", "81-65535"]),
    OTHER + "w_udp_ports": (["53"], ["53-54", "443"]),
    OTHER + "p_tcp_ports": (["80", "443"], ["1-79", "8080"]),
    OTHER + "p_udp_ports": (["4433"], ["4433-4434", "8443"]),
    OTHER + "x_tcp_ports": (["25"], ["25-26", "587"]),
    OTHER + "countries": (["AU", "CO"], ["CO", "my_own-code"]),
    PS + "/i/geoip4": (["1.0.0.0 AU", "2.0.0.0 -", "9.0.0.0 CO"], ["0.0.0.0 XX"]),
    PS + "/i/geoip6": (["2001:db8:: AU"], [":: AU", "2001:db8:: -", "ffff:: AU"]),
    OTHER + "new_cookie_toggled": (["Other", "10.0.0.1"], ["10.0.0.1"]),
    OTHER + "unmatch_drop_toggled": (["10.0.0.1"], ["Other"]),
    OTHER + "unknown_ttlfilter_toggled": (["Other"], ["Other", "10.0.0.1"]),
    OTHER + "deliver_block_toggled": (["Other"], []),
}


def every_kind():
    tree.write(OTHER + "deliver_block_threshold", "1000-1000")
    report("all lists of options.def are tried", unequal(
        sorted(PS + "/i/" + tree.PLACES[row[0]] + row[1]
               for row in tree.rows("options", "PS_LIST")), sorted(LISTS)))
    for path, contents in LISTS.items():
        problems = []
        for items in contents + ([],) + contents[:1]:
            tree.replace(path, items)
            problems += unequal(items, tree.lines(path))
        report("%s: replaced, emptied, filled" % path, problems)


def forms():
    """What is allowed around items, and an end with and without a newline."""
    path, problems = OTHER + "b_sources", []
    for text, expected in (
            ("{\n1.2.3.4\n}", ["1.2.3.4"]), ("{}", None),
            ("{ \n\n  5.6.7.8 \t\n\n}\n", ["5.6.7.8"]),
            (" {\n}\n \n", []), ("{\n9.9.9.9\n9.9.9.9\n9.9.9.8-9\n}\n", ["9.9.9.8-9"]),
            ("\t{\t\n2.2.2.2\n1.1.1.1\n }\n", ["1.1.1.1", "2.2.2.2"])):
        before = tree.lines(path)
        got = tree.attempt(path, text)
        problems += unequal((text, "OK" if expected is not None else "EIO"), (text, got))
        problems += unequal(before if expected is None else expected, tree.lines(path))
    report("blanks, empty lines, items in any order and more than once", problems)


def splits():
    path, problems = OTHER + "b_sources", []
    contents = ["10.0.0.7", "10.0.1.0/24", "::5"], ["10.0.0.0/8", "2001:db8::/32"]
    for at in range(1, len(transaction(contents[0]))):
        items = contents[at % 2]
        text = transaction(items)
        fd = os.open(path, os.O_WRONLY)
        got = [write_once(fd, text[:at]), write_once(fd, text[at:] or "\n")]
        os.close(fd)
        problems += unequal((at, ["OK", "OK"], items), (at, got, tree.lines(path)))
    report("one transaction in two writes, split at every byte", problems)
    text = transaction(["1.2.3.4", "fe80::/64"])
    fd = os.open(path, os.O_WRONLY)
    got = {write_once(fd, byte) for byte in text}
    report("... and a write for every byte",
           unequal(({"OK"}, ["1.2.3.4", "fe80::/64"]), (got, tree.lines(path))))
    report("another one and edits on the same open file", unequal(
        (["OK"] * 3, ["4.4.4.4", "6.6.6.6"]),
        ([write_once(fd, text) for text in ("{\n4.4.4.4\n5.5.5.5\n}\n", "-5.5.5.5", "+6.6.6.6\n")],
         tree.lines(path))))
    os.close(fd)


def errors():
    """An error anywhere, and nothing changes, and the list isn't blocked."""
    problems = []
    for path, (items, others) in LISTS.items():
        tree.replace(path, items)
        for broken in (others + ["x y"], ["x y"] + others, others[:1] + ["x y"] + others[1:]):
            fd = os.open(path, os.O_WRONLY)
            got = [write_once(fd, line) for line in transaction(broken).splitlines(True)]
            os.close(fd)
            problems += [path + ": nothing refused"] * ("OK" in got[-1:] or len(set(got)) < 2)
            problems += unequal(items, tree.lines(path))
        tree.replace(path, others)
        problems += unequal(others, tree.lines(path))
    report("an item in error changes nothing, wherever it stands", problems)


def killed_writer():
    path = OTHER + "w_tcp_ports"
    tree.replace(path, ["80"])
    writer = subprocess.Popen(
        [sys.executable, "-c", "import os, sys, time\n"
         "fd = os.open(sys.argv[1], os.O_WRONLY)\n"
         "os.write(fd, b'{\\n1\\n2')\nprint('half', flush=True)\ntime.sleep(600)", path],
        stdout=subprocess.PIPE)
    assert writer.stdout.readline() == b"half\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    report("half a transaction of a killed writer changes nothing",
           unequal(["80"], tree.lines(path)))
    got = [tree.attempt(path, "+443"), tree.attempt(path, transaction(["22"]))]
    report("... and stops nobody", unequal((["OK", "OK"], ["22"]), (got, tree.lines(path))))


def two_writers():
    path, udp = OTHER + "w_tcp_ports", OTHER + "w_udp_ports"
    first, second, other = (os.open(p, os.O_WRONLY) for p in (path, path, udp))
    got = [write_once(first, "{\n1\n"), write_once(other, "{\n1\n"),
           tree.attempt(path, "+3"), write_once(second, "{\n2\n"),
           write_once(first, "4\n"), write_once(second, "5\n}\n"), write_once(other, "}\n")]
    report("a second writer's { takes over, the first gets EBUSY",
           unequal(["OK", "OK", "OK", "OK", "EBUSY", "OK", "OK"], got))
    report("... only on that list", unequal((["2", "5"], ["1"]),
                                            (tree.lines(path), tree.lines(udp))))
    got = [write_once(first, "{\n6\n"), write_once(second, "{\n7\n"), write_once(first, "}"),
           write_once(first, "{\n8\n}"), write_once(second, "}")]
    report("... and back, which ends the other's again",
           unequal((["OK", "OK", "EBUSY", "OK", "EBUSY"], ["8"]), (got, tree.lines(path))))
    for fd in (first, second, other):
        os.close(fd)


def silence():
    path, udp = QUIET + "w_tcp_ports", QUIET + "w_udp_ports"
    tree.replace(path, ["80"])
    silent, lively = (os.open(p, os.O_WRONLY) for p in (path, udp))
    got = [write_once(fd, "{\n1\n") for fd in (silent, lively)]
    for second in range(2, 5):
        time.sleep(10.4)
        got.append(write_once(lively, "%d\n" % second))
    got += [write_once(silent, "}\n"), write_once(lively, "}\n")]
    report("EBUSY after 30 s of silence, not after 30 s of work",
           unequal(["OK"] * 5 + ["EBUSY", "OK"], got))
    report("... nothing has changed",
           unequal((["80"], ["1-4"]), (tree.lines(path), tree.lines(udp))))


def swap(name, path, contents, times):
    """Replace a list many times while the attacker, whom all contents deny,
    floods: nothing may get through, and the flood must be seen."""
    before = shield.numbers(PS + "/i/10.0.0.1/drops")["denied_source"]
    others = shield.numbers(PS + "/i/Other/stats")["rx_total"]
    for number in range(times):
        tree.replace(path, contents[number % 2])
    shield.wait_until(lambda: shield.numbers(PS + "/i/10.0.0.1/drops")["denied_source"],
                      lambda n: n > before + 100)
    denied = shield.numbers(PS + "/i/10.0.0.1/drops")["denied_source"] - before
    print("# %s: %d packets denied" % (name, denied))
    problems = ["no flood"] * (denied <= 100)
    problems += unequal(0, shield.numbers(PS + "/i/10.0.0.1/stats")["delivered"])
    problems += unequal(others, shield.numbers(PS + "/i/Other/stats")["rx_total"])
    report("%d swaps of %s: no packet gets through" % (times, name), problems)


def swaps():
    many = ["172.16.%d.%d" % (i >> 7, i << 1 & 255) for i in range(300)]
    swap("source lists", PS + "/i/10.0.0.1/b_sources",
         (many + ["10.0.0.0/29"], ["10.0.0.3", "10.9.9.0/24"]), 200)
    swap("the other source list", PS + "/i/10.0.0.1/w_sources", (many, ["10.9.9.9"]), 50)
    swap("contexts", PS + "/i/contexts",
         (["10.0.0.1", "10.4.4.4"], ["10.0.0.1", "10.5.5.5", "10.0.0.1@5"]), 20)
    swap("interfaces", PS + "/i/ifaces", (["eth0"], ["eth0", "eth0.100"]), 50)


if sys.argv[1] == "lists":
    for case in (every_kind, forms, splits, errors, killed_writer, two_writers):
        case()
elif sys.argv[1] == "silence":
    silence()
else:
    swaps()
print("end")
