# SPDX-License-Identifier: GPL-2.0-or-later
"""What is told of rates, tables and contexts in use, against what was sent; run
by test_gauges.sh on a shield whose eth0, attached, is one end of a cable without
any traffic but ours.

	gauge_cases.py tables	how full the tables of sessions are
	gauge_cases.py rates	what thresholds see
	gauge_cases.py busy	which contexts are told
"""
import struct
import sys

import frames
import netlink
import quic_wire
import shield
import tree
from capture_cases import numbers, wait_received
from metrics_cases import named, samples
from netlink import N
from shield import report
from tool import do, objects, told
from tree import unequal

A, B = "10.0.0.1", "10.0.0.3"
EXACT = 32768  # slots of which all are looked at
TABLES = ("tcp", "udp", "quic")


def by_netlink(instance="shield"):
    """{table: (slots, used)} as the kernel says it."""
    parts = netlink.view(netlink.Socket())[(instance, None)]
    return {TABLES[number - 1]: struct.unpack("=II", data)
            for number, data in netlink.attrs(parts[N["A_TABLES"]])}


def by_tool(instance="shield"):
    """The same of status --json and of metrics, which must agree."""
    found = {name: (table["slots"], table["used"]) for name, table in
             objects(told("status"))[(instance, None)]["tables"].items()}
    metrics = samples(do("metrics"))
    printed = {name: tuple(named(metrics, "instance_session_table_" + what, shield=instance,
                                 table=name) for what in ("slots", "used"))
               for name in TABLES}
    return found, {name: pair for name, pair in printed.items() if pair[0] is not None}


def send_out(count, kinds=TABLES):
    """So many sessions of each kind, opened from our side."""
    wire = shield.packet_socket("shield", 0, "eth0")
    for number in range(count):
        # Never the same pair of ports: a session each.
        sport, dport = 2000 + number % 50000, 2000 + number // 50000
        for kind in kinds:
            segment, protocol = {
                "tcp": lambda: (frames.tcp(A, B, dport, sport), frames.TCP),
                "udp": lambda: (frames.udp(A, B, dport, sport), frames.UDP),
                "quic": lambda: (frames.udp(A, B, sport, 443, quic_wire.initial()), frames.UDP),
            }[kind]()
            wire.send(frames.ethernet(frames.ipv4(segment, protocol, A, B), frames.IPV4))
    wire.close()


def resize(entries):
    tree.write(shield.INSTANCE + "/session_table_size", str(entries))


def live(seconds):
    for name in ("ack", "syn", "rst", "udp", "dns", "qhs", "qsh"):
        tree.write("%s/%s_session_timeout" % (shield.INSTANCE, name), seconds)


def tables(_):
    tree.write(tree.PS + "/instances", "+bare")
    report("no tables before the first interface", unequal(
        ({}, ({}, {})), (by_netlink("bare"), by_tool("bare"))))
    tree.write(tree.PS + "/instances", "-bare")
    resize(8192)
    live("3600")
    slots = {"tcp": 8192, "udp": 2048, "quic": 2048}
    empty = {name: (size, 0) for name, size in slots.items()}
    report("sizes, and nothing in them", unequal(empty, by_netlink()))
    tree.write(shield.INSTANCE + "/Other/p_udp_ports", "+443")
    for count in (1, 40):
        send_out(count)
        want = {name: (size, count) for name, size in slots.items()}
        report("%d sessions of each kind" % count, unequal(want, by_netlink()))
        report("... by status and metrics", unequal((want, want), by_tool()))
    live("1")
    report("dead ones aren't counted", unequal(empty, shield.wait_until(
        by_netlink, lambda found: found == empty)))
    live("3600")
    estimated()


def estimated():
    """Of a table that is larger than what is looked at, by random: ten times the deviation."""
    count, size = 12000, 1 << 18
    resize(size * 4)
    send_out(count, ("udp",))
    found = by_netlink()["udp"]
    sample = count * EXACT / size
    deviation = sample ** 0.5 * size / EXACT
    print("# %d sessions, %d told" % (count, found[1]))
    report("a large table is estimated", unequal(
        (size, True), (found[0], abs(found[1] - count) < 10 * deviation)))


NUMBERS = {"new_cookie": 1, "unmatch_drop": 3}


def rate_by_netlink(protection):
    parts = netlink.view(netlink.Socket())[("shield", "Other")]
    data = dict(netlink.attrs(parts[N["A_RATES"]])).get(NUMBERS[protection])
    return data and struct.unpack("=Q", data)[0]


def rate_by_status(protection):
    return objects(told("status"))[("shield", "Other")]["protections"][protection].get("rate")


def rate_by_metrics(protection):
    return named(samples(do("metrics")), "context_threshold_rate", shield="shield",
                 context="Other", protection=protection)


def rates(wire):
    # Below 1,024 nothing is held back by processors.
    tree.write(shield.INSTANCE + "/Other/p_tcp_ports", "+443")
    tree.write(shield.INSTANCE + "/Other/new_cookie_threshold", "1000-100")
    packets = [frames.ethernet(frames.ipv4(frames.tcp(B, A, 443, 5000 + n), frames.TCP, B, A),
                               frames.IPV4) for n in range(20)]
    for ask in (rate_by_netlink, rate_by_status, rate_by_metrics):
        seen = set()

        def burst():
            """20 of them after a second without; who asks too late may find them gone."""
            shield.wait_until(lambda: rate_by_netlink("new_cookie"), lambda rate: rate == 0)
            before = numbers()[0]
            for packet in packets:
                wire.send(packet)
            wait_received(before + 20)
            seen.add(ask("new_cookie"))
            return 20 in seen
        report("20 in a second: " + ask.__name__, [] if shield.wait_until(
            burst, lambda found: found) and max(seen) == 20 else [repr(seen)])
        report("... and none the second after", unequal(0, shield.wait_until(
            lambda: ask("new_cookie"), lambda rate: rate == 0)))
        report("without a threshold there is no rate", unequal(None, ask("unmatch_drop")))
        tree.write(shield.INSTANCE + "/Other/unmatch_drop_toggled", "+Other")
        report("... by hand neither", unequal(None, ask("unmatch_drop")))
        tree.write(shield.INSTANCE + "/Other/unmatch_drop_toggled", "-Other")


def busy(wire):
    names = ["10.0.0.%d" % n for n in range(10, 60)]
    tree.replace(shield.INSTANCE + "/contexts", names)
    sock = netlink.Socket()

    def seen(*more):
        found = {}
        for _, body in sock.dump(N["CMD_GET"], b"".join(more)):
            parts = dict(netlink.attrs(body))
            if N["A_INSTANCE"] in parts:
                context = parts.get(N["A_CONTEXT"])
                found[context and netlink.string(context)] = parts
        return found
    flag = netlink.attr(N["A_BUSY"])
    tree.write(shield.INSTANCE + "/Other/unmatch_drop_toggled", "+10.0.0.20")
    frame = frames.ethernet(frames.ipv4(frames.tcp(B, "10.0.0.30"), frames.TCP, B, "10.0.0.30"),
                            frames.IPV4)
    before = numbers()[0]
    wire.send(frame)
    wait_received(before + 1)
    everything, some = seen(), seen(flag)
    used = {None, "10.0.0.20", "10.0.0.30"} | ({"Other"} & set(some))
    report("all contexts are told", unequal({None, "Other", *names}, set(everything)))
    report("those that something has happened to, where no others are wanted", unequal(
        used, set(some)))
    report("... as they are told without", unequal(
        [everything[name] for name in ("10.0.0.20", "10.0.0.30")],
        [some[name] for name in ("10.0.0.20", "10.0.0.30")]))
    report("... of one instance likewise", unequal(
        used, set(seen(netlink.where("shield"), flag))))
    report("an instance says how many it has", unequal(
        [51, 51], [struct.unpack("=I", found[None][N["A_CONTEXTS"]])[0]
                   for found in (everything, some)]))
    tree.write(shield.INSTANCE + "/Other/unmatch_drop_toggled", "-10.0.0.20")
    report("... and it is silent again when its protection is off", unequal(
        used - {"10.0.0.20"}, set(seen(flag))))


if __name__ == "__main__":
    globals()[sys.argv[1]](shield.packet_socket("shield", 0, "eth1"))
    print("end")
