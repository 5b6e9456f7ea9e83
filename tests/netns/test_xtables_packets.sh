#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What rules with the target PACKETSHIELD do to packets: the same as an attached
# interface, frame by frame; learning in OUTPUT; each packet handled once,
# whatever stands above or below an attached interface; loopback left alone.
# SYN cookies are in test_xtables_cookies.sh.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)

# Answers to what the shield asks are delivered because OUTPUT has learned the
# question: also the tests of an attached interface, by rules.
learning() { # learning FLAVOUR
	local before
	on shield "echo +shield >$PS/instances"
	check "$1: rules in both chains" rules + "$1" PREROUTING OUTPUT
	# Of the two it is nft that calls with softirqs enabled.
	[ "$1" = legacy ] || results tests/netns/answers_cases.py
	before=$(counter "$other" out_related)
	check "$1: the shield gets a page" page 10.0.0.2
	check "$1: ... by IPv6" page '[2001:db8::2]'
	check "$1: ... as packets of its own sessions" test "$(counter "$other" out_related)" -gt "$before"
	check_invariants "$1: learning"
	rules - "$1" OUTPUT
	check_fails "$1: without the rule in OUTPUT it gets none" page 10.0.0.2 1
	rules - "$1" PREROUTING
	on shield "echo -shield >$PS/instances"
}

page() { # page ADDRESS [SECONDS]: from the client
	[ "$(host shield curl -gs --http0.9 --connect-timeout "${2:-$PS_TIMEOUT}" "http://$1:8080/")" = page ]
}

serve_page() {
	on client "socat TCP6-LISTEN:8080,fork,reuseaddr,ipv6only=0 EXEC:'echo page'" 2>/dev/null & disown
	wait_for on client 'ss -ltn | grep -q :8080'
}

# check_handled DESCRIPTION EXPECTED ADDRESS [HOST]: how many packets the instances
# count for the client's ping (or the host's) and its answer, incoming and outgoing
# of the first, then of the second. Hosts talk unasked, so what is counted too many may be that, once.
check_handled() {
	local before found try
	for try in 1 2 3 4 5; do
		before=$(numbers)
		host "${4:-client}" ping -q -c1 -W5 "$3" >/dev/null || echo "# try $try: $3 doesn't answer"
		found=$(paste <(echo "$before") <(numbers) |
			awk '{ printf "%s%d", sep, $2 - $1; sep = " " }')
		[ "$found" != "$2" ] || break
	done
	check_equal "$1" "$2" "$found"
}

numbers() {
	on shield "for i in shield second; do
		sed -n 's/^\(rx_total\|tx_total\) *: //p' $PS/\$i/Other/stats; done"
}

attach() { on shield "echo +$1 >$PS/$2/ifaces"; }
detach() { on shield "echo -$1 >$PS/$2/ifaces"; }

# An interface and what stands on it, as the client's end of a cable.
cable() { # cable NAME NUMBER
	ip -n "$NS_PREFIX-shield" link add "$1" type veth peer name "$1" netns "$NS_PREFIX-client"
	ip -n "$NS_PREFIX-client" link set "$1" up
	ip -n "$NS_PREFIX-client" addr add "10.$2.0.2/24" dev "$1"
	ip -n "$NS_PREFIX-shield" link set "$1" up
}

masters() {
	modprobe -q vrf
	cable eth1 31
	ip -n "$NS_PREFIX-shield" link add br1 type bridge forward_delay 0
	ip -n "$NS_PREFIX-shield" link set eth1 master br1
	ip -n "$NS_PREFIX-shield" link set br1 up
	ip -n "$NS_PREFIX-shield" addr add 10.31.0.1/24 dev br1
	cable eth2 32
	ip -n "$NS_PREFIX-shield" link add vrf0 type vrf table 10
	ip -n "$NS_PREFIX-shield" link set vrf0 up
	ip -n "$NS_PREFIX-shield" link set eth2 master vrf0
	ip -n "$NS_PREFIX-shield" addr add 10.32.0.1/24 dev eth2
	wait_for host client ping -c1 -W1 10.31.0.1
	wait_for host client ping -c1 -W1 10.32.0.1
}

once() { # once FLAVOUR
	on shield "echo +shield >$PS/instances; echo +second >$PS/instances
		for i in shield second; do echo +1 >$PS/\$i/Other/w_protocols; done"
	rules + "$1" PREROUTING OUTPUT
	check_handled "$1: a packet and its answer are handled by the rules" "1 1 0 0" 10.0.0.1
	check_handled "$1: ... on a VLAN's device" "1 1 0 0" 10.1.0.1
	check_handled "$1: ... on a bridge" "1 1 0 0" 10.31.0.1
	check_handled "$1: ... on a member of a VRF, once" "1 1 0 0" 10.32.0.1
	attach eth0 shield
	check_handled "$1: attached as well: once" "1 1 0 0" 10.0.0.1
	check_handled "$1: ... the VLAN's device above it too" "1 1 0 0" 10.1.0.1
	detach eth0 shield
	attach eth0 second
	check_handled "$1: attached to another instance: that one has it" "0 0 1 1" 10.0.0.1
	check_handled "$1: ... above it too" "0 0 1 1" 10.1.0.1
	attach eth1 second
	check_handled "$1: ... above a port of the bridge" "0 0 1 1" 10.31.0.1
	detach eth0 second
	detach eth1 second
	check_handled "$1: detached: the rules have it again" "1 1 0 0" 10.1.0.1
	check_invariants "$1: once"
}

# What the host says to itself passes, and no list allows it.
loopback() { # loopback FLAVOUR
	local address
	on shield "echo -1 >$other/w_protocols"
	for address in 127.0.0.1 10.0.0.1 2001:db8::1; do
		check "$1: lo passes: $address answers" host shield ping -q -c1 -W5 "$address"
		check_handled "$1: ... and isn't counted" "0 0 0 0" "$address" shield
	done
	on shield "echo +1 >$other/w_protocols"
}

# The tag that a packet had on the wire is its device's.
vlan_context() { # vlan_context FLAVOUR
	on shield "echo +10.1.0.1@100 >$PS/shield/contexts; echo +10.2.0.1@100 >$PS/shield/contexts
		echo +1 >$PS/shield/10.1.0.1@100/w_protocols"
	check_handled "$1: a context of a VLAN has its packets" "0 0 0 0" 10.1.0.1
	check_equal "$1: ... and counts them" "1 1" "$(on shield "cd $PS/shield/10.1.0.1@100 &&
		sed -n 's/^\(rx\|tx\)_total *: //p' stats" | xargs)"
	check_handled "$1: ... not those of another" "1 1 0 0" 10.2.0.1
	check_invariants "$1: VLANs"
	rules - "$1" PREROUTING OUTPUT
	on shield "echo -shield >$PS/instances; echo -second >$PS/instances"
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
use_target "$work/xtables"
results tests/netns/xtables_frames.py
serve_page
masters
for flavour in legacy nft; do
	learning "$flavour"
	once "$flavour"
	loopback "$flavour"
	vlan_context "$flavour"
done
finish
