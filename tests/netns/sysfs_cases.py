# SPDX-License-Identifier: GPL-2.0-or-later
"""What the files of /sys/packetshield are and what reading them gives; run by
test_sysfs.sh on a shield with the interfaces eth0 and eth1 and no instance.
"""
import os
import random
import stat

import tree
from shield import report
from tree import PLACES, PROTECTIONS, PS, unequal

INSTANCE_STATS = "rx_total capmissed tx_total".split()
CONTEXT_STATS = """rx_total invalid whitelisted filtered out_related dns_resp udp_rsp syn rst ack
    unknown_ttl ttlfiltered established newconns unmatched syncookie drop_syn drop_rst drop_ack
    delivered tx_total quic_init quic_0rtt quic_hshak quic_shrth quicretry drop_qnt drop_q0t
    drop_qhs drop_qsh""".split()
MODES = {"instances": 0o644, "version": 0o444, "stats": 0o444, "drops": 0o444,
         "b_sources": 0o600, "w_sources": 0o600, "geoip4": 0o600, "geoip6": 0o600,
         **dict.fromkeys(tree.CAPTURES, 0o400)}
DEFAULTS = {"hook_priority": "-2147483648\n", "ifaces": "", "contexts": "",
            "ack_session_timeout": "60\n", "syn_session_timeout": "10\n",
            "rst_session_timeout": "60\n", "dns_session_timeout": "60\n",
            "udp_session_timeout": "60\n", "qhs_session_timeout": "10\n",
            "qsh_session_timeout": "60\n", "cluster_secret": "none\n", "quic_v4_mapped": "0\n",
            "p_udp_ports": "", "session_table_size": "1048576\n",
            "icmp_rate_max": "0\n", "b_sources": "", "w_sources": "", "w_protocols": "",
            "w_tcp_ports": "", "w_udp_ports": "", "p_tcp_ports": "", "x_tcp_ports": "",
            "drop_empty_ack": "0\n", "gateway": "ff:ff:ff:ff:ff:ff\n", "dsr_mode": "0\n",
            "x_tcp_ecn": "0\n", "x_tcp_sack": "0\n", "x_tcp_timestamps": "0\n",
            "x_tcp_mss": "1460\n", "x_tcp_wscale": "none\n", "geoip4": "", "geoip6": "", "geoip_policy": "none\n",
            "countries": "", "context_capture": "0\n"}
for name in PROTECTIONS:
    DEFAULTS[name + "_threshold"] = "0-0\n"
    DEFAULTS[name + "_toggled"] = ""


def files_of(scope):
    """What options.def says is in the directories of a scope."""
    return {row[1] for macro in ("PS_OPTION", "PS_LIST") for row in tree.rows("options", macro)
            if row[0] == scope}


def tree_is(directory, names):
    return unequal(sorted(names), sorted(os.listdir(directory)))


def modes_are(directory):
    problems = []
    for name in os.listdir(directory):
        mode = os.stat(directory + "/" + name).st_mode
        if stat.S_ISREG(mode):
            problems += unequal((name, oct(MODES.get(name, 0o644))),
                                (name, oct(stat.S_IMODE(mode))))
    return problems


def defaults_are(directory):
    return [problem for name in os.listdir(directory)
            if os.path.isfile(directory + "/" + name) and name not in tree.COUNTERS + tree.CAPTURES
            for problem in unequal((name, DEFAULTS.get(name)),
                                   (name, tree.read(directory + "/" + name)))]


def directories():
    report("the root holds the instances, and two files", tree_is(PS, ["instances", "version"]))
    report("no instance at first", unequal("", tree.read(PS + "/instances")))
    for name in ("first", "second.x_y-z", "3"):
        tree.write(PS + "/instances", "+" + name)
    report("instances are listed newest first",
           unequal("3\nsecond.x_y-z\nfirst\n", tree.read(PS + "/instances")))
    tree.write(PS + "/instances", "-second.x_y-z\n")
    report("... and go by name", unequal("3\nfirst\n", tree.read(PS + "/instances")) +
           tree_is(PS, ["instances", "version", "3", "first"]))
    tree.write(PS + "/instances", "-3\n")
    for item in ("10.2.3.5", "10.2.3.5@100", "2001:DB8:0::5", "2001:db8::5@4094"):
        tree.write(PS + "/first/contexts", "+" + item)
    contexts = ["10.2.3.5", "10.2.3.5@100", "2001:db8::5", "2001:db8::5@4094"]
    report("contexts are listed oldest first, Other is not",
           unequal(contexts, tree.lines(PS + "/first/contexts")))
    report("an instance's directory", tree_is(PS + "/first", files_of("INSTANCE") |
                                              files_of("SHARED") | {"stats", "Other", *tree.CAPTURES} |
                                              set(contexts)))
    files = files_of("CONTEXT") | {"stats", "drops"}
    report("a context's directory, and Other's", [
        problem for context in contexts
        for problem in tree_is(PS + "/first/" + context, files)] +
        tree_is(PS + "/first/Other", files | files_of("OTHER") | files_of("SHARED")))
    report("modes", modes_are(PS) + modes_are(PS + "/first") + modes_are(PS + "/first/Other"))
    tree.replace(PS + "/first/contexts", [])
    report("defaults", defaults_are(PS + "/first") + defaults_are(PS + "/first/Other"))


def counters():
    expected = "".join("%-10s: 0\n" % name for name in INSTANCE_STATS)
    report("an instance's stats, byte for byte", unequal(expected, tree.read(PS + "/first/stats")))
    expected = "status     : 0x0000\n" + "".join("%-11s: 0\n" % name for name in CONTEXT_STATS)
    report("a context's stats, byte for byte",
           unequal(expected, tree.read(PS + "/first/Other/stats")))
    dropping = [row[1] for row in tree.rows("reasons", "PS_REASON")
                if row[2] in ("DROP", "WITHHOLD")]
    report("drops has a line for every reason to drop, in order, of %d" % len(dropping),
           unequal("".join(name + " 0 0\n" for name in dropping),
                   tree.read(PS + "/first/Other/drops")) + ([] if len(dropping) > 30 else ["few"]))


# Steps on b_sources (b) and w_sources (w), and what both hold afterwards.
SOURCES = [
    ("b +10.0.0.1", "10.0.0.1", ""),
    ("b +10.0.0.0/24", "10.0.0.0/24", ""),
    ("w +10.0.0.10-20", "10.0.0.0-9 10.0.0.21-255", "10.0.0.10-20"),
    ("b -10.0.0.30", "10.0.0.0-9 10.0.0.21-29 10.0.0.31-255", "10.0.0.10-20"),
    ("b +10.0.0.12-13", "10.0.0.0-9 10.0.0.12/31 10.0.0.21-29 10.0.0.31-255",
     "10.0.0.10/31 10.0.0.14-20"),
    ("b +10.0.0.0-255", "10.0.0.0/24", ""),
    ("b -10.0.0.0/24", "", ""),
    ("w +10.1.0.128/25", "", "10.1.0.128/25"),
    ("w +10.1.0.0/25", "", "10.1.0.0/24"),
    ("b +10.0.255.7-10.1.0.3", "10.0.255.7-10.1.0.3", "10.1.0.4-255"),
    ("w -10.1.0.4-255", "10.0.255.7-10.1.0.3", ""),
    ("b -10.0.255.7-10.1.0.3", "", ""),
    ("b +10.0.0.0/29", "10.0.0.0-7", ""),
    ("b +10.0.0.16-31", "10.0.0.0-7 10.0.0.16/28", ""),
    ("w +0.0.0.0/0", "", "0.0.0.0/0"),
    ("b +255.255.255.255", "255.255.255.255", "0.0.0.0-255.255.255.254"),
    ("b +0.0.0.0/0", "0.0.0.0/0", ""),
    ("b -128.0.0.0/1", "0.0.0.0/1", ""),
    ("b -0.0.0.0/1", "", ""),
    ("b +2001:DB8:0:0:0:0:0:5", "2001:db8::5", ""),
    ("b +2001:db8::/32", "2001:db8::/32", ""),
    ("w +2001:db8:0:1::/64",
     "2001:db8::/64 2001:db8:0:2::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
    ("b +10.0.0.1",
     "10.0.0.1 2001:db8::/64 2001:db8:0:2::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db8:0:1::/64"),
    ("w +fe80::1-fe80::ff",
     "10.0.0.1 2001:db8::/64 2001:db8:0:2::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db8:0:1::/64 fe80::1-fe80::ff"),
    ("w -fe80::20", "10.0.0.1 2001:db8::/64 2001:db8:0:2::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db8:0:1::/64 fe80::1-fe80::1f fe80::21-fe80::ff"),
    ("b +::/0", "10.0.0.1 ::/0", ""),
]
PORTS = [
    ("+80", "80"),
    ("+1200-1250", "80 1200-1250"),
    ("-1225", "80 1200-1224 1226-1250"),
    ("+1199", "80 1199-1224 1226-1250"),
    ("+1225", "80 1199-1250"),
    ("+81-82", "80-82 1199-1250"),
    ("-1200-1250", "80-82 1199"),
    ("+1-65535", "1-65535"),
    ("-256-511", "1-255 512-65535"),
    ("-65535", "1-255 512-65534"),
]
# The same for w_tcp_ports (w), p_tcp_ports (p) and x_tcp_ports (x).
MOVES = [
    ("w +80-90", "80-90", "", ""),
    ("p +85", "80-84 86-90", "85", ""),
    ("x +84-86", "80-83 87-90", "", "84-86"),
    ("w +86-89", "80-83 86-90", "", "84-85"),
    ("p {80 443}", "81-83 86-90", "80 443", "84-85"),
    ("x {1-65535}", "", "", "1-65535"),
    ("x -2-65535", "", "", "1"),
    ("p +1", "", "1", ""),
    ("w {1}", "1", "", ""),
]
PROTOCOLS = [("+112", "112"), ("+1", "1 112"), ("+255", "1 112 255"), ("+0", "0 1 112 255"),
             ("-112", "0 1 255"), ("+2", "0 1 2 255")]


def steps(title, path, table):
    """Every edit of a list, and what the list holds then."""
    problems = []
    for edit, expected in table:
        got = tree.attempt(path, edit)
        problems += ["%s: %s" % (edit, got)] * (got != "OK")
        problems += [edit + ": " + problem
                     for problem in unequal(expected.split(), tree.lines(path))]
    report(title, problems)


def contents(problems, step, expected):
    """Compare lists of Other after a step: expected is list -> its items."""
    for name, items in expected.items():
        found = tree.lines(PS + "/first/Other/" + name)
        problems += ["%s, %s: %s" % (step, name, problem)
                     for problem in unequal(items.split(), found)]


def edits():
    other = PS + "/first/Other/"
    problems = []
    for step, denied, allowed in SOURCES:
        got = tree.attempt(other + step[0] + "_sources", step[2:])
        problems += ["%s: %s" % (step, got)] * (got != "OK")
        contents(problems, step, {"b_sources": denied, "w_sources": allowed})
    report("source lists: move, split, join, smallest form (%d steps)" % len(SOURCES), problems)
    steps("TCP ports: split, join, ranges", other + "w_tcp_ports", PORTS)
    report("... leave the UDP ports alone", unequal("", tree.read(other + "w_udp_ports")))
    steps("UDP ports: split, join, ranges", other + "w_udp_ports", PORTS)
    steps("protocols, in order, one a line", other + "w_protocols", PROTOCOLS)
    tree.replace(other + "w_tcp_ports", [])
    problems = []
    for step, allowed, protected, forwarded in MOVES:
        edit = step[2:]
        if edit[0] == "{":
            edit = tree.transaction(edit[1:-1].split())
        got = tree.attempt(other + step[0] + "_tcp_ports", edit)
        problems += ["%s: %s" % (step, got)] * (got != "OK")
        contents(problems, step, {"w_tcp_ports": allowed, "p_tcp_ports": protected,
                                  "x_tcp_ports": forwarded})
    report("a port is in one TCP list at most: the last that asked (%d steps)" % len(MOVES),
           problems)


def round_trips():
    first = PS + "/first/"
    tree.write(first + "Other/w_sources", "+2001:db8::/32")
    tree.write(first + "Other/p_tcp_ports", "+443")
    tree.write(first + "Other/p_udp_ports", "+443")
    tree.write(first + "Other/x_tcp_ports", "+25-26")
    tree.replace(first + "contexts", ["10.9.9.9", "10.2.3.5@7", "::1", "10.2.3.5"])
    tree.replace(first + "ifaces", ["eth1", "eth0"])
    tree.write(first + "Other/deliver_block_threshold", "9-9")
    for name in PROTECTIONS:
        tree.write(first + "Other/%s_toggled" % name, "+Other")
    tree.replace(first + "geoip4", ["1.0.0.0 AU", "2.0.0.0 -", "3.0.0.0 my_own-code"])
    tree.replace(first + "geoip6", [":: ZZ", "2001:db8:: -"])
    tree.replace(first + "Other/countries", ["my_own-code", "AU", "RU"])
    before = tree.snapshot()
    problems = []
    for path in [PLACES[row[0]] + row[1] for row in tree.rows("options", "PS_LIST")]:
        text = tree.read(first + path)
        problems += [path + " is empty"] * (not text)
        tree.write(first + path, "{\n" + text + "}\n")
    report("what a list reads back as a transaction changes nothing",
           problems + tree.differences(before, tree.snapshot()))
    for name in PROTECTIONS:
        tree.replace(first + "Other/%s_toggled" % name, [])


def ranges(count, step):
    return ["10.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255)
            for i in range(0, count * step, step)]


def long_reads():
    path = PS + "/first/Other/b_sources"
    old, new = (tree.transaction(ranges(1500, step))[2:-2] for step in (2, 3))
    tree.write(path, "{\n" + old + "}")
    fd = os.open(path, os.O_RDONLY)
    data, problems = old.encode("ascii"), []
    dice = random.Random(1)
    assert os.pread(fd, 1, 0) == data[:1]
    for _ in range(300):
        at, size = dice.randrange(len(data)), dice.choice((1, 7, 100, 4096))
        problems += unequal((at, data[at:at + size]), (at, os.pread(fd, size, at)))
    report("pread at random offsets", problems[:4])
    report("pread behind the end", unequal(b"", os.pread(fd, 10, len(data) + 5)))
    report("... lets the text go: going back pins it anew",
           unequal(data[5:15], os.pread(fd, 10, 5)))
    report("... and what it was again after a read from the start",
           unequal((data[:9], data[9:18]), (os.pread(fd, 9, 0), os.pread(fd, 9, 9))))

    os.lseek(fd, 0, os.SEEK_SET)
    head = os.read(fd, 1000)
    late = os.open(path, os.O_RDONLY)
    tree.write(path, "{\n" + new + "}")
    report("a file being read stays what it was at offset 0",
           unequal(old, head.decode("ascii") + tree.read_on(fd)))
    report("... another one sees the new list", unequal(new, tree.read_on(late)))
    os.lseek(fd, 0, os.SEEK_SET)
    report("... and so does the first, from offset 0 on", unequal(new, tree.read_on(fd)))
    report("the end stays the end", unequal(b"", os.read(fd, 100)))
    os.close(late)
    os.close(fd)
    many_readers(path, new)
    other_readers(path, new.encode("ascii"))


def many_readers(path, text):
    """More than the module remembers texts for: the rest is told."""
    fds = [os.open(path, os.O_RDONLY) for _ in range(40)]
    heads = [os.read(fd, 5) for fd in fds]
    found = []
    for fd in fds:
        try:
            found.append(tree.read_on(fd))
        except OSError as error:
            found.append(tree.name_of(error))
        os.close(fd)
    right = [text[5:]] * 32
    report("40 readers at once: the first 8 get ESTALE, never a wrong text",
           unequal([text[:5].encode("ascii")] * 40, heads) + unequal(["ESTALE"] * 8, found[:8]) +
           ["another text"] * (found[8:] != right))


def other_readers(path, text):
    """A file that was read to its end and is read again must not touch what is
    kept for another, whatever number that has: the length of the text read to
    the end, 1000, was once taken for such a number."""
    ports = PS + "/first/Other/w_tcp_ports"
    tree.replace(ports, ["%d" % port for port in range(1001, 1400, 2)])
    again = os.open(ports, os.O_RDONLY)
    problems = unequal(1000, len(os.pread(again, 4096, 0)) + len(os.pread(again, 4096, 1000)))
    for _ in range(1100):
        fd = os.open(path, os.O_RDONLY)
        head = os.read(fd, 4096)
        os.pread(again, 4096, 0)
        problems += ["another text"] * (os.read(fd, 4096) != text[4096:8192] or
                                        head != text[:4096])
        os.pread(again, 4096, 1000)
        os.close(fd)
    report("another file read to its end and again changes nothing", problems[:3])


directories()
counters()
edits()
round_trips()
long_reads()
print("end")
