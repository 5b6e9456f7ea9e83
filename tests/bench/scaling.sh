#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# scaling.sh: what `make bench` runs in a guest with Debian's kernel and two
# processors: what a session, a source range and a context take of the kernel's
# memory, and what two processors do against one, each with a generator of its
# own. Writes lines "memory WHAT FIGURE UNIT LIMIT" and "scaling ROW PROCESSORS
# PACKETS" (a second) to /out/scaling.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=tests/bench/stands.sh
. tests/bench/stands.sh

FACTS=${PS_OUT:?a directory for the figures}/scaling
SESSIONS=4194304
RANGES=100000
CONTEXTS=4096
CONTEXT_KIB=12	# SPEC 10
PACKETS=60000
REPETITIONS=3

fact() { echo "$*" >>"$FACTS"; }

# KiB that the kernel has allocated for itself. Not what is free: pages on their
# way back are counted as neither for a while.
kernel_memory() { awk '/^(Slab|Percpu|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo; }

# taken WHAT NUMBER UNIT LIMIT 'SCRIPT': memory that the script has the kernel
# take for NUMBER things, in UNIT each.
taken()
{
	local before after bytes=1
	before=$(kernel_memory)
	within memory "cd $PS/i; $5" || die "$1: the shield refuses"
	after=$(kernel_memory)
	[ "$3" = KiB ] || bytes=1024
	fact "memory $1 $(awk -v a="$after" -v b="$before" -v n="$2" -v f=$bytes \
		'BEGIN { printf "%.1f", (a - b) * f / n }') $3 $4"
}

measure_memory()
{
	shield_stand memory 'echo 1024 >session_table_size'
	# TCP's table, and a quarter of it for UDP.
	taken a_session $SESSIONS bytes - "echo $SESSIONS >session_table_size"
	build/bench/population $RANGES >"$work/networks"
	taken a_source_range $RANGES bytes - "$(replace Other/b_sources "$work/networks")"
	contexts $CONTEXTS >"$work/contexts"
	taken a_context $CONTEXTS KiB $CONTEXT_KIB "$(replace contexts "$work/contexts")"
}

# flood PROCESSOR STAND WORD...: a generator on one processor; packets a second.
flood()
{
	local processor=$1 answer
	shift
	answer=$(taskset -c "$processor" bash -c '
		. tests/bench/stands.sh
		order "$@"' flood "$@") || return
	answer=${answer##* ns=}
	awk -v ns="${answer%% *}" 'BEGIN { printf "%d\n", 1e9 / ns }'
}

# Enough packets for two that run beside each other to overlap.
measure_scaling() # measure_scaling ROW STAND WORD...: once with one, once with two
{
	local row=$1
	shift
	set -- "$1" eth0 packets=$PACKETS warm=6400 "${@:2}"
	flood 0 "$@" >>"$work/$row-1"
	flood 0 "$@" >"$work/first" &
	flood 1 "$@" seed=2 >"$work/second"
	wait $! || die "$row: a generator failed"
	echo $(($(<"$work/first") + $(<"$work/second"))) >>"$work/$row-2"
}

median() { sort -n "$1" | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }

compare_processors()
{
	local repetition row processors
	for ((repetition = 0; repetition < REPETITIONS; repetition++)); do
		measure_scaling hook_drop hook_drop flags=0x02 sources=1000
		measure_scaling deny_1k deny_1k flags=0x02 sources=1000
		measure_scaling syn_cookie shield flags=0x02 sources=1000
	done
	for row in hook_drop deny_1k syn_cookie; do
		for processors in 1 2; do
			fact "scaling $row $processors $(median "$work/$row-$processors")"
		done
	done
}

rm -f "$FACTS"
insmod "${PS_BENCH_MODULE:?the path of psbench.ko}" || die "psbench.ko doesn't load"
modprobe -q x_tables || : # where it is a module, ours needs it
insmod "${PS_MODULE:?the path of packetshield.ko}" || die "packetshield.ko doesn't load"
measure_memory
build/bench/population 1000 >"$work/networks_1k"
stand_hook_drop
stand_deny_1k
stand_shield
compare_processors
cat "$FACTS"
