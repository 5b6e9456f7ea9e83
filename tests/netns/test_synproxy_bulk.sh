#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Large transfers to and from a server behind the shield: over lossy links,
# through SYNPROXY, all protections on; and to a client behind a link of smaller
# packets, for which the server needs the ICMP errors of the router there.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/netns/synproxy.sh
. tests/netns/synproxy.sh
# Megabytes for the paths without VLAN and with.
case ${PS_GUEST:-} in uml | kvm) sizes='50 10' ;; *) sizes='4 4' ;; esac

# Packets, not super-packets, shall get lost: TCP makes these for itself, and a
# queue gets them whole.
single_packets() {
	local place
	for place in client:eth0 client:eth0.100 server:eth0; do
		ip -n "$NS_PREFIX-${place%:*}" link set "${place#*:}" gso_max_segs 1 || return
	done
}

# The ICMP errors that the shield has let in, and those that the server got.
errors_in() { counted out_related; }
errors_got() {
	host server awk '/^Icmp: [0-9]/ { n += $5 } /^Icmp6InPktTooBigs/ { n += $2 } END { print n }' \
		/proc/net/snmp /proc/net/snmp6
}
all_got() { [ "$(errors_in)" -eq "$(errors_got)" ]; }

download() { # download ADDRESS: by the client behind the narrow link
	host far curl -gsf -m 120 -o "$work/out" "http://$1/in" && cmp "$work/in" "$work/out"
}

narrow() { # narrow NAME: downloads over the narrow link, which need its errors
	local name address before
	while read -r name address; do
		before=$(errors_in)
		check "$1: $name: a download over a link of smaller packets" download "$address"
		check "$1: $name: ICMP errors are let in" test "$(errors_in)" -gt "$before"
	done <<<"${paths%%$'\n'IPv4-VLAN*}"
}

mtu_of() { host server ip route get "$1" | sed -n 's/.* mtu \([0-9]*\).*/\1/p'; }

load_module
setup_forward
session_neighbours
head -c 1000000 /dev/urandom >"$work/in"
serve_behind
protect_behind
protections unmatch_drop
narrow "forwarded"
check "forwarded: the server gets all of them" wait_for all_got
check_equal "forwarded: IPv4: the server knows the path now" 1300 "$(mtu_of 10.8.0.2)"
check_equal "forwarded: IPv6: the server knows the path now" 1300 "$(mtu_of 2001:db8:8::2)"
check_invariants "forwarded"
# Netfilter translates the sequence numbers of segments, not those that errors
# quote, and may spoil or lose these. TCP finds the path's width by probing.
host server ip route flush cache
host server ip -6 route flush cache
on server 'echo 1 >/proc/sys/net/ipv4/tcp_mtu_probing'
check "rule" agree nft 1460 7 1 1 0
protections new_cookie unmatch_drop
narrow "SYNPROXY"
check_invariants "SYNPROXY"
protections
check "no super-packets" single_packets
read -ra sizes <<<"$sizes"
results tests/netns/synproxy_sockets.py transfers "${sizes[@]}"
check_invariants "transfers"
finish
