#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that can come and go does so again and again while a flood runs
# through it and somebody reads all files: instances, interfaces (also deleted,
# moved, down and up), contexts, the module. The kernel must have nothing to
# say to that; the guest's harness looks at its log.
#
# Processors: 2, since instances go while packets come.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

# How often: slow where the guest is emulated.
case ${PS_GUEST:-} in uml | kvm) TURNS=12 RELOADS=6 ;; *) TURNS=6 RELOADS=3 ;; esac

flood() { start_flood -2 -p 9 --rand-source 10.0.0.1; }

case_of() { results "$PYTHON" tests/netns/lifetime_cases.py "$@"; }

start_reader() {
	ip netns exec "$NS_PREFIX-shield" "$PYTHON" tests/netns/lifetime_cases.py read \
		>/tmp/reader 2>&1 &
	reader=$!
}

stop_reader() {
	kill "$reader"
	wait "$reader"
	results cat /tmp/reader
}

# shellcheck disable=SC2317 # wait_for calls it
grows() { more_than "$1" received i; }

# down, up, deleted, moved: an interface behind the flooded switch for each.
check_devices() {
	local n grown=0 gone=0
	for n in $(seq "$TURNS"); do
		ip -n "$NS_PREFIX-shield" link set eth0 down
		ip -n "$NS_PREFIX-shield" link set eth0 up
		wait_for grows "$(received i)" && grown=$((grown + 1))
	done
	check_equal "an interface down and up again is still protected" "$TURNS" "$grown"
	for n in $(seq "$((TURNS / 2))"); do
		ip -n "$NS_PREFIX-shield" -batch - <<-END
			link add eth0.9 link eth0 type vlan id 9
			link set eth0.9 up
		END
		on shield "echo +eth0.9 >$PS/i/ifaces"
		ip -n "$NS_PREFIX-shield" link del eth0.9
		[ "$(host shield cat $PS/i/ifaces)" = eth0 ] && gone=$((gone + 1))
	done
	check_equal "an interface that is deleted is detached" "$((TURNS / 2))" "$gone"
}

check_moves() {
	local n=0 turn
	for turn in $(seq "$((TURNS / 2))"); do
		ip -n "$NS_PREFIX-shield" link set eth0 netns "$NS_PREFIX-switch" name moved || break
		[ -z "$(host shield cat $PS/i/ifaces)" ] || break
		ip -n "$NS_PREFIX-switch" link set moved netns "$NS_PREFIX-shield" name eth0 || break
		ip -n "$NS_PREFIX-shield" link set eth0 up
		on shield "echo +eth0 >$PS/i/ifaces" && wait_for grows "$(received i)" && n=$turn
	done
	check_equal "an interface that moves to another namespace is detached" "$((TURNS / 2))" "$n"
}

check_reloads() {
	local n
	for ((n = 0; n < RELOADS; n++)); do
		rmmod packetshield || break
		if [ -d $PS ]; then break; fi
		insmod "$PS_MODULE" || break
		new_instance i || break
		wait_for grows 20 || break
	done
	check_equal "the module removed and loaded again, $RELOADS times" \
		"$RELOADS i eth0" "$n $(host shield cat $PS/instances $PS/i/ifaces | xargs)"
}

check_held() {
	host shield "$PYTHON" tests/netns/lifetime_cases.py hold >/tmp/held 2>&1 &
	check "files are held open" wait_for grep -q open /tmp/held
	check "rmmod doesn't wait for them" rmmod packetshield
	wait $!
	results sed 1d /tmp/held
	check "the module comes back" insmod "$PS_MODULE"
	check "... and works" new_instance i
}

load_module
setup_flood
flood
start_reader
case_of instances "$TURNS"
new_instance i
case_of interfaces "$TURNS"
case_of contexts "$((TURNS * 2))"
case_of names "$TURNS"
check_devices
check_moves
check "the flood is still on" flood_is_on
stop_reader
stop_flood
check_invariants "objects came and went"
flood
check_reloads
check_held
check "the flood is still on" flood_is_on
check "... and judged" wait_for grows 20
stop_flood
check_invariants "the module came and went"
finish
