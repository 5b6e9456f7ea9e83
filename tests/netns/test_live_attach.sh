#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shield is switched on in the middle of the day: attached to an interface
# with busy connections, all its protections, a flood (live_attach.py).
#
# Processors: 2, since packets come while interfaces are attached.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
work=$(mktemp -d)

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
echo page >"$work/index.html"
session_nginx shield 8080 "$work"
on shield "echo +shield >$PS/instances"
ulimit -n 4096
results tests/netns/live_attach.py
check_invariants "attached to a busy interface"
finish
