# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of the xtables target share, on top of lib.sh: iptables in its
# flavours finds our library, and the shield gets its rules.

# The four programs, by family and flavour.
# shellcheck disable=SC2034 # for the scripts that source this file
PROGRAMS="iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft"

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
