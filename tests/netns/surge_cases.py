#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Surge protection, SPEC 5.5: under a UDP flood to an allowed port delivery is
limited to Y packets a second, and established connections have half of them to
themselves.

Runs on the shield, see shield.py and session_wire.py. Of Other port 80 is in
p_tcp_ports, 81 in w_tcp_ports and 7600 in w_udp_ports.
"""
import socket
import struct
import time

import frames as f
import paced
import shield
from answers_net import NETS
from session_wire import V4, V6, Peer, Wire, case, listen, reset, toggled, write

X, Y = 600, 400
DEPTH = Y // 10
FLOOD = 3000  # packets a second
SECONDS = 3
PORT = 7600


def datagrams(net):
    """Of many sources, none of which exists."""
    pattern = "2001:db8:bad::%d" if net.ip is f.ipv6 else "203.0.113.%d"
    return [f.ethernet(net.ip(f.udp(pattern % n, net.shield, PORT), f.UDP, pattern % n,
                              net.shield), net.ethertype) for n in range(1, 65)]


class Echo:
    """A connection from the client, whose server is here."""

    def __init__(self, net, port):
        with socket.create_server((net.shield, port), family=net.domain) as listener, \
                shield.Host("client"):
            self.near = socket.create_connection((net.shield, port), shield.TIMEOUT)
            self.far = listener.accept()[0]
        for sock in (self.near, self.far):
            sock.settimeout(shield.TIMEOUT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.times = []
        self.turn()

    def turn(self):
        """There and back, once."""
        start = time.monotonic()
        self.near.sendall(b"ping")
        self.far.sendall(self.far.recv(4))
        if self.near.recv(4) != b"ping":
            raise OSError("no echo")
        self.times.append(time.monotonic() - start)

    def sent_again(self):
        """Segments that had to be sent twice (struct tcp_info)."""
        return sum(struct.unpack_from("=I", sock.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0] for sock in (self.near, self.far))

    def close(self):
        self.near.close()
        self.far.close()


def status():
    return shield.counters()["status"]


def flooded(problems, echoes):
    """While it lasts: what was delivered in how long."""
    if shield.wait_until(status, lambda bits: bits == 8) != 8:
        problems.append("never on")
    before, start = shield.counters(), time.monotonic()
    while time.monotonic() < start + SECONDS:
        for echo in echoes:
            echo.turn()
        time.sleep(0.05)
    found, took = shield.moved(before, shield.counters()), time.monotonic() - start
    if status() != 8:
        problems.append("went off meanwhile")
    return found, took


def under_flood(net):
    with case("%s: a UDP flood of %d a second, Y %d" % (net.name, FLOOD, Y)) as problems:
        wire = shield.packet_socket("attacker", 0)
        echoes = [Echo(net, port) for port in (80, 81)]
        with net.socket("shield", PORT):
            with paced.Flood(paced.Burst(wire, datagrams(net)), FLOOD):
                found, took = flooded(problems, echoes)
            end = time.monotonic()
            shield.wait_until(status, lambda bits: not bits, 5)
            if time.monotonic() - end > 2:
                problems.append("off %.1f s after the end" % (time.monotonic() - end))
        rate, offered = found["delivered"] / took, found["rx_total"] / took
        turns = sum(len(echo.times) for echo in echoes)
        again = sum(echo.sent_again() for echo in echoes)
        print("# figure surge_delivered_%s %.0f packets/s of %.0f, Y %d" % (
            net.name, rate, offered, Y))
        print("# figure surge_round_trip_%s %.1f ms at most, %d times, %d segments again" % (
            net.name, 1000 * max(max(echo.times) for echo in echoes), turns, again))
        # As much as a full bucket more. What it refills with while a busy machine
        # sends nothing is lost, and there it may be much.
        if not 0.2 * Y <= rate <= 1.1 * Y + DEPTH / took:
            problems.append("delivered %.0f a second of %.0f" % (rate, offered))
        if set(found) - {"rx_total", "tx_total", "delivered", "whitelisted", "ack", "established",
                         "surge"}:
            problems.append("dropped for another reason: %s" % found)
        if again > turns // 20:
            problems.append("%d segments had to be sent again in %d turns" % (again, turns))
        for echo in echoes:
            echo.close()


def halves(net, wire, listener):
    """The bucket, packet by packet: datagrams get half of it at most."""
    with case(net.name + ": half of the bucket is for established sessions") as problems:
        peer = Peer(wire, net)
        connection = peer.establish(listener)
        peer.hear(connection, b"an answer")
        datagram = f.udp(net.peer, net.shield, PORT)
        datagram = f.ethernet(net.ip(datagram, f.UDP, net.peer, net.shield), net.ethertype)
        with toggled("deliver_block"):
            time.sleep(0.2)  # the bucket is full
            before, start = shield.counters(), time.monotonic()
            for _ in range(2 * DEPTH):
                wire.sock.send(datagram)
            first = shield.wait_until(lambda: shield.moved(before, shield.counters()),
                                      lambda m: m.get("rx_total") == 2 * DEPTH)
            peer.stray(3 * DEPTH)
            found = shield.wait_until(lambda: shield.moved(before, shield.counters()),
                                      lambda m: m.get("rx_total") == 5 * DEPTH)
            more = Y * (time.monotonic() - start) + 1
        problems += ["%s" % found] * (found["rx_total"] != found["delivered"] + found["surge"])
        if not DEPTH // 2 <= first["delivered"] <= DEPTH // 2 + more:
            problems.append("%d datagrams of %d passed" % (first["delivered"], 2 * DEPTH))
        segments = found["established"]
        if not DEPTH // 2 - 2 <= segments <= DEPTH // 2 + more:
            problems.append("%d segments of the session passed" % segments)
        reset(connection)


def without_rates():
    """Nobody shall be locked out of his host by switching the threshold off."""
    with case("0-0 while it is on by hand: no limit") as problems:
        net, number = NETS[0], 3 * DEPTH
        wire = shield.packet_socket("attacker", 0)
        with toggled("deliver_block"):
            write("Other/deliver_block_threshold", "0-0")
            before = shield.counters()
            for frame in (datagrams(net) * 2)[:number]:
                wire.send(frame)
            problems += shield.expect_moved(before, {"rx_total": number, "whitelisted": number,
                                                     "delivered": number})


def main():
    write("Other/deliver_block_threshold", "%d-%d" % (X, Y))
    for net in NETS:
        under_flood(net)
    wire, listener = Wire(), listen()
    for net in (V4, V6):
        halves(net, wire, listener)
    without_rates()
    print("end")


main()
