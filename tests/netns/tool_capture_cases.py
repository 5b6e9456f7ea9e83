# SPDX-License-Identifier: GPL-2.0-or-later
"""packetshield capture; run by test_tool_capture.sh on a shield whose eth0,
attached, is one end of a cable without any traffic but ours.

	tool_capture_cases.py file	what is written, and who can read it
	tool_capture_cases.py filters	which packets are wanted
	tool_capture_cases.py lines	what is printed live
	tool_capture_cases.py ends	how it ends, and what was lost
	tool_capture_cases.py refused	bad input
"""
import os
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time

import capture
import frames
import pcapng
import shield
from capture_cases import drain, kinds, numbers, send_super, tcp, udp6, wait_received
from shield import report
from tool import TOOL, do, run
from tree import unequal

FIRST = tcp(9999)  # what tells that a capture is on


class Capture:
    """A capture that is on: to a file, or to standard output where path is "-"."""

    def __init__(self, *arguments, path="-", output=subprocess.PIPE):
        drain()
        self.path = path
        self.begin = numbers()
        if path != "-" and os.path.exists(path):
            os.unlink(path)
        self.process = subprocess.Popen([TOOL, "capture", *arguments, "-w", path],
                                        stdout=output, stderr=subprocess.PIPE, text=False)
        if path != "-":
            shield.wait_until(lambda: os.path.exists(path) and os.path.getsize(path),
                              lambda size: size)

    def end(self, number=None):
        """Send a signal, or wait for its own end: what it wrote, decoded."""
        if number:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=4 * shield.TIMEOUT)
        self.code, self.err = self.process.returncode, err.decode()
        if self.path != "-":
            with open(self.path, "rb") as file:
                out = file.read()
        self.raw = out
        return pcapng.File(out)


def send(wire, *packets):
    """Until they have arrived."""
    before = numbers()[0]
    for packet in packets:
        wire.send(packet)
    wait_received(before + len(packets))


def frames_of(file):
    return [packet.frame for packet in file.packets]


def pcap_frames(data):
    """Those of a pcap file as tcpdump writes it."""
    return capture.frames_of(capture.records(data[24:]))


def to_file(wire):
    path = os.path.join(tempfile.mkdtemp(), "file")
    sent = list(kinds().values()) + [tcp(n, bytes(n)) for n in range(9)]
    on = Capture("shield", path=path)
    begin = time.time()
    send(wire, *sent)
    found = on.end(signal.SIGINT)
    report("-w FILE: byte for byte what was sent", unequal(
        (0, sent, [len(frame) for frame in sent]),
        (on.code, frames_of(found), [packet.length for packet in found.packets])))
    report("... when it came", [] if all(begin - 1 < packet.when < time.time()
                                         for packet in found.packets) else ["other times"])
    report("... interface and instance", unequal(
        ([("eth0", "instance shield")], {"eth0"}),
        (found.interfaces, {packet.interface for packet in found.packets})))
    report("... statistics", unequal(
        [("eth0", {"received": len(sent), "lost": 0, "accepted": len(sent)})],
        found.statistics))
    report("... for nobody else to read", unequal(0o600, os.stat(path).st_mode & 0o777))
    report("... and says so", [] if on.err == "%d packets captured, %d received, 0 lost for " \
           "want of room\n" % (len(sent), len(sent)) else [on.err])
    report("every packet has a comment", unequal(
        {"instance": "shield", "context": "Other", "verdict": "drop",
         "reason": "closed_tcp_port"}, found.packets[0].words()) + unequal(
        ["drop ip_length Other", "pass not_ip -"],
        sorted({"%(verdict)s %(reason)s %(context)s" % packet.words()
                for packet in found.packets} & {"drop ip_length Other", "pass not_ip -"})))
    by_others(path, sent, found)


def by_others(path, sent, found):
    """What tcpdump and tshark make of the file."""
    ran = subprocess.run(["tcpdump", "-r", path, "-w", "-"], capture_output=True, check=False)
    report("tcpdump reads it, byte for byte", unequal((0, sent), (
        ran.returncode, pcap_frames(ran.stdout))))
    ran = subprocess.run(["tshark", "-Q", "-r", path, "-F", "pcap", "-w", "-"],
                         capture_output=True, check=False)
    report("tshark reads it, byte for byte", unequal((0, sent), (
        ran.returncode, pcap_frames(ran.stdout))))
    ran = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "frame.comment", "-e",
                          "frame.interface_name", "-e", "frame.len"], capture_output=True,
                         check=False, text=True)
    report("... and comments and interfaces too", unequal(
        ["%s\teth0\t%d" % (packet.comment, packet.length) for packet in found.packets],
        ran.stdout.splitlines()))


def to_pipe(wire):
    sent = [tcp(n) for n in range(4)]
    drain()
    send(wire, FIRST)
    with subprocess.Popen([TOOL, "capture", "--old", "-c", "5", "-w", "-"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tool, \
            subprocess.Popen(["tshark", "-l", "-r", "-", "-T", "fields", "-e", "frame.comment"],
                             stdin=tool.stdout, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True) as tshark:
        tool.stdout.close()
        send(wire, *sent)
        out = tshark.communicate(timeout=4 * shield.TIMEOUT)[0]
    report("-w - into tshark", unequal(
        ["verdict=drop reason=closed_tcp_port context=Other instance=shield"] * 5,
        out.splitlines()))


def super_packet():
    class Sums:
        problems = []

        def expect(self, expected, actual):
            self.problems += unequal(expected, actual)
    path = os.path.join(tempfile.mkdtemp(), "file")
    on = Capture(path=path)
    frame = send_super(Sums())
    found = on.end(signal.SIGTERM)
    report("a super-packet is one, and says how many it stands for", unequal(
        ([frame], "20", 20), (frames_of(found), found.packets[0].words()["segments"],
                              found.statistics[0][1]["received"])))


def file(wire):
    to_file(wire)
    to_pipe(wire)
    super_packet()


def filters(wire):
    do("add", "shield", "contexts", "10.0.0.9", "10.0.0.9@100")
    do("add", "shield", "10.0.0.9", "w_tcp_ports", "1-65535")
    plain, bad, datagram = tcp(1), tcp(2, bad_checksum=1), udp6(b"u" * 50)
    mine = tcp(3, dst="10.0.0.9")
    tagged = mine[:12] + struct.pack("!HH", frames.VLAN, 100) + mine[12:]
    arp = frames.ethernet(b"z" * 46, 0x88B5)
    everything = [plain, bad, datagram, mine, tagged, arp]
    for arguments, expected in (
            (("--verdict", "drop"), [plain, bad, datagram, tagged]),
            (("--verdict", "pass,deliver"), [mine, arp]),
            (("--reason", "tcp_checksum"), [bad]),
            (("--reason", "tcp_checksum,closed_udp_port"), [bad, datagram]),
            (("shield", "10.0.0.9"), [mine]),
            (("--context", "10.0.0.9@100"), [tagged]),
            (("shield", "Other"), [plain, bad, datagram]),
            (("--filter", "udp"), [datagram]),
            (("--filter", "tcp and not host 10.0.0.9"), [plain, bad]),
            (("--filter", "vlan 100"), [tagged]),
            (("--filter", "tcp", "--verdict", "drop", "--context", "Other", "--reason",
              "closed_tcp_port"), [plain]),
            (("--verdict", "reply"), [])):
        path = os.path.join(tempfile.mkdtemp(), "file")
        on = Capture(*arguments, path=path)
        send(wire, *everything)
        found = on.end(signal.SIGINT)
        report("capture " + " ".join(arguments), unequal(
            (0, expected, len(everything), len(expected)),
            (on.code, frames_of(found), found.statistics[0][1]["received"],
             found.statistics[0][1]["accepted"])))
    do("set", "shield", "contexts", "-")


def printed(wire, *packets):
    """Lines told of packets that wait."""
    drain()
    send(wire, *packets)
    ran = run("capture", "--old", "-c", str(len(packets)))
    lines = ran.out.splitlines()
    good = all(re.match(r"\d\d:\d\d:\d\d\.\d{6} ", line) for line in lines)
    return [line[16:] for line in lines] if good and not ran.code else [repr(ran)]


def wait_told(wire, process):
    """Send until it prints."""
    def told():
        wire.send(tcp(7))
        return select.select([process.stdout], [], [], 0.2)[0]
    shield.wait_until(told, lambda is_there: is_there)


def lines(wire):
    syn = frames.tcp("10.0.0.3", "10.0.0.1", sport=5, dport=80, flags=frames.SYN)
    syn = frames.ethernet(frames.ipv4(syn, frames.TCP, "10.0.0.3", "10.0.0.1"), frames.IPV4)
    arp = frames.ethernet(b"z" * 46, 0x88B5)
    found = printed(wire, syn, tcp(2, bad_checksum=1), udp6(b"u"), arp, syn[:40])
    report("a line a packet", unequal([
        "eth0 shield/Other drop closed_tcp_port 10.0.0.3:5 > 10.0.0.1:80 TCP [S] length %d" %
        len(syn),
        "eth0 shield/- pass not_ip ethertype 0x88b5 length 60"], [found[0], found[3]]))
    report("... of what is invalid", [] if re.match(
        r"eth0 shield/Other drop tcp_checksum 10\.0\.0\.3:\d+ > 10\.0\.0\.1:\d+ TCP \[\.\] ",
        found[1]) else found)
    report("... of IPv6", [] if re.match(
        r"eth0 shield/Other drop closed_udp_port \[2001:db8::3\]:\d+ > \[2001:db8::1\]:\d+ UDP ",
        found[2]) else found)
    report("... of what is cut", [] if "length 40" in found[4] and " drop " in found[4]
           else found)
    drain()
    send(wire, syn)
    process = subprocess.Popen([TOOL, "capture"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    wait_told(wire, process)
    line = process.stdout.readline()
    report("lines come while it goes on, and not of what was before", [] if "TCP [.]" in line
           else [line])
    process.stdout.close()
    wire.send(tcp(7))
    report("it ends when nobody reads what it prints", unequal(
        True, process.wait(4 * shield.TIMEOUT) in (0, 1)))


def lost(wire):
    path = os.path.join(tempfile.mkdtemp(), "file")
    on = Capture(path=path)
    before = numbers()
    on.process.send_signal(signal.SIGSTOP)
    send(wire, *(tcp(n, b"f" * 1400) for n in range(4000)))
    missed = numbers()[1] - before[1]
    on.process.send_signal(signal.SIGCONT)
    found = on.end(signal.SIGINT)
    counts = found.statistics[0][1]
    report("what found no room is counted", unequal(
        (4000, missed, 4000 - missed, True),
        (counts["received"], counts["lost"], len(found.packets), missed > 1000)))
    report("... and told", [] if "4000 received, %d lost" % missed in on.err else [on.err])


def ends(wire):
    lost(wire)
    path = os.path.join(tempfile.mkdtemp(), "file")
    on = Capture("-c", "3", path=path)
    send(wire, *(tcp(n) for n in range(9)))
    report("-c ends it", unequal((0, [tcp(n) for n in range(3)]), (
        (found := on.end()) and on.code, frames_of(found))))
    on = Capture("--seconds", "1", path=path)
    began = time.monotonic()
    send(wire, tcp(5))
    found = on.end()
    report("--seconds ends it", unequal((0, [tcp(5)], True), (
        on.code, frames_of(found), time.monotonic() - began > 0.9)))
    on = Capture(path=path)
    found = on.end(signal.SIGINT)
    report("nothing came: a file all the same", unequal(
        (0, [("none", "instance shield")], []), (on.code, found.interfaces, found.packets)))
    on = Capture(path=path)
    fd = capture.open_file(shield.INSTANCE + "/capture.map")
    os.read(fd, 4)
    on.end()
    os.close(fd)
    report("another reader takes over", unequal(
        (1, True), (on.code, "another program" in on.err)))
    do("add", "instances", "second")
    on = Capture("second", path=path)
    do("del", "instances", "second")
    on.end()
    report("the instance goes", unequal((1, True), (on.code, "was removed" in on.err)))


def refused(_):
    for arguments, code, words in (
            (("--verdict", "dropped"), 2, "drop"),
            (("--verdict", ""), 2, "pass, deliver"),
            (("--verdict", "drop,"), 2, "there is no"),
            (("--reason", "tcp_cheksum"), 2, "tcp_checksum"),
            (("--reason", "empty_ack"), 2, "there is no"),
            (("--context", "nowhere"), 2, "context"),
            (("--context", "Other", "shield", "10.0.0.1"), 2, "two contexts"),
            (("--filter", "tcp prot 80"), 2, "pcap-filter"),
            (("-c", "0"), 2, "number"), (("--count", "x"), 2, "number"),
            (("--seconds", "-1"), 2, "number"),
            (("none",), 1, "no such instance"),
            (("shield", "Other", "more"), 2, "too many"),
            (("-w", "/no/such/file"), 1, "No such file"),
            (("-c", "1", "--old", "-w", "/dev/full"), 1, "No space")):
        ran = run("capture", *arguments)
        report("refused: capture " + " ".join(arguments), [] if ran.code == code and
               words in ran.err and not ran.out else [repr(ran)])
    ran = run("capture", "-c", "1", wrap=("setpriv", "--reuid=65534", "--clear-groups"))
    report("for root only", [] if ran.code == 3 and "root" in ran.err else [repr(ran)])


if __name__ == "__main__":
    globals()[sys.argv[1]](shield.packet_socket("shield", 0, "eth1"))
    print("end")
