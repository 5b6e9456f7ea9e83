#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Process 1 of the guest, started by init in the host's tree: finishes the
# mounts, runs the task that vm.sh wrote, and reports its status.
#
# Invariant: "started" goes to the status port before the task begins, and
# "status N", exactly once, after everything the task printed has gone to the
# output port; whatever else ends this guest leaves no status, which the host
# takes for a failure.
#
# shellcheck disable=SC2154 # the task_* come from the task
set -u
here=/run/packetshield
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

finish_mounts()
{
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

# The device of a named virtio-serial port.
port()
{
	local name
	for name in /sys/class/virtio-ports/*/name; do
		if [ "$(<"$name")" = "$1" ]; then
			name=${name%/name}
			echo "/dev/${name##*/}"
			return
		fi
	done
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

# The output passes through a pipe, since a port can be opened only once but
# scripts like to open /dev/stderr again.
run_task()
{
	local copier status
	mkfifo "$here/output"
	cat <"$here/output" >"$(port packetshield.output)" &
	copier=$!
	env -i "${task_env[@]}" "${task_command[@]}" \
		<"$task_input" >"$here/output" 2>&1
	status=$?
	kill_strays "$copier"
	wait "$copier"
	return "$status"
}

# The terminal forgets its size when nobody has it open.
run_terminal()
{
	stty rows "$task_rows" columns "$task_columns"
	env -i "${task_env[@]}" setsid --ctty --wait "${task_command[@]}"
} </dev/hvc0 >/dev/hvc0 2>&1

finish_mounts
ip link set lo up
# shellcheck source=/dev/null # written by vm.sh for this run
. "$here/task"
echo guest >/proc/sys/kernel/hostname
cd "$task_directory" || exit
echo started >"$(port packetshield.status)"
if [ -n "$task_terminal" ]; then
	run_terminal
else
	run_task
fi
echo "status $?" >"$(port packetshield.status)"
exec "$here/busybox" poweroff -f
