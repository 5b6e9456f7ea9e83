# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of the report about the doors of doors.sh: one protection, set up
through the files of sysfs, the tool and iptables, met the same packets."""

DOORS = ("sysfs", "tool", "iptables")
REASONS = ("tcp_flags_syn_fin", "denied_source", "closed_tcp_port")

COLUMNS = [
    ("", "door", lambda d: d["door"]),
    ("dropped as", "impossible flags", lambda d: d["verdicts"].get("tcp_flags_syn_fin", 0)),
    ("dropped as", "denied source", lambda d: d["verdicts"].get("denied_source", 0)),
    ("dropped as", "closed port", lambda d: d["verdicts"].get("closed_tcp_port", 0)),
    ("", "SYN cookies", lambda d: d["verdicts"].get("syncookie", 0)),
    ("", "connections", lambda d: d["verdicts"].get("newconns", 0)),
    ("", "pages", lambda d: d["verdicts"].get("pages", 0)),
]
LEGEND = """
sysfs: echo into files. tool: packetshield apply FILE. iptables: rules with -j PACKETSHIELD in the
  table raw, and no interface attached. The same packets came each time."""


def figures(facts, door):
    """The verdicts of a door: {name: packets}."""
    return {"door": door,
            "verdicts": {key: int(value) for key, value in facts.facts[door, "verdicts"].items()}}


def faults_of(rows):
    """What is wrong with the doors, in sentences."""
    first = rows[0]["verdicts"]
    for row in rows:
        if row["verdicts"] != first:
            yield f"{row['door']}: {row['verdicts']}, but {rows[0]['door']}: {first}"
    for name in REASONS + ("syncookie", "newconns", "pages"):
        if not first.get(name):
            yield f"doors: {name} is 0: this shows nothing"
