#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SYN cookies on p_tcp_ports carry real load: 50 MB each way with 1 % loss, ECN
# in use (cookie_transfer.py), and 10,000 connections of wrk without an error.
# Slow guests get less of both.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh
work=$(mktemp -d)
case ${PS_GUEST:-} in uml | kvm) wanted=10000 ;; *) wanted=1000 ;; esac

# Until there are enough; wrk says nothing of errors that didn't happen.
crowd() { # crowd NAME ADDRESS CONNECTIONS
	local total=0 requests opened errors=''
	opened=$(counter "$other" newconns)
	until [ "$total" -ge "$3" ]; do
		host client wrk -t1 -c32 -d2s --timeout "${PS_TIMEOUT}s" -H 'Connection: close' \
			"http://$2/" >"$work/wrk"
		requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$work/wrk")
		errors+=$(grep -E 'Socket errors|Non-2xx' "$work/wrk")
		[ "${requests:-0}" -gt 0 ] || break
		total=$((total + requests))
	done
	opened=$(($(counter "$other" newconns) - opened))
	check "$1: $total connections of wrk" test "$total" -ge "$3"
	check_equal "$1: no error among them" '' "$errors"
	# Ports that come again pass on their sessions: the more, the faster the guest.
	check "$1: $opened of them by cookies" test "$opened" -ge $((total / 2))
}

setup_cookies
modprobe -q sch_netem
results tests/netns/cookie_transfer.py
check_invariants "transfers"
trap 'teardown; rm -rf "$work"' EXIT
echo page >"$work/index.html"
session_nginx shield 80 "$work"
crowd IPv4 10.0.0.1 $((wanted * 8 / 10))
crowd IPv6-VLAN '[2001:db8:1::1]' $((wanted * 2 / 10))
check_invariants "wrk"
finish
