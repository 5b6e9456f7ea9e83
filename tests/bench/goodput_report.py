#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""goodput_report.py FACTS JSON MARKDOWN SVG: what floods leave of a web server.

FACTS are lines of goodput.sh. The promise: at the rate that takes the processor's
whole capacity without a shield, 99 of 100 visitors get their page with it.
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
PROMISE = 0.99

PAGE = """<!-- Made by `make bench-goodput` (tests/bench/goodput_report.py): run that instead of editing. -->

# Goodput under a SYN flood

One processor (a User-mode Linux guest, {kernel}) for a web server, its visitors and a SYN flood from random
sources. Both come in by one network card whose ring holds 1,024 packets; when the processor doesn't keep up
the card loses what doesn't fit, flood and visitors alike. {visitors} visitors in all at each point, each a stranger, on a
connection of his own, who waits a second for his page. Without a shield the machine takes {capacity} SYNs a
second with SYN cookies: that is 100 %.

![Goodput](goodput.svg)

{table}

At 100 %: PacketShield {figure:.1f} % of the visitors, to be at least {promise:.0f} %: {verdict}.
"""


def read(path):
    points, others = [], {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            kind, *words = line.split()
            if kind == "goodput":
                names = ("part", "rate", "ok", "total", "missed", "offered")
                points.append({"protection": words[0], **dict(zip(names, map(int, words[1:])))})
            else:
                others[kind] = " ".join(words)
    return points, others


def table_of(points):
    parts = sorted({point["part"] for point in points})
    known = {(point["protection"], point["part"]): point for point in points}
    yield ["of 100 visitors, at a flood of"] + [f"{part} %" for part in parts]
    for name, label in LABELS.items():
        yield [label] + [f"{100 * known[name, part]['ok'] / known[name, part]['total']:.0f}"
                         for part in parts]


def markdown(rows):
    rows = list(rows)
    yield "| " + " | ".join(rows[0]) + " |"
    yield "|---|" + "---:|" * (len(rows[0]) - 1)
    for row in rows[1:]:
        yield "| " + " | ".join(row) + " |"


def main(arguments):
    if len(arguments) != 4:
        sys.exit("usage: goodput_report.py FACTS JSON MARKDOWN SVG")
    points, others = read(arguments[0])
    if "complete" not in others:
        sys.exit("bench-goodput: the figures are incomplete")
    judged = [point for point in points
              if point["protection"] == "packetshield" and point["part"] == 100]
    figure = judged[0]["ok"] / judged[0]["total"]
    verdict = "pass" if figure >= PROMISE else "miss"
    with open(arguments[1], "w", encoding="ascii") as file:
        json.dump(points, file, indent=1)
        file.write("\n")
    series = {label: [(point["rate"] / 1000, 100 * point["ok"] / point["total"])
                      for point in points if point["protection"] == name]
              for name, label in LABELS.items()}
    chart.curves(arguments[3], "Visitors who get their page during a SYN flood",
                 "flood, thousand packets a second", "of 100", series)
    with open(arguments[2], "w", encoding="utf-8") as file:
        file.write(PAGE.format(kernel=others["kernel"], visitors=judged[0]["total"],
                               capacity=others["capacity"],
                               table="\n".join(markdown(table_of(points))),
                               figure=100 * figure, promise=100 * PROMISE, verdict=verdict))
    print()
    for row in table_of(points):
        print(row[0].ljust(32) + "".join(cell.rjust(8) for cell in row[1:]))
    print(f"\nPacketShield at 100 %: {100 * figure:.1f} % of the visitors, "
          f"to be >= {100 * PROMISE:.0f} %: {verdict}")
    return 1 if verdict == "miss" and os.environ.get("PS_BENCH_STRICT") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
