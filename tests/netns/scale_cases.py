# SPDX-License-Identifier: GPL-2.0-or-later
"""The limits of the lists, and what they cost; run by test_scale.sh on the
shield, whose instance is called shield.

	scale_cases.py contexts		4,096 of them, 65,536 where the guest is fast
	scale_cases.py sources FILE	1,048,576 ranges; FILE is scratch space

Prints figures as comments: # figure NAME VALUE UNIT.
"""
import os
import random
import subprocess
import sys
import time

import frames
import shield
import tree
from shield import INSTANCE, report
from tree import unequal

FAST = os.environ.get("PS_GUEST") in ("uml", "kvm")
LOAD_SECONDS, EDIT_SECONDS = (2, 0.005) if FAST else (20, 0.050)
RANGES = 1 << 20
CONTEXTS = 1 << 16
SOURCE = "10.0.0.3"
DENIED = {"rx_total": 3, "filtered": 3, "denied_source": 3}
CLOSED = {"rx_total": 3, "filtered": 3, "closed_protocol": 3}
ALLOWED = {"rx_total": 3, "delivered": 3, "whitelisted": 3}


def figure(name, value, unit):
    print("# figure %s %.4g %s" % (name, value, unit), flush=True)


def timed(name, work):
    """Its result; the seconds become a figure."""
    start = time.monotonic()
    result = work()
    figure(name, time.monotonic() - start, "s")
    return result


def kernel_memory():
    """MiB that the kernel has allocated for itself. Not what is free: pages on
    their way back are counted as neither for a while."""
    with open("/proc/meminfo", encoding="ascii") as lines:
        values = dict(line.split()[:2] for line in lines)
    return sum(int(values[name]) for name in ("Slab:", "Percpu:", "VmallocUsed:")) / 1024


def settled_memory():
    """Kernel memory when what was freed has left: a second of nothing less."""
    least, since = kernel_memory(), time.monotonic()
    while time.monotonic() < since + 1:
        time.sleep(0.02)
        now = kernel_memory()
        if now < least - 0.1:
            least, since = now, time.monotonic()
    return least


def memory_returns(title, before, during):
    """What a list took is given back. What allocators keep for the next one they
    kept before: a list of this size was filled and emptied ahead of it."""
    most = before + (during - before) / 4 + 2
    after = shield.wait_until(kernel_memory, lambda now: now <= most)
    print("# %s: %.1f MiB before, %.1f during, %.1f after" % (title, before, during, after))
    report("%s give their memory back" % title,
           ["they took none"] * (during - before < 8) +
           ["at most %.1f MiB" % most] * (after > most))


def echo(src, dst, vlan=None):
    """An ICMP echo request as a frame to the shield, whatever the destination is."""
    if ":" in dst:
        packet = frames.ipv6(frames.icmp6(src, dst), frames.ICMPV6, src, dst)
        kind = frames.IPV6
    else:
        packet, kind = frames.ipv4(frames.icmp(), frames.ICMP, src, dst), frames.IPV4
    if vlan:
        packet, kind = frames.tag(packet, kind, vlan), frames.VLAN
    return frames.ethernet(packet, kind)


def judged(sock, context, frame, expected):
    """Send a frame three times; problems unless just these counters moved."""
    before = shield.counters(context)
    for _ in range(3):
        sock.send(frame)
    return [context + ": " + problem
            for problem in shield.expect_moved(before, expected, context)]


def context_name(number):
    """IPv4 with and without VLAN, IPv6."""
    if number % 4 == 3:
        return "2001:db8:77::%x" % number
    plain = "10.64.%d.%d" % (number >> 8, number & 255)
    return plain + "@100" * (number % 4 == 1)


def judge_contexts(sock, count):
    """Three contexts far from each other, each with a rule of its own."""
    plain, tagged, ipv6 = count // 2, count // 4 + 1, count - 1
    names = [context_name(number) for number in (plain, tagged, ipv6)]
    tree.write("%s/%s/b_sources" % (INSTANCE, names[0]), "+10.0.0.0/24")
    tree.write("%s/%s/w_protocols" % (INSTANCE, names[1]), "+1")
    tree.write("%s/%s/w_protocols" % (INSTANCE, names[2]), "+58")
    tagged_address = names[1].split("@")[0]
    problems = judged(sock, names[0], echo(SOURCE, names[0]), DENIED)
    problems += judged(sock, names[1], echo(SOURCE, tagged_address, 100), ALLOWED)
    problems += judged(sock, names[2], echo("2001:db8::3", names[2]), ALLOWED)
    problems += judged(sock, context_name(2), echo(SOURCE, context_name(2)), CLOSED)
    problems += judged(sock, "Other", echo(SOURCE, "10.63.1.1"), CLOSED)
    problems += judged(sock, "Other", echo(SOURCE, tagged_address), CLOSED)
    report("... packets to some are judged by their own rules", problems)


def replace_contexts(sock, count):
    path, names = INSTANCE + "/contexts", [context_name(number) for number in range(count)]
    before = settled_memory()
    timed("contexts_transaction_%d" % count, lambda: tree.replace(path, names))
    during = kernel_memory()
    figure("contexts_memory_%d" % count, (during - before) * 1024 / count, "KiB/context")
    listed = timed("contexts_list_%d" % count, lambda: tree.lines(path))
    report("%d contexts by one transaction, listed in order" % count, unequal(names, listed))
    judge_contexts(sock, count)
    return before, during


def add_contexts(first, count):
    """By single writes; the seconds of the slowest are a figure too."""
    fd = os.open(INSTANCE + "/contexts", os.O_WRONLY)
    problems, slowest, start = [], 0, time.monotonic()
    for number in range(first, first + count):
        began = time.monotonic()
        got = tree.write_once(fd, "+" + context_name(number))
        slowest = max(slowest, time.monotonic() - began)
        problems += unequal("OK", got)
    figure("contexts_add_%d" % count, time.monotonic() - start, "s")
    figure("contexts_add_slowest", slowest * 1000, "ms")
    os.close(fd)
    report("%d contexts by single writes" % count, problems[:4] + unequal(
        [context_name(number) for number in range(first + count)],
        tree.lines(INSTANCE + "/contexts")))


def contexts():
    sock = shield.packet_socket("attacker", 0)
    path, count = INSTANCE + "/contexts", 4096
    if FAST:
        add_contexts(0, count)
        judge_contexts(sock, count)
    else:
        tree.replace(path, [context_name(number) for number in range(count)])
    tree.replace(path, [])
    before, during = replace_contexts(sock, count)
    if FAST:
        count = CONTEXTS
        _, during = replace_contexts(sock, count)
        report("one more than 65,536 contexts: ENOSPC", unequal(
            ["ENOSPC"] * 2 + [count],
            [tree.attempt(path, "+192.0.2.1")] +
            [write_late(path, tree.transaction(tree.lines(path) + ["192.0.2.1"]))] +
            [len(tree.lines(path))]))
    else:
        add_contexts(count, 64)
    for edit in ("-" + context_name(0), "-" + context_name(count - 1)):
        report("one removed", unequal("OK", tree.attempt(path, edit)))
    timed("contexts_empty_%d" % count, lambda: tree.replace(path, []))
    report("all removed by the empty transaction",
           unequal(("", True), (tree.read(path), len(os.listdir(INSTANCE)) < 100)))
    memory_returns("contexts", before, during)


def write_late(path, text):
    """The errno that a long transaction ends with."""
    try:
        tree.write(path, text)
        return "OK"
    except OSError as error:
        return tree.name_of(error)


def ranges():
    """1,048,560 hosts, every fourth of 16.0.0.0/10, as lines in order."""
    block = "".join("16.NET.%d\n" % host for host in range(0, 256, 4))
    text = "".join(block.replace("NET", "%d.%d" % (net >> 8, net & 255))
                   for net in range(RANGES // 64))
    return "".join(text.splitlines(True)[:RANGES - 16])


def load(file, text, path):
    """As a user does it: cat FILE > LIST; its exit status and its seconds."""
    with open(file, "w", encoding="ascii") as out:
        out.write("{\n" + text + "}\n")
    with open(path, "wb", buffering=0) as target:
        start = time.monotonic()
        status = subprocess.run(["cat", file], stdout=target, stderr=subprocess.DEVNULL,
                                check=False).returncode
        return status, time.monotonic() - start


def loads(name, file, text, path):
    status, seconds = load(file, text, path)
    figure(name, seconds, "s")
    report("%s: a million ranges within %g s" % (name, LOAD_SECONDS),
           unequal(0, status) + ["%.3f s" % seconds] * (seconds >= LOAD_SECONDS))


def edit_million(path, text):
    """16 more, between those there are; the text of the list with them."""
    fd = os.open(path, os.O_WRONLY)
    seconds = []
    for number in range(16):
        item = "16.%d.200." % (number * 4 + 1)
        start = time.monotonic()
        got = tree.write_once(fd, "+" + item + "6\n")
        seconds.append(time.monotonic() - start)
        if got != "OK":
            report("one more range", [item + got])
        text = text.replace("\n" + item + "4\n", "\n" + item + "4\n" + item + "6\n")
    os.close(fd)
    for name, value in (("best", min(seconds)), ("worst", max(seconds))):
        figure("sources_add_one_to_a_million_" + name, value * 1000, "ms")
    best = min(seconds[:5])
    report("one more range within %g ms, best of 5" % (EDIT_SECONDS * 1000),
           ["%.1f ms" % (best * 1000)] * (best >= EDIT_SECONDS))
    return text


def same_text(name, expected, path):
    """Not by unequal(), which would print them."""
    got = timed(name, lambda: tree.read(path))
    return [] if got == expected else ["another list, of %d bytes" % len(got)]


def sources(file):
    context, sock = "10.0.0.1", shield.packet_socket("attacker", 0)
    tree.write(INSTANCE + "/contexts", "+" + context)
    tree.write("%s/%s/w_protocols" % (INSTANCE, context), "+1")
    path, text = "%s/%s/b_sources" % (INSTANCE, context), ranges()
    load(file, text, path)
    tree.replace(path, [])
    before = settled_memory()
    loads("sources_load_sorted", file, text, path)
    during = kernel_memory()
    figure("sources_memory_of_a_million", during - before, "MiB")
    problems = judged(sock, context, echo("16.32.128.128", context), DENIED)
    problems += judged(sock, context, echo("16.32.128.129", context), ALLOWED)
    problems += judged(sock, context, echo("16.0.0.0", context), DENIED)
    report("one of the list is dropped, one between two of it is not", problems)
    text = edit_million(path, text)
    report("over 1,048,576 ranges: ENOSPC",
           unequal("ENOSPC", tree.attempt(path, "+16.0.0.2")))
    if FAST:
        report("... by a transaction too", unequal(1, load(file, text + "1.1.1.1\n", path)[0]))
    report("the list is what was written to it", same_text("sources_list_million", text, path))
    report("one less, one more", unequal(["OK", "OK"], [
        tree.attempt(path, "-16.63.0.0"), tree.attempt(path, "+16.0.0.2")]))
    if FAST:
        shuffled = text.splitlines(True)
        random.Random(1).shuffle(shuffled)
        loads("sources_load_random", file, "".join(shuffled), path)
        report("... in order then", same_text("sources_list_million", text, path))
        shuffled = None
    timed("sources_empty_million", lambda: tree.replace(path, []))
    report("emptied", unequal("", tree.read(path)))
    memory_returns("sources", before, during)
    tree.write(INSTANCE + "/contexts", "-" + context)


if sys.argv[1] == "contexts":
    contexts()
else:
    sources(sys.argv[2])
print("end")
