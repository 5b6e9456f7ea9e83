# SPDX-License-Identifier: GPL-2.0-or-later
"""The command packetshield while it goes on, and where its output goes. Run by
test_tool_runs.sh on the shield, which has eth0 and eth1 and the instance i.

	tool_run_cases.py counts	packets as stats, drops and their rates show them
	tool_run_cases.py events	monitor
	tool_run_cases.py output	terminals, and outputs that are closed or full
	tool_run_cases.py words	completion
	tool_run_cases.py memory	every command under valgrind
"""
import json
import os
import pty
import select
import subprocess
import sys
import time

import frames
import tool
import tree
from shield import ALL, packet_socket, report, wait_until
from tool import TOOL, do, objects, run, told
from tree import PS, unequal

OTHER = PS + "/i/Other/"


def broken():
    """A frame that is dropped for ip_version, of 34 bytes from its IP header on."""
    packet = frames.ipv4(b"12345678901234", frames.UDP, "192.0.2.1", "192.0.2.2", version=5)
    return frames.ethernet(packet, frames.IPV4, dst=b"\xff" * 6)


def counted():
    found = objects(told("drops"))[("i", "Other")]["drops"]
    return {drop["reason"]: drop["packets"] for drop in found}.get("ip_version", 0)


def counts():
    do("add", "i", "ifaces", "eth0")
    sock = packet_socket("shield", ALL, "eth1")
    before = counted()
    for _ in range(5):
        sock.send(broken())
    report("drops counts five broken packets", unequal(
        5, wait_until(counted, lambda n: n >= before + 5) - before))
    report("... and tells their reason in words", [] if "ip_version" in do("drops", "i") and
           "IP version is not the one" in do("drops", "i", "Other") else [do("drops", "i")])
    began = time.monotonic()
    process = subprocess.Popen([TOOL, "stats", "i", "Other", "--watch", "0.5", "--count", "4",
                                "--json"], stdout=subprocess.PIPE)
    while process.poll() is None:   # all the time, until its last reading
        sock.send(broken())
        time.sleep(0.005)
    views = [objects(json.loads(line))[("i", "Other")] for line in process.stdout]
    report("stats --watch --json: a line a reading, rates from the second on",
           unequal(0, process.returncode) + wrong_rates(views, time.monotonic() - began))
    text = do("stats", "i", "--watch=0.1", "--count", "2")
    report("stats --watch for people", unequal(
        [2, True], [text.count("i/Other\n"), "/s" in text.split("i/Other\n")[2]]))
    do("set", "i", "ifaces", "-")


def wrong_rates(views, seconds):
    """Problems of four readings, half a second apart or more, that took so long
    in all. A rate and its packets tell the time between two readings."""
    invalid = [view["stats"]["invalid"] for view in views]
    rates = [view["rates"]["invalid"] for view in views[1:]]
    moved = [after - before for before, after in zip(invalid, invalid[1:])]
    times = [packets / rate for packets, rate in zip(moved, rates) if rate]
    good = len(views) == 4 and "rates" not in views[0] and times and min(moved) >= 0 and \
        [bool(rate) for rate in rates] == [bool(packets) for packets in moved] and \
        min(times) > 0 and sum(times) <= seconds and (len(times) < 3 or sum(times) > 1.2)
    return [] if good else ["counters %r, rates %r in %.1f s" % (invalid, rates, seconds)]


class Monitor:
    """monitor --json, that is surely listening: it was told of a device of i."""

    def __init__(self, *arguments, device="eth1"):
        self.device = device
        self.process = subprocess.Popen([TOOL, "monitor", "--json", *arguments],
                                        stdout=subprocess.PIPE)
        self.text, self.on = b"", False
        wait_until(self.poke, lambda events: events)
        self.mark()

    def poke(self):
        self.on = not self.on
        tree.write(PS + "/i/ifaces", ("+" if self.on else "-") + self.device)
        return self.lines(0.2)

    def mark(self):
        """Let events pass until none is under way."""
        if self.on:
            tree.write(PS + "/i/ifaces", "-" + self.device)
        while self.lines(1):
            pass

    def lines(self, timeout):
        found = []
        while select.select([self.process.stdout], [], [], timeout)[0]:
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                break
            self.text += data
            *whole, self.text = self.text.split(b"\n")
            found += [json.loads(line) for line in whole]
            timeout = 0
        return found

    def wait(self, number):
        found = []
        wait_until(lambda: found.extend(self.lines(0.1)), lambda _: len(found) >= number)
        return found

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def events():
    monitor = Monitor()
    do("add", "i", "contexts", "10.0.0.1@7")
    do("set", "i", "10.0.0.1@7", "unmatch_drop_threshold", "300-20")
    do("add", "i", "Other", "unmatch_drop_toggled", "10.0.0.1@7")
    do("del", "i", "Other", "unmatch_drop_toggled", "10.0.0.1@7")
    do("add", "i", "ifaces", "eth1")
    do("del", "i", "ifaces", "eth1")
    found = monitor.wait(4)
    times = [event.pop("time") for event in found]
    about = {"event": "protection", "instance": "i", "context": "10.0.0.1@7",
             "protection": "unmatch_drop", "rate": 0, "threshold": "300-20"}
    iface = {"event": "interface", "instance": "i", "interface": "eth1"}
    report("monitor --json tells of protections and interfaces", unequal(
        [dict(about, on=True), dict(about, on=False), dict(iface, attached=True),
         dict(iface, attached=False)], found))
    report("... with their time, in order", unequal(sorted(times), times))
    monitor.end()
    monitor = Monitor("i")
    do("add", "instances", "other")
    do("add", "other", "ifaces", "eth1")
    do("del", "instances", "other")
    do("add", "i", "ifaces", "eth0")
    report("monitor INSTANCE tells of that one", unequal(
        ["eth0"], [event["interface"] for event in monitor.wait(1)]))
    monitor.process.stdout.close()
    report("it ends when nobody reads what it prints", unequal(
        True, monitor.process.wait(30) in (0, 1)))
    process = subprocess.Popen([TOOL, "monitor", "--count", "1"], stdout=subprocess.PIPE,
                               text=True)

    def poke():
        tree.attempt(PS + "/i/ifaces", "-eth0")
        tree.attempt(PS + "/i/ifaces", "+eth0")
        return process.poll()
    wait_until(poke, lambda code: code is not None)
    text = process.stdout.read()
    report("monitor --count 1 ends after a line for people", [] if process.returncode == 0 and
           text.count("\n") == 1 and " i: eth0 " in text else [repr(text)])
    do("set", "i", "ifaces", "-")
    do("set", "i", "contexts", "-")


def on_terminal(*arguments, **variables):
    """What it prints on a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen([TOOL, *arguments], stdout=child, stderr=child,
                               env=dict(os.environ, TERM="xterm", **variables))
    os.close(child)
    found = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:   # the other end is closed
            part = b""
        if not part:
            break
        found += part
    process.wait(30)
    os.close(parent)
    return found


def output():
    xterm = dict(os.environ, TERM="xterm")
    report("colours on a terminal, not elsewhere, not with NO_COLOR", unequal(
        [True, True, False, False, False],
        [b"\033[" in on_terminal("status"), b"\033[31m" in on_terminal("statos"),
         b"\033[" in on_terminal("status", NO_COLOR="1"), "\033[" in run("status", env=xterm).out,
         "\033[" in run("statos", env=xterm).err]))
    for command in (["status"], ["show", "--json"], ["show", "i", "ifaces"], ["--help"],
                    ["stats", "--watch", "0.1"]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([TOOL, *command], stdout=full, stderr=subprocess.PIPE,
                                  text=True, timeout=60, check=False)
        if command == ["show", "i", "ifaces"]:   # which prints nothing
            report("nothing printed: a full device is no error", unequal(0, done.returncode))
            continue
        report("a full device is an error: %s" % " ".join(command), unequal(
            [1, True], [done.returncode, "No space left" in done.stderr]))
    done = subprocess.run("%s stats --watch 0.1 | head -n 1" % TOOL, shell=True, timeout=60,
                          capture_output=True, text=True, check=False)
    report("stats --watch ends when its pipe is closed", unequal("", done.stderr))


def complete(*words):
    return run("--complete", *words).out.split()


def words():
    do("add", "i", "contexts", "10.0.0.1@7", "2001:db8::7@9")
    commands = complete("")
    report("every command has a help that begins with its usage", [
        name for name in commands if not name.startswith("--") and
        not do(name, "--help").startswith("usage: packetshield %s" % name)])
    report("completion: commands, instances, contexts, settings, flags", unequal(
        [True, ["i", "instances"], True, True, ["--json", "--all", "--help"]],
        [{"add", "del", "drops", "monitor", "set", "show", "stats", "status", "--help"} <=
         set(commands), complete("show", ""),
         {"Other", "10.0.0.1@7", "ack_session_timeout", "ifaces"} <= set(complete("set", "i", "")),
         "b_sources" in complete("add", "i", "10.0.0.1@7", "") and
         "x_tcp_mss" not in complete("add", "i", "10.0.0.1@7", ""), complete("drops", "-")]))
    script = "; ".join((
        "PATH=%s:$PATH" % os.path.dirname(os.path.abspath(TOOL)),
        r"COMP_WORDBREAKS=$' \t\n\"\'><=;|&(:'",
        ". /usr/share/bash-completion/bash_completion",
        ". userspace/completion/packetshield.bash",
        'COMP_LINE="packetshield set i 2001:db8::7@9 x_tcp_m" COMP_POINT=41',
        'COMP_WORDS=(packetshield set i 2001 : db8 :: 7@9 x_tcp_m) COMP_CWORD=8',
        '_packetshield; echo "${COMPREPLY[@]}"',
        'COMP_LINE="packetshield set i 2001:db8:" COMP_POINT=28',
        'COMP_WORDS=(packetshield set i 2001 : db8 :) COMP_CWORD=6',
        '_packetshield; echo "${COMPREPLY[@]}"'))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    report("... in bash, also behind a colon", unequal("x_tcp_mss\n:7@9\n", done.stdout + done.stderr))
    do("set", "i", "contexts", "-")


# Commands, and their exit codes.
CHECKED = [(["status"], 0), (["status", "--json"], 0), (["show"], 0), (["show", "--json"], 0),
           (["stats", "--watch", "0.1", "--count", "2"], 0), (["drops", "--all", "--json"], 0),
           (["set", "i", "Other", "b_sources", "-"], 0), (["add", "i", "contexts", "10.0.0.1"], 0),
           (["del", "i", "contexts", "10.0.0.2"], 1), (["set", "i", "geoip4", "1 AU"], 2),
           (["show", "instances"], 0), (["--complete", "set", "i", ""], 0), (["statsu"], 2),
           (["capture", "--old", "--seconds", "1", "-w", "/dev/null"], 0), (["metrics"], 0),
           (["capture", "--reason", "surge,x"], 2), (["metrics", "--http"], 0)]


def memory():
    wrap = tool.valgrind()
    if not wrap:
        print("ok every command under valgrind # SKIP valgrind doesn't run here", flush=True)
        return
    items = "\n".join("10.0.%d.%d" % (n >> 7, 2 * n & 255) for n in range(8000))
    for arguments, code in CHECKED:
        ran = run(*arguments, stdin=items, wrap=wrap)
        report("valgrind: %s" % " ".join(arguments), unequal(code, ran.code) +
               ([repr(ran)] if "==" in ran.err else []))


if __name__ == "__main__":
    {"counts": counts, "events": events, "output": output, "words": words,
     "memory": memory}[sys.argv[1]]()
    print("end")
