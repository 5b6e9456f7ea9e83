# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes that must fail, each with its errno, and change nothing; run by
test_errno.sh on a shield with the interfaces eth0 and eth1 and no instance.
With the argument "eperm": the same without CAP_NET_ADMIN, nothing else given.
"""
import sys

import tree
from shield import report
from tree import PS

LONG = "x" * 97
SECONDS = {
    "ERANGE": ["0", "32768", "-1", "99999999999999999999"],
    "EIO": ["\n", "x", "+1", "01", "1s", "1.5", "1 ", "1\n\n"],
}
FLAG = {
    "ERANGE": ["2", "99999999999999999999"],
    "EIO": ["\n", "x", "-1", "+1", "01", "on", "0 ", "1\n\n"],
}
RATES = {
    "ERANGE": ["1-2", "0-1", "999999999-1000000000", "1000000001-0", "1000000001-1000000001",
               "99999999999999999999-1", "5-99999999999999999999"],
    "EIO": ["\n", "1", "1-", "-1", "-", "1-1-1", "01-1", "1-01", "1 - 1", "1-1 ", "+1-1", "1--1",
            "x-y", "1-1\n\n", "1-1\0", "{\n1-1\n}"],
}
# Lists of contexts with a protection on; Other is on by hand.
TOGGLED = {
    "EEXIST": ["+Other", "+Other\n"],
    "ENOENT": ["+10.9.9.9", "-10.9.9.9", "-10.0.0.1", "+10.0.0.1@8", "{\nOther\n10.9.9.9\n}",
               "{\n10.9.9.9\n10.0.0.1\n}"],
    "ERANGE": ["+10.0.0.1@0", "-10.0.0.1@4095", "{\n10.0.0.1\n::1@4095\n}"],
    "EIO": ["Other", "+", "-", "+other", "+ Other", "+Other ", "+10.0.0", "+0.0.0.0", "+@7",
            "{\n10.0.0.1\nx\n}", "{\n+10.0.0.1\n}", "{\n10.0.0.1\n}\nx", "}", "\n"],
}

# Lines of addresses and countries: none can be edited by itself.
GEOIP4 = {
    "EIO": ["+3.0.0.0 CO", "-1.0.0.0 AU", "3.0.0.0 CO", "+1.0.0.0", "+", "-", "\n", "}", "+x",
            "{\n1.0.0.0\n}", "{\n1.0.0.0 A U\n}", "{\n1.0.0.0,AU\n}", "{\n+1.0.0.0 AU\n}",
            "{\n1.0.0.0 sixteen_letters_\n}", "{\n1.0.0.0 A.U\n}", "{\n1.0.0.0/8 AU\n}",
            "{\n1.0.0.256 AU\n}", "{\n1.0.0.0 AU\n2001:db8:: AU\n}", "{\n1.0.0.0 \xc4\n}",
            "{\n5.0.0.0 AU\n9.0.0.0 NZ\n5.0.0.0 CO\n}", "{\n5.0.0.0 AU\n5.0.0.0 -\n}",
            "{\n5.0.0.0 AU\n}\nx", "{ 5.0.0.0 AU }", "{\n5.0.0.0 AU\n}\n+6.0.0.0 AU\n"],
}
GEOIP6 = {
    "EIO": ["+2001:db8:: CO", "{\n1.0.0.0 AU\n}", "{\n::ffff:1.0.0.0 AU\n}", "{\n:: AU\n1::\n}",
            "{\n2001:db8::/32 AU\n}", "{\n2001:db8:: AU\n2001:db8:0:: CO\n}"],
}
# File, then errno, then what is written to it; {} stands for a transaction.
REFUSED = {
    "instances": {
        "EEXIST": ["+i", "+j\n"],
        "ENOENT": ["-k", "-I"],
        "EIO": ["i", "+", "-", "\n", " ", "+ i", " +k", "++k", "+k k", "+k\nl", "+k\n\n", "+k\0",
                "+.k", "+a/b", "+a:b", "+\xe4", "+instances", "-version", "+" + "k" * 64,
                "{", "{\nk\n}\n", "}"],
    },
    "i/ifaces": {
        "EEXIST": ["+eth0"],
        "ENOENT": ["+eth9", "-eth9", "-eth1", "{\neth9\n}", "{\neth0\neth9\n}"],
        "EBUSY": ["+eth1", "{\neth1\n}", "{\neth0\neth1\n}"],
        "EIO": ["eth0", "+", "-", "+e/0", "+e:0", "+eth 0", "+eth0 ", "+ eth0", "+.", "+..",
                "+" + "e" * 16, "+eth0\n\n", "{\ne/0\n}", "{\n+eth0\n}\nx", "{ eth0\n}", "}", "\n"],
    },
    "i/contexts": {
        "EEXIST": ["+10.0.0.1", "+10.0.0.1@7\n", "+2001:DB8::1", "+Other", "{\n10.0.0.9\nOther\n}"],
        "ENOENT": ["-10.0.0.2", "-10.0.0.1@8", "-2001:db8::2", "-Other"],
        "ERANGE": ["+10.0.0.1@0", "+10.0.0.1@4095", "-10.0.0.1@99999999999", "{\n::1@4095\n}"],
        "EIO": ["10.0.0.1", "+", "+10.0.0", "+10.0.0.256", "+010.0.0.1", "+10.0.0.1@", "+@7",
                "+10.0.0.1@x", "+10.0.0.1@07", "+10.0.0.1@-1", "+10.0.0.1/24", "+10.0.0.1-2",
                "+0.0.0.0", "+::", "+::@5", "+::ffff:10.0.0.1", "+fe80::1%eth0", "+other",
                "{\n10.0.0.9\n10.0.0\n}", "{\n10.0.0.9\n-10.0.0.1\n}"],
    },
    "i/hook_priority": {
        "ERANGE": ["2147483648", "-2147483649", "99999999999999999999", "-99999999999999999999"],
        "EIO": ["\n", "x", "+1", "0x1", "01", "-0", "-", "1 ", " 1", "1\n\n", "1\0", "{", "1.0"],
    },
    "i/Other/icmp_rate_max": {
        "ERANGE": ["-1", "1000000001", "99999999999999999999"],
        "EIO": ["\n", "x", "+1", "1 2", "1e3", "1\n2", "{\n1\n}"],
    },
    "i/Other/b_sources": {
        "EEXIST": ["+10.0.0.0/24", "+10.0.0.7", "+10.0.0.0-255\n", "+2001:db8::1"],
        "ENOENT": ["-10.0.1.0", "-10.0.0.0/23", "-10.0.0.9-10.0.1.0", "-2001:db8::2",
                   "-10.9.9.9", "-::/0"],
        "ERANGE": ["+10.0.0.0/33", "+10.0.0.1-256", "+2001:db8::/129", "{\n10.0.0.0/33\n}",
                   "-10.0.0.0/99999999999"],
        "EIO": ["10.0.0.1", "+", "+\n", "-", "+10.0.0", "+10.0.0.1/24", "+10.0.0.9-8", "+10.0.0.1-",
                "+10.0.0.1-::1", "+::1-10.0.0.1", "+10.0.0.0/", "+10.0.0.0/08", "+10.0.0.0/24-30",
                "+::ffff:10.0.0.1", "+::/80", "+2001:db8::1-5::", "+2001:db8:::1", "+10.0.0.1 ",
                "+ 10.0.0.1", "+10.0.0.1,10.0.0.2", "+10.0.0.1\n+10.0.0.2\n", "+10.0.0.1\0",
                "+" + LONG, "{\n" + LONG + "\n}", "{\n10.0.0.1\nx\n}", "{\n{\n}",
                "{\n}\n+1.2.3.4\n", "{ 1.2.3.4 }", "}", "\n"],
    },
    "i/Other/w_sources": {
        "EEXIST": ["+10.9.9.9"],
        "ENOENT": ["-10.0.0.7", "-10.9.9.8-9"],
        "ERANGE": ["+0.0.0.0/99"],
        "EIO": ["+x", "{\n10.9.9.8\n10.9.9\n}"],
    },
    "i/Other/w_protocols": {
        "EEXIST": ["+1", "+58\n"],
        "ENOENT": ["-2", "-0"],
        "ERANGE": ["+256", "-256", "+99999999999999999999", "{\n1\n256\n}"],
        "EIO": ["1", "+", "+-1", "+01", "+1-2", "+icmp", "+1 ", "{\n1\nx\n}", "{\n1,2\n}"],
    },
    "i/Other/w_tcp_ports": {
        "EEXIST": ["+80", "+1200", "+1200-1250", "+1210-1220\n"],
        "ENOENT": ["-81", "-1199-1250", "-1-65535", "-1250-1251"],
        "ERANGE": ["+0", "+65536", "+0-5", "+5-65536", "-99999999999", "{\n70000\n}"],
        "EIO": ["80", "+", "+80-", "+-80", "+90-80", "+080", "+80-90-95", "+80,81", "+http",
                "{\n80\n90-80\n}", "{\n\0\n}"],
    },
    "i/Other/w_udp_ports": {
        "EEXIST": ["+53"],
        "ENOENT": ["-80", "-52-53"],
        "ERANGE": ["+65536", "{\n53\n0\n}"],
        "EIO": ["+dns", "+53 54", "{\n53\n}\n}"],
    },
    "i/Other/p_udp_ports": {
        "EEXIST": ["+4433"],
        "ENOENT": ["-53", "-4432-4433"],
        "ERANGE": ["+0", "+65536"],
        "EIO": ["4433", "+quic", "{\n4433,4434\n}"],
    },
    "i/Other/cluster_secret": {
        "EIO": ["\n", "two\nlines", "secret\n\n", "\0"],
    },
    "i/Other/p_tcp_ports": {
        "EEXIST": ["+443", "+8000-8010\n"],
        "ENOENT": ["-80", "-444", "-442-443", "-25"],
        "ERANGE": ["+0", "+65536", "{\n22\n65536\n}"],
        "EIO": ["443", "+", "+443-", "+https", "{\n22\n443,444\n}"],
    },
    "i/Other/x_tcp_ports": {
        "EEXIST": ["+25"],
        "ENOENT": ["-80", "-443", "-8000-8010"],
        "ERANGE": ["+0-25", "-65536"],
        "EIO": ["+smtp", "{\n-25\n}"],
    },
    "i/session_table_size": {
        "ERANGE": ["0", "7", "67108865", "-8", "99999999999999999999"],
        "EIO": ["\n", "x", "+8", "08", "1M", "8 ", "0x8", "8.0"],
    },
    "i/Other/drop_empty_ack": {
        "ERANGE": ["-1", "101", "99999999999999999999"],
        "EIO": ["\n", "10%", "x", "+1", "0.5"],
    },
    "i/Other/gateway": {
        "EIO": ["\n", "x", "none", "02:00:00:00:00", "02:00:00:00:00:01:02", "02-00-00-00-00-01",
                "2:0:0:0:0:1", "020000000001", "0200.0000.0001", "02:00:00:00:00:0g",
                " 02:00:00:00:00:01", "02:00:00:00:00:01 ", "02:00:00:00:00:01\n\n",
                "02:00:00:00:00:+1"],
    },
    "i/Other/x_tcp_mss": {
        "ERANGE": ["0", "87", "65496", "-1460"],
        "EIO": ["\n", "none", "+1460", "01460", "1460 "],
    },
    "i/Other/x_tcp_wscale": {
        "ERANGE": ["15", "99999999999999999999"],
        "EIO": ["\n", "-1", "None", "none ", "non", "nones", "+7", "07"],
    },
    "i/Other/deliver_block_toggled": {
        "EEXIST": ["+10.0.0.1"],
        "ENOENT": ["+10.9.9.9", "-10.9.9.9", "-Other", "{\n10.0.0.1\n10.9.9.9\n}"],
        # 0-0 in Other, 100-0 in the other one: nothing would be delivered
        "ERANGE": ["+Other", "+10.0.0.1@7", "{\n10.0.0.1\nOther\n}", "{\nOther\n}"],
        "EIO": ["+", "{\n10.0.0.1\nx\n}"],
    },
    "i/Other/geoip_policy": {
        "EIO": ["\n", "0", "1", "deny", "allow", "None", "deny_countries ", "none\n\n",
                "deny_countries,allow_countries", "{\nnone\n}"],
    },
    "i/Other/countries": {
        "EEXIST": ["+CO", "+AU\n"],
        "ENOENT": ["-NZ", "-co", "-C"],
        "EIO": ["CO", "+", "-", "+-", "--", "+C O", "+C.", "+CO ", "+ CO", "+sixteen_letters_",
                "+C,O", "+\xc4", "{\nNZ\n-\n}", "{\nNZ\nC.\n}", "{\n+NZ\n}\nx"],
    },
    "i/10.0.0.1/new_cookie_toggled": {"open ENOENT": ["+Other"]},
    "i/10.0.0.1/geoip4": {"open ENOENT": ["{\n}"]},
    "i/10.0.0.1@7/w_udp_ports": {
        "ENOENT": ["-53"],
        "ERANGE": ["+0"],
    },
    "version": {"open EACCES": ["1"]},
    "i/stats": {"open EACCES": ["0"]},
    "i/Other/stats": {"open EACCES": ["0"]},
    "i/Other/drops": {"open EACCES": ["0"]},
}
for name in ("i/", "i/Other/"):
    REFUSED[name + "geoip4"] = GEOIP4
    REFUSED[name + "geoip6"] = GEOIP6
for name in ("ack", "syn", "rst", "dns", "udp", "qhs", "qsh"):
    REFUSED["i/%s_session_timeout" % name] = SECONDS
for name in ("x_tcp_ecn", "x_tcp_sack", "x_tcp_timestamps", "dsr_mode", "context_capture",
             "quic_v4_mapped"):
    REFUSED["i/Other/" + name] = FLAG
for name in tree.PROTECTIONS:
    REFUSED["i/Other/%s_threshold" % name] = RATES
    REFUSED.setdefault("i/Other/%s_toggled" % name, TOGGLED)
# Writes that work with the capability; none may without.
GOOD = {
    "instances": ["+k", "-i"],
    "i/ifaces": ["-eth0", "{", "{\n}"],
    "i/contexts": ["+10.0.0.2", "-10.0.0.1", "{", "{\n}"],
    "i/hook_priority": ["1"],
    "i/Other/icmp_rate_max": ["1"],
    "i/Other/b_sources": ["+1.2.3.4", "-10.0.0.7", "{", "{\n}"],
    "i/Other/w_sources": ["+1.2.3.4", "-10.9.9.9", "{", "{\n}"],
    "i/Other/w_protocols": ["+2", "-1", "{", "{\n}"],
    "i/Other/w_tcp_ports": ["+81", "-80", "{", "{\n}"],
    "i/Other/w_udp_ports": ["+54", "-53", "{", "{\n}"],
    "i/Other/p_udp_ports": ["+444", "-4433", "{", "{\n}"],
    "i/Other/cluster_secret": ["none", "secret"],
    "i/Other/p_tcp_ports": ["+80", "-443", "{", "{\n}"],
    "i/Other/x_tcp_ports": ["+80", "-25", "{", "{\n}"],
    "i/geoip4": ["{", "{\n}"],
    "i/geoip6": ["{", "{\n1:: AU\n}"],
    "i/Other/geoip4": ["{", "{\n}"],
    "i/Other/geoip6": ["{", "{\n}"],
    "i/Other/geoip_policy": ["none", "deny_countries"],
    "i/Other/countries": ["+NZ", "-CO", "{", "{\n}"],
    "i/session_table_size": ["2048"],
    "i/Other/drop_empty_ack": ["1"],
    "i/Other/gateway": ["02:00:00:00:00:02"],
    "i/Other/x_tcp_mss": ["1400"],
    "i/Other/x_tcp_wscale": ["none", "7"],
}
for name in ("ack", "syn", "rst", "dns", "udp", "qhs", "qsh"):
    GOOD["i/%s_session_timeout" % name] = ["30"]
for name in ("x_tcp_ecn", "x_tcp_sack", "x_tcp_timestamps", "dsr_mode", "context_capture",
             "quic_v4_mapped"):
    GOOD["i/Other/" + name] = ["0", "1"]
for name in tree.PROTECTIONS:
    GOOD["i/Other/%s_threshold" % name] = ["0-0", "100-50"]
    GOOD["i/Other/%s_toggled" % name] = ["+10.0.0.1", "-Other", "{", "{\n}"]
GOOD["i/Other/deliver_block_toggled"] = ["-10.0.0.1", "{", "{\n}"]


def furnish():
    """What the table speaks of."""
    for item in ("+i", "+j"):
        tree.write(PS + "/instances", item)
    tree.write(PS + "/i/ifaces", "+eth0")
    tree.write(PS + "/j/ifaces", "+eth1")
    tree.replace(PS + "/i/contexts", ["10.0.0.1", "10.0.0.1@7", "2001:db8::1"])
    tree.replace(PS + "/i/Other/b_sources", ["10.0.0.0/24", "2001:db8::1"])
    tree.replace(PS + "/i/Other/w_sources", ["10.9.9.9"])
    tree.replace(PS + "/i/Other/w_protocols", ["1", "58"])
    tree.replace(PS + "/i/Other/w_tcp_ports", ["80", "1200-1250"])
    tree.replace(PS + "/i/Other/w_udp_ports", ["53"])
    tree.replace(PS + "/i/Other/p_udp_ports", ["4433"])
    tree.replace(PS + "/i/Other/p_tcp_ports", ["443", "8000-8010"])
    tree.replace(PS + "/i/Other/x_tcp_ports", ["25"])
    tree.replace(PS + "/i/Other/countries", ["AU", "CO"])
    tree.replace(PS + "/i/geoip4", ["1.0.0.0 AU", "2.0.0.0 -"])
    tree.replace(PS + "/i/geoip6", ["2001:db8:: CO"])
    tree.write(PS + "/i/10.0.0.1/deliver_block_threshold", "100-50")
    tree.write(PS + "/i/10.0.0.1@7/deliver_block_threshold", "100-0")
    for name in tree.PROTECTIONS:
        tree.write(PS + "/i/Other/%s_toggled" % name,
                   "+10.0.0.1" if name == "deliver_block" else "+Other")


def complete():
    """Every file of options.def has its rows above."""
    files = {"i/" + tree.PLACES[row[0]] + row[1] for macro in ("PS_OPTION", "PS_LIST")
             for row in tree.rows("options", macro)}
    report("all files of options.def are tried", [
        "%s isn't" % path for path in sorted(files) if path not in REFUSED or path not in GOOD])


def refused(path, wanted, texts):
    """Texts that don't get the errno they should, as problems to report."""
    problems = []
    for text in texts:
        got = tree.attempt(PS + "/" + path, text)
        if got != wanted:
            problems.append("%r: %s" % (text, got))
    return problems


def with_capability():
    complete()
    furnish()
    before = tree.snapshot()
    for path, table in REFUSED.items():
        for wanted, texts in table.items():
            report("%s: %s for %d writes" % (path, wanted, len(texts)),
                   refused(path, wanted, texts))
        after = tree.snapshot()
        report(path + ": nothing has changed", tree.differences(before, after))
        before = after
    page_full()


def page_full():
    """The list of instances is a page at most, its newlines included."""
    before = tree.lines(PS + "/instances")
    room = 4096 - sum(len(name) + 1 for name in before)
    problems = []
    for number in range((room - 1) // 64):
        problems += refused("instances", "OK", ["+%03d" % number + "n" * 60])
        room -= 64
    names = tree.lines(PS + "/instances")
    report("as many instances as fit a page: %d" % len(names), problems)
    report("instances: ENOSPC behind that", refused("instances", "ENOSPC", ["+" + "m" * room]))
    report("... nothing has changed", tree.unequal(names, tree.lines(PS + "/instances")))
    report("... and a name that just fits is taken",
           refused("instances", "OK", ["+" + "m" * (room - 2)]) +
           tree.unequal(4095, len(tree.read(PS + "/instances"))))
    for name in tree.lines(PS + "/instances"):
        if name not in before:
            tree.write(PS + "/instances", "-" + name)
    report("all go again", tree.unequal(before, tree.lines(PS + "/instances")))


def without_capability():
    before = tree.snapshot()
    for path, texts in GOOD.items():
        bad = [text for row in REFUSED[path].values() for text in row]
        report("%s: EPERM without CAP_NET_ADMIN, whatever is written" % path,
               refused(path, "EPERM", texts + bad))
    report("nothing has changed, all can be read", tree.differences(before, tree.snapshot()))


if sys.argv[1:] == ["eperm"]:
    without_capability()
else:
    with_capability()
print("end")
