#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest.sh WHAT [MODULE_DIRECTORY]: what a guest of selftest.sh does, mostly
# something that uml.sh has to notice.
#
# Invariant: only WHAT decides; nothing here depends on the order of runs.
set -eu
case $1 in
succeed) echo "to stdout"; echo "to stderr" >&2; echo "reopened" >/dev/stderr ;;
exit-3) exit 3 ;;
hang) echo "before the hang"; sleep infinity ;;
spin) while :; do :; done ;;
power-off) perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc)' ;;
warn) echo "<4>WARNING: of the self-test" >/dev/kmsg ;;
leave-daemon) sleep infinity & echo "not waiting" ;;
out) echo "from the guest" >"$PS_OUT/file"; cat "$PS_OUT/given" ;;
write-host) echo changed >"$2/mark"; [ "$(<"$2/mark")" = changed ]; rm -r "$2" ;;
environment) echo "$PS_GUEST $PS_KERNEL $HOME $NAME_OF_TEST $PWD $*" ;;
meet) # waits for the other guest, by way of /out
	: >"$PS_OUT/$2"
	for ((i = 0; i < 600; i++)); do
		if [ -e "$PS_OUT/$3" ]; then exit 0; fi
		sleep 0.1
	done
	exit 1
	;;
load) insmod "$2/misbehave.ko" && rmmod misbehave ;;
bug) insmod "$2/misbehave.ko" bug="$3" && rmmod misbehave ;;
*) exit 2 ;;
esac
