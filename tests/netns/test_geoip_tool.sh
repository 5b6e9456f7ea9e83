#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield load-geoip: databases in MaxMind's format, written by the test;
# what the module then has, and how it judges, is what libmaxminddb says.
# Broken and wrong files change nothing.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
TOOL=$PWD/build/packetshield
instance=$PS/shield
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cases() { results "$PYTHON" tests/netns/geoip_tool_cases.py "$@"; }
load() { host shield "$TOOL" load-geoip shield "$work/$1.mmdb"; }
both_lists() { on shield "cat $instance/geoip4; echo; cat $instance/geoip6"; }

check_good() { # check_good NAME FAMILY...
	check "$1: loaded" load "$1"
	cases lists "$work/$1.mmdb" "${@:2}"
}

# refused NAME TEXT: exit code 1, the text among the words, and nothing has changed.
refused() {
	local before words code
	before=$(both_lists)
	words=$(load "$1" 2>&1)
	code=$?
	check_equal "$1: refused" 1 "$code"
	check "... in words: $2" grep -qF -- "$2" <<<"$words"
	check "... and nothing has changed" [ "$before" = "$(both_lists)" ]
}

check_families() {
	load size28 >"$work/summary"
	check_equal "a summary" "IPv4: 103 networks, 17 ranges" "$(head -n 1 "$work/summary")"
	load wide >/dev/null
	check_equal "a record that covers IPv4 and more" "0.0.0.0 WW" \
		"$(host shield cat "$instance/geoip4")"
	check_equal "... and what is beside it" ":: WW 100:: - 2a00:: DE 2a10:: -" \
		"$(host shield cat "$instance/geoip6" | xargs)"
	check "IPv4 only" load ipv4
	check_equal "... leaves IPv6" ":: WW" "$(host shield head -n 1 "$instance/geoip6")"
	host shield cat "$instance/geoip4" >"$work/geoip4"
	check "IPv6 only" load ipv6
	check "... leaves IPv4" on shield "cmp $instance/geoip4 $work/geoip4"
	check_equal "... and --json says so" "false true 0" "$(host shield "$TOOL" load-geoip --json \
		shield "$work/ipv6.mmdb" | jq -r '"\(.ipv4.loaded) \(.ipv6.loaded) \(.ipv4.ranges)"')"
}

check_refusals() {
	load size28 >/dev/null
	refused cut_metadata "cut short"
	refused cut_half "cut short"
	refused cut_tree "cut short"
	refused loop "corrupt"
	refused outside "corrupt"
	refused rubbish "rubbish.mmdb: corrupt"
	refused asn 'none of its networks has a country; it is of the type "GeoLite2-ASN"'
	refused empty "none of its networks has a country"
	refused number "an iso_code that isn't text"
	refused long '"sixteen_letters_" can'\''t be the code of a country'
	refused codes "more than 1023 countries"
	refused text "no MaxMind database"
	refused nowhere "No such file"
	mkdir "$work/directory.mmdb"
	refused directory "directory.mmdb: "
	host shield "$TOOL" load-geoip nobody "$work/size28.mmdb" 2>"$work/words"
	check_equal "no such instance" "1 packetshield: load-geoip nobody: nobody/geoip4: not found" \
		"$? $(cut -d: -f1-4 "$work/words")"
	host shield "$TOOL" load-geoip shield >/dev/null 2>&1
	check_equal "too few arguments" 2 "$?"
}

shows_bar() {
	host shield script -qec "$TOOL load-geoip shield $work/big.mmdb" /dev/null </dev/null |
		grep -qa 'loading \[##* *\]'
}

# 500,000 networks, where the guest is fast within three seconds, of three times the best:
# what else the machine does comes and goes.
check_big() {
	local start took best=999999 n limit=3 networks=500000
	case ${PS_GUEST:-} in uml | kvm) ;; *) limit=20 networks=20000 ;; esac
	cases big "$work/big.mmdb"
	for n in 1 2 3; do
		start=$(date +%s%N)
		check "$networks networks, time $n" load big
		took=$((($(date +%s%N) - start) / 1000000))
		[ "$took" -ge "$best" ] || best=$took
	done
	echo "# figure geoip_tool_$networks $best ms"
	check "... within $limit s" [ "$best" -lt $((limit * 1000)) ]
	check "a bar on a terminal" shows_bar
	load big 2>"$work/words" >/dev/null
	check_equal "... and nowhere else" "" "$(cat "$work/words")"
	cases verdicts "$work/big.mmdb"
	cases packets "$work/big.mmdb"
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
new_instance shield
settle
cases write "$work"
for name in size24 size28 size32 city plain; do
	check_good "$name" 4 6
done
check_good ipv4 4
check_good ipv6 6
check_families
check_refusals
check_big
check_invariants "packets from everywhere"
finish
