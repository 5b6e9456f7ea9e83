#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How soon protections are on when a flood begins, by engage_cases.py: one cable
# between the attacker and the shield. Lines "# figure NAME VALUE UNIT" are for
# quoting.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
work=$(mktemp -d)

setup_cable() {
	local name
	trap 'teardown; umount "$work"; rm -rf "$work"' EXIT
	for name in shield attacker; do
		ip netns add "$NS_PREFIX-$name"
	done
	ip -n "$NS_PREFIX-shield" link add eth0 type veth peer name eth0 netns "$NS_PREFIX-attacker"
	for name in shield attacker; do
		ip -n "$NS_PREFIX-$name" link set eth0 up
	done
	ip -n "$NS_PREFIX-shield" link set eth0 address 02:00:00:00:00:01
	wait_for on attacker "ip link show eth0 | grep -q 'state UP'"
}

load_module
setup_cable
# The namespaces have a /sys of their own.
mount -t tracefs tracefs "$work"
export PS_TRACING=$work
new_instance shield
results tests/netns/engage_cases.py
check_invariants "floods that begin"
finish
