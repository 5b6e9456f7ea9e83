# SPDX-License-Identifier: GPL-2.0-or-later
"""packetshield top in a terminal; run by test_top*.sh on a shield whose eth0, attached,
is one end of a cable without any traffic but ours.

	top_cases.py rates	contexts, rates, lamps, drops, while a flood comes and goes
	top_cases.py keys	sort, filter, switch
	top_cases.py sizes	of the terminal, and one that can little
	top_cases.py changes	contexts and instances come and go
	top_cases.py ends	how it ends, and what it needs
	top_cases.py scale	65,536 contexts (2,048 where the guest isn't fast)
	top_cases.py memory	the same keys, by valgrind
"""
import os
import re
import signal
import subprocess
import sys
import time

import frames
import paced
import shield
from shield import report
from terminal import SLOWNESS, Terminal
from tool import TOOL, do, run, valgrind
from tree import unequal

FAST = SLOWNESS == 1
CONTEXTS = 65536 if FAST else 2048
FLOODED, ALLOWED = "shield/10.0.0.9", "shield/10.0.0.8"
# Packets a second: SYNs to FLOODED, closed UDP to Other, open UDP to ALLOWED.
RATES = {FLOODED: 200, "shield/Other": 30, ALLOWED: 10}
UNIT = {"": 1, "k": 1e3, "M": 1e6}


def configure():
    do("apply", "-", stdin="""instances shield
        shield/ifaces eth0
        shield/contexts 10.0.0.9, 10.0.0.8, 10.0.0.7
        shield/10.0.0.9/p_tcp_ports 80
        shield/10.0.0.9/new_cookie_threshold 60-30
        shield/10.0.0.8/w_udp_ports 53
        shield/10.0.0.8/new_cookie_threshold 60-30\n""")


def flood(wire):
    source, packets = "198.51.100.7", []
    for n in range(20):
        packets.append(frames.ipv4(frames.tcp(source, "10.0.0.9", sport=2000 + n), frames.TCP,
                                   source, "10.0.0.9"))
        if n % 7 == 0:
            packets.append(frames.ipv4(frames.udp(source, "10.0.0.1", dport=9), frames.UDP,
                                       source, "10.0.0.1"))
    packets.append(frames.ipv4(frames.udp(source, "10.0.0.8"), frames.UDP, source, "10.0.0.8"))
    return paced.Flood(paced.Burst(wire, [frames.ethernet(packet, frames.IPV4)
                                          for packet in packets]), sum(RATES.values()))


def rows(lines):
    """[(name, numbers, words behind them)] of the table."""
    found = []
    for line in lines:
        match = re.match(r"[> ]([\w.~:@-]+/[\w.~:@-]+)((?: +[<\d.]+(?: [kMGT])?)+)\s*(.*)$", line)
        if match:
            found.append((match[1], [float(value.strip("<")) * UNIT[unit or ""] for value, unit
                                     in re.findall(r"([<\d.]+)(?: ([kMGT]))?", match[2])],
                          match[3]))
    return found


def names(lines):
    return [row[0] for row in rows(lines)]


def row(lines, name):
    return next((row for row in rows(lines) if row[0] == name), (name, [0, 0, 0], ""))


def lamps(lines, name):
    """What is on: of cookie, TTL, unmatch, surge."""
    return row(lines, name)[2].split()[:4]


DARK = ["-"] * 4


def near(value, rate):
    return rate / 3 < value < rate * 3


def rates_are_right(lines):
    """Received, delivered and dropped, in the order of packets/s."""
    received = {name: row(lines, name)[1] for name in RATES}
    return names(lines) == list(RATES) and \
        all(near(received[name][0], rate) for name, rate in RATES.items()) and \
        near(received[ALLOWED][1], RATES[ALLOWED]) and received[ALLOWED][2] == 0 and \
        received["shield/Other"][1] == 0 and near(received["shield/Other"][2], RATES["shield/Other"])


def line_with(lines, word):
    return next((line for line in lines if word in line), "")


def looks(terminal, name, good, timeout=None):
    report(name, terminal.wait(good, timeout)[1])


def top(columns=80, lines=24, *arguments, **how):
    return Terminal(columns, lines, TOOL, "top", *arguments, **how)


def rates(wire):
    configure()
    with top() as terminal:
        looks(terminal, "nothing has happened", lambda lines: not rows(lines) and line_with(
            lines, "nothing has happened") and "0 of 4 contexts in 1 instance" in lines[0])
        with flood(wire):
            looks(terminal, "contexts with their rates, the busiest first", rates_are_right)
            looks(terminal, "... and of all of them", lambda lines: near(float(
                (re.match(r" received +(\d+)/s", lines[1]) or ["", "0"])[1]), sum(RATES.values())))
            looks(terminal, "a protection is lit where the flood is, and only there", lambda lines:
                  lamps(lines, FLOODED) == ["on", "-", "-", "-"] and
                  lamps(lines, ALLOWED) == lamps(lines, "shield/Other") == DARK)
            looks(terminal, "its bar is full, with both rates", lambda lines: re.search(
                r"new_cookie +\d+/s █{20,} 60 - 30 +on$", line_with(lines, " new_cookie ")))
            looks(terminal, "the most frequent reason comes first", lambda lines: re.match(
                r" syn_rate +\d+/s +SYN that", lines[20]) and line_with(
                    lines[20:], " closed_udp_port "))
            looks(terminal, "history grows", lambda lines: re.search(
                "[▁-█]{5}$", line_with(lines[10:], " received ")))
            terminal.keys("d")
            looks(terminal, "the drops of one context", lambda lines: FLOODED in lines[1] and
                  re.match(r" syn_rate +\d+ +[\d.]+ k? +", lines[2] + " ") and
                  not line_with(lines, "closed_udp_port"))
            terminal.keys("Escape")
            looks(terminal, "... and back", rates_are_right)
        looks(terminal, "the flood is over: nothing is lit, rates are 0", lambda lines:
              all(lamps(lines, name) == DARK for name in RATES) and
              [numbers[0] for _, numbers, _ in rows(lines)] == [0, 0, 0] and
              re.search(" off$", line_with(lines, " new_cookie ")))


def toggled(which):
    with open(shield.INSTANCE + "/Other/%s_toggled" % which, encoding="ascii") as items:
        return items.read().split()


def keys(wire):
    configure()
    with flood(wire), top() as terminal:
        looks(terminal, "sorted by packets/s", rates_are_right)
        terminal.keys("s")
        looks(terminal, "s: by delivered", lambda lines: names(lines)[:1] == [ALLOWED] or
              row(lines, FLOODED)[1][1] > row(lines, ALLOWED)[1][1] and
              names(lines)[:1] == [FLOODED])
        terminal.keys("s", "s")
        looks(terminal, "... by name", lambda lines: names(lines) == [
            "shield/Other", ALLOWED, FLOODED])
        terminal.keys("r")
        looks(terminal, "r: the other way round", lambda lines: names(lines) == [
            FLOODED, ALLOWED, "shield/Other"])
        terminal.keys("r", "/", "0.8")
        looks(terminal, "/: only those with the text", lambda lines: names(lines) == [ALLOWED] and
              "filter: 0.8" in lines[23])
        terminal.keys("Enter")
        switch(terminal)
        terminal.keys("Escape")
        looks(terminal, "Escape: all of them", lambda lines: len(names(lines)) == 3)
        terminal.keys("Home", "Down", "Down")
        looks(terminal, "Down: another is selected", lambda lines: line_with(
            lines, ">").startswith(">" + FLOODED) and line_with(lines, "─ " + FLOODED))
        terminal.keys("?")
        looks(terminal, "?: help", lambda lines: lines[1].startswith(" HELP") and
              line_with(lines, "the other way round"))
        terminal.keys("?")
        looks(terminal, "... and back", lambda lines: len(names(lines)) == 3)


def switch(terminal):
    terminal.keys("t")
    looks(terminal, "t asks which protection", lambda lines: "3 unmatch_drop" in lines[23])
    terminal.keys("3")
    question = " switch unmatch_drop on for %s? y/n" % ALLOWED
    looks(terminal, "... and whether", lambda lines: lines[23] == question)
    report("... before anything is done", unequal([], toggled("unmatch_drop")))
    terminal.keys("n")
    looks(terminal, "n: nothing was switched", lambda lines: "nothing" in lines[23] and
          lamps(lines, ALLOWED) == DARK)
    report("... really", unequal([], toggled("unmatch_drop")))
    terminal.keys("t", "3", "y")
    looks(terminal, "y: it is on by hand, and lit", lambda lines: "was switched on" in
          lines[23] and lamps(lines, ALLOWED) == ["-", "-", "hand", "-"])
    report("... in the kernel", unequal(["10.0.0.8"], toggled("unmatch_drop")))
    terminal.keys("t", "4", "y")
    looks(terminal, "a refusal is told", lambda lines: "deliver_block_toggled: 10.0.0.8" in
          lines[23])
    terminal.keys("t", "3", "y")
    looks(terminal, "the same again: off", lambda lines: "was switched off" in lines[23] and
          lamps(lines, ALLOWED) == DARK)
    report("... in the kernel", unequal([], toggled("unmatch_drop")))


def sizes(wire):
    configure()
    with flood(wire), top() as terminal:
        looks(terminal, "80x24", rates_are_right)
        for columns, lines in ((40, 10), (200, 50), (20, 5), (3, 2), (1, 1), (12, 30), (160, 4),
                               (80, 24)):
            terminal.resize(columns, lines)
            shown = min(3, max(0, lines - 4)) if columns >= 40 else 0
            looks(terminal, "resized to %dx%d" % (columns, lines), lambda found, c=columns, n=shown:
                  found[0].startswith(" PacketShield"[:c - 1].rstrip()) and len(names(found)) >= n)
        looks(terminal, "all is there again", rates_are_right)
        terminal.resize(160, 48)
        looks(terminal, "wide: a history for each context", lambda lines: re.search(
            "[▁-█]{3}$", line_with(lines, ">" + FLOODED)))
    with flood(wire), top(term="vt100", lang="C") as terminal:
        found, problems = terminal.wait(rates_are_right)
        report("a vt100, and no UTF-8", problems +
               [line for line in found if not line.isascii()])
        looks(terminal, "... with bars of ASCII", lambda lines: re.search(
            r" new_cookie +\d+/s #{20,} 60 - 30 ", line_with(lines, " new_cookie ")))


def changes(wire):
    configure()
    with flood(wire), top() as terminal:
        looks(terminal, "before", rates_are_right)
        for n in range(30):
            do("add", "shield", "contexts", "10.0.1.%d" % n)
            do("add", "instances", "more%d" % n)
            if n % 3 == 0:
                do("del", "instances", "more%d" % n)
                do("del", "shield", "contexts", "10.0.1.%d" % n)
        looks(terminal, "contexts and instances came and went", lambda lines:
              rates_are_right(lines) and "3 of 44 contexts in 21 instances" in lines[0])
        terminal.keys("End", "d")
        looks(terminal, "the drops of one", lambda lines: ALLOWED in lines[1])
        do("del", "shield", "contexts", "10.0.0.8")
        looks(terminal, "... which is gone", lambda lines:
              lines[1] == " %s is no more there" % ALLOWED)
        terminal.keys("Escape")
        looks(terminal, "another takes its place", lambda lines: line_with(lines, ">").startswith(
            ">shield/") and ALLOWED not in "".join(lines))
        terminal.keys("t", "1")
        do("del", "instances", *["more%d" % n for n in range(30) if n % 3], "shield")
        looks(terminal, "no instance is left", lambda lines: line_with(
            lines, "there are no instances"))
        terminal.keys("y")
        looks(terminal, "what was asked about is gone", lambda lines: "no such" in lines[23] or
              "No such" in lines[23])


def ended(code, *words):
    """The program is gone with this code, having said these, and the terminal is as it was."""
    def good(lines):
        text = "\n".join(lines)
        return "ended %d" % code in text and all(word in text for word in words) and \
            " icanon" in text and " echo " in text
    return good


def process():
    """Of top."""
    return int(subprocess.run(["pgrep", "-xf", TOOL + " top"], text=True, check=True,
                              capture_output=True).stdout)


def ends(_):
    configure()
    with top() as terminal:
        looks(terminal, "it runs", lambda lines: "0 of 4" in lines[0])
        report("... on the other screen", unequal("1", terminal.fact("alternate_on")))
        terminal.keys("q")
        looks(terminal, "q: exit 0, and the terminal is as it was", ended(0))
        report("... on the screen of before", unequal("0", terminal.fact("alternate_on")))
    for name, finish in (("^C", lambda terminal: terminal.keys("C-c")),
                         ("SIGTERM", lambda _: os.kill(process(), signal.SIGTERM))):
        with top() as terminal:
            terminal.wait(lambda lines: "0 of 4" in lines[0])
            finish(terminal)
            looks(terminal, name + ": likewise", ended(0))
    for name, code, words, wrap, how in (
            ("a user may not", 3, "CAP_NET_ADMIN",
             ("setpriv", "--reuid=65534", "--clear-groups"), {}),
            ("a terminal that can't move its cursor", 2, "--watch", (), {"term": "dumb"}),
            ("a terminal that nobody knows", 2, "cursor", (), {"term": "nonsense"})):
        with Terminal(80, 24, *wrap, TOOL, "top", **how) as terminal:
            looks(terminal, name + ": exit %d" % code, ended(code, words))
    ran = run("top")
    report("no terminal: exit 2, and what to do instead", unequal(
        (2, True, ""), (ran.code, "stats --watch" in ran.err, ran.out)))
    with top(80, 24, "10.0.0") as terminal:
        looks(terminal, "a filter as argument", lambda lines: 'with "10.0.0"' in lines[0])


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) / 1024


def scale(wire):
    configure()
    many = "\n".join("10.%d.%d.%d" % (1 + (n >> 16), n >> 8 & 255, n & 255)
                     for n in range(CONTEXTS - 4))
    do("add", "shield", "contexts", "-", stdin=many + "\n")
    with flood(wire), top() as terminal:
        looks(terminal, "%d contexts, of which three are busy" % CONTEXTS, lambda lines:
              rates_are_right(lines) and "3 of %d contexts" % CONTEXTS in lines[0], 60)
        slowest = 0.0
        for key, good in (("Down", lambda lines: line_with(lines, ">shield/Other")),
                          ("d", lambda lines: "DROPPED FOR" in lines[1]),
                          ("Escape", lambda lines: "CONTEXT" in lines[3])):
            began = time.monotonic()
            terminal.keys(key)
            looks(terminal, "... it answers the key " + key, good)
            slowest = max(slowest, time.monotonic() - began)
        pid, began = process(), time.monotonic()
        before = cpu_seconds(pid)
        terminal.wait(lambda _: time.monotonic() > began + 5)
        share = (cpu_seconds(pid) - before) / (time.monotonic() - began)
        print("# %d contexts: %.0f %% of a processor, %.0f MiB, a key is answered in %.2f s" % (
            CONTEXTS, 100 * share, memory_mib(pid), slowest))
        report("... takes less than half of a processor, and 64 MiB", unequal(
            (True, True), (share < 0.5, memory_mib(pid) < 64)))
    do("del", "shield", "contexts", "-", stdin=many + "\n")


def memory(wire):
    wrap = valgrind()
    if not wrap:
        print("ok valgrind finds no fault # SKIP valgrind doesn't run here")
        return
    configure()
    with flood(wire), Terminal(80, 24, *wrap, TOOL, "top") as terminal:
        looks(terminal, "by valgrind", lambda lines: len(names(lines)) == 3, 60)
        terminal.keys("s", "r", "s", "/", "0.8", "BSpace", "Enter", "Escape", "t", "3", "y")
        looks(terminal, "... a switch", lambda lines: "was switched on" in lines[23], 60)
        terminal.keys("?", "Down", "?", "d", "Down")
        looks(terminal, "... drops", lambda lines: "DROPPED FOR" in lines[1], 60)
        terminal.keys("Escape")
        for columns, lines in ((160, 48), (20, 5), (80, 24)):
            terminal.resize(columns, lines)
            looks(terminal, "... %dx%d" % (columns, lines), lambda found:
                  found[0].startswith(" PacketShield"), 60)
        do("del", "shield", "contexts", "10.0.0.9")
        looks(terminal, "... a context goes", lambda lines: FLOODED not in "".join(lines), 60)
        terminal.keys("q")
        looks(terminal, "valgrind finds no fault", ended(0), 60)


if __name__ == "__main__":
    globals()[sys.argv[1]](shield.packet_socket("shield", 0, "eth1"))
    print("end")
