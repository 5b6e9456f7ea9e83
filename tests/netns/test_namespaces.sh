#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Network namespaces: each has instances of its own under its own sysfs, those
# of unprivileged users need allow_userns, and a namespace that dies under a
# flood, or with its files open, takes its instances with it and nothing else.
#
# Processors: 2, since several namespaces end at once.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

# Deletions under flood: slow where the guest is emulated.
case ${PS_GUEST:-} in uml | kvm) DELETIONS=15 ;; *) DELETIONS=6 ;; esac

check_apart() {
	local name
	for name in shield attacker; do
		on "$name" "echo +same >$PS/instances && echo +eth0 >$PS/same/ifaces &&
			printf '{\n1\n58\n}' >$PS/same/Other/w_protocols"
	done
	on attacker "echo +more >$PS/instances; echo +9 >$PS/same/Other/w_protocols"
	check_equal "each sees its own instances: one host" same "$(host shield cat $PS/instances)"
	check_equal "... another host" "more same" "$(host attacker cat $PS/instances | xargs)"
	check_equal "... the initial namespace" "" "$(cat $PS/instances)"
	check_equal "... and directories" "instances same version" "$(host shield ls -C $PS | xargs)"
	check_equal "... settings" "1 58" "$(host shield cat $PS/same/Other/w_protocols | xargs)"
	on attacker "ping -q -c3 -i0.01 10.0.0.1" >/dev/null
	check_equal "... and counters" 3 "$(counter $PS/same/Other whitelisted)"
	on attacker "for i in more same; do echo -\$i >$PS/instances; done"
	check_equal "one goes, the other stays" same "$(host shield cat $PS/instances)"
	check_equal "... with its interface" eth0 "$(host shield cat $PS/same/ifaces)"
}

# As a user without any right, in namespaces of his own; prints what he gets.
# sysfs asks only once who their root is, when the network namespace is made: in
# one breath with the user namespace nobody knows that yet.
# shellcheck disable=SC2034 # by name
apart="unshare -Ur unshare -nm"
# shellcheck disable=SC2034 # by name
at_once="unshare -Urnm"
as_user() { # as_user SCRIPT; UNSHARE=apart or at_once
	local -n how=${UNSHARE:-apart}
	# shellcheck disable=SC2086 # a command and its arguments
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		$how /bin/bash -c "mount -t sysfs sysfs /sys || exit
			try() { { echo \"\$1\" >\"\$2\"; } 2>&1 | sed 's/.*: //'; }
			$1" 2>&1
}

check_users() {
	local knob=/sys/module/packetshield/parameters/allow_userns
	check_equal "allow_userns is off at first" N "$(cat $knob)"
	check_equal "a user's namespace: not permitted" "Operation not permitted" \
		"$(as_user "try +mine $PS/instances; cat $PS/instances")"
	echo 1 >$knob
	check_equal "... with allow_userns=1: its files are its root's" "0:0 0:0 0:0" \
		"$(as_user "try +mine $PS/instances; cd $PS
			stat -c %u:%g instances mine/ifaces mine/Other/b_sources | xargs")"
	check_equal "... and work" "mine a 10.0.0.0/24" \
		"$(as_user "try +mine $PS/instances; cd $PS/mine
			ip link add name a type veth peer name b
			try +a ifaces; try +10.0.0.0/24 Other/b_sources
			cat ../instances ifaces Other/b_sources | xargs")"
	check_equal "... also where both namespaces are made at once" "mine 10.0.0.0/24" \
		"$(UNSHARE=at_once as_user "try +mine $PS/instances; cd $PS/mine
			try +10.0.0.0/24 Other/b_sources
			cat ../instances Other/b_sources | xargs")"
	check_equal "... but only his" "Permission denied Permission denied" \
		"$(as_user "echo 0 >$knob" | sed 's/.*: //') $(setpriv --reuid 65534 --clear-groups \
			/bin/bash -c "echo +mine >$PS/instances" 2>&1 | sed 's/.*: //')"
	echo 0 >$knob
	check_equal "... and off again: not permitted" "Operation not permitted" \
		"$(as_user "try +mine $PS/instances")"
	check_equal "... at once neither" "Operation not permitted" \
		"$(UNSHARE=at_once as_user "try +mine $PS/instances")"
	check_equal "the initial namespace has none of it" "" "$(cat $PS/instances)"
}

victim() { # up, shielded, with the flood arriving
	plug victim 5 &&
		on victim "echo +same >$PS/instances && echo +eth0 >$PS/same/ifaces" &&
		wait_for more_than 20 victim_received
}

# shellcheck disable=SC2317 # wait_for calls it
victim_received() { host victim sed -n 's/^rx_total *: //p' "$PS/same/stats"; }

victim_is_gone() {
	! ip -n "$NS_PREFIX-switch" link show victim
}

check_deletions() {
	local n before
	ip link add ps0 type veth peer name ps1
	echo +initial >$PS/instances
	echo +ps0 >$PS/initial/ifaces
	before=$(received same)
	start_flood -2 -p 9 --rand-source 10.0.0.5
	for n in $(seq "$DELETIONS"); do
		victim || break
		ip netns del "$NS_PREFIX-victim"
		wait_for victim_is_gone || break
	done
	check_equal "a namespace deleted under flood, $DELETIONS times" "$DELETIONS-gone" \
		"$n$(victim_is_gone 2>/dev/null && echo -gone)"
	check "the flood is still on" flood_is_on
	stop_flood
	check_equal "the initial namespace kept its instance" "initial ps0" \
		"$(cat $PS/instances $PS/initial/ifaces | xargs)"
	check "another host kept its own" more_than "$before" received same
	check "... at work" host attacker ping -c1 -W5 10.0.0.1
	echo -initial >$PS/instances
	ip link del ps0
}

check_open_files() {
	local talk
	plug victim 5
	on victim "echo +same >$PS/instances && echo +eth0 >$PS/same/ifaces"
	mkfifo /tmp/talk
	host victim "$PYTHON" tests/netns/namespace_cases.py </tmp/talk >/tmp/said 2>&1 &
	exec {talk}>/tmp/talk
	check "files of a namespace are open" wait_for grep -q open /tmp/said
	ip netns del "$NS_PREFIX-victim"
	check "... and it is deleted" wait_for victim_is_gone
	(echo go on >&"$talk")
	exec {talk}>&-
	wait $!
	results sed 1d /tmp/said
}

load_module
setup_flood
check_apart
check_users
check_deletions
check_open_files
check_invariants "all this"
finish
