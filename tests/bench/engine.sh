#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# engine.sh REPETITIONS: the engine alone, in userspace: every row of
# build/bench/engine, and again, as lines "figure ROW WORD..." on stdout. The
# last line of a row tells its instructions, if there is a valgrind.
set -euo pipefail
program=build/bench/engine
dump=$(mktemp)
trap 'rm -f "$dump"' EXIT

mapfile -t rows < <("$program" --rows)

# Rows with many clients have the same instructions but take long to set up
# under an emulator.
is_small() { case $1 in *_1m | *_10m | *_cold) return 1 ;; esac; }

instructions() # instructions ROW: a packet
{
	local line collected
	line=$(valgrind -q --tool=callgrind --collect-atstart=no --toggle-collect=judge \
		--callgrind-out-file="$dump" "$program" "$1" 100 2>/dev/null) || return 0
	collected=$(sed -n 's/^\(summary\|totals\): //p' "$dump" | head -n 1)
	echo "figure $line instructions=$((collected / ${line##*judged=}))"
}

for ((repetition = 1; repetition <= $1; repetition++)); do
	for row in "${rows[@]}"; do
		line=$("$program" "$row")
		echo "figure $line"
	done
done
[ -n "$(command -v valgrind)" ] || exit 0
for row in "${rows[@]}"; do
	# Under valgrind only the instructions mean anything.
	! is_small "$row" || instructions "$row" | sed -E 's/ (ns|p50|p99|cycles|judged)=[^ ]*//g'
done
