#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""x_tcp_ports frame by frame, beside netfilter's SYNPROXY: its own answer to a
SYN and the shield's, what becomes of ACKs, and the sessions of a server behind
the shield.

	synproxy_cases.py answers MSS WSCALE TIMESTAMPS SACK ECN   equal to the rule's
	synproxy_cases.py sessions

Runs on the shield in the topology of synproxy.sh; clients as in cookie_wire.py,
but their server is behind the shield. Ports 8000-8009 are in x_tcp_ports.
"""
import contextlib
import sys
import time

import frames as f
import shield
from cookie_wire import (NOP, SACK, SYN_ACK, TSVAL, USUAL, Client, Line, accept, mss, padded, scale,
                         timestamps)
from session_wire import Counts, case, listen, reset, toggled
from synproxy_rig import PATHS, Judges, Rule

PORT, SESSION_PORT = 8000, 8001
ADMITTED = 16  # incoming packets of a half-open session
FAR = 1 << 30  # off any window, and any cookie's minute
ECN = f.ECE | f.CWR

# What clients offer: options and flags.
SYNS = {
    "usual": (USUAL, 0),
    "no timestamps": (mss(1460) + SACK + scale(7), 0),
    "MSS only": (mss(1460), 0),
    "MSS and timestamps": (mss(1460) + timestamps(), 0),
    "no SACK": (mss(1460) + timestamps() + scale(10), 0),
    "no scale": (mss(1460) + SACK + timestamps(), 0),
    "scale 0": (mss(1460) + SACK + timestamps() + scale(0), 0),
    "scale 14": (mss(1460) + SACK + timestamps() + scale(14), 0),
    "scale 15": (mss(1460) + SACK + timestamps() + scale(15), 0),
    "MSS 500": (mss(500) + USUAL[4:], 0),
    "MSS 1300": (mss(1300) + USUAL[4:], 0),
    "MSS 8960": (mss(8960) + USUAL[4:], 0),
    "ECN": (USUAL, ECN),
    "ECN, no timestamps": (mss(1460) + SACK, ECN),
    "ECE alone": (USUAL, f.ECE),
    "no options": (b"", 0),
}


def expected(rule, syn, flags):
    """(options without the timestamp's value, its low bits, flags) of the answer, by
    the book. A client that names no MSS is told one all the same."""
    stamped = rule.timestamps and b"\x08\x0a" in syn
    at = syn.find(b"\x03\x03")
    ours = stamped and rule.scale is not None and at >= 0
    sack = stamped and rule.sack and SACK in syn
    ecn = stamped and rule.ecn and flags == ECN
    code = (min(syn[at + 2], 14) if ours else 15) | sack << 4 | ecn << 5
    text = mss(rule.mss)
    if stamped:
        text += (SACK if sack else NOP + NOP) + timestamps(0, TSVAL)
    if ours:
        text += NOP + scale(rule.scale)
    return text, code if stamped else None, SYN_ACK | (f.ECE if ecn else 0)


def without_value(answer):
    """Its options with 0 for the timestamp's value."""
    at = answer.options.find(b"\x08\x0a")
    return answer.options if at < 0 else \
        answer.options[:at + 2] + bytes(4) + answer.options[at + 6:]


def ask(line, clients):
    """The answers to everybody's SYN, the same again at each call."""
    for client in clients:
        line.sock.send(client.syn_frame())
    return [client.receive(SYN_ACK, "SYN+ACK") for client in clients]


def ask_both(line, clients, context):
    """Netfilter's answers, the shield's, and the milliseconds between. A cookie has the
    minute in it: if that has passed in between, once more."""
    for _ in range(3):
        start = time.monotonic()
        theirs = ask(line, clients)
        with toggled("new_cookie", context=context):
            ours = ask(line, clients)
        if [a.seq for a in theirs] == [a.seq for a in ours]:
            break
    return theirs, ours, (time.monotonic() - start) * 1000


def expect_answer(rule, syn, flags, ours, problems):
    """By the book."""
    options, code, flags = expected(rule, syn, flags)
    if ours.flags != flags or without_value(ours) != options:
        problems.append("flags %#x options %s, not %#x %s" %
                        (ours.flags, without_value(ours).hex(), flags, options.hex()))
    if code is not None and ours.tsval & 63 != code:
        problems.append("code %#x, not %#x" % (ours.tsval & 63, code))
    if ours.window:
        problems.append("window %d, not 0" % ours.window)


def expect_same(syn, theirs, ours, between, problems):
    """As netfilter. Its answer to a SYN without MSS has none either, and its checksum is
    left to the device."""
    if b"\x02\x04" not in syn:
        theirs.fields["options"] = ours.fields["options"]
    theirs.fields["sum"] = 0
    problems += ["%s of netfilter" % text for text in ours.differs(theirs)]
    if (ours.seq, ours.tsecr) != (theirs.seq, theirs.tsecr):
        problems.append("cookie %#x echo %s, not %#x %s of netfilter" %
                        (ours.seq, ours.tsecr, theirs.seq, theirs.tsecr))
    # The low bits put netfilter's clock up to 63 ms ahead, ours as much behind, besides ticks.
    if ours.tsval is not None and theirs.tsval is not None and (
            ours.tsval & 63 != theirs.tsval & 63 or
            not -160 < ours.tsval - theirs.tsval < between + 160):
        problems.append("timestamp %d, not about %d of netfilter" % (ours.tsval, theirs.tsval))


def answers(words):
    rule, line = Rule(words), Line(20000, "client")
    for net, tags, context, _ in PATHS:
        clients = [Client(line, net, tags, PORT, options, flags=f.SYN | flags)
                   for options, flags in SYNS.values()]
        counts = Counts(context)
        with case("%s: rule %s: SYN+ACKs as netfilter's, all counted" %
                  (net.name, rule.text)) as problems:
            theirs, ours, between = ask_both(line, clients, context)
            counted = counts.moved().get("syncookie", 0)
            if counted not in (len(SYNS), 2 * len(SYNS), 3 * len(SYNS)):
                problems.append("%d counted" % counted)
            for i, (name, (options, flags)) in enumerate(SYNS.items()):
                found = []
                expect_answer(rule, padded(options), flags, ours[i], found)
                expect_same(padded(options), theirs[i], ours[i], between, found)
                problems += ["%s: %s" % (name, text) for text in found]


def send(client, flags, seq, ack, options=b"", number=1):
    for _ in range(number):
        client.line.sock.send(client.frame(flags, seq, ack, options))


def forged(line, net, tags, context):
    """ACKs of no session and with no cookie, or somebody else's."""
    for on in (False, True):
        with case("%s: forged ACKs, cookies %s" % (net.name, "on" if on else "off")) as problems, \
                contextlib.ExitStack() as stack:
            if on:
                stack.enter_context(toggled("new_cookie", context=context))
            judges = Judges(context)
            thief, client = (Client(line, net, tags, SESSION_PORT) for _ in range(2))
            answer = client.begin()
            judges.expect(problems, (0, 0, 0) if on else (1, 0, 0), syn=1,
                          **({"syncookie": 1} if on else {}))
            send(thief, f.ACK, 5, 5)
            judges.expect(problems, (0, 1, 0), ack=1, unmatched=1)
            with toggled("unmatch_drop", context=context):
                send(thief, f.ACK, 5, 5, number=3)
                send(thief, f.ACK, client.isn + 1, answer.seq + 1)
                send(thief, f.FIN | f.ACK, 5, 5)
                send(thief, SYN_ACK, 5, 5)
                send(thief, f.RST, 5, 0)
                judges.expect(problems, ack=6, rst=1, unmatched=7, drop_ack=6, drop_rst=1)
            if on:
                with toggled("unmatch_drop", context=context):
                    send(client, f.ACK, client.isn + 1, answer.seq + 1 + FAR)
                    judges.expect(problems, ack=1, unmatched=1, drop_ack=1)


def finish(client, listener):
    """From the answer to the SYN on: the handshake with the server behind."""
    answer = client.begin()
    client.finish(answer)
    opened = client.receive(f.ACK, "the ACK that opens the window")
    connection = accept(listener, client.sport)
    return answer, opened, connection


def stray(client, answer, number, flags=f.ACK):
    """Segments that only the session lets in, for they are outside of its window, which
    netfilter finds out. A cookie goes with its sequence number: one of both is shifted."""
    send(client, flags, client.isn + FAR, answer.seq + 1, number=number)


def hear(client, connection, data, problems):
    connection.send(data)
    segment = client.receive(f.ACK | f.PSH, "the server's data")
    if segment.payload != data:
        problems.append("got %r, not %r" % (segment.payload, data))


def unreachable(client, port):
    """An ICMP error about a packet from the server to that port of the client's."""
    net, version6 = client.net, client.net.ethertype == f.IPV6
    quote = net.ip(f.tcp(net.shield, net.peer, port, client.port, f.ACK), f.TCP, net.shield,
                   net.peer)
    if version6:  # packet too big: 1400 bytes
        packet = net.ip(f.icmp6(net.peer, net.shield, 2, b"\0\0\5\x78" + quote), f.ICMPV6,
                        net.peer, net.shield)
    else:
        packet = net.ip(f.icmp(3, bytes(4) + quote), f.ICMP, net.peer, net.shield)
    client.line.sock.send(client.framed(packet))


def half_open(line, listener, net, tags, context):
    """Where cookies haven't been on, netfilter's SYN+ACK opens the session and the server's
    payload makes it an established one."""
    with case(net.name + ": a session of netfilter's own SYN+ACK") as problems, \
            toggled("unmatch_drop", context=context):
        client, judges = Client(line, net, tags, SESSION_PORT), Judges(context)
        answer, opened, connection = finish(client, listener)
        if answer.window or not opened.window:
            problems.append("window %d, then %d" % (answer.window, opened.window))
        judges.expect(problems, (1, 0, 1), syn=1, ack=1, established=1)
        stray(client, answer, ADMITTED + 4)
        judges.expect(problems, (0, ADMITTED - 1, 0), ack=ADMITTED + 4, established=ADMITTED - 1,
                      unmatched=5, drop_ack=5)
        hear(client, connection, b"220 ready", problems)
        judges.expect(problems, newconns=1)
        stray(client, answer, 2 * ADMITTED)
        judges.expect(problems, (0, 2 * ADMITTED, 0), ack=2 * ADMITTED,
                      established=2 * ADMITTED)
        reset(connection)


def cookie(line, listener, net, tags, context):
    """With cookies the ACK opens it, and only the server's RST ends it."""
    with case(net.name + ": a session of the shield's own SYN+ACK") as problems, \
            toggled("new_cookie", "unmatch_drop", context=context):
        client, judges = Client(line, net, tags, SESSION_PORT), Judges(context)
        answer, opened, connection = finish(client, listener)
        if answer.window or not opened.window:
            problems.append("window %d, then %d" % (answer.window, opened.window))
        judges.expect(problems, (0, 0, 1), syn=1, syncookie=1, ack=1, established=1, newconns=1)
        stray(client, answer, 2 * ADMITTED)
        judges.expect(problems, (0, 2 * ADMITTED, 0), ack=2 * ADMITTED,
                      established=2 * ADMITTED)
        for flags in (f.RST, f.RST | f.ACK, f.FIN | f.ACK):
            stray(client, answer, 3, flags)  # nft takes every ACK for a cookie
        hear(client, connection, b"220 ready", problems)
        judges.expect(problems, (0, 6, 0), rst=6, ack=3, established=9)
        unreachable(client, client.sport)
        unreachable(client, client.sport + 1)
        judges.expect(problems, out_related=1, filtered=1)
        reset(connection)
        client.receive(f.RST, "the server's RST")
        stray(client, answer, 3)
        judges.expect(problems, ack=3, unmatched=3, drop_ack=3)
        client.begin()
        judges.expect(problems, syn=1, syncookie=1)


def sessions():
    line = Line(20000, "client")
    with shield.Host("server"):
        listener = listen(SESSION_PORT)
    for net, tags, context, _ in PATHS:
        half_open(line, listener, net, tags, context)
    for net, tags, context, _ in PATHS:
        forged(line, net, tags, context)
        cookie(line, listener, net, tags, context)


def main():
    if sys.argv[1] == "answers":
        answers(sys.argv[2:])
    else:
        sessions()
    print("end")


main()
