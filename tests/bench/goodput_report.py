#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""goodput_report.py FACTS JSON MARKDOWN SVG: what floods leave of a web server.

FACTS are lines of goodput.sh. The promise: at the rate at which fewer than half of the
visitors get their page without the shield, 99 of 100 do with it. Without the shield
means either way to run a host, with and without the stack's SYN cookies.

Invariant: everything judged was measured in this run. The exit status tells whether
the figures are there, not whether they please, unless PS_BENCH_STRICT is set.
"""

import json
import os
import sys

import chart

LABELS = {
    "none": "no shield, tcp_syncookies=0",
    "stack_cookies": "no shield, tcp_syncookies=1",
    "nft_synproxy": "nftables synproxy",
    "packetshield": "PacketShield",
}
UNSHIELDED = ("none", "stack_cookies")
NAMES = ("part", "rate", "ok", "total", "missed", "offered", "lost", "sent", "host")
PROMISE = 99
HALF = 50
BUSY = 15  # percent of the time; when the host takes more, it is its load that is measured

PAGE = """<!-- Made by `make bench-goodput` (tests/bench/goodput_report.py): run that instead of editing. -->

# Goodput under a SYN flood

How many visitors of a web server (nginx, a page of 4 KiB) get their page while a SYN flood comes in, for a host
without a shield, with nftables' synproxy, and with PacketShield.

![Goodput](goodput.svg)

Visitors of 100 who get their page; the flood is a multiple of what the machine can take without a shield, with
SYN cookies and nothing else to do: {capacity} SYNs a second are 100 %.

{success}

Percent of the flood that the card lost, because the processor didn't keep up:

{loss}

{PROMISE} of 100 visitors or more get their page up to a flood of:

{limits}

The promise: where a host without a shield serves fewer than half of its visitors, PacketShield serves {PROMISE} %.

{verdicts}
{warning}
## How it is measured

- One processor, a User-mode Linux guest ({kernel}), does everything: softirqs, ksoftirqd, nginx. The flood and
  the visitors come in by one emulated card (`tests/bench/module/nic.c`) with a ring of 4,096 packets. Its
  poll function runs under NAPI: when packets come faster than they are handled, ksoftirqd shares the processor
  with nginx as on any host. What doesn't fit the ring meanwhile is lost, flood and visitors alike, and costs nothing.
- {visitors} visitors at each point, 50 a second at moments that follow no rhythm, ten milliseconds away. Each is a
  stranger with a connection of his own and waits a second for the whole page: one lost SYN and he is gone.
- The flood: SYNs without options to the server's port, from a million networks at random, at an even rate. It begins half
  a second before the visitors. `tcp_syncookies=0` needs no large flood to fail: the queue of half-open
  connections fills up.
- PacketShield is in its classic mode, with `new_cookie_threshold` and `unmatch_drop_threshold` 1000-500: the flood
  has to switch it on. The synproxy has the rules of nft(8).
- The card's clock stands still while the host runs something else than the guest. At the worst point that
  was {host} % of the time.
- The visitors' programs run on the same processor, and a system call costs such a guest about ten times what it
  costs a machine: nginx and they take about a twentieth of the processor, with or without a flood. That is the same for all.
"""


def read(path):
    points, others = {}, {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            kind, *words = line.split()
            if kind == "goodput":
                point = dict(zip(NAMES, map(int, words[1:])))
                points[words[0], point["part"]] = point
            else:
                others[kind] = " ".join(words)
    return points, others


def success(point):
    return 100 * point["ok"] / point["total"]


def loss(point):
    return 100 * point["missed"] / point["offered"] if point["offered"] else 0


def table(points, title, figure):
    parts = sorted({part for _, part in points})
    yield [title] + [f"{part} %" for part in parts]
    for name, label in LABELS.items():
        yield [label] + [f"{figure(points[name, part]):.0f}" for part in parts]


def markdown(rows):
    rows = list(rows)
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|---|" + "---:|" * (len(rows[0]) - 1)
    for row in rows[1:]:
        yield "| " + " | ".join(row) + " |"


def judge(points, name):
    """At the least flood that leaves a host fewer than half of its visitors."""
    failing = [part for (whose, part), point in sorted(points.items())
               if whose == name and success(point) < HALF]
    if not failing:
        return True, f"{LABELS[name]}: half of the visitors or more at every flood measured"
    with_it = success(points["packetshield", failing[0]])
    kept = with_it >= PROMISE
    return kept, (f"{LABELS[name]}: under {HALF} % from a flood of {failing[0]} % on "
                  f"({success(points[name, failing[0]]):.1f} %); PacketShield there: "
                  f"{with_it:.1f} %, to be >= {PROMISE} %: {'pass' if kept else 'miss'}")


def withstands(points, name):
    """The largest flood up to which (nearly) everybody is served; without any all are."""
    kept = 0
    for (whose, part), point in sorted(points.items()):
        if whose != name:
            continue
        if success(point) < PROMISE:
            break
        kept = part
    return kept


def draw(path, points):
    series = {label: [(point["rate"] / 1000, success(point))
                      for (whose, _), point in sorted(points.items()) if whose == name]
              for name, label in LABELS.items()}
    chart.curves(path, "Visitors who get their page during a SYN flood",
                 "flood, thousand packets a second", "of 100", series)


def main(arguments):
    if len(arguments) != 4:
        sys.exit("usage: goodput_report.py FACTS JSON MARKDOWN SVG")
    points, others = read(arguments[0])
    if "complete" not in others:
        sys.exit("bench-goodput: the figures are incomplete")
    verdicts = [judge(points, name) for name in UNSHIELDED]
    limits = [f"{withstands(points, name)} %" for name in LABELS]
    host = max(point["host"] for point in points.values())
    warning = ""
    if host > BUSY:
        warning = (f"The host was busy: it took up to {host} % of the time from the guest. "
                   "Measure again on a quiet machine.\n")
    with open(arguments[1], "w", encoding="ascii") as file:
        json.dump([{"protection": name, **point} for (name, _), point in points.items()],
                  file, indent=1)
        file.write("\n")
    draw(arguments[3], points)
    tables = [list(table(points, "of 100 visitors, at a flood of", success)),
              list(table(points, "percent lost, of a flood of", loss))]
    with open(arguments[2], "w", encoding="utf-8") as file:
        file.write(PAGE.format(
            PROMISE=PROMISE, kernel=others["kernel"], capacity=others["capacity"], host=host, warning=warning,
            visitors=points["packetshield", 0]["total"],
            success="\n".join(markdown(tables[0])), loss="\n".join(markdown(tables[1])),
            limits="\n".join(markdown([list(LABELS.values()), limits])),
            verdicts="".join(f"- {text}\n" for _, text in verdicts)))
    for rows in tables:
        print()
        for row in rows:
            print(row[0].ljust(32) + "".join(cell.rjust(8) for cell in row[1:]))
    print()
    for label, limit in zip(LABELS.values(), limits):
        print(f"{label}: {PROMISE} of 100 visitors up to a flood of {limit}")
    print()
    for _, text in verdicts:
        print(text)
    if warning:
        print(warning, end="")
    missed = not all(kept for kept, _ in verdicts)
    return 1 if missed and os.environ.get("PS_BENCH_STRICT") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
