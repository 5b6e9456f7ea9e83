#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# x_tcp_ports: a server behind the shield whose connections netfilter's SYNPROXY
# completes, by rules of nftables and of iptables. HTTP with the protections off
# and on; forged ACKs, ICMP errors and sessions; ports that are used again.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/netns/synproxy.sh
. tests/netns/synproxy.sh

fetch() { # fetch ADDRESS
	[ "$(host client curl -gs --connect-timeout 10 -m 60 "http://$1/")" = page ]
}

# A file to the server and back again, in super-packets.
there_and_back() { # there_and_back ADDRESS
	host client curl -gsf -m 120 -o "$work/back" -T "$work/in" "http://$1/out" &&
		host client curl -gsf -m 120 -o "$work/back" "http://$1/out" &&
		cmp "$work/in" "$work/out" && cmp "$work/in" "$work/back"
}

# Whether SYNs since the last call were answered by netfilter, by the shield: 0, 1.
answered() {
	local netfilter=${answered_netfilter:-0} shield=${answered_shield:-0}
	answered_netfilter=$(synproxy_answers)
	answered_shield=$(counted syncookie)
	who="$((answered_netfilter > netfilter)) $((answered_shield > shield))"
}

programs() { # programs KIND MODE...
	local mode name address kind=$1
	shift
	for mode; do
		case $mode in
		off) protections ;;
		cookies) protections new_cookie ;;
		all) protections new_cookie unmatch_drop unknown_ttlfilter deliver_block ;;
		esac
		answered
		while read -r name address; do
			check "$kind, $mode: $name: HTTP" fetch "$address"
		done <<<"$paths"
		answered
		case $mode in
		off) check_equal "$kind, $mode: netfilter answers SYNs, the shield doesn't" "1 0" "$who" ;;
		*) check_equal "$kind, $mode: the shield answers them, netfilter doesn't" "0 1" "$who" ;;
		esac
		[ "$mode" = all ] || continue
		while read -r name address; do
			check "$kind, $mode: $name: a file there and back" there_and_back "$address"
		done <<<"$paths"
	done
	check_invariants "$kind: HTTP"
}

load_module
setup_forward
session_neighbours
# SYNPROXY takes cookies whatever the sysctl says, and so must the shield give them.
on shield 'echo 0 >/proc/sys/net/ipv4/tcp_syncookies'
head -c 3000000 /dev/urandom >"$work/in"
serve_behind
protect_behind
each unknown_ttlfilter_threshold 10000-9000
each deliver_block_threshold 1000000-900000
check "rules of nftables" agree nft 1460 7 1 1 0
results tests/netns/synproxy_cases.py sessions # as long as there were no cookies
results tests/netns/synproxy_sockets.py reuse
check_invariants sessions
programs nftables off cookies all off
check "rules of iptables" agree iptables 1460 7 1 1 0
programs iptables off all
finish
