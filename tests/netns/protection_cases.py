#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""When protections are on, SPEC 5.7: by their rates, all four at once, each in a
context of its own, and by hand.

Runs on the shield, see shield.py and protection_net.py.
"""
import time

import paced
import shield
from protection_net import TARGETS, Trace, status
from session_wire import case, write

X, Y = 200, 40
LOW, MIDDLE, ABOVE, HIGH = 20, 110, 250, 600
QUIET = "10.0.0.105"  # has rates as well, and gets nothing


class Senders:
    """One packet to each target in turn, and how many they were."""

    def __init__(self):
        self.sock = shield.packet_socket("attacker", 0)
        self.burst = paced.Burst(self.sock, [target.frame() for target in TARGETS])
        self.sent = 0

    def send(self, number=1):
        left = number * len(TARGETS)
        while left:
            left -= self.burst.send(left)
        self.sent += number
        return number

    def gently(self, rate, seconds):
        """At most so fast; how many it were in the slowest second."""
        return paced.slowest(paced.gently(self.send, rate, seconds))

    def steadily(self, rate, seconds):
        """So fast on the whole; how fast it really was."""
        count, took = paced.steadily(self, rate, seconds)
        return count / took

    def counted(self):
        """Wait until all of it has been judged."""
        for target in TARGETS:
            shield.wait_until(lambda t=target: shield.counters(t.context)["rx_total"],
                              lambda n: n == self.sent)


def states():
    return [target.is_on() for target in TARGETS]


def expect_states(problems, expected):
    found = [status(target.context) for target in TARGETS]
    wanted = [target.bit if expected else 0 for target in TARGETS]
    if found != wanted:
        problems.append("status %s, not %s" % (found, wanted))
    listed = [target.listed() for target in TARGETS]
    if listed != [expected] * len(TARGETS):
        problems.append("listed: %s" % listed)


def handled(problems, before, expected):
    """Whether what came since was dropped, and by the right protection."""
    for target, old in zip(TARGETS, before):
        found = shield.moved(old, shield.counters(target.context))
        if bool(found.get(target.dropped)) != expected:
            problems.append("%s: %s" % (target.name, found))
        if found["rx_total"] != found.get("delivered", 0) + found.get(target.dropped, 0):
            problems.append("%s: dropped for another reason: %s" % (target.name, found))


def phase(name, senders, rate, on):
    """On or off the whole time. A sender too slow for a second doesn't tell
    anything about what is between Y and X."""
    with case(name) as problems:
        for _ in range(10):
            tried, before = [], [shield.counters(target.context) for target in TARGETS]
            real = senders.gently(rate, 2.5)
            senders.counted()
            expect_states(tried, on)
            handled(tried, before, on)
            if rate == LOW or real > 1.2 * Y:
                problems += tried
                break
            if on:
                senders.steadily(HIGH, 1.5)
        else:
            problems.append("never more than %d packets a second" % real)


def quiet(seconds):
    """So long nothing comes, and nobody asks."""
    start = time.monotonic()
    shield.wait_until(time.monotonic, lambda now: now > start + seconds)


def engage(senders, trace):
    """A sender that can't keep the rate for a second doesn't tell anything."""
    with case("a little more than X packets a second: on within a second") as problems:
        for _ in range(10):
            quiet(2.1)
            trace.clear()
            start = time.monotonic()
            real = senders.steadily(ABOVE, 1.3)
            took = [event[0] - start for target in TARGETS for event in trace.events(target)[:1]]
            if len(took) == len(TARGETS) and max(took) <= 1:
                break
            if real > 0.98 * ABOVE:
                problems.append("at %d packets a second on after %s" % (real, took))
                break
        else:
            problems.append("never %d packets a second" % ABOVE)
        print("# X-Y %d-%d, %d a second: on after %s s" % (
            X, Y, real, " ".join("%.2f" % seconds for seconds in took)))
        before = [shield.counters(target.context) for target in TARGETS]
        senders.steadily(HIGH, 0.5)
        senders.counted()
        expect_states(problems, True)
        handled(problems, before, True)


def release(problems):
    """Off within 2 s of the flood's end, if anybody asks."""
    end = time.monotonic()
    left = shield.wait_until(states, lambda on: not any(on), 5)
    took = time.monotonic() - end
    print("# off %.2f s after the flood's end" % took)
    if any(left) or took > 2:
        problems.append("off after %.2f s: %s" % (took, left))
    expect_states(problems, False)


def by_rates(senders, trace):
    phase("below Y: off", senders, LOW, False)
    phase("between Y and X, from below: off", senders, MIDDLE, False)
    engage(senders, trace)
    phase("between Y and X, from above: still on", senders, MIDDLE, True)
    with case("nothing any more: off within 2 s") as problems:
        release(problems)
    with case("the tracepoint told of it, once, and by which rate") as problems:
        for target in TARGETS:
            found = trace.events(target)
            if [event[1] for event in found] != ["on", "off"]:
                problems.append("%s: %s" % (target.name, found))
            elif not X < found[0][2] < 25 * X or not found[1][2] < Y:
                problems.append("%s: rates %d, %d" % (target.name, found[0][2], found[1][2]))
    with case("off without anybody asking") as problems:
        senders.steadily(HIGH, 1.5)
        if not all(states()):
            problems.append("not on: %s" % states())
        quiet(2.1)
        before = [shield.counters(target.context) for target in TARGETS]
        senders.send()
        senders.counted()
        handled(problems, before, False)
    with case("contexts without a flood had nothing to do with it") as problems:
        for context in (QUIET, "Other"):
            found = shield.counters(context)
            if found["status"] or found["rx_total"] and context == QUIET:
                problems.append("%s: %s" % (context, found))


def off_by_rates(senders):
    with case("0-0 ends it at once") as problems:
        senders.steadily(HIGH, 1.5)
        if not all(states()):
            problems.append("not on: %s" % states())
        for target in TARGETS:
            write("%s/%s_threshold" % (target.context, target.name), "0-0")
        expect_states(problems, False)
        before = [shield.counters(target.context) for target in TARGETS]
        senders.steadily(HIGH, 1.5)
        senders.counted()
        expect_states(problems, False)
        handled(problems, before, False)
        for target in TARGETS:
            write("%s/%s_threshold" % (target.context, target.name), "%d-%d" % (X, Y))


def toggle_all(sign):
    for target in TARGETS:
        target.toggle(sign)


def hand_on(senders):
    """Y still says what may pass, and surge protection needs it."""
    with case("switched on by hand: on, without a flood") as problems:
        toggle_all("+")
        expect_states(problems, True)
        before = [shield.counters(target.context) for target in TARGETS]
        senders.steadily(LOW, 0.2)
        senders.send(Y)
        senders.counted()
        expect_states(problems, True)
        handled(problems, before, True)
    with case("... until it is switched off by hand") as problems:
        quiet(2.5)
        senders.send()
        expect_states(problems, True)
        toggle_all("-")
        expect_states(problems, False)
        before = [shield.counters(target.context) for target in TARGETS]
        senders.send()
        senders.counted()
        handled(problems, before, False)


def hand_off(senders):
    with case("switched off by hand in a flood: off, and stays so") as problems:
        senders.steadily(HIGH, 1.5)
        if not all(states()):
            problems.append("not on: %s" % states())
        toggle_all("-")
        before = [shield.counters(target.context) for target in TARGETS]
        senders.steadily(HIGH, 2.5)
        senders.counted()
        expect_states(problems, False)
        handled(problems, before, False)
    with case("... it comes back after a second below Y") as problems:
        senders.steadily(LOW, 2)
        expect_states(problems, False)
        senders.steadily(HIGH, 1.5)
        expect_states(problems, True)
    with case("by hand during a flood: outlasts it") as problems:
        toggle_all("+")
        quiet(2.5)
        senders.send()
        expect_states(problems, True)
        toggle_all("-")
        expect_states(problems, False)


def main():
    trace, senders = Trace(), Senders()
    for target in TARGETS:
        target.add("%d-%d" % (X, Y))
    write("contexts", "+" + QUIET)
    for context in (QUIET, "Other"):
        for target in TARGETS:
            write("%s/%s_threshold" % (context, target.name), "%d-%d" % (X, Y))
    by_rates(senders, trace)
    off_by_rates(senders)
    hand_on(senders)
    hand_off(senders)
    for target in TARGETS:
        target.remove()
        write("Other/%s_threshold" % target.name, "0-0")
    write("contexts", "-" + QUIET)
    print("end")


main()
