#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same frames by an attached interface and by rules of either iptables must
move the same counters by the same numbers, and as many must get to the next rule.

Runs on the shield, see shield.py, with no instance. Packets whose IP header is
broken aren't among them: the stack drops those before any rule.
"""
import subprocess

import frames as f
import invalid_cases as cases
import shield
from invalid_cases import V4, V6

INSTANCES = "/sys/packetshield/instances"
LISTS = {"w_tcp_ports": "1 80", "w_udp_ports": "1 53", "w_protocols": "1 47 58",
         "p_tcp_ports": "443", "b_sources": "10.0.0.98 2001:db8::98"}
KINDS = (cases.tcp_headers, cases.tcp_flags, cases.tcp_options, cases.tcp_data, cases.udp,
         cases.icmp)
PROGRAMS = {V4: "iptables", V6: "ip6tables"}


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def more(family):
    """Lists and protected ports."""
    denied = "10.0.0.98" if family is V4 else "2001:db8::98"
    for port in (79, 443):
        for flags in (f.SYN, f.ACK, f.RST, f.SYN | f.ACK, f.FIN | f.ACK):
            yield family.tcp(flags=flags, dport=port)
    yield family.ip(f.tcp(denied, family.dst), f.TCP, src=denied)
    yield family.ip(b"gre", 47)
    yield family.ip(b"dsr", 48)
    yield family.udp(dport=99)


def corpus():
    for family, ethertype in ((V4, f.IPV4), (V6, f.IPV6)):
        packets = [packet for kind in KINDS for _, _, packet in kind(family)]
        for packet in packets + list(more(family)):
            yield f.ethernet(packet, ethertype)


def iptables(family, flavour, *arguments):
    return subprocess.run(["%s-%s" % (PROGRAMS[family], flavour), "-w", "-t", "raw", *arguments],
                          check=True, stdout=subprocess.PIPE, encoding="ascii").stdout


def passed(flavour):
    """Packets that the rules behind ours have counted."""
    rows = [row.split() for family in PROGRAMS
            for row in iptables(family, flavour, "-vnxL", "PREROUTING").splitlines()]
    return sum(int(row[0]) for row in rows if row and row[-1].endswith("watch") or "watch" in row)


def everything():
    """Statistics and drops, bytes too; what is sent apart."""
    found = {}
    for path in ("stats", "Other/stats", "Other/drops"):
        with open("%s/%s" % (shield.INSTANCE, path), encoding="ascii") as lines:
            for line in lines:
                name, *values = line.replace(":", " ").split()
                if name not in ("tx_total", "status"):
                    found[path, name] = values
    return found


def measure(sock, frames, attach, flavour):
    """What the counters of a new instance say of all frames."""
    write(INSTANCES, "+shield")
    for name, items in LISTS.items():
        write("%s/Other/%s" % (shield.INSTANCE, name), "\n".join(["{"] + items.split() + ["}\n"]))
    for family in PROGRAMS:
        if not attach:
            iptables(family, flavour, "-A", "PREROUTING", "-j", "PACKETSHIELD", "--instance",
                     "shield")
        iptables(family, flavour, "-A", "PREROUTING", "-s",
                 family.src.replace("99", "96/30" if family is V4 else "98/127"), "-m", "comment",
                 "--comment", "watch")
    if attach:
        write(shield.INSTANCE + "/ifaces", "+eth0")
    for frame in frames:
        sock.send(frame)
    shield.wait_until(lambda: shield.counters()["rx_total"], lambda n: n >= len(frames))
    found = everything(), passed(flavour)
    for family in PROGRAMS:
        iptables(family, flavour, "-F")
    write(INSTANCES, "-shield")
    return found


def main():
    sock = shield.packet_socket("attacker", 0)
    frames = list(corpus())
    wanted, through = measure(sock, frames, True, "legacy")
    judged = int(wanted["Other/stats", "rx_total"][0])
    shield.report("attached: %d frames, all judged" % len(frames),
                  [] if judged == len(frames) > 100 else [str(judged)])
    shield.report("attached: the delivered %d get to the rules" % through,
                  [] if through == int(wanted["Other/stats", "delivered"][0]) > 20 else [str(wanted)])
    for flavour in ("legacy", "nft"):
        found, behind = measure(sock, frames, False, flavour)
        # The stack's own neighbour discovery may be in the instance's rx_total.
        problems = ["%s: %s, attached %s" % (key, found[key], wanted[key])
                    for key in wanted if found[key] != wanted[key] and key[0] != "stats"]
        if behind != through:
            problems.append("%d get to the next rule" % behind)
        shield.report("by rules of iptables-%s: counters, bytes and what passes are the same"
                      % flavour, problems)
    print("end")


main()
