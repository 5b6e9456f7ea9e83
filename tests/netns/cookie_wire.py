# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP client made of frames, for the tests of SYN cookies: every byte of its
SYN is chosen, and every field of the answer is read.

A client is the peer of session_wire.py: an address that no host has, whose
frames leave from the attacker's interface. Ports 80 and 8000-8199 of the shield
are in p_tcp_ports of Other, new_cookie is toggled by hand.
"""
import contextlib
import socket
import struct

import frames as f
import shield
from session_wire import PEER_MAC, V4, V4_100, V6, V6_100, Problem, write

PORTS = "80 8000-8199"
ISN = 0x7FFFFFF0  # sequence numbers pass the sign bit during each handshake
TSVAL = 0x01020304
SOL_PACKET, PACKET_AUXDATA, TAG_VALID = 263, 8, 0x10
SYN_ACK = f.SYN | f.ACK
BESIDE = ("tx_total", "unknown_ttl", "status")
# Networks with the tags of their frames.
PATHS = ((V4, ()), (V6, ()), (V4_100, (100,)), (V6_100, (100,)))

NOP, END = b"\1", b"\0"
SACK = b"\4\2"
COOKIE_REQUEST = b"\x22\2"  # TCP Fast Open, RFC 7413


def mss(value):
    return struct.pack("!BBH", 2, 4, value)


def scale(shift):
    return struct.pack("!BBB", 3, 3, shift)


def timestamps(value=TSVAL, echo=0):
    return struct.pack("!BBII", 8, 10, value, echo)


def padded(options):
    return options + NOP * (-len(options) % 4)


# What Linux sends.
USUAL = mss(1460) + SACK + timestamps() + NOP + scale(7)


def cookies(state, context="Other"):
    """By hand, on or off; a repetition is no error."""
    try:
        write("Other/new_cookie_toggled", "-+"[state] + context)
    except (FileExistsError, FileNotFoundError):
        pass


@contextlib.contextmanager
def sysctl(name, value, host="shield"):
    """with sysctl("ipv4/tcp_sack", 0): of net, and as it was before afterwards."""
    path = "/proc/sys/net/" + name
    with shield.Host(host):
        with open(path, encoding="ascii") as file:
            before = file.read()
        with open(path, "w", encoding="ascii") as file:
            file.write(str(value))
    try:
        yield
    finally:
        with shield.Host(host), open(path, "w", encoding="ascii") as file:
            file.write(before)


class Answer:
    """A frame of the shield's, taken apart: fields to compare, and the numbers
    that can't be equal twice."""

    def __init__(self, frame, tag):
        kind = struct.unpack("!H", frame[12:14])[0]
        self.tags, packet = [tag] if tag else [], frame[14:]
        while kind in (f.VLAN, f.SVLAN):
            self.tags.append(struct.unpack("!H", packet[:2])[0])
            kind, packet = struct.unpack("!H", packet[2:4])[0], packet[4:]
        self.fields = {"to": frame[:6].hex(), "from": frame[6:12].hex(), "tags": self.tags}
        if kind == f.IPV4:
            segment = self._ipv4(packet)
        else:
            segment = self._ipv6(packet)
        self._tcp(segment)

    def _ipv4(self, packet):
        length = struct.unpack("!H", packet[2:4])[0]
        self.src, self.dst = packet[12:16], packet[16:20]
        self.fields.update(header=packet[0], tos=packet[1], id=packet[4:6].hex(),
                           fragment=packet[6:8].hex(), ttl=packet[8], protocol=packet[9],
                           behind=len(packet) - length)
        self.header_sum = f.checksum(packet[:20])
        self.pseudo = packet[12:20] + struct.pack("!II", length - 20, f.TCP)
        return packet[20:length]

    def _ipv6(self, packet):
        length = struct.unpack("!H", packet[4:6])[0]
        self.src, self.dst = packet[8:24], packet[24:40]
        self.header_sum = 0
        # The stack gives every connection a flow label, of which nothing is known here.
        self.fields.update(header=packet[0], tos=packet[1] >> 4, ttl=packet[7],
                           protocol=packet[6], behind=len(packet) - 40 - length)
        self.pseudo = packet[8:40] + struct.pack("!II", length, f.TCP)
        return packet[40:40 + length]

    def _tcp(self, segment):
        self.sport, self.dport, self.seq, self.ack, offset, self.flags, self.window = \
            struct.unpack("!HHIIBBH", segment[:16])
        self.options = segment[20:(offset >> 4) * 4]
        self.payload = segment[(offset >> 4) * 4:]
        self.tsval, self.tsecr = None, None
        layout = self.options
        at = self.options.find(b"\x08\x0a") + 2
        if at >= 2:
            self.tsval, self.tsecr = struct.unpack("!II", self.options[at:at + 8])
            layout = layout[:at] + b"tsvl" + layout[at + 4:]
        self.fields.update(ports=(self.sport, self.dport), ack=self.ack, reserved=offset & 15,
                           flags=self.flags, window=self.window, urgent=segment[18:20].hex(),
                           options=layout.hex(), payload=self.payload.hex())
        # The stack leaves that of TCP to the device: not for comparing.
        self.sum = f.checksum(self.pseudo + segment)

    def option(self, kind):
        """What is in the option, or None; that of a bare option is empty."""
        at = 0
        while at < len(self.options) and self.options[at] != 0:
            length = 1 if self.options[at] == 1 else self.options[at + 1]
            if self.options[at] == kind:
                return self.options[at + 2:at + length]
            at += length
        return None

    def whole(self):
        """What is wrong with its checksums."""
        return ["checksum of %s" % name for name, value in (("IP", self.header_sum),
                                                            ("TCP", self.sum)) if value]

    def differs(self, other):
        """Where the fields of another one differ, as text."""
        return ["%s %s, not %s" % (name, value, other.fields.get(name))
                for name, value in self.fields.items() if value != other.fields.get(name)]


class Line:
    """The interface that the clients share, and what the shield sent there."""

    def __init__(self, first_port, host="attacker"):
        """first_port: programs on one shield use different ones, for sessions stay."""
        self.sock = shield.packet_socket(host, shield.ALL)
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.arrived, self.next_port = {}, first_port

    def new_port(self):
        self.next_port += 1
        return self.next_port

    def drain(self):
        """Sort what has come by connection."""
        while True:
            try:
                frame, extra, _, _ = self.sock.recvmsg(65536, 64, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if frame[6:12] != f.mac(f.SHIELD) or not is_tcp(frame):
                continue
            answer = Answer(frame, outer_tag(extra))
            key = (answer.dst, answer.dport, answer.src, answer.sport)
            self.arrived.setdefault(key, []).append(answer)


def outer_tag(extra):
    """The tag that the kernel has taken off a frame."""
    for level, kind, data in extra:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tag, _ = struct.unpack("=IIIHHHH", data[:20])
            return tag & 0xFFF if status & TAG_VALID else 0
    return 0


def is_tcp(frame):
    kind, packet = struct.unpack("!H", frame[12:14])[0], frame[14:]
    while kind in (f.VLAN, f.SVLAN):
        kind, packet = struct.unpack("!H", packet[2:4])[0], packet[4:]
    return (kind == f.IPV4 and packet[9] == f.TCP) or (kind == f.IPV6 and packet[6] == f.TCP)


def marked(packet, tos):
    """The same packet with another type of service, or traffic class."""
    if packet[0] >> 4 == 6:
        return struct.pack("!H", 6 << 12 | tos << 4) + packet[2:]
    end = (packet[0] & 15) * 4
    header = packet[:1] + bytes((tos,)) + packet[2:10] + b"\0\0" + packet[12:end]
    return header[:10] + struct.pack("!H", f.checksum(header)) + header[12:] + packet[end:]


class Client:
    """One connection's client. Its fields are those of the SYN, and may be changed."""

    def __init__(self, line, net, tags=(), port=80, options=USUAL, sport=None, tos=0, **syn):
        """syn: flags, payload and the oddities that frame() knows."""
        self.line, self.net, self.tags, self.port, self.tos = line, net, tags, port, tos
        self.options, self.sport, self.syn = padded(options), sport or line.new_port(), syn
        self.isn, self.source, self.destination, self.mac = ISN, net.peer, net.shield, PEER_MAC

    def frame(self, flags, seq, ack=0, options=b"", payload=b"", reserved=0, damage=False,
              **link):
        """reserved: bits of the TCP header; damage: of its checksum; link: as of packet()
        and framed()."""
        segment = f.tcp(self.source, self.destination, self.port, self.sport, flags, options,
                        payload, seq=seq & 0xFFFFFFFF, ack=ack & 0xFFFFFFFF)
        if reserved:
            segment = segment[:12] + bytes((segment[12] | reserved,)) + segment[13:16] + b"\0\0" \
                + segment[18:]
            segment = f.with_sum(segment, 16, f.TCP, self.source, self.destination, 0)
        if damage:
            segment = segment[:16] + bytes((segment[16] ^ 1,)) + segment[17:]
        to = link.pop("to", f.mac(f.SHIELD))
        padding = link.pop("padding", b"")
        return self.framed(self.packet(segment, **link), to) + padding

    def packet(self, segment, fragment=False, extension=False, ttl=64):
        """fragment: the first of several; extension: IPv4 options, or a header of IPv6."""
        protocol = f.TCP
        if self.net.ip is f.ipv4:
            fields = {"ttl": ttl, "fragment": f.MORE if fragment else 0,
                      "options": NOP * 8 if extension else b""}
        else:
            fields = {"hops": ttl}
            if extension:
                segment, protocol = f.extension(segment, protocol), f.DESTINATION
            if fragment:
                segment, protocol = f.fragment6(segment, protocol, 0, 1), f.FRAGMENT
        packet = self.net.ip(segment, protocol, self.source, self.destination, **fields)
        return marked(packet, self.tos) if self.tos else packet

    def framed(self, packet, to=f.mac(f.SHIELD)):
        kind = self.net.ethertype
        for tag in reversed(self.tags):
            packet, kind = f.tag(packet, kind, tag), f.VLAN
        return f.ethernet(packet, kind, to, self.mac)

    def syn_frame(self):
        fields = {"flags": f.SYN, "options": self.options}
        fields.update(self.syn)
        return self.frame(seq=self.isn, **fields)

    def answers(self):
        """What has come, and isn't taken away."""
        self.line.drain()
        return self.line.arrived.setdefault((f.address(self.source), self.sport,
                                             f.address(self.destination), self.port), [])

    def receive(self, flags, what="an answer", timeout=None):
        """The next one with these flags; those before it are gone."""
        def ask():
            queue = self.answers()
            while queue:
                answer = queue.pop(0)
                if answer.flags & (flags | f.RST) == flags:
                    return answer
            return None
        answer = shield.wait_until(ask, lambda found: found, timeout)
        if not answer:
            raise Problem("port %d never got %s" % (self.sport, what))
        return answer

    def begin(self):
        """SYN; the answer to it."""
        self.line.sock.send(self.syn_frame())
        return self.receive(SYN_ACK, "SYN+ACK")

    def silent(self, seconds=0.3):
        """Whether nothing comes for a moment."""
        return not shield.wait_until(self.answers, bool, seconds)

    def finish(self, answer, payload=b"", **fields):
        """The ACK, with what the answer wants; fields: as of frame()."""
        options = b""
        if answer.tsval is not None:
            options = padded(timestamps(TSVAL + 5, answer.tsval))
        settings = {"flags": f.ACK | (f.PSH if payload else 0), "seq": self.isn + 1,
                    "ack": answer.seq + 1, "options": options, "payload": payload}
        settings.update(fields)
        self.line.sock.send(self.frame(**settings))


class Tally:
    """What moves in a context from here on, but for what the shield sends and
    what it thinks of TTLs."""

    def __init__(self, context="Other"):
        self.context = context
        self.before = shield.counters(context)

    def moved(self):
        found = shield.moved(self.before, shield.counters(self.context))
        return {name: found[name] for name in found if name not in BESIDE}

    def expect(self, problems, expected, what=""):
        found = shield.wait_until(self.moved, lambda moved: moved == expected)
        if found != expected:
            problems.append("%s: expected %s, counted %s" % (what, expected, found))
        self.before = shield.counters(self.context)


class Info:
    """TCP_INFO of a socket."""
    TIMESTAMPS, SACK, SCALE, ECN, ECN_SEEN, SYN_DATA = 1, 2, 4, 8, 16, 32

    def __init__(self, connection):
        data = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        self.options, scales = data[5], data[6]
        self.snd_scale, self.rcv_scale = scales & 15, scales >> 4
        words = struct.unpack("=24I", data[8:104])
        self.snd_mss, self.advmss, self.rcv_space = words[2], words[19], words[22]
        self.delivered_ce, self.snd_wnd = struct.unpack("=I", data[196:200])[0], \
            struct.unpack("=I", data[228:232])[0]

    def negotiated(self):
        """What a handshake decides."""
        return {"options": self.options, "snd_scale": self.snd_scale, "rcv_scale": self.rcv_scale,
                "snd_mss": self.snd_mss, "advmss": self.advmss, "rcv_space": self.rcv_space,
                "snd_wnd": self.snd_wnd}


def accept(listener, port):
    """The server's side of the connection from that port; those before it that
    nobody has asked for are closed."""
    def ask():
        try:
            connection, address = listener.accept()
        except BlockingIOError:
            return None
        if address[1] == port:
            return connection
        connection.close()
        return None
    listener.setblocking(False)
    connection = shield.wait_until(ask, lambda found: found)
    if not connection:
        raise Problem("port %d: nothing to accept" % port)
    connection.settimeout(shield.TIMEOUT)
    return connection


def connect(net, port=0):
    """A socket of the client's own stack, connected to port 80 of the shield;
    port: of its own, 0 for any."""
    with shield.Host("client"):
        family = socket.AF_INET6 if net.ip is f.ipv6 else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.settimeout(shield.TIMEOUT)
    sock.bind(("", port))
    try:
        sock.connect((net.shield, 80))
    except TimeoutError as late:
        sock.close()
        raise Problem("can't connect") from late
    return sock
