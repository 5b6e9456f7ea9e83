#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vm.sh [OPTION...] [--shell | SCRIPT [ARG...]]: runs SCRIPT (a path below the
# project's root) in a QEMU guest with a Debian kernel and exits with its
# status. The guest's root is the host's, copied on write: all that is
# installed is there, nothing the guest does stays. Options: see usage below.
#
# Invariant: exits 0 only if the guest said that the script ended with 0 and
# its kernel's log shows no fault. A hang, a panic or a silent end fails; and
# QEMU never outlives this process.
#
# shellcheck disable=SC2317 # functions that only a trap or fail() calls
set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage()
{
	cat >&2 <<-'END'
	usage: vm.sh [OPTION...] SCRIPT [ARG...]
	       vm.sh [OPTION...] --shell [SCRIPT [ARG...]]
	  --kernel 6.1|6.12      which kernel (6.1)
	  --time-limit SECONDS   end the guest after that long (300; --shell: none)
	  --memory MIB           the guest's memory (2048)
	  --cpus NUMBER          the guest's processors (2)
	  --out DIRECTORY        the guest's /out, writable
	  --env NAME=VALUE       an environment variable for the script
	  --name NAME            names the log: build/vm/NAME-<process>.log
	  --shell                a root shell; with stdin not a terminal, its
	                         commands come from there; SCRIPT prepares for
	                         it and ends in exec "$@"
	END
	exit 2
}

kernel_version=6.1 time_limit='' memory=2048 cpus=2 out='' shell='' name=''
environment=() script=()

read_arguments()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--shell) shell=yes; shift; continue ;;
		--kernel | --time-limit | --memory | --cpus | --out | --env | --name)
			[ $# -ge 2 ] || usage ;;
		-*) usage ;;
		*) break ;;
		esac
		case $1 in
		--kernel) kernel_version=$2 ;;
		--time-limit) time_limit=$2 ;;
		--memory) memory=$2 ;;
		--cpus) cpus=$2 ;;
		--out) out=$2 ;;
		--env) environment+=("$2") ;;
		--name) name=$2 ;;
		esac
		shift 2
	done
	script=("$@")
	check_arguments
}

check_arguments()
{
	local variable
	case $time_limit$memory$cpus in *[!0-9]*) usage ;; esac
	for variable in "${environment[@]}"; do
		[[ $variable == [A-Za-z_]*=* ]] || usage
	done
	[ ${#script[@]} -gt 0 ] || [ -n "$shell" ] || usage
	[ ${#script[@]} -eq 0 ] || [ -x "$project_root/${script[0]}" ] ||
		die "no executable ${script[0]} in the project"
	if [ -n "$shell" ]; then
		name=${name:-shell}
		return
	fi
	name=${name:-$(basename "${script[0]}" .sh)-$kernel_version}
	time_limit=${time_limit:-300}
}

# What init and guest.sh are to do, in words of their shells. They travel in
# the initramfs: no quoting for a kernel command line, no file to agree on.
write_job()
{
	local job=$work/job task_env terminal='' input=/dev/null command rows=0 columns=0
	mkdir "$job"
	task_env=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
		"TERM=dumb" "PS_KERNEL=$(<"$kernel/release")" "PS_GUEST=$accel")
	[ -z "$out" ] || task_env+=(PS_OUT=/out)
	command=("./${script[0]:-}" "${script[@]:1}")
	if [ -n "$shell" ] && [ -t 0 ]; then
		terminal=yes
		command=(/bin/bash -i)
		task_env+=("TERM=${TERM:-dumb}")
		read -r rows columns < <(stty size)
	elif [ -n "$shell" ]; then
		cat >"$job/input"
		input=/run/packetshield/input
		command=(/bin/bash)
	fi
	if [ -n "$shell" ] && [ ${#script[@]} -gt 0 ]; then
		command=("./${script[0]}" "${script[@]:1}" "${command[@]}")
	fi
	printf '%s=%q\n' job_root "$project_root" job_out "$out" \
		job_release "$(<"$kernel/release")" \
		job_modules "$(realpath "$kernel/modules")" >"$job/place"
	{
		printf '%s=%q\n' task_directory "$project_root" \
			task_input "$input" task_terminal "$terminal" \
			task_rows "$rows" task_columns "$columns"
		printf 'task_env=(%s)\n' "$(printf '%q ' "${task_env[@]}" "${environment[@]}")"
		printf 'task_command=(%s)\n' "$(printf '%q ' "${command[@]}")"
	} >"$job/task"
}

# The kernel unpacks initramfs archives one after another.
write_initrd()
{
	write_job
	cp "$("$vm_dir/initramfs.sh" "$kernel")" "$work/initrd"
	(cd "$work" && find job -print0 | cpio --quiet -0 -o -H newc -R 0:0) \
		>>"$work/initrd"
	: >"$work/output"
	: >"$work/status"
}

# Emulation is slow enough to look like a stall, and two guests may share a
# processor: the kernel's watchdogs get more patience, none is turned off.
kernel_command_line()
{
	echo "console=ttyS0 ignore_loglevel printk.time=1 printk.devkmsg=on" \
		"panic=-1 oops=panic mitigations=off no_timer_check" \
		"rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60" \
		"workqueue.watchdog_thresh=120"
}

qemu_arguments()
{
	local image=$kernel/vmlinux processor=max
	[ -e "$image" ] || image=$kernel/vmlinuz
	machine=(-machine pc -accel "tcg,thread=multi")
	if [ "$accel" = kvm ]; then
		machine=(-machine pc -accel kvm)
		processor=host
	fi
	qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none
		-no-reboot "${machine[@]}" -cpu "$processor" -smp "$cpus" -m "$memory"
		-kernel "$image" -initrd "$work/initrd"
		-append "$(kernel_command_line)"
		-fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
		-device "virtio-9p-pci,fsdev=root,mount_tag=root"
		-chardev "file,id=log,path=${log//,/,,}" -serial chardev:log
		-device virtio-rng-pci -device virtio-serial-pci
		-chardev "file,id=output,path=$work/output"
		-device "virtserialport,chardev=output,name=packetshield.output"
		-chardev "file,id=status,path=$work/status"
		-device "virtserialport,chardev=status,name=packetshield.status")
	if [ -n "$out" ]; then
		qemu+=(-fsdev "local,id=out,path=${out//,/,,},security_model=none,multidevs=remap"
			-device "virtio-9p-pci,fsdev=out,mount_tag=out")
	fi
	if [ -n "$shell" ] && [ -t 0 ]; then
		qemu+=(-chardev "stdio,id=terminal,signal=off"
			-device "virtconsole,chardev=terminal")
	fi
}

end_guest()
{
	local status=$?
	trap - EXIT INT TERM HUP
	[ -z "$guest" ] || kill "$guest" 2>/dev/null || true
	[ -z "$guest" ] || wait "$guest" 2>/dev/null || true
	[ -z "$terminal_state" ] || stty "$terminal_state"
	rm -rf "$work"
	exit "$status"
}

# Runs QEMU until it ends or its time is up, and copies the output as it
# comes. The copy goes through a file, so that a reader that stops can't stop
# the guest. Each process dies with the one that waits for it.
run_guest()
{
	local follower
	setpriv --pdeathsig KILL \
		timeout --foreground --kill-after 5 "${time_limit:-0}" \
		setpriv --pdeathsig KILL "${qemu[@]}" \
		<&3 >&4 2>"$work/errors" &
	guest=$!
	tail --pid "$guest" -s 0.1 -q -c +1 -f "$work/output" &
	follower=$!
	guest_status=0
	wait "$guest" || guest_status=$?
	guest=
	wait "$follower" || true
}

fail()
{
	say "$1"
	shift
	if [ $# -gt 0 ]; then
		"$@" >&2
		say "kernel log: $log"
	fi
	exit 1
}

log_tail() { tail -n 40 "$log" | tr -d '\r'; }

# The verdict: the log first, since a fault explains what follows from it.
judge()
{
	local status faults
	status=$(sed -n 's/^status //p' "$work/status")
	if [ -s "$work/errors" ]; then
		sed 's/^/vm.sh: /' "$work/errors" >&2
	fi
	if faults=$(log_faults "$log"); then
		fail "the kernel's log shows a fault:" echo "$faults"
	fi
	case $guest_status in
	0) ;;
	124 | 137) fail "the guest didn't end within $time_limit seconds; the log's end:" log_tail ;;
	*) fail "QEMU ended with $guest_status; the log's end:" log_tail ;;
	esac
	[ -n "$status" ] ||
		fail "the guest ended without a word; the log's end:" log_tail
	[ "$status" = 0 ] || say "${script[0]:-the shell} ended with $status; kernel log: $log"
	exit "$status"
}

read_arguments "$@"
need_programs qemu-system-x86_64 cpio setpriv
if [ -n "$out" ]; then
	mkdir -p "$out"
	out=$(realpath "$out")
fi
mkdir -p "$project_root/build/vm"
log=$project_root/build/vm/$name-$$.log
guest='' terminal_state=''
work=$(mktemp -d)
trap end_guest EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ -t 0 ] && [ -n "$shell" ]; then
	terminal_state=$(stty -g)
	exec 3<&0 4>&1
else
	exec 3</dev/null 4>/dev/null
fi
kernel=$("$vm_dir/kernel.sh" "$kernel_version")
accel=$("$vm_dir/accel.sh" "$kernel")
write_initrd
qemu_arguments
run_guest
# Emulated processors now and then trip over the kernel's patching of its own
# code while it starts. That says nothing of the task, which hasn't begun.
if [ "$accel" = tcg ] && ! grep -qx started "$work/status"; then
	say "the kernel didn't get as far as the task (log: $log.boot); once more"
	mv "$log" "$log.boot"
	: >"$work/output"
	run_guest
fi
judge
