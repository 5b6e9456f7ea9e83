#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QUIC between real programs, ngtcp2's client and server, with the shield in
# between (quic_programs.py).
. tests/netns/lib.sh
work=$(mktemp -d)

command -v gtlsclient gtlsserver >/dev/null || skip_all "needs ngtcp2-client and ngtcp2-server"
load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
head -c 20000 /dev/urandom >"$work/small"
# A transfer must take a while.
case ${PS_GUEST:-} in uml | kvm) megabytes=40 ;; *) megabytes=8 ;; esac
head -c "$((megabytes * 1000000))" /dev/urandom >"$work/large"
check "a certificate is made" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	-nodes -keyout "$work/key" -out "$work/cert" -days 2 -subj /CN=shield
host shield gtlsserver -q -d "$work" '*' 443 "$work/key" "$work/cert" >"$work/server.log" 2>&1 &
disown
check "the server listens" wait_for on shield 'ss -lun | grep -q :443'
on shield "echo +shield >$PS/instances"
results tests/netns/quic_programs.py "$work"
check_invariants "QUIC between programs"
finish
