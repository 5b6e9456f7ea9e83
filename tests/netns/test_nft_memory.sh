#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# load-geoip and nft under valgrind: what they do, and what they refuse.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
TOOL=$PWD/build/packetshield
work=$(mktemp -d)

# clean CODE ARGUMENT...: it ends so, and valgrind, which would end with 99, has found nothing
clean() {
	local code=$1 got
	shift
	host shield valgrind -q --leak-check=full --error-exitcode=99 "$TOOL" "$@" \
		>"$work/said" 2>&1
	got=$?
	check_equal "$*" "$code" "$got"
	[ "$got" = "$code" ] || sed 's/^/# /' "$work/said"
}

load_module
setup_alone
trap 'teardown; rm -rf "$work"' EXIT
on shield "echo +shield >$PS/instances && cd $PS/shield && echo +eth0 >ifaces &&
	echo +80-90 >Other/x_tcp_ports && echo +2001:db8::1@7 >contexts &&
	echo +443 >2001:db8::1@7/x_tcp_ports"
host shield nft 'table inet t {
	set s { type ipv4_addr; flags interval; elements = { 1.0.0.0/8, 3.3.3.3 }; };
	set p { type ipv4_addr . inet_service; };
}'
results "$PYTHON" tests/netns/geoip_tool_cases.py write "$work"
clean 0 load-geoip shield "$work/size28.mmdb"
clean 0 load-geoip --json shield "$work/ipv4.mmdb"
for name in loop outside rubbish cut_tree asn; do
	clean 1 load-geoip shield "$work/$name.mmdb"
done
clean 0 nft follow inet t s shield Other --once
clean 1 nft follow inet t p shield Other --once
clean 1 nft follow inet t s shield 10.0.0.1 --once
clean 0 nft synproxy shield
clean 0 nft synproxy shield 2001:db8::1@7 --print
clean 1 nft synproxy shield 10.0.0.1
clean 0 nft synproxy shield --remove
clean 0 nft target shield
clean 0 nft target shield --remove
clean 1 nft target nobody
clean 2 nft folow inet t s shield Other
finish
