# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "${first[@]}" COMMAND...: before other programs. What waits for them shows their
# load and not its own: where there is a second processor, root has one of them for
# what is measured alone.

# shellcheck disable=SC2034 # for the scripts that source this file
first=()
if [ "$(id -u)" = 0 ]; then
	first=(nice -n -10)
	if [ "$(nproc)" -gt 1 ] && chrt --rr 1 true 2>/dev/null; then
		first=(taskset -c "$(taskset -cp $$ | sed 's/.*[-, ]//')" chrt --rr 1)
	fi
fi
