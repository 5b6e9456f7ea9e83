#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The frames that carry SYN cookies: where they go, what they look like
whatever the SYN looked like, which frames get none, and what a packet capture
on the shield sees of both.

Runs on the shield, see shield.py and cookie_wire.py. eth0.100.7, a VLAN inside
a VLAN, has 10.7.0.1 and 2001:db8:7::1; eth0 is promiscuous.
"""
import frames as f
import shield
from cookie_syns import FAST_OPEN
from cookie_wire import PATHS, USUAL, Answer, Client, Line, Tally, cookies, is_tcp, mss, timestamps
from session_wire import PEER_MAC, V4, V6, Net, case, listen, option

UNANSWERED = {"rx_total": 1, "syn": 1, "drop_syn": 1, "syn_rate": 1}
ANSWERED = {"rx_total": 1, "syn": 1, "syncookie": 1}
# What is in the other fragments is data.
MORE_DATA = {"rx_total": 1, "invalid": 1, "tcp_syn_data": 1}
V4_100_7 = Net("IPv4 in VLAN 7 in VLAN 100", "10.7.0.99", "10.7.0.1")
V6_100_7 = Net("IPv6 in VLAN 7 in VLAN 100", "2001:db8:7::99", "2001:db8:7::1")
EVERYWHERE = PATHS + ((V4_100_7, (100, 7)), (V6_100_7, (100, 7)))
BROADCAST = b"\xff" * 6
GROUP = b"\x01\x00\x5e\x00\x00\x01"
UNKNOWN = f.mac(77)  # the switch sends it everywhere
TTL = 64


def link_of(answer):
    return [answer.fields[name] for name in ("to", "from", "tags", "ttl")]


def addressed(line, path):
    """Back to who sent the frame, whoever has the address."""
    net, tags = path
    with case("%s: answers go back to the sender's MAC, with its tags, TTL %d" % (
            net.name, TTL)) as problems:
        for ttl in (1, 64, 255):
            for sender in (PEER_MAC, f.mac(f.ATTACKER)):
                client = Client(line, net, tags, ttl=ttl)
                client.mac = sender
                found = link_of(client.begin())
                if found != [sender.hex(), f.mac(f.SHIELD).hex(), list(tags), TTL]:
                    problems.append(found)


def through_gateway(line, path):
    net, tags = path
    neighbour = Line(0, "neighbour")
    with case(net.name + ": answers go to the gateway") as problems, \
            option("Other/gateway", "02:00:00:00:00:04"):
        client = Client(line, net, tags)
        line.sock.send(client.syn_frame())
        client.line = neighbour
        answer = client.receive(f.SYN | f.ACK)
        if link_of(answer) != ["020000000004", "020000000001", list(tags), TTL]:
            problems.append(link_of(answer))
        client.line = line
        if not client.silent():
            problems.append("and to the sender")
    with case(net.name + ": by default they don't") as problems:
        client = Client(line, net, tags)
        client.begin()
        client.line = neighbour
        if not client.silent():
            problems.append("answered at the neighbour")


def shapes(net):
    """SYNs that differ below TCP; the answer mustn't."""
    yield "padded", {"padding": b"\0" * 20}
    yield "padded with rubbish", {"padding": b"\xa5" * 300}
    yield "with IP options or another header", {"extension": True}
    yield "both", {"extension": True, "padding": b"\xa5" * 9}
    yield "marked", {"tos": 0xFF}
    yield "of little time", {"ttl": 1}


def shaped(line, path):
    """The buffer of the SYN becomes the answer: nothing of it may be left."""
    net, tags = path
    for options in (USUAL, mss(1460), timestamps(), b""):
        with case("%s, options %s: one answer for every shape of SYN" % (
                net.name, options.hex() or "none")) as problems:
            plain = Client(line, net, tags, options=options)
            first = plain.begin()
            for name, fields in shapes(net):
                client = Client(line, net, tags, options=options, sport=plain.sport, **fields)
                answer = client.begin()
                wrong = answer.whole() + answer.differs(first)
                if answer.fields["behind"]:
                    wrong.append("%d bytes behind it" % answer.fields["behind"])
                problems += ["%s: %s" % (name, text) for text in wrong]


def unanswered(line, path):
    """Nobody may take these answers, or they would be made for others."""
    net = path[0]
    data = {"options": FAST_OPEN, "payload": b"16 bytes of data", "fragment": True}
    for name, fields, expected in (
            ("to all hosts' MAC", {"to": BROADCAST}, UNANSWERED),
            ("to a group's MAC", {"to": GROUP}, UNANSWERED),
            ("a first fragment, Fast Open", data, UNANSWERED),
            ("that and another header", dict(data, extension=True), UNANSWERED),
            ("a first fragment", {"fragment": True}, MORE_DATA)):
        with case("%s: no cookie for a SYN: %s" % (net.name, name)) as problems:
            client, tally = Client(line, *path, **fields), Tally()
            line.sock.send(client.syn_frame())
            tally.expect(problems, expected)
            if not client.silent():
                problems.append("answered")


def in_pppoe(line, path):
    """What a PPP device makes of it is past what can be answered here."""
    net = path[0]
    with case(net.name + ": no cookie for a SYN inside of PPPoE") as problems:
        client, tally = Client(line, *path), Tally()
        packet = client.syn_frame()[14:]
        protocol = 0x57 if net is V6 else 0x21
        line.sock.send(f.ethernet(f.pppoe(packet, protocol), f.PPPOE, src=PEER_MAC))
        tally.expect(problems, UNANSWERED)
        if not client.silent():
            problems.append("answered")


def for_others(line, path):
    """eth0 is promiscuous, and sees them."""
    net, tags = path
    with case(net.name + ": frames for another host are never answered") as problems:
        tally, total = Tally(), shield.total()
        client = Client(line, net, tags, to=UNKNOWN)
        for _ in range(20):
            line.sock.send(client.syn_frame())
        shield.wait_until(shield.total, lambda now: now >= total + 20)
        tally.expect(problems, {})
        if shield.total() < total + 20:
            problems.append("the shield hasn't seen them")
        if not client.silent():
            problems.append("answered")


def without_tag(frame, tags):
    """As it is captured: the outer tag is told beside."""
    return frame[:12] + frame[16:] if tags else frame


def answers_in(frames, tags):
    return [Answer(frame, tags[0] if tags else 0) for frame in frames
            if frame[:6] == PEER_MAC and frame[6:12] == f.mac(f.SHIELD) and is_tcp(frame)]


def captured(line, path):
    """A capture holds the very buffers: who changes one in place spoils it."""
    net, tags = path
    capture = shield.packet_socket("shield", shield.ALL)
    with case(net.name + ": a capture sees the SYNs as they came, and the answers") as problems:
        shapes_too = [{}] + [fields for _, fields in shapes(net)]
        clients = [Client(line, net, tags, **fields) for fields in shapes_too]
        answers = [client.begin() for client in clients]
        found = shield.drain(capture)
        syns = [frame for frame in found if frame[6:12] == PEER_MAC]
        if syns != [without_tag(client.syn_frame(), tags) for client in clients]:
            problems.append("SYNs seen otherwise than sent: %s" % [s.hex() for s in syns])
        # Former connections may have something to say meanwhile.
        seen = [answer for answer in answers_in(found, tags)
                if answer.dport in [client.sport for client in clients]]
        if [(a.fields, a.seq, a.tsval) for a in seen] != [(a.fields, a.seq, a.tsval)
                                                         for a in answers]:
            problems.append("%d of %d answers" % (len(seen), len(answers)))
    capture.close()


def many_at_once(line, path):
    """One after the other, before any answer is read."""
    net, tags = path
    with case(net.name + ": 300 SYNs at once, 300 answers, each its own") as problems:
        clients = [Client(line, net, tags, options=(USUAL, mss(1400), b"")[i % 3])
                   for i in range(300)]
        tally = Tally()
        for client in clients:
            line.sock.send(client.syn_frame())
        for client in clients:
            answer = client.receive(f.SYN | f.ACK)
            lengths = {20: 20, 4: 4, 0: 4}
            if answer.ack != client.isn + 1 or answer.whole() or \
                    len(answer.options) != lengths[len(client.options)]:
                problems.append(answer.fields)
        tally.expect(problems, {name: 300 for name in ANSWERED})


def main():
    line = Line(20000)
    with listen():
        cookies(True)
        for path in EVERYWHERE:
            addressed(line, path)
            shaped(line, path)
            captured(line, path)
        for path in PATHS:
            through_gateway(line, path)
            many_at_once(line, path)
            for_others(line, path)
        for path in PATHS[:2]:
            unanswered(line, path)
            in_pppoe(line, path)
    print("end")


main()
