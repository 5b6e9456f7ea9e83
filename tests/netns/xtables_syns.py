#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SYNs by rules, as frames: what the answers are like, that ACKs with their
cookies open connections, and that answers of ours aren't counted as sent.

Runs on the shield, see shield.py. Port 80 is in p_tcp_ports, 81 in x_tcp_ports,
SYN cookies are on. The clients are addresses that no host has.
"""
import struct

import frames as f
import shield
from invalid_cases import V4, V6

SYNS = 100
# Behind the shield there is nobody; what is for there needs no listener here.
BEHIND = {V4: "10.99.0.1", V6: "2001:db8:99::1"}


class Frames:
    def __init__(self, family):
        self.family = family
        self.ethertype, self.network = (f.IPV4, 20) if family is V4 else (f.IPV6, 40)
        self.sock = shield.packet_socket("attacker", 0)
        self.tap = shield.packet_socket("attacker", shield.ALL)

    def send(self, dst, **fields):
        segment = f.tcp(self.family.src, dst, **fields)
        self.sock.send(f.ethernet(self.family.ip(segment, f.TCP, dst=dst), self.ethertype))

    def answer(self, port):
        """The SYN+ACK from there."""
        at = 14 + self.network
        return shield.receive(self.tap, lambda frame: len(frame) >= at + 20 and
                              frame[12:14] == struct.pack("!H", self.ethertype) and
                              frame[at:at + 2] == struct.pack("!H", port) and
                              frame[at + 13] == f.SYN | f.ACK, shield.TIMEOUT)

    def connection(self, name, dst, port, window):
        """window: whether the answer has any."""
        problems = []
        shield.expect(problems, lambda: self.send(dst, dport=port, seq=1000), rx_total=1, syn=1,
                      syncookie=1)
        frame = self.answer(port)
        if frame is None:
            problems.append("no answer")
        else:
            problems += self.unlike(frame, dst, window)
            cookie, = struct.unpack_from("!I", frame, 14 + self.network + 4)
            shield.expect(problems, lambda: self.send(
                dst, dport=port, flags=f.ACK, seq=1001, ack=cookie + 1), rx_total=1, ack=1,
                          established=1, newconns=1, delivered=1)
            # Or its server would end it in a minute, in the middle of another test.
            self.send(dst, dport=port, flags=f.RST, seq=1001)
        shield.report("%s: %s: the answer, and the connection" % (self.family.name, name), problems)

    def unlike(self, frame, dst, window):
        """What is wrong with the answer."""
        ip, tcp = frame[14:], frame[14 + self.network:]
        source = ip[12:16] if self.family is V4 else ip[8:24]
        facts = {"MACs": frame[:12] == f.mac(f.ATTACKER) + f.mac(f.SHIELD),
                 "source": source == f.address(dst),
                 "TTL": ip[8 if self.family is V4 else 7] == 64,
                 "acknowledgement": tcp[8:12] == struct.pack("!I", 1001),
                 "window": (tcp[14:16] != b"\0\0") == window}
        return ["wrong " + name for name in facts if not facts[name]]

    def not_sent(self):
        before = shield.counters()
        for port in range(SYNS):
            self.send(self.family.dst, sport=5000 + port)
        now = shield.wait_until(shield.counters, lambda now:
                                now["syncookie"] >= before["syncookie"] + SYNS)
        found = shield.moved(before, now)
        good = found.get("syncookie") == SYNS and found.get("tx_total", 0) < SYNS / 2
        shield.report("%s: cookies aren't counted as sent" % self.family.name,
                      [] if good else [str(found)])


def main():
    for family in (V4, V6):
        run = Frames(family)
        run.connection("p_tcp_ports", family.dst, 80, True)
        run.connection("x_tcp_ports", BEHIND[family], 81, False)
        run.not_sent()
    print("end")


main()
