# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal for programs that want one: a window of a tmux server of its own, whose
screen can be read.
"""
import os
import shlex
import subprocess
import tempfile

import shield

SLOWNESS = 1 if os.environ.get("PS_GUEST") in ("uml", "kvm") else 4


class Terminal:
    """with Terminal(80, 24, "program", ...) as terminal: it runs there; then its exit code
    and the terminal's settings are on the screen."""

    def __init__(self, columns, lines, *command, term="tmux-256color", lang="C.UTF-8"):
        self.columns, self.lines = columns, lines
        self.directory = tempfile.TemporaryDirectory()
        # ^C is for the program only.
        self.command = "trap : INT; TERM=%s LANG=%s %s; echo \"ended $?\"; stty -a; exec sleep 3600" % (
            term, lang, " ".join(shlex.quote(word) for word in command))

    def __enter__(self):
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(self.columns),
                  "-y", str(self.lines), "sh", "-c", self.command)
        self.tmux("set-option", "-g", "window-size", "manual")
        self.tmux("set-option", "-g", "escape-time", "0")
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")
        self.directory.cleanup()

    def tmux(self, *words):
        return subprocess.run(
            ["tmux", "-u", "-S", self.directory.name + "/socket", *words], text=True, check=True,
            timeout=120, capture_output=True, encoding="utf-8",
            env=dict(os.environ, LANG="C.UTF-8", TERM="tmux-256color")).stdout

    def keys(self, *names):
        """As tmux calls them; a text is typed."""
        self.tmux("send-keys", *names)

    def resize(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def screen(self, *how):
        """Its lines, without blanks at their ends."""
        return self.tmux("capture-pane", "-p", *how).split("\n")[:self.lines]

    def fact(self, name):
        return self.tmux("display-message", "-p", "#{%s}" % name).strip()

    def wait(self, good, timeout=None):
        """Until good(lines); the last screen, and what was wrong as a list of problems."""
        found = shield.wait_until(self.screen, good,
                                  SLOWNESS * (timeout or shield.TIMEOUT))
        return found, [] if good(found) else ["the screen:"] + found
