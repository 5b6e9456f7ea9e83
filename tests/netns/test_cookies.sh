#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SYN cookies on p_tcp_ports with real programs: curl and nginx over IPv4, IPv6
# and VLANs, by either value of tcp_syncookies, and none by 0; what ss says of
# the connections and tcpdump of their handshakes.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)

fetch() { # fetch ADDRESS: the page
	[ "$(host client curl -gsS --connect-timeout "$PS_TIMEOUT" "http://$1/")" = page ]
}

# What a context has counted of them so far, in the order of its stats.
connections() { # connections CONTEXT-DIRECTORY: SYNs, packets, those opened, cookies
	host shield awk '/^(syn|established|newconns|syncookie) *:/ { printf "%s ", $NF }' "$1/stats"
}

one_more() { # one_more BEFORE AFTER: by one SYN, which was answered with a cookie
	local -a before after
	read -ra before <<<"$1"
	read -ra after <<<"$2"
	[ $((after[0] - before[0])) = 1 ] && [ $((after[1] - before[1])) -ge 3 ] &&
		[ $((after[2] - before[2])) = 1 ] && [ $((after[3] - before[3])) = 1 ]
}

fetches() { # fetches SYNCOOKIES
	local name address before after
	syncookies "$1"
	before=$(connections "$other")
	while read -r name address; do
		check "$name, tcp_syncookies $1: curl gets the page" fetch "$address"
		after=$(connections "$other")
		check "$name, tcp_syncookies $1: one SYN, one cookie, one connection, packets of it" \
			one_more "$before" "$after"
		before=$after
	done <<<"$paths"
	check_invariants "curl, tcp_syncookies $1"
}

# A context of the address, and only it, sends them.
context() {
	local before
	cookies -
	on shield "cd $PS/shield && echo +10.0.0.1 >contexts && echo +80 >10.0.0.1/p_tcp_ports &&
		echo +10.0.0.1 >Other/new_cookie_toggled"
	check_equal "a context toggled by hand: listed" 10.0.0.1 \
		"$(host shield cat "$other/new_cookie_toggled")"
	check_equal "a context toggled by hand: status" 0x0001 \
		"$(counter "$PS/shield/10.0.0.1" status)"
	before=$(connections "$PS/shield/10.0.0.1")
	check "a context toggled by hand: curl gets the page" fetch 10.0.0.1
	check "a context toggled by hand: by a cookie" \
		one_more "$before" "$(connections "$PS/shield/10.0.0.1")"
	before=$(counter "$other" syncookie)
	check "another context: curl gets the page" fetch '[2001:db8::1]'
	check_equal "another context: without" "$before" "$(counter "$other" syncookie)"
	check_invariants "contexts"
	on shield "echo -10.0.0.1 >$PS/shield/contexts"
	cookies +
}

connected() { host shield ss -Htino state established sport = :80; }
is_connected() { [ -n "$(connected)" ]; }
is_free() { [ -z "$(connected)" ]; }

# What the shield's socket has negotiated with a client of such options.
negotiated() { # negotiated ADDRESS
	local holder
	ip netns exec "$NS_PREFIX-client" socat "TCP:$1:80" PIPE &
	holder=$!
	wait_for is_connected
	connected | grep -owE 'ts|sack|ecn|wscale:[0-9,]+|mss:[0-9]+|advmss:[0-9]+|pmtu:[0-9]+' | xargs
	kill "$holder"
	wait "$holder" 2>/dev/null
	wait_for is_free
}

# The client's sysctl, its value and its default; what ss must begin with.
settings='tcp_sack 0 1 ts wscale:[0-9]+,[0-9]+
tcp_ecn 1 2 ts sack ecn wscale:[0-9]+,[0-9]+'

sockets() {
	local name address sysctl value default words with without
	while read -r name address; do
		while read -r sysctl value default words; do
			on client "echo $value >/proc/sys/net/ipv4/$sysctl"
			cookies -
			without=$(negotiated "$address")
			cookies +
			with=$(negotiated "$address")
			on client "echo $default >/proc/sys/net/ipv4/$sysctl"
			check_equal "$name, the client's $sysctl $value: sockets are as without cookies" \
				"$without" "$with"
			check "$name, the client's $sysctl $value: ss shows $with" \
				grep -qE "^$words mss" <<<"$with"
		done <<<"$settings"
	done < <(sed -n '1p; $p' <<<"$paths")
	check_invariants "sockets"
}

captured() { # captured FILTER: packets of the file
	tcpdump -r "$work/capture" -nn "$1" 2>/dev/null | wc -l
}

capture_is_open() { grep -q 'listening on' "$work/tcpdump"; }

# The client's SYN has 40 bytes of TCP header, and so has the answer.
capture() {
	local pid address flags='tcp[tcpflags] & (tcp-syn|tcp-ack)'
	ip netns exec "$NS_PREFIX-shield" tcpdump -i eth0 -U -w "$work/capture" tcp port 80 \
		2>"$work/tcpdump" &
	pid=$!
	wait_for capture_is_open
	for address in 1 2 3; do
		check "tcpdump: curl gets page $address" fetch 10.0.0.1
	done
	wait_for enough_captured
	kill "$pid"
	wait "$pid"
	check_equal "tcpdump sees the SYNs, with all their options" 3 \
		"$(captured "$flags == tcp-syn && tcp[12] == 0xa0 && dst host 10.0.0.1")"
	check_equal "tcpdump sees the answers" 3 \
		"$(captured "$flags == (tcp-syn|tcp-ack) && tcp[12] == 0xa0 && src host 10.0.0.1")"
	check_equal "tcpdump sees no others" 6 "$(captured 'tcp[tcpflags] & tcp-syn != 0')"
}

enough_captured() { [ "$(captured 'tcp[tcpflags] & tcp-syn != 0')" -ge 6 ]; }

# Told once; the connection itself is the stack's.
no_cookies() {
	local name address before round
	on shield "echo 1000000-1000 >$other/new_cookie_threshold"
	before=$(counter "$other" syncookie)
	for round in 1 2; do
		syncookies 0
		while read -r name address; do
			check "$name, tcp_syncookies 0, time $round: curl gets the page" fetch "$address"
		done <<<"$paths"
		check_equal "tcp_syncookies 0, time $round: status" 0x0101 "$(counter "$other" status)"
		syncookies 1
		check_equal "tcp_syncookies 1 after time $round: status" 0x0001 "$(counter "$other" status)"
	done
	check_equal "tcp_syncookies 0: no cookie was sent" "$before" "$(counter "$other" syncookie)"
	check_equal "tcp_syncookies 0: the kernel's log says so, once" 1 \
		"$(dmesg | grep -c 'packetshield: no SYN cookies .*tcp_syncookies is 0')"
	on shield "echo 0-0 >$other/new_cookie_threshold"
	check_invariants "tcp_syncookies 0"
}

setup_cookies
trap 'teardown; rm -rf "$work"' EXIT
echo page >"$work/index.html"
session_nginx shield 80 "$work"
cookies +
fetches 1
fetches 2
syncookies 1
context
sockets
capture
no_cookies
finish
