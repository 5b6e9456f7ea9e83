#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# goodput_run.sh: `make bench-goodput`, from the project's root with everything
# built: the guest, then the report. PS_BENCH_STRICT: a promise not kept is a failure.
#
# Invariant: build/goodput.json, docs/goodput.md and docs/goodput.svg are of this run
# and whole when this ends with 0, or as they were.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() { echo "bench-goodput: $*" >&2; exit 1; }

out=build/goodput-out
# shellcheck source=tests/bench/first.sh
. tests/bench/first.sh

rm -rf "$out"
mkdir -p "$out"
echo "bench-goodput: a guest; four protections and nine floods take four minutes or more"
"${first[@]}" tests/uml/uml.sh --time-limit 1500 --name goodput --out "$out" \
	--env PS_MODULE=build/module-uml-fast/kernel/packetshield.ko \
	--env PS_BENCH_MODULE=build/bench-uml-fast/tests/bench/module/psbench.ko \
	tests/bench/goodput.sh || die "the guest failed; see above"
tests/bench/goodput_report.py "$out/facts" build/goodput.json docs/goodput.md docs/goodput.svg
