# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to the netlink door that are almost right; run by
test_netlink_fuzz.sh on the shield, which has eth0 and eth1.

Messages of sense are made and one to three things in them broken: lengths,
kinds, nesting, order, ends. None of them may change anything, for each is in a
batch that doesn't come to its end: it is broken off, aborted, forgotten with its
socket, or committed with the wrong count.
"""
import random
import struct
import sys
import time

import netlink
import tree
from netlink import N, Refused, add, attr, items, nest, option, remove, s64, text, where, whole
from shield import report
from tree import PS

SECONDS, SEED = 12, 4711
VALUES = {"SOURCES": ("10.0.0.1", "10.0.0.0/8", "1.0.0.0-2.0.0.0", "2001:db8::/32", "0.0.0.0/0"),
          "TCP_PORTS": ("80", "1-65535", "90-80"), "UDP_PORTS": ("53", "0"),
          "PROTOCOLS": ("1", "255"), "CONTEXTS": ("10.0.0.1", "10.0.0.9@7", "Other"),
          "TOGGLED": ("10.0.0.1", "Other"), "COUNTRIES": ("AU", "a-1", "toolongforacountry"),
          "GEOIP4": ("1.0.0.0 AU", "2.0.0.0 -"), "GEOIP6": ("2001:: CO", ":: -"),
          "IFACES": ("eth0", "eth1", "lo", "none")}
TYPES = {row[1]: row[2] for row in tree.rows("options", "PS_LIST")}


def state():
    found = tree.snapshot()
    found["attached"] = [tree.lines(PS + "/%s/ifaces" % n) for n in ("i", "j")]
    return found


def settings(sock):
    """What a dump says, but for what packets move."""
    return {key: [parts.get(n) for n in (N["A_INSTANCE_SETTINGS"], N["A_CONTEXT_SETTINGS"])]
            for key, parts in netlink.view(sock).items()}


def sense(dice):
    """A message of sense: command and attributes."""
    place = dice.choice((where("i"), where("j"), where("i", "Other"), where("i", "10.0.0.1")))
    kind = dice.randrange(10)
    if not kind:
        return dice.choice(("CMD_NEW_INSTANCE", "CMD_DEL_INSTANCE")), where(
            dice.choice(("i", "j", "k")))
    if kind < 4:
        name = dice.choice(sorted(netlink.OPTIONS))
        return "CMD_SET", place + option(name, dice.choice((0, 1, 88, 1460, -1, 5 << 32 | 5)))
    name = dice.choice(sorted(TYPES))
    wanted = [dice.choice(VALUES[TYPES[name]]) for _ in range(dice.randrange(1, 9))]
    if kind < 6:
        return "CMD_SET", place + items(name, *[dice.choice((add, remove))(w) for w in wanted])
    if kind < 9:
        return "CMD_SET", place + whole(name, wanted)
    return "CMD_SET", place + items(name, attr(N["ITEM_MORE"]), *[add(w) for w in wanted])


def headers(body, base=0, depth=0):
    """Where attributes begin, in nests too."""
    found, at = [], 0
    while at + 4 <= len(body):
        length, kind = struct.unpack_from("=HH", body, at)
        if length < 4:
            break
        found.append(base + at)
        if kind & netlink.NESTED and depth < 4:
            found += headers(body[at + 4:at + length], base + at + 4, depth + 1)
        at += (length + 3) & ~3
    return found


def broken(dice, body):
    body = bytearray(body)
    for _ in range(dice.randrange(1, 4)):
        places = headers(bytes(body))
        at = dice.choice(places) if places else 0
        how = dice.randrange(8)
        if how == 0 and len(body) >= at + 4:       # a length that lies
            struct.pack_into("=H", body, at, dice.choice((0, 1, 3, 4, 5, 0x7fff, 0xffff,
                                                         dice.randrange(65536))))
        elif how == 1 and len(body) >= at + 4:     # another kind
            struct.pack_into("=H", body, at + 2, dice.choice((
                0, 0x3fff, 0x4001, 0x8000, 0xffff, dice.randrange(32))))
        elif how == 2:                              # nested, or no longer
            body[at + 3:at + 4] = bytes([(body[at + 3:at + 4] or b"\0")[0] ^ 0x80])
        elif how == 3:                              # cut
            del body[dice.randrange(len(body) + 1):]
        elif how == 4:                              # deeper
            body[at:] = nest(dice.randrange(24), bytes(body[at:]))
        elif how == 5:                              # noise behind, or within
            body[at:at] = attr(dice.randrange(40), dice.randbytes(dice.randrange(40)))
        elif how == 6:                              # twice
            body += body[at:]
        elif body:                                  # any byte
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
    return bytes(body)[:60000]


def answer(call, *arguments):
    try:
        call(*arguments)
        return "OK"
    except Refused as error:
        return error.name


def interrupted(dice, sock, answers):
    """One batch that doesn't come to its end; returns the socket to go on with."""
    sock.ask(N["CMD_BEGIN"])    # or all that follows would be done at once
    for _ in range(dice.randrange(1, 6)):
        command, body = sense(dice)
        got = answer(sock.ask, N[command], broken(dice, body) if dice.random() < 0.7 else body)
        answers[got] = answers.get(got, 0) + 1
    end = dice.randrange(5)
    if end == 0:
        answer(sock.ask, N["CMD_ABORT"])
    elif end == 1:      # a count that it can't have
        wrong = attr(N["A_MESSAGES"], struct.pack("=I", dice.choice((6, 1 << 31))))
        got = answer(sock.ask, N["CMD_COMMIT"], dice.choice((b"", wrong, wrong[:6])))
        answers["commit " + got] = answers.get("commit " + got, 0) + 1
        answer(sock.ask, N["CMD_ABORT"])
    elif end == 2:      # one that is refused, and all the others with it
        answer(sock.ask, N["CMD_SET"], where("i", "Other") + items("b_sources", add("x")))
        got = answer(sock.ask, N["CMD_COMMIT"], attr(N["A_MESSAGES"], struct.pack("=I", 2)))
        answers["commit " + got] = answers.get("commit " + got, 0) + 1
    elif end == 3:
        sock.close()
        return netlink.Socket()
    return sock


def reading(dice, sock, answers):
    """Questions, broken likewise; dumps that nobody reads to their end."""
    body = dice.choice((b"", where("i"), where("i", "Other"))) + text(
        N["A_LIST"], dice.choice(sorted(TYPES)))
    body = broken(dice, body) if dice.random() < 0.7 else body
    flags = dice.choice((0x5, 0x305))
    got = answer(sock.ask, dice.choice((N["CMD_GET"], N["CMD_GET_LIST"])), body, flags)
    answers["read " + got] = answers.get("read " + got, 0) + 1
    if dice.random() < 0.1:
        sock.sock.send(sock.message(N["CMD_GET_LIST"], where("i", "Other") +
                                    text(N["A_LIST"], "b_sources"), 0x301))
        sock.close()
        sock = netlink.Socket()
    return sock


def frames(dice, sock, answers):
    """Headers of netlink that lie about the length of the message."""
    sock.ask(N["CMD_BEGIN"])
    message = bytearray(sock.message(dice.randrange(N["CMDS"] + 2), where("i"), 0x5))
    struct.pack_into("=I", message, 0, dice.choice((0, 15, 16, 17, 19, 20, len(message) - 1)))
    sock.sock.setblocking(False)
    try:
        sock.sock.send(bytes(message))
        while True:
            sock.sock.recv(65536)
    except (BlockingIOError, OSError):
        answers["frames"] = answers.get("frames", 0) + 1
    sock.close()
    return netlink.Socket()


def main():
    dice, answers, sock = random.Random(SEED), {}, netlink.Socket()
    for name, ifaces in (("i", ["eth0"]), ("j", ["eth1"])):
        if name not in tree.lines(PS + "/instances"):
            tree.write(PS + "/instances", "+" + name)
        tree.replace(PS + "/%s/ifaces" % name, ifaces)
    tree.replace(PS + "/i/contexts", ["10.0.0.1", "10.0.0.2@5"])
    tree.replace(PS + "/i/Other/b_sources", ["9.%d.0.0/16" % n for n in range(200)])
    tree.replace(PS + "/i/geoip4", ["1.0.0.0 AU", "2.0.0.0 -"])
    tree.write(PS + "/i/Other/w_tcp_ports", "+80")
    before, told, until = state(), settings(sock), time.monotonic() + SECONDS
    while time.monotonic() < until:
        for _ in range(50):
            sock = dice.choice((interrupted, interrupted, interrupted, reading, frames))(
                dice, sock, answers)
    print("#", dict(sorted(answers.items())))
    report("messages of many kinds were taken down, and many were refused",
           [] if min(answers.get(n, 0) for n in ("OK", "EINVAL", "ECANCELED", "read OK",
                                                 "read EINVAL", "commit ECANCELED")) > 20
           else [answers])
    report("no batch was committed", [] if not answers.get("commit OK") else [answers])
    report("the configuration is what it was, to the byte", tree.differences(before, state()))
    report("... by netlink too", tree.unequal(told, settings(netlink.Socket())))
    report("... and it can be changed", tree.unequal("OK", answer(
        sock.ask, N["CMD_SET"], where("i") + nest(
            N["A_INSTANCE_SETTINGS"], s64(netlink.OPTIONS["ack_session_timeout"][1], 7)))))
    print("end")
    sys.stdout.flush()


main()
