#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The target PACKETSHIELD in chains of nftables, where it may stand and where
# not, and network namespaces that end under a flood with rules in place.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)

# Deletions of a namespace with rules.
case ${PS_GUEST:-} in uml | kvm) DELETIONS=6 ;; *) DELETIONS=3 ;; esac

nft_errno() { # nft_errno FAMILY TABLE CHAIN [INSTANCE]
	host shield tests/netns/nft_target.py "$1" "$2" "$3" "${4:-shield}"
}

# nft itself can't make such rules, but must bear them.
nftables() {
	host shield nft -f - <<-'END'
		table inet fw {
			chain in { type filter hook prerouting priority raw; }
			chain out { type filter hook output priority raw; }
			chain late { type filter hook input priority 0; }
			chain first { type filter hook ingress device eth0 priority 0; }
		}
		table bridge br { chain in { type filter hook prerouting priority 0; }; }
		table arp who { chain in { type filter hook input priority 0; }; }
		table netdev dev { chain in { type filter hook ingress device eth0 priority 0; }; }
		table ip nat { chain PREROUTING { type nat hook prerouting priority -100; }; }
	END
	check_equal "nft: an inet prerouting chain" OK "$(nft_errno inet fw in)"
	check_equal "nft: an inet output chain" OK "$(nft_errno inet fw out)"
	check_equal "nft: not where packets come in to stay" EINVAL "$(nft_errno inet fw late)"
	check "nft: not at ingress of inet" refused inet fw first
	check "nft: nor of a device" refused netdev dev in
	check "nft: nor on bridges" refused bridge br in
	check "nft: nor for ARP" refused arp who in
	check "nft: the kernel says what it is for" kernel_says 'PACKETSHIELD is for IPv4 and IPv6 only'
	check "nft: nor in the table nat" refused ip nat PREROUTING
	check "nft: the kernel says so" kernel_says "PACKETSHIELD can't be used in the table nat"
	check_equal "nft: unknown instance" ENOENT "$(nft_errno inet fw in nobody)"
	check_equal "nft list ruleset shows both rules" 2 \
		"$(host shield nft list ruleset | grep -c 'xt target "*PACKETSHIELD')"
	check "nft: -j works too" host shield nft -j list ruleset
	check_equal "nft: the instance is in use" EBUSY "$(write_errno shield "$PS/instances" -shield)"
	check "nft: the inet chain drops IPv4" unreachable 10.0.0.1
	check "nft: and IPv6" unreachable 2001:db8::1
	host shield nft flush ruleset
	check "nft: with the rules gone it answers" reachable 10.0.0.1
}

refused() { [ "$(nft_errno "$@")" != OK ]; }
reachable() { host attacker ping -q -c1 -W5 "$1"; }

# Each ping is counted: it has come, and was dropped by us.
unreachable() {
	local before
	before=$(drops "$PS/shield/Other" closed_protocol)
	! host attacker ping -q -c1 -W0.3 "$1" &&
		[ "$(drops "$PS/shield/Other" closed_protocol)" = $((before + 1)) ]
}

victim_received() { host victim sed -n 's/^rx_total *: //p' "$PS/shield/stats"; }

victim() { # victim PROGRAM: up, shielded by a rule, with the flood arriving
	plug victim 5 &&
		on victim "echo +shield >$PS/instances" &&
		host victim "$1" -t raw -A PREROUTING -j PACKETSHIELD --instance shield &&
		host victim "$1" -t raw -A OUTPUT -j PACKETSHIELD --instance shield &&
		wait_for more_than 20 victim_received
}

victim_is_gone() { ! ip -n "$NS_PREFIX-switch" link show victim; }

namespaces() {
	local n program
	start_flood -2 -p 9 --rand-source 10.0.0.5
	for program in iptables-legacy iptables-nft; do
		for n in $(seq "$DELETIONS"); do
			victim "$program" || break
			ip netns del "$NS_PREFIX-victim"
			wait_for victim_is_gone || break
		done
		check_equal "$program: a namespace with rules deleted under flood, $DELETIONS times" \
			"$DELETIONS-gone" "$n$(victim_is_gone 2>/dev/null && echo -gone)"
	done
	check "the flood is still on" flood_is_on
	stop_flood
}

load_module
setup_flood
trap 'teardown; rm -rf "$work"' EXIT
use_target "$work/xtables"
on shield "echo +shield >$PS/instances"
nftables
namespaces
check_invariants "all this"
on shield "echo -shield >$PS/instances"
check "with no rule left the module can be removed" wait_for rmmod packetshield
finish
