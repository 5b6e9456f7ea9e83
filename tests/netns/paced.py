# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames at a rate: gently, never two closer than the rate says, or steadily,
whatever the sender was held up by, and the same in a process of its own.
"""
import bisect
import ctypes
import os
import signal
import time

_LIBC = ctypes.CDLL(None, use_errno=True)
MOST = 1024  # frames of one system call


class _Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    """struct mmsghdr of Linux."""
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint),
                ("vector", ctypes.POINTER(_Vector)), ("vectors", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("sent", ctypes.c_uint)]


class Burst:
    """Frames that are sent round and round, many in one system call."""

    def __init__(self, sock, frames):
        rounds = -(-MOST // len(frames)) + 1
        self.fd, self.number, self.at = sock.fileno(), len(frames), 0
        self.vectors = (_Vector * self.number)(*[_Vector(frame, len(frame)) for frame in frames])
        self.messages = (_Message * (rounds * self.number))()
        for at, message in enumerate(self.messages):
            message.vector = ctypes.pointer(self.vectors[at % self.number])
            message.vectors = 1

    def send(self, number):
        """Up to so many; how many it were."""
        sent = _LIBC.sendmmsg(self.fd, ctypes.byref(self.messages, self.at * ctypes.sizeof(
            _Message)), min(number, MOST), 0)
        if sent < 0:
            raise OSError(ctypes.get_errno(), "sendmmsg")
        self.at = (self.at + sent) % self.number
        return sent


def gently(send, rate, seconds):
    """Call send() at most at the rate; when it was called."""
    start = now = time.monotonic()
    times = []
    while now < start + seconds:
        times.append(now)
        send()
        due = now + 1 / rate
        now = time.monotonic()
        if now < due:
            time.sleep(due - now)
            now = time.monotonic()
    return times


def slowest(times):
    """How many there were in the slowest second."""
    return min(bisect.bisect_left(times, start + 1) - at for at, start in enumerate(times)
               if start + 1 <= times[-1])


def steadily(burst, rate, seconds):
    """What is due every few milliseconds, so that the rate is kept in spite of
    pauses; how many went, and in how long."""
    start = now = time.monotonic()
    sent = 0
    while now < start + seconds:
        due = int((now - start) * rate) + 1
        while sent < due:
            sent += burst.send(due - sent)
        time.sleep(0.005)
        now = time.monotonic()
    return sent, now - start


class Flood:
    """with Flood(burst, rate): a process of its own keeps it up meanwhile."""

    def __init__(self, burst, rate):
        self.burst, self.rate = burst, rate

    def __enter__(self):
        self.child = os.fork()
        if not self.child:
            try:
                steadily(self.burst, self.rate, 3600)
            finally:
                os._exit(1)
        return self

    def __exit__(self, *_):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
