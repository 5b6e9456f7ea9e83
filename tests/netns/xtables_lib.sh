# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of the xtables target share, on top of lib.sh: iptables in its
# flavours finds our library, and the shield gets its rules.

# The four programs, by family and flavour.
# shellcheck disable=SC2034 # for the scripts that source this file
PROGRAMS="iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft"

shield=$NS_PREFIX-shield
client=$NS_PREFIX-client
other=$PS/shield/Other

use_target() { # use_target DIRECTORY: a place for the libraries of iptables
	local system
	system=$(pkg-config --variable=xtlibdir xtables)
	[ -e build/libxt_PACKETSHIELD.so ] || {
		result 1 "build/libxt_PACKETSHIELD.so is there (make libxt)"
		finish
	}
	mkdir -p "$1"
	ln -s "$system"/*.so "$PWD/build/libxt_PACKETSHIELD.so" "$1"
	export XTABLES_LIBDIR=$1
}

# rules +|- FLAVOUR CHAIN...: hand the shield's packets of both families to its instance
rules() {
	local flavour=$2 sign=-A chain program
	[ "$1" = + ] || sign=-D
	for chain in "${@:3}"; do
		for program in "iptables-$flavour" "ip6tables-$flavour"; do
			host shield "$program" -w -t raw "$sign" "$chain" \
				-j PACKETSHIELD --instance shield || return
		done
	done
}

kernel_says() { dmesg | grep -qF "$1"; }

# addresses NUMBER SHIELD-DEVICE CLIENT-DEVICE: 10.NUMBER.0.0/24, 2001:db8:NUMBER::/64
addresses() {
	ip -n "$shield" addr add "10.$1.0.1/24" dev "$2"
	ip -n "$client" addr add "10.$1.0.2/24" dev "$3"
	ip -n "$shield" addr add "2001:db8:$1::1/64" dev "$2" nodad
	ip -n "$client" addr add "2001:db8:$1::2/64" dev "$3" nodad
}

# A tunnel whose end on the shield serves many: only routes, by the neighbour
# that they name, know where an answer goes.
tunnel() { # tunnel KIND NUMBER PROTOCOL
	modprobe -q "$1"
	ip -n "$shield" link add "t$2" type "$1" local 10.0.0.1
	ip -n "$client" link add "t$2" type "$1" local 10.0.0.2 remote 10.0.0.1
	ip -n "$shield" link set "t$2" up
	ip -n "$client" link set "t$2" up
	on shield "echo +$3 >$other/w_protocols"
}

ipip_tunnel() { # 10.21.0.1
	tunnel ipip 21 4
	ip -n "$shield" addr add 10.21.0.1/32 dev t21
	ip -n "$client" addr add 10.21.0.2/24 dev t21
	ip -n "$shield" route add 10.21.0.2/32 via 10.0.0.2 dev t21 onlink
}

gre_tunnel() { # 10.22.0.1, 2001:db8:22::1
	modprobe -q ip_gre
	ip -n "$shield" link add t22 type gre local 10.0.0.1 remote 10.0.0.2
	ip -n "$client" link add t22 type gre local 10.0.0.2 remote 10.0.0.1
	ip -n "$shield" link set t22 up
	ip -n "$client" link set t22 up
	addresses 22 t22 t22
	on shield "echo +47 >$other/w_protocols"
}
