#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The target PACKETSHIELD as the four programs of iptables see it: the .t file,
# saving and restoring, refusals and their messages, instances in use. nftables
# is in test_xtables_nft.sh, what rules do to packets in test_xtables_packets.sh.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)
rules_file=libxt_packetshield/libxt_PACKETSHIELD.t
target="-j PACKETSHIELD --instance shield"

t_file() { # the names that it has rules for exist, the others don't
	local name program
	sed -n 's/.* \([^ ]*\);=;OK$/\1/p' "$rules_file" | sort -u >"$work/names"
	while read -r name; do
		[ "$name" = shield ] || on shield "echo +$name >$PS/instances"
	done <"$work/names"
	for program in $PROGRAMS; do
		results tests/netns/xtables_rules.py "$program" "$rules_file"
	done
	while read -r name; do
		[ "$name" = shield ] || on shield "echo -$name >$PS/instances"
	done <"$work/names"
	check_equal "rules that are gone hold no instance" shield \
		"$(host shield cat "$PS/instances")"
}

saved() { # saved PROGRAM: its rules with counters, without dates and what passes by
	host shield "$1-save" -c -t raw | sed '/^#/d; /^:/s/ \[.*//'
}

round_trip() { # round_trip PROGRAM
	local before
	host shield "$1-restore" -c <<-END
		*raw
		:PREROUTING ACCEPT [0:0]
		:OUTPUT ACCEPT [0:0]
		:shielded - [0:0]
		[3:180] -A PREROUTING -i eth1 -p tcp -m multiport --dports 80,443 -j shielded
		[2:120] -A PREROUTING -i eth1 $target
		[5:300] -A OUTPUT -o eth1 $target
		[1:60] -A shielded -m comment --comment "a b" $target
		COMMIT
	END
	before=$(saved "$1")
	check_equal "$1: restored rules are all there" 3 "$(grep -c -- "$target" <<<"$before")"
	# Version 1.8.9 of this one forgets counters.
	[ "$1" = ip6tables-nft ] || check "$1: ... with their counters" grep -qF "[2:120] -A PREROUTING -i eth1 $target" \
		<<<"$before"
	host shield "$1-save" -c -t raw >"$work/saved"
	host shield "$1" -t raw -F
	check_equal "$1: flushed" 0 "$(saved "$1" | grep -c -- "$target")"
	check "$1: what it has saved it restores" host shield "$1-restore" -c "$work/saved"
	check_equal "$1: the same, with counters" "$before" "$(saved "$1")"
	check "$1: restored over itself" host shield "$1-restore" -c "$work/saved"
	check_equal "$1: -L shows the instance" 1 \
		"$(host shield "$1" -t raw -L shielded | grep -c 'PACKETSHIELD instance shield')"
	check_equal "$1: the instance is in use" EBUSY \
		"$(write_errno shield "$PS/instances" -shield)"
	check_equal "$1: and still there" shield "$(host shield cat "$PS/instances")"
	check_fails "$1: so is the module" rmmod packetshield
	host shield "$1" -t raw -F
	host shield "$1" -t raw -X
}

# What is said to a rule with an instance that there isn't.
unknown() { # unknown PROGRAM
	local said
	said=$(host shield "$1" -t raw -A OUTPUT -j PACKETSHIELD --instance nobody 2>&1)
	check_equal "$1: unknown instance: refused" 1 "$(($? != 0))"
	check "$1: unknown instance: it says which" \
		grep -q 'PACKETSHIELD: no instance "nobody" in /sys/packetshield/instances' <<<"$said"
	check "$1: unknown instance: so does the kernel" kernel_says \
		'PACKETSHIELD: no instance "nobody" in this namespace'
	on attacker "echo +elsewhere >$PS/instances"
	check_fails "$1: an instance of another namespace is unknown" \
		host shield "$1" -t raw -A OUTPUT -j PACKETSHIELD --instance elsewhere
	on attacker "echo -elsewhere >$PS/instances"
}

load_module
setup_flood
trap 'teardown; rm -rf "$work"' EXIT
use_target "$work/xtables"
on shield "echo +shield >$PS/instances"
t_file
for program in $PROGRAMS; do
	round_trip "$program"
	unknown "$program"
done
check_invariants "all this"
on shield "echo -shield >$PS/instances"
check "with no rule left the module can be removed" wait_for rmmod packetshield
finish
