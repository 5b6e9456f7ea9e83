#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SYN cookies between two real stacks: connections from a port that the server
still holds in TIME_WAIT, handshakes that lose something, and TCP Fast Open.

Runs on the shield, see shield.py; clients' sockets are in the client's
namespace. Port 80 is in p_tcp_ports of Other.
"""
import contextlib
import socket
import subprocess
import time

import frames as f
import shield
from cookie_wire import Info, Tally, accept, connect, cookies, sysctl
from session_wire import V4, V4_100, V6, V6_100, Problem, case, listen, option, outlast

NETS = (V4, V6, V4_100, V6_100)
TIME_WAIT = "06"
BY_COOKIE = {"syn": 1, "syncookie": 1, "newconns": 1}
FAST_OPEN_BOTH = 3  # client and server
DATA = b"GET / HTTP/1.0\r\n\r\n"


def in_time_wait(port):
    """Whether the shield's end of a connection with that port is, as far as one
    look tells: what comes and goes meanwhile may hide it."""
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(name, encoding="ascii") as lines:
            for line in list(lines)[1:]:
                _, _, remote, state = line.split()[:4]
                if state == TIME_WAIT and int(remote.rsplit(":", 1)[1], 16) == port:
                    return True
    return False


def exchange(listener, client, text):
    """Data both ways; the server's side."""
    client.sendall(text)
    server = accept(listener, client.getsockname()[1])
    if server.recv(100) != text:
        raise Problem("the server read something else")
    server.sendall(text[::-1])
    if client.recv(100) != text[::-1]:
        raise Problem("the client read something else")
    return server


def leave_time_wait(listener, net, port):
    """A whole connection, which the server closes first."""
    client = connect(net, port)
    server = exchange(listener, client, b"the first")
    server.close()
    if client.recv(100):
        raise Problem("no end of data")
    client.close()
    if not shield.wait_until(lambda: in_time_wait(port), bool):
        raise Problem("no TIME_WAIT")
    return time.monotonic()


def again(problems, listener, net, port, expected):
    """The next connection from the port, while the server holds TIME_WAIT."""
    if not shield.wait_until(lambda: in_time_wait(port), bool, 1):
        problems.append("TIME_WAIT is over")
    one_connection(problems, listener, net, expected, port)


# Time-outs of the instance, and what the next SYN from the port meets.
REUSES = (
    ("the SYN passes on its session", {}, {"syncookie": 0, "newconns": 0, "syn": 1}),
    ("after its session's end", {"syn_session_timeout": "1", "ack_session_timeout": "1"}, BY_COOKIE),
    ("its session has ended for SYNs, not for ACKs", {"syn_session_timeout": "1"}, BY_COOKIE),
)


def port_reuse(listener, first_port, timestamps, nets):
    """timestamps: the client's sysctl; without them the sequence numbers decide."""
    for number, (name, timeouts, expected) in enumerate(REUSES):
        with contextlib.ExitStack() as settings:
            for file, value in timeouts.items():
                settings.enter_context(option(file, value))
            ports = [first_port + 10 * number + at for at in range(len(nets))]
            for net, port in zip(nets, ports):
                start = leave_time_wait(listener, net, port)
            if timeouts:
                outlast(start, 1)
            for net, port in zip(nets, ports):
                with case("%s, tcp_timestamps %d, a port in TIME_WAIT: %s" % (
                        net.name, timestamps, name)) as problems:
                    again(problems, listener, net, port, expected)


@contextlib.contextmanager
def losing(hook, what):
    """The client loses the first of such segments."""
    rules = "table inet lose { chain c { type filter hook %s priority 0; %s drop; }; }" % (hook, what)
    with shield.Host("client"):
        subprocess.run(("nft", rules), check=True)
    yield
    with shield.Host("client"):
        subprocess.run(("nft", "delete table inet lose"), check=True)


def losses(listener, net):
    """One of a thousand, beginning with the first."""
    first = "numgen inc mod 1000 == 0"
    with case(net.name + ": the SYN+ACK is lost, the SYN is sent again") as problems:
        with losing("input", "tcp sport 80 tcp flags == syn | ack " + first):
            one_connection(problems, listener, net, {"syn": 2, "syncookie": 2, "newconns": 1})
    with case(net.name + ": the ACK is lost, data opens the connection") as problems:
        with losing("output", "tcp dport 80 tcp flags == ack " + first):
            one_connection(problems, listener, net, {"syn": 1, "syncookie": 1, "newconns": 1})


def one_connection(problems, listener, net, expected, port=0):
    """A whole one, and what it makes the shield count."""
    tally = Tally()
    client = connect(net, port)
    server = exchange(listener, client, b"something to say")
    found = tally.moved()
    problems += ["%s: %d, not %d" % (name, found.get(name, 0), value)
                 for name, value in expected.items() if found.get(name, 0) != value]
    client.close()
    server.close()


def fast_open(listener, net, capture):
    """A connection whose SYN carries the request, if it may; what the server has
    read to the end, whether it took that from the SYN, and whether that had it."""
    shield.drain(capture)
    with shield.Host("client"):
        client = socket.socket(socket.AF_INET6 if net.ip is f.ipv6 else socket.AF_INET)
    client.sendto(DATA, socket.MSG_FASTOPEN, (net.shield, 80))
    client.settimeout(shield.TIMEOUT)
    server = accept(listener, client.getsockname()[1])
    client.shutdown(socket.SHUT_WR)
    found = b""
    while True:
        more = server.recv(1000)
        if not more:
            break
        found += more
    taken = bool(Info(server).options & Info.SYN_DATA)
    server.sendall(b"answer")
    if client.recv(100) != b"answer":
        raise Problem("the client read something else")
    client.close()
    server.close()
    carried = any(frame[-len(DATA):] == DATA and flags_of(frame, net) == f.SYN
                  for frame in shield.drain(capture))
    return found, taken, carried


def flags_of(frame, net):
    """Of a TCP segment that is captured where it is sent, without its outer tag."""
    at = frame.index(f.address(net.shield)) + len(f.address(net.shield))
    return frame[at + 13]


def fast_opens(listener, net):
    with case(net.name + ": TCP Fast Open: data of the SYN arrives once") as problems:
        capture = shield.packet_socket("client", shield.ALL)
        cookies(False)
        fast_open(listener, net, capture) # asks for the cookie of Fast Open
        if fast_open(listener, net, capture) != (DATA, True, True):
            problems.append("no Fast Open even without SYN cookies")
        cookies(True)
        tally = Tally()
        found = fast_open(listener, net, capture)
        if found != (DATA, False, True):
            problems.append("read %r, taken from the SYN %d, carried by it %d" % found)
        counted = tally.moved()
        if (counted.get("syncookie"), counted.get("newconns")) != (1, 1):
            problems.append(counted)
        capture.close()


def main():
    with listen() as listener:
        cookies(True)
        with sysctl("ipv4/tcp_timestamps", 1, "client"):
            port_reuse(listener, 50000, 1, NETS)
        with sysctl("ipv4/tcp_timestamps", 0, "client"):
            port_reuse(listener, 51000, 0, NETS[:2])
        for net in NETS:
            losses(listener, net)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
        with sysctl("ipv4/tcp_fastopen", FAST_OPEN_BOTH):
            for net in NETS:
                fast_opens(listener, net)
    print("end")


main()
