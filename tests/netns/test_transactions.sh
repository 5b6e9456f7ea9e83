#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Transactions on every kind of list: all or nothing, however the text is split
# into writes, whatever becomes of the writer, and for packets too: while lists
# are swapped under a flood that both contents deny nothing gets through, what
# stays in a list keeps all it has.
#
# Processors: 2, since several write at the same time.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

echo_requests() { # received by the shield's stack
	host shield awk '$1 == "Icmp:" && n++ { print $10 }' /proc/net/snmp
}

check_tools() {
	local list=$PS/i/Other/b_sources
	seq -f '192.0.2.%g' 0 2 254 >/tmp/expected
	on shield "awk 'BEGIN { print \"{\"; fflush(); for (i = 0; i < 255; i += 2) {
		print \"192.0.2.\" i; fflush() } print \"}\" }' >$list"
	check "awk that flushes every line" on shield "cmp $list /tmp/expected"
	seq -f '10.%g' 0 2 6000 | awk -F. '{ printf "10.7.%d.%d\n", $2 / 256, $2 % 256 }' >/tmp/expected
	{ echo '{'; cat /tmp/expected; echo '}'; } >/tmp/large
	host shield cp /tmp/large "$list"
	check "cp of a file of some pages" on shield "cmp $list /tmp/expected"
	on shield "echo +1.2.3.4 >$list; cat /tmp/large >$list"
	check "cat of a file of some pages" on shield "cmp $list /tmp/expected"
	on shield "printf '{\n}\n' >$list"
	check_equal "the empty transaction empties it" "" "$(host shield cat "$list")"
}

start_silence() { # in the background, on an instance of its own
	on shield "echo +quiet >$PS/instances"
	host shield "$PYTHON" tests/netns/transaction_cases.py silence >/tmp/silence 2>&1 &
	silence=$!
}

check_swaps() {
	local context=$PS/i/10.0.0.1 before before_drops
	on shield "printf '{\n1\n58\n}' >$PS/i/Other/w_protocols
		printf '{\n10.0.0.1\n}' >$PS/i/contexts
		echo +1 >$context/w_protocols; echo 5000 >$context/icmp_rate_max
		echo +10.0.0.3 >$context/b_sources"
	before=$(echo_requests)
	start_flood -1 10.0.0.1
	check "the flood arrives" wait_for more_than 100 drops "$context" denied_source
	before_drops=$(drops "$context" denied_source)
	results "$PYTHON" tests/netns/transaction_cases.py swaps
	check "the flood is still on" flood_is_on
	stop_flood
	check_equal "the stack saw nothing of it" "$before" "$(echo_requests)"
	check "a context that stays keeps its counters" more_than "$before_drops" \
		drops "$context" denied_source
	check_equal "... and its settings" "1 5000" \
		"$(host shield cat "$context/w_protocols" "$context/icmp_rate_max" | xargs)"
	check_fails "the attacker gets no answer" host attacker ping -c1 -W1 10.0.0.1
	on shield "printf '{\n}' >$context/b_sources"
	check "... but does when nobody denies it" host attacker ping -c1 -W5 10.0.0.1
	check "... which the stack saw" more_than "$before" echo_requests
}

load_module
setup_flood
new_instance i
start_silence
check_swaps
check_invariants "swaps under flood"
wait "$silence"
results cat /tmp/silence
results "$PYTHON" tests/netns/transaction_cases.py lists
check_tools
check_invariants "lists"
finish
