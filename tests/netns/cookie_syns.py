# SPDX-License-Identifier: GPL-2.0-or-later
"""SYNs for cookie_options.py: (name, options, fields of the Client). Whatever is
odd about their options, the list as such is sound: else they would be invalid.
"""
import random

import frames as f
from cookie_wire import COOKIE_REQUEST, END, NOP, SACK, USUAL, mss, scale, timestamps

FAST_OPEN = b"\x22\x0a12345678"
MULTIPATH = b"\x1e\x04\x01\x81"
ECN = f.SYN | f.ECE | f.CWR
MSS = (0, 1, 88, 535, 536, 537, 1219, 1220, 1299, 1300, 1301, 1419, 1420, 1439, 1440, 1441, 1459,
       1460, 1461, 8939, 8940, 8960, 65535)


def subsets():
    """Every combination of the four options, in two orders."""
    parts = (mss(1400), SACK, timestamps(), scale(5))
    for chosen in range(1 << len(parts)):
        some = [part for bit, part in enumerate(parts) if chosen >> bit & 1]
        yield "subset %d" % chosen, b"".join(some), {}
        yield "subset %d backwards" % chosen, b"".join(reversed(some)), {}


def odd():
    """Rare and wrong ones; the list as such is sound, else it would be invalid."""
    yield "MSS twice", mss(1300) + mss(1460) + timestamps(), {}
    yield "MSS, then MSS 0", mss(1300) + mss(0) + timestamps(), {}
    yield "MSS of 3 bytes", b"\2\3\5" + timestamps(), {}
    yield "MSS of 5 bytes", b"\2\5\5\5\5" + timestamps(), {}
    yield "scale twice", scale(3) + scale(9) + timestamps(), {}
    yield "scale of 4 bytes", b"\3\4\7\7" + timestamps(), {}
    yield "SACK of 3 bytes", b"\4\3\0" + timestamps(), {}
    yield "timestamps of 9 bytes", b"\x08\x09" + b"\0" * 7 + SACK + scale(7), {}
    yield "timestamps of 11 bytes", b"\x08\x0b" + b"\0" * 9 + SACK + scale(7), {}
    yield "timestamps twice", timestamps(5) + timestamps(6), {}
    yield "timestamp 0", mss(1460) + timestamps(0), {}
    yield "timestamp -1, echo -1", mss(1460) + timestamps(0xFFFFFFFF, 0xFFFFFFFF), {}
    yield "end, then options", mss(1400) + END + timestamps() + SACK + scale(7), {}
    yield "40 bytes of padding", NOP * 40, {}
    yield "unknown kinds", b"\xfd\4ab" + b"\x42\2" + timestamps(), {}
    yield "Multipath TCP", USUAL + MULTIPATH, {}
    yield "Fast Open, cookie request", USUAL + COOKIE_REQUEST, {}
    yield "Fast Open, cookie and data", USUAL + FAST_OPEN, {"payload": b"GET / HTTP/1.0\r\n\r\n"}
    yield "Fast Open, odd data", FAST_OPEN, {"payload": b"odd"}
    yield "DSCP", USUAL, {"tos": 0xB8}


def congestion():
    """ECN as RFC 3168 negotiates it, and what looks like something newer."""
    for name, options in (("usual", USUAL), ("timestamps alone", timestamps()), ("MSS", mss(1460))):
        for flags in (ECN, f.SYN | f.ECE, f.SYN | f.CWR):
            yield "%s, flags %#x" % (name, flags), options, {"flags": flags}
    for field in (1, 2, 3):
        yield "ECN, field %d" % field, USUAL, {"flags": ECN, "tos": field}
    for bits in (1, 2, 8):
        yield "ECN, reserved bits %d" % bits, USUAL, {"flags": ECN, "reserved": bits}
        yield "ECN, reserved bits %d, field 2" % bits, USUAL, {"flags": ECN, "reserved": bits,
                                                               "tos": 2}


def random_options():
    """Lists of these parts in any order and number, always the same ones."""
    dice = random.Random(1)
    for number in range(40):
        parts = [mss(dice.choice(MSS)), SACK, timestamps(dice.getrandbits(32)), NOP,
                 scale(dice.randrange(16)), timestamps(dice.getrandbits(32), dice.getrandbits(32))]
        options = b""
        for part in dice.sample(parts, dice.randrange(len(parts) + 1)):
            if len(options + part) <= 40:
                options += part
        yield "list %d" % number, options, {"flags": dice.choice((f.SYN, ECN))}


def every_syn():
    """(name, options, fields of the SYN)"""
    for value in MSS:
        yield "MSS %d" % value, mss(value), {}
        yield "MSS %d, timestamps" % value, mss(value) + timestamps(), {}
    for shift in tuple(range(17)) + (255,):
        yield "scale %d" % shift, mss(1460) + SACK + timestamps() + scale(shift), {}
    for some in (subsets, odd, congestion, random_options):
        yield from some()


def few_syns():
    """What differs between settings of the host."""
    yield "none", b"", {}
    yield "MSS", mss(1460), {"flags": ECN}
    yield "usual", USUAL, {}
    yield "usual, ECN", USUAL, {"flags": ECN}
    yield "usual, marked ECN", USUAL, {"flags": ECN, "tos": 2}
    yield "without SACK", mss(1460) + timestamps() + scale(14), {"flags": ECN}
    yield "without scale", mss(1460) + SACK + timestamps(), {}
    yield "without timestamps", mss(1460) + SACK + scale(7), {}
    yield "timestamps", timestamps(), {"flags": ECN}
    for value in (100, 536, 1300, 1400, 8960):
        yield "MSS %d" % value, mss(value) + SACK + timestamps() + scale(0), {}
