# SPDX-License-Identifier: GPL-2.0-or-later
"""What options take and give, and protections that are switched by hand; run by
test_sysfs.sh on a shield with the interface eth1 attached to no instance.
"""
import tree
from shield import report
from tree import PLACES, PROTECTIONS, PS, unequal

INSTANCE = PS + "/options/"
# What is written to an option, and what it holds then.
SCALARS = {
    "hook_priority": [("7", "7"), ("-8\n", "-8"), ("-2147483648", "-2147483648"),
                      ("2147483647", "2147483647"), ("0", "0")],
    "ack_session_timeout": [("1", "1"), ("32767\n", "32767"), ("30", "30")],
    "session_table_size": [("8", "8"), ("9", "16"), ("1024", "1024"), ("1025", "2048"),
                           ("33554433", "67108864"), ("67108864", "67108864"),
                           ("100000\n", "131072")],
    "Other/icmp_rate_max": [("7", "7"), ("8\n", "8"), ("1000000000", "1000000000"), ("0", "0")],
    "Other/drop_empty_ack": [("1", "1"), ("100\n", "100"), ("0", "0")],
    "Other/gateway": [("02:00:00:AB:cd:0F", "02:00:00:ab:cd:0f"),
                      ("00:00:00:00:00:00\n", "00:00:00:00:00:00")],
    "Other/dsr_mode": [("1", "1"), ("0\n", "0")],
    "Other/geoip_policy": [("deny_countries", "deny_countries"), ("none\n", "none"),
                           ("allow_countries\n", "allow_countries")],
    "Other/x_tcp_mss": [("88", "88"), ("65495\n", "65495")],
    "Other/x_tcp_wscale": [("0", "0"), ("14\n", "14"), ("none\n", "none"), ("7", "7")],
    "Other/cluster_secret": [("x", "set"), ("two words\n", "set"), ("none\n", "none"),
                             ("nonesuch", "set")],
    "Other/new_cookie_threshold": [("100-50", "100-50"), ("1-0\n", "1-0"),
                                   ("1000000000-1000000000", "1000000000-1000000000"),
                                   ("7-7", "7-7"), ("0-0", "0-0")],
}
for name in ("syn", "rst", "dns", "udp", "qhs", "qsh"):
    SCALARS[name + "_session_timeout"] = SCALARS["ack_session_timeout"]
for name in ("x_tcp_ecn", "x_tcp_sack", "x_tcp_timestamps", "context_capture", "quic_v4_mapped"):
    SCALARS["Other/" + name] = SCALARS["Other/dsr_mode"]
for name in ("unknown_ttlfilter", "unmatch_drop", "deliver_block"):
    SCALARS["Other/%s_threshold" % name] = SCALARS["Other/new_cookie_threshold"]


def status(context):
    return tree.read(INSTANCE + "%s/stats" % context).split("\n")[0]


def toggles():
    """Every protection by hand: the list, and the bits of the status."""
    other = INSTANCE + "Other/"
    tree.replace(INSTANCE + "contexts", ["10.2.3.5", "10.2.3.5@100"])
    on = {"Other": 0, "10.2.3.5": 0, "10.2.3.5@100": 0}
    problems = []
    for name, bit in PROTECTIONS.items():
        for context in on:
            tree.write(INSTANCE + "%s/%s_threshold" % (context, name), "1000000-1000000")
        for edit, expected in (("+10.2.3.5", "10.2.3.5"), ("+Other", "Other 10.2.3.5"),
                               ("-10.2.3.5", "Other"),
                               ("{10.2.3.5@100 10.2.3.5}", "10.2.3.5 10.2.3.5@100"),
                               ("{}", ""), ("+10.2.3.5@100", "10.2.3.5@100")):
            if edit[0] == "{":
                tree.replace(other + name + "_toggled", edit[1:-1].split())
            else:
                tree.write(other + name + "_toggled", edit)
            problems += unequal((name, edit, expected.split()),
                                (name, edit, tree.lines(other + name + "_toggled")))
            for context, bits in on.items():
                bits |= bit if context in expected.split() else 0
                problems += unequal((name, edit, context, "status     : 0x%04x" % bits),
                                    (name, edit, context, status(context)))
        on["10.2.3.5@100"] |= bit
    report("protections by hand: which contexts, and their status", problems)
    tree.replace(INSTANCE + "contexts", ["10.2.3.5"])
    tree.write(INSTANCE + "contexts", "+10.2.3.5@100")
    report("... go with their context", unequal("status     : 0x0000", status("10.2.3.5@100")))


def no_cookies():
    """Status says when SYN cookies that should be sent can't be."""
    other, sysctl = INSTANCE + "Other/", "/proc/sys/net/ipv4/tcp_syncookies"
    found = []
    for value, port, edit in (("0", "", ""), ("0", "", "+"), ("0", "80", ""), ("1", "80", ""),
                              ("0", "", "-"), ("1", "", "")):
        tree.write(sysctl, value)
        tree.replace(other + "p_tcp_ports", port.split())
        if edit:
            tree.write(other + "new_cookie_toggled", edit + "Other")
        found.append(status("Other")[-6:])
    report("tcp_syncookies 0 and a port in p_tcp_ports show in the status",
           unequal(["0x0000", "0x0001", "0x0101", "0x0001", "0x0000", "0x0000"], found))


def scalars():
    """Each option by itself: the others stay as they were."""
    before, problems = tree.snapshot(), []
    for path, table in SCALARS.items():
        for text, expected in table:
            got = tree.attempt(INSTANCE + path, text)
            problems += unequal((path, text, "OK", expected + "\n"),
                                (path, text, got, tree.read(INSTANCE + path)))
        tree.write(INSTANCE + path, before[INSTANCE + path])
    report("options take their values, and touch no other",
           problems + tree.differences(before, tree.snapshot()))
    report("... of all rows in options.def", unequal(
        sorted(PLACES[row[0]] + row[1] for row in tree.rows("options", "PS_OPTION")),
        sorted(SCALARS)))


def table_size():
    """With an interface attached there are tables, and at most three older ones
    behind those in use, for as long as a session could live."""
    path = INSTANCE + "session_table_size"
    tree.write(INSTANCE + "ifaces", "+eth1")
    found = [tree.attempt(path, text) for text in ("1024", "1025", "2000", "8", "4096")]
    report("session_table_size: EBUSY on the fourth change in a row",
           unequal(["OK", "OK", "OK", "OK", "EBUSY"], found) +
           unequal("8\n", tree.read(path)))


tree.write(PS + "/instances", "+options")
scalars()
toggles()
no_cookies()
table_size()
print("end")
