#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The table of TCP sessions, SPEC 5.1 and session_table_size: overfull, and
# changed under way (session_table.py).
#
# Processors: 2, since packets come while tables change.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh

load_module
setup
settle
on shield "echo +shield >$PS/instances"
ulimit -n 16384
results tests/netns/session_table.py
check_invariants "session table"
finish
