# SPDX-License-Identifier: GPL-2.0-or-later
"""The protocol of capture.map; run by test_capture_map.sh on a shield whose eth0,
attached, is one end of a cable without any traffic but ours.
"""
import ctypes
import errno
import os
import signal
import struct
import subprocess
import sys
import time

import capture
import shield
from capture_cases import Case, RAW, drain, numbers, tcp, wait_received

MAP = shield.INSTANCE + "/capture.map"
PATIENCE = 0.1


def wait_slot(reader):
    return shield.wait_until(reader.size, lambda size: size)


def refused(case, expected, do, *args):
    """It must fail with this errno."""
    try:
        case.expect(errno.errorcode[expected], do(*args))
    except OSError as error:
        case.expect(errno.errorcode[expected], errno.errorcode[error.errno])


def half_full(wire):
    reader = capture.Map(MAP)
    with Case("nothing captured: the size is 0, and there is nothing to map") as case:
        case.expect([0, 0], [reader.size(), reader.size()])
        refused(case, errno.EINVAL, reader.slot, 4096)
        fresh = capture.Map(MAP)
        refused(case, errno.EINVAL, fresh.slot, 4096)
        fresh.close()
        reader.close()
        reader = capture.Map(MAP)
        case.expect(0, reader.size())
    with Case("a slot half full is handed out after 100 ms, not before") as case:
        begin = time.monotonic()
        case.send(wire, tcp(1), tcp(2, b"two"), tcp(3))
        case.arrived()
        early = reader.size()
        if time.monotonic() - begin < PATIENCE:
            case.expect(0, early)
        size = early or wait_slot(reader)
        # Ticks are 10 ms long, and the first one has begun.
        if time.monotonic() - begin < PATIENCE - 0.02:
            case.problems.append("after %f s" % (time.monotonic() - begin))
        case.check(capture.records(reader.slot(size)))
        case.check(capture.records(reader.slot(capture.SLOT)[:size]))
        case.expect(0, reader.size())
    reader.close()


def verdicts(wire):
    with Case("notes say interface, context, verdict and reason") as case:
        reader = capture.Map(MAP)
        not_ip = b"\xff" * 6 + b"\2" * 6 + b"\x88\xb5" + b"x" * 46
        case.send(wire, tcp(1), not_ip, tcp(2, bad_checksum=1))
        with open("/sys/class/net/eth0/ifindex", encoding="ascii") as file:
            device = int(file.read())
        size = wait_slot(reader)
        slot = reader.slot(capture.SLOT)
        case.check(capture.records(slot[:size]))
        # closed_tcp_port, not_ip, tcp_checksum of reasons.def
        case.expect([("Other", 2, REASON["closed_tcp_port"]), (None, 0, REASON["not_ip"]),
                     ("Other", 2, REASON["tcp_checksum"])],
                    [note[2:] for note in capture.notes(slot, 3)])
        case.expect([(device, 1)] * 3, [note[:2] for note in capture.notes(slot, 3)])
        reader.release()
        reader.close()


def mappings(wire):
    with Case("what can be mapped") as case:
        reader = capture.Map(MAP)
        case.send(wire, tcp(1))
        size = wait_slot(reader)
        refused(case, errno.EINVAL, capture.map_file, reader.fd, capture.SLOT + 4096)
        refused(case, errno.EINVAL, capture.map_file, reader.fd, 4096, 1, 1, 4096)
        refused(case, errno.EACCES, capture.map_file, reader.fd, 4096, 3)
        refused(case, errno.EACCES, os.open, MAP, os.O_RDWR)
        case.check(capture.records(reader.slot(size)))
        reader.release()
        refused(case, errno.EINVAL, reader.slot, 4096)
        reader.close()
    with Case("a slot stays as it is until it is released") as case:
        reader = capture.Map(MAP)
        case.send(wire, tcp(1, b"kept"))
        size = wait_slot(reader)
        area = capture.map_file(reader.fd, capture.SLOT)
        before = ctypes.string_at(area, capture.SLOT)
        wire_flood(wire, case, 4000)
        case.arrived()
        case.expect(True, before == ctypes.string_at(area, capture.SLOT))
        found = capture.records(before[:size]) + reader.drain()
        capture.unmap(area, capture.SLOT)
        missed = numbers()[1] - case.before[1]
        case.sent = case.sent[:len(case.sent) - missed]
        case.check(found)
        reader.close()


def wire_flood(wire, case, count):
    case.send(wire, *(tcp(n, struct.pack("!I", n) + b"f" * 1400) for n in range(count)))


def takeover(wire):
    with Case("a new reader takes over what the old one hasn't released") as case:
        old = capture.Map(MAP)
        case.send(wire, tcp(1), tcp(2))
        size = wait_slot(old)
        new = capture.Map(MAP)
        case.expect(size, new.size())
        case.check(capture.records(new.slot(size)))
        refused(case, errno.ESTALE, old.size)
        refused(case, errno.ESTALE, old.slot, size)
        case.expect(0, new.size())
        old.close()
        new.close()
    with Case("who releases the last slot leaves none to the next reader") as case:
        old = capture.Map(MAP)
        case.send(wire, tcp(1))
        size = wait_slot(old)
        case.check(capture.records(old.slot(size)))
        old.release()
        old.close()
        new = capture.Map(MAP)
        case.expect(0, new.size())
        new.close()
    with Case("raw.cap and capture.map share the packets") as case:
        case.send(wire, tcp(1))
        found = drain()
        case.send(wire, tcp(2))
        reader = capture.Map(MAP)
        size = wait_slot(reader)
        found += capture.records(reader.slot(size))
        reader.release()
        case.send(wire, tcp(3))
        case.arrived()
        case.check(found + drain())
        reader.close()


def read_into(path):
    """A reader that notes the number of each packet it finds right, before it releases it."""
    reader = capture.Map(MAP)
    with open(path, "a", encoding="ascii") as log:
        # Its predecessor may have been killed within a line.
        log.write("\n")
        while True:
            size = reader.size()
            if not size:
                time.sleep(0.002)
                continue
            for _, _, frame in capture.records(reader.slot(size)):
                number = struct.unpack_from("!I", frame, 54)[0]
                good = len(frame) == 158 and frame[58:] == b"f" * 100
                log.write("%08d\n" % number if good else "bad\n")
            log.flush()


def noted(path):
    """The numbers so far."""
    with open(path, encoding="ascii") as log:
        lines = log.read().split("\n")
    if "bad" in lines:
        raise ValueError("a frame that wasn't sent")
    return {int(line) for line in lines if len(line) == 8}


def one_reader(wire, path, first, least):
    """A reader, and packets from @first on until it has noted some: it, and the next number."""
    reader = subprocess.Popen([sys.executable, __file__, "read", path])
    number, size = first, os.path.getsize(path)
    deadline = time.monotonic() + shield.TIMEOUT
    while number < first + least or os.path.getsize(path) == size:
        for _ in range(500):
            wire.send(tcp(number, struct.pack("!I", number) + b"f" * 100))
            number += 1
        if time.monotonic() > deadline:
            break
    return reader, number


def killed_readers(wire, path):
    with Case("floods, with readers that are killed: each packet is captured or missed") as case:
        with open(path, "w", encoding="ascii"):
            pass
        sent = 0
        for n in range(4):
            reader, sent = one_reader(wire, path, sent, 5000)
            if n < 3:
                reader.kill()
                reader.wait()
        wait_received(case.before[0] + sent)
        missed = numbers()[1] - case.before[1]
        found, before = noted(path), None
        # A slow machine's reader has many left, but goes on.
        while len(found) + missed < sent and found != before:
            before = found
            found = shield.wait_until(lambda: noted(path), lambda now: now != before)
        reader.kill()
        reader.wait()
        case.expect(numbers()[0] - case.before[0], len(found) + missed)
        case.expect(True, found <= set(range(sent)))
        print("# %d captured, %d missed" % (len(found), missed), flush=True)


def hold(what):
    """Map a slot, say so, and look at it when told: the way it ends is the answer."""
    reader = capture.Map(MAP)
    wait_slot(reader)
    area = capture.map_file(reader.fd, capture.SLOT)
    ctypes.string_at(area, capture.SLOT)
    print("mapped", flush=True)
    sys.stdin.readline()
    if what == "read":
        reader.size()
    else:
        ctypes.string_at(area, capture.SLOT)


def rights():
    """What a user may, who isn't root: nothing."""
    program = """if True:
        import errno, os, sys
        os.setgroups([]), os.setgid(65534), os.setuid(65534)
        for path in sys.argv[1:]:
            try:
                os.open(path, os.O_RDONLY)
            except OSError as error:
                print(errno.errorcode[error.errno])"""
    with Case("captures are for root only") as case:
        ran = subprocess.run([sys.executable, "-c", program, RAW, MAP,
                              shield.INSTANCE + "/context_capture.map"],
                             capture_output=True, text=True, check=False)
        case.expect((["EACCES"] * 3, ""), (ran.stdout.split(), ran.stderr))


def destroy():
    with open("/sys/packetshield/instances", "w", encoding="ascii") as file:
        file.write("-" + os.path.basename(shield.INSTANCE))


def unload():
    subprocess.run(["rmmod", "packetshield"], check=True)


def removed(wire, name, remove):
    with Case(name + " while its slots are mapped: SIGBUS, and ENODEV") as case:
        holders = []
        for what in ("read", "look"):
            case.send(wire, tcp(1))
            holder = subprocess.Popen([sys.executable, __file__, "hold", what],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
            case.expect("mapped\n", holder.stdout.readline())
            holders.append(holder)
        remove()
        case.expect(False, os.path.exists(MAP))
        _, said = holders[0].communicate("go\n", shield.TIMEOUT)
        case.expect((1, True), (holders[0].returncode, "Errno %d]" % errno.ENODEV in said))
        holders[1].communicate("go\n", shield.TIMEOUT)
        case.expect(-signal.SIGBUS, holders[1].returncode)
        wire.send(tcp(1))


REASON = {}
if __name__ == "__main__":
    if sys.argv[1] == "read":
        read_into(sys.argv[2])
    if sys.argv[1] == "hold":
        hold(sys.argv[2])
        sys.exit()
    import tree
    REASON = {row[1]: int(row[0]) for row in tree.rows("reasons", "PS_REASON")}
    os.sched_setaffinity(0, {0})
    WIRE = shield.packet_socket("shield", 0, "eth1")
    drain()
    half_full(WIRE)
    verdicts(WIRE)
    mappings(WIRE)
    takeover(WIRE)
    killed_readers(WIRE, sys.argv[1])
    rights()
    removed(WIRE, "an instance removed", destroy)
    tree.write(tree.PS + "/instances", "+" + os.path.basename(shield.INSTANCE))
    tree.write(shield.INSTANCE + "/ifaces", "+eth0")
    removed(WIRE, "the module unloaded", unload)
    print("end")
