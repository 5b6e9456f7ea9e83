#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh [--update] fast|debug: a User-mode Linux kernel, built from
# Debian's linux-source package with linux.patch and the *.config fragments
# beside this file, into the cache. Prints its directory, which holds
#   linux    the kernel, a program         build   for make ARCH=um -C .../build M=...
#   release  what uname -r says            log     of the build
# Once there it is used as it is, without a look at the network, until a
# fragment or the patch changes or --update asks for Debian's newest.
#
# Invariant: the directory appears whole or not at all (built aside under a
# lock, then renamed), so that two runs at once are safe.
set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
uml_dir=$project_root/tests/uml
package=linux-source-6.1
# Part of the directory's name: a change to how this script builds needs a new
# number, for what lies in the cache is then out of date.
recipe=1

usage() { die "usage: kernel.sh [--update] fast|debug"; }

# Programs are no proof of libelf's headers, which modpost needs.
need_build_programs()
{
	need_programs apt-get dpkg-deb xz make gcc flex bison bc patch flock
}

fragments() { sed '/^#/d; /^$/d' "$uml_dir/base.config" "$uml_dir/$flavour.config"; }

digest() { sha256sum | cut -c 1-12; }

newest_version()
{
	apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p'
}

# What an earlier run left for these fragments, of whatever Debian version.
newest_built()
{
	local found
	found=$(compgen -G "$cache_dir/uml-$flavour-*-$hash" | sort -V | tail -n 1)
	[ -n "$found" ] && echo "$found"
}

unpack_source()
{
	local place=$1
	say "downloading $package $version"
	(cd "$place" &&
		apt-get -qq -o APT::Sandbox::User=root download "$package=$version" >&2) ||
		die "can't download $package $version: run apt-get update as root, then try again"
	say "unpacking it"
	dpkg-deb -x "$place"/*.deb "$place/deb"
	tar -xJf "$place/deb/usr/src/$package.tar.xz" -C "$place"
	patch -s -p 1 -d "$place/$package" <"$uml_dir/linux.patch" >&2
	mv -T "$place/$package" "$source"
}

# Both flavours share it, and either may be the first to want it.
need_source()
{
	(
		flock 8
		[ ! -d "$source" ] || exit 0
		place=$(mktemp -d "$cache_dir/.uml-source.XXXXXX")
		trap 'rm -rf "$place"' EXIT
		unpack_source "$place"
	) 8>"$cache_dir/uml-source.lock"
}

run_make()
{
	nice -n 5 make -s -j "$(nproc)" -C "$source" ARCH=um O="$work/build" "$@" >>"$work/log" 2>&1 ||
		failed "make $*"
}

failed()
{
	local log=$cache_dir/uml-$flavour.failed.log
	cp "$work/log" "$log"
	tail -n 20 "$log" >&2
	die "$1 failed; its log is $log"
}

# A line of a fragment that Kconfig dropped is a kernel that lacks what tests
# rely on.
check_config()
{
	local line lost=
	while read -r line; do
		case $line in
		*=n) ! grep -q "^${line%=n}=" "$work/build/.config" || lost+=" $line" ;;
		*) grep -qxF "$line" "$work/build/.config" || lost+=" $line" ;;
		esac
	done < <(fragments)
	[ -z "$lost" ] || die "this kernel can't have:$lost"
}

configure()
{
	mkdir "$work/build"
	fragments >"$work/fragments"
	run_make KCONFIG_ALLCONFIG="$work/fragments" allnoconfig
	check_config
}

# Building modules takes scripts, headers and symbols, not the objects.
lay_out()
{
	local build=$work/build
	mv "$build/linux" "$work/linux"
	make -s -C "$build" ARCH=um kernelrelease >"$work/release"
	rm -f "$build/vmlinux" "$build/vmlinux.o"
	find "$build" -path "$build/scripts" -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -type f -exec rm {} +
}

build()
{
	need_build_programs
	source=$cache_dir/$package-$version-$patch_hash
	need_source
	work=$(mktemp -d "$cache_dir/.uml-$flavour.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	chmod 755 "$work"
	say "configuring the $flavour kernel"
	configure
	say "building it: minutes"
	run_make linux modules
	lay_out
	mv -T "$work" "$directory"
	say "took $SECONDS s; it is in $directory"
}

update=
if [ "${1:-}" = --update ]; then
	update=yes
	shift
fi
[ $# = 1 ] || usage
flavour=$1
case $flavour in fast | debug) ;; *) usage ;; esac
patch_hash=$(digest <"$uml_dir/linux.patch")
hash=$({ echo "$recipe $patch_hash"; fragments; } | digest)

if [ -n "$update" ] || ! directory=$(newest_built); then
	version=$(newest_version)
	[ -n "$version" ] || die "no package $package known: run apt-get update as root, then try again"
	directory=$cache_dir/uml-$flavour-$version-$hash
	mkdir -p "$cache_dir"
	exec 9>"$cache_dir/uml-$flavour.lock"
	flock 9
	# Another run may have built it while this one waited.
	[ -d "$directory" ] || build
fi
echo "$directory"
