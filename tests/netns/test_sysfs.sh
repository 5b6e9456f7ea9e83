#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tree /sys/packetshield: which files there are, their modes and defaults,
# the format of stats and drops, what edits make of every kind of list, and
# that every way to read a list gives the same, however long it is. Then what
# options take, and protections switched by hand.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

check_tools() { # the list of 1,500 that sysfs_cases.py leaves, through pipes
	local list=$PS/first/Other/b_sources
	host shield cat "$list" >/tmp/by-cat
	check_equal "cat gets all lines" 1500 "$(wc -l </tmp/by-cat)"
	check "dd bs=1 gets the same" on shield \
		"dd if=$list bs=1 count=5000 status=none | cmp - <(head -c 5000 /tmp/by-cat)"
	check "dd bs=100k gets the same" on shield \
		"dd if=$list bs=100k status=none | cmp - /tmp/by-cat"
	check "sed and a shell's redirection get the same" on shield \
		"cmp <(sed '' <$list) /tmp/by-cat"
}

load_module
setup_alone
results "$PYTHON" tests/netns/sysfs_cases.py
check_tools
on shield "echo -first >$PS/instances"
results "$PYTHON" tests/netns/option_cases.py
check_equal "version is the module's" "$(modinfo -F version "$PS_MODULE")" "$(cat $PS/version)"
check_invariants "all this"
finish
