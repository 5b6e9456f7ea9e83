#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SYN cookies on p_tcp_ports where the interface that receives isn't the one
# that has the address: tunnels without link-layer header, VRFs, ports of
# bridges and bonds, VLANs on these, a VLAN's device in another namespace,
# local routes. Who listens must be found, and the answer leave as it came.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)
shield=$NS_PREFIX-shield
client=$NS_PREFIX-client

fetch() { # fetch ADDRESS
	host client curl -gsS -o /dev/null --connect-timeout "$PS_TIMEOUT" "http://$1/"
}

by_cookie() { # by_cookie NAME ADDRESS: a page, by one cookie
	local before after
	before=$(counter "$other" syncookie)/$(counter "$other" newconns)
	check "$1: curl gets the page" fetch "$2"
	after=$(counter "$other" syncookie)/$(counter "$other" newconns)
	check_equal "$1: by a cookie" $((${before%/*} + 1))/$((${before#*/} + 1)) "$after"
}

attach() { on shield "echo +$1 >$PS/shield/ifaces"; }

# addresses NUMBER SHIELD-DEVICE CLIENT-DEVICE: 10.NUMBER.0.0/24, 2001:db8:NUMBER::/64
addresses() {
	ip -n "$shield" addr add "10.$1.0.1/24" dev "$2"
	ip -n "$client" addr add "10.$1.0.2/24" dev "$3"
	ip -n "$shield" addr add "2001:db8:$1::1/64" dev "$2" nodad
	ip -n "$client" addr add "2001:db8:$1::2/64" dev "$3" nodad
}

reached() { host client ping -c1 -W1 "$1"; }

cable() { # cable NAME: from the client to the shield
	ip -n "$shield" link add "$1" type veth peer name "$1" netns "$client"
	ip -n "$client" link set "$1" up
}

tunnel() { # tunnel KIND NUMBER PROTOCOL: t<NUMBER>, and let its packets in
	modprobe -q "$1"
	ip -n "$shield" link add "t$2" type "$1" local 10.0.0.1 remote 10.0.0.2
	ip -n "$client" link add "t$2" type "$1" local 10.0.0.2 remote 10.0.0.1
	ip -n "$shield" link set "t$2" up
	ip -n "$client" link set "t$2" up
	addresses "$2" "t$2" "t$2"
	attach "t$2"
	on shield "echo +$3 >$other/w_protocols"
}

tunnels() {
	tunnel ipip 21 4
	by_cookie ipip 10.21.0.1
	tunnel gre 22 47
	by_cookie gre 10.22.0.1
	by_cookie "gre, IPv6" '[2001:db8:22::1]'
	tunnel sit 23 41
	by_cookie "sit, IPv6" '[2001:db8:23::1]'
	check_invariants tunnels
}

vrf() {
	modprobe -q vrf
	cable eth1
	ip -n "$shield" link add vrf0 type vrf table 10
	ip -n "$shield" link set vrf0 up
	ip -n "$shield" link set eth1 master vrf0 up
	addresses 24 eth1 eth1
	attach eth1
	on shield 'echo 1 >/proc/sys/net/ipv4/tcp_l3mdev_accept'
	by_cookie VRF 10.24.0.1
	by_cookie "VRF, IPv6" '[2001:db8:24::1]'
	check_invariants VRF
}

bridge_port() {
	cable eth2
	ip -n "$shield" link add br1 type bridge forward_delay 0
	ip -n "$shield" link set eth2 master br1 up
	ip -n "$shield" link set br1 up
	addresses 25 br1 eth2
	attach eth2
	wait_for reached 10.25.0.1
	by_cookie "port of a bridge" 10.25.0.1
	by_cookie "port of a bridge, IPv6" '[2001:db8:25::1]'
	ip -n "$shield" link add link br1 name br1.30 type vlan id 30
	ip -n "$client" link add link eth2 name eth2.30 type vlan id 30
	ip -n "$shield" link set br1.30 up
	ip -n "$client" link set eth2.30 up
	addresses 26 br1.30 eth2.30
	by_cookie "port of a bridge, VLAN on the bridge" 10.26.0.1
	ip -n "$shield" link set br1 type bridge vlan_filtering 1
	bridge -n "$shield" vlan add dev eth2 vid 30
	bridge -n "$shield" vlan add dev br1 vid 30 self
	by_cookie "port of a bridge that filters VLANs" 10.25.0.1
	by_cookie "port of a bridge that filters VLANs, VLAN" '[2001:db8:26::1]'
	check_invariants "port of a bridge"
}

bond_port() {
	modprobe -q bonding
	cable eth3
	ip -n "$shield" link add bond1 type bond mode active-backup
	ip -n "$shield" link set eth3 master bond1
	ip -n "$shield" link set bond1 up
	addresses 27 bond1 eth3
	attach eth3
	wait_for reached 10.27.0.1
	by_cookie "port of a bond" 10.27.0.1
	by_cookie "port of a bond, IPv6" '[2001:db8:27::1]'
	check_invariants "port of a bond"
}

# The listener isn't where the interface is.
other_namespace() {
	mkdir "$work/neighbour"
	echo page >"$work/neighbour/index.html"
	session_nginx neighbour 80 "$work/neighbour"
	ip -n "$shield" link add link eth0 name moved type vlan id 300
	ip -n "$shield" link set moved netns "$NS_PREFIX-neighbour"
	ip -n "$NS_PREFIX-neighbour" addr add 10.28.0.1/24 dev moved
	ip -n "$NS_PREFIX-neighbour" link set moved up
	ip -n "$client" link add link eth0 name eth0.300 type vlan id 300
	ip -n "$client" addr add 10.28.0.2/24 dev eth0.300
	ip -n "$client" link set eth0.300 up
	wait_for reached 10.28.0.1
	by_cookie "a VLAN's device in another namespace" 10.28.0.1
	host neighbour nginx -c "$work/neighbour/nginx.conf" -s stop 2>/dev/null
	check_invariants "another namespace"
}

local_route() {
	ip -n "$shield" route add local 10.29.0.0/24 dev lo
	ip -n "$client" route add 10.29.0.0/24 via 10.0.0.1
	by_cookie "an address of a local route" 10.29.0.7
	check_invariants "local route"
}

setup_cookies
trap 'teardown; rm -rf "$work"' EXIT
echo page >"$work/index.html"
session_nginx shield 80 "$work"
on shield "echo +1 >$other/w_protocols"
cookies +
tunnels
vrf
bridge_port
bond_port
other_namespace
local_route
finish
