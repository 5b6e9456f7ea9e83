#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# engine.sh REPETITIONS: the engine alone, in userspace: every row of
# build/bench/engine, and again, as lines "figure ROW WORD..." on stdout. The
# last line of a row tells its instructions, if there is a valgrind.
set -euo pipefail
# shellcheck source=tests/bench/callgrind.sh
. tests/bench/callgrind.sh

mapfile -t rows < <("$ENGINE" --rows)

for ((repetition = 1; repetition <= $1; repetition++)); do
	for row in "${rows[@]}"; do
		line=$("$ENGINE" "$row")
		echo "figure $line"
	done
done
[ -n "$(command -v valgrind)" ] || exit 0
for row in $(engine_rows); do
	echo "figure $row instructions=$(engine_instructions "$row")"
done
