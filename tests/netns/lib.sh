# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Library of the namespace tests. They run as root inside a guest kernel that
# has packetshield.ko loaded; nothing here touches the machine outside.
#
#   client    attacker  neighbour        each with eth0 (and VLANs 100, 200 on
#     |           |         |            eth0.100, eth0.200)
#   --+-----------+----+----+--  switch  a bridge that passes tags through
#                      |
#                   shield               its eth0 is what instances protect
#
#   host        eth0                  eth0.100 / eth0.200            MAC
#   shield      10.0.0.1 2001:db8::1  10.1.0.1 2001:db8:1::1 / 10.2… 02:00:00:00:00:01
#   client      …2                    …2                             …02
#   attacker    …3                    …3                             …03
#   neighbour   …4                    …4                             …04
#
# Invariant: after every scenario rx_total = delivered + drops + replies in each
# context, and the sum over an instance's contexts is at most its own rx_total.
# Output is KTAP; nothing waits without a predicate and a time-out.

set -u

PS=/sys/packetshield
PS_MODULE=${PS_MODULE:?the module to load}
PS_TIMEOUT=${PS_TIMEOUT:-30}
# Namespaces of this test only, so that tests may run side by side.
NS_PREFIX=ps$$
PS_TESTS=0
PS_FAILED=0

host() { # host NAME COMMAND...: run a command as that host
	local name=$1
	shift
	ip netns exec "$NS_PREFIX-$name" "$@"
}

on() { # on NAME 'SCRIPT': the same for a piece of shell
	host "$1" bash -c "$2"
}

result() { # result STATUS DESCRIPTION
	PS_TESTS=$((PS_TESTS + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $PS_TESTS - $2"
	else
		PS_FAILED=$((PS_FAILED + 1))
		echo "not ok $PS_TESTS - $2"
	fi
}

check() { # check DESCRIPTION COMMAND...: the command must succeed
	local description=$1 output
	shift
	if output=$("$@" 2>&1); then
		result 0 "$description"
	else
		result 1 "$description"
		printf '%s\n' "$output" | sed 's/^/# /'
	fi
}

check_fails() { # check_fails DESCRIPTION COMMAND...: it must fail
	local description=$1
	shift
	if "$@" >/dev/null 2>&1; then
		result 1 "$description"
	else
		result 0 "$description"
	fi
}

check_equal() { # check_equal DESCRIPTION EXPECTED ACTUAL
	if [ "$2" = "$3" ]; then
		result 0 "$1"
	else
		result 1 "$1"
		printf 'expected: %s\n  actual: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

wait_for() { # wait_for COMMAND...: until it succeeds; fails after PS_TIMEOUT s
	local deadline=$((SECONDS + PS_TIMEOUT))
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		read -rt 0.05 <> <(:) || :
	done
}

skip_all() { # skip_all REASON: nothing of this file can run here
	echo "ok 1 - $(basename "$0") # SKIP $1"
	echo 1..1
	exit 0
}

# The errno that writing TEXT to FILE on the host NAME gives: OK, ENOENT, ...
# One write() with exactly these bytes (printf escapes are interpreted).
write_errno() { # write_errno NAME FILE TEXT
	host "$1" /usr/bin/python3 -c '
import errno, os, sys
data = sys.argv[2].encode().decode("unicode_escape").encode("latin-1")
try:
    fd = os.open(sys.argv[1], os.O_WRONLY)
    n = os.write(fd, data)
    print("OK" if n == len(data) else "SHORT")
except OSError as e:
    print(errno.errorcode[e.errno])' "$2" "$3"
}

counter() { # counter CONTEXT-DIRECTORY LINE: a number out of its stats
	host shield sed -n "s/^$2 *: //p" "$1/stats"
}

drops() { # drops CONTEXT-DIRECTORY REASON: packets dropped for that reason
	host shield awk -v r="$2" '$1 == r { print $2 }' "$1/drops"
}

# rx_total = delivered + drops + replies, for every context of every instance.
# The empty ACKs among the drops were on their way out. The files of a context
# aren't read in one instant: a packet in between is no violation, which would
# be there again.
check_invariants() { # check_invariants SCENARIO
	check "$1: rx_total = delivered + drops + replies in every context" on shield '
		cd '"$PS"' || exit 1
		sums_are_right() {
			for i in $(cat instances); do
				sum=0
				for c in "$i"/*/; do
					eval "$(sed -n "s/^\([a-z_0-9]*\) *: \([0-9]*\)$/\1=\2/p" "$c/stats")"
					dropped=$(awk "\$1 != \"empty_ack\" { n += \$2 } END { print n + 0 }" "$c/drops")
					if [ "$rx_total" != $((delivered + dropped + syncookie + quicretry)) ]; then
						echo "$c: rx_total $rx_total != delivered $delivered + dropped $dropped"
						return 1
					fi
					sum=$((sum + rx_total))
				done
				total=$(sed -n "s/^rx_total *: //p" "$i/stats")
				[ "$sum" -le "$total" ] || { echo "$i: contexts $sum > instance $total"; return 1; }
			done
		}
		for try in 1 2 3 4 5; do
			found=$(sums_are_right) && exit
		done
		echo "$found"
		exit 1'
}

add_host() { # add_host NAME NUMBER
	local ns=$NS_PREFIX-$1 n=$2 vlan
	ip netns add "$ns"
	ip -n "$NS_PREFIX-switch" link add "$1" type veth peer name eth0 netns "$ns"
	ip -n "$NS_PREFIX-switch" link set "$1" master br0 up
	ip -n "$ns" link set lo up
	ip -n "$ns" link set eth0 address "02:00:00:00:00:0$n" up
	on "$1" 'echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad'
	ip -n "$ns" addr add "10.0.0.$n/24" dev eth0
	ip -n "$ns" addr add "2001:db8::$n/64" dev eth0 nodad
	for vlan in 1 2; do
		ip -n "$ns" link add link eth0 name "eth0.${vlan}00" type vlan id "${vlan}00"
		ip -n "$ns" link set "eth0.${vlan}00" up
		ip -n "$ns" addr add "10.$vlan.0.$n/24" dev "eth0.${vlan}00"
		ip -n "$ns" addr add "2001:db8:$vlan::$n/64" dev "eth0.${vlan}00" nodad
	done
}

setup() { # the topology above; removed when the test ends
	trap teardown EXIT
	ip netns add "$NS_PREFIX-switch"
	ip -n "$NS_PREFIX-switch" link add br0 type bridge mcast_snooping 0 forward_delay 0
	ip -n "$NS_PREFIX-switch" link set br0 up
	add_host shield 1
	add_host client 2
	add_host attacker 3
	add_host neighbour 4
	wait_for host client ping -c1 -W1 10.0.0.1
	wait_for host client ping -c1 -W1 2001:db8::1
}

teardown() {
	local name
	for name in shield client attacker neighbour switch; do
		ip netns pids "$NS_PREFIX-$name" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$NS_PREFIX-$name" 2>/dev/null
	done
}

# Registering the first ingress hook, and unregistering the last, patches the
# receive path's code. QEMU's emulation of several processors may keep a stale
# translation of code that is patched while another processor runs it (the
# breakpoint that was there for a moment is hit for ever). A hook on the guest's
# lo makes ours never the first or last one, where there is emulation.
keep_hooks() {
	[ "${PS_GUEST:-}" = tcg ] || return 0
	nft 'add table netdev keep; add chain netdev keep hooks {
		type filter hook ingress device lo priority 0; }'
}

load_module() {
	keep_hooks
	modprobe -q x_tables # where it is a module, ours needs it
	[ -d "$PS" ] || insmod "$PS_MODULE" && return
	result 1 "insmod $PS_MODULE"
	finish
}

new_instance() { # new_instance NAME: created on the shield and attached to eth0
	on shield "echo +$1 > $PS/instances && echo +eth0 > $PS/$1/ifaces"
}

results() { # results COMMAND...: of a program on the shield that uses shield.py
	local verdict text last=
	while read -r verdict text; do
		last=$verdict
		case $verdict in
		ok) result 0 "$text" ;;
		not) result 1 "${text#ok }" ;;
		end) ;;
		*) echo "$verdict $text" ;;
		esac
	done < <(host shield env NS_PREFIX="$NS_PREFIX" "$@" 2>&1)
	[ "$last" = end ] || result 1 "$* ran to its end"
}

no_tentative() { # no host has an address whose uniqueness is in doubt
	local name
	for name in shield client attacker neighbour; do
		[ -z "$(ip -n "$NS_PREFIX-$name" -6 addr show tentative)" ] || return 1
	done
}

# Duplicate address detection reports multicast groups from the address "::",
# which the shield counts as invalid: let it end before counting exactly.
settle() {
	wait_for no_tentative
}

finish() { # the plan line, and the status of the whole file
	echo "1..$PS_TESTS"
	[ "$PS_FAILED" -eq 0 ]
	exit
}
