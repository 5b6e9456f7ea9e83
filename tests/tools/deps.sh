#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deps.sh GROUP...: installs the Debian packages that the named groups of work
# need, as root. Does nothing, quickly, when all are there; says what to type
# when some are missing and it isn't root.
#
# Invariant: no package starts a service; the network is asked only if
# something is missing.
set -euo pipefail

groups=(build check vm net uml bench)
declare -A packages=(
	# the module against unpacked Debian headers; the tools and their libraries
	[build]="gcc gcc-12 make libc6-dev binutils pkg-config bc flex bison
		dpkg-dev kmod cpio xz-utils libelf-dev libmnl-dev libpcap-dev libnftnl-dev
		libmaxminddb-dev libxtables-dev libjansson-dev libncurses-dev
		nettle-dev libngtcp2-dev"
	# static checks, unit tests, fuzzing
	[check]="gcc make libc6-dev binutils clang clang-format libclang-rt-14-dev
		llvm sparse libcmocka-dev nettle-dev shellcheck python3 python3-scapy
		python3-cryptography valgrind groff-base systemd"
	# QEMU guests and their kernels
	[vm]="qemu-system-x86 busybox-static kmod cpio xz-utils zstd util-linux
		procps"
	# programs that tests run inside guests
	[net]="iproute2 iputils-ping iptables nftables ethtool conntrack tcpdump
		procps util-linux jq curl nginx-light socat ncat hping3 iperf3
		tshark prometheus systemd trace-cmd bpftrace linux-perf dropwatch
		python3 python3-scapy python3-cryptography python3-maxminddb dnsmasq-base isc-dhcp-client
		wrk openssl ngtcp2-client ngtcp2-server valgrind
		libc6-dbg bash-completion tmux"
	# User-mode Linux from Debian's source
	[uml]="gcc make patch libc6-dev binutils bc flex bison kmod cpio
		xz-utils libelf-dev libssl-dev"
	# competitors and counters of instructions, for the measurements
	[bench]="nftables iptables ipset nginx-light curl nettle-dev python3 valgrind
		util-linux"
)

usage()
{
	echo "usage: deps.sh GROUP...   groups: ${groups[*]}" >&2
	exit 2
}

missing_packages()
{
	local -A installed=()
	local package status
	while read -r package status; do
		installed[$package]=$status
	done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
	for package; do
		[ "${installed[$package]:-}" = installed ] || echo "$package"
	done
}

apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >&2
}

install_packages() { apt install -y --no-install-recommends "$@"; }

# Debian's way to say that nothing is to be started: invoke-rc.d asks this
# file. One that the machine already has is its owner's business.
forbid_services()
{
	local policy=/usr/sbin/policy-rc.d
	[ ! -e "$policy" ] || return 0
	# shellcheck disable=SC2064 # the path as it is now
	trap "rm -f $policy" EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}

wanted=()
for group; do
	read -rd '' -a more <<<"${packages[$group]:-}" || true
	[ ${#more[@]} -gt 0 ] || usage
	wanted+=("${more[@]}")
done
[ ${#wanted[@]} -gt 0 ] || usage

mapfile -t missing < <(missing_packages "${wanted[@]}" | sort -u)
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ]; then
	echo "deps.sh: packages are missing; as root, run:" \
		"apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi

echo "deps.sh: installing ${missing[*]}" >&2
forbid_services
# On a fresh machine there are no package lists, or old ones.
if ! install_packages "${missing[@]}" 2>/dev/null; then
	apt update
	install_packages "${missing[@]}"
fi
