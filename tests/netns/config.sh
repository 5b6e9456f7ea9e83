# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of the configuration share, on top of lib.sh: floods, and
# smaller topologies, made with few processes because a guest may be slow.
#
# setup_alone  shield with eth0 and eth1, the two ends of one cable
# setup_flood  attacker --- switch --- shield, with eth0, addresses and MACs of
#              lib.sh and its VLAN 100; the attacker knows everybody's MAC

# shellcheck disable=SC2034 # for the scripts that source this file
PYTHON=/usr/bin/python3

setup_alone() {
	trap teardown EXIT
	ip netns add "$NS_PREFIX-shield"
	ip -n "$NS_PREFIX-shield" -batch - <<-END
		link set lo up
		link add eth0 type veth peer name eth1
		link set eth0 up
		link set eth1 up
	END
}

plug() { # plug NAME NUMBER: a host like those of lib.sh, with VLAN 100 only
	local ns=$NS_PREFIX-$1 n=$2
	ip netns add "$ns" &&
		ip -n "$NS_PREFIX-switch" -batch - <<-END &&
			link add $1 type veth peer name eth0 address 02:00:00:00:00:0$n netns $ns
			link set $1 master br0 up
		END
		ip -n "$ns" -batch - <<-END
			link set lo up
			link set eth0 up
			link add link eth0 name eth0.100 type vlan id 100
			link set eth0.100 up
			addr add 10.0.0.$n/24 dev eth0
			addr add 2001:db8::$n/64 dev eth0 nodad
			addr add 10.1.0.$n/24 dev eth0.100
		END
}

setup_flood() {
	local n
	trap teardown EXIT
	ip netns add "$NS_PREFIX-switch"
	ip -n "$NS_PREFIX-switch" -batch - <<-END
		link add br0 type bridge mcast_snooping 0 forward_delay 0
		link set br0 up
	END
	plug shield 1
	plug attacker 3
	for n in 1 5; do
		echo "neigh replace 10.0.0.$n lladdr 02:00:00:00:00:0$n dev eth0 nud permanent"
	done | ip -n "$NS_PREFIX-attacker" -batch -
	wait_for host attacker ping -c1 -W1 10.0.0.1
}

flood_pid=

start_flood() { # start_flood HPING3-ARGUMENT...: from the attacker, until stop_flood
	ip netns exec "$NS_PREFIX-attacker" hping3 --flood -q "$@" >/dev/null 2>&1 &
	flood_pid=$!
}

stop_flood() {
	kill "$flood_pid" 2>/dev/null
	wait "$flood_pid" 2>/dev/null
	flood_pid=
}

flood_is_on() { kill -0 "$flood_pid"; }

received() { # received INSTANCE: packets, of the instance's stats
	host shield sed -n 's/^rx_total *: //p' "$PS/$1/stats"
}

more_than() { # more_than NUMBER COMMAND...: it prints a greater number
	local least=$1
	shift
	[ "$("$@")" -gt "$least" ]
}
