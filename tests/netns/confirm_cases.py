#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""apply --confirm, run by test_apply_confirm.sh: who doesn't confirm gets back
what was, whatever becomes of him."""
import os
import pty
import signal
import subprocess

import tool
import tree
from apply_cases import FILE, WORK, applied, apply, put, saved
from shield import report, wait_until
from tree import PS, unequal


def wait_for(instance):
    there = wait_until(lambda: tree.lines(PS + "/instances"), lambda now: now == [instance])
    if there != [instance]:
        raise AssertionError("instances are %r" % there)


def in_terminal(*arguments):
    """Start it in a session and terminal of its own: its process, and the terminal."""
    pid, terminal = pty.fork()
    if not pid:
        os.execv(tool.TOOL, [tool.TOOL, *arguments])
    return pid, terminal


def prompted(terminal):
    """Wait until it asks."""
    said = b""
    while b"Applied" not in said:
        said += os.read(terminal, 1000)


def confirm():
    old, new = "instances i\ni/ack_session_timeout 5\n", "instances j\nj/rst_session_timeout 7\n"
    applied(old)
    before = saved()

    def outcome(ran):
        return ran.code, saved() == before

    report("not confirmed: back in time", unequal((1, True), outcome(
        apply(new, "--confirm", "1"))))
    report("... and at once for a no", unequal((1, True), outcome(
        apply(new, "--confirm", "60", stdin="no\n"))))
    ran = apply(new, "--confirm", "60", stdin="perhaps\nyes\n")
    report("confirmed: it stays", unequal((0, ["j"]), (ran.code, tree.lines(PS + "/instances"))))
    applied(old)
    ran = apply("instances j\nj/ifaces nosuchif0\n", "--confirm", "60")
    report("refused by the kernel: nothing to confirm", unequal(
        ((1, True), 1), (outcome(ran), tool.run("apply", "--confirmed").code)))
    # The connection breaks: the terminal is gone, and its processes with it.
    for name, cut in (("the terminal goes", lambda pid, fd: os.close(fd)),
                      ("apply is killed", lambda pid, fd: os.kill(pid, signal.SIGKILL))):
        put(new)
        pid, terminal = in_terminal("apply", FILE, "--confirm", "3")
        wait_for("j")
        cut(pid, terminal)
        os.waitpid(pid, 0)
        report("%s: back in time" % name, unequal(
            before, wait_until(saved, lambda now: now == before)))
    put(new)
    pid, terminal = in_terminal("apply", FILE, "--confirm", "60")
    wait_for("j")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    refused = [apply(old).code, apply(old, "--confirm", "5").code]
    user = tool.run("apply", "--confirmed", wrap=(
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"))
    there = tree.lines(PS + "/instances")
    elsewhere = tool.run("apply", "--confirmed")
    report("from another session: nothing is applied meanwhile, users can't confirm, root can",
           unequal(([1, 1], 1, ["j"], 0), (refused, user.code, there, elsewhere.code)))
    report("... once", unequal((1, ["j"], 0), (
        tool.run("apply", "--confirmed").code, tree.lines(PS + "/instances"),
        apply(old).code)))
    pid, terminal = in_terminal("apply", FILE, "--confirm", "60")
    os.write(terminal, b"yes\n")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    report("typed on a terminal", unequal((0, before), (status, saved())))
    put(new)
    pid, terminal = in_terminal("apply", FILE, "--confirm", "60")
    prompted(terminal)
    os.write(terminal, b"\x03")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    report("an interrupt is a no", unequal((1, before), (status, saved())))


confirm()
subprocess.run(["rm", "-rf", WORK], check=True)
print("end")
