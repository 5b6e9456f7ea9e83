# SPDX-License-Identifier: GPL-2.0-or-later
"""The command packetshield as the tests run it."""
import json
import os
import subprocess

TOOL = os.environ.get("PS_TOOL", "build/packetshield")


class Ran:
    """What a run came to."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return "exit %d, printed %.300r, said %.600r" % (self.code, self.out, self.err)


def run(*arguments, stdin="", wrap=(), env=None):
    return Ran(subprocess.run([*wrap, TOOL, *arguments], input=stdin, text=True, timeout=300,
                              env=env, capture_output=True, check=False, encoding="utf-8",
                              errors="surrogateescape"))


def do(*arguments, stdin=""):
    """One that must succeed, in silence but for what it prints."""
    ran = run(*arguments, stdin=stdin)
    if ran.code or ran.err:
        raise AssertionError("packetshield %s: %r" % (" ".join(arguments), ran))
    return ran.out


def told(*arguments):
    """What it prints as JSON."""
    return json.loads(do(*arguments, "--json"))


def objects(tree):
    """(instance, context or None) -> object, of what a reading command prints."""
    found = {}
    for instance in tree["instances"]:
        found[(instance["name"], None)] = instance
        for context in instance.get("contexts", []):
            found[(instance["name"], context["name"])] = context
    return found
