# SPDX-License-Identifier: GPL-2.0-or-later
"""The command packetshield: what it reads, sets and refuses. Run by test_tool.sh
on the shield, which has eth0 and eth1 and the instance i.

	tool_cases.py reading	tool and sysfs say the same
	tool_cases.py writing	what the tool sets is set
	tool_cases.py lists	long lists, by words and by standard input
	tool_cases.py texts	what sysfs refuses the tool refuses, for the same reason
	tool_cases.py refused	wrong words: message, exit code, and nothing changes
"""
import os
import sys

import tree
from shield import report, wait_until
from tool import do, objects, run, told
from tree import PS, unequal

OTHER = PS + "/i/Other/"
OPTIONS = tree.rows("options", "PS_OPTION")
LISTS = tree.rows("options", "PS_LIST")
# An item or two for every type of list, in the order in which they are read.
ITEMS = {"IFACES": ["eth0", "eth1"], "CONTEXTS": ["10.0.0.1", "10.0.0.1@7", "2001:db8::1"],
         "SOURCES": ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"], "PROTOCOLS": ["1", "47"],
         "TCP_PORTS": ["80", "1000-1005"], "UDP_PORTS": ["53", "443"],
         "TOGGLED": ["Other", "10.0.0.1"], "COUNTRIES": ["AU", "my-own_1"],
         "GEOIP4": ["1.0.0.0 AU", "2.0.0.0 -"], "GEOIP6": ["2001:db8:: AU", "2001:db9:: -"]}
# A value other than the default for every type of option.
VALUES = {"BOOLEAN": "1", "RATES": "300-20", "MAC": "02:00:00:00:00:07",
          "WSCALE": "7", "GEOIP_POLICY": "deny_countries"}


def place(row):
    """The words and the directory of an option's or list's place: an instance
    or its context Other."""
    context = row[0] in ("CONTEXT", "OTHER")
    return ["i", "Other"] if context else ["i"], OTHER if context else PS + "/i/"


def other_value(row):
    """Of an option: not the default."""
    if row[2] == "INTEGER":
        return "512" if int(row[6]) >= 512 else "64"
    return VALUES[row[2]]


def fresh():
    """The instance as it was at first."""
    do("del", "instances", "i")
    do("add", "instances", "i")


def shown(value):
    """A value of JSON as sysfs has it."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def compare():
    """Problems: where tool and sysfs say different things, also when asked
    again: a packet may have come between."""
    return wait_until(compare_once, lambda problems: not problems, 10)


def compare_once():
    show, stats = objects(told("show")), objects(told("stats"))
    drops, status = objects(told("drops", "--all")), objects(told("status"))
    problems, wanted = [], []
    for instance in tree.lines(PS + "/instances"):
        wanted += [(instance, context) for context in
                   [None, "Other"] + tree.lines(PS + "/%s/contexts" % instance)]
    for name, found in (("show", show), ("stats", stats), ("drops", drops), ("status", status)):
        problems += unequal((name, wanted), (name, list(found)))
    for key in wanted if not problems else []:
        problems += compare_object(key, show[key], stats[key])
        if key[1]:
            problems += compare_drops(key, drops[key]["drops"])
            problems += compare_status(key, status[key])
    return problems


def directory(key):
    return PS + "/%s/%s" % (key[0], key[1] + "/" if key[1] else "")


def compare_object(key, show, stats):
    path, problems = directory(key), []
    files = {name: tree.read(path + name) for name in os.listdir(path)
             if os.path.isfile(path + name) and name not in tree.CAPTURES}
    lines = files.pop("stats").replace(":", " ").splitlines()
    files.pop("drops", None)
    told_stats = dict(stats["stats"])
    if key[1]:
        told_stats["status"] = stats["status"]
        for name in ("geoip4", "geoip6"):
            files.pop(name, None)   # the instance's
    problems += unequal((path, {n: int(v, 0) for n, v in (line.split() for line in lines)}),
                        (path, told_stats))
    found = {name: shown(value) + "\n" for name, value in show["options"].items()}
    found.update({name: "".join(item + "\n" for item in items)
                  for name, items in show["lists"].items()})
    return problems + unequal((path, files), (path, found))


def compare_drops(key, drops):
    lines = [line.split() for line in tree.lines(directory(key) + "drops")]
    return unequal((key, lines), (key, [[d["reason"], str(d["packets"]), str(d["bytes"])]
                                        for d in drops]))


def compare_status(key, status):
    on = {name for name in tree.PROTECTIONS if key[1] in
          tree.lines(PS + "/%s/Other/%s_toggled" % (key[0], name))}
    return unequal((key, on), (key, {n for n, p in status["protections"].items() if p["on"]}))


def compare_words():
    """show of a single name prints what its file has."""
    problems = []
    for row in OPTIONS + LISTS:
        words, path = place(row)
        problems += unequal((row[1], tree.read(path + row[1])),
                            (row[1], do("show", *words, row[1])))
    return problems


def reading():
    report("a fresh instance is the same by tool and sysfs", compare())
    tree.write(PS + "/instances", "+second")
    tree.replace(PS + "/i/contexts", ITEMS["CONTEXTS"])
    for row in OPTIONS:
        tree.write(place(row)[1] + row[1], other_value(row))
    tree.write(PS + "/i/10.0.0.1/deliver_block_threshold", "9-3")
    for row in LISTS:
        if row[2] != "CONTEXTS":
            tree.replace(place(row)[1] + row[1], ITEMS[row[2]])
    report("... and after sysfs has set everything", compare())
    report("show of one name prints what its file has", compare_words())
    version = tree.read(PS + "/version").strip()
    report("status tells the version, and who is by hand", unequal(
        [version, True, False],
        [told("status")["version"]] +
        [objects(told("status", "i"))[("i", context)]["protections"]["new_cookie"]["by_hand"]
         for context in ("Other", "2001:db8::1")]))
    report("one instance, or one context, is all that is told of it", unequal(
        [[("second", None), ("second", "Other")], [("i", None), ("i", "10.0.0.1@7")]] * 2,
        [list(objects(told(command, *words))) for command in ("show", "stats")
         for words in (["second"], ["i", "10.0.0.1@7"])]))
    report("instances are listed", unequal("second\ni\n", do("show", "instances")))
    do("del", "instances", "second")
    fresh()


def writing():
    problems = []
    for row in OPTIONS:
        words, path = place(row)
        before = tree.read(path + row[1]).strip()
        for value in (other_value(row), before):
            do("set", *words, row[1], value)
            problems += unequal((row[1], value + "\n"), (row[1], tree.read(path + row[1])))
    report("every option is set", problems)
    do("set", "i", "contexts", "10.0.0.1", "10.0.0.2")
    for context in ("Other", "10.0.0.1"):
        do("set", "i", context, "deliver_block_threshold", "9-3")
    problems = []
    for row in LISTS:
        words, path = place(row)
        if row[2] != "CONTEXTS":
            problems += write_list(row, words, path + row[1], ITEMS[row[2]])
    report("every list is replaced, added to and taken from", problems)
    do("add", "instances", "one", "two")
    found = [tree.lines(PS + "/instances")]
    do("del", "instances", "two", "one")
    report("instances come and go, several at once",
           unequal([["two", "one", "i"], ["i"]], found + [tree.lines(PS + "/instances")]))
    do("add", "i", "contexts", "10.0.0.7@9", "2001:db8:0::7")
    do("set", "i", "2001:0db8::7", "x_tcp_mss", "900")
    report("a context may be written in any form", unequal(
        "900\n", tree.read(PS + "/i/2001:db8::7/x_tcp_mss")))
    do("set", "i", "contexts", "-")
    report("an empty input makes a list empty", unequal([], tree.lines(PS + "/i/contexts")))
    fresh()


def write_list(row, words, path, items):
    do("set", *words, row[1], *items)
    problems = unequal((row[1], items), (row[1], tree.lines(path)))
    if not row[2].startswith("GEOIP"):
        do("del", *words, row[1], *items[1:])
        problems += unequal((row[1], items[:1]), (row[1], tree.lines(path)))
        do("add", *words, row[1], *items[1:])
        problems += unequal((row[1], sorted(items)), (row[1], sorted(tree.lines(path))))
    return problems


def lists():
    text = "# denied\n\n  10.0.0.1\t# one\n10.0.0.2 \r\n\n10.0.0.4-5"
    do("set", "i", "Other", "b_sources", "10.9.9.9", "-", "2001:db8::9", stdin=text)
    report("standard input: comments, blanks, no newline at the end", unequal(
        ["10.0.0.1-2", "10.0.0.4-5", "10.9.9.9", "2001:db8::9"],
        tree.lines(OTHER + "b_sources")))
    many = ["11.%d.%d.%d" % (n >> 15, n >> 7 & 255, 2 * n & 255) for n in range(5000)]
    do("set", "i", "Other", "b_sources", "-")
    do("add", "i", "Other", "b_sources", "-", stdin="\n".join(many))
    report("5,000 items are added", unequal(many, tree.lines(OTHER + "b_sources")))
    half = many[::2]
    do("del", "i", "Other", "b_sources", "-", stdin="\n".join(half))
    report("... and half of them removed", unequal(many[1::2], tree.lines(OTHER + "b_sources")))
    ran = run("add", "i", "Other", "b_sources", "-", stdin="\n".join(half[:2000] + many[1:2]))
    report("of parts the one that is refused changes nothing, and is told of", unequal(
        [1, sorted(many[1::2] + half[:1024]), True],
        [ran.code, sorted(tree.lines(OTHER + "b_sources")),
         "%s: it is in the list already" % many[1] in ran.err and "1024 items" in ran.err]))
    more = ["%d.%d.%d.%d" % (20 + (n >> 22), n >> 14 & 255, n >> 6 & 255, n * 4 & 252)
            for n in range(200000)]
    do("set", "i", "Other", "b_sources", "-", stdin="\n".join(more))
    report("200,000 items replace a list", unequal(more, tree.lines(OTHER + "b_sources")))
    report("... and come back", unequal(more, do("show", "i", "Other", "b_sources").split()))
    ran = run("set", "i", "Other", "b_sources", "-", stdin="\n".join(more[:70000] + ["1.2.3"]))
    report("one wrong item among 70,000: its line, and nothing changes", unequal(
        [2, True, len(more)], [ran.code, "line 70001 of standard input: \"1.2.3\"" in ran.err,
                               len(tree.lines(OTHER + "b_sources"))]))
    fresh()


# Texts for every type; some of them are good.
TEXTS = {"INTEGER": ["x", "1x", " 1", "01", "-0", "99999999999999999999999", "-1", "1", "0"],
         "BOOLEAN": ["2", "yes", "-1", "00", "1"],
         "RATES": ["1", "1-", "-1", "2-3", "3-2", "1000000001-1", "a-b", "01-1", "0-0"],
         "MAC": ["1", "ff:ff:ff:ff:ff", "gg:00:00:00:00:00", "0:0:0:0:0:0", "02:00:00:00:00:AA"],
         "WSCALE": ["15", "-1", "None", "none", "14"],
         "GEOIP_POLICY": ["1", "deny", "DENY_COUNTRIES", "none"],
         "IFACES": ["a/b", "a-name-too-long-for-it", "."], "CONTEXTS": ["10.0.0.1@0", "0.0.0.0",
                                                                       "10.0.0.1@4095", "other"],
         "SOURCES": ["10.0.0.1/33", "10.0.0.1/8", "10.0.0.5-4", "::ffff:1.2.3.4", "10.0.0.256",
                     "10.0.0.1-256", "fe80::1%eth0"],
         "PROTOCOLS": ["256", "tcp", "1-2"], "TCP_PORTS": ["0", "65536", "9-8", "http"],
         "UDP_PORTS": ["0", "1-65536"], "TOGGLED": ["10.0.0.1@4095", "all"],
         "COUNTRIES": ["sixteen_letters_", "A B", "\u00e9"]}
REASONS = {"EIO": "is malformed", "ERANGE": "is out of range"}


def texts():
    problems, seen = [], set()
    for row in OPTIONS + LISTS:
        words, path = place(row)
        if row[2] in seen or row[2] not in TEXTS:
            continue
        seen.add(row[2])
        is_list = row in LISTS
        for text in TEXTS[row[2]]:
            before = tree.read(path + row[1])
            errno = tree.attempt(path + row[1], (("+" if is_list else "") + text).encode())
            if errno == "OK":
                tree.write(path + row[1], before) if not is_list else None
            ran = run("add" if is_list else "set", *words, row[1], text)
            problems += unequal((row[1], text, errno), (row[1], text, outcome(ran)))
            problems += [] if errno == "OK" else unequal((row[1], before),
                                                         (row[1], tree.read(path + row[1])))
    report("what sysfs refuses the tool refuses, for the same reason",
           problems + unequal(set(TEXTS), seen))
    fresh()


def outcome(ran):
    """The errno that a run's exit code and message speak of."""
    if not ran.code:
        return "OK"
    for errno, reason in REASONS.items():
        if ran.code == 2 and reason in ran.err and "hint: " in ran.err:
            return errno
    return repr(ran)


# Arguments, exit code, words of the message, standard input.
WRONG = [
    ([], 2, "no command"),
    (["ststus"], 2, 'did you mean "status"'),
    (["frobnicate"], 2, "--help lists the commands"),
    (["status", "i", "j"], 2, "too many arguments"),
    (["status", "--jsn"], 2, 'did you mean "--json"'),
    (["status", "--json=1"], 2, "takes no value"),
    (["status", "nobody"], 1, "there is no such instance"),
    (["status", "../etc"], 2, "can't be the name of an instance"),
    (["show", "i", "10.9.9.9"], 1, "no such context"),
    (["show", "i", "b_source"], 2, 'no option or list "b_source"'),
    (["show", "i", "b_sources"], 2, "belongs to a context"),
    (["show", "i", "Other", "b_source"], 2, 'did you mean "b_sources"'),
    (["show", "i", "other", "b_sources"], 2, 'did you mean "Other"'),
    (["show", "i", "Other", "ifaces"], 2, "belongs to an instance"),
    (["stats", "i", "othr"], 2, 'did you mean "Other"'),
    (["stats", "i", "--count", "3"], 2, "--count goes with --watch"),
    (["stats", "i", "--watch", "0"], 2, "is no number from"),
    (["stats", "--watch", "1", "--count", "x"], 2, "is no number from"),
    (["stats", "--count"], 2, "needs N"),
    (["drops", "i", "10.0.0.1@0"], 2, "can't be the name of a context"),
    (["monitor", "--count", "0"], 2, "is no number"),
    (["monitor", "a/b"], 2, "can't be the name"),
    (["set", "i"], 2, "too few arguments"),
    (["set", "i", "Other"], 2, "no option is named"),
    (["set", "i", "ack_session_timeout"], 2, "no value is given"),
    (["set", "i", "ack_session_timeout", "1", "2"], 2, "an option has one value"),
    (["set", "i", "ack_session_timeout", ""], 2, "is malformed"),
    (["set", "i", "ack_session_timeout", "0"], 2, "takes 1 to 32767 (seconds)"),
    (["set", "nobody", "ack_session_timeout", "5"], 1, "there is no such instance"),
    (["set", "i", "10.9.9.9", "x_tcp_mss", "500"], 1, "no such context"),
    (["set", "i", "Other", "b_sources", "10.0.0.1", "10.0.0"], 2, '"10.0.0" is malformed'),
    (["set", "i", "geoip4", "1.0.0.0 AU", "1.0.0.0 NZ"], 1, "i/geoip4"),
    (["set", "i", "geoip4", "2001:db8:: AU"], 2, "is malformed"),
    (["add", "i"], 2, "too few arguments"),
    (["add", "i", "Other", "b_sources"], 2, "no item is given"),
    (["add", "i", "ack_session_timeout", "5"], 2, "is no list"),
    (["add", "i", "Other", "b_sources", "10.0.0.7"], 1, "10.0.0.7: it is in the list already"),
    (["add", "i", "Other", "b_sources", "10.0.0.9", "10.0.0.7"], 1, "in the list already"),
    (["add", "i", "ifaces", "nodev0"], 1, "nodev0: there is no such interface"),
    (["add", "i", "contexts", "Other"], 1, "the context exists already"),
    (["add", "i", "geoip4", "1.0.0.0 AU"], 2, "can't be edited one by one"),
    (["add", "i", "Other", "new_cookie_toggled", "10.9.9.9"], 1, "no such context"),
    (["add", "i", "Other", "deliver_block_toggled", "Other"], 1, "surge protection has no"),
    (["add", "i", "Other", "w_tcp_ports", "-"], 2, "line 2 of standard input", "80\n99999\n"),
    (["add", "instances", "i"], 1, "exists already"),
    (["add", "instances", "new", "i"], 1, "exists already"),
    (["add", "instances", "version"], 2, "is malformed"),
    (["add", "nobody", "contexts", "10.0.0.1"], 1, "there is no such instance"),
    (["del", "i", "Other", "b_sources", "10.0.0.7", "10.0.0.8"], 1, "10.0.0.8: it isn't in"),
    (["del", "i", "contexts", "10.9.9.9"], 1, "10.9.9.9: it isn't in the list"),
    (["del", "i", "ifaces", "eth1"], 1, "eth1: it isn't in the list"),
    (["del", "instances", "nobody"], 1, "nobody"),
]


def refused():
    tree.write(OTHER + "b_sources", "+10.0.0.7")
    before = tree.snapshot()
    for arguments, code, words, *stdin in WRONG:
        ran = run(*arguments, stdin=stdin[0] if stdin else "")
        problems = unequal(code, ran.code) + unequal("", ran.out)
        if words not in ran.err or not ran.err.startswith("packetshield: "):
            problems.append("expected %r: %r" % (words, ran))
        report("refused: %s" % " ".join(arguments),
               problems + tree.differences(before, tree.snapshot()))


if __name__ == "__main__":
    {"reading": reading, "writing": writing, "lists": lists, "texts": texts,
     "refused": refused}[sys.argv[1]]()
    print("end")
