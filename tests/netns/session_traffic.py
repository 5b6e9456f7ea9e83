# SPDX-License-Identifier: GPL-2.0-or-later
"""Many connections between the client and the shield, busy both ways, whose
every byte is checked.

Each side is a process of its own. A block is told by side, connection and
number; for each block that comes, and is right, the next one goes back: so data
moves both ways without a pause, and a connection that has lost something, or
got something wrong, stands still and says so on the board: memory that the
program which started them reads.
"""
import hashlib
import mmap
import os
import selectors
import signal
import socket
import struct

import shield

REPEAT = 32  # a block is a hash so many times: 1 KiB
CLIENT, SERVER = 0, 1
RUNNING, ENDED, WRONG = 0, 1, 2
STATES = {ENDED: "ended", WRONG: "got wrong data"}


def block(side, connection, number):
    return hashlib.sha256(struct.pack("!III", side, connection, number)).digest() * REPEAT


SIZE = len(block(CLIENT, 0, 0))


class Board:
    """Blocks received, and the state, by side and connection."""

    def __init__(self, number):
        self.number = number
        self.words = memoryview(mmap.mmap(-1, 4 * 4 * number)).cast("I")

    def at(self, side, connection):
        return 2 * (side * self.number + connection)

    def count(self, side, connection):
        self.words[self.at(side, connection)] += 1

    def fail(self, side, connection, state):
        self.words[self.at(side, connection) + 1] = state

    def blocks(self):
        """By connection: what the side has got that got less."""
        return [min(self.words[self.at(side, n)] for side in (CLIENT, SERVER))
                for n in range(self.number)]

    def failures(self):
        return ["connection %d %s at the %s" % (n, STATES[state], name)
                for side, name in ((CLIENT, "client"), (SERVER, "server"))
                for n in range(self.number)
                for state in (self.words[self.at(side, n) + 1],) if state]


class Link:
    """One connection's end."""

    def __init__(self, sock, connection):
        self.sock, self.connection = sock, connection
        self.sent = self.received = 0
        self.buffer = bytearray()


class Side:
    """All connections' ends of one side."""

    def __init__(self, side, board):
        self.side, self.board = side, board
        self.selector = selectors.DefaultSelector()

    def add(self, sock, connection):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(sock, selectors.EVENT_READ, Link(sock, connection))

    def fail(self, link, state):
        self.selector.unregister(link.sock)
        self.board.fail(self.side, link.connection, state)

    def send(self, link):
        """A block always fits in: at most two are on their way."""
        data = block(self.side, link.connection, link.sent)
        link.sent += 1
        if link.sock.send(data) != SIZE:
            raise OSError("short write")

    def receive(self, link):
        data = link.sock.recv(65536)
        if not data:
            raise OSError("end of file")
        link.buffer += data
        while len(link.buffer) >= SIZE:
            if link.buffer[:SIZE] != block(1 - self.side, link.connection, link.received):
                return False
            del link.buffer[:SIZE]
            link.received += 1
            self.board.count(self.side, link.connection)
            self.send(link)
        return True

    def run(self):
        for key in list(self.selector.get_map().values()):
            self.send(key.data)
        while True:
            for key, _ in self.selector.select():
                try:
                    if not self.receive(key.data):
                        self.fail(key.data, WRONG)
                except OSError:
                    self.fail(key.data, ENDED)


class Traffic:
    """with Traffic(...) as traffic: runs meanwhile, ended afterwards."""

    def __init__(self, number, port, addresses, keepalive=False):
        """Connections from the client to the addresses in turn. With keepalive
        the server's side asks after each second of silence."""
        self.board = Board(number)
        self.port, self.addresses, self.keepalive = port, addresses, keepalive
        self.children = []

    def _serve(self, listener):
        side = Side(SERVER, self.board)
        for _ in range(self.board.number):
            sock, _ = listener.accept()
            if self.keepalive:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
                # Once it has asked, the next time is so much later, even if answered.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
            side.add(sock, struct.unpack("!I", sock.recv(4, socket.MSG_WAITALL))[0])
        side.run()

    def _connect(self):
        side = Side(CLIENT, self.board)
        with shield.Host("client"):
            for n in range(self.board.number):
                address = self.addresses[n % len(self.addresses)]
                sock = socket.create_connection((address, self.port))
                sock.send(struct.pack("!I", n))
                side.add(sock, n)
        side.run()

    def _start(self, run, *arguments):
        child = os.fork()
        if child:
            self.children.append(child)
            return
        try:
            run(*arguments)
        finally:
            os._exit(1)  # whatever happens: the parent's code isn't the child's

    def __enter__(self):
        listener = socket.create_server(("", self.port), family=socket.AF_INET6, backlog=256,
                                        dualstack_ipv6=True)
        self._start(self._serve, listener)
        listener.close()
        self._start(self._connect)
        return self

    def __exit__(self, *_):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def moved(self, problems, blocks=2, timeout=None):
        """Wait until every connection has moved so many blocks more, both ways."""
        before = self.board.blocks()

        def slow():
            return [n for n, now in enumerate(self.board.blocks()) if now < before[n] + blocks]

        left = shield.wait_until(slow, lambda some: not some or self.board.failures(), timeout)
        problems += self.board.failures()
        if left:
            problems.append("no data moves on %d connections, such as %s" % (len(left), left[:5]))
