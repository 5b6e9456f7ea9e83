#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield nft follow: a list of sources that stays equal to a set of
# nftables, whatever happens to that: large numbers, time-outs, single edits as
# fail2ban makes them, lost events, sets and tables that go and come.
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck disable=SC2317 # functions by name
TOOL=$PWD/build/packetshield
list=$PS/shield/Other/b_sources
work=$(mktemp -d)
case ${PS_GUEST:-} in uml | kvm) MANY=100000 ;; *) MANY=20000 PS_TIMEOUT=200 ;; esac

cases() { host shield "$PYTHON" tests/netns/nft_follow_cases.py "$@"; }
equal() { cases equal "$@"; }
nft() { host shield nft "$@"; }
items() { host shield cat "$list" | wc -l; }
count() { host shield grep -c "$1" "$list"; }

# start ARGUMENT...: a follower, once it has said that the list is equal
start() {
	ip netns exec "$NS_PREFIX-shield" "$TOOL" nft follow "$@" >"$work/said" 2>&1 &
	follower=$!
	wait_for grep -q 'ranges, as set' "$work/said"
}

stop() {
	kill "$follower" 2>/dev/null
	wait "$follower" 2>/dev/null
}

ends() { # ends DESCRIPTION FAMILY TABLE SET: it comes to be equal
	check "$1" wait_for equal "${@:2}"
}

# edit_set add|delete SPEC FILE: elements out of a file
edit_set() {
	{
		echo "$1 element $2 {"
		cat "$3"
		echo '}'
	} >"$work/edit"
	nft -f "$work/edit"
}

sets() {
	nft -f - <<-END
		table inet f2b {
			set v4 { type ipv4_addr; }
			set v6 { type ipv6_addr; }
			set nets { type ipv4_addr; flags interval; }
			set nets6 { type ipv6_addr; flags interval; }
			set edges {
				type ipv4_addr; flags interval;
				elements = { 0.0.0.0-0.0.0.5, 200.0.0.0/8, 255.255.255.0/24 };
			}
			set edges6 {
				type ipv6_addr; flags interval;
				elements = { ::/16, ffff::/16 };
			}
			set timed { type ipv4_addr; flags timeout, interval; }
			set learned { type ipv4_addr; flags dynamic, timeout; size 1000; }
			set pairs { type ipv4_addr . inet_service; }
			set ports { type inet_service; }
			map marks { type ipv4_addr : mark; }
		}
		table ip plain { set v4 { type ipv4_addr; elements = { 9.9.9.9 }; }; }
	END
}

check_once() {
	local kind
	for kind in ip:v4 ip6:v6 net:nets net6:nets6; do
		cases elements 300 "${kind%:*}" >"$work/some"
		edit_set add "inet f2b ${kind#*:}" "$work/some"
		check "--once: ${kind#*:}" host shield "$TOOL" nft follow inet f2b "${kind#*:}" \
			shield Other --once
		check "... is equal" equal inet f2b "${kind#*:}"
	done
	for kind in edges edges6; do
		check "--once: $kind" host shield "$TOOL" nft follow inet f2b "$kind" shield Other --once
	done
	check "up to the last address" equal inet f2b edges
	check_equal "... of IPv6, where mapped ones have no place" \
		"::-::fffe:ffff:ffff ::1:0:0:0-0:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff::/16" \
		"$(host shield grep ':' "$list" | xargs)"
	check "the family ip where none is named" host shield "$TOOL" nft follow plain v4 \
		shield Other --once
	check "... is equal" equal ip plain v4
	check "another list" host shield "$TOOL" nft follow plain v4 shield Other --once \
		--list=w_sources
	check_equal "... has it" 9.9.9.9 "$(host shield cat "$PS/shield/Other/w_sources")"
	on shield "printf '{\n}' >$PS/shield/Other/w_sources"
	host shield "$TOOL" nft follow inet f2b nets6 shield Other --once >/dev/null
}

refused() { # refused CODE TEXT ARGUMENT...
	local before words code
	before=$(host shield cat "$list")
	words=$(host shield timeout 60 "$TOOL" nft follow "${@:3}" 2>&1)
	code=$?
	check_equal "follow ${*:3}: code $1" "$1" "$code"
	check "... in words: $2" grep -qF -- "$2" <<<"$words"
	check "... nothing has changed" [ "$before" = "$(host shield cat "$list")" ]
}

check_refusals() {
	refused 1 "of several parts" inet f2b pairs shield Other
	refused 1 "are no addresses" inet f2b ports shield Other
	refused 1 "it is a map" inet f2b marks shield Other
	refused 1 "there is no set v5" inet f2b v5 shield Other
	refused 1 "there is no set v4" ip f2b v4 shield Other
	refused 1 "there is no such instance" inet f2b v4 nobody Other --once
	refused 1 "no such context" inet f2b v4 shield 10.9.9.9 --once
	refused 2 "no family" inett f2b v4 shield Other
	refused 2 "did you mean" inet f2b v4 shield Other --list=b_source
	refused 2 "are needed" inet f2b
	refused 2 "--every takes" inet f2b v4 shield Other --every=0
}

check_many() {
	cases elements "$MANY" ip 5 >"$work/many"
	start inet f2b v4 shield Other
	edit_set add "inet f2b v4" "$work/many"
	ends "$MANY elements more" inet f2b v4
	check "... and not a few" [ "$(items)" -gt $((MANY * 9 / 10)) ]
	head -n $((MANY / 2)) "$work/many" | sed '$s/,$//' >"$work/half"
	edit_set delete "inet f2b v4" "$work/half"
	ends "half of them less" inet f2b v4
	nft flush set inet f2b v4
	ends "all of them less" inet f2b v4
	check_equal "... none is left of IPv4" 0 "$(count '\.')"
	check "IPv6 has stayed" [ "$(count ':')" -gt 200 ]
	stop
	cases elements "$((MANY / 30))" net 6 >"$work/nets"
	start inet f2b nets shield Other
	edit_set add "inet f2b nets" "$work/nets"
	ends "$((MANY / 30)) intervals more" inet f2b nets
	edit_set delete "inet f2b nets" "$work/nets"
	ends "... and less" inet f2b nets
	stop
}

lost_some() { [ "$(cases drops "$follower")" -gt 0 ]; }

# A follower that sleeps while more happens than its socket holds.
check_lost() {
	local n
	start inet f2b v4 shield Other --every=3600
	kill -STOP "$follower"
	for n in $(seq 40); do
		edit_set add "inet f2b v4" "$work/half" && nft flush set inet f2b v4
		lost_some && break
	done
	check "events are lost" lost_some
	nft add element inet f2b v4 '{ 7.7.7.7, 8.8.8.8 }'
	kill -CONT "$follower"
	ends "... and it finds out what is there" inet f2b v4
	nft add element inet f2b v4 '{ 9.9.9.9 }'
	check "... goes on from there" wait_for host shield grep -qx 9.9.9.9 "$list"
	check_equal "... with what there is, and nothing that was" 3 "$(count '\.')"
	stop
}

check_singles() {
	local n
	start inet f2b v4 shield Other --every=3600
	for n in $(seq 60); do
		nft add element inet f2b v4 "{ 6.6.6.$n }"
		[ $((n % 3)) -gt 0 ] || nft delete element inet f2b v4 "{ 6.6.6.$((n - 1)) }"
	done
	ends "60 single edits" inet f2b v4
	check_equal "... are there" 6.6.6.1 "$(host shield grep -m1 '^6\.6\.6' "$list")"
	on shield "echo -6.6.6.1 >$list; echo +5.5.5.5 >$list"
	nft delete element inet f2b v4 '{ 6.6.6.1 }'
	ends "what somebody else has changed is mended" inet f2b v4
	stop
	start inet f2b v4 shield Other --every=1
	on shield "echo +5.5.5.5 >$list"
	ends "... or found when all is compared" inet f2b v4
	stop
}

check_time() {
	start inet f2b timed shield Other --every=3600
	nft 'add element inet f2b timed { 1.0.0.0/24 timeout 4s, 2.0.0.0/24 timeout 1h, 3.0.0.1 }
		add element inet f2b timed { 4.0.0.0/30 timeout 3s }'
	check "elements with time-outs come" wait_for host shield grep -q '^1\.0\.0\.0/24' "$list"
	check "... and go" wait_for_less 1.0.0.0/24 4.0.0.0/30
	check_equal "... those that are due" "2.0.0.0/24 3.0.0.1" \
		"$(host shield grep '\.' "$list" | xargs)"
	stop
	nft 'add chain inet f2b out { type filter hook output priority 0; }
		add rule inet f2b out ip daddr 10.77.0.0/24 update @learned { ip daddr timeout 4s } drop'
	start inet f2b learned shield Other
	host shield ping -c1 -W1 10.77.0.1 >/dev/null 2>&1
	check "what rules add" wait_for host shield grep -qx 10.77.0.1 "$list"
	check "... goes when it is due" wait_for_less 10.77.0.1
	nft flush chain inet f2b out
	stop
}

wait_for_less() { # wait_for_less ITEM...
	local item
	for item; do
		wait_for eval "! host shield grep -qxF $item $list" || return
	done
}

check_structure() {
	start inet f2b v4 shield Other --every=3600
	nft 'flush set inet f2b v4; add element inet f2b v4 { 1.1.1.1 }'
	ends "flushed and filled at once" inet f2b v4
	nft delete table inet f2b
	check "a table that is deleted is empty" wait_for_less 1.1.1.1
	check_equal "... all of it" 0 "$(count '\.')"
	nft 'table inet f2b { set v4 { type ipv4_addr; elements = { 2.2.2.2, 3.3.3.3 }; }; }'
	ends "a table that comes back" inet f2b v4
	nft 'delete set inet f2b v4
		add set inet f2b v4 { type ipv4_addr; flags interval; }
		add element inet f2b v4 { 4.0.0.0/8 }'
	ends "a set that is another now, of intervals" inet f2b v4
	check_equal "... of one prefix" 4.0.0.0/8 "$(host shield grep '\.' "$list")"
	nft 'delete set inet f2b v4; add set inet f2b v4 { type inet_service; }'
	check "one that holds no addresses any more ends it" wait_for eval "! kill -0 $follower"
	wait "$follower"
	check_equal "... with code 1" 1 "$?"
	start plain v4 shield Other
	check "the module can be removed meanwhile" wait_for rmmod packetshield
	check "... which ends it" wait_for eval "! kill -0 $follower"
	wait "$follower"
	check_equal "... with code 3" 3 "$?"
	check "... and words" grep -q 'was removed' "$work/said"
}

load_module
setup_alone
trap 'kill "${follower:-}" 2>/dev/null; teardown; rm -rf "$work"' EXIT
on shield "echo +shield >$PS/instances"
host shield ip addr add 10.77.0.2/24 dev eth0
sets
check_once
check_refusals
check_many
check_lost
check_singles
check_time
check_structure
finish
