#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield nft synproxy: the companion rules of x_tcp_ports as the tool writes
# them. They are those that --print prints, they are written anew without a trace
# of the old ones, and with them HTTP reaches the server, by cookies and without.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/netns/synproxy.sh
. tests/netns/synproxy.sh
# shellcheck disable=SC2317 # functions by name
TOOL=$PWD/build/packetshield

tool() { host shield "$TOOL" nft synproxy "$@"; }
ruleset() { host shield nft -s list ruleset; }
tables() { host shield nft list tables | xargs; }

fetch() { # fetch ADDRESS
	[ "$(host client curl -gs --connect-timeout 10 -m 60 "http://$1/")" = page ]
}

# Whether SYNs since the last call were answered by netfilter, by the shield: 0, 1.
answered() {
	local netfilter=${answered_netfilter:-0} shield=${answered_shield:-0}
	answered_netfilter=$(synproxy_answers)
	answered_shield=$(counted syncookie)
	who="$((answered_netfilter > netfilter)) $((answered_shield > shield))"
}

fetches() { # fetches MODE EXPECTED: the page, by all paths
	local name address
	answered
	while read -r name address; do
		check "$1: $name: HTTP" fetch "$address"
	done <<<"$paths"
	answered
	check_equal "$1: SYNs are answered by netfilter, by the shield" "$2" "$who"
}

options() { # options MSS WSCALE TIMESTAMPS SACK ECN
	each x_tcp_mss "$1" && each x_tcp_wscale "$2" && each x_tcp_timestamps "$3" &&
		each x_tcp_sack "$4" && each x_tcp_ecn "$5"
}

# What was written is what is printed, and nft can read back what it lists.
as_printed() { # as_printed DESCRIPTION
	ruleset >"$work/written"
	tool shield --print >"$work/printed"
	host shield nft flush ruleset
	check "$1: nft takes what is printed" host shield nft -f "$work/printed"
	ruleset >"$work/read"
	check "$1: it is what was written" diff "$work/written" "$work/read"
	host shield nft flush ruleset
	check "$1: nft takes what it lists" host shield nft -f "$work/written"
	check "$1: ... the same" diff "$work/written" <(ruleset)
}

check_rules() {
	local n
	for n in "1460 7 1 1 0" "1200 none 0 0 0" "536 0 1 0 0"; do
		# shellcheck disable=SC2086 # words
		options $n
		check "options $n: written" tool shield
		as_printed "options $n"
		check_equal "options $n: rules that answer" 3 "$(ruleset | grep -c ' synproxy mss')"
	done
	check_equal "no window scale, where there is none" "mss 536 wscale 0 timestamp" \
		"$(ruleset | grep -o -m1 'mss .*')"
	each x_tcp_ports +65530-65535
	each x_tcp_ports +81-90
	tool shield >/dev/null
	as_printed "ports up to the last"
	check "written twice is written once" tool shield
	check "... the same" diff "$work/written" <(ruleset)
	on shield "nft 'add table inet mine'; echo -65530-65535 >$PS/shield/10.9.0.3@100/x_tcp_ports"
	check "one context anew" tool shield 10.9.0.3@100
	check_equal "... the others and others' tables stay" 4 "$(host shield nft list tables | wc -l)"
	check_equal "... with its ports of now" 2 "$(ruleset | grep -c 65535)"
	check "one context removed" tool shield 10.9.0.3@100 --remove
	check_fails "... it is gone" ruleset_has 10.9.0.3
	check "all contexts removed" tool shield --remove
	check_equal "... but not others' tables" "table inet mine" "$(tables)"
	check "removed twice" tool shield --remove
	host shield nft flush ruleset
}

ruleset_has() { ruleset | grep -qF "$1"; }

refused() { # refused CODE TEXT ARGUMENT...
	local words code
	words=$(tool "${@:3}" 2>&1)
	code=$?
	check_equal "${*:3}: code $1" "$1" "$code"
	check "... in words: $2" grep -qF -- "$2" <<<"$words"
	check_equal "... nothing is written" "" "$(tables)"
}

check_refusals() {
	refused 1 "there is no such instance" nobody
	refused 1 "no such context" shield 10.1.2.3
	refused 2 "can't be the name of a context" shield 10.1.2
	refused 2 "are needed"
	each x_tcp_ecn 1
	refused 1 "which nftables can't do" shield
	refused 1 "which nftables can't do" shield 10.9.0.3@100
	each x_tcp_ecn 0
	on shield "printf '{\n}' >$PS/shield/10.9.0.3@100/x_tcp_ports"
	refused 1 "has no x_tcp_ports" shield 10.9.0.3@100
	on shield "echo +80 >$PS/shield/10.9.0.3@100/x_tcp_ports"
	each x_tcp_ports +443
	host shield ip netns exec "$NS_PREFIX-far" "$TOOL" nft synproxy shield >/dev/null 2>&1
	check_equal "another namespace knows no such instance" 1 "$?"
}

check_traffic() {
	options 1460 7 1 1 0
	on shield 'echo 1 >/proc/sys/net/netfilter/nf_conntrack_tcp_loose' 2>/dev/null
	tool shield >"$work/out" 2>"$work/hints"
	check "the sysctl that is needed is told" grep -q 'nf_conntrack_tcp_loose=0' "$work/hints"
	on shield 'echo 0 >/proc/sys/net/netfilter/nf_conntrack_tcp_loose'
	tool shield >"$work/out" 2>"$work/hints"
	check_fails "... and not once it is set" grep -q 'nf_conntrack_tcp_loose' "$work/hints"
	protections
	fetches "protection off" "1 0"
	protections new_cookie unmatch_drop
	fetches "cookies" "0 1"
	check "what is no SYN passes as ever: the client's own ping" \
		host client ping -c1 -W5 10.0.0.1
	check_equal "Other asks where it comes in" 'elements = { "eth0", "eth0.100" }' \
		"$(ruleset | tr -s '\n\t ' ' ' | grep -o 'elements = { "eth0[^}]*}')"
	tool shield --remove >/dev/null
	check_fails "without the rules nobody completes them" fetch 10.9.0.2
	check_invariants "all this"
}

load_module
setup_forward
session_neighbours
on shield 'echo 0 >/proc/sys/net/ipv4/tcp_syncookies'
serve_behind
protect_behind
each w_protocols +1
check_refusals
check_rules
each x_tcp_ports -81-90
check_traffic
finish
