#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QUIC by rules in PREROUTING and OUTPUT, with no interface attached: a real
# client gets a Retry and then its file, over IPv4, IPv6 and VLANs, where the
# Retry leaves as the Initial came, and through tunnels without Ethernet headers,
# where it is routed. The server takes HAProxy's tokens (haproxy_tokens.c).
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)
SECRET=PacketShieldTestSecret-2026
LINKS='10.0.0.1 2001:db8::1 10.1.0.1 2001:db8:1::1'
TUNNELS='10.21.0.1 10.22.0.1 2001:db8:22::1'

fetch() { # fetch ADDRESS
	rm -rf "$work/got"
	mkdir "$work/got"
	host client timeout "$PS_TIMEOUT" gtlsclient -q --no-quic-dump --no-http-dump \
		--exit-on-all-streams-close "--download=$work/got" "$1" 443 https://shield/file \
		>"$work/client" 2>&1
	cmp "$work/www/file" "$work/got/file"
}

by_retry() { # by_retry NAME ADDRESS: the file, behind a Retry
	local before
	before=$(counter "$other" quicretry)/$(counter "$other" newconns)
	check "$1: the client gets the file from $2" fetch "$2"
	check "$1: ... by a Retry" test "$(counter "$other" quicretry)" -gt "${before%/*}"
	check_equal "$1: ... on one session" $((${before#*/} + 1)) "$(counter "$other" newconns)"
}

serve() {
	mkdir "$work/www"
	head -c 20000 /dev/urandom >"$work/www/file"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=shield -keyout "$work/key" -out "$work/cert" 2>/dev/null
	host shield env LD_PRELOAD="$PWD/build/haproxy_tokens.so" PS_CLUSTER_SECRET="$SECRET" \
		gtlsserver -q -d "$work/www" '*' 443 "$work/key" "$work/cert" >"$work/server" 2>&1 &
	disown
	wait_for on shield 'ss -lun | grep -q :443'
}

command -v gtlsclient gtlsserver >/dev/null || skip_all "needs ngtcp2-client and ngtcp2-server"
load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
use_target "$work/xtables"
check "the server listens" serve
for flavour in legacy nft; do
	on shield "echo +shield >$PS/instances && echo +1 >$other/w_protocols &&
		echo +58 >$other/w_protocols && echo +443 >$other/p_udp_ports &&
		echo $SECRET >$other/cluster_secret && echo +Other >$other/new_cookie_toggled &&
		echo +Other >$other/unmatch_drop_toggled"
	rules + "$flavour" PREROUTING OUTPUT
	for address in $LINKS; do
		by_retry "$flavour" "$address"
	done
	if [ "$flavour" = nft ]; then
		ipip_tunnel
		gre_tunnel
		for address in $TUNNELS; do
			by_retry "$flavour, routed" "$address"
		done
	fi
	check_invariants "$flavour: QUIC by rules"
	rules - "$flavour" PREROUTING OUTPUT
	on shield "echo -shield >$PS/instances"
done
finish
