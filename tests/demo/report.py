#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py FACTS JSON: judges the demonstration.

Reads what demo.sh wrote down, prints three tables, writes the same figures as
JSON, and ends with 1 and a sentence for everything that isn't as promised.
report.py --names prints the attacks and, after "--", the floods (floods.py).

Invariant: what reached the stack and what arrived are counted by others than
the shield; only the drops and their reasons are the shield's own figures.
"""

import json
import sys

import doors
import floods
from table import table_of

# Every attack, with the reasons it must be dropped for, all of them and no
# others. attacks.c builds its packets.
ATTACKS = {
    "invalid_flags": ["tcp_flags_none", "tcp_flags_syn_fin", "tcp_flags_syn_rst",
                      "tcp_flags_fin_rst", "tcp_flags_no_ack"],
    "bad_checksum": ["ip_checksum", "tcp_checksum", "udp_checksum", "icmp_checksum"],
    "land": ["ip_land"],
    "denied_source": ["denied_source"],
    "closed_port": ["closed_tcp_port"],
    "udp_flood": ["closed_udp_port"],
}
LEAST_PAGES = 100
LEAST_PACKETS = 1000


class Facts:
    """The lines of demo.sh: (where, phase) -> {key: value}."""

    def __init__(self, path):
        self.facts = {}
        with open(path, encoding="ascii") as lines:
            for line in lines:
                where, phase, key, value = line.split()
                self.facts.setdefault((where, phase), {})[key] = value

    def text(self, where, phase, key):
        return self.facts[where, phase][key]

    def number(self, where, phase, key):
        return int(self.facts[where, phase].get(key, 0))

    def growth(self, where, before, after):
        """What the counters of two snapshots grew by."""
        return {key: self.number(where, after, key) - self.number(where, before, key)
                for key in self.facts[where, after]}

    def cost(self, where, phase):
        """CPU time per packet from the generator to where it ended, in nanoseconds."""
        return int(self.facts[where, phase]["cost"])


def figures(facts, name):
    """The row of an attack. Frames that the interface got and that aren't
    others' on their way to the stack are the attack's."""
    shielded = facts.growth(name, "before", "after")
    bare = facts.growth(name, "bare_before", "bare_after")
    reasons = {key.removeprefix("reason."): grown for key, grown in shielded.items()
               if key.startswith("reason.") and grown}
    return {
        "name": name,
        "offered": facts.number(name, "client", "sent") + facts.number(name, "with", "sent"),
        "lost": shielded["lost"],
        "arrived": shielded["received"] - shielded["others"],
        "dropped": sum(reasons.values()),
        "reason": ", ".join(reasons),
        "reasons": reasons,
        "reached_stack": shielded["attack"],
        "offered_without": facts.number(name, "without", "sent"),
        "lost_without": bare["lost"],
        "reached_stack_without": bare["attack"],
        "cpu_ns_with": facts.cost(name, "with"),
        "cpu_ns_without": facts.cost(name, "without"),
        "legit_ok": facts.number(name, "client", "ok"),
        "legit_total": facts.number(name, "client", "total"),
    }


def faults_of(attack):
    """What is wrong with an attack's row, in sentences."""
    name = attack["name"]
    if attack["reached_stack"]:
        yield f"{name}: {attack['reached_stack']} packets reached the stack behind the shield"
    if attack["legit_ok"] != attack["legit_total"] or not attack["legit_total"]:
        yield (f"{name}: the client got {attack['legit_ok']} of "
               f"{attack['legit_total']} pages during the attack")
    if attack["offered"] < LEAST_PACKETS:
        yield f"{name}: {attack['offered']} packets are no attack"
    if not 0 <= attack["offered"] - attack["arrived"] <= attack["lost"]:
        yield (f"{name}: {attack['offered']} packets were sent and {attack['arrived']} arrived, "
               f"but queues lost {attack['lost']}")
    if attack["dropped"] != attack["arrived"]:
        yield (f"{name}: {attack['arrived']} packets arrived and "
               f"the shield counts {attack['dropped']} as dropped")
    if set(attack["reasons"]) != set(ATTACKS[name]):
        yield f"{name}: dropped for {attack['reason'] or 'nothing'}, not for " + \
            ", ".join(ATTACKS[name])
    without = attack["reached_stack_without"]
    if not (without and 0 <= attack["offered_without"] - without <= attack["lost_without"]):
        yield (f"{name}: without the shield {attack['offered_without']} packets were sent, "
               f"{attack['lost_without']} lost in queues, and {without} reached the stack: "
               "the counter at the stack can't be trusted")


def faults_of_all(result):
    for attack in result["attacks"]:
        yield from faults_of(attack)
    if result["legit_total"] < LEAST_PAGES:
        yield f"only {result['legit_total']} pages were asked for"
    for name in floods.FLOODS:
        yield from floods.faults_of(result[name])
    yield from doors.faults_of(result["doors"])


def short(reasons):
    """Reasons of one family in a few letters: tcp_flags_*, *_checksum."""
    if len(reasons) < 2:
        return "".join(reasons)
    parts = [reason.split("_") for reason in reasons]
    for length in range(min(map(len, parts)), 0, -1):
        if len({tuple(part[:length]) for part in parts}) == 1:
            return "_".join(parts[0][:length]) + "_*"
        if len({tuple(part[-length:]) for part in parts}) == 1:
            return "*_" + "_".join(parts[0][-length:])
    return f"{len(reasons)} reasons"


# The table's columns: the heading over one or more of them, their own, the cell.
COLUMNS = [
    ("", "attack", lambda a: a["name"]),
    ("packets", "offered", lambda a: a["offered"]),
    ("packets", "arrived", lambda a: a["arrived"]),
    ("dropped by the shield", "packets", lambda a: a["dropped"]),
    ("dropped by the shield", "reason", lambda a: short(a["reasons"])),
    ("reached stack", "with", lambda a: a["reached_stack"]),
    ("reached stack", "without", lambda a: a["reached_stack_without"]),
    ("CPU ns/packet", "with", lambda a: a["cpu_ns_with"]),
    ("CPU ns/packet", "without", lambda a: a["cpu_ns_without"]),
    ("pages", "ok/total", lambda a: f"{a['legit_ok']}/{a['legit_total']}"),
]
TEXTS = ("attack", "reason")


def print_result(result):
    print()
    for line in table_of(COLUMNS, result["attacks"], TEXTS):
        print(line)
    print(f"""
with, without: the shield. arrived: offered, less what queues on the way to the shield lost.
reached stack: counted by nftables between the shield and the IP stack.
CPU: a processor's time for a packet from the generator to its end, the lower quartile. A frame
  for another host, refused by the stack at once, takes {result['cpu_ns_wire']} ns: generator and wire.""")
    if result["guest"] == "tcg":
        print("  Under software emulation only ratios between figures of one run mean anything.")
    print(f"Pages the client got during the attacks: "
          f"{result['legit_ok']} of {result['legit_total']}.")
    print()
    for line in table_of(floods.COLUMNS, [result[name] for name in floods.FLOODS], ("flood",)):
        print(line)
    print(floods.legend(result["floods"]["settings"]))
    print()
    for line in table_of(doors.COLUMNS, result["doors"], ("door",)):
        print(line)
    print(doors.LEGEND)
    print(f"Guest: {result['kernel']}, {result['guest']}.")


def result_of(facts):
    attacks = [figures(facts, name) for name in ATTACKS]
    return {
        "kernel": facts.text("guest", "-", "kernel"),
        "guest": facts.text("guest", "-", "kind"),
        "cpu_ns_wire": facts.cost("wire", "cost"),
        "attacks": attacks,
        "legit_ok": sum(attack["legit_ok"] for attack in attacks),
        "legit_total": sum(attack["legit_total"] for attack in attacks),
        "floods": {"meaning": floods.MEANING, "settings": floods.settings(facts)},
        **{name: floods.figures(facts, name) for name in floods.FLOODS},
        "doors": [doors.figures(facts, name) for name in doors.DOORS],
    }


def main(arguments):
    if arguments == ["--names"]:
        print(*ATTACKS, "--", *floods.FLOODS)
        return 0
    if len(arguments) != 2:
        sys.exit("usage: report.py FACTS JSON | --names")
    facts = Facts(arguments[0])
    if ("guest", "-") not in facts.facts or "complete" not in facts.facts["guest", "-"]:
        sys.exit("demo: the guest's figures are incomplete")
    result = result_of(facts)
    with open(arguments[1], "w", encoding="ascii") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print_result(result)
    faults = list(faults_of_all(result))
    for fault in faults:
        print(f"demo: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
