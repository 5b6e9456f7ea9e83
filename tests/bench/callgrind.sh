# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Instructions of ps_judge() by callgrind: the same number for the same program,
# whatever else the machine does.

ENGINE=build/bench/engine

# Rows with many clients have the same instructions but take long to set up
# under an emulator.
engine_rows() { "$ENGINE" --rows | grep -vE '_(1m|10m|cold)$'; }

engine_instructions() # engine_instructions ROW: a packet
{
	local line collected dump
	dump=$(mktemp)
	line=$(valgrind -q --tool=callgrind --collect-atstart=no --toggle-collect=judge \
		--callgrind-out-file="$dump" "$ENGINE" "$1" 100 2>/dev/null) || line=
	collected=$(sed -n 's/^\(summary\|totals\): //p' "$dump" | head -n 1)
	rm -f "$dump"
	[ -n "$line" ] && echo $((collected / ${line##*judged=}))
}
