#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How packets come in: super-packets and partial checksums, exactly (receive.py)
# and by a large transfer over TSO, GRO and neither; interfaces attached UP or
# DOWN, going down, renamed, deleted, moved away; the place among the host's
# ingress hooks.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)
other=$PS/shield/Other
size=$((4 << 20))

shapes() {
	results tests/netns/receive.py
	check_invariants "shapes of buffers"
}

# Buffers that came past the shield, and the bytes of their frames, by a chain
# behind it.
count_buffers() {
	host shield nft -f - <<-'END'
		table netdev count {
			counter buffers { }
			chain arrived {
				type filter hook ingress device eth0 priority 0
				tcp dport 80 counter name buffers
			}
		}
	END
}

buffers() {
	host shield nft reset counter netdev count buffers | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

sum() { sha256sum <"$1"; }

upload() { # upload ADDRESS: $work/in to the shield's port 80, into $work/out
	rm -f "$work/out"
	host shield socat -u -b 65536 TCP6-LISTEN:80,ipv6only=0,reuseaddr OPEN:"$work/out",creat 2>/dev/null &
	wait_for on shield 'ss -ltn | grep -q :80'
	host client timeout 60 socat -u -b 65536 OPEN:"$work/in" "TCP:$1:80"
	wait $!
}

# Packets of the wire are counted: at least the bytes by the segment size, and
# at most that and the handful of control packets (or retransmissions).
transfer() { # transfer NAME ADDRESS
	local segments=$((size / 1440)) counted arrived bad
	bad=$(drops "$other" tcp_checksum)
	buffers >/dev/null
	counted=$(counter "$other" rx_total)
	upload "$2"
	check_equal "$1: the data arrived as sent" "$(sum "$work/in")" "$(sum "$work/out")"
	counted=$(($(counter "$other" rx_total) - counted))
	arrived=$(buffers)
	check "$1: $size bytes counted as $counted packets, about $segments" \
		test "$counted" -ge $((segments * 98 / 100)) -a "$counted" -le $((segments * 115 / 100))
	echo "# $1: $arrived buffers"
	case $1 in
	plain*) check_equal "$1: one buffer a packet" "$counted" "$arrived" ;;
	*) check "$1: in fewer buffers" test "$arrived" -lt $((counted / 2)) ;;
	esac
	check_equal "$1: no bad checksums" "$bad" "$(drops "$other" tcp_checksum)"
	check_invariants "$1"
}

transfers() {
	head -c "$size" /dev/urandom >"$work/in"
	count_buffers
	transfer "TSO, IPv4" 10.0.0.1
	transfer "TSO, IPv6 in a VLAN" '[2001:db8:1::1]'
	host client ethtool -K eth0 tso off gso off
	host switch ethtool -K shield tso off # else its peer thinks GRO useless
	transfer "plain frames, IPv4" 10.0.0.1
	host shield ethtool -K eth0 gro on
	transfer "GRO, IPv4" 10.0.0.1
	host client ethtool -K eth0 tx off
	transfer "GRO, checksums by software" '[2001:db8::1]'
	host shield ethtool -K eth0 gro off
	host client ethtool -K eth0 tx on tso on gso on >/dev/null
	host switch ethtool -K shield tso on
	host shield nft delete table netdev count
}

ping_from() { # ping_from NAME ADDRESS
	host "$1" ping -q -c1 -W2 "$2"
}

ifaces() { host shield cat "$PS/$1/ifaces"; }

judged() { # judged INSTANCE ADDRESS: a ping of the client's is counted there
	local before
	before=$(counter "$PS/$1/Other" rx_total)
	ping_from client "$2" >/dev/null
	test "$(counter "$PS/$1/Other" rx_total)" -gt "$before"
}

up() { # up DEVICE: and the way to it is open
	ip -n "$NS_PREFIX-shield" link set "$1" up
	wait_for on shield "ip link show $1 | grep -q 'state UP'"
}

# A cable of its own between the client and the shield.
add_eth1() {
	ip -n "$NS_PREFIX-shield" link add eth1 type veth peer name eth1 netns "$NS_PREFIX-client"
	ip -n "$NS_PREFIX-client" addr add 10.3.0.2/24 dev eth1
	ip -n "$NS_PREFIX-client" link set eth1 up
	ip -n "$NS_PREFIX-shield" addr add 10.3.0.1/24 dev eth1
}

up_and_down() {
	add_eth1
	on shield "echo +second >$PS/instances && echo +1 >$PS/second/Other/w_protocols"
	check "an interface that is DOWN is attached" on shield "echo +eth1 >$PS/second/ifaces"
	up eth1
	check "DOWN, attached, UP: it is judged" judged second 10.3.0.1
	ip -n "$NS_PREFIX-shield" link set eth1 down
	check_equal "UP, DOWN: still attached" eth1 "$(ifaces second)"
	up eth1
	check "UP, DOWN, UP: it is judged" judged second 10.3.0.1
	on shield "echo -eth1 >$PS/second/ifaces"
	check "detached: the host answers" ping_from client 10.3.0.1
	check_fails "detached: it isn't judged" judged second 10.3.0.1
	check "an interface that is UP is attached" on shield "echo +eth1 >$PS/second/ifaces"
	check "attached: it is judged" judged second 10.3.0.1
}

renamed_moved_deleted() {
	ip -n "$NS_PREFIX-shield" link set eth1 down
	ip -n "$NS_PREFIX-shield" link set eth1 name uplink
	up uplink
	check_equal "renamed: its new name" uplink "$(ifaces second)"
	check "renamed: it is judged" judged second 10.3.0.1
	ip -n "$NS_PREFIX-shield" link set uplink netns "$NS_PREFIX-neighbour"
	check_equal "moved to another namespace: detached" "" "$(ifaces second)"
	ip -n "$NS_PREFIX-neighbour" addr add 10.3.0.1/24 dev uplink
	ip -n "$NS_PREFIX-neighbour" link set uplink up
	check "moved: its packets pass there" wait_for ping_from client 10.3.0.1
	ip -n "$NS_PREFIX-neighbour" link del uplink
	add_eth1
	up eth1
	on shield "echo +eth1 >$PS/second/ifaces"
	check "a new interface: it is judged" judged second 10.3.0.1
	ip -n "$NS_PREFIX-client" link del eth1
	check_equal "deleted: detached" "" "$(ifaces second)"
	check_invariants "interfaces that come and go"
}

# Attached to a VLAN's device an instance judges what arrives there, untagged.
vlan_device() {
	on shield "echo +eth0.200 >$PS/second/ifaces"
	check "a VLAN's device: it is judged" judged second 10.2.0.1
	check_fails "a VLAN's device: another VLAN isn't" judged second 10.1.0.1
	check_invariants "a VLAN's device"
	on shield "echo -second >$PS/instances"
}

# The number of UDP packets to port 81, which are dropped, that a chain at
# priority 0 sees.
seen_by_nft() {
	host shield nft reset counters table netdev watch >/dev/null
	on client 'echo x >/dev/udp/10.0.0.1/81; echo x >/dev/udp/10.0.0.1/81'
	wait_for dropped $(($1 + 2))
	host shield nft list counter netdev watch udp81 |
		sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

dropped() { # dropped NUMBER: so many datagrams to closed ports
	[ "$(drops "$other" closed_udp_port)" -eq "$1" ]
}

hook_priority() {
	local priority seen before
	host shield nft 'table netdev watch { counter udp81 { }; chain c {
		type filter hook ingress device eth0 priority 0; udp dport 81 counter name udp81; }; }'
	for priority in default 1 -1; do
		[ $priority = default ] || on shield "echo $priority >$PS/shield/hook_priority"
		case $priority in -* | default) seen=0 ;; *) seen=2 ;; esac
		before=$(drops "$other" closed_udp_port)
		check_equal "hook_priority $priority: a chain at 0 sees $seen of 2 dropped packets" \
			"$seen" "$(seen_by_nft "$before")"
		listed "$priority"
	done
	check_invariants hook_priority
	on shield "echo -shield >$PS/instances"
	listed none
	host shield nft delete table netdev watch
}

# What nft list hooks says of us: a sign and ten digits, once, or nothing.
# Kernels without NETFILTER_NETLINK_HOOK (Debian's 6.1) don't even list nft's
# own chain.
listed() { # listed PRIORITY: default, a number, none
	local found expected=1 number=$1
	found=$(host shield nft list hooks netdev device eth0)
	if ! grep -q 'chain netdev watch c' <<<"$found"; then
		result 0 "hook_priority $1: nft list hooks # SKIP not with this kernel"
		return
	fi
	[ "$1" != none ] || expected=0
	[ "$1" != default ] || number=-2147483648
	check_equal "hook_priority $1: nft list hooks" "$expected" \
		"$(grep -c packetshield <<<"$found")"
	[ "$1" = none ] || check "hook_priority $1: nft shows the number" grep -qFe \
		"$(printf '%+011d ps_hook_netdev_ingress [packetshield]' "$number")" <<<"$found"
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
new_instance shield
on shield "cd $other && echo +80 >w_tcp_ports && echo +53 >w_udp_ports && echo +1 >w_protocols"
shapes
transfers
up_and_down
renamed_moved_deleted
vlan_device
hook_priority
finish
