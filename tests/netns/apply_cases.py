#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""apply and save; run by test_apply.sh on the shield, which has eth0 and eth1.

	apply_cases.py same	save, apply, save: the same
	apply_cases.py equal	what there is becomes what the file says
	apply_cases.py secrets	what can't be read is kept, or nothing is done
	apply_cases.py attack	protections that are on by themselves stay on
	apply_cases.py broken	a file that can't be applied changes nothing
	apply_cases.py saved	the file is replaced, or it is as it was
	apply_cases.py changing	what is saved was there, while it changes
	apply_cases.py memory	valgrind
"""
import os
import random
import stat
import subprocess
import sys
import tempfile
import threading

import frames
import tool
import tree
from shield import packet_socket, report, wait_until
from tree import PS, unequal

WORK = tempfile.mkdtemp()
FILE = WORK + "/packetshield.conf"


def put(text, path=FILE):
    with open(path, "w", encoding="latin-1") as file:
        file.write(text)
    return path


def apply(text, *flags, stdin=""):
    return tool.run("apply", put(text), *flags, stdin=stdin)


def applied(text):
    ran = apply(text)
    if ran.code:
        raise AssertionError("%r" % ran)
    return ran


def saved():
    return tool.do("save")


def state():
    """All that sysfs shows, counters apart."""
    return tree.snapshot()


def random_file(seed):
    """A file that says something of nearly everything."""
    rnd = random.Random(seed)
    contexts = ["10.%d.0.%d" % (rnd.randrange(4), n) for n in range(1, 4)]
    contexts += ["10.0.9.%d@%d" % (n, rnd.randrange(1, 4095)) for n in range(2)]
    contexts += ["2001:db8::%x" % rnd.randrange(1, 0xffff)]
    lines = ["instances i,j", "i/ifaces eth%d" % rnd.randrange(2)]
    lines += ["%s/contexts %s" % (rnd.choice("ij"), name) for name in contexts]
    where = {name: line[0] for name, line in zip(contexts, lines[2:])}
    lines += ["i/%s %d" % (option, rnd.randrange(1, 1000)) for option in (
        "ack_session_timeout", "syn_session_timeout", "dns_session_timeout", "hook_priority")]
    # Another one each time would be too many to wait for.
    lines += ["i/session_table_size 1000"]
    lines += ["j/geoip4 1.0.0.0 C%d" % rnd.randrange(5), "j/geoip4 9.0.0.0 -",
              "i/geoip6 2001:: XX"]
    for name in contexts + ["Other"]:
        place = "%s/%s/" % (where.get(name, "i"), name)
        lines += [place + line for line in (
            "b_sources 20.%d.0.0/16,2001:%x::/32" % (rnd.randrange(256), rnd.randrange(1, 999)),
            "w_sources 20.%d.5.0-20" % rnd.randrange(256),
            "w_tcp_ports %d-7000" % rnd.randrange(6000, 7000), "p_tcp_ports 80,443",
            "x_tcp_ports %d" % rnd.randrange(1, 65536), "w_udp_ports 53",
            "w_protocols 1,%d" % rnd.randrange(47, 200), "countries C1,C%d" % rnd.randrange(9),
            "deliver_block_threshold %d-9" % rnd.randrange(10, 999999), "x_tcp_wscale 7",
            "gateway 02:00:00:00:00:%02x" % rnd.randrange(256), "geoip_policy deny_countries",
        ) if rnd.random() < 0.7]
    lines += ["i/Other/deliver_block_threshold 9-9"] if not any(
        line.startswith("i/Other/deliver_block_threshold") for line in lines) else []
    lines += ["i/Other/%s Other" % name for name in ("new_cookie_toggled", "unmatch_drop_toggled",
              "deliver_block_toggled") if rnd.random() < 0.7]
    rnd.shuffle(lines)
    return "\n".join(lines) + "\n"


def same():
    problems, files = [], []
    for seed in range(4):
        applied(random_file(seed))
        before, text = state(), saved()
        files.append(text)
        applied(text)
        problems += tree.differences(before, state()) + unequal(text, saved())
    report("what was saved, applied, changes nothing", problems)
    problems = []
    for text in files + files[::-1]:
        applied(text)
        problems += unequal(text, saved())
    report("... and comes out the same on top of anything else", problems)
    problems = []
    for text in files:
        applied("")
        problems += unequal([], tree.lines(PS + "/instances"))
        applied(text)
        problems += unequal(text, saved())
    report("... and on top of nothing", problems)


def equal():
    applied("instances i\ni/ifaces eth0\ni/contexts 10.0.0.1\ni/ack_session_timeout 5\n"
            "i/Other/b_sources 10.0.0.0/8\ni/10.0.0.1/x_tcp_mss 500\n")
    warned = applied("instances i,j\nj/ifaces eth0\ni/contexts 10.0.0.2\n").err
    report("what a file doesn't say goes, or gets its default", unequal(
        (["10.0.0.2"], "60\n", [], [], ["eth0"]),
        (tree.lines(PS + "/i/contexts"), tree.read(PS + "/i/ack_session_timeout"),
         tree.lines(PS + "/i/Other/b_sources"), tree.lines(PS + "/i/ifaces"),
         tree.lines(PS + "/j/ifaces"))))
    report("interfaces without a TCP port: a warning", [] if "no TCP port" in warned else [warned])
    serial = os.stat(PS + "/i").st_ino
    applied("instances i\ni/contexts 10.0.0.2,10.0.0.3\n")
    report("what stays is what it was, not a new one", unequal(
        (serial, ["i"]), (os.stat(PS + "/i").st_ino, tree.lines(PS + "/instances"))))
    tree.replace(PS + "/i/geoip4", ["1.0.0.0 CO", "2.0.0.0 -"])
    kept = applied("instances i\ni/geoip4 keep\n")
    there = tree.lines(PS + "/i/geoip4")
    gone = applied("instances i\n")
    report("countries of addresses go with a warning, or stay by \"keep\"", unequal(
        ("", ["1.0.0.0 CO", "2.0.0.0 -"], True, []),
        (kept.err, there, "geoip4" in gone.err, tree.lines(PS + "/i/geoip4"))))
    many = ["%d.%d.%d.0/25" % (10 + n // 65536, n // 256 % 256, n % 256) for n in range(50000)]
    applied("instances i\n" + "".join("i/Other/b_sources %s\n" % item for item in many))
    report("a list of 50,000 ranges", unequal(len(many), len(tree.lines(PS + "/i/Other/b_sources"))))
    applied("instances i\n")


def secrets():
    base, path = "instances i\ni/contexts 10.0.0.2\n", PS + "/i/%s/cluster_secret"
    applied(base + "i/Other/cluster_secret a secret, of words#\n")
    text, before = saved(), state()
    report("a secret is set by a file, and saved as keep", unequal(
        (["set"], ["none"], ["i/Other/cluster_secret keep"]),
        (tree.lines(path % "Other"), tree.lines(path % "10.0.0.2"),
         [line for line in text.splitlines() if "secret" in line])))
    applied(text)
    report("... which keeps it", tree.differences(before, state()))
    ran = apply(text + "i/10.0.0.2/cluster_secret keep\ni/ack_session_timeout 5\n")
    number = len(text.splitlines()) + 1
    report("keep where there is none is refused: its line, and nothing changes", unequal(
        (1, True), (ran.code, ":%d:1: there is no cluster_secret" % number in ran.err)) +
        tree.differences(before, state()))
    problems = []
    for wanted in ("", "instances i\n", base, base + "i/Other/cluster_secret other\n"):
        ran = apply(wanted, "--confirm", "60", stdin="yes\n")
        if ran.code != 1 or "i/Other/cluster_secret" not in ran.err:
            problems.append("%s: %r" % (wanted, ran))
    report("what couldn't come back isn't applied with --confirm", problems +
           tree.differences(before, state()))
    ran = apply(text + "i/10.0.0.2/cluster_secret new\n", "--confirm", "60", stdin="no\n")
    report("... what can comes back", unequal(1, ran.code) + tree.differences(before, state()))
    applied(base)
    report("a secret that a file doesn't say goes", unequal(["none"], tree.lines(path % "Other")))
    applied("")


class Flood(threading.Thread):
    """ACKs of no connection to eth0, over the cable from eth1, while in a with block."""

    def __enter__(self):
        with open("/sys/class/net/eth0/address", encoding="ascii") as text:
            here = bytes.fromhex(text.read().strip().replace(":", ""))
        self.frame = frames.ethernet(frames.ipv4(frames.tcp(
            "20.0.0.1", "10.0.0.1", flags=frames.ACK), frames.TCP, "20.0.0.1", "10.0.0.1"),
            frames.IPV4, dst=here)
        self.sock = packet_socket("shield", 0, "eth1")
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.01):
            for _ in range(20):
                self.sock.send(self.frame)

    def __exit__(self, *_):
        self.over.set()
        self.join()
        self.sock.close()


def attack():
    base = ("instances i\ni/ifaces eth0\ni/Other/p_tcp_ports 80\n"
            "i/Other/unmatch_drop_threshold 50-5\n")
    other = PS + "/i/Other/"
    applied(base)

    def toggled():
        return tree.lines(other + "new_cookie_toggled"), tree.lines(other + "unmatch_drop_toggled")

    with Flood():
        on = wait_until(toggled, lambda now: now[1])[1]
        before = saved()
        applied(base + "i/Other/new_cookie_toggled Other\n")
        both, text = toggled(), saved()
        applied(base)
        one = toggled()
    report("a protection that has gone on by itself stays on, and isn't saved", unequal(
        (["Other"], False, (["Other"], ["Other"]), True, False, ([], ["Other"])),
        (on, "toggled" in before, both, "new_cookie_toggled" in text,
         "unmatch_drop_toggled" in text, one)))
    applied("")


def broken():
    applied(random_file(99))
    before, text, problems = state(), saved(), []
    good = text.splitlines()
    while len(good) < 1000:
        good.append("i/Other/b_sources 30.%d.%d.1" % (len(good) // 200, len(good) % 200))
    for number, line, words in (
            (777, "i/Other/b_sources 30.0.0.256", ":777:19: "),
            (1, "i/Other/no_such_thing 5", ":1:9: "),
            (1000, "i/ack_session_timeout 0", ":1000:23: "),
            (500, "garbage", ":500:"),
            (1000, "i/ifaces nosuchif0", "ifaces"),
            (3, "j/ifaces nosuchif0", "ifaces")):
        lines = good[:number - 1] + [line] + good[number - 1:]
        ran = apply("\n".join(lines) + "\n")
        if ran.code != 1 or words not in ran.err:
            problems.append("%s: %r" % (line, ran))
        problems += unequal(text, saved()) + tree.differences(before, state())
    report("a broken file of 1,000 lines, wherever: nothing changes", problems)
    problems = []
    for arguments, code in ((("apply",), 2), (("apply", "/nowhere"), 1), (("apply", WORK), 1),
                            (("apply", FILE, "--confirm", "0"), 2),
                            (("apply", FILE, "--confirm", "x"), 2),
                            (("apply", FILE, "--confirmed"), 2), (("apply", "--confirmed"), 1),
                            (("save", "/nowhere/x"), 1)):
        ran = tool.run(*arguments)
        if ran.code != code or not ran.err:
            problems.append("%s: %r" % (arguments, ran))
    problems += unequal(text, saved())
    report("wrong arguments and files that aren't there", problems)


def save_files():
    applied("instances i\ni/ack_session_timeout 5\n")
    path, problems = WORK + "/saved", []
    put("old\n", path)
    os.chmod(path, 0o640)
    os.symlink(path, WORK + "/link")
    tool.do("save", WORK + "/link")
    problems += unequal((saved(), 0o640, True), (
        open(path, encoding="ascii").read(), stat.S_IMODE(os.stat(path).st_mode),
        os.path.islink(WORK + "/link")))
    report("save keeps the mode of the file, and a link to it", problems)
    tool.do("save", WORK + "/new")
    report("... a new one is for root only", unequal(
        0o600, stat.S_IMODE(os.stat(WORK + "/new").st_mode)))
    small = WORK + "/small"
    os.mkdir(small)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], check=True)
    put("old\n", small + "/saved")
    applied("instances i\n" + "".join("i/Other/b_sources 30.0.%d.%d\n" % (n // 100, n % 100 * 2)
                                      for n in range(2000)))
    ran = tool.run("save", small + "/saved")
    report("... and on a disk that is full the old one stays", unequal(
        (1, "old\n", ["saved"]),
        (ran.code, open(small + "/saved", encoding="ascii").read(), os.listdir(small))))
    subprocess.run(["umount", small], check=True)
    applied("instances i\n")


def save_while_it_changes():
    texts, files = [], []
    for number, name in enumerate(("i", "j")):
        applied("instances %s\n" % name + "".join(
            "%s/contexts 10.0.%d.%d\n%s/10.0.%d.%d/b_sources 30.0.0.%d\n" %
            (name, number, n, name, number, n, number) for n in range(20)))
        texts.append(saved())
        files.append(put(texts[-1], WORK + "/changing%d" % number))
    problems, done = [], threading.Event()

    def change():
        turn = 0
        while not done.is_set():
            tool.do("apply", files[turn])
            turn = 1 - turn

    changes = threading.Thread(target=change)
    changes.start()
    for _ in range(40):
        ran = tool.run("save")
        if ran.code or ran.out not in texts:
            problems.append(repr(ran))
    done.set()
    changes.join()
    report("saved while it changes: one state or the other", problems[:3])


def memory():
    problems = []
    valgrind = tool.valgrind() or ()
    applied(random_file(1))
    put(random_file(2))
    # apply reads what there is, as save does, and looks at the file as check does.
    for arguments in (("apply", FILE), ("save", WORK + "/v")):
        ran = tool.run(*arguments, wrap=valgrind)
        if ran.code or ran.err and "warning" not in ran.err:
            problems.append("%s: %r" % (arguments, ran))
    put("instances a\nb/c d\na/Other/b_sources x,,y\na/Other/z 5\n")
    ran = tool.run("check", FILE, wrap=valgrind)
    if ran.code != 1:
        problems.append(repr(ran))
    report("valgrind has nothing to say", problems)


if __name__ == "__main__":
    {"same": same, "equal": equal, "secrets": secrets, "attack": attack, "broken": broken,
     "saved": save_files, "changing": save_while_it_changes, "memory": memory}[sys.argv[1]]()
    subprocess.run(["rm", "-rf", WORK], check=True)
    print("end")
