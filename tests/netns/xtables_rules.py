#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a .t file in the format of iptables' own extensions: ":" and chains, "*"
and a table, then "rule;what is saved of it, = for the same;OK or FAIL".

xtables_rules.py PROGRAM FILE, on the shield. A rule that is OK is added, saved as
expected, found by -C and deleted by what was saved; nothing may be left.
"""
import shlex
import subprocess
import sys

import shield


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="ascii", check=False)
    return done.returncode, done.stdout


def saved(program, table):
    """The rules of a table, as PROGRAM-save prints them."""
    return [line for line in run(program + "-save", "-t", table)[1].splitlines()
            if line.startswith("-A ")]


def accepted(program, table, chain, rule, expected):
    """A rule that must be taken: what is wrong."""
    base = [program, "-w", "-t", table]
    status, output = run(*base, "-A", chain, *shlex.split(rule))
    if status:
        return ["refused: " + output]
    wanted = "-A %s %s" % (chain, rule if expected == "=" else expected)
    found = saved(program, table)
    problems = [] if found == [wanted] else ["saved as %s" % found]
    for verb in ("-C", "-D"):
        status, output = run(*base, verb, *shlex.split(wanted)[1:])
        if status:
            problems.append("%s: %s" % (verb, output))
    return problems


def refused(program, table, chain, rule):
    status, output = run(program, "-w", "-t", table, "-A", chain, *shlex.split(rule))
    if not status:
        return ["accepted"]
    return [] if output.strip() else ["refused without a word"]


def main():
    program, path = sys.argv[1:]
    table, chains, count = "filter", [], 0
    with open(path, encoding="ascii") as lines:
        for line in lines.read().splitlines():
            if line.startswith("*"):
                table = line[1:]
            elif line.startswith(":"):
                chains = line[1:].split(",")
            else:
                rule, expected, verdict = line.split(";")
                problems = []
                for chain in chains:
                    problems += (accepted(program, table, chain, rule, expected)
                                 if verdict == "OK" else refused(program, table, chain, rule))
                    count += 1
                if saved(program, table):
                    problems.append("something is left: %s" % saved(program, table))
                shield.report("%s -t %s, %s: %s: %s" % (program, table, " ".join(chains), rule,
                                                        verdict), problems)
    shield.report("%s: the file has rules" % program, [] if count > 20 else [str(count)])
    print("end")


main()
