#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Countries: the files geoip4, geoip6 and countries as programs write and read
# them, rule 3b packet by packet, half a million lines, and lines that are
# swapped while a country's flood comes in.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
instance=$PS/shield
cases() { results "$PYTHON" tests/netns/geoip_cases.py "$@"; }

# The documented way: awk, which flushes every line, out of a database as text.
check_awk() {
	printf '%s\n' 1.0.0.0,1.0.0.255,AU 1.0.1.0,1.0.3.255,CN 1.0.4.0,1.0.7.255,AU >/tmp/database
	on shield "awk -F, 'BEGIN { print \"{\"; fflush() } { print \$1, \$3; fflush() }
		END { print \"}\" }' /tmp/database >$instance/geoip4"
	check_equal "awk that flushes every line" "1.0.0.0 AU 1.0.1.0 CN 1.0.4.0 AU" \
		"$(host shield cat "$instance/geoip4" | xargs)"
	host shield cat "$instance/Other/geoip4" >/tmp/first
	on shield "{ echo {; cat /tmp/first; echo }; } >$instance/Other/geoip4"
	check "what is read, written again, is the same" on shield "cmp $instance/geoip4 /tmp/first"
}

pinging() { host client ping -q -c1 -W"$1" "$2"; }

check_programs() {
	on shield "printf '{\n10.0.0.2 HOME\n10.0.0.3 -\n}' >$instance/geoip4
		printf '{\n2001:db8::2 HOME\n2001:db8::3 -\n}' >$instance/geoip6
		printf '{\n1\n58\n}' >$instance/Other/w_protocols
		echo +HOME >$instance/Other/countries"
	local address policy
	for address in 10.0.0.1 2001:db8::1; do
		for policy in none allow_countries; do
			on shield "echo $policy >$instance/Other/geoip_policy"
			check "$policy: ping $address from home" pinging 5 "$address"
		done
		check_fails "... not by who is in no country" host attacker ping -q -c1 -W1 "$address"
		on shield "echo deny_countries >$instance/Other/geoip_policy"
		check_fails "deny_countries: no ping to $address from home" pinging 1 "$address"
		check "... but by who is in no country" host attacker ping -q -c1 -W5 "$address"
	done
	on shield "echo none >$instance/Other/geoip_policy; printf '{\n}' >$instance/Other/countries
		printf '{\n}' >$instance/Other/w_protocols"
}

check_swaps() {
	on shield "echo +10.0.0.1 >$instance/contexts; echo +1 >$instance/10.0.0.1/w_protocols
		printf '{\n10.0.0.0 XX\n}' >$instance/geoip4; echo +XX >$instance/10.0.0.1/countries
		echo deny_countries >$instance/10.0.0.1/geoip_policy"
	start_flood -1 10.0.0.1
	check "the flood arrives" wait_for more_than 100 drops "$instance/10.0.0.1" refused_country
	cases swaps
	check "the flood is still on" flood_is_on
	stop_flood
	check_fails "the attacker gets no answer" host attacker ping -c1 -W1 10.0.0.1
	on shield "echo none >$instance/10.0.0.1/geoip_policy"
	check "... but does without a policy" host attacker ping -c1 -W5 10.0.0.1
	on shield "printf '{\n}' >$instance/contexts"
}

load_module
setup
new_instance shield
settle
check_awk
cases files
check_programs
check_invariants "files and programs"
cases rules
check_invariants "rule 3b"
check_swaps
check_invariants "swaps under flood"
cases codes
cases scale /tmp/lines
check_invariants "scale"
on shield "printf '{\n1.0.0.0 XX\n}' >$instance/geoip4; echo -shield >$PS/instances"
check_equal "an instance goes with its countries" "" "$(host shield cat $PS/instances)"
finish
