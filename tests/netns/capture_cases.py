# SPDX-License-Identifier: GPL-2.0-or-later
"""raw.cap holds what came, byte for byte; run by test_capture.sh on a shield
whose eth0, attached, is one end of a cable without any traffic but ours.

Captured + capmissed = rx_total is checked after each case.
"""
import os
import struct
import subprocess
import sys
import time

import capture
import frames
import shield

RAW = shield.INSTANCE + "/raw.cap"
A, B = "10.0.0.3", "10.0.0.1"
A6, B6 = "2001:db8::3", "2001:db8::1"


def numbers():
    found = shield.numbers(shield.INSTANCE + "/stats")
    return found["rx_total"], found["capmissed"]


def wait_received(count):
    return shield.wait_until(lambda: numbers()[0], lambda now: now >= count)


class Case:
    """with Case(name) as case: case.sent are the frames that are to be captured."""

    def __init__(self, name):
        self.name, self.problems, self.sent = name, [], []

    def __enter__(self):
        drain()
        self.before = numbers()
        return self

    def __exit__(self, kind, error, _):
        if error:
            self.problems.append(repr(error))
        shield.report(self.name, self.problems)
        return isinstance(error, (OSError, ValueError))

    def send(self, sock, *packets):
        for packet in packets:
            sock.send(packet)
        self.sent += packets

    def expect(self, expected, actual):
        if expected != actual:
            self.problems += ["expected %.300r" % (expected,), "  actual %.300r" % (actual,)]

    def arrived(self):
        wait_received(self.before[0] + len(self.sent))

    def check(self, found):
        """All came, nothing else did, and the sums are right."""
        self.expect(len(self.sent), len(found))
        for n, (want, have) in enumerate(zip(self.sent, capture.frames_of(found))):
            if want != have:
                self.problems.append("frame %d: expected %s, captured %s" %
                                     (n, want.hex(), have.hex()))
                break
        now = numbers()
        self.expect(now[0] - self.before[0], len(found) + now[1] - self.before[1])


def drain():
    fd = capture.open_file(RAW)
    data = capture.read_all(fd)
    os.close(fd)
    return capture.pcap(data)


def tcp(number, payload=b"", src=A, dst=B, **header):
    segment = frames.tcp(src, dst, sport=1024 + number % 60000, seq=number, flags=frames.ACK,
                         payload=payload, **header)
    return frames.ethernet(frames.ipv4(segment, frames.TCP, src, dst), frames.IPV4)


def udp6(payload):
    datagram = frames.udp(A6, B6, payload=payload)
    return frames.ethernet(frames.ipv6(datagram, frames.UDP, A6, B6), frames.IPV6)


def tagged(frame, vlan, kind=frames.VLAN):
    return frame[:12] + struct.pack("!HH", kind, vlan) + frame[12:]


def kinds():
    """One frame of each kind: valid, invalid, not IP, with all sorts of tags."""
    whole = tcp(1)
    return {
        "TCP": whole,
        "UDP over IPv6": udp6(b"x" * 100),
        "the longest": tcp(2, b"y" * 1460),
        "a bad checksum": tcp(3, bad_checksum=1),
        "behind the IP packet": whole + b"trailer",
        "no IP": frames.ethernet(b"z" * 46, 0x88B5),
        "802.3": frames.ethernet(b"\x42\x42\x03" + b"z" * 43, 46),
        "another host's": frames.ethernet(whole[14:], frames.IPV4, dst=frames.mac(77)),
        "cut": whole[:40],
        "a header only": whole[:14],
        "VLAN 100": tagged(whole, 100),
        "VLAN 4094, priority 7, DEI": tagged(whole, 0xFFFE),
        "priority only": tagged(whole, 0x6000),
        "service tag": tagged(whole, 200, frames.SVLAN),
        "tag in tag": tagged(tagged(whole, 100), 0x2000 | 200, frames.SVLAN),
    }


def bytes_as_they_came(wire):
    with Case("byte for byte: all kinds of frames") as case:
        case.send(wire, *kinds().values())
        case.arrived()
        begin = time.time()
        found = drain()
        case.check(found)
        for (when, length, frame) in found:
            case.expect(len(frame), length)
            if not begin - shield.TIMEOUT < when <= begin:
                case.problems.append("time %f at %f" % (when, begin))
    for length in (0, 1, 3, 46, 999):
        with Case("byte for byte: %d bytes of payload" % length) as case:
            case.send(wire, tcp(length, bytes(n & 0xFF for n in range(length))))
            case.arrived()
            case.check(drain())


def by_program(wire, name, command):
    """What a program makes of raw.cap, as a pcap file on its standard output."""
    with Case("byte for byte: " + name) as case:
        case.send(wire, *kinds().values())
        case.arrived()
        ended = subprocess.run(command, shell=True, capture_output=True, check=False)
        case.expect(0, ended.returncode)
        data = ended.stdout
        magic, link = struct.unpack_from("=I16xI", data)
        case.expect((0xA1B2C3D4, 1), (magic, link))
        case.check(capture.records(data[24:]))


def send_super(case):
    """A super-packet of 20 segments, as the shield sees it."""
    frame = tcp(5, bytes(n % 251 for n in range(20000)))
    frame = frame[:50] + struct.pack("!H", 0) + frame[52:]
    wire = shield.packet_socket("shield", 0, "eth1", vnet=True)
    before = numbers()[0]
    wire.send(shield.vnet_header(1, 1, 54, 1000, 34, 16) + frame)
    case.expect(before + 20, wait_received(before + 20))
    wire.close()
    return frame


def super_packet():
    with Case("a super-packet is captured as seen, and counted by segments") as case:
        sums = send_super(case)
        found = drain()
        case.expect([sums], capture.frames_of(found))
        case.expect([len(sums)], [length for _, length, _ in found])
        now = numbers()
        case.expect((20, 0), (now[0] - case.before[0], now[1] - case.before[1]))


def huge():
    """More than a record has room for: BIG TCP. Behind what the IP header says it is long."""
    with Case("of a frame of 68,000 bytes the first 65,600 are captured") as case:
        subprocess.run(["ip", "link", "set", "eth1", "gso_max_size", "100000"], check=True)
        frame = tcp(6, bytes(n % 251 for n in range(60000)))
        frame = frame[:50] + struct.pack("!H", 0) + frame[52:]
        frame += bytes(n % 247 for n in range(68000 - len(frame)))
        wire = shield.packet_socket("shield", 0, "eth1", vnet=True)
        wire.send(shield.vnet_header(1, 1, 54, 1000, 34, 16) + frame)
        wait_received(case.before[0] + 1)
        found = drain()
        case.expect([(len(frame), frame[:capture.FRAME_MAX])],
                    [(length, kept) for _, length, kept in found])
        wire.close()


def reads(wire):
    with Case("reads of any size give the same bytes") as case:
        for size in (1, 7, 16, 24, 4096):
            case.sent = []
            case.before = numbers()
            case.send(wire, *(tcp(n, b"p" * n) for n in range(8)))
            case.arrived()
            fd = capture.open_file(RAW)
            case.check(capture.pcap(capture.read_all(fd, size)))
            os.close(fd)
    with Case("a reader at the end goes on with what comes") as case:
        fd = capture.open_file(RAW)
        found = capture.pcap(capture.read_all(fd))
        for n in range(3):
            case.send(wire, tcp(n), tcp(n + 10))
            case.arrived()
            found += capture.records(capture.read_all(fd))
        case.check(found)
        os.close(fd)
    with Case("going back in what is being read") as case:
        case.send(wire, tcp(1), tcp(2))
        case.arrived()
        fd = capture.open_file(RAW)
        data = os.read(fd, 24) + os.read(fd, 60)
        os.lseek(fd, 0, os.SEEK_SET)
        again = capture.read_all(fd)
        case.expect(data, again[:len(data)])
        case.check(capture.pcap(again))
        os.close(fd)


def readers(wire):
    with Case("a reader that goes in between: the next one begins with that record") as case:
        case.send(wire, *(tcp(n, b"p" * 50) for n in range(5)))
        case.arrived()
        fd = capture.open_file(RAW)
        first = os.read(fd, 24) + os.read(fd, 2 * 120 + 30)
        os.close(fd)
        case.expect(24 + 2 * 120 + 30, len(first))
        case.check(capture.pcap(first[:24 + 2 * 120]) + drain())
    with Case("a new reader takes over, the old one gets ESTALE") as case:
        case.send(wire, tcp(1), tcp(2))
        case.arrived()
        old = capture.open_file(RAW)
        os.read(old, 24)
        case.check(drain())
        for _ in range(2):
            try:
                case.expect("ESTALE", os.read(old, 4096))
            except OSError as error:
                case.expect(116, error.errno)
        os.close(old)


def rates(wire):
    """From 1 a second to as fast as it goes, with a reader and without."""
    for rate, count in ((1, 3), (100, 100), (0, 20000)):
        with Case("%s: all is captured, in order" %
                  ("%d/s" % rate if rate else "flood")) as case:
            fd, found = capture.open_file(RAW), b""
            for n in range(count):
                case.send(wire, tcp(n, struct.pack("!I", n)))
                if rate:
                    time.sleep(1 / rate)
                if rate == 1 or n % 1000 == 999:
                    found += capture.read_all(fd)
            case.arrived()
            case.check(capture.pcap(found + capture.read_all(fd)))
            os.close(fd)


def full(wire):
    with Case("all slots full: the first packets are kept, the others counted") as case:
        payload = b"f" * 1400
        # 2 MiB hold less than 1,500 of these, on up to eight processors.
        for n in range(3000 * max(1, os.cpu_count() // 8)):
            case.send(wire, tcp(n, struct.pack("!I", n) + payload))
        case.arrived()
        missed = numbers()[1] - case.before[1]
        if not missed:
            case.problems.append("nothing was missed")
        sent = case.sent
        case.sent = sent[:len(sent) - missed]
        before = numbers()
        send_super(case)
        now = numbers()
        case.expect((20, 20), (now[0] - before[0], now[1] - before[1]))
        case.before = (case.before[0] + 20, case.before[1] + 20)
        case.check(drain())
        case.sent, case.before = [], numbers()
        case.send(wire, tcp(1))
        wait_received(case.before[0] + 1)
        case.check(drain())


def send_from(cpu, cpus, count):
    """Frames of one of several senders, each on a processor of its own."""
    os.sched_setaffinity(0, {cpu})
    wire = shield.packet_socket("shield", 0, "eth1")
    for n in range(cpu, count, cpus):
        wire.send(tcp(n, struct.pack("!I", n)))


def all_processors():
    """A reader takes slots away while all processors fill theirs."""
    cpus, count = os.cpu_count(), 20000
    with Case("a flood on %d processors, and a reader who never waits" % cpus) as case:
        senders = [subprocess.Popen([sys.executable, __file__, str(cpu), str(cpus), str(count)])
                   for cpu in range(cpus)]
        fd, found = capture.open_file(RAW), b""
        while any(sender.poll() is None for sender in senders):
            found += capture.read_all(fd)
        wait_received(case.before[0] + count)
        found = capture.frames_of(capture.pcap(found + capture.read_all(fd)))
        os.close(fd)
        by_cpu = {}
        for frame in found:
            number = struct.unpack_from("!I", frame, 54)[0]
            case.expect(tcp(number, struct.pack("!I", number)), frame)
            by_cpu.setdefault(number % cpus, []).append(number)
        for numbers_found in by_cpu.values():
            case.expect(sorted(set(numbers_found)), numbers_found)
        now = numbers()
        case.expect((count, count - len(found)),
                    (now[0] - case.before[0], now[1] - case.before[1]))
        print("# %d captured" % len(found), flush=True)


def main(topic):
    # One processor, so that packets arrive in the order in which they are sent.
    os.sched_setaffinity(0, {0})
    wire = shield.packet_socket("shield", 0, "eth1")
    if topic == "bytes":
        bytes_as_they_came(wire)
        by_program(wire, "tcpdump -r", "tcpdump -r %s -w - 2>/dev/null" % RAW)
        by_program(wire, "cat | tcpdump -r -", "cat %s | tcpdump -r - -w - 2>/dev/null" % RAW)
        by_program(wire, "tshark -r", "tshark -Q -r %s -F pcap -w - 2>/dev/null" % RAW)
        super_packet()
        huge()
        reads(wire)
        readers(wire)
    else:
        rates(wire)
        full(wire)
        all_processors()
    print("end")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        send_from(*map(int, sys.argv[1:]))
    else:
        main(sys.argv[1])
