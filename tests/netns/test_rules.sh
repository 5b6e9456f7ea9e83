#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The order of the rules, SPEC 2: first packet by packet as raw frames with
# exact counts (rules.py), then with real programs (nginx and curl, a UDP echo,
# ping) over IPv4, IPv6 and a VLAN. Then the rate of ICMP, fragments of real
# datagrams, two instances side by side, and the tracepoints.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
work=$(mktemp -d)
other=$PS/shield/Other
tracing=/sys/kernel/tracing
# PATH ADDRESS of the shield, as the client reaches it.
paths='IPv4 10.0.0.1
IPv6 [2001:db8::1]
IPv4-VLAN 10.1.0.1
IPv6-VLAN [2001:db8:1::1]'

serve() { # nginx on 80 and 8080, a UDP echo on 5353, on all addresses
	echo page >"$work/index.html"
	cat >"$work/nginx.conf" <<-END
		daemon off;
		pid $work/nginx.pid;
		error_log $work/error.log;
		worker_processes 1;
		events { }
		http {
			access_log off;
			server {
				listen 80; listen [::]:80;
				listen 8080; listen [::]:8080;
				root $work;
			}
		}
	END
	chmod 755 "$work"
	host shield nginx -c "$work/nginx.conf" 2>/dev/null & disown
	host shield socat -b 8192 UDP6-LISTEN:5353,fork,ipv6only=0 EXEC:cat 2>/dev/null & disown
	wait_for on shield 'ss -ltn | grep -q :8080 && ss -lun | grep -q :5353'
}

fetch() { # fetch ADDRESS PORT
	[ "$(host client curl -gs --connect-timeout 5 "http://$1:$2/")" = page ]
}

no_fetch() { # it doesn't even connect: curl's 28 is a time-out, 7 a refusal
	host client curl -gs --connect-timeout 0.5 "http://$1:$2/" >/dev/null
	[ $? = 28 ]
}

udp_echo() { # udp_echo ADDRESS TIMEOUT [SIZE]
	host client /usr/bin/python3 -c '
import socket, sys
address, timeout, size = sys.argv[1].strip("[]"), float(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
sock = socket.socket(family, socket.SOCK_DGRAM)
sock.settimeout(timeout)
sock.sendto(b"x" * size, (address, 5353))
try:
    sys.exit(sock.recv(65536) != b"x" * size)
except TimeoutError:
    sys.exit(2)' "$1" "$2" "${3:-5}"
}

no_udp_echo() {
	udp_echo "$1" 0.5
	[ $? = 2 ]
}

pings() { # pings ADDRESS ARGUMENT...: every one answered
	host client ping -q -W2 "${@:2}" "$(tr -d '[]' <<<"$1")"
}

no_ping() {
	! host client ping -q -c1 -W0.5 "$(tr -d '[]' <<<"$1")"
}

# Counters that moved since remember, "name+number ..." by name; but for what the
# shield sends, in which neighbour discovery mixes.
remember() {
	host shield cat "$other/stats" "$other/drops" >"$work/before"
}

moved() {
	host shield cat "$other/stats" "$other/drops" |
		awk '{ sub(/ *:/, "") } NR == FNR { before[$1] = $2; next }
			$1 != "tx_total" && $2 != before[$1] { print $1 "+" $2 - before[$1] }' "$work/before" - |
		LC_ALL=C sort | xargs
}

raw_frames() {
	results tests/netns/rules.py
	check_invariants "raw frames"
}

programs_closed() {
	local name address
	while read -r name address; do
		check "$name: nothing allowed: no HTTP" no_fetch "$address" 80
		check "$name: nothing allowed: no UDP echo" no_udp_echo "$address"
		check "$name: nothing allowed: no ping" no_ping "$address"
	done <<<"$paths"
	check_equal "nothing allowed: nothing delivered" 0 "$(counter "$other" whitelisted)"
	check_invariants "programs, nothing allowed"
}

programs_open() {
	local name address
	on shield "cd $other && echo +80 >w_tcp_ports && echo +5353 >w_udp_ports &&
		echo +1 >w_protocols && echo +58 >w_protocols"
	while read -r name address; do
		check "$name: w_tcp_ports: HTTP on its port" fetch "$address" 80
		check "$name: w_tcp_ports: not on another" no_fetch "$address" 8080
		check "$name: w_udp_ports: UDP echo" udp_echo "$address" 5
		remember
		check "$name: w_protocols: 10 pings" pings "$address" -c10 -i0.01
		check_equal "$name: 10 pings are 10 packets" \
			"delivered+10 rx_total+10 whitelisted+10" "$(moved)"
	done <<<"$paths"
	check_invariants "programs, their ports allowed"
}

programs_sources() {
	on shield "cd $other && echo +10.0.0.2 >b_sources && echo +2001:db8::/64 >b_sources"
	remember
	check "b_sources: a host isn't heard" no_ping 10.0.0.1
	check "b_sources: nor a prefix" no_ping 2001:db8::1
	check_equal "b_sources: counted" "denied_source+2 filtered+2 rx_total+2" "$(moved)"
	check "b_sources: others are" pings 10.1.0.1 -c1
	on shield "cd $other && echo +10.0.0.0-255 >w_sources && echo +2001:db8::2 >w_sources"
	check "w_sources: takes it off b_sources, a closed port opens" fetch 10.0.0.1 8080
	check "w_sources: likewise in IPv6" fetch '[2001:db8::1]' 8080
	on shield "cd $other && printf '{\n}\n' >w_sources && printf '{\n}\n' >b_sources"
	check_invariants "source lists"
}

# A rate of R a second lets at most R * seconds + a burst through.
icmp_rate() { # icmp_rate ADDRESS
	local start reasons passed most
	remember
	start=$(date +%s%N)
	host client ping -q -f -i0.002 -c200 -W0.1 "$1" >/dev/null
	most=$((20 * ($(date +%s%N) - start) / 1000000000 + 10 + 1))
	reasons=$(moved)
	passed=$(sed -n 's/.*whitelisted+\([0-9]*\).*/\1/p' <<<"$reasons")
	check "icmp_rate_max: $1: some pass, at most $most ($reasons)" \
		test "${passed:-0}" -gt 0 -a "${passed:-0}" -le "$most"
	check_equal "icmp_rate_max: $1: the rest has its reason" \
		"delivered+$passed filtered+$((200 - passed)) icmp_rate+$((200 - passed)) rx_total+200 whitelisted+$passed" \
		"$reasons"
}

icmp() {
	on shield "echo 20 >$other/icmp_rate_max"
	icmp_rate 10.0.0.1
	icmp_rate 2001:db8::1
	check "icmp_rate_max: doesn't touch TCP" fetch 10.0.0.1 80
	on shield "echo 0 >$other/icmp_rate_max"
	remember
	host client ping -q -f -i0.002 -c200 10.0.0.1 >/dev/null
	check_equal "icmp_rate_max 0: no limit" "delivered+200 rx_total+200 whitelisted+200" "$(moved)"
	check_invariants icmp_rate_max
}

fragments() {
	local address
	for address in 10.0.0.1 2001:db8::1; do
		remember
		check "fragments: pings of 4000 bytes to $address" pings "$address" -c2 -i0.01 -s4000
		check_equal "fragments: three each, by protocol" \
			"delivered+6 rx_total+6 whitelisted+6" "$(moved)"
		remember
		check "fragments: UDP of 4000 bytes to $address" udp_echo "$address" 5 4000
		check_equal "fragments: the first by its port, the others follow it" \
			"delivered+3 rx_total+3 whitelisted+1" "$(moved)"
	done
	check_invariants fragments
}

two_instances() {
	ip -n "$NS_PREFIX-shield" link add eth1 type veth peer name eth1 netns "$NS_PREFIX-client"
	for name in shield client; do
		ip -n "$NS_PREFIX-$name" link set eth1 up
	done
	ip -n "$NS_PREFIX-shield" addr add 10.3.0.1/24 dev eth1
	ip -n "$NS_PREFIX-client" addr add 10.3.0.2/24 dev eth1
	on shield "echo +second >$PS/instances && echo +eth1 >$PS/second/ifaces &&
		echo +8080 >$PS/second/Other/w_tcp_ports"
	check "two instances: 80 is open on eth0" fetch 10.0.0.1 80
	check "two instances: 80 is closed on eth1" no_fetch 10.3.0.1 80
	remember
	check "two instances: 8080 is open on eth1" fetch 10.3.0.1 8080
	check_equal "two instances: the first doesn't count it" "" "$(moved)"
	check "two instances: 8080 is closed on eth0" no_fetch 10.0.0.1 8080
	check_invariants "two instances"
	on shield "echo -second >$PS/instances"
	check "two instances: with the second gone all is open on eth1" fetch 10.3.0.1 80
	check "two instances: the first stands" no_fetch 10.0.0.1 8080
}

traced() { # traced PATTERN: lines of the trace
	grep -cE "$1" "$tracing/trace"
}

tracepoints() {
	local event
	for event in packetshield/judge skb/kfree_skb; do
		echo 1 >"$tracing/events/$event/enable"
	done
	echo >"$tracing/trace"
	no_udp_echo 10.2.0.1 # no list has been changed since: allowed
	no_fetch 10.0.0.1 8080
	for event in packetshield/judge skb/kfree_skb; do
		echo 0 >"$tracing/events/$event/enable"
	done
	check "tracepoint: verdict, reason and context of a drop" traced \
		'judge: instance=shield context=Other verdict=drop reason=closed_tcp_port id=68 '
	check "tracepoint: of a delivery" traced \
		'judge: instance=shield context=Other verdict=deliver reason=allowed_udp_port id=65 '
	check "tracepoint: kfree_skb tells of a netfilter drop" traced 'kfree_skb: .*NETFILTER_DROP'
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
new_instance shield
raw_frames
on shield "echo -shield >$PS/instances"
new_instance shield
serve
programs_closed
programs_open
programs_sources
icmp
fragments
two_instances
tracepoints
finish
