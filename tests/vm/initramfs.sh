#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# initramfs.sh KERNEL_DIRECTORY: builds the guests' initramfs (busybox, init
# and the modules that lead to the root) for a kernel of kernel.sh, prints its
# path in the cache.
#
# Invariant: its name carries a digest of all it is made from, so one that is
# there is right, and building is a rename.
set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# = 1 ] || die "usage: initramfs.sh KERNEL_DIRECTORY"
kernel=$1
release=$(<"$kernel/release")
busybox=$(command -v busybox) || busybox=/bin/busybox
modules=(virtio_pci virtio_console 9pnet_virtio 9p overlay virtio_rng)
applets=(sh mount mkdir insmod cp switch_root poweroff)
need_programs "$busybox" cpio xz /sbin/modprobe sha256sum

# Every module file needed, in the order to load them.
module_files()
{
	local module
	for module in "${modules[@]}"; do
		/sbin/modprobe -d "$kernel/root" -S "$release" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# Numbered, so that init's /modules/*.ko comes in that order.
copy_modules()
{
	local file number=100
	while read -r file; do
		number=$((number + 1))
		case $file in
		*.xz) xz -dc "$file" >"$work/modules/$number.ko" ;;
		*) cp "$file" "$work/modules/$number.ko" ;;
		esac
	done < <(module_files)
}

build()
{
	local applet
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir "$work"/{bin,dev,job,lower,modules,proc,root,sys,upper,view}
	cp "$busybox" "$work/bin/busybox"
	for applet in "${applets[@]}"; do
		ln -s busybox "$work/bin/$applet"
	done
	copy_modules
	install -m 755 "$vm_dir/init" "$work/init"
	(cd "$work" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0) \
		>"$image.$$"
	mv "$image.$$" "$image"
}

digest=$(cat "$busybox" "$vm_dir/init" "$vm_dir/initramfs.sh" "$kernel/release" |
	sha256sum | cut -c 1-16)
image=$cache_dir/initramfs-$release-$digest
[ -e "$image" ] || build
echo "$image"
