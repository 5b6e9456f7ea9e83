#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# instructions.sh [--write]: whether a packet still takes no more instructions
# than tests/bench/instructions says, and 5 % for what compilers do; a line of
# TAP for each row. --write makes what is measured the new measure: the commit
# that does so says why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/bench/callgrind.sh
. tests/bench/callgrind.sh
measure=tests/bench/instructions

if [ "${1:-}" = --write ]; then
	for row in $(engine_rows); do
		echo "$row $(engine_instructions "$row")"
	done >"$measure.new"
	mv "$measure.new" "$measure"
	exit
fi

known=' '
while read -r row most; do
	known+="$row "
	now=$(engine_instructions "$row") || now=
	verdict=ok
	[ -n "$now" ] && [ "$now" -le $((most + most / 20)) ] || verdict='not ok'
	echo "$verdict - $row: ${now:-no} instructions a packet, $most before"
done <"$measure"
for row in $(engine_rows); do
	[[ $known == *" $row "* ]] || echo "not ok - $row: not in $measure"
done
