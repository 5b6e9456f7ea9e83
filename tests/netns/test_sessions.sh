#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sessions of TCP, SPEC 5.1 and 5.3, segment by segment (session_cases.py).
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
results tests/netns/session_cases.py
check_invariants "sessions"
finish
