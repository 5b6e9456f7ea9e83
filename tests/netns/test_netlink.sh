#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The netlink door: what both doors show, what is refused, batches, events,
# who may, and a list of a million ranges.
#
# Processors: 2, since some read and write at the same time.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

# Who may: netlink_cases.py says what it gets in a namespace of its own.
check_users() {
	local knob=/sys/module/packetshield/parameters/allow_userns
	as_user() {
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@" "$PYTHON" \
			tests/netns/netlink_cases.py rights 2>&1 | xargs
	}
	check_equal "a user without any right" "version EPERM new EPERM list EPERM" "$(as_user)"
	check_equal "... root of his own namespaces" "version OK new EPERM list ENOENT" \
		"$(as_user unshare -Urn)"
	echo 1 >$knob
	check_equal "... with allow_userns=1" "version OK new OK list OK" "$(as_user unshare -Urn)"
	check_equal "... but not in others' namespaces" "version EPERM new EPERM list EPERM" \
		"$(as_user unshare -Ur)"
	echo 0 >$knob
	check_equal "a namespace sees its own only" "version OK new OK list OK" \
		"$(host other "$PYTHON" tests/netns/netlink_cases.py rights | xargs)"
	check_equal "... and so do the others" "i" "$(host shield cat $PS/instances)"
	check_equal "a namespace with a batch goes" 0 \
		"$(unshare -n "$PYTHON" tests/netns/netlink_cases.py leave; echo $?)"
}

load_module
setup_alone
ip netns add "$NS_PREFIX-other"
on shield "echo +i >$PS/instances"
for case in views errors fuzz; do
	results "$PYTHON" tests/netns/netlink_cases.py "$case"
done
check_users
for case in batch structures owners writers events scale; do
	results "$PYTHON" tests/netns/netlink_batch_cases.py "$case"
done
check_invariants "all this"
finish
