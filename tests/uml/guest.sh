#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Process 1 of the guest, started by init in the host's tree: finishes the
# mounts, runs the task that uml.sh wrote, looks for leaks and reports.
#
# Invariant: "status N" is written after everything the task printed and after
# the leak report, and exactly once; whatever else ends this guest leaves no
# status, which the host takes for a failure.
# shellcheck disable=SC2154 # task_* are in the task file
set -u
here=/run/packetshield
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
leaks=/sys/kernel/debug/kmemleak

finish_mounts()
{
	umount -l /mnt
	mkdir -p /dev/pts /dev/shm /run/lock
	mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t bpf bpf /sys/fs/bpf
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	ln -sf /proc/self/fd /dev/fd
	ln -sf fd/0 /dev/stdin
	ln -sf fd/1 /dev/stdout
	ln -sf fd/2 /dev/stderr
}

# A task's daemons keep its output open: end whatever has a program and isn't
# this shell or $1.
kill_strays()
{
	local process pid
	for process in /proc/[0-9]*; do
		pid=${process#/proc/}
		[ "$pid" != $$ ] && [ "$pid" != "$1" ] &&
			[ -e "$process/exe" ] && kill -KILL "$pid"
	done 2>/dev/null
}

# The output passes through a pipe, since a script that opens /dev/stderr
# again would otherwise empty the file.
run_task()
{
	local copier status
	mkfifo /run/output
	cat </run/output >"$here/output" &
	copier=$!
	env -i "${task_env[@]}" "${task_command[@]}" \
		<"$task_input" >/run/output 2>&1
	status=$?
	kill_strays "$copier"
	wait "$copier"
	return "$status"
}

run_terminal()
{
	stty rows "$task_rows" columns "$task_columns" </dev/tty0
	env -i "${task_env[@]}" setsid --ctty --wait "${task_command[@]}" \
		</dev/tty0 >/dev/tty0 2>&1
}

# Only what has lived for 5 seconds counts as leaked for kmemleak.
let_objects_age()
{
	local start=$SECONDS
	while [ $((SECONDS - start)) -le 5 ]; do sleep 0.5; done
}

# The first scan takes the objects' checksums, the second finds those that
# didn't change and that nothing points to. What it says of leaks goes to the
# report, not to the log, where the kernel's own leaks would fail the run.
# Only modules from outside the kernel's tree (taint bit 12) are of interest.
report_leaks()
{
	[ -w "$leaks" ] || return 0
	(($(</proc/sys/kernel/tainted) & 1 << 12)) || return 0
	let_objects_age
	dmesg --console-level 6
	echo scan >"$leaks" && echo scan >"$leaks" && cat "$leaks" >"$here/leaks"
}

# There is no sysrq and need not be a poweroff here, but perl is essential in
# Debian: reboot(2) with LINUX_REBOOT_CMD_POWER_OFF.
power_off()
{
	exec perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc)'
}

finish_mounts
ip link set lo up
# shellcheck source=/dev/null # written by uml.sh for this run
. "$here/task"
echo "$task_hostname" >/proc/sys/kernel/hostname
cd "$task_directory" || exit
if [ -n "$task_terminal" ]; then
	run_terminal
else
	run_task
fi
status=$?
report_leaks || status="$status leaks-unknown"
echo "status $status" >"$here/status"
power_off
