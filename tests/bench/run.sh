#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: the measurements, as `make bench` calls it from the project's root with
# everything built: the rows in a User-mode Linux guest, the engine alone in
# userspace, memory and scaling in QEMU; then the report. PS_BENCH_REPETITIONS (5),
# PS_BENCH_STRICT (a missed target is a failure).
#
# Invariant: build/bench.json, docs/bench.md and docs/bench.svg are of this run
# and whole when this ends with 0, or as they were.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() { echo "bench: $*" >&2; exit 1; }

REPETITIONS=${PS_BENCH_REPETITIONS:-5}
out=build/bench-out
guest_module=build/module-uml-fast/kernel/packetshield.ko
guest_generator=build/bench-uml-fast/tests/bench/module/psbench.ko

# shellcheck source=tests/bench/first.sh
. tests/bench/first.sh

rm -rf "$out"
mkdir -p "$out"
echo "bench: a guest; setting it up and $REPETITIONS repetitions take some minutes"
"${first[@]}" tests/uml/uml.sh --memory 4096 --time-limit 1800 --name bench --out "$out" \
	--env "PS_MODULE=$guest_module" --env "PS_BENCH_MODULE=$guest_generator" \
	--env "PS_BENCH_REPETITIONS=$REPETITIONS" tests/bench/bench.sh || die "the guest failed; see above"
echo "bench: the engine alone"
"${first[@]}" tests/bench/engine.sh "$REPETITIONS" >"$out/engine" || die "the engine can't be measured"
echo "bench: memory and two processors, in QEMU"
tests/vm/vm.sh --kernel 6.1 --time-limit 600 --name bench-scaling --out "$out" \
	--env "PS_MODULE=build/module-6.1/kernel/packetshield.ko" \
	--env "PS_BENCH_MODULE=build/bench-6.1/tests/bench/module/psbench.ko" \
	tests/bench/scaling.sh || die "the guest failed; see above"
{
	cat "$out/facts" "$out/engine" "$out/scaling"
	echo "machine $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)"
} >"$out/all"
tests/bench/report.py "$out/all" build/bench.json docs/bench.md docs/bench.svg
