#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A real client of HTTP/3 and a real HAProxy, with a Retry of ours in between.

Runs on the shield, see shield.py. HAProxy serves one file on port 443
(test_quic_haproxy.sh). Arguments: a directory with that file, and the value of
quic_v4_mapped that goes with HAProxy's listeners.
"""
import os
import subprocess
import sys

import quic_wire as q
import shield
from session_wire import case, option, toggled, write

WORK, MAPPED = sys.argv[1:]
ADDRESSES = [server for _, server, _ in q.PATHS]


def fetched(address):
    """Whether a client got the file."""
    path = WORK + "/fetched"
    with shield.Host("client"):
        subprocess.run(
            ["timeout", str(shield.TIMEOUT), "gtlsclient", "-q", "--no-quic-dump",
             "--no-http-dump", "--exit-on-all-streams-close", "--download=" + WORK, address,
             str(q.PORT), "https://shield/fetched"],
            check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with open(path, "rb") as found, open(WORK + "/small", "rb") as wanted:
            same = found.read() == wanted.read()
        os.unlink(path)
        return same
    except FileNotFoundError:
        return False


def retries():
    for address in ADDRESSES:
        with case("%s: HAProxy takes the token of our Retry, quic_v4_mapped %s" %
                  (address, MAPPED)) as problems:
            before = shield.counters()
            with toggled("new_cookie", "unmatch_drop"):
                if not fetched(address):
                    problems.append("no file")
            found = shield.moved(before, shield.counters())
            if found.get("newconns") != 1 or not found.get("quicretry"):
                problems.append("counted %s" % found)


def wrong_rules():
    """So it was the tokens that HAProxy believed."""
    with case("with quic_v4_mapped %d HAProxy refuses IPv4's, not IPv6's" %
              (1 - int(MAPPED))) as problems:
        with option("Other/quic_v4_mapped", str(1 - int(MAPPED))):
            with toggled("new_cookie", "unmatch_drop"):
                if fetched(ADDRESSES[0]) or not fetched(ADDRESSES[1]):
                    problems.append("it didn't")
    with case("with another cluster_secret HAProxy refuses the tokens") as problems:
        write("Other/cluster_secret", "another")
        with toggled("new_cookie", "unmatch_drop"):
            if fetched(ADDRESSES[1]):
                problems.append("it didn't")


def main():
    with open(shield.INSTANCE + "/Other/p_udp_ports", encoding="ascii") as ports:
        if not ports.read():
            write("Other/p_udp_ports", "+%d" % q.PORT)
    write("Other/cluster_secret", q.SECRET.decode())
    write("Other/quic_v4_mapped", MAPPED)
    with case("HAProxy serves while protections are off") as problems:
        problems += [address for address in ADDRESSES if not fetched(address)]
    retries()
    wrong_rules()
    print("end")


main()
