#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# context_capture.map and its option; and captures of what has no Ethernet header
# any more, or never had one: by rules of xtables, of a tun device.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/capture_lib.sh
. tests/netns/capture_lib.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
work=$(mktemp -d)

cases() { results "$PYTHON" tests/netns/capture_context_cases.py "$1"; }

# Without the netdev hook: what PREROUTING shows of eth0 and of its VLAN 100.
by_rules() {
	use_target "$work/xtables"
	on shield "echo -eth0 >$PS/shield/ifaces"
	ip -n "$NS_PREFIX-shield" -batch - <<-END
		addr add 10.0.0.1/24 dev eth0
		link add link eth0 name eth0.100 type vlan id 100
		link set eth0.100 up
	END
	on shield 'echo 1 >/proc/sys/net/ipv6/conf/eth0.100/disable_ipv6'
	host shield iptables-nft -t raw -A PREROUTING -j PACKETSHIELD --instance shield
	cases vlan
	host shield iptables-nft -t raw -F
}

load_module
setup_capture
trap 'teardown; rm -rf "$work"' EXIT
cases contexts
check_invariants "captures of contexts"
by_rules
modprobe -q tun
cases tun
finish
