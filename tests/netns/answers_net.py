# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of answers and fragments share: the hosts of lib.sh in both
families, datagram sockets on them, and what counters and sockets make of what
is sent.
"""
import socket

import frames as f
import shield

DELIVER = {"udp_rsp", "dns_resp", "out_related", "whitelisted", "followed"}


class Net:
    """The same hosts in another family."""

    def __init__(self, name, pattern, group, everybody=None):
        self.name, self.group, self.everybody = name, group, everybody
        self.shield, self.client, self.attacker = (pattern % n for n in (1, 2, 3))
        self.domain = socket.AF_INET6 if ":" in pattern else socket.AF_INET
        self.ip, self.ethertype = (f.ipv6, f.IPV6) if ":" in pattern else (f.ipv4, f.IPV4)

    def socket(self, host, port=0, address=None):
        """A bound datagram socket there."""
        with shield.Host(host):
            sock = socket.socket(self.domain, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.bind((address or getattr(self, host), port))
        sock.settimeout(shield.TIMEOUT)
        return sock


NETS = (Net("IPv4", "10.0.0.%d", "224.0.0.251", ("10.0.0.255", "255.255.255.255")),
        Net("IPv6", "2001:db8::%d", "ff02::fb"))


def moves(problems, send, context="Other", **expected):
    """What counters say to it; rx_total and delivered or filtered follow. Later
    fragments that follow their first have no counter of their own."""
    number = sum(expected.values())
    kind = "delivered" if set(expected) & DELIVER else "filtered"
    expected = {name: expected[name] for name in expected if name != "followed"}
    expected.update({"rx_total": number, kind: number})
    shield.expect(problems, send, context, **expected)


def hears(problems, sock, *expected):
    """The socket gets these datagrams, and has got nothing else."""
    found = []
    try:
        while len(found) < len(expected):
            found.append(sock.recv(65536))
        sock.setblocking(False)
        found.append(sock.recv(65536))
    except (TimeoutError, BlockingIOError):
        pass
    finally:
        sock.settimeout(shield.TIMEOUT)
    if found != list(expected):
        problems.append("heard %s, not %s" % (found, list(expected)))
