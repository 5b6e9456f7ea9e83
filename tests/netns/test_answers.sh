#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Answers to what a host sends that allows nothing at all, SPEC 2.2, 2.3 and 6:
# datagram by datagram (answers_cases.py) and fragment by fragment
# (fragment_cases.py), then real look-ups of names. HTTP and ICMP errors with
# real programs are in test_paths.sh, DHCP in test_unjudged.sh.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
other=$PS/shield/Other

lookup() { # lookup SERVER NAME: by the shield's resolver
	host shield timeout 20 busybox nslookup "$2" "$1"
}

# One look-up asks for A and AAAA, so it gets two answers.
names() { # names SERVER
	local before
	before=$(counter "$other" dns_resp)
	check "DNS by $1: the name is found" eval "lookup $1 one.example | grep -q 192.0.2.1"
	check_equal "DNS by $1: two questions, two answers" $((before + 2)) \
		"$(counter "$other" dns_resp)"
}

dns() {
	host client dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= \
		--no-resolv --no-hosts --local=/example/ --address=/one.example/192.0.2.1 \
		--address=/one.example/2001:db8:f::1 >/dev/null 2>&1 & disown
	wait_for on client 'ss -lun | grep -q :53'
	names 10.0.0.2
	names 2001:db8::2
	check_invariants DNS
}

load_module
setup
settle
new_instance shield
results tests/netns/answers_cases.py
results tests/netns/fragment_cases.py
check_invariants "datagrams and fragments"
dns
finish
