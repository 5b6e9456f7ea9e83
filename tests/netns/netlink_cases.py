# SPDX-License-Identifier: GPL-2.0-or-later
"""The netlink door; run by test_netlink.sh on the shield, which has eth0 and
eth1 and the instance i.

	netlink_cases.py views	what both doors show, and what each sets
	netlink_cases.py errors	what is refused, and changes nothing
	netlink_cases.py fuzz	noise
	netlink_cases.py rights	what a user may
	netlink_cases.py leave	a namespace that goes with all open
"""
import os
import random
import struct
import sys

import netlink
import tree
from netlink import (N, Refused, add, attr, items, nest, option, remove, secret, text, where,
                     whole)
from shield import report, wait_until
from tree import PS, unequal

OTHER = PS + "/i/Other/"


def refusal(call, *arguments):
    """What is wrong with an answer: (errno, has words), or OK."""
    try:
        call(*arguments)
        return "OK"
    except Refused as error:
        return error.name if error.words else error.name + " without words"


def put(sock, *parts):
    return sock.ask(N["CMD_SET"], b"".join(parts))


def compare(sock):
    """Problems: where both doors say different things, also when asked again:
    a packet may have come between."""
    return wait_until(lambda: compare_once(sock), lambda problems: not problems, 5)


def compare_once(sock):
    problems, seen = [], netlink.view(sock)
    version = netlink.string(seen.pop((None, None))[N["A_VERSION"]])
    problems += unequal(tree.read(PS + "/version"), version + "\n")
    instances = tree.lines(PS + "/instances")
    problems += unequal(instances, [i for i, c in seen if not c])
    for instance in instances:
        contexts = ["Other"] + tree.lines(PS + "/%s/contexts" % instance)
        problems += unequal(contexts, [c for i, c in seen if i == instance and c])
        for context in [None] + contexts:
            problems += compare_object(sock, seen[(instance, context)], instance, context)
    return problems


def compare_object(sock, parts, instance, context):
    path, problems = PS + "/%s/%s" % (instance, context + "/" if context else ""), []
    scope = "CONTEXT" if context else "INSTANCE"
    settings = netlink.listed(parts[N["A_%s_SETTINGS" % scope]])
    wanted = {n: i for n, (o, i) in netlink.OPTIONS.items() if o == N["A_%s_SETTINGS" % scope]}
    problems += unequal(sorted(wanted.values()), sorted(settings))
    for name, number in wanted.items():
        problems += unequal((path + name, tree.read(path + name)),
                            (path + name, netlink.value_text(name, settings[number]) + "\n"))
    stats = netlink.listed(parts[N["A_%s_STATS" % scope]])
    lines = tree.read(path + "stats").replace(":", " ").split("\n")[:-1]
    ids = {row[1]: int(row[2]) for row in tree.rows("counters", "PS_COUNTER") if row[0] == scope}
    told = {name: int(value, 0) for name, value in (line.split() for line in lines)}
    if context:
        problems += unequal(told.pop("status"), struct.unpack("=I", parts[N["A_STATUS"]])[0])
        reasons = {row[1]: int(row[0]) for row in tree.rows("reasons", "PS_REASON")}
        drops = {number: struct.unpack("=QQ", data)
                 for number, data in netlink.attrs(parts[N["A_DROPS"]])}
        problems += unequal([(reasons[n], (int(p), int(b))) for n, p, b in
                             (line.split() for line in tree.lines(path + "drops"))],
                            list(drops.items()))
    problems += unequal(sorted((ids[name], value) for name, value in told.items()),
                        sorted(stats.items()))
    for name in netlink.LISTS:
        if os.path.exists(path + name) and not (context and name.startswith("geoip")):
            problems += unequal((name, tree.lines(path + name)),
                                (name, netlink.read_list(sock, name, instance, context)))
    return problems


def views(sock):
    report("a fresh instance is the same by both doors", compare(sock))
    tree.write(PS + "/instances", "+second")
    tree.replace(PS + "/i/contexts", ["10.0.0.1", "10.0.0.1@7", "2001:db8::1"])
    for name, value in (("new_cookie_threshold", "300-20"), ("gateway", "02:00:00:00:00:07"),
                        ("x_tcp_wscale", "7"), ("geoip_policy", "deny_countries"),
                        ("x_tcp_mss", "536"), ("deliver_block_threshold", "9-9")):
        tree.write(PS + "/i/10.0.0.1/" + name, value)
        tree.write(OTHER + name, value)
    tree.replace(PS + "/i/geoip4", ["1.0.0.0 AU", "2.0.0.0 -"])
    tree.replace(OTHER + "b_sources", ["10.0.0.%d" % n for n in range(0, 250, 2)] + ["::5"])
    for name in ("new_cookie_toggled", "deliver_block_toggled"):
        tree.write(OTHER + name, "+10.0.0.1@7" if name[0] == "n" else "+Other")
    tree.write(PS + "/i/ifaces", "+eth0")
    report("... and after sysfs has set all kinds of things", compare(sock))
    put(sock, where("i"), nest(N["A_INSTANCE_SETTINGS"],
                               netlink.s64(netlink.OPTIONS["ack_session_timeout"][1], 77),
                               netlink.s64(netlink.OPTIONS["udp_session_timeout"][1], 78)))
    put(sock, where("i", "10.0.0.1"), option("x_tcp_wscale", -1), )
    put(sock, where("i", "10.0.0.1"), nest(
        N["A_CONTEXT_SETTINGS"], netlink.s64(netlink.OPTIONS["x_tcp_ecn"][1], 1),
        nest(netlink.LISTS["w_tcp_ports"][1], add("80"), add("90-99"), remove("95")),
        nest(netlink.LISTS["p_tcp_ports"][1], attr(N["ITEM_REPLACE"]), add("443"), add("99"))))
    report("one message with several settings does them all, in order", unequal(
        [["80", "90-94", "96-98"], ["99", "443"], ["1"], ["none"], ["77"], ["78"]],
        [tree.lines(PS + "/i/" + path) for path in
         ("10.0.0.1/w_tcp_ports", "10.0.0.1/p_tcp_ports", "10.0.0.1/x_tcp_ecn",
          "10.0.0.1/x_tcp_wscale", "ack_session_timeout", "udp_session_timeout")]))
    secrets(sock)
    every_list(sock)
    sock.ask(N["CMD_NEW_INSTANCE"], where("third"))
    sock.ask(N["CMD_DEL_INSTANCE"], where("second"))
    report("instances come and go", unequal(["third", "i"], tree.lines(PS + "/instances")))
    sock.ask(N["CMD_DEL_INSTANCE"], where("third"))
    one = sock.ask(N["CMD_GET"], where("i", "10.0.0.1"))
    report("what is asked for alone is what a dump tells",
           unequal(one[0][1], b"".join(b for _, b in sock.dump(N["CMD_GET"], where("i"))
                                       if netlink.where("i", "10.0.0.1") in b)))
    policies(sock)
    report("both doors still say the same", compare(sock))


def secrets(sock):
    """Set and taken away by one door, seen by the other; none tells what it is."""
    problems, path = [], OTHER + "cluster_secret"
    for said, shown in (((N["SECRET_TEXT"], "of netlink"), "set"), ((N["SECRET_KEEP"],), "set"),
                        ((N["SECRET_NONE"],), "none"), ((N["SECRET_TEXT"], "nonesuch"), "set"),
                        ((N["SECRET_TEXT"], "x" * 4095), "set")):
        put(sock, where("i", "Other"), secret(attr(*said)))
        problems += unequal((said[0], shown), (said[0], tree.lines(path)[0]))
    body = sock.ask(N["CMD_GET"], where("i", "Other"))[0][1]
    settings = dict(netlink.attrs(dict(netlink.attrs(body))[N["A_CONTEXT_SETTINGS"]]))
    told = settings[netlink.OPTIONS["cluster_secret"][1]]
    problems += unequal(attr(N["SECRET_KEEP"]), told)
    report("a secret is set, kept and taken away, and never told", problems)


def every_list(sock):
    """Each is replaced, read, added to, taken from; sysfs sees it."""
    contents = {"ifaces": ["eth1", "eth0"], "contexts": ["10.0.0.1", "2001:db8::9"],
                "geoip4": ["1.0.0.0 XX"], "geoip6": ["2001:db8:: YY"], "b_sources": ["9.9.9.0/24"],
                "w_sources": ["8.8.8.8", "::7"], "w_protocols": ["47"], "countries": ["AU", "ZZ"]}
    problems = []
    for name, (outer, _) in netlink.LISTS.items():
        context = None if outer == N["A_INSTANCE_SETTINGS"] else "Other"
        path = PS + "/i/" + (context + "/" if context else "") + name
        want = contents.get(name, ["Other", "10.0.0.1"] if name.endswith("toggled") else ["7"])
        put(sock, where("i", context), whole(name, want))
        problems += unequal((name, sorted(want)), (name, sorted(tree.lines(path))))
        if not name.startswith("geoip"):
            put(sock, where("i", context), items(name, remove(want[-1])))
            problems += unequal((name, want[:-1]), (name, tree.lines(path)))
            put(sock, where("i", context), items(name, add(want[-1])))
        problems += unequal((name, sorted(want)),
                            (name, sorted(netlink.read_list(sock, name, "i", context))))
    report("every list is replaced, edited and read", problems)


def policies(sock):
    """The kernel tells the ranges of all options, as the table has them."""
    found = {}
    for _, body in sock.dump(netlink.GETPOLICY, text(2, "packetshield"), netlink.CTRL):
        for _, table in [a for a in netlink.attrs(body) if a[0] == 8]:
            for number, entries in netlink.attrs(table):
                for kind, policy in netlink.attrs(entries):
                    found[(number, kind)] = dict(netlink.attrs(policy))
    ranges = [(struct.unpack("=q", p[2])[0], struct.unpack("=q", p[3])[0])
              for p in found.values() if 2 in p and 3 in p]
    wanted = {(int(row[5]), int(row[6])) for row in tree.rows("options", "PS_OPTION")
              if row[2] in ("INTEGER", "BOOLEAN")}
    report("a policy dump has the range of every option",
           unequal((list(netlink.OPTION_TYPES.values()).count("SECRET"), set()),
                   (len(netlink.OPTIONS) - len(ranges), wanted - set(ranges))))


def errors(sock):
    tree.write(PS + "/instances", "+rival")
    tree.replace(PS + "/i/ifaces", ["eth0"])
    tree.write(PS + "/rival/ifaces", "+eth1")
    tree.write(OTHER + "b_sources", "+7.7.7.7")
    before = tree.snapshot()
    i, o = where("i"), where("i", "Other")
    nothing = nest(N["A_CONTEXT_SETTINGS"])
    cases = [
        ("no instance", "EINVAL", N["CMD_SET"], nothing),
        ("unknown instance", "ENOENT", N["CMD_SET"], where("x") + option("hook_priority", 1)),
        ("unknown context", "ENOENT", N["CMD_SET"], where("i", "9.9.9.9") + option("x_tcp_ecn", 1)),
        ("bad instance name", "EIO", N["CMD_SET"], where("a/b") + option("hook_priority", 1)),
        ("bad context name", "EIO", N["CMD_SET"], where("i", "9.9.9") + nothing),
        ("instance exists", "EEXIST", N["CMD_NEW_INSTANCE"], i),
        ("instance doesn't", "ENOENT", N["CMD_DEL_INSTANCE"], where("none")),
        ("reserved name", "EIO", N["CMD_NEW_INSTANCE"], where("version")),
        ("out of range", "ERANGE", N["CMD_SET"], o + option("x_tcp_mss", 5)),
        ("rates upside down", "ERANGE", N["CMD_SET"], o + option("new_cookie_threshold", 5)),
        ("malformed item", "EIO", N["CMD_SET"], o + items("b_sources", add("10.0.0.256"))),
        ("empty item", "EIO", N["CMD_SET"], o + items("b_sources", add(""))),
        ("number out of range", "ERANGE", N["CMD_SET"], o + items("w_tcp_ports", add("65536"))),
        ("item there", "EEXIST", N["CMD_SET"], o + items("b_sources", add("7.7.7.7"))),
        ("item not there", "ENOENT", N["CMD_SET"], o + items("b_sources", remove("7.7.7.8"))),
        ("interface of another", "EBUSY", N["CMD_SET"], i + items("ifaces", add("eth1"))),
        ("no interface", "ENOENT", N["CMD_SET"], i + items("ifaces", add("eth9"))),
        ("Other is there", "EEXIST", N["CMD_SET"], i + items("contexts", add("Other"))),
        ("geoip by item", "EIO", N["CMD_SET"], i + items("geoip4", add("1.0.0.0 AU"))),
        ("geoip contradicts itself", "EIO", N["CMD_SET"],
         i + whole("geoip4", ["1.0.0.0 AU", "1.0.0.0 CO"])),
        ("the last of many", "EIO", N["CMD_SET"],
         o + items("b_sources", *[add("5.5.5.%d" % n) for n in range(9)], add("x"))),
        ("the last of many, applied", "EEXIST", N["CMD_SET"],
         o + items("b_sources", add("5.5.5.5"), add("7.7.7.7"))),
        ("settings before a refused one", "ENOENT", N["CMD_SET"], o + nest(
            N["A_CONTEXT_SETTINGS"], netlink.s64(netlink.OPTIONS["x_tcp_ecn"][1], 1),
            nest(netlink.LISTS["w_protocols"][1], attr(N["ITEM_REPLACE"]), add("99")),
            nest(netlink.LISTS["countries"][1], add("NEW")),
            nest(netlink.LISTS["w_udp_ports"][1], remove("9"), add("7")))),
        ("instance's in a context", "EINVAL", N["CMD_SET"], o + option("hook_priority", 1)),
        ("context's in an instance", "EINVAL", N["CMD_SET"], i + option("x_tcp_ecn", 1)),
        ("togglers in another context", "EINVAL", N["CMD_SET"],
         where("i", "10.0.0.1") + items("new_cookie_toggled", add("Other"))),
        ("surge without a rate", "ERANGE", N["CMD_SET"], where("rival", "Other") +
         items("deliver_block_toggled", add("Other"))),
        ("REPLACE not first", "EINVAL", N["CMD_SET"],
         o + items("b_sources", add("4.4.4.4"), attr(N["ITEM_REPLACE"]))),
        ("REMOVE behind REPLACE", "EINVAL", N["CMD_SET"],
         o + items("b_sources", attr(N["ITEM_REPLACE"]), remove("7.7.7.7"))),
        ("MORE of nothing", "EINVAL", N["CMD_SET"],
         o + items("b_sources", attr(N["ITEM_MORE"]), add("4.4.4.4"))),
        ("switched off twice", "ENOENT", N["CMD_SET"],
         o + items("new_cookie_toggled", remove("Other"), remove("Other"))),
        ("interfaces with others", "ENOENT", N["CMD_SET"], i +
         nest(N["A_INSTANCE_SETTINGS"], nest(netlink.LISTS["ifaces"][1], remove("eth0")),
              netlink.s64(netlink.OPTIONS["ack_session_timeout"][1], 7),
              nest(netlink.LISTS["contexts"][1], remove("9.9.9.9")))),
        ("unknown attribute", "EINVAL", N["CMD_SET"], o + attr(99, b"1234")),
        ("unknown setting", "EINVAL", N["CMD_SET"], o + nest(N["A_CONTEXT_SETTINGS"],
                                                              netlink.s64(200, 1))),
        ("unknown item kind", "EINVAL", N["CMD_SET"], o + items("b_sources", attr(9, "1.1.1.1"))),
        ("nest not marked", "EINVAL", N["CMD_SET"], o + attr(N["A_CONTEXT_SETTINGS"])),
        ("a list as a number", "EINVAL", N["CMD_SET"],
         o + nest(N["A_CONTEXT_SETTINGS"], netlink.s64(netlink.LISTS["b_sources"][1], 1))),
        ("an option as a nest", "EINVAL", N["CMD_SET"], o + nest(
            N["A_CONTEXT_SETTINGS"], nest(netlink.OPTIONS["x_tcp_mss"][1]))),
        ("a number of 4 bytes", "EINVAL", N["CMD_SET"], o + nest(
            N["A_CONTEXT_SETTINGS"], attr(netlink.OPTIONS["x_tcp_ecn"][1], b"\1\0\0\0"))),
        ("name without its zero", "EINVAL", N["CMD_SET"], attr(N["A_INSTANCE"], b"i") +
         option("hook_priority", 1)),
        ("name too long", "EINVAL", N["CMD_SET"], where("i" * 65) + option("hook_priority", 1)),
        ("item too long", "ERANGE", N["CMD_SET"], o + items("b_sources", add("1" * 97))),
        ("a secret as a number", "EINVAL", N["CMD_SET"], o + option("cluster_secret", 1)),
        ("a secret of nothing", "EINVAL", N["CMD_SET"], o + secret()),
        ("two secrets", "EINVAL", N["CMD_SET"],
         o + secret(attr(N["SECRET_NONE"]), attr(N["SECRET_TEXT"], "x"))),
        ("a secret to keep, of none", "ENOENT", N["CMD_SET"],
         where("rival", "Other") + secret(attr(N["SECRET_KEEP"]))),
        ("an empty secret", "EIO", N["CMD_SET"], o + secret(attr(N["SECRET_TEXT"], ""))),
        ("a secret of two lines", "EIO", N["CMD_SET"], o + secret(attr(N["SECRET_TEXT"], "a\nb"))),
        ("a secret that means none", "EIO", N["CMD_SET"],
         o + secret(attr(N["SECRET_TEXT"], "none"))),
        ("a secret too long", "ERANGE", N["CMD_SET"],
         o + secret(attr(N["SECRET_TEXT"], "x" * 4096))),
        ("commit of nothing", "ENOENT", N["CMD_COMMIT"], b""),
        ("abort of nothing", "ENOENT", N["CMD_ABORT"], b""),
    ]
    for name, expected, command, body in cases:
        report("refused: " + name, unequal(expected, refusal(sock.ask, command, body)))
    report("refused: no list of that name", unequal(
        ["ENOENT", "ENOENT", "EINVAL"],
        [refusal(sock.dump, N["CMD_GET_LIST"], o + text(N["A_LIST"], "nonsense")),
         refusal(sock.dump, N["CMD_GET_LIST"], o + text(N["A_LIST"], "ifaces")),
         refusal(sock.dump, N["CMD_GET_LIST"], o)]))
    try:
        put(sock, o, items("b_sources", add("6.6.6.6"), add("6.6.6.x")))
        report("the offset points to the item", ["not refused"])
    except Refused as error:
        message = b"\0" * 20 + o + items("b_sources", add("6.6.6.6"), add("6.6.6.x"))
        report("the offset points to the item",
               unequal(b"6.6.6.x", message[(error.offset or 0) + 4:][:7]))
    truncated(sock, o + items("b_sources", add("6.6.6.6"), add("6.6.6.7")))
    report("nothing of all this has changed anything", tree.differences(before, tree.snapshot()))
    tree.write(PS + "/instances", "-rival")


def truncated(sock, body):
    """Cut anywhere but between attributes at the top, lengths that lie: no crash."""
    problems, whole_message, kept = [], len(body), tree.lines(OTHER + "b_sources")
    ends, at = set(), 0
    while at < whole_message:
        length = struct.unpack_from("=H", body, at)[0]
        at += (length + 3) & ~3
        ends |= set(range(at - (-length % 4), at + 1))  # padding may be missing
    for cut in range(1, whole_message):
        if refusal(sock.ask, N["CMD_SET"], body[:cut]) == "OK" and cut not in ends:
            problems.append("cut at %d: taken" % cut)
    report("messages cut anywhere are refused", problems)
    answers = set()
    for at in range(0, whole_message - 1, 2):
        for value in (0, 3, 5, 0xffff, 0x7fff, 0x8000):
            broken = bytearray(body)
            struct.pack_into("=H", broken, at, value)
            answers.add(refusal(sock.ask, N["CMD_SET"], bytes(broken)).split()[0])
    put(sock, where("i", "Other"), whole("b_sources", kept))
    report("... and any two bytes overwritten harm nothing",
           unequal(True, {"EINVAL", "ERANGE"} <= answers))


def random_nest(dice, depth=0):
    """Attributes of some sense, or none: names, settings, items, noise."""
    parts = []
    for _ in range(dice.randrange(4)):
        kind = dice.randrange(24) | dice.choice((0, 0x8000))
        parts.append(dice.choice((
            lambda k=kind: random_nest(dice, depth + 1) if depth < 3 else attr(k),
            lambda k=kind: netlink.s64(k, dice.randrange(-2, 3000)),
            lambda k=kind: attr(k, dice.choice(
                ("10.0.0.1", "1.0.0.0 AU", "80-90", "eth1", "Other", "AU", "", "x" * 90))),
            lambda k=kind: attr(k, dice.randbytes(dice.randrange(20)))))())
    kind = dice.choice((3, 4, 5, dice.randrange(24))) if not depth else dice.randrange(24)
    return nest(kind, *parts)


def fuzz(sock):
    """Structured noise to every command: answers, and both doors agree."""
    dice, answers = random.Random(20), {}
    for _ in range(6000):
        body = dice.choice((where("i"), where("i", "Other"), where("z"), b"")) + b"".join(
            random_nest(dice) for _ in range(dice.randrange(3)))
        if dice.random() < 0.2:
            body = body[:dice.randrange(len(body) + 1)]
        command = dice.choice((N["CMD_SET"],) * 8 + tuple(range(N["CMDS"] + 1)))
        flags = dice.choice((5, 5, 5, 0x305))
        got = refusal(sock.ask, command, body, flags).split()[0]
        answers[got] = answers.get(got, 0) + 1
    print("#", answers)
    report("6,000 messages of noise: some are taken, most refused",
           [] if answers.get("OK", 0) > 50 and answers.get("EINVAL", 0) > 500 else [answers])
    report("... and both doors show the same", compare(sock))
    for name in tree.lines(PS + "/instances"):
        tree.write(PS + "/instances", "-" + name)
    tree.write(PS + "/instances", "+i")


def rights(sock):
    """What this user gets here, in words for test_netlink.sh."""
    where_to = where("mine", "Other") + text(N["A_LIST"], "b_sources")
    print("version", refusal(sock.ask, N["CMD_GET"]).split()[0])
    print("new", refusal(sock.ask, N["CMD_NEW_INSTANCE"], where("mine")).split()[0])
    print("list", refusal(sock.dump, N["CMD_GET_LIST"], where_to).split()[0])
    sys.exit()


def leave(sock):
    """Ends with a batch, a dump and a listener open; so does the namespace."""
    sock.ask(N["CMD_NEW_INSTANCE"], where("mine"))
    sock.listen()
    sock.ask(N["CMD_BEGIN"])
    put(sock, where("mine", "Other"), whole("b_sources", ["1.2.3.4"]))
    sock.sock.send(sock.message(N["CMD_GET"], b"", 0x301))
    sys.exit()


def main():
    sock = netlink.Socket()
    CASES[sys.argv[1]](sock)
    print("end")


CASES = {"views": views, "errors": errors, "fuzz": fuzz, "rights": rights, "leave": leave}
main()
