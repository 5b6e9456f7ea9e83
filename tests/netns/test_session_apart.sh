#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two instances, two contexts, VLANs: sessions, counters and protections are
# apart (session_apart.py).
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh

second_instance() { # on a cable of its own to the attacker
	ip -n "$NS_PREFIX-shield" -batch - <<-END
		link add eth1 type veth peer name eth1 netns $NS_PREFIX-attacker
		link set eth1 address 02:00:00:00:00:01 up
		addr add 10.3.0.1/24 dev eth1
		addr add 2001:db8:3::1/64 dev eth1 nodad
		neigh replace 10.3.0.99 lladdr 02:00:00:00:00:63 dev eth1 nud permanent
		neigh replace 2001:db8:3::99 lladdr 02:00:00:00:00:63 dev eth1 nud permanent
	END
	ip -n "$NS_PREFIX-attacker" link set eth1 up
	wait_for on shield 'ip link show eth1 | grep -q "state UP"'
	on shield "echo +second >$PS/instances && echo +eth1 >$PS/second/ifaces"
}

load_module
setup
new_instance shield
second_instance
session_neighbours
settle
results tests/netns/session_apart.py
check_invariants "sessions that are apart"
finish
