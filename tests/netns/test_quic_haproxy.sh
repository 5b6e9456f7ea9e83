#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# HAProxy itself behind the shield: a client that got one of our Retries
# completes its handshake with it (quic_haproxy.py). Debian's HAProxy knows no
# QUIC; PS_HAPROXY is one that does (2.9 or later, built with USE_QUIC=1
# USE_QUIC_OPENSSL_COMPAT=1), and without it there is nothing to test.
. tests/netns/lib.sh
. tests/netns/session_lib.sh
haproxy=${PS_HAPROXY:-haproxy}
work=$(mktemp -d)

# Above a library of TLS that knows no QUIC it wants to be told that this will do.
! "$haproxy" -vv 2>/dev/null | grep -q '+QUIC_OPENSSL_COMPAT' || limited="limited-quic"

# start_haproxy NAME BIND...: HAProxy with these listeners
start_haproxy() {
	local bind
	{
		cat <<-END
			global
			    cluster-secret PacketShieldTestSecret-2026
			    ${limited:-}
			defaults
			    mode http
			    timeout client 30s
			frontend https
			    http-request return status 200 content-type text/plain file $work/small
		END
		for bind in "${@:2}"; do
			echo "    bind $bind ssl crt $work/site.pem alpn h3"
		done
	} >"$work/$1.cfg"
	host shield "$haproxy" -D -p "$work/pid" -f "$work/$1.cfg" >"$work/$1.log" 2>&1
	wait_for on shield 'ss -lun | grep -q :443' || ! cat "$work/$1.log"
}

stop_haproxy() {
	kill "$(<"$work/pid")"
	wait_for on shield '! ss -lun | grep -q :443'
}

"$haproxy" -vv 2>/dev/null | grep -q '+QUIC' || skip_all "needs a HAProxy with QUIC (PS_HAPROXY)"
command -v gtlsclient >/dev/null || skip_all "needs ngtcp2-client"
load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
head -c 8000 /dev/urandom >"$work/small"
check "a certificate is made" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	-nodes -keyout "$work/key" -out "$work/cert" -days 2 -subj /CN=shield
cat "$work/key" "$work/cert" >"$work/site.pem"
new_instance shield
check "HAProxy listens for each family" start_haproxy apart 'quic4@:443' 'quic6@:443 v6only'
results tests/netns/quic_haproxy.py "$work" 0
stop_haproxy
check "HAProxy listens for both families at once" start_haproxy both 'quic6@:443 v4v6'
results tests/netns/quic_haproxy.py "$work" 1
stop_haproxy
check "HAProxy asks for Retries itself" start_haproxy forced \
	'quic4@:443 quic-force-retry' 'quic6@:443 v6only quic-force-retry'
results tests/netns/quic_haproxy.py "$work" 0
stop_haproxy
check_invariants "HAProxy"
finish
