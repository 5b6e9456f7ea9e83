#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# selftest.sh [fast|debug]: tests uml.sh itself, above all that it fails when
# it has to. Prints KTAP; takes two minutes for fast, four for debug.
#
# Invariant: each case names the status it wants and what must be said, so
# that a run which fails for another reason doesn't pass for the right one.
# shellcheck disable=SC2317 # functions called by name
set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
uml=$project_root/tests/uml/uml.sh
task=tests/uml/selftest/guest.sh
flavours=${1:-fast debug}
count=0 failed=0

result()
{
	local status=$1 name=$2 what=$3
	count=$((count + 1))
	if [ "$status" = 0 ]; then
		echo "ok $count $name"
	else
		failed=$((failed + 1))
		echo "not ok $count $name"
		echo "${what//$'\n'/$'\n'# }" | sed '1s/^/# /'
	fi
}

# expect NAME STATUS PATTERN ARGUMENT...: one run of uml.sh.
expect()
{
	local name="$flavour: $1" status=$2 pattern=$3 said got
	shift 3
	said=$("$uml" --name "uml-selftest-$flavour" --flavour "$flavour" "$@" 2>&1)
	got=$?
	[ "$got" = "$status" ] && grep -qE -- "$pattern" <<<"$said"
	result $? "$name" "status $got, wanted $status and /$pattern/:"$'\n'"$said"
}

# The module is built aside: nothing is written into the tree but build/.
build_module()
{
	module=$project_root/build/uml-selftest/$flavour
	mkdir -p "$module"
	cp "$project_root"/tests/uml/selftest/{Kbuild,misbehave.c} "$module"
	make -s -C "$kernel/build" ARCH=um M="$module" modules >"$module/log" 2>&1
	result $? "$flavour: a module builds" "$(<"$module/log")"
}

two_at_once()
{
	local first second
	"$uml" --name uml-selftest-first --flavour "$flavour" --out "$work" "$task" meet a b &
	first=$!
	"$uml" --name uml-selftest-second --flavour "$flavour" --out "$work" "$task" meet b a &
	second=$!
	wait "$first" && wait "$second"
	result $? "$flavour: two at once" ""
	wait
}

# Processes of a guest are those that run its kernel.
guests() { pgrep -f "^$kernel/linux .*uml_dir=$work/" | wc -l; }

interrupted()
{
	local runner
	rm -f "$work/said"
	TMPDIR=$work "$uml" --name uml-selftest-int --flavour "$flavour" "$task" hang >"$work/said" 2>&1 &
	runner=$!
	wait_until grep -qs "before the hang" "$work/said"
	[ "$(guests)" != 0 ] || { result 1 "$flavour: interrupted" "no guest seen"; return; }
	kill -TERM "$runner"
	wait "$runner"
	echo "status $?, $(guests) processes, $(compgen -G "$work/packetshield-uml.*")" >>"$work/said"
	grep -qx "status 143, 0 processes, " "$work/said"
	result $? "$flavour: ended by a signal it leaves nothing" "$(<"$work/said")"
}

killed()
{
	local runner
	rm -f "$work/said"
	TMPDIR=$work "$uml" --name uml-selftest-kill --flavour "$flavour" "$task" hang >"$work/said" 2>&1 &
	runner=$!
	wait_until grep -qs "before the hang" "$work/said"
	kill -KILL "$runner"
	wait "$runner" 2>/dev/null
	wait_until no_guests
	result $? "$flavour: killed, it leaves no process" "$(guests) processes"
	rm -rf "$work"/packetshield-uml.*
}

# The kernel's own process dies: its helpers must follow.
guest_killed()
{
	local runner
	rm -f "$work/said"
	TMPDIR=$work "$uml" --name uml-selftest-dead --flavour "$flavour" "$task" hang >"$work/said" 2>&1 &
	runner=$!
	wait_until grep -qs "before the hang" "$work/said"
	kill -KILL "$(cat "$work"/packetshield-uml.*/guest/pid)"
	wait "$runner"
	[ $? = 1 ] && no_guests && grep -q "guest ended with 137" "$work/said"
	result $? "$flavour: a killed guest is noticed and leaves no process" "$(<"$work/said")"
}

no_guests() { [ "$(guests)" = 0 ]; }

wait_until()
{
	local end=$((SECONDS + 60))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# Files that the guest makes reach the host in --out and nowhere else.
files()
{
	echo "from the host" >"$work/given"
	expect "--out is read" 0 "from the host" --out "$work" "$task" out
	grep -qx "from the guest" "$work/file"
	result $? "$flavour: --out is written" ""
	mkdir -p "$module/host"
	echo original >"$module/host/mark"
	expect "writes succeed" 0 "" "$task" write-host "$module/host"
	grep -qx original "$module/host/mark"
	result $? "$flavour: writes stay in the guest" ""
}

endings()
{
	expect "success" 0 "^to stdout" "$task" succeed
	expect "stderr reopened" 0 "^reopened" "$task" succeed
	expect "exit 3" 3 "ended with 3" "$task" exit-3
	expect "hang" 1 "didn't end within 10 seconds" --time-limit 10 "$task" hang
	expect "endless loop" 1 "didn't end within 10 seconds" --time-limit 10 "$task" spin
	caught panic "Kernel panic - not syncing: misbehave"
	expect "silent end" 1 "ended without a word" "$task" power-off
	expect "WARNING in the log" 1 "WARNING: of the self-test" "$task" warn
	expect "a daemon left behind" 0 "^not waiting" "$task" leave-daemon
	expect "environment" 0 "^uml 6\.1\.[0-9]+ /root yes $project_root environment a  b$" \
		--env NAME_OF_TEST=yes "$task" environment "a  b"
	expect "no such script" 1 "no executable" tests/uml/none.sh
}

modules()
{
	build_module
	expect "a module loads" 0 "" "$task" load "$module"
	expect "features" 0 "" --time-limit 600 tests/uml/selftest/features.sh "$module"
}

caught()
{
	expect "$1" 1 "$2" "$task" bug "$module" "$1"
}

bugs()
{
	caught use-after-free "KASAN: use-after-free in use_after_free"
	caught out-of-bounds "KASAN: slab-out-of-bounds in out_of_bounds"
	caught shift "UBSAN: shift-out-of-bounds"
	caught leak "a module leaked 1 objects"
	caught sleep-in-rcu "Illegal context switch in RCU read-side critical section"
	caught sleep-under-lock "scheduling while atomic|sleeping function called"
	caught lock-order "possible circular locking"
	caught rcu-dereference "suspicious RCU usage"
	caught rcu-twice "ODEBUG"
}

echo "KTAP version 1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for flavour in $flavours; do
	kernel=$("$project_root/tests/uml/kernel.sh" "$flavour") || exit
	modules
	endings
	files
	two_at_once
	interrupted
	guest_killed
	killed
	[ "$flavour" != debug ] || bugs
done
echo "1..$count"
exit $((failed > 0))
