# SPDX-License-Identifier: GPL-2.0-or-later
"""context_capture.map, decoded by its documented header alone; run by
test_capture_contexts.sh on a shield whose eth0, attached, is one end of a cable
without any traffic but ours.
"""
import fcntl
import os
import struct
import subprocess
import sys

import capture
import frames
import shield
import tree
from capture_cases import Case, drain, numbers, tagged, tcp

MAP = shield.INSTANCE + "/context_capture.map"
CONTEXTS = ("10.0.0.1", "10.0.0.1@100", "10.0.0.9", "2001:db8::1", "2001:db8::1@200")


def capturing(context, value="1"):
    tree.write("%s/%s/context_capture" % (shield.INSTANCE, context), value)


def tcp6(number, dst="2001:db8::1"):
    segment = frames.tcp("2001:db8::3", dst, sport=1024 + number, flags=frames.ACK)
    return frames.ethernet(frames.ipv6(segment, frames.TCP, "2001:db8::3", dst), frames.IPV6)


def packet(context, number):
    """One that the context judges, different for each number."""
    return {
        "10.0.0.1": lambda: tcp(number),
        "10.0.0.1@100": lambda: tagged(tcp(number), 0x2000 | 100),
        "10.0.0.9": lambda: tcp(number, dst="10.0.0.9"),
        "2001:db8::1": lambda: tcp6(number),
        "2001:db8::1@200": lambda: tagged(tcp6(number), 200),
        "Other": lambda: tcp(number, dst="10.0.0.77"),
        # Invalid packets are those of their destination's context, too.
        "invalid": lambda: tcp(number, bad_checksum=1),
    }[context]()


def read_chunks(case, reader, count):
    """As many records as there must be, by context, and their chunks."""
    found, order = {}, []
    def read():
        for size, slot in reader.slots():
            chunks = capture.chunks(slot[:size])
            noted = iter(capture.notes(slot, sum(len(records) for _, records in chunks)))
            for context, records in chunks:
                order.append(context)
                found.setdefault(context, []).extend(capture.frames_of(records))
                case.expect({context}, {next(noted)[2] for _ in records})
        return sum(len(frames) for frames in found.values())
    case.expect(count, shield.wait_until(read, lambda now: now >= count))
    return found, order


def nothing_yet():
    with Case("no context captures: the size is 0") as case:
        reader = capture.Map(MAP)
        case.expect([0, 0], [reader.size(), reader.size()])
        reader.close()


def wanted_only(wire):
    with Case("contexts with context_capture 1, and no others") as case:
        reader = capture.Map(MAP)
        for context in ("10.0.0.1@100", "2001:db8::1", "Other"):
            capturing(context)
        sent = {}
        for number in range(5):
            for context in CONTEXTS + ("Other",):
                sent.setdefault(context, []).append(packet(context, number))
                case.send(wire, sent[context][-1])
        case.arrived()
        wanted = {context: sent[context] for context in ("10.0.0.1@100", "2001:db8::1", "Other")}
        found, _ = read_chunks(case, reader, 15)
        case.expect(wanted, found)
        case.check(drain())
        reader.close()


def neighbours(wire):
    with Case("packets of one context that follow each other share a chunk") as case:
        reader = capture.Map(MAP)
        for context in CONTEXTS:
            capturing(context)
        sent = {}
        for context in ("10.0.0.1", "10.0.0.9", "10.0.0.1", "2001:db8::1@200", "Other"):
            for _ in range(3):
                sent.setdefault(context, []).append(packet(context, len(case.sent)))
                case.send(wire, sent[context][-1])
        case.send(wire, packet("invalid", 99))
        sent["10.0.0.1"].append(case.sent[-1])
        found, order = read_chunks(case, reader, 16)
        case.expect(sent, found)
        case.expect(["10.0.0.1", "10.0.0.9", "10.0.0.1", "2001:db8::1@200", "Other", "10.0.0.1"],
                    order)
        case.check(drain())
        reader.close()


def switched_off(wire):
    with Case("switched off, a context captures nothing more") as case:
        reader = capture.Map(MAP)
        capturing("10.0.0.9", "0")
        case.send(wire, packet("10.0.0.9", 1), packet("10.0.0.1", 2))
        found, _ = read_chunks(case, reader, 1)
        case.expect({"10.0.0.1": case.sent[1:]}, found)
        case.check(drain())
        reader.close()


def passed_unjudged(wire):
    with Case("packets that no context judges are in none") as case:
        reader = capture.Map(MAP)
        other = frames.ethernet(tcp(1)[14:], frames.IPV4, dst=frames.mac(77))
        case.send(wire, frames.ethernet(b"x" * 46, 0x88B5), other, packet("Other", 3))
        found, _ = read_chunks(case, reader, 1)
        case.expect({"Other": case.sent[2:]}, found)
        case.check(drain())
        reader.close()


def flood(wire):
    with Case("a flood: each chunk is whole, and capmissed says nothing of these") as case:
        reader = capture.Map(MAP)
        for number in range(40000):
            wire.send(packet("10.0.0.1" if number % 3 else "2001:db8::1", number))
        shield.wait_until(lambda: numbers()[0], lambda now: now >= case.before[0] + 40000)
        found, kept = {}, 0
        for size, slot in reader.slots():
            for context, records in capture.chunks(slot[:size]):
                found.setdefault(context, []).extend(capture.frames_of(records))
        for context, frames_found in found.items():
            expected = [packet(context, number) for number in range(40000)
                        if (number % 3 == 0) == (context == "2001:db8::1")]
            case.expect(True, frames_found == expected[:len(frames_found)])
            kept += len(frames_found)
        case.expect(True, 5000 < kept <= 40000)
        now = numbers()
        case.expect(now[0] - case.before[0], len(drain()) + now[1] - case.before[1])
        reader.close()


def devices(which):
    """Packets that no netdev hook of an Ethernet device shows: by rules, and of a tun."""
    if which == "vlan":
        with Case("by a rule, on a VLAN's device: the tag is put back") as case:
            wire = shield.packet_socket("shield", 0, "eth1")
            case.send(wire, tagged(tcp(1), 100), tcp(2))
            case.arrived()
            case.check(drain())
        return
    with Case("of a tun there is no Ethernet header: one is made up") as case:
        tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))
        tree.write(shield.INSTANCE + "/ifaces", "+tun0")
        subprocess.run(["ip", "link", "set", "tun0", "up"], check=True)
        case.before = numbers()
        drain()
        made_up = bytes(12)
        for whole in (tcp(1), tcp6(2)):
            os.write(tun, whole[14:])
            case.sent.append(made_up + whole[12:])
        case.arrived()
        case.check(drain())
        os.close(tun)


if __name__ == "__main__":
    os.sched_setaffinity(0, {0})
    if sys.argv[1] != "contexts":
        devices(sys.argv[1])
    else:
        WIRE = shield.packet_socket("shield", 0, "eth1")
        for NAME in CONTEXTS:
            tree.write(shield.INSTANCE + "/contexts", "+" + NAME)
        nothing_yet()
        wanted_only(WIRE)
        neighbours(WIRE)
        switched_off(WIRE)
        passed_unjudged(WIRE)
        flood(WIRE)
    print("end")
