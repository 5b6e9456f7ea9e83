#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers to what the shield's own programs send, and what only looks like it:
UDP, DNS, multicast and broadcast, ICMP errors. Real sockets on the shield, the
client and the attacker; raw frames where no socket would say such a thing.

Runs on the shield, see shield.py; every list of every context is empty.
"""
import contextlib
import errno
import socket
import struct
import time

import frames as f
import shield
from answers_net import NETS, hears, moves
from session_wire import Problem, case, option, outlast, write

QUERY_ID = 0x1234
ICMP_BURST = 100  # of 1000 a second


@contextlib.contextmanager
def conversation(net, port=7000):
    """A server on the client and a socket of the shield that has asked it."""
    with net.socket("client", port) as server, net.socket("shield") as asker:
        asker.sendto(b"ask", server.getsockname())
        yield server, asker, server.recvfrom(100)[1]


def udp_answers(net):
    with case(net.name + ": UDP: answers come in, as many as there are") as problems:
        with conversation(net) as (server, asker, to):
            for number in range(1, 4):
                moves(problems, lambda: [server.sendto(b"yes", to) for _ in range(number)],
                      udp_rsp=number)
            hears(problems, asker, *[b"yes"] * 6)
    with case(net.name + ": UDP: what nobody asked for doesn't") as problems:
        with conversation(net) as (server, asker, to), net.socket("client", 7001) as other, \
                net.socket("attacker", 7000) as stranger, net.socket("shield", 7777) as silent:
            for sender in (other, stranger):
                moves(problems, lambda s=sender: s.sendto(b"no", to), closed_udp_port=1)
            moves(problems, lambda: server.sendto(b"no", silent.getsockname()), closed_udp_port=1)
            moves(problems, lambda: server.sendto(b"yes", to), udp_rsp=1)
            hears(problems, asker, b"yes")
            hears(problems, silent)
    with case(net.name + ": UDP: to a port of w_udp_ports anything comes in") as problems:
        with net.socket("shield", 7500) as asker, net.socket("client", 7001) as other:
            write("Other/w_udp_ports", "+7500")
            asker.sendto(b"ask", other.getsockname())
            moves(problems, lambda: other.sendto(b"yes", asker.getsockname()), whitelisted=1)
            with net.socket("attacker", 7001) as stranger:
                moves(problems, lambda: stranger.sendto(b"too", asker.getsockname()),
                      whitelisted=1)
            hears(problems, asker, b"yes", b"too")
            write("Other/w_udp_ports", "-7500")


def udp_timeout(net):
    """The time runs from the outgoing datagram on; answers don't stop it. A host
    so slow that a try takes longer than the time-out tries again."""
    with case(net.name + ": UDP: udp_session_timeout, from the question on") as problems, \
            option("udp_session_timeout", "3"), conversation(net) as (server, asker, to):
        def ask():
            asker.sendto(b"ask", server.getsockname())
            server.recv(100)
        for _ in range(20):
            tried, asked = [], time.monotonic()
            ask()
            for _ in range(4):
                time.sleep(0.5)
                moves(tried, lambda: server.sendto(b"yes", to), udp_rsp=1)
            if time.monotonic() - asked < 3:
                break
        else:
            raise Problem("too slow for 3 s")
        problems += tried
        outlast(asked, 3)
        moves(problems, lambda: server.sendto(b"late", to), closed_udp_port=1)
        ask()
        moves(problems, lambda: server.sendto(b"yes", to), udp_rsp=1)


def groups(net):
    """Whoever is asked as a group may answer, from the port that was asked."""
    for target in (net.group,) + (net.everybody or ()):
        with case("%s: %s may answer from anywhere" % (net.name, target)) as problems, \
                net.socket("shield") as asker, net.socket("client", 5353) as one, \
                net.socket("attacker", 5353) as two, net.socket("attacker", 5354) as other:
            scope = (0, socket.if_nametoindex("eth0")) if net.domain == socket.AF_INET6 else ()
            asker.sendto(b"who?", (target, 5353) + scope)
            moves(problems, lambda: one.sendto(b"I", asker.getsockname()), udp_rsp=1)
            moves(problems, lambda: two.sendto(b"I too", asker.getsockname()), udp_rsp=1)
            moves(problems, lambda: other.sendto(b"no", asker.getsockname()), closed_udp_port=1)
            with net.socket("shield") as silent:
                moves(problems, lambda: one.sendto(b"no", silent.getsockname()),
                      closed_udp_port=1)
            hears(problems, asker, b"I", b"I too")


def message(ident, text=b" rest of a DNS message"):
    return struct.pack("!H", ident) + text


def dns(net):
    yes = message(QUERY_ID)
    with net.socket("client", 53) as server, net.socket("shield") as asker, \
            net.socket("attacker", 53) as stranger, net.socket("client", 5300) as other:
        to = asker.getsockname()
        def ask(ident=QUERY_ID):
            asker.sendto(message(ident), server.getsockname())
            server.recv(100)
        def reply(sender=server, data=yes):
            sender.sendto(data, to)
        with case(net.name + ": DNS: the answer comes in once") as problems:
            ask()
            moves(problems, reply, dns_resp=1)
            moves(problems, reply, closed_udp_port=1)
            moves(problems, lambda: reply(data=message(QUERY_ID, b"")), closed_udp_port=1)
            hears(problems, asker, yes)
        with case(net.name + ": DNS: not with another id, port or address") as problems:
            ask()
            for wrong in (QUERY_ID + 1, QUERY_ID ^ 0xFFFF, 0):
                moves(problems, lambda w=wrong: reply(data=message(w)), closed_udp_port=1)
            moves(problems, lambda: reply(data=b"\x12"), closed_udp_port=1)
            moves(problems, lambda: reply(other), closed_udp_port=1)
            moves(problems, lambda: reply(stranger), closed_udp_port=1)
            with net.socket("shield") as silent:
                moves(problems, lambda: server.sendto(yes, silent.getsockname()),
                      closed_udp_port=1)
            moves(problems, reply, dns_resp=1)
            hears(problems, asker, yes)
        with case(net.name + ": DNS: two questions, two answers; asked again, again") as problems:
            ask(1)
            ask(2)
            moves(problems, lambda: reply(data=message(2)), dns_resp=1)
            moves(problems, lambda: reply(data=message(1)), dns_resp=1)
            ask(1)
            moves(problems, lambda: reply(data=message(1)), dns_resp=1)
            moves(problems, lambda: reply(data=message(2)), closed_udp_port=1)
            hears(problems, asker, message(2), message(1), message(1))
        with case(net.name + ": DNS: not after dns_session_timeout") as problems, \
                option("dns_session_timeout", "1"):
            asked = time.monotonic()
            ask()
            outlast(asked, 1)
            moves(problems, reply, closed_udp_port=1)
            hears(problems, asker)


def vlan():
    """A context with a VLAN takes answers from that VLAN only."""
    with case("IPv4 in VLAN 100: the answer must come by the VLAN") as problems:
        net, wire = NETS[0], shield.packet_socket("client", 0)
        write("contexts", "+10.1.0.1@100")
        with net.socket("client", 7000, "10.1.0.2") as server, \
                net.socket("shield", 0, "10.1.0.1") as asker:
            asker.sendto(b"ask", server.getsockname())
            to = server.recvfrom(100)[1]
            frame = f.udp("10.1.0.2", "10.1.0.1", to[1], 7000, b"no")
            frame = f.ipv4(frame, f.UDP, "10.1.0.2", "10.1.0.1")
            for packet, kind in ((frame, f.IPV4), (f.tag(frame, f.IPV4, 200), f.VLAN)):
                moves(problems, lambda p=packet, k=kind: wire.send(f.ethernet(p, k)),
                      closed_udp_port=1)
            moves(problems, lambda: server.sendto(b"yes", to), "10.1.0.1@100", udp_rsp=1)
            hears(problems, asker, b"yes")
        write("contexts", "-10.1.0.1@100")


def refused(sock, data):
    """Whether the socket is told that nobody listens there."""
    try:
        for _ in range(5):
            sock.send(data)
            sock.recv(100)
    except ConnectionRefusedError:
        return []
    except OSError as error:
        return [errno.errorcode.get(error.errno, str(error))]
    return ["no error"]


def port_unreachable(net):
    for port, data, name in ((9999, b"ask", "UDP"), (53, message(QUERY_ID), "a DNS query")):
        with case("%s: port unreachable for %s reaches the program" % (net.name, name)) as problems:
            with net.socket("shield") as asker:
                asker.connect((net.client, port))
                moves(problems, lambda: problems.extend(refused(asker, data)), out_related=1)


class Quoting:
    """ICMP errors as frames: about datagrams that the shield has sent, or not."""

    def __init__(self, net, source, sport, dport):
        self.net, self.source, self.sport, self.dport = net, source, sport, dport
        self.wire = shield.packet_socket("attacker", 0)

    def quote(self, **other):
        """Of a datagram to the client; other: what is different in it."""
        field = {"sport": self.sport, "dport": self.dport, "src": self.net.shield,
                 "dst": self.net.client}
        field.update(other)
        inner = f.udp(field["src"], field["dst"], field["dport"], field["sport"])
        return self.net.ip(inner, f.UDP, field["src"], field["dst"])

    def frame(self, quoted, to=None, kind=None):
        src, dst = self.source, to or self.net.shield
        body = struct.pack("!I", 0) + quoted
        if self.net.ip is f.ipv4:
            packet = f.ipv4(f.icmp(3 if kind is None else kind, body), f.ICMP, src, dst)
        else:
            packet = f.ipv6(f.icmp6(src, dst, 1 if kind is None else kind, body), f.ICMPV6, src,
                            dst)
        return f.ethernet(packet, self.net.ethertype)

    def send(self, *args, **fields):
        self.wire.send(self.frame(*args, **fields))


def forged_errors(net):
    header = 20 if net.ip is f.ipv4 else 40
    with conversation(net) as (server, asker, to):
        run = Quoting(net, net.attacker, to[1], server.getsockname()[1])
        with case(net.name + ": an error from anywhere about a known datagram") as problems:
            moves(problems, lambda: run.send(run.quote()), out_related=1)
            moves(problems, lambda: run.send(run.quote()[:header + 8]), out_related=1)
        with case(net.name + ": forged errors don't come in") as problems:
            for other in ({"sport": to[1] ^ 1}, {"dport": 7001}, {"dst": net.attacker},
                          {"src": net.attacker}, {"src": net.client, "dst": net.shield}):
                moves(problems, lambda o=other: run.send(run.quote(**o)), closed_protocol=1)
            # Right, but for its going to another address of the shield.
            elsewhere = "10.1.0.1" if net.ip is f.ipv4 else "2001:db8:1::1"
            moves(problems, lambda: run.send(run.quote(), elsewhere), closed_protocol=1)
            moves(problems, lambda: run.send(run.quote()[:header + 3]), closed_protocol=1)
            moves(problems, lambda: run.send(run.quote()[:header - 1]), closed_protocol=1)
            moves(problems, lambda: run.send(b"\x75" + run.quote()[1:]), closed_protocol=1)
        with case(net.name + ": ICMP that is no error doesn't, whatever it holds") as problems:
            for kind in (0, 8, 13) if net.ip is f.ipv4 else (128, 129, 200):
                moves(problems, lambda k=kind: run.send(run.quote(), kind=k), closed_protocol=1)


def error_rate(net):
    """At most the rate in a second, and a tenth of it more at once."""
    for rate, burst, number in ((0, ICMP_BURST, 3000), (50, 10, 300)):
        with case("%s: errors at icmp_rate_max %d" % (net.name, rate)) as problems, \
                option("Other/icmp_rate_max", str(rate)), conversation(net) as (server, _, to):
            run = Quoting(net, net.attacker, to[1], server.getsockname()[1])
            frame = run.frame(run.quote())
            time.sleep(1.1 * burst / (rate or 1000))  # the bucket is full
            before, start = shield.counters(), time.monotonic()
            for _ in range(number):
                run.wire.send(frame)
            found = shield.wait_until(lambda: shield.moved(before, shield.counters()),
                                      lambda m: m.get("rx_total") == number)
            most = burst + (rate or 1000) * (time.monotonic() - start) + 1
            passed = found.get("out_related", 0)
            if not burst <= passed <= most:
                problems.append("%d passed, %d to %d may" % (passed, burst, most))
            for name, value in (("delivered", passed), ("filtered", number - passed),
                                ("related_icmp_rate", number - passed)):
                if found.get(name, 0) != value:
                    problems.append("%s: %s" % (name, found))


def main():
    for net in NETS:
        for scenario in (udp_answers, udp_timeout, groups, dns, port_unreachable, forged_errors,
                         error_rate):
            scenario(net)
    vlan()
    print("end")


main()
