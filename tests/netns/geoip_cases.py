# SPDX-License-Identifier: GPL-2.0-or-later
"""GeoIP; run by test_geoip.sh on the shield, whose instance is called shield.

	geoip_cases.py files	what geoip4, geoip6 and countries take and give
	geoip_cases.py rules	rule 3b, packet by packet
	geoip_cases.py codes	more codes than there are numbers
	geoip_cases.py swaps	replaced while the attacker, whom both contents refuse, floods
	geoip_cases.py scale FILE	500,000 and 1,000,000 lines; FILE is scratch space

What single writes are refused for, and transactions in general, are tried on
these lists too by test_errno.sh and test_transactions.sh.
"""
import os
import random
import signal
import subprocess
import sys
import time

import frames as f
import shield
import tree
from invalid_cases import V4, V6
from rules import Rules, configure, echo
from shield import INSTANCE, report
from tree import transaction, unequal, write_once

FAST = os.environ.get("PS_GUEST") in ("uml", "kvm")
GEOIP4, GEOIP6, OTHER = INSTANCE + "/geoip4", INSTANCE + "/geoip6", INSTANCE + "/Other/"
REFUSED = "refused_country"
CODES = 1023
# What is written, and what reads back.
FORMS = (
    (["1.0.0.0 AU", "2.0.0.0 NZ"], None),
    (["2.0.0.0 NZ", "1.0.0.0\t  AU"], ["1.0.0.0 AU", "2.0.0.0 NZ"]),
    (["0.0.0.0 -", "1.0.0.0 AU", "1.0.0.0 AU", "1.0.0.9 AU", "2.0.0.0 -", "3.0.0.0 -"],
     ["1.0.0.0 AU", "2.0.0.0 -"]),
    (["0.0.0.0 my_own-code_015", "255.255.255.255 au"], None),
    (["9.0.0.0 -"], []),
    ([], None),
)


def forms():
    problems = []
    for written, expected in FORMS:
        tree.replace(GEOIP4, written)
        problems += unequal(written if expected is None else expected, tree.lines(GEOIP4))
    tree.replace(GEOIP6, ["2001:DB8:0:: AU", "2001:db8:1:: -", ":: ZZ"])
    problems += unequal([":: ZZ", "2001:db8:: AU", "2001:db8:1:: -"], tree.lines(GEOIP6))
    report("lines in any order; read back in order, without those that change nothing", problems)


def two_doors():
    """<i>/geoip4 and <i>/Other/geoip4 are one list."""
    tree.replace(OTHER + "geoip4", ["1.0.0.0 AU"])
    problems = unequal(["1.0.0.0 AU"], tree.lines(GEOIP4))
    tree.replace(GEOIP6, ["1:: NZ"])
    problems += unequal(["1:: NZ"], tree.lines(OTHER + "geoip6"))
    first, second = (os.open(path, os.O_WRONLY) for path in (GEOIP4, OTHER + "geoip4"))
    got = [write_once(first, "{\n1.0.0.0 XX\n"), write_once(second, "{\n2.0.0.0 YY\n"),
           write_once(first, "3.0.0.0 XX\n"), write_once(second, "}\n")]
    problems += unequal(["OK", "OK", "EBUSY", "OK"], got)
    problems += unequal(["2.0.0.0 YY"], tree.lines(GEOIP4))
    os.close(first)
    os.close(second)
    report("the files of the instance and of Other are the same; the second writer takes over",
           problems)


def killed_writer():
    tree.replace(GEOIP4, ["1.0.0.0 AU"])
    writer = subprocess.Popen(
        [sys.executable, "-c", "import os, sys, time\n"
         "fd = os.open(sys.argv[1], os.O_WRONLY)\n"
         "os.write(fd, b'{\\n2.0.0.0 NZ\\n3.0.0')\nprint('half', flush=True)\ntime.sleep(600)",
         GEOIP4], stdout=subprocess.PIPE)
    assert writer.stdout.readline() == b"half\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    report("half a transaction of a killed writer changes nothing",
           unequal(["1.0.0.0 AU"], tree.lines(GEOIP4)))
    tree.replace(GEOIP4, ["4.0.0.0 CO"])
    report("... and stops nobody", unequal(["4.0.0.0 CO"], tree.lines(GEOIP4)))


def broken():
    """A line in error, first, last or in between, and the list stays."""
    good, problems = ["1.0.0.0 AU", "2.0.0.0 -"], []
    tree.replace(GEOIP4, good)
    for bad in ("3.0.0.0", "x AU", "2001:db8:: AU", "3.0.0.0 A.", "3.0.0.0 seventeen_letters",
                "1.0.0.0 NZ"):
        for lines in ([bad] + good, good + [bad], good[:1] + [bad] + good[1:]):
            got = tree.attempt(GEOIP4, transaction(lines))
            problems += unequal((lines, "EIO", good), (lines, got, tree.lines(GEOIP4)))
    report("a line in error changes nothing, wherever it stands", problems)


def countries():
    path, problems = OTHER + "countries", []
    for edit, expected in (("+CO", "CO"), ("+AU\n", "AU CO"), ("+my_own-code_015", None),
                           ("-CO", "AU my_own-code_015"), ("+--", "-- AU my_own-code_015"),
                           ("{zz AA mm}", "AA mm zz"), ("{}", "")):
        if edit[0] == "{":
            tree.replace(path, edit[1:-1].split())
        else:
            tree.write(path, edit)
        if expected is not None:
            problems += unequal((edit, expected.split()), (edit, tree.lines(path)))
    report("countries: added, removed, replaced, in order", problems)


def files():
    forms()
    two_doors()
    killed_writer()
    broken()
    countries()
    for path in (GEOIP4, GEOIP6):
        tree.replace(path, [])


def set_policy(context, policy, listed):
    tree.write("%s/%s/geoip_policy" % (INSTANCE, context), policy)
    tree.replace("%s/%s/countries" % (INSTANCE, context), listed.split())


# Address -> country, by family: both edges of what the lines say.
LINES = {
    V4: ["10.0.4.0 AU", "10.0.4.128 NZ", "10.0.5.0 -", "10.0.6.0 AU"],
    V6: ["2001:db8:4:: AU", "2001:db8:4:8:: NZ", "2001:db8:5:: -", "2001:db8:6:: AU"],
}
PLACES = {
    V4: (("10.0.3.255", ""), ("10.0.4.0", "AU"), ("10.0.4.127", "AU"), ("10.0.4.128", "NZ"),
         ("10.0.4.255", "NZ"), ("10.0.5.0", ""), ("10.0.5.255", ""), ("10.0.6.0", "AU"),
         ("223.255.255.255", "AU")),
    V6: (("2001:db8:3:ffff::1", ""), ("2001:db8:4::", "AU"),
         ("2001:db8:4:7:ffff:ffff:ffff:ffff", "AU"), ("2001:db8:4:8::", "NZ"),
         ("2001:db8:4:ffff::1", "NZ"), ("2001:db8:5::", ""), ("2001:db8:5:ffff::1", ""),
         ("2001:db8:6::", "AU"), ("3fff::1", "AU")),
}


def places(rules, family):
    configure("Other", w_udp_ports="53")
    for policy, listed in (("deny_countries", "AU"), ("deny_countries", "NZ XX"),
                           ("allow_countries", "AU"), ("allow_countries", "AU NZ"),
                           ("deny_countries", ""), ("allow_countries", ""), ("none", "AU NZ")):
        set_policy("Other", policy, listed)
        for address, country in PLACES[family]:
            member = country in listed.split()
            refused = {"none": False, "deny_countries": member,
                       "allow_countries": not member}[policy]
            rules.case("%s, %s %s: %s in %s" % (family.name, policy, listed or "nobody", address,
                                                country or "no country"),
                       family.udp_between(address), REFUSED if refused else None)


def order(rules, family):
    """Behind the source lists, before everything else."""
    whole = "0.0.0.0/0" if family is V4 else "::/0"
    set_policy("Other", "allow_countries", "NZ")
    configure("Other", b_sources=whole)
    rules.case(family.name + ": b_sources comes first", family.tcp(), "denied_source")
    configure("Other", w_sources=whole)
    rules.case(family.name + ": w_sources comes first", family.tcp(), None)
    protocol = f.ICMP if family is V4 else f.ICMPV6
    configure("Other", w_protocols="%d 6" % protocol, w_udp_ports="53", p_tcp_ports="80")
    rules.case(family.name + ": before protocols, TCP", family.tcp(), REFUSED)
    rules.case(family.name + ": before protocols, echo request", echo(family), REFUSED)
    rules.case(family.name + ": before ports", family.udp(), REFUSED)
    configure("Other", p_tcp_ports="80")
    rules.case(family.name + ": before protected ports", family.tcp(), REFUSED)
    set_policy("Other", "none", "")


def contexts(rules, family):
    """Each context has a policy of its own, with VLAN or without."""
    plain, vlan = family.dst, family.dst + "@100"
    tree.replace(INSTANCE + "/contexts", [plain, vlan])
    for context in ("Other", plain, vlan):
        configure(context, w_udp_ports="53")
    home, abroad = (family.udp_between(PLACES[family][i][0]) for i in (1, 3))
    set_policy("Other", "allow_countries", "")
    set_policy(plain, "deny_countries", "NZ")
    set_policy(vlan, "allow_countries", "NZ")
    for name, packet, expected in (("AU", home, (None, REFUSED)), ("NZ", abroad, (REFUSED, None))):
        rules.case("%s: %s to %s" % (family.name, name, plain), packet, expected[0], plain)
        rules.case("%s: %s to %s in VLAN 200" % (family.name, name, plain), packet, expected[0],
                   plain, 200)
        rules.case("%s: %s to %s" % (family.name, name, vlan), packet, expected[1], vlan, 100)
    tree.replace(INSTANCE + "/contexts", [])
    rules.case(family.name + ": the policy of Other", home, REFUSED)
    set_policy("Other", "none", "")


def changes(rules, family):
    """What is written counts for the next packet, in whatever order."""
    path = GEOIP4 if family is V4 else GEOIP6
    packet = family.udp()
    configure("Other", w_udp_ports="53")
    tree.replace(path, [])
    set_policy("Other", "deny_countries", "NEW")
    rules.case(family.name + ": a code in a list, in no line", packet, None)
    lowest = "0.0.0.0" if family is V4 else "::"
    tree.replace(path, [lowest + " NEW"])
    rules.case(family.name + ": ... and in a line, of all addresses", packet, REFUSED)
    tree.replace(path, [lowest + " OLD"])
    rules.case(family.name + ": ... of another country", packet, None)
    tree.write(OTHER + "countries", "+OLD")
    rules.case(family.name + ": ... added to the list", packet, REFUSED)
    tree.write(OTHER + "countries", "-OLD")
    rules.case(family.name + ": ... removed", packet, None)
    tree.write(OTHER + "geoip_policy", "allow_countries\n")
    rules.case(family.name + ": ... with the other policy", packet, REFUSED)
    set_policy("Other", "none", "")


def rules():
    judge = Rules()
    for path, family in ((GEOIP4, V4), (GEOIP6, V6)):
        tree.replace(path, LINES[family])
    for family in (V4, V6):
        for scenario in (places, order, contexts, changes):
            scenario(judge, family)
    configure("Other")


def replaced(path, items):
    """What a transaction, of many writes, ends with."""
    try:
        tree.replace(path, items)
        return "OK"
    except OSError as error:
        return tree.name_of(error)


def codes():
    """1,023 codes are in use at most; what nobody uses counts no longer."""
    path, names = OTHER + "countries", ["code_%d" % number for number in range(CODES)]
    lines = ["1.%d.%d.0 %s" % (i >> 8, i & 255, name) for i, name in enumerate(names)]
    for list_path in (path, GEOIP4, GEOIP6):
        tree.replace(list_path, [])
    tree.replace(GEOIP4, lines)
    report("%d codes in lines" % CODES, unequal(lines, tree.lines(GEOIP4)))
    got = [tree.attempt(path, "+new"), replaced(path, ["code_7", "new"]),
           replaced(GEOIP6, [":: code_0", "1:: new"]), replaced(GEOIP4, lines + ["2.0.0.0 new"])]
    report("one more: ENOSPC", unequal(["ENOSPC"] * 4, got))
    report("... nothing has changed", unequal(
        (lines, [], []), (tree.lines(GEOIP4), tree.lines(path), tree.lines(GEOIP6))))
    tree.write(path, "+code_1022")
    tree.replace(GEOIP4, lines[:500])
    got = [tree.attempt(path, "+new"), replaced(GEOIP6, [
        "%x:: other_%d" % (i, i) for i in range(1, CODES - 501)])]
    report("codes that nobody uses any more make room", unequal(["OK", "OK"], got))
    report("... those in use have stayed what they were", unequal(
        (lines[:500], ["code_1022", "new"], "1:: other_1"),
        (tree.lines(GEOIP4), tree.lines(path), tree.lines(GEOIP6)[0])))
    got = replaced(path, names)
    tree.replace(GEOIP6, [])
    tree.write(path, "-new")
    report("a list of 1,023: only when no other code is in use", unequal(
        ("ENOSPC", "OK", sorted(names)), (got, replaced(path, names), tree.lines(path))))
    for list_path in (path, GEOIP4):
        tree.replace(list_path, [])


def swaps():
    """The attacker, 10.0.0.3, is in a country that is refused by both contents."""
    context = INSTANCE + "/10.0.0.1"
    many = ["11.%d.%d.0 C%d" % (i >> 8, i & 255, i % 200) for i in range(3000)]
    contents = (["10.0.0.0 XX", "10.0.1.0 -"] + many, ["0.0.0.0 C7", "10.0.0.3 XX", "10.0.0.4 YY"])
    for policy, listed in (("deny_countries", "XX"), ("allow_countries", "YY")):
        tree.replace(GEOIP4, contents[1])
        set_policy("10.0.0.1", policy, listed)
        before = shield.counters("10.0.0.1")
        for number in range(100):
            tree.replace(GEOIP4, contents[number % 2])
            tree.replace(context + "/countries", [listed, "C%d" % number])
        after = shield.wait_until(lambda: shield.counters("10.0.0.1"),
                                  lambda now: now[REFUSED] > before[REFUSED] + 100)
        refused, passed = (after[name] - before[name] for name in (REFUSED, "delivered"))
        print("# %s: %d packets refused" % (policy, refused))
        report("100 swaps of countries and lines under %s: no packet gets through" % policy,
               ["no flood"] * (refused <= 100) + unequal(0, passed))


def scale_text(count, shuffled):
    """Every address of 16.0.0.0/8 whose last bits are 0000, in turn of 250 countries."""
    lines = ["16.%d.%d.%d C%d" % (i >> 12, i >> 4 & 255, i << 4 & 255, i * 7 % 250)
             for i in range(count)]
    text = "\n".join(lines) + "\n"
    if shuffled:
        random.Random(1).shuffle(lines)
    return text, "{\n" + "\n".join(lines) + "\n}\n"


def load(title, file, count, shuffled, limit):
    expected, text = scale_text(count, shuffled)
    with open(file, "w", encoding="ascii") as out:
        out.write(text)
    with open(GEOIP4, "wb", buffering=0) as target:
        start = time.monotonic()
        status = subprocess.run(["cat", file], stdout=target, check=False).returncode
        seconds = time.monotonic() - start
    print("# figure geoip_load_%s_%d %.3g s" % (title, count, seconds), flush=True)
    report("%d lines, %s, within %d s" % (count, title, limit),
           unequal(0, status) + ["%.3f s" % seconds] * (seconds >= limit))
    start = time.monotonic()
    same = tree.read(GEOIP4) == expected
    print("# figure geoip_read_%d %.3g s" % (count, time.monotonic() - start), flush=True)
    report("... and reads back as it was written", ["it doesn't"] * (not same))


def scale(file):
    judge = Rules()
    limit = 3 if FAST else 40
    load("sorted", file, 500000, False, limit)
    configure("Other", w_udp_ports="53")
    for number in (0, 250001, 499999):
        address = "16.%d.%d.%d" % (number >> 12, number >> 4 & 255, (number << 4 & 255) + 15)
        set_policy("Other", "deny_countries", "C%d" % (number * 7 % 250))
        judge.case("one of 500,000, refused", V4.udp_between(address), REFUSED)
        set_policy("Other", "allow_countries", "C%d" % (number * 7 % 250))
        judge.case("one of 500,000, allowed", V4.udp_between(address), None)
    if FAST:
        load("sorted", file, 1000000, False, limit)
        load("shuffled", file, 1000000, True, limit)
    tree.replace(GEOIP4, [])
    set_policy("Other", "none", "")
    report("emptied", unequal("", tree.read(GEOIP4)))


if sys.argv[1] == "scale":
    scale(sys.argv[2])
else:
    {"files": files, "rules": rules, "codes": codes, "swaps": swaps}[sys.argv[1]]()
print("end")
