#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""QUIC on p_udp_ports, frame by frame: what is dropped and counted, the Retry on
the wire, and who gets in with its token. Both families, untagged and in a VLAN.

Runs on the shield, see shield.py and quic_wire.py.
"""
import time

import quic_token
import quic_wire as q
import shield
from session_wire import Counts, case, option, outlast, toggled, write

QUIC = ("invalid", "filtered", "established", "newconns", "unmatched", "quic_init", "quic_0rtt",
        "quic_hshak", "quic_shrth", "quicretry", "drop_qnt", "drop_q0t", "drop_qhs", "drop_qsh",
        "delivered")


class QuicCounts(Counts):
    """What moves of the lines that QUIC moves."""

    def moved(self):
        found = shield.moved(self.before, shield.counters(self.context))
        return {name: found[name] for name in QUIC if name in found}


def expect(problems, peer, datagram, **expected):
    counts = QuicCounts()
    peer.send(datagram)
    counts.expect(problems, **expected)


def get_retry(problems, peer, version=quic_token.V1, dcid=q.DCID, scid=q.SCID, mapped=False):
    """Send an Initial, read the Retry, and check all of it."""
    first = q.initial(version=version, dcid=dcid, scid=scid)
    expect(problems, peer, first, quic_init=1, quicretry=1)
    answer = peer.answer()
    if answer is None:
        raise OSError("no answer")
    if len(answer) > len(first):
        problems.append("%d bytes for %d" % (len(answer), len(first)))
    try:
        retry = quic_token.Retry(answer, version, dcid, scid)
        address = "::ffff:" + peer.address if mapped else peer.address
        odcid, made = quic_token.open_token(retry.token, q.SECRET, version, address, peer.port,
                                            scid)
    except ValueError as error:
        raise OSError(str(error)) from None
    if odcid != dcid:
        problems.append("the token says %s" % odcid.hex())
    if abs(made - time.time()) > 10:
        problems.append("the token is of %d, now it is %d" % (made, time.time()))
    if len(retry.scid) != 8:
        problems.append("source id of %d bytes" % len(retry.scid))
    return retry


def protections_off():
    with case("QUIC passes while protections are off, and is counted") as problems:
        for number, path in enumerate(q.PATHS):
            with q.client(path, 60 + number) as peer:
                expect(problems, peer, q.initial(), quic_init=1, delivered=1)
                expect(problems, peer, q.initial(), quic_init=1, delivered=1, established=1)
                expect(problems, peer, q.long_header(2), quic_hshak=1, delivered=1, established=1)
                expect(problems, peer, q.short_header(), quic_shrth=1, delivered=1,
                       established=1)
            with q.client(path, 70 + number) as peer:
                expect(problems, peer, q.long_header(1), quic_0rtt=1, delivered=1)
                expect(problems, peer, q.long_header(2), quic_hshak=1, delivered=1, unmatched=1)
                expect(problems, peer, q.short_header(), quic_shrth=1, delivered=1, unmatched=1)


def what_is_no_quic():
    with case("what is no QUIC, or no client's, is invalid") as problems:
        with q.client(q.PATHS[0]) as peer:
            for datagram in (b"", b"\x40" * 20, b"\x3f" * 100, q.initial()[:1199],
                             q.long_header(3), q.long_header(2, version=0),
                             q.long_header(2, dcid=bytes(21))):
                found = QuicCounts()
                peer.send(datagram)
                moved = shield.wait_until(found.moved, lambda moved: "invalid" in moved)
                if moved.get("invalid") != 1 or "delivered" in moved:
                    problems.append("%s: %s" % (datagram[:8].hex(), moved))


def retries():
    for number, path in enumerate(q.PATHS):
        name = "Retry for %s%s" % (path[0] % 80, " in VLAN %d" % path[2] if path[2] else "")
        with case(name + ": its token says what the server needs, and opens a session") as problems:
            with q.client(path, 80 + number) as peer:
                for version in (quic_token.V1, quic_token.V2, quic_token.DRAFT_29):
                    get_retry(problems, peer, version, bytes(range(8 + 4 * number)), b"")
                retry = get_retry(problems, peer)
                follow = q.initial(dcid=retry.scid, token=retry.token)
                expect(problems, peer, follow, quic_init=1, newconns=1, delivered=1)
                expect(problems, peer, q.initial(dcid=b"srv", token=retry.token), quic_init=1,
                       established=1, delivered=1)
                expect(problems, peer, q.long_header(1), quic_0rtt=1, established=1, delivered=1)
                expect(problems, peer, q.long_header(2), quic_hshak=1, established=1,
                       delivered=1)
                expect(problems, peer, q.short_header(), quic_shrth=1, established=1,
                       delivered=1)


def mapped():
    with case("quic_v4_mapped: the token has the address as a mapped one") as problems:
        with option("Other/quic_v4_mapped", "1"), q.client(q.PATHS[0], 85) as peer:
            get_retry(problems, peer, mapped=True)


def what_is_dropped():
    with case("without a session, what isn't an Initial is dropped") as problems:
        for number, path in enumerate(q.PATHS):
            with q.client(path, 90 + number) as peer:
                expect(problems, peer, q.long_header(1), quic_0rtt=1, drop_q0t=1)
                expect(problems, peer, q.long_header(2), quic_hshak=1, drop_qhs=1, unmatched=1)
                expect(problems, peer, q.short_header(), quic_shrth=1, drop_qsh=1, unmatched=1)
                if peer.answer(timeout=0.2):
                    problems.append("it was answered")
    with case("tokens of NEW_TOKEN frames prove nothing; too short ones are dropped") as problems:
        with q.client(q.PATHS[0], 95) as peer:
            expect(problems, peer, q.initial(token=b"\xb7" + bytes(36)), quic_init=1, quicretry=1)
            expect(problems, peer, q.initial(token=b"\xb7" + bytes(35)), quic_init=1, drop_qnt=1)


def tokens_of_others():
    with case("a token is refused from another address, port or id") as problems:
        with q.client(q.PATHS[0], 96) as peer, q.client(q.PATHS[0], 97) as other:
            retry = get_retry(problems, peer)
            follow = q.initial(dcid=retry.scid, token=retry.token)
            expect(problems, other, follow, quic_init=1, drop_qnt=1)
            peer.port += 1
            expect(problems, peer, follow, quic_init=1, drop_qnt=1)
            peer.port -= 1
            expect(problems, peer, q.initial(dcid=retry.scid, scid=bytes(8), token=retry.token),
                   quic_init=1, drop_qnt=1)
            # The server's own token, without an id of ours.
            expect(problems, peer, q.initial(dcid=bytes(8), token=retry.token), quic_init=1,
                   newconns=1, delivered=1)
    with case("a token is refused after 11 seconds") as problems:
        with q.client(q.PATHS[1], 96) as peer:
            start = time.monotonic()
            retry = get_retry(problems, peer)
            outlast(start, 11)
            expect(problems, peer, q.initial(dcid=retry.scid, token=retry.token), quic_init=1,
                   drop_qnt=1)


def without_a_secret():
    with case("without a cluster_secret no Retry is sent, and the status says so") as problems:
        with q.client(q.PATHS[0], 98) as peer:
            status = shield.counters()["status"]
            write("Other/cluster_secret", "none")
            if status & 0x200 or not shield.counters()["status"] & 0x200:
                problems.append("status %#x, then %#x" % (status, shield.counters()["status"]))
            expect(problems, peer, q.initial(), quic_init=1, drop_qnt=1)
            with option("Other/new_cookie_threshold", "2000-1000"):
                expect(problems, peer, q.initial(), quic_init=1, delivered=1)
            if peer.answer(timeout=0.2):
                problems.append("it was answered")


def the_secret_is_kept():
    with case("cluster_secret is never shown") as problems:
        for text, shown in (("none", "none"), (q.SECRET.decode(), "set")):
            write("Other/cluster_secret", text)
            with open(shield.INSTANCE + "/Other/cluster_secret", encoding="ascii") as file:
                found = file.read()
            if found != shown + "\n":
                problems.append(found)


def main():
    write("Other/p_udp_ports", "+%d" % q.PORT)
    the_secret_is_kept()
    protections_off()
    what_is_no_quic()
    with toggled("new_cookie", "unmatch_drop"):
        retries()
        mapped()
        what_is_dropped()
        tokens_of_others()
        without_a_secret()
    print("end")


main()
