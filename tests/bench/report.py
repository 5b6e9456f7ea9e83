#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py FACTS JSON MARKDOWN SVG: the figures of a run, judged and drawn.

FACTS are lines of bench.sh, engine.sh and scaling.sh. Prints a table of the rows
and one of the targets, and writes the same for programs, people and eyes.

Invariant: a target is judged by medians of rows that were all measured in this
run. The exit status tells whether the figures are there, not whether they please,
unless PS_BENCH_STRICT is set: a busy machine misses targets that an idle one meets.
"""

import json
import os
import statistics
import sys

import chart
import targets

# Written by hand: what was tried, and why the figures are what they are.
TUNING = os.path.join(os.path.dirname(__file__), "tuning.md")

CHART = [("hook_drop", "raw_drop", "nft_drop", "deny_1k"),
         ("syn_cookie", "syn_nft_synproxy", "syn_ipt_synproxy", "syn_stack"),
         ("ack_check", "ack_nft_synproxy", "ack_stack"),
         ("deny_1m", "nft_set_drop_1m", "ipset_drop_1m"),
         ("hook_accept", "established_1m_hot", "established_1m")]


class Row:
    """A row's repetitions."""

    def __init__(self, name):
        self.name = name
        self.runs = []

    def add(self, words):
        self.runs.append({key: float(value) for key, value in
                          (word.split("=") for word in words)})

    def of(self, key):
        return [run[key] for run in self.runs if key in run]

    def median(self, key):
        return statistics.median(self.of(key))

    @property
    def ns(self):
        return self.median("ns")

    @property
    def p50(self):
        return self.median("p50")

    @property
    def p99(self):
        return self.median("p99")


class Facts:
    """rows: name -> Row, if they have figures; others: first word -> the rest of its lines."""

    def __init__(self, path):
        self.rows, self.others = {}, {}
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                kind, *words = line.split()
                if kind == "figure":
                    self.rows.setdefault(words[0], Row(words[0])).add(words[1:])
                else:
                    self.others.setdefault(kind, []).append(words)

    def text(self, kind):
        return " ".join(self.others.get(kind, [["unknown"]])[0])


def records(rows):
    """What bench.json says, in the order of targets.ROWS."""
    base = rows["hook_drop"].ns
    return [{
        "name": name,
        "ns": round(rows[name].ns, 1),
        "min": round(min(rows[name].of("ns")), 1),
        "max": round(max(rows[name].of("ns")), 1),
        "base": round(base, 1),
        "ratio": round(rows[name].ns / base, 2),
    } for name in targets.ROWS if name in rows]


def row_cells(found):
    known = {record["name"]: record for record in found}
    for name, label in targets.ROWS.items():
        if name in known:
            record = known[name]
            yield [name, f"{record['ns']:.0f}", f"{record['min']:.0f}", f"{record['max']:.0f}",
                   f"{record['ratio']:.2f}", label]
        else:
            yield [name, "-", "-", "-", "-", f"{label}: not measured"]


ROW_HEADS = ["row", "ns", "min", "max", "ratio", "what the packets meet"]
TARGET_HEADS = ["target", "limit", "figure", "verdict"]
ENGINE_HEADS = ["ps_judge()", "ns", "p50", "p99", "cycles", "instructions"]


def engine_cells(rows):
    for name, row in rows.items():
        if not name.startswith("engine_"):
            continue
        rest = [row.of(key) for key in ("cycles", "instructions")]
        yield [name, f"{row.ns:.1f}", f"{row.p50:.1f}", f"{row.p99:.1f}"] + \
            [f"{max(some):.0f}" if some and max(some) else "-" for some in rest]


def plain(heads, lines, numbers):
    """The lines of a table for the terminal; numbers: columns to the right."""
    rows = [heads] + list(lines)
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield "  ".join(cell.rjust(width) if i in numbers else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip()


def markdown(heads, lines, numbers):
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "|".join("---:" if i in numbers else "---" for i in range(len(heads))) + "|"
    for row in lines:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def draw(found, path):
    known = {record["name"]: record for record in found}
    groups = [[(f"{name}", known[name]["ns"], known[name]["min"], known[name]["max"],
                name.startswith(targets.OURS)) for name in names if name in known]
              for names in CHART]
    chart.bars(path, "Cost of a packet, generator included", [group for group in groups if group])


def memory_cells(facts):
    for name, figure, unit, limit in facts.others.get("memory", []):
        verdict = "-" if limit == "-" else "pass" if float(figure) <= float(limit) else "miss"
        yield [name.replace("_", " "), f"{figure} {unit}",
               "-" if limit == "-" else f"<= {limit} {unit}", verdict]


def scaling_cells(facts):
    for row, cpus, rate in facts.others.get("scaling", []):
        yield [row, cpus, rate]


PAGE = """<!-- Made by `make bench` (tests/bench/report.py): run that instead of editing. -->

# Speed

What a packet costs, in one run of `make bench`: a User-mode Linux guest with one processor ({kernel}, on
{machine}), medians of {repetitions} interleaved repetitions with their least and greatest. A test-only
module allocates a buffer for each packet as a driver would, writes the packet (sources at random from
one population of networks, the same for everybody), and calls `netif_receive_skb()` in batches of 64; its
work is part of every figure. Replies leave on a veth cable and are dropped on its other end. Figures
are the mean over the faster half of the batches: where a shared machine does something else in between
doesn't count, for nobody. Every row is proven: counters of whoever handles the packets must move by exactly
their number. Absolute figures don't travel; `ratio` is the cost against the empty hook of the same run.

![Cost of a packet](bench.svg)

## Rows

{rows}

## Targets

{targets}

## The engine alone

`ps_judge()` in userspace, parsed packets at hand, batches of 64; warm: 1,000 clients. `_10k` to `_10m`: that many
sessions, denied networks or clients, uniformly at random. `_cold`: one packet at a time, with 24 MB of
other memory read and written before it. Cycles are counted where the machine lets us, instructions by callgrind.

{engine}
{more}"""


def section(title, introduction, heads, lines, numbers):
    lines = list(lines)
    if not lines:
        return ""
    return "\n".join(["", f"## {title}", "", introduction, ""] +
                     list(markdown(heads, lines, numbers)) + [""])


def write_page(facts, found, judged, path):
    more = section("Memory", "In Debian's kernel with two processors.",
                   ["of", "figure", "limit", "verdict"], memory_cells(facts), (1, 2))
    more += section("Two processors", "In QEMU, under emulation: only the proportion says "
                    "something. Drops of `deny_1k` write no cache line that the other processor does.",
                    ["row", "processors", "packets/s"], scaling_cells(facts), (1, 2))
    with open(TUNING, encoding="utf-8") as file:
        more += "\n" + file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(PAGE.format(
            kernel=facts.text("kernel"), machine=facts.text("machine"),
            repetitions=len(facts.rows["hook_drop"].runs),
            rows="\n".join(markdown(ROW_HEADS, row_cells(found), (1, 2, 3, 4))),
            targets="\n".join(markdown(TARGET_HEADS, (t.cells() for t in judged), (1, 2))),
            engine="\n".join(markdown(ENGINE_HEADS, engine_cells(facts.rows), range(1, 6))),
            more=more))


def show(facts, found, judged):
    print()
    for line in plain(ROW_HEADS, row_cells(found), (1, 2, 3, 4)):
        print(line)
    print()
    for line in plain(ENGINE_HEADS, engine_cells(facts.rows), range(1, 6)):
        print(line)
    print()
    for line in plain(TARGET_HEADS, (target.cells() for target in judged), (1, 2)):
        print(line)
    for title, lines in (("memory", memory_cells(facts)), ("processors", scaling_cells(facts))):
        for cells in lines:
            print(f"{title}: " + "  ".join(cells))


def main(arguments):
    if len(arguments) != 4:
        sys.exit("usage: report.py FACTS JSON MARKDOWN SVG")
    facts = Facts(arguments[0])
    if "complete" not in facts.others or "hook_drop" not in facts.rows:
        sys.exit("bench: the figures are incomplete")
    found = records(facts.rows)
    judged = [targets.Target(*target) for target in targets.TARGETS]
    for target in judged:
        target.judge(facts.rows)
    with open(arguments[1], "w", encoding="ascii") as file:
        json.dump(found, file, indent=1)
        file.write("\n")
    draw(found, arguments[3])
    write_page(facts, found, judged, arguments[2])
    show(facts, found, judged)
    missed = sum(target.verdict == "miss" for target in judged)
    missed += sum(cells[-1] == "miss" for cells in memory_cells(facts))
    print(f"\n{missed} of {len(judged)} targets missed" if missed else "\nall targets measured are met")
    return 1 if missed and os.environ.get("PS_BENCH_STRICT") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
