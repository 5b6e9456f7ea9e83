#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests vm.sh itself: that good comes out as good and that everything that
# can go wrong in a guest comes out as bad. On the host: no argument, KTAP on
# stdout. In its guests, which vm.sh starts: selftest.sh guest CASE.
#
# Invariant: every case decides by what vm.sh printed and its status; none
# looks inside.
set -u
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# --- in the guest ---

# until_true SECONDS COMMAND...: polls a condition, false when time is up.
until_true()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

guest_report()
{
	echo "to stdout: $PS_GREETING, $*"
	echo "to stderr" >/dev/stderr
	[ "$(uname -r)" = "$PS_KERNEL" ] && [ "$(nproc)" = 2 ] &&
		[ "$HOME" = /root ] && [ "$PWD" = "$project_root" ] &&
		! [ -e "$project_root/build/vm/selftest-stray" ] &&
		touch "$project_root/build/vm/selftest-stray" &&
		uname -r >"$PS_OUT/release" && echo "all as promised"
}

guest_network()
{
	set -e
	ip netns add one
	modprobe veth
	ip link add veth0 type veth peer veth1 netns one
	ip addr add 10.0.0.1/24 dev veth0
	ip -n one addr add 10.0.0.2/24 dev veth1
	ip link set veth0 up
	ip -n one link set veth1 up
	ip netns exec one ping -q -c 1 -w 10 10.0.0.1 | grep '1 received'
	ping -q -c 1 127.0.0.1 | grep '1 received'
}

# Two guests that each wait for the other's mark can only end if both run.
guest_meet()
{
	touch "$PS_OUT/$1"
	until_true 60 test -e "$PS_OUT/$2"
}

# With so much behind it that who shows the log's part doesn't read it all.
guest_warning()
{
	local line
	echo "WARNING: test" >/dev/kmsg
	for ((line = 0; line < 3000; line++)); do
		echo "a line of some length that comes after the warning: $line" >/dev/kmsg
	done
}

guest_case()
{
	case $1 in
	report) shift && guest_report "$@" ;;
	network) guest_network ;;
	meet) guest_meet "$2" "$3" ;;
	three) exit 3 ;;
	daemon) sleep 1000 & echo "left one behind" ;;
	hang) echo "hanging"; exec sleep 1000 ;;
	panic) echo c >/proc/sysrq-trigger ;;
	warning) guest_warning ;;
	reboot) echo b >/proc/sysrq-trigger ;;
	esac
}

# --- on the host ---

# start NAME ARG...: vm.sh in the background, its output in files by name.
start()
{
	local case=$1
	shift
	"$vm_dir/vm.sh" --name "selftest-$case" "$@" \
		>"$work/$case.out" 2>"$work/$case.err" </dev/null &
	running[$case]=$!
}

finish()
{
	wait "${running[$1]}"
	result[$1]=$?
}

self=tests/vm/selftest.sh
count=0 failed=0
declare -A running result

# check WHAT CASE CONDITION...: one KTAP line; on failure what CASE said.
check()
{
	local what=$1 case=$2
	shift 2
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $what"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $what"
	tail -n 20 "$work/$case.out" "$work/$case.err" | sed 's/^/# /'
}

status_is() { [ "${result[$1]}" = "$2" ]; }
failed_saying() { [ "${result[$1]}" != 0 ] && grep -q "$2" "$work/$1.err"; }
output_is() { [ "$(<"$work/$1.out")" = "$2" ]; }

test_success()
{
	local expected
	expected=$'to stdout: hello you, a b *\nto stderr\nall as promised'
	start report --out "$work/shared" --env "PS_GREETING=hello you" \
		$self guest report "a b" "*"
	start network --kernel 6.12 $self guest network
	finish report
	finish network
	check "a script's success is a success" report status_is report 0
	check "its output comes clean and whole" report output_is report "$expected"
	check "--out reaches the host" report grep -q '^6\.1\.' "$work/shared/release"
	check "nothing else does" report \
		test ! -e "$project_root/build/vm/selftest-stray"
	check "Linux 6.12 and its modules" network status_is network 0
}

test_failures()
{
	start three $self guest three
	start panic $self guest panic
	finish three
	finish panic
	start warning $self guest warning
	start reboot $self guest reboot
	finish warning
	finish reboot
	check "a script's status is passed on" three status_is three 3
	check "a panic fails" panic failed_saying panic "Kernel panic"
	check "a warning in the log fails" warning failed_saying warning "WARNING: test"
	check "a silent end fails" reboot failed_saying reboot "without a word"
}

test_side_by_side()
{
	start one --out "$work/shared" $self guest meet one two
	start two --out "$work/shared" $self guest meet two one
	finish one
	finish two
	check "two guests run side by side" one status_is one 0
	check "both of them" two status_is two 0
}

# Started first and looked at last: it has to have time to reach the script.
start_hang() { start hang --time-limit 45 $self guest hang; }

test_hang()
{
	finish hang
	check "a hang ends at the time limit" hang failed_saying hang "within 45 seconds"
	check "what a hung script said is shown" hang output_is hang hanging
}

test_ends()
{
	start daemon $self guest daemon
	printf 'uname -s\nexit 4\n' | "$vm_dir/vm.sh" --shell --name selftest-shell \
		>"$work/shell.out" 2>"$work/shell.err"
	result[shell]=$?
	finish daemon
	check "a daemon left behind doesn't hold it up" daemon \
		output_is daemon "left one behind"
	check "--shell takes commands from a pipe" shell output_is shell Linux
	check "and passes their status on" shell status_is shell 4
}

gone() { ! [ -e "/proc/$1" ]; }

qemu_of()
{
	qemu=$(pgrep -P "$(pgrep -P "$1" timeout)" qemu)
} 2>/dev/null

# Even kill -9, which vm.sh can't catch, leaves no guest behind.
test_no_orphan()
{
	local signal
	for signal in INT KILL; do
		# A background job ignores SIGINT unless it is told otherwise.
		env --default-signal=INT "$vm_dir/vm.sh" --name "selftest-$signal" \
			$self guest hang >"$work/$signal.out" 2>"$work/$signal.err" &
		qemu=
		until_true 30 qemu_of $!
		kill -"$signal" $!
		wait $! 2>/dev/null
		check "QEMU ends with vm.sh killed by SIG$signal" "$signal" \
			until_true 10 gone "${qemu:-self}"
	done
}

run_tests()
{
	echo "KTAP version 1"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir "$work/shared"
	"$vm_dir/kernel.sh" 6.1 >/dev/null || die "no kernel"
	"$vm_dir/kernel.sh" 6.12 >/dev/null || die "no kernel"
	start_hang
	test_success
	test_failures
	test_side_by_side
	test_ends
	test_no_orphan
	test_hang
	echo "1..$count"
	[ "$failed" = 0 ]
}

if [ "${1:-}" = guest ]; then
	shift
	guest_case "$@"
else
	run_tests
fi
