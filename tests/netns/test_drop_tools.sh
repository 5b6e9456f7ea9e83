#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What docs/captures.md says of trace-cmd, perf, bpftrace and dropwatch: the kernel's
# own tracepoint of freed packets, and its drop monitor, show drops as netfilter's,
# ours says the reason. User-mode Linux hasn't what most of them need; Debian's
# kernels have all of it.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/capture_lib.sh
. tests/netns/capture_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)

# shows NAME PATTERN...: the program's output has a line of each
shows() {
	local pattern name=$1 failed=$PS_FAILED
	for pattern in "${@:2}"; do
		check "$name: $pattern" grep -qE "$pattern" "$work/output"
	done
	[ "$failed" = "$PS_FAILED" ] || tail -n 20 "$work/output" | sed 's/^/# /'
}

# printed PATTERN: until the output has it; these programs begin slowly where guests are emulated
printed() { PS_TIMEOUT=240 wait_for grep -q "$1" "$work/output"; }

lacks() { # lacks NAME WHAT COMMAND...: it can't run where the command fails
	! "${@:3}" >/dev/null 2>&1 || return 1
	case ${PS_GUEST:-} in
	uml*) result 0 "$1 # SKIP $2 isn't in User-mode Linux" ;;
	*) result 1 "$1: this kernel has no $2" ;;
	esac
}

has_perf() { [ -e /proc/sys/kernel/perf_event_paranoid ]; }

trace_cmd() {
	lacks trace-cmd tracefs test -d /sys/kernel/tracing/events/packetshield && return
	(cd "$work" && trace-cmd record -e packetshield:judge -f 'verdict == 2' \
		-e skb:kfree_skb sleep 5 && trace-cmd report) >"$work/output" 2>&1
	shows trace-cmd 'judge: .*reason=closed_tcp_port' 'judge: .*reason=tcp_checksum' \
		'kfree_skb: .*(NETFILTER_DROP|reason: 0?x?7$)'
}

perf_script() {
	lacks "perf script" CONFIG_PERF_EVENTS has_perf && return
	(cd "$work" && perf record -a -e packetshield:judge --filter 'verdict == 2' \
		-e skb:kfree_skb -- sleep 5 && perf script) >"$work/output" 2>&1
	shows "perf script" 'packetshield:judge: .*reason=closed_tcp_port' \
		'packetshield:judge: .*reason=tcp_checksum' 'skb:kfree_skb: .*NETFILTER_DROP'
}

# Until it has shown both; how long it takes to begin depends on the machine.
perf_trace() {
	local tracer
	lacks "perf trace" CONFIG_PERF_EVENTS has_perf && return
	perf trace -a -e packetshield:judge --filter 'verdict == 2' >"$work/output" 2>&1 &
	tracer=$!
	printed closed_tcp_port && printed tcp_checksum
	kill -INT $tracer
	wait $tracer
	shows "perf trace" 'packetshield:judge.*closed_tcp_port' 'packetshield:judge.*tcp_checksum'
}

bpf() {
	lacks bpftrace CONFIG_DEBUG_INFO_BTF test -e /sys/kernel/btf/vmlinux && return
	bpftrace -e 'tracepoint:packetshield:judge /args->verdict == 2/ {
			@[str(args->instance), str(args->context), str(args->reason)] = count();
		} interval:s:5 { exit(); }' >"$work/output" 2>&1
	shows bpftrace '@\[shield, Other, closed_tcp_port\]: [0-9]' '@\[shield, Other, tcp_checksum\]: [0-9]'
}

# It takes commands, and tells of drops until it is interrupted.
drop_monitor() {
	local watcher commands
	lacks dropwatch CONFIG_NET_DROP_MONITOR modprobe drop_monitor && return
	mkfifo "$work/commands"
	stdbuf -oL dropwatch -l kas <"$work/commands" >"$work/output" 2>&1 &
	watcher=$!
	exec {commands}>"$work/commands"
	printf 'set alertmode packet\nstart\n' >&$commands
	printed 'drop at: nf_hook_slow'
	kill -INT $watcher
	echo exit >&$commands
	exec {commands}>&-
	ended() { ! kill -0 "$watcher"; }
	wait_for ended || kill -KILL "$watcher"
	shows dropwatch 'drop at: nf_hook_slow' 'drop reason: NETFILTER_DROP'
}

load_module
setup_capture
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
host shield env NS_PREFIX="$NS_PREFIX" "$PYTHON" tests/netns/drop_stream.py &
stream=$!
trap 'kill $stream; teardown; rm -rf "$work"' EXIT
dropping() { [ "$(drops "$PS/shield/Other" tcp_checksum)" -gt 0 ]; }
wait_for dropping
trace_cmd
perf_script
perf_trace
bpf
drop_monitor
finish
