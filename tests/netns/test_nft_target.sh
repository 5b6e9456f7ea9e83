#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield nft target: the target in a table of the family inet judges both
# families, holds its instance, is written once however often, and goes again.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck disable=SC2317 # functions by name
TOOL=$PWD/build/packetshield

tool() { host shield "$TOOL" nft target "$@"; }
reachable() { host attacker ping -q -c1 -W5 "$1"; }
unreachable() { ! host attacker ping -q -c1 -W0.5 "$1"; }
# nft has words for the target only where it finds the library of iptables.
ruleset() { host shield nft --debug=netlink list ruleset 2>/dev/null; }
counted() { counter "$PS/shield/Other" "$1"; }

check_target() {
	local before
	before=$(counted tx_total)
	check "written" tool shield
	check "IPv4 is judged" unreachable 10.0.0.1
	check "IPv6 is judged" unreachable 2001:db8::1
	check "... and counted" [ "$(drops "$PS/shield/Other" closed_protocol)" -ge 2 ]
	host shield ping -q -c1 -W0.5 10.0.0.3 >/dev/null 2>&1
	check "what goes out is seen" [ "$(counted tx_total)" -gt "$before" ]
	ruleset >"$PS_RULES"
	check_equal "nft lists both rules" 2 "$(grep -c 'target name PACKETSHIELD' "$PS_RULES")"
	check_equal "... at the priority raw" 2 "$(grep -c 'priority raw' "$PS_RULES")"
	check "written twice" tool shield
	check "... is written once" diff "$PS_RULES" <(ruleset)
	check_equal "the instance is in use" EBUSY "$(write_errno shield "$PS/instances" -shield)"
	check "removed" tool shield --remove
	check "... it judges no more" reachable 10.0.0.1
	check_equal "... nothing is left" "" "$(ruleset)"
	check "removed twice" tool shield --remove
	check_equal "the instance isn't in use" OK "$(write_errno shield "$PS/instances" -shield)"
}

check_refusals() {
	local words
	words=$(tool shield 2>&1)
	check_equal "no such instance: code 1" 1 "$?"
	check "... in words" grep -q 'no instance "shield"' <<<"$words"
	check_equal "... nothing is written" "" "$(ruleset)"
	tool .x >/dev/null 2>&1
	check_equal "no name of an instance: code 2" 2 "$?"
	tool >/dev/null 2>&1
	check_equal "too few arguments: code 2" 2 "$?"
}

load_module
setup_flood
PS_RULES=$(mktemp)
trap 'teardown; rm -f "$PS_RULES"' EXIT
wait_for reachable 2001:db8::1
on shield "echo +shield >$PS/instances"
check_target
check_refusals
finish
