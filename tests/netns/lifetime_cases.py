# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects that come and go under a flood; run by test_lifetime.sh on the
shield, whose interface eth0 is flooded.

	lifetime_cases.py instances COUNT	an instance on eth0
	lifetime_cases.py interfaces COUNT	eth0 of the instance i
	lifetime_cases.py contexts COUNT	contexts of i, by two writers at once
	lifetime_cases.py names COUNT		instances, by two writers at once
	lifetime_cases.py read			all files, until told to stop
	lifetime_cases.py hold			open files, until the module is gone
"""
import os
import signal
import sys

import shield
import tree
from shield import report
from tree import PS, unequal

# What may become of a file while somebody reads it.
GONE = {"ENOENT", "ENODEV", "ESTALE"}


def number(path, name):
    return shield.numbers(path)[name]


def instances(count):
    problems, seen = [], 0
    for _ in range(count):
        got = [tree.attempt(PS + "/instances", "+k"), tree.attempt(PS + "/k/ifaces", "+eth0"),
               tree.attempt(PS + "/k/contexts", "+10.0.0.1"),
               tree.attempt(PS + "/k/10.0.0.1/b_sources", "+10.0.0.0/24")]
        total = shield.wait_until(lambda: number(PS + "/k/stats", "rx_total"), lambda n: n > 0)
        seen += total > 0
        got.append(tree.attempt(PS + "/instances", "-k"))
        problems += unequal(["OK"] * 5, got)
    report("an instance created and destroyed under flood, %d times" % count,
           problems[:4] + unequal(count, seen))


def interfaces(count):
    path, problems = PS + "/i/", []
    for _ in range(count):
        before = number(path + "stats", "rx_total")
        got = [tree.attempt(path + "ifaces", edit) for edit in ("-eth0", "+eth0")]
        problems += unequal(["OK", "OK"], got)
        after = shield.wait_until(lambda: number(path + "stats", "rx_total"),
                                  lambda n, least=before: n > least)
        problems += ["no packets"] * (after <= before)
        problems += unequal("OK", tree.attempt(path + "hook_priority", str(-before)))
    report("an interface detached, attached, its hook moved, %d times" % count, problems[:4])


def writer(path, items, count):
    """A child that adds and removes items, by edits and transactions."""
    pid = os.fork()
    if pid:
        return pid
    allowed = {"+": {"OK", "EEXIST"}, "-": {"OK", "ENOENT"}, "{": {"OK", "EEXIST", "EBUSY"}}
    status = 0
    for turn in range(count):
        edits = [sign + item for item in items for sign in "+-"]
        if turn % 4 == 3 and not path.endswith("instances"):
            edits = [tree.transaction(items[turn % 2:])]
        for edit in edits:
            got = tree.attempt(path, edit)
            if got not in allowed[edit[0]]:
                print("# %r to %s: %s" % (edit, path, got), flush=True)
                status = 1
    os._exit(status)


def two_writers(title, path, items, count):
    pids = [writer(path, order, count) for order in (items, items[::-1])]
    ends = [os.waitpid(pid, 0)[1] for pid in pids]
    report("%s by two writers at once, %d times" % (title, count), unequal([0, 0], ends))
    for item in tree.lines(path):
        if item in items:
            tree.write(path, "-" + item)


def contexts(count):
    two_writers("the same contexts created and destroyed", PS + "/i/contexts",
                ["10.0.0.1", "10.0.0.1@7", "2001:db8::1"], count)
    tree.replace(PS + "/i/contexts", [])
    report("none is left", unequal((["10.0.0.1"], "OK"), (
        [name for name in os.listdir(PS + "/i") if name[0] in "12"] or ["10.0.0.1"],
        tree.attempt(PS + "/i/contexts", "+10.0.0.1"))))
    tree.write(PS + "/i/contexts", "-10.0.0.1")


def names(count):
    two_writers("the same instances created and destroyed", PS + "/instances", ["k", "l"], count)


def read_tree(found):
    for directory, _, files in os.walk(PS):
        for name in set(files) - set(tree.CAPTURES):
            try:
                found["OK"] += len(tree.read(directory + "/" + name)) > 0
            except OSError as error:
                found[tree.name_of(error)] = 1


def read():
    """Until SIGTERM; errors other than those of an object that is gone fail."""
    going, found = [True], {"OK": 0}
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    while going:
        read_tree(found)
    report("a reader of all files meanwhile: %d files, %s" % (found["OK"], sorted(found)),
           unequal(set(), found.keys() - GONE - {"OK"}) + ["nothing read"] * (found["OK"] < 10))


def hold():
    readers = [os.open(PS + "/" + name, os.O_RDONLY)
               for name in ("instances", "i/stats", "i/Other/drops", "i/Other/b_sources")]
    writers = [os.open(PS + "/i/" + name, os.O_WRONLY) for name in ("contexts", "Other/b_sources")]
    for fd in readers:
        os.read(fd, 1)
    begun = {tree.write_once(fd, "{\n1") for fd in writers}
    print("# open", flush=True)
    shield.wait_until(lambda: os.path.exists("/sys/module/packetshield"), lambda there: not there)
    got = {tree.write_once(fd, "\n}\n") for fd in writers}
    for fd in readers:
        try:
            got.add(os.pread(fd, 10, 0))
        except OSError as error:
            got.add(tree.name_of(error))
        os.close(fd)
    report("files held open don't keep the module, and fail then",
           unequal(({"OK"}, {"ENODEV"}), (begun, got)))


CASES = {"instances": instances, "interfaces": interfaces, "contexts": contexts, "names": names,
         "read": read, "hold": hold}
CASES[sys.argv[1]](*map(int, sys.argv[2:]))
print("end")
