#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long sessions of TCP live, SPEC 5.1: time-outs, what refreshes a session,
# keepalive (session_times.py).
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh

load_module
setup
settle
session_neighbours
new_instance shield
results tests/netns/session_times.py
check_invariants "time-outs of sessions"
finish
