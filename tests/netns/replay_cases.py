#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a replay of a capture says, against what the module has counted; run by
test_replay.sh on the shield.

	replay_cases.py send	frames of every kind from the attacker, paced
	replay_cases.py quic	clients of QUIC from the attacker
	replay_cases.py strangers	... whom nobody answers
	replay_cases.py compare CAPTURE CONFIG [TOLERANCE]
	replay_cases.py broken CAPTURE CONFIG	files cut off, and what is no capture
"""
import os
import sys
import time

import frames as f
import invalid_cases as cases
import quic_token
import quic_wire
import shield
import tool
from shield import report

MAC = "02:00:00:00:00:01"
ETHERTYPE = {cases.V4: f.IPV4, cases.V6: f.IPV6}


def fragments(ident):
    """A datagram to an allowed port in two, one to a closed port, one without a head."""
    for number, dport in enumerate((1234, 99)):
        data = f.udp("10.0.0.99", "10.0.0.1", dport=dport, payload=b"x" * 40)
        for offset, part, more in ((0, data[:24], f.MORE), (3, data[24:], 0)):
            yield f.ipv4(part, f.UDP, "10.0.0.99", "10.0.0.1", fragment=offset | more,
                         ident=ident + number)
    yield f.ipv4(b"y" * 16, f.UDP, "10.0.0.99", "10.0.0.1", fragment=9, ident=ident + 9)


def denied():
    yield f.ipv4(f.tcp("10.66.0.1", "10.0.0.1", flags=f.SYN), f.TCP, "10.66.0.1", "10.0.0.1")
    yield f.ipv4(f.tcp("10.67.0.1", "10.0.0.1", dport=81, flags=f.SYN), f.TCP, "10.67.0.1",
                 "10.0.0.1")
    yield f.ipv4(f.tcp("100.1.2.3", "10.0.0.1", flags=f.SYN), f.TCP, "100.1.2.3", "10.0.0.1")
    for flags in (f.ACK, f.RST, f.FIN | f.ACK, f.SYN | f.ACK):
        yield f.ipv4(f.tcp("10.0.0.99", "10.0.0.1", flags=flags), f.TCP, "10.0.0.99", "10.0.0.1")


def send():
    sock = shield.packet_socket("attacker", 0)
    out = [f.ethernet(packet, ETHERTYPE[family]) for family in (cases.V4, cases.V6)
           for _, _, packet in cases.of(family)]
    out += [frame for _, _, frame in cases.links()]
    out += [f.ethernet(packet, f.IPV4) for packet in denied()]
    out += [f.ethernet(packet, f.IPV4) for packet in fragments(700)]
    out += [f.ethernet(b"\0" * 46, 0x88cc, dst=b"\1\x80\xc2\0\0\x0e"),
            f.ethernet(cases.V4.udp(), f.IPV4, dst=f.mac(77))]
    for number, frame in enumerate(out):
        sock.send(frame)
        # No queue between here and the capture shall run over.
        if number % 50 == 49:
            time.sleep(0.02)
    report("%d frames were sent" % len(out), [] if len(out) > 200 else ["too few"])


def exchange(problems, number, path):
    """A client that returns its token, and one that doesn't."""
    with quic_wire.client(path, 60 + number) as peer:
        first = quic_wire.initial()
        peer.send(first)
        answer = peer.answer()
        if answer is None:
            problems.append("no Retry for %s" % path[0])
            return
        retry = quic_token.Retry(answer, quic_token.V1, quic_wire.DCID, quic_wire.SCID)
        peer.send(quic_wire.initial(dcid=retry.scid, token=retry.token))
        for kind in (1, 2, 2):
            peer.send(quic_wire.long_header(kind))
        for _ in range(20):
            peer.send(quic_wire.short_header())
    with quic_wire.client(path, 70 + number) as peer:
        peer.send(quic_wire.initial(dcid=retry.scid, token=retry.token))
        peer.send(quic_wire.long_header(3))
        for kind in (1, 2, 0):
            peer.send(quic_wire.long_header(kind))
        peer.send(quic_wire.short_header())


def quic():
    problems = []
    for number, path in enumerate(quic_wire.PATHS):
        exchange(problems, number, path)
    report("QUIC of every kind was sent, and Retries came", problems)


def strangers():
    problems = []
    for path in quic_wire.PATHS:
        with quic_wire.client(path, 60) as peer:
            for kind in (0, 1, 2):
                peer.send(quic_wire.long_header(kind))
            if peer.answer(timeout=0.2):
                problems.append("an answer to %s" % path[0])
    report("nobody answers strangers", problems)


def module():
    """(instance, context) -> (stats, drops), as the module has them."""
    found = {}
    stats, drops = tool.objects(tool.told("stats")), tool.objects(tool.told("drops"))
    for key, entry in stats.items():
        lost = {drop["reason"]: (drop["packets"], drop["bytes"])
                for drop in drops[key].get("drops", [])}
        found[key] = dict(entry["stats"], status=entry.get("status")), lost
    return found


def replayed(capture, config):
    told = tool.told("replay", capture, "--config", config, "--mac", MAC)
    found = {}
    for key, entry in tool.objects(told).items():
        lost = {drop["reason"]: (drop["packets"], drop["bytes"])
                for drop in entry.get("drops", [])}
        found[key] = dict(entry["stats"], status=entry.get("status")), lost
    return found, told["capture"]


def differences(where, ours, theirs, slack):
    """Slack: packets that may be judged otherwise, for the tick of the module's
    clock doesn't come in time while the machine does something else."""
    for name in sorted(set(ours) | set(theirs)):
        one, other = ours.get(name, 0), theirs.get(name, 0)
        if isinstance(one, tuple) or isinstance(other, tuple):
            one, other = (one or (0, 0)), (other or (0, 0))
            if slack:
                one, other = one[0], other[0]
        # What is sent while the cable is unplugged the capture doesn't see.
        if name == "tx_total" and 0 <= one - other <= 20:
            continue
        if one != other and (not slack or abs(one - other) > slack):
            yield "%s %s: module %s, replay %s" % (where, name, one, other)


def compare(capture, config, tolerance="0"):
    ours, (theirs, summary) = module(), replayed(capture, config)
    empty = ({}, {})
    problems = []
    for key in sorted(set(ours) | set(theirs), key=str):
        place = "/".join(part for part in key if part)
        for one, other in zip(ours.get(key, empty), theirs.get(key, empty)):
            problems += differences(place, one, other, float(tolerance) * summary["incoming"])
    other = ours[("i", "Other")]
    print("# %d in, %d out, %d replies, %.1f s; %d reasons to drop" % (
        summary["incoming"], summary["outgoing"], summary["replies"], summary["seconds"],
        len(other[1])))
    moved = sum(1 for value in other[0].values() if value)
    print("# %d lines of stats moved" % moved)
    report("the replay counts what the module has counted", problems)


def broken(capture, config):
    with open(capture, "rb") as file:
        whole = file.read()
    path, problems = capture + ".cut", []
    for length in (0, 3, 23, 24 + 7, 24 + 16 + 5, len(whole) - 1):
        with open(path, "wb") as file:
            file.write(whole[:length])
        ran = tool.run("replay", path, "--config", config, "--mac", MAC)
        if ran.code != 1 or path not in ran.err or ran.out:
            problems.append("%d bytes: %r" % (length, ran))
    os.unlink(path)
    report("a capture that is cut off: exit 1, a message, no figures", problems)
    wanted = [
        (("replay", capture), 2, "--config"),
        (("replay", config, "--config", config), 1, "pcap"),
        (("replay", "/nowhere", "--config", config), 1, "/nowhere"),
        (("replay", capture, "--config", "/nowhere"), 1, "/nowhere"),
        (("replay", capture, "--config", config, "--instance", "j"), 2, "no instance"),
        (("replay", capture, "--config", config, "--mac", "5"), 2, "--mac"),
        (("replay", capture, "--config", config, "--mtu", "5"), 2, "--mtu"),
        (("replay", "-", "--config", config), 2, "--mac"),
    ]
    problems = []
    for arguments, code, words in wanted:
        ran = tool.run(*arguments)
        if ran.code != code or words not in ran.err or ran.out:
            problems.append("%s: %r" % (" ".join(arguments), ran))
    report("what can't be replayed is refused in words", problems)
    ran = tool.run("replay", capture, "--config", config, "--mac", MAC, "--verdicts",
                   wrap=tool.valgrind() or ())
    lines = ran.out.splitlines()
    report("a line a packet, and valgrind has nothing to say", [repr(ran)[:900]] if ran.code or
           ran.err or not lines[0].startswith("1 0.000000 ") else [])


if __name__ == "__main__":
    {"send": send, "quic": quic, "strangers": strangers, "compare": compare,
     "broken": broken}[sys.argv[1]](*sys.argv[2:])
    print("end")
