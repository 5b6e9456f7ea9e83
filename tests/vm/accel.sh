#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# accel.sh KERNEL_DIRECTORY: prints kvm if a guest really starts under KVM
# here, else tcg. That /dev/kvm opens proves little: in some virtual machines
# guests hang under it, so one is booted, once per boot of the host.
# PS_GUEST=tcg or kvm in the environment decides without asking.
#
# Invariant: says kvm only after a guest under KVM has reached its init.
set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# = 1 ] || die "usage: accel.sh KERNEL_DIRECTORY"
kernel=$1
probe_seconds=10

guest_reaches_init()
{
	local log found=1
	log=$(mktemp)
	timeout --foreground --kill-after 2 "$probe_seconds" \
		qemu-system-x86_64 -nodefaults -no-user-config -display none \
		-no-reboot -machine pc,accel=kvm -cpu host -smp 2 -m 512 \
		-kernel "$kernel/vmlinuz" \
		-initrd "$("$vm_dir/initramfs.sh" "$kernel")" \
		-append "console=ttyS0 panic=-1" -serial "file:$log" \
		</dev/null >/dev/null 2>&1 || true
	if grep -qa "packetshield: guest is up" "$log"; then
		found=0
	fi
	rm -f "$log"
	return "$found"
}

probe()
{
	local verdict=tcg
	if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
		say "trying KVM, for at most $probe_seconds seconds"
		if guest_reaches_init; then
			verdict=kvm
		fi
	fi
	echo "$verdict"
}

case ${PS_GUEST:-} in
kvm | tcg) echo "$PS_GUEST"; exit ;;
esac
boot=$(</proc/sys/kernel/random/boot_id)
mkdir -p "$cache_dir"
exec 9>"$cache_dir/accel.lock"
flock 9
read -r known verdict 2>/dev/null <"$cache_dir/accel" || known=
if [ "$known" != "$boot" ]; then
	verdict=$(probe)
	echo "$boot $verdict" >"$cache_dir/accel"
fi
echo "$verdict"
