#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh [--update] 6.1|6.12: a Debian kernel for the guests, unpacked into
# the cache, never installed. Prints its directory, which holds
#   vmlinuz      as Debian ships it    vmlinux  unpacked: boots faster
#   release      what uname -r says    modules  lib/modules/<release>
#   System.map                         build    for make -C .../build M=...
# Once there it is used as it is, without a look at the network, until
# --update asks for Debian's newest.
#
# Invariant: the directory appears whole or not at all (built aside under a
# lock, then renamed), so that two runs at once are safe.
set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() { die "usage: kernel.sh [--update] 6.1|6.12"; }

# The newest release that Debian has an image for: "6.1.0-56-amd64".
newest_release()
{
	apt-cache pkgnames "linux-image-$version." |
		sed -nE 's/^linux-image-([0-9.]+([-+](deb)?[0-9]+)?-amd64)$/\1/p' |
		sort -V | tail -n 1
}

# The packages of a release. Which kbuild package belongs to it, its headers
# package knows.
packages_of()
{
	local headers=linux-headers-$1 kbuild
	kbuild=$(apt-cache depends --no-recommends --no-suggests "$headers" |
		sed -nE 's/.*Depends: (linux-kbuild-.*)/\1/p' | head -n 1)
	echo "linux-image-$1" "$headers" "${headers%-amd64}-common" "$kbuild"
}

download()
{
	local packages
	release=$(newest_release)
	[ -n "$release" ] || return 1
	read -ra packages <<<"$(packages_of "$release")"
	say "downloading Linux $release"
	(cd "$work" &&
		apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}" >&2)
}

# Package lists that are absent or old name packages that are gone.
download_or_update()
{
	download && return
	[ "$(id -u)" = 0 ] ||
		die "can't download Linux $version: run apt-get update as root, then try again"
	say "updating the package lists"
	apt-get -qq -o DPkg::Lock::Timeout=300 update >&2
	rm -f "$work"/*.deb
	download || die "can't download Linux $version from Debian's mirrors"
}

unpack()
{
	local deb
	say "unpacking it"
	for deb in "$work"/*.deb; do
		dpkg-deb -x "$deb" "$work/root"
		rm "$deb"
	done
	/sbin/depmod -b "$work/root" "$release"
}

# The headers name each other by absolute paths below /usr/src: make that
# relative. Without a vmlinux beside them kbuild skips BTF, which would need
# pahole; it is kept for who wants it.
relocate_headers()
{
	local headers=$work/root/usr/src/linux-headers-$release
	# shellcheck disable=SC2016 # for make
	sed -i 's|^include /usr/src/|include $(dir $(realpath $(firstword $(MAKEFILE_LIST))))../|' \
		"$headers/Makefile"
	if [ -e "$headers/vmlinux" ]; then
		mv "$headers/vmlinux" "$work/vmlinux-btf"
	fi
	rm -f "$work/root/lib/modules/$release"/{build,source}
}

# A bzImage carries the kernel proper compressed (Documentation/arch/x86/boot).
# Unpacked here once, it needn't be in every guest: seconds under emulation.
# Where it can't be unpacked, guests boot the vmlinuz.
unpack_vmlinux()
{
	local image=$1 setup offset length tool
	setup=$(od -An -tu1 -j 497 -N 1 "$image")
	read -r offset length <<<"$(od -An -tu4 -j 584 -N 8 "$image")"
	offset=$(((setup + 1) * 512 + offset))
	for tool in "xz --single-stream" zstd lz4 gzip; do
		[ -n "$(command -v "${tool%% *}")" ] || continue
		# Its last four bytes are its size, which the tools complain of.
		# shellcheck disable=SC2086 # a program and its option
		head -c "$((offset + length - 4))" "$image" |
			tail -c "$((length - 4))" |
			$tool -dc >"$2" 2>/dev/null && return
	done
	rm -f "$2"
}

lay_out()
{
	ln -s "root/boot/vmlinuz-$release" "$work/vmlinuz"
	ln -s "root/boot/System.map-$release" "$work/System.map"
	ln -s "root/lib/modules/$release" "$work/modules"
	ln -s "root/usr/src/linux-headers-$release" "$work/build"
	echo "$release" >"$work/release"
	unpack_vmlinux "$work/vmlinuz" "$work/vmlinux"
}

build()
{
	need_programs apt-get dpkg-deb /sbin/depmod xz
	work=$(mktemp -d "$cache_dir/.kernel-$version.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"
	download_or_update
	unpack
	relocate_headers
	lay_out
	rm -rf "$directory"
	mv -T "$work" "$directory"
	say "Linux $release is in $directory"
}

update=
if [ "${1:-}" = --update ]; then
	update=yes
	shift
fi
[ $# = 1 ] || usage
version=$1
case $version in 6.1 | 6.12) ;; *) usage ;; esac
directory=$cache_dir/kernel-$version

if [ -n "$update" ] || ! [ -e "$directory/release" ]; then
	mkdir -p "$cache_dir"
	exec 9>"$cache_dir/kernel-$version.lock"
	flock 9
	# Another run may have built it while this one waited.
	if [ -n "$update" ] || ! [ -e "$directory/release" ]; then
		build
	fi
fi
echo "$directory"
