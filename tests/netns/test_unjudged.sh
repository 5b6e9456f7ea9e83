#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What passes unjudged, SPEC 2.1: with everything closed ARP and neighbour
# discovery resolve, a neighbour's frames on a promiscuous interface are left
# alone, MLD, router advertisements and DHCPv6 work, and lookalikes are judged
# (unjudged.py). A DHCPv4 client here needs nothing either, for its answers are
# such; a server needs its port.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
work=$(mktemp -d)
other=$PS/shield/Other

resolved() { # resolved ADDRESS: the client knows the shield's MAC for it
	ip -n "$NS_PREFIX-client" neigh show "$1" | grep -q 02:00:00:00:00:01
}

# A question of the other side that is under way when it is flushed teaches anew.
forgotten() { # forgotten ADDRESS
	ip -n "$NS_PREFIX-shield" neigh flush all
	ip -n "$NS_PREFIX-client" neigh flush all
	! resolved "$1"
}

# No answer, but the address is resolved, and the pings are all that is judged.
link_works() { # link_works PROTOCOL ADDRESS
	local before
	before=$(counter "$other" rx_total)
	check "$1: the address is unknown at first" wait_for forgotten "$2"
	check "$1: no ping with everything closed" eval "! host client ping -q -c2 -i0.1 -W0.2 $2"
	check "$1: the address is resolved" resolved "$2"
	check_equal "$1: only the pings were judged" $((before + 2)) "$(counter "$other" rx_total)"
}

flood_neighbour() { # the switch doesn't know where the neighbour is
	ip -n "$NS_PREFIX-switch" link set neighbour type bridge_slave learning off
	bridge -n "$NS_PREFIX-switch" fdb del 02:00:00:00:00:04 dev neighbour master
	:
}

promiscuous() {
	ip -n "$NS_PREFIX-shield" -d link show eth0 | grep -q 'promiscuity [1-9]'
}

# While the client fetches from the neighbour, the shield sees it all.
neighbours_traffic() {
	local before
	on neighbour "socat TCP-LISTEN:80,fork,reuseaddr EXEC:'echo page'" 2>/dev/null & disown
	wait_for on neighbour 'ss -ltn | grep -q :80'
	before=$(counter "$other" rx_total)
	check "promiscuous: the client reaches its neighbour" \
		host client curl -s --http0.9 --max-time 10 http://10.0.0.4/
	check "promiscuous: the shield has seen it" wait_for captured
	check_equal "promiscuous: and judged nothing" "$before" "$(counter "$other" rx_total)"
}

captured() {
	grep -q '10.0.0.2.* > 10.0.0.4.80: Flags .S.' "$work/capture"
}

promiscuous_frames() {
	flood_neighbour
	host shield tcpdump -Klnni eth0 >"$work/capture" 2>/dev/null & disown
	wait_for promiscuous
	neighbours_traffic
	results tests/netns/unjudged.py
	check_invariants "unjudged frames"
}

# udhcpc's script: what it was given goes to a file.
dhcp_script() {
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n[ "$1" = bound ] && echo "$ip" >%s/lease\nexit 0\n' "$work" >"$work/script"
	chmod +x "$work/script"
}

dhcp_server() { # dhcp_server NAME
	cat >"$work/udhcpd.conf" <<-END
		start 10.0.0.50
		end 10.0.0.60
		interface eth0
		lease_file $work/leases
		pidfile $work/udhcpd.pid
		option subnet 255.255.255.0
	END
	: >"$work/leases"
	host "$1" busybox udhcpd -f -a 100 "$work/udhcpd.conf" >/dev/null 2>&1 & disown
	wait_for on "$1" 'ss -lun | grep -q :67'
}

stop_dhcp_server() {
	kill "$(<"$work/udhcpd.pid")"
}

lease() { # lease NAME TRIES: the DHCP client gets an address
	rm -f "$work/lease"
	host "$1" busybox udhcpc -f -n -q -i eth0 -t "$2" -T 1 -s "$work/script"
	grep -q '10\.0\.0\.[56]' "$work/lease"
}

# The request is a broadcast, from no address: any server may answer it.
dhcp_client() {
	local before
	dhcp_server client
	before=$(counter "$other" udp_rsp)
	check "DHCPv4 client: a lease with everything closed" lease shield 5
	check "DHCPv4 client: they were answers" \
		test "$(counter "$other" udp_rsp)" -ge $((before + 2))
	stop_dhcp_server
	check_invariants "DHCPv4 client"
}

dhcp_server_needs_port() {
	local before
	dhcp_server shield
	before=$(drops "$other" closed_udp_port)
	check "DHCPv4 server: no lease with port 67 closed" eval "! lease client 3"
	check "DHCPv4 server: it was port 67" \
		test "$(drops "$other" closed_udp_port)" -gt "$before"
	on shield "echo +67 >$other/w_udp_ports"
	check "DHCPv4 server: a lease with w_udp_ports 67" lease client 5
	on shield "echo -67 >$other/w_udp_ports"
	stop_dhcp_server
	check_invariants "DHCPv4 server"
}

# dnsmasq answers dhclient, which binds port 546 of its link-local address.
dhcpv6() {
	local before
	host client dnsmasq --keep-in-foreground --port=0 --interface=eth0 --conf-file=/dev/null \
		--user=root --pid-file= --dhcp-leasefile="$work/leases6" \
		--dhcp-range=2001:db8::500,2001:db8::5ff >/dev/null 2>&1 & disown
	wait_for on client 'ss -lun | grep -q :547'
	before=$(counter "$other" rx_total)
	check "DHCPv6: a lease with everything closed" host shield timeout 30 dhclient -6 -1 \
		-sf /bin/true -lf "$work/dhclient6" -pf "$work/dhclient6.pid" eth0
	check "DHCPv6: an address of the range" grep -q 'iaaddr 2001:db8::5' "$work/dhclient6"
	check_equal "DHCPv6: nothing was judged" "$before" "$(counter "$other" rx_total)"
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
new_instance shield
link_works ARP 10.0.0.1
link_works ND 2001:db8::1
promiscuous_frames
dhcp_script
dhcp_client
dhcp_server_needs_port
dhcpv6
check_invariants "the end"
finish
