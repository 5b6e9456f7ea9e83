#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh: what `make bench` runs in the guest: sets all stands up, then
# measures every row once, and again, REPETITIONS times, so that whatever the
# machine does besides meets all rows alike.
#
# Invariant: it only writes down what it saw, as lines "figure ROW WORD..." in
# /out/facts; report.py on the host judges. "complete" is the last line.
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=tests/bench/stands.sh
. tests/bench/stands.sh
# shellcheck source=tests/bench/rows.sh
. tests/bench/rows.sh
# shellcheck source=tests/bench/prove.sh
. tests/bench/prove.sh

REPETITIONS=${PS_BENCH_REPETITIONS:-5}
FACTS=${PS_OUT:?a directory for the figures}/facts

fact() { echo "$*" >>"$FACTS"; }

# The stands of all rows, each once, in their order.
stands() { printf '%s\n' "${rows[@]}" | awk '!seen[$2]++ { print $2 }'; }

set_up()
{
	local stand start
	build/bench/population 1000 >"$work/networks_1k"
	build/bench/population 500000 >"$work/networks_500k"
	build/bench/population 1000000 >"$work/networks_1m"
	for stand in $(stands); do
		start=$SECONDS
		"stand_$stand"
		[ $((SECONDS - start)) -lt 5 ] || echo "  $stand: set up in $((SECONDS - start)) s"
	done
}

measure_all() # measure_all REPETITION
{
	local row answer
	for row in "${rows[@]}"; do
		answer=$(measure "$row") || exit 1
		fact "figure ${row%% *} $answer"
	done
}

rm -f "$FACTS"
insmod "${PS_BENCH_MODULE:?the path of psbench.ko}" || die "psbench.ko doesn't load"
modprobe -q x_tables || : # where it is a module, ours needs it
insmod "${PS_MODULE:?the path of packetshield.ko}" || die "packetshield.ko doesn't load"
if [ $# -gt 0 ]; then
	mapfile -t rows < <(printf '%s\n' "${rows[@]}" | grep -E "^($(IFS='|' && echo "$*")) ")
fi
set_up
[ $# -gt 0 ] || prove_generator
fact "kernel $(uname -r)"
for ((repetition = 1; repetition <= REPETITIONS; repetition++)); do
	measure_all "$repetition"
	echo "  repetition $repetition of $REPETITIONS: ${#rows[@]} rows ($SECONDS s)"
done
fact complete
