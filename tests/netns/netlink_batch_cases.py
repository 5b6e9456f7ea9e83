# SPDX-License-Identifier: GPL-2.0-or-later
"""Batches, events, many writers and long lists by netlink; run by
test_netlink.sh on the shield, which has eth0, eth1 and the instance i.

	netlink_batch_cases.py batch	all or nothing
	netlink_batch_cases.py structures	instances and contexts in them
	netlink_batch_cases.py owners	whose batch it is, and what becomes of it
	netlink_batch_cases.py events	what listeners are told
	netlink_batch_cases.py writers	both doors written at once, dumps meanwhile
	netlink_batch_cases.py scale	a million ranges
"""
import os
import signal
import struct
import subprocess
import sys
import time

import netlink
import tree
from netlink import N, add, batch, commit, items, option, refusal, remove, where, whole
from shield import report
from tree import PS, unequal

OTHER, ONE = PS + "/i/Other/", PS + "/i/10.0.0.1/"
SETTING = ("b_sources", "w_tcp_ports", "x_tcp_mss", "countries")


def settings(n):
    """Messages that set a bit of everything, of two contexts and two instances."""
    i, one, other = where("i"), where("i", "10.0.0.1"), where("i", "Other")
    return [
        other + whole("b_sources", ["10.%d.0.0/16" % n, "2001:db8:%d::/48" % n]),
        other + items("w_sources", add("11.0.0.%d" % n), add("11.0.1.%d" % n)),
        one + option("x_tcp_mss", 500 + n),
        one + whole("w_tcp_ports", ["%d" % n]) + b"",
        one + items("w_tcp_ports", add("1000-1010"), remove("1005")),
        other + whole("countries", ["C%d" % n, "D"]),
        i + whole("geoip4", ["1.0.0.0 C%d" % n, "2.0.0.0 -"]),
        i + option("ack_session_timeout", n),
        where("j", "Other") + option("deliver_block_threshold", n << 32 | n),
        other + items("new_cookie_toggled", add("10.0.0.1")),
    ]


def batches(sock):
    for name in ("i", "j"):
        tree.write(PS + "/instances", "+" + name) if not os.path.exists(PS + "/" + name) else None
    tree.replace(PS + "/i/contexts", ["10.0.0.1"])
    tree.replace(OTHER + "new_cookie_toggled", [])
    before = tree.snapshot()
    sock.ask(N["CMD_BEGIN"])
    for message in settings(7):
        sock.ask(N["CMD_SET"], message)
    report("what a batch holds isn't seen", tree.differences(before, tree.snapshot()))
    got = commit(sock, 10)
    report("... until the commit, and then all of it", unequal(
        (("OK", ""), ["10.7.0.0/16", "2001:db8:7::/48"], ["7", "1000-1004", "1006-1010"], "507\n",
         ["C7", "D"], ["1.0.0.0 C7", "2.0.0.0 -"], "7\n", "7-7\n", ["10.0.0.1"]),
        (got, tree.lines(OTHER + "b_sources"), tree.lines(ONE + "w_tcp_ports"),
         tree.read(ONE + "x_tcp_mss"), tree.lines(OTHER + "countries"),
         tree.lines(PS + "/i/geoip4"), tree.read(PS + "/i/ack_session_timeout"),
         tree.read(PS + "/j/Other/deliver_block_threshold"),
         tree.lines(OTHER + "new_cookie_toggled"))))
    tree.replace(OTHER + "new_cookie_toggled", [])
    before, problems = tree.snapshot(), []
    bad = where("i", "Other") + items("w_protocols", remove("200"))
    for place in range(len(settings(8)) + 1):
        messages = settings(8)[:place] + [bad] + settings(8)[place:]
        problems += unequal("ENOENT", batch(sock, messages)[0])
        problems += tree.differences(before, tree.snapshot())
    report("one that fails, wherever it stands, and nothing has changed", problems)
    report("... and the words say which", unequal(
        "i/Other/w_protocols: not found", batch(sock, settings(8)[:3] + [bad])[1][:30]))
    sock.ask(N["CMD_BEGIN"])
    sock.ask(N["CMD_SET"], settings(9)[0])
    broken = refusal(sock, N["CMD_SET"], where("i", "Other") + items("b_sources", add("x")))
    report("a message that is refused breaks the batch", unequal(
        ("EIO", "ECANCELED", "ECANCELED", "ENOENT"),
        (broken, refusal(sock, N["CMD_SET"], settings(9)[1]), commit(sock, 1)[0],
         commit(sock, 1)[0])))
    report("a commit of another number of messages", unequal(
        ["EINVAL", "EINVAL"], [batch(sock, settings(9), 9)[0], batch(sock, [], 1)[0]]))
    report("too many single sources", unequal(
        ["OK", "ENOSPC"], [refusal(sock, N["CMD_SET"], where("j", "Other") + items(
            "b_sources", *[add("10.%d.%d.1" % (n // 200, n % 200)) for n in range(m)]))
            for m in (1000, 1025)]))
    tree.replace(PS + "/j/Other/b_sources", [])
    sock.ask(N["CMD_BEGIN"])
    sock.ask(N["CMD_SET"], settings(9)[0])
    sock.ask(N["CMD_ABORT"])
    report("an abort", unequal("ENOENT", commit(sock, 1)[0]))
    report("nothing of all this has changed anything", tree.differences(before, tree.snapshot()))
    for n in range(20, 60):
        batch(sock, settings(n)[:-1] if n % 2 else settings(n)[:-1] + [bad])
    report("forty in turn, every other one broken", unequal(
        "1.0.0.0 C59", tree.lines(PS + "/i/geoip4")[0]))


def everything():
    """Instances that come and go, contexts that do, and all they have."""
    k, born = where("k"), where("k", "2001:db8::5")
    return [
        where("i") + items("contexts", add("10.7.7.7"), remove("10.0.0.1")),
        ("CMD_NEW_INSTANCE", k),
        k + whole("contexts", ["10.5.0.1", "10.5.0.2@9", "2001:db8::5"]),
        born + whole("countries", ["K1", "K2"]) + b"",
        born + option("deliver_block_threshold", 7 << 32 | 5),
        born + whole("b_sources", ["3.3.3.0/24"]),
        k + whole("geoip4", ["1.0.0.0 K1", "2.0.0.0 K3"]),
        where("k", "Other") + whole("deliver_block_toggled", ["2001:db8::5"]),
        where("k", "Other") + whole("unmatch_drop_toggled", ["2001:db8::5", "Other"]),
        where("i", "10.7.7.7") + items("w_tcp_ports", add("80")),
        where("i", "Other") + option("drop_empty_ack", 33),
        k + option("hook_priority", -7),
        ("CMD_DEL_INSTANCE", where("j")),
    ]


def structures(sock):
    for name in ("i", "j"):
        if not os.path.exists(PS + "/" + name):
            tree.write(PS + "/instances", "+" + name)
    tree.replace(PS + "/i/contexts", ["10.0.0.1", "10.0.0.2"])
    before, problems = tree.snapshot(), []
    bads = [where("i", "Other") + items("w_protocols", remove("200")),
            where("i", "10.0.0.1") + option("x_tcp_ecn", 1),  # it goes
            where("k", "10.5.0.9") + option("x_tcp_ecn", 1),
            where("k") + items("contexts", add("10.5.0.1")),
            where("k", "Other") + whole("deliver_block_toggled", ["10.5.0.1"]),
            ("CMD_NEW_INSTANCE", where("i")), ("CMD_DEL_INSTANCE", where("none"))]
    expected = ["ENOENT", "ENOENT", "ENOENT", "EEXIST", "ERANGE", "EEXIST", "ENOENT"]
    for bad, name in zip(bads, expected):
        problems += unequal(name, batch(sock, everything() + [bad])[0])
        problems += tree.differences(before, tree.snapshot())
    for place in range(len(everything()) + 1):
        messages = everything()
        messages.insert(place, bads[0])
        problems += unequal("ENOENT", batch(sock, messages)[0])
        problems += tree.differences(before, tree.snapshot())
    report("instances and contexts that come and go, and one that fails: no change", problems)
    report("... and without it: all of it", unequal(
        (("OK", ""), ["k", "i"], ["10.0.0.2", "10.7.7.7"],
         ["10.5.0.1", "10.5.0.2@9", "2001:db8::5"], ["K1", "K2"], ["1.0.0.0 K1", "2.0.0.0 K3"],
         ["3.3.3.0/24"], ["2001:db8::5"], ["Other", "2001:db8::5"], ["80"], "33\n", "-7\n"),
        (batch(sock, everything()), tree.lines(PS + "/instances"), tree.lines(PS + "/i/contexts"),
         tree.lines(PS + "/k/contexts"), tree.lines(PS + "/k/2001:db8::5/countries"),
         tree.lines(PS + "/k/geoip4"), tree.lines(PS + "/k/2001:db8::5/b_sources"),
         tree.lines(PS + "/k/Other/deliver_block_toggled"),
         tree.lines(PS + "/k/Other/unmatch_drop_toggled"), tree.lines(PS + "/i/10.7.7.7/w_tcp_ports"),
         tree.read(OTHER + "drop_empty_ack"), tree.read(PS + "/k/hook_priority"))))
    report("created and destroyed in one", unequal(
        (("OK", ""), ["i"]), (batch(sock, [
            ("CMD_NEW_INSTANCE", where("m")), where("m") + whole("contexts", ["10.5.0.1"]),
            ("CMD_DEL_INSTANCE", where("m")), ("CMD_DEL_INSTANCE", where("k"))]),
            tree.lines(PS + "/instances"))))
    names = ["10.%d.%d.9" % (n // 200, n % 200) for n in range(2000)]
    report("many contexts in one", unequal(
        (("OK", ""), 2000, "9\n"), (batch(sock, [where("i") + whole("contexts", names)] + [
            where("i", name) + option("drop_empty_ack", 9) for name in names]),
            len(tree.lines(PS + "/i/contexts")), tree.read(PS + "/i/10.9.199.9/drop_empty_ack"))))
    tree.replace(PS + "/i/contexts", [])


def owners(sock):
    before = tree.snapshot()
    child = subprocess.Popen([sys.executable, __file__, "hang"], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"noted\n"
    report("another socket has no batch", unequal("ENOENT", commit(sock, 10)[0]))
    child.send_signal(signal.SIGKILL)
    child.wait()
    report("its owner is killed: nothing has changed", tree.differences(before, tree.snapshot()))
    socks, got = [], "OK"
    while got == "OK" and len(socks) < 100:
        socks.append(netlink.Socket())
        got = refusal(socks[-1], N["CMD_BEGIN"])
    report("so many sockets may have one", unequal(("EBUSY", 65), (got, len(socks))))
    for one in socks:
        one.close()
    report("... and when they are closed another may", unequal(
        "OK", refusal(sock, N["CMD_BEGIN"])))
    sock.ask(N["CMD_SET"], where("i", "Other") + whole("b_sources", ["9.9.9.9"]))
    tree.write(PS + "/instances", "-i")
    report("the instance goes before the commit", unequal("ENOENT", commit(sock, 1)[0]))
    tree.write(PS + "/instances", "+i")


def hang(sock):
    """Has a large batch and waits to be killed."""
    sock.ask(N["CMD_BEGIN"])
    for message in settings(70):
        sock.ask(N["CMD_SET"], message)
    for part in netlink.chunks("b_sources", ["1.%d.%d.1" % (n // 250, n % 250)
                                             for n in range(50000)]):
        sock.ask(N["CMD_SET"], where("i", "Other") + part)
    print("noted", flush=True)
    time.sleep(600)


def events(sock):
    ears = netlink.Socket()
    ears.listen()
    tree.replace(PS + "/i/contexts", ["10.0.0.1"])
    tree.write(ONE + "new_cookie_threshold", "50-5")
    for path, text, command, expected in (
            (PS + "/i/ifaces", "+eth0", "CMD_INTERFACE", {"A_ON": b"\1", "A_INTERFACE": b"eth0\0"}),
            (PS + "/i/hook_priority", "7", None, {}),
            (PS + "/i/ifaces", "{\neth1\n}", "CMD_INTERFACE",
             {"A_ON": b"\0", "A_INTERFACE": b"eth0\0"}),
            (None, None, "CMD_INTERFACE", {"A_ON": b"\1", "A_INTERFACE": b"eth1\0"}),
            (OTHER + "new_cookie_toggled", "+10.0.0.1", "CMD_PROTECTION",
             {"A_ON": b"\1", "A_PROTECTION": struct.pack("=I", 1), "A_CONTEXT": b"10.0.0.1\0",
              "A_THRESHOLD": struct.pack("=q", 50 << 32 | 5), "A_RATE": struct.pack("=Q", 0)}),
            (OTHER + "new_cookie_toggled", "-10.0.0.1", "CMD_PROTECTION", {"A_ON": b"\0"})):
        if path:
            tree.write(path, text)
        if command:
            got, parts = ears.event()
            report("event: %s %r" % (command, text), unequal(
                (N[command], {N[k]: v for k, v in expected.items()}, b"i\0"),
                (got, {N[k]: parts.get(N[k]) for k in expected}, parts[N["A_INSTANCE"]])))
    subprocess.run(["ip", "link", "del", "eth1"], check=True)
    got, parts = ears.event()
    report("event: a device that goes", unequal(
        (N["CMD_INTERFACE"], b"\0", b"eth1\0"),
        (got, parts[N["A_ON"]], parts[N["A_INTERFACE"]])))
    for _ in range(300):
        tree.write(OTHER + "new_cookie_toggled", "+10.0.0.1")
        tree.write(OTHER + "new_cookie_toggled", "-10.0.0.1")
    heard = 0
    try:
        while True:
            ears.event(1)
            heard += 1
    except TimeoutError:
        pass
    report("events are rate limited", [] if 50 <= heard < 600 else ["%d heard" % heard])


def writers(sock):
    """A is written by sysfs, B by netlink: whole lists of two states. Every
    reader of either door sees one of both, and both end the same."""
    states = [["10.0.%d.0/24" % n for n in range(0, 200, 2)], ["11.0.0.0/8", "2001:db8::/32"]]
    tree.replace(OTHER + "b_sources", states[0])
    children = []
    for door in ("sysfs", "netlink", "contexts", "batches", "instances"):
        children.append(subprocess.Popen([sys.executable, __file__, "write-" + door]))
    problems, until = [], time.monotonic() + 4
    while time.monotonic() < until:
        for lines in (tree.lines(OTHER + "b_sources"),
                      netlink.read_list(sock, "b_sources", "i", "Other")):
            if lines not in states:
                problems.append("seen: %r" % lines[:5])
        seen = netlink.view(sock)
        for key in (("i", None), ("i", "Other")):
            if key not in seen:
                problems.append("%s wasn't told" % (key,))
    report("no writer was refused", unequal([0] * 5, [child.wait() for child in children]))
    report("readers of both doors see whole states", problems[:5])
    report("... and both doors end with the same", unequal(
        tree.lines(OTHER + "b_sources"), netlink.read_list(sock, "b_sources", "i", "Other")))
    interruption(sock)


def interruption(sock):
    """A dump longer than a socket holds at once, and a change amidst it."""
    tree.replace(PS + "/i/contexts", ["10.2.0.%d" % n for n in range(1, 200)])
    told = []
    for change in (None, "-10.2.0.199", None):
        sock.sock.send(sock.message(N["CMD_GET"], b"", 0x301))
        if change:
            tree.write(PS + "/i/contexts", change)
        names = [dict(netlink.attrs(body)).get(N["A_CONTEXT"]) for _, body in sock.answers()]
        told.append((sock.interrupted, b"10.2.0.199\0" in names, b"10.2.0.198\0" in names))
    report("a dump says when things move, and only then", unequal(
        [(False, True, True), (True, False, True), (False, False, True)], told))


def write_on(door):
    states = [["10.0.%d.0/24" % n for n in range(0, 200, 2)], ["11.0.0.0/8", "2001:db8::/32"]]
    sock, n, until = netlink.Socket(), 0, time.monotonic() + 4
    while time.monotonic() < until:
        n += 1
        if door == "sysfs":
            try:
                tree.replace(OTHER + "b_sources", states[n % 2])
            except OSError:
                raise SystemExit("sysfs") from None
        elif door == "netlink":
            messages = [where("i", "Other") + whole("b_sources", states[n % 2]),
                        where("i", "Other") + option("x_tcp_mss", 500 + n % 1000)]
            if batch(sock, messages)[0] != "OK":
                raise SystemExit("netlink")
        elif door == "contexts":
            edit = (remove, add)[n % 2]
            name = "10.1.0.%d" % ((n - 1) // 2 % 200 + 1)
            sock.ask(N["CMD_SET"], where("i") + items("contexts", edit(name)))
        elif door == "instances":   # by sysfs, the one that batches make too
            tree.attempt(PS + "/instances", "-+"[n % 2] + "w")
        else:
            w = where("w")
            got = batch(sock, [("CMD_NEW_INSTANCE", w), w + whole("contexts", ["10.0.0.1"]),
                               where("w", "10.0.0.1") + whole("w_sources", states[1]),
                               where("i", "Other") + option("drop_empty_ack", n % 100)] if n % 2
                        else [w + items("contexts", add("10.0.0.2")), ("CMD_DEL_INSTANCE", w)])[0]
            if got not in ("OK", "EEXIST", "ENOENT"):
                raise SystemExit(got)


def scale(sock):
    count = int(os.environ.get("PS_RANGES", "1000000"))
    wanted = ["%d.%d.%d.%d" % (n >> 23 & 255, n >> 15 & 255, n >> 7 & 255, n << 1 & 255)
              for n in range(1 << 23, (1 << 23) + count)]
    bodies = [where("i", "Other") + part for part in netlink.chunks("b_sources", wanted)]
    packets = [sock.message(N["CMD_SET"], body, 1) for body in bodies]
    start = time.monotonic()
    sock.ask(N["CMD_BEGIN"])
    for packet in packets:
        sock.sock.send(packet)
    got = commit(sock, len(bodies))
    taken = time.monotonic() - start
    print("# figure netlink_load_%d %.2f s" % (count, taken))
    limit = 2 if os.environ.get("PS_GUEST") == "uml" else 60
    report("%d ranges are uploaded in time" % count,
           unequal(("OK", ""), got) + (["%.2f s" % taken] if taken > limit else []))
    start = time.monotonic()
    same = netlink.read_list(sock, "b_sources", "i", "Other") == wanted
    print("# figure netlink_read_%d %.2f s" % (count, time.monotonic() - start))
    report("... and read back", [] if same else ["it isn't the same"])
    size = len(tree.lines(OTHER + "b_sources"))
    report("... by sysfs too", unequal(count, size))
    report("emptied", unequal(("OK", ""), batch(sock, [where("i", "Other") +
                                                      whole("b_sources", [])])))


def main():
    case = sys.argv[1]
    if case.startswith("write-"):
        return write_on(case[6:])
    {"batch": batches, "structures": structures, "owners": owners, "hang": hang, "events": events, "writers": writers,
     "scale": scale}[case](netlink.Socket())
    return print("end")


main()
