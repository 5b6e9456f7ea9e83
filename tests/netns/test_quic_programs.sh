#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QUIC between real programs, ngtcp2's client and server, with the shield in
# between (quic_programs.py). The server is made to take HAProxy's tokens
# (haproxy_tokens.c).
. tests/netns/lib.sh
work=$(mktemp -d)

command -v gtlsclient gtlsserver >/dev/null || skip_all "needs ngtcp2-client and ngtcp2-server"
load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
head -c 20000 /dev/urandom >"$work/small"
head -c 10000000 /dev/urandom >"$work/large"
# It must take a while, however fast the guest is: 4 seconds.
modprobe -q sch_tbf
check "the client's line is slow" tc -n "$NS_PREFIX-switch" qdisc add dev client root \
	tbf rate 20mbit burst 64kb latency 50ms
check "a certificate is made" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	-nodes -keyout "$work/key" -out "$work/cert" -days 2 -subj /CN=shield
tokens=$PWD/build/haproxy_tokens.so
check "haproxy_tokens.so is there (make build/haproxy_tokens.so)" test -e "$tokens"
host shield env LD_PRELOAD="$tokens" PS_CLUSTER_SECRET=PacketShieldTestSecret-2026 gtlsserver -q -d "$work" \
	'*' 443 "$work/key" "$work/cert" >"$work/server.log" 2>&1 &
disown
check "the server listens" wait_for on shield 'ss -lun | grep -q :443'
on shield "echo +shield >$PS/instances"
results tests/netns/quic_programs.py "$work"
check_invariants "QUIC between programs"
finish
