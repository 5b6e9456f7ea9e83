#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SYN cookies by rules in PREROUTING, with no interface attached: curl over
# IPv4, IPv6 and VLANs, where the answer leaves as the SYN came, and through
# tunnels and VRFs, where it is routed if there is no Ethernet header. Answers
# for servers behind the shield (x_tcp_ports) likewise.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)
paths='IPv4 10.0.0.1
IPv6 [2001:db8::1]
IPv4-VLAN 10.1.0.1
IPv6-VLAN [2001:db8:1::1]
IPv6-link-local [fe80::ff:fe00:1%eth0]'

fetch() { # fetch ADDRESS
	[ "$(host client curl -gsS --connect-timeout "$PS_TIMEOUT" "http://$1/")" = page ]
}

by_cookie() { # by_cookie NAME ADDRESS: a page, by one cookie
	local before after
	before=$(counter "$other" syncookie)/$(counter "$other" newconns)
	check "$1: curl gets the page" fetch "$2"
	after=$(counter "$other" syncookie)/$(counter "$other" newconns)
	check_equal "$1: by a cookie" $((${before%/*} + 1))/$((${before#*/} + 1)) "$after"
}

tunnels() {
	ipip_tunnel
	by_cookie ipip 10.21.0.1
	tunnel sit 23 41
	ip -n "$shield" addr add 2001:db8:23::1/128 dev t23 nodad
	ip -n "$client" addr add 2001:db8:23::2/64 dev t23 nodad
	ip -n "$shield" route add 2001:db8:23::2/128 via ::10.0.0.2 dev t23 onlink
	by_cookie "sit, IPv6" '[2001:db8:23::1]'
	gre_tunnel
	by_cookie gre 10.22.0.1
	by_cookie "gre, IPv6" '[2001:db8:22::1]'
	check_invariants tunnels
}

cable() { # cable NAME
	ip -n "$shield" link add "$1" type veth peer name "$1" netns "$client"
	ip -n "$client" link set "$1" up
	ip -n "$shield" link set "$1" up
}

masters() {
	modprobe -q vrf
	cable eth1
	ip -n "$shield" link add vrf0 type vrf table 10
	ip -n "$shield" link set vrf0 up
	ip -n "$shield" link set eth1 master vrf0
	addresses 24 eth1 eth1
	on shield 'echo 1 >/proc/sys/net/ipv4/tcp_l3mdev_accept'
	cable eth2
	ip -n "$shield" link add br1 type bridge forward_delay 0
	ip -n "$shield" link set eth2 master br1
	ip -n "$shield" link set br1 up
	addresses 25 br1 eth2
	wait_for host client ping -c1 -W1 10.25.0.1
}

devices() {
	tunnels
	by_cookie VRF 10.24.0.1
	by_cookie "VRF, IPv6" '[2001:db8:24::1]'
	by_cookie "a bridge" 10.25.0.1
	by_cookie "a bridge, IPv6" '[2001:db8:25::1]'
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
session_neighbours
use_target "$work/xtables"
echo page >"$work/index.html"
session_nginx shield 80 "$work"
masters
for flavour in legacy nft; do
	on shield "echo +shield >$PS/instances && echo +1 >$other/w_protocols &&
		echo +80 >$other/p_tcp_ports && echo +81 >$other/x_tcp_ports && echo +Other >$other/new_cookie_toggled"
	rules + "$flavour" PREROUTING OUTPUT
	while read -r name address; do
		by_cookie "$flavour: $name" "$address"
	done <<<"$paths"
	[ "$flavour" = legacy ] || devices
	results tests/netns/xtables_syns.py
	check_invariants "$flavour: cookies"
	rules - "$flavour" PREROUTING OUTPUT
	on shield "echo -shield >$PS/instances"
done
finish
