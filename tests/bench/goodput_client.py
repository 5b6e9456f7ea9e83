#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""goodput_client.py ADDRESS RATE SECONDS PATIENCE: a crowd of visitors.

Begins RATE requests a second, each over a connection of its own, whether the
earlier ones have been answered or not; gives each PATIENCE seconds from its
beginning to the last byte of the page. Prints "ok N total N": as many as were
begun, and those whose page came whole in time.
"""

import heapq
import selectors
import socket
import sys
import time

REQUEST = b"GET /page HTTP/1.0\r\n\r\n"
PAGE = b"x" * 4096


class Visitor:
    """One request: connecting, then reading until the server closes."""

    def __init__(self, crowd, address):
        self.crowd = crowd
        self.asked = False
        self.answer = b""
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.connect_ex(address)
        crowd.selector.register(self.sock, selectors.EVENT_WRITE, self)

    def ready(self):
        """Go on; True when there is nothing left to do."""
        try:
            if self.asked:
                more = self.sock.recv(65536)
                self.answer += more
                return not more
            self.sock.send(REQUEST)
        except OSError:
            return True
        self.asked = True
        self.crowd.selector.modify(self.sock, selectors.EVENT_READ, self)
        return False

    def leave(self):
        if self.sock:
            self.crowd.selector.unregister(self.sock)
            self.sock.close()
            self.sock = None
            self.crowd.ok += self.answer.endswith(b"\r\n\r\n" + PAGE)


class Crowd:
    """All visitors, and when each loses patience."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.patience = []
        self.ok = self.total = 0

    def begin(self, address, deadline):
        visitor = Visitor(self, address)
        self.total += 1
        heapq.heappush(self.patience, (deadline, self.total, visitor))

    def serve(self, until):
        """Handle what happens until then."""
        while True:
            now = time.monotonic()
            for key, _ in self.selector.select(max(until - now, 0)):
                if key.data.ready():
                    key.data.leave()
            now = time.monotonic()
            while self.patience and self.patience[0][0] <= now:
                heapq.heappop(self.patience)[2].leave()
            if now >= until:
                return


def main(address, rate, seconds, patience):
    crowd = Crowd()
    start = time.monotonic()
    for number in range(int(rate * seconds)):
        crowd.serve(start + number / rate)
        crowd.begin((address, 80), start + number / rate + patience)
    while crowd.patience:
        crowd.serve(crowd.patience[0][0])
    print("ok", crowd.ok, "total", crowd.total)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: goodput_client.py ADDRESS RATE SECONDS PATIENCE")
    main(sys.argv[1], *(float(argument) for argument in sys.argv[2:]))
