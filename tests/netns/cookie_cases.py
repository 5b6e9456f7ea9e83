#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which SYNs get a cookie, and which cookies are believed: a client made of
frames, whole handshakes with real sockets, exact counts.

	cookie_cases.py accept	cookies that are right
	cookie_cases.py refuse	those that aren't
	cookie_cases.py rest	where no cookies can be sent; who may come again

Runs on the shield, see shield.py and cookie_wire.py.
"""
import sys
import time

import frames as f
import shield
from cookie_wire import PATHS, Client, Info, Line, Tally, accept, cookies, sysctl
from session_wire import V4, V6, case, listen, option, reset, toggled, write

COOKIE = {"rx_total": 1, "syn": 1, "syncookie": 1}
OPENED = {"rx_total": 1, "ack": 1, "established": 1, "newconns": 1, "delivered": 1}
KNOWN = {"rx_total": 1, "ack": 1, "established": 1, "delivered": 1}
LET_IN = {"rx_total": 1, "ack": 1, "unmatched": 1, "delivered": 1}
STRAY = {"rx_total": 1, "ack": 1, "unmatched": 1, "drop_ack": 1, "unmatched_ack": 1}
UNANSWERED = {"rx_total": 1, "syn": 1, "drop_syn": 1, "syn_rate": 1}


def talk(problems, client, answer, connection):
    """Data in both directions."""
    client.finish(answer, b"question")
    if connection.recv(100) != b"question":
        problems.append("the server read something else")
    connection.send(b"answer")
    if client.receive(f.ACK | f.PSH, "data").payload != b"answer":
        problems.append("the client got something else")


def accepted(line, listener, path, syncookies):
    name = "%s, tcp_syncookies %d: " % (path[0].name, syncookies)
    with case(name + "a right cookie opens the connection") as problems:
        client, tally = Client(line, *path), Tally()
        answer = client.begin()
        tally.expect(problems, COOKIE, "SYN")
        client.finish(answer)
        tally.expect(problems, OPENED, "ACK")
        connection = accept(listener, client.sport)
        talk(problems, client, answer, connection)
        tally.expect(problems, KNOWN, "data")
        if not Info(connection).options & Info.SACK:
            problems.append("an option is lost")
        reset(connection)
    with case(name + "the ACK is lost, data carries the cookie") as problems:
        client = Client(line, *path)
        answer = client.begin()
        tally = Tally()
        client.finish(answer, b"early")
        tally.expect(problems, OPENED)
        connection = accept(listener, client.sport)
        if connection.recv(100) != b"early":
            problems.append("the server read something else")
        reset(connection)


def sent_again(line, listener, path):
    with case(path[0].name + ": a SYN sent again gets another answer, either is good") as problems:
        for used in (0, 1):
            client, tally = Client(line, *path), Tally()
            answers = [client.begin(), client.begin()]
            tally.expect(problems, {name: 2 * value for name, value in COOKIE.items()})
            client.finish(answers[used])
            tally.expect(problems, OPENED)
            client.finish(answers[1 - used])
            tally.expect(problems, KNOWN)
            reset(accept(listener, client.sport))


def not_sent(line, path):
    """What is counted there of hosts that look for routers stays far below."""
    with case(path[0].name + ": SYN+ACKs that carry cookies aren't in tx_total") as problems:
        total, before = shield.numbers(shield.INSTANCE + "/stats"), shield.counters()
        for _ in range(100):
            Client(line, *path).begin()
        sent = shield.numbers(shield.INSTANCE + "/stats")["tx_total"] - total["tx_total"]
        moved = shield.moved(before, shield.counters())
        if moved["syncookie"] != 100 or moved.get("tx_total", 0) > 20 or sent > 20:
            problems.append("instance %d, context %s" % (sent, moved))


def after_the_end(line, listener, path):
    with case(path[0].name + ": cookies that are out when their protection ends") as problems:
        client = Client(line, *path)
        answer = client.begin()
        cookies(False)
        tally = Tally()
        client.finish(answer)
        tally.expect(problems, OPENED)
        connection = accept(listener, client.sport)
        talk(problems, client, answer, connection)
        reset(connection)
        cookies(True)
    with case(path[0].name + ": an ACK replayed after its session's end is as good as the "
              "first: the kernel's cookies live two minutes") as problems:
        client = Client(line, *path)
        answer = client.begin()
        client.finish(answer)
        reset(accept(listener, client.sport))
        client.receive(f.RST | f.ACK, "RST")
        tally = Tally()
        client.finish(answer)
        tally.expect(problems, OPENED)
        reset(accept(listener, client.sport))


def forged(line, path):
    """A cookie is the sum of a hash, the client's number and what it says of its
    MSS, 0-3: nearby numbers only say another MSS."""
    wrong = {"ACK 4 more": {"ack": 4}, "ACK 4 less": {"ack": -4},
             "ACK of the last minute": {"ack": -1 << 24}, "ACK of the next": {"ack": 1 << 24},
             "ACK half the space away": {"ack": 1 << 31}, "sequence 4 more": {"seq": 4},
             "sequence 4 less": {"seq": -4}, "both 4 more": {"seq": 4, "ack": 8}}
    for name, change in wrong.items():
        with case("%s: forged: %s" % (path[0].name, name)) as problems:
            client = Client(line, *path)
            answer = client.begin()
            fields = {"seq": client.isn + 1 + change.get("seq", 0),
                      "ack": answer.seq + 1 + change.get("ack", 0)}
            tally = Tally()
            client.finish(answer, **fields)
            tally.expect(problems, LET_IN, "let in")
            client.receive(f.RST, "RST of the stack's")
            with toggled("unmatch_drop"):
                client.finish(answer, **fields)
                tally.expect(problems, STRAY, "dropped")
                client.finish(answer)
                tally.expect(problems, OPENED, "the right one")


def misplaced(line, path):
    """The right numbers on another connection."""
    net = path[0]
    elsewhere = {V4.ip: ("10.0.0.98", "10.2.0.1"), V6.ip: ("2001:db8::98", "2001:db8:2::1")}
    source, destination = elsewhere[net.ip]
    for name, change in (("from another port", {"sport": line.new_port()}),
                         ("to another port", {"port": 8000}),
                         ("from another address", {"source": source}),
                         ("to another address", {"destination": destination})):
        with case("%s: a cookie used %s" % (net.name, name)) as problems, toggled("unmatch_drop"):
            client = Client(line, *path)
            answer = client.begin()
            right = {key: getattr(client, key) for key in change}
            vars(client).update(change)
            tally = Tally()
            client.finish(answer)
            tally.expect(problems, STRAY)
            vars(client).update(right)
            client.finish(answer)
            tally.expect(problems, OPENED, "used rightly")


def in_disguise(line, path):
    """The right numbers in the wrong segment."""
    net = path[0]
    invalid = {"rx_total": 1, "invalid": 1}
    for name, flags, expected in (
            ("a RST", f.RST | f.ACK, {"rx_total": 1, "rst": 1, "unmatched": 1, "drop_rst": 1,
                                      "unmatched_rst": 1}),
            ("a SYN+ACK", f.SYN | f.ACK, STRAY), ("a FIN", f.FIN | f.ACK, OPENED)):
        with case("%s: a cookie in %s" % (net.name, name)) as problems, toggled("unmatch_drop"):
            client = Client(line, *path)
            answer = client.begin()
            tally = Tally()
            client.finish(answer, flags=flags)
            tally.expect(problems, expected)
    with case(net.name + ": a cookie in a segment with a wrong checksum") as problems:
        client = Client(line, *path)
        answer = client.begin()
        tally = Tally()
        client.finish(answer, damage=True)
        tally.expect(problems, dict(invalid, tcp_checksum=1))
    with case(net.name + ": a cookie in a fragment") as problems, toggled("unmatch_drop"):
        client = Client(line, *path)
        answer = client.begin()
        tally = Tally()
        client.finish(answer, b"12345678", fragment=True)
        tally.expect(problems, STRAY)


def other_contexts(line, listener):
    with case("where cookies were never on, none is believed") as problems:
        client = Client(line, V4)
        answer = client.begin()
        write("contexts", "+10.0.0.1")
        write("10.0.0.1/p_tcp_ports", "+80")
        with toggled("unmatch_drop", context="10.0.0.1"):
            tally = Tally("10.0.0.1")
            client.finish(answer)
            tally.expect(problems, STRAY)
    with case("a context sends cookies by its own switch") as problems:
        client, tally, other = Client(line, V4), Tally("10.0.0.1"), Tally()
        answer = client.begin()
        tally.expect(problems, {"rx_total": 1, "syn": 1, "delivered": 1})
        cookies(False)
        cookies(True, "10.0.0.1")
        client = Client(line, V4)
        answer = client.begin()
        tally.expect(problems, COOKIE)
        client.finish(answer)
        tally.expect(problems, OPENED)
        other.expect(problems, {}, "Other")
        reset(accept(listener, client.sport))
        write("contexts", "-10.0.0.1")
        cookies(True)


def other_rules(line):
    """Cookies are for p_tcp_ports, and the last stage."""
    with case("a port in w_tcp_ports gets no cookie") as problems:
        write("Other/w_tcp_ports", "+81")
        tally = Tally()
        client = Client(line, V4, port=81)
        line.sock.send(client.syn_frame())
        client.receive(f.RST, "RST of the stack's")
        tally.expect(problems, {"rx_total": 1, "whitelisted": 1, "delivered": 1})
        write("Other/w_tcp_ports", "-81")
    for name, expected, settings in (
            ("a port in no list", {"filtered": 1, "closed_tcp_port": 1}, {"port": 82}),
            ("a SYN with data", {"invalid": 1, "tcp_syn_data": 1}, {"payload": b"x"}),
            ("a SYN with FIN", {"invalid": 1, "tcp_flags_syn_fin": 1}, {"flags": f.SYN | f.FIN}),
            ("a SYN with a wrong checksum", {"invalid": 1, "tcp_checksum": 1}, {"damage": True})):
        with case(name + " gets no cookie") as problems:
            tally, client = Tally(), Client(line, V4, **settings)
            line.sock.send(client.syn_frame())
            tally.expect(problems, dict(expected, rx_total=1))
            if not client.silent():
                problems.append("answered")
    with case("a denied source gets no cookie") as problems:
        write("Other/b_sources", "+10.0.0.99")
        tally, client = Tally(), Client(line, V4)
        line.sock.send(client.syn_frame())
        tally.expect(problems, {"rx_total": 1, "filtered": 1, "denied_source": 1})
        write("Other/b_sources", "-10.0.0.99")


def nobody_listens(line, path):
    net = path[0]
    with case(net.name + ": where nobody listens no cookie is sent") as problems:
        client, tally = Client(line, *path, 8003), Tally()
        line.sock.send(client.syn_frame())
        tally.expect(problems, UNANSWERED)
        if not client.silent():
            problems.append("answered")
    with case(net.name + ": but SYNs pass within Y a second, and are refused") as problems:
        with option("Other/new_cookie_threshold", "1000000-100"):
            client, tally = Client(line, *path, 8004), Tally()
            line.sock.send(client.syn_frame())
            client.receive(f.RST, "RST of the stack's")
            tally.expect(problems, {"rx_total": 1, "syn": 1, "delivered": 1})
    with case(net.name + ": within a second it is known who listens, and who doesn't") as problems:
        client = Client(line, *path, 8003)
        def answered():
            client.answers().clear()
            line.sock.send(client.syn_frame())
            return not client.silent(0.1)
        with listen(8003):
            if not shield.wait_until(answered, bool):
                problems.append("not answered")
        if shield.wait_until(answered, lambda found: not found):
            problems.append("still answered")


def without_cookies(line, listener, path):
    """tcp_syncookies 0: the kernel would refuse them."""
    net, rate = path[0], 40
    with case(net.name + ", tcp_syncookies 0: no cookies, SYNs at Y a second") as problems:
        with option("Other/new_cookie_threshold", "1000000-%d" % rate), \
                sysctl("ipv4/tcp_syncookies", 0):
            tally, start, clients = Tally(), time.monotonic(), []
            while time.monotonic() - start < 1.5:
                clients.append(Client(line, *path))
                line.sock.send(clients[-1].syn_frame())
                time.sleep(0.001)
            elapsed, sent = time.monotonic() - start, len(clients)
            found = shield.wait_until(tally.moved, lambda moved: moved.get("rx_total") == sent)
            passed = found.get("delivered", 0)
            if found != {"rx_total": sent, "syn": sent, "delivered": passed,
                         "drop_syn": sent - passed, "syn_rate": sent - passed}:
                problems.append("%d SYNs: %s" % (sent, found))
            if not 0.5 * rate * elapsed <= passed <= rate * elapsed + rate / 10 + 1:
                problems.append("%d of %d passed in %.3f s" % (passed, sent, elapsed))
            status = shield.counters()["status"]
            if status != 0x0101:
                problems.append("status %#06x" % status)
            # The first one's is the stack's own answer, and its connection works.
            client = clients[0]
            answer = client.receive(f.SYN | f.ACK, "SYN+ACK")
            client.finish(answer)
            connection = accept(listener, client.sport)
            talk(problems, client, answer, connection)
            reset(connection)
    with case(net.name + ", tcp_syncookies 1 again: cookies") as problems:
        client, tally = Client(line, *path), Tally()
        client.begin()
        tally.expect(problems, COOKIE)
        if shield.counters()["status"] != 0x0001:
            problems.append("status %#06x" % shield.counters()["status"])


def refused_cookie(line, path):
    """A cookie that was sent before the kernel was told to refuse them."""
    with case(path[0].name + ", tcp_syncookies 0: no cookie is believed") as problems:
        client = Client(line, *path)
        answer = client.begin()
        tally = Tally()
        with sysctl("ipv4/tcp_syncookies", 0), toggled("unmatch_drop"):
            client.finish(answer)
            tally.expect(problems, STRAY)


def live_session(line, listener, path):
    """A SYN on a session may be the next connection from that port, or nonsense."""
    with case(path[0].name + ": of SYNs on a live session one a second passes") as problems:
        client = Client(line, *path)
        answer = client.begin()
        client.finish(answer)
        connection = accept(listener, client.sport)
        sent, tally, start = 200, Tally(), time.monotonic()
        for _ in range(sent):
            line.sock.send(client.syn_frame())
        seconds = int(time.monotonic() - start) + 2
        found = shield.wait_until(tally.moved, lambda moved: moved.get("rx_total") == sent)
        passed = found.get("delivered", 0)
        if found != {"rx_total": sent, "syn": sent, "established": passed, "delivered": passed,
                     "drop_syn": sent - passed, "syn_excess": sent - passed}:
            problems.append("%s" % found)
        if not 1 <= passed <= seconds:
            problems.append("%d passed in %d seconds" % (passed, seconds))
        talk(problems, client, answer, connection)
        reset(connection)


def accept_cases(line, listener):
    for path in PATHS:
        for syncookies in (1, 2):
            with sysctl("ipv4/tcp_syncookies", syncookies):
                accepted(line, listener, path, syncookies)
        not_sent(line, path)
        sent_again(line, listener, path)
        after_the_end(line, listener, path)


def refuse_cases(line, listener):
    for path in PATHS[:2]:
        forged(line, path)
        misplaced(line, path)
        in_disguise(line, path)
    other_contexts(line, listener)
    other_rules(line)


def rest_cases(line, listener):
    for path in PATHS:
        live_session(line, listener, path)
        refused_cookie(line, path)
    for path in PATHS[:2]:
        nobody_listens(line, path)
        without_cookies(line, listener, path)


def main():
    first_port, cases = {"accept": (20000, accept_cases), "refuse": (30000, refuse_cases),
                         "rest": (40000, rest_cases)}[sys.argv[1]]
    with listen() as listener, listen(8000):
        cookies(True)
        cases(Line(first_port), listener)
    print("end")


main()
