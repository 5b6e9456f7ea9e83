#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# stream.sh PORT CLIENT'S-PORT FILE: looks at the connection every other second
# as long as FILE exists, and once at least before and after that. Prints
# "MICROSECONDS:BYTES-RECEIVED," each time, without bytes if it is gone.
set -u

look()
{
	local line bytes=
	read -r line < <(ss -HtinO state established "sport = :$1 and dport = :$2")
	[[ ! $line =~ " bytes_received:"([0-9]+) ]] || bytes=${BASH_REMATCH[1]}
	printf '%s:%s,' "${EPOCHREALTIME/./}" "$bytes"
}

# Nobody writes here: to read from it is to wait without a new process.
exec {silence}<> <(:)
look "$1" "$2"
for ((tick = 1; ; tick++)); do
	read -rt 0.2 -u "$silence" || :
	[ -e "$3" ] || break
	[ $((tick % 10)) -ne 0 ] || look "$1" "$2"
done
look "$1" "$2"
