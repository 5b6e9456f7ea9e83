# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a namespace that dies; run by test_namespaces.sh on the host victim.

Opens files of the instance "same", reads and begins transactions, leaves the
namespace, says "open", and when told to go on sees what is left of them.
"""
import ctypes
import os
import sys

import tree
from shield import CLONE_NEWNET, report, wait_until
from tree import PS

LISTS = ("ifaces", "contexts", "Other/b_sources", "Other/w_tcp_ports")


def read_errno(fd):
    try:
        os.read(fd, 10)
        return "OK"
    except OSError as error:
        return tree.name_of(error)


def leave():
    home = os.open("/proc/1/ns/net", os.O_RDONLY)
    assert ctypes.CDLL(None).setns(home, CLONE_NEWNET) == 0


def main():
    for path in LISTS:
        tree.attempt(PS + "/same/" + path, "+10.0.0.1")
    readers = [os.open(PS + "/" + path, os.O_RDONLY)
               for path in ["instances", "same/stats", "same/Other/drops"] +
               ["same/" + path for path in LISTS]]
    for fd in readers:
        os.read(fd, 1)
    writers = [os.open(PS + "/same/" + path, os.O_WRONLY) for path in LISTS]
    begun = [tree.write_once(fd, "{\n1") for fd in writers]
    plain = [os.open(PS + "/" + path, os.O_WRONLY) for path in ("instances", "same/hook_priority")]
    leave()
    print("open", flush=True)
    sys.stdin.readline()

    left = wait_until(lambda: {read_errno(fd) for fd in readers}, lambda left: "OK" not in left)
    report("open files of a dead namespace: reads fail", tree.unequal({"ENODEV"}, left))
    report("... and so do transactions under way and other writes",
           tree.unequal(({"OK"}, {"ENODEV"}),
                        (set(begun), {tree.write_once(fd, "1\n}\n") for fd in writers + plain})))
    report("... and nothing can be opened any more",
           tree.unequal(["ENOENT"] * 2, [tree.attempt(PS + "/same/ifaces", "+eth0")[5:],
                                         tree.attempt(PS + "/instances", "+k")[5:]]))
    print("end")


main()
