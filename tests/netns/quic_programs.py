#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A real QUIC client and server (ngtcp2's) through the shield: with protections
off, with the shield attached in the middle of a connection, under floods, and
with a Retry forced on the client.

Runs on the shield, see shield.py. The instance is new, and eth0 not attached;
gtlsserver serves the files of the directory in the first argument on port 443
(test_quic_programs.sh), and takes HAProxy's tokens (haproxy_tokens.c). So a
connection that begins with a Retry is followed on the wire and to its end.
"""
import os
import subprocess
import sys
import time

import frames as f
import paced
import quic_token
import quic_wire as q
import shield
from session_wire import PEER_MAC, case, toggled, write

WORK = sys.argv[1]
SMALL, LARGE = "small", "large"
ADDRESSES = [server for _, server, _ in q.PATHS]
FLOOD = 300  # datagrams of each kind at least, or it wasn't one


def into(address):
    """A directory for what is downloaded from there."""
    path = "%s/from-%s" % (WORK, address)
    os.makedirs(path, exist_ok=True)
    return path


def start(address, name, *options):
    """gtlsclient on the client, which fetches a file."""
    with shield.Host("client"), open(WORK + "/client.log", "w", encoding="utf-8") as log:
        return subprocess.Popen(
            ["gtlsclient", "-q", "--no-quic-dump", "--no-http-dump", "--timeout=20s",
             "--exit-on-all-streams-close", "--download=" + into(address), *options, address,
             str(q.PORT), "https://shield/" + name], stdout=log, stderr=log)


def problems_of(client, address, name):
    """What is wrong with a fetch once it is over."""
    try:
        client.wait(timeout=4 * shield.TIMEOUT)
    except subprocess.TimeoutExpired:
        client.kill()
        client.wait()
        return ["%s: the client didn't end" % address]
    path = "%s/%s" % (into(address), name)
    try:
        with open(path, "rb") as found, open("%s/%s" % (WORK, name), "rb") as wanted:
            same = found.read() == wanted.read()
        os.unlink(path)
    except FileNotFoundError:
        return ["%s: nothing was fetched (%d)" % (address, client.returncode)]
    return [] if same else ["%s: not what the server has" % address]


def fetch(problems, address, *options):
    problems += problems_of(start(address, SMALL, *options), address, SMALL)


def has_begun(address, name):
    path = "%s/%s" % (into(address), name)
    return os.path.exists(path) and os.path.getsize(path) > 0


def moved_since(before):
    return shield.moved(before, shield.counters())


def without_shield():
    """Or what follows would prove nothing."""
    with case("client and server speak to each other without a shield") as problems:
        fetch(problems, "10.0.0.1")


def attached_in_the_middle():
    with case("a connection lives on when the shield is attached and all is switched "
              "on") as problems:
        address = "10.0.0.1"
        client = start(address, LARGE)
        shield.wait_until(lambda: has_begun(address, LARGE), bool)
        write("ifaces", "+eth0")
        # What the server sends in a moment is enough to know it; it may also try to reach
        # a client that is gone.
        shield.wait_until(lambda: shield.counters()["established"], bool)
        before = shield.counters()
        with toggled("new_cookie", "unmatch_drop"):
            shield.wait_until(lambda: moved_since(before).get("established", 0),
                              lambda count: count > 20)
            if client.poll() is not None:
                problems.append("it was over too soon: nothing is proven")
            problems += problems_of(client, address, LARGE)
        found = moved_since(before)
        if found.get("established", 0) <= 20 or found.get("drop_qsh"):
            problems.append("counted %s" % found)


def protections_off():
    for address in ADDRESSES:
        with case("a file from %s, protections off" % address) as problems:
            before = shield.counters()
            fetch(problems, address)
            found = moved_since(before)
            if found.get("newconns") != 1 or not found.get("quic_init"):
                problems.append("counted %s" % found)


def stray(kind, number):
    """A datagram of no session, from a host of its own."""
    src = "192.0.%d.%d" % (number >> 8, number & 255)
    datagram = q.short_header() if kind == "drop_qsh" else q.long_header(2, total=300)
    segment = f.udp(src, "10.0.0.1", q.PORT, 1024 + number, datagram)
    return f.ethernet(f.ipv4(segment, f.UDP, src, "10.0.0.1"), f.IPV4, src=PEER_MAC)


def floods():
    for kind in ("drop_qhs", "drop_qsh"):
        with case("a transfer lives through a flood that is dropped: %s" % kind) as problems:
            frames = [stray(kind, number) for number in range(256)]
            sock = shield.packet_socket("attacker", 0)
            burst = paced.Burst(sock, frames)
            with toggled("unmatch_drop"):
                client = start("10.0.0.1", LARGE)
                shield.wait_until(lambda: has_begun("10.0.0.1", LARGE), bool)
                before, sent = shield.counters(), 0
                while client.poll() is None and has_begun("10.0.0.1", LARGE):
                    sent += burst.send(64)
                    time.sleep(0.001)
                problems += problems_of(client, "10.0.0.1", LARGE)
            found = shield.wait_until(lambda: moved_since(before).get(kind, 0),
                                      lambda count: count >= sent)
            if found != sent or sent < FLOOD:
                problems.append("%d sent, %d dropped" % (sent, found))


class Exchange:
    """The long headers between client and server, as the client's wire has them."""

    def __init__(self, address):
        self.server = f.address(address)
        self.sock = shield.packet_socket("client", shield.ALL)

    def datagrams(self):
        """(from the server, its port on the client's side, datagram)"""
        for frame in shield.drain(self.sock):
            packet = frame[14:]
            size = 4 if packet[0] >> 4 == 4 else 16
            at = 12 if size == 4 else 8
            src, dst = packet[at:at + size], packet[at + size:at + 2 * size]
            segment = packet[20 if size == 4 else 40:]
            if self.server in (src, dst) and len(segment) > 8 and segment[8] & 0x80:
                back = src == self.server
                yield back, int.from_bytes(segment[2 * back:2 * back + 2], "big"), segment[8:]


def ids(datagram):
    """(destination id, source id, token) of an Initial."""
    dcid = datagram[6:6 + datagram[5]]
    at = 6 + len(dcid)
    scid = datagram[at + 1:at + 1 + datagram[at]]
    at += 1 + len(scid)
    size = 1 << (datagram[at] >> 6)
    length = int.from_bytes(datagram[at:at + size], "big") & (1 << 8 * size - 2) - 1
    return dcid, scid, datagram[at + size:at + size + length]


def follow(problems, address):
    exchange = Exchange(address)
    client = start(address, SMALL)
    before = shield.counters()
    problems += problems_of(client, address, SMALL)
    seen = list(exchange.datagrams())
    port = seen[0][1]
    odcid, scid, token = ids(seen[0][2])
    if seen[0][0] or token:
        problems.append("the client began with %s" % seen[0][2][:60].hex())
    retries = [data for back, _, data in seen if back and data[0] >> 4 & 3 == 3]
    retry = quic_token.Retry(retries[0], quic_token.V1, odcid, scid)
    returned = [ids(data) for back, _, data in seen if not back and data[0] >> 4 & 3 == 0]
    if (retry.scid, scid, retry.token) not in returned:
        problems.append("the client returned %s" % [part.hex() for part in returned[-1]])
    made = quic_token.open_token(retry.token, q.SECRET, quic_token.V1, address_of(address), port,
                                 scid)
    if made[0] != odcid:
        problems.append("the token is for %s, not %s" % (made[0].hex(), odcid.hex()))
    found = moved_since(before)
    if found.get("newconns") != 1 or not found.get("quicretry"):
        problems.append("counted %s" % found)


def address_of(server):
    """The client's, in the network of the server's."""
    return server[:-1] + "2"


def forced_retries():
    write("Other/cluster_secret", q.SECRET.decode())
    for address in ADDRESSES:
        with case("a Retry for %s: the client returns id and token, and gets the file" %
                  address_of(address)) as problems:
            with toggled("new_cookie", "unmatch_drop"):
                try:
                    follow(problems, address)
                except (ValueError, IndexError) as error:
                    problems.append(repr(error))


def returning_client():
    """It sends 0-RTT behind its Initial, in the same datagram, and again after the Retry."""
    kept = ["--session-file=%s/session" % WORK, "--tp-file=%s/tp" % WORK]
    with case("a client that comes back with 0-RTT: a Retry, and the file") as problems:
        fetch(problems, ADDRESSES[0], *kept)
        before = shield.counters()
        with toggled("new_cookie", "unmatch_drop"):
            fetch(problems, ADDRESSES[0], *kept)
        found = moved_since(before)
        if not os.path.exists(WORK + "/session") or not found.get("quicretry") or \
                found.get("newconns") != 1:
            problems.append("counted %s" % found)


def draft_29():
    with case("draft 29: a Retry, and the file") as problems:
        before = shield.counters()
        with toggled("new_cookie", "unmatch_drop"):
            fetch(problems, ADDRESSES[1], "-v", "0x%08x" % quic_token.DRAFT_29)
        found = moved_since(before)
        if not found.get("quicretry") or found.get("newconns") != 1:
            problems.append("counted %s" % found)


def another_secret():
    """The server's part in all of this: it refuses what it can't read."""
    with case("with another cluster_secret the server refuses the tokens") as problems:
        write("Other/cluster_secret", "another")
        with toggled("new_cookie", "unmatch_drop"):
            client = start(ADDRESSES[0], SMALL)
            if not problems_of(client, ADDRESSES[0], SMALL):
                problems.append("it got the file")


def main():
    write("Other/p_udp_ports", "+%d" % q.PORT)
    without_shield()
    attached_in_the_middle()
    protections_off()
    floods()
    forced_retries()
    returning_client()
    draft_29()
    another_secret()
    print("end")


main()
