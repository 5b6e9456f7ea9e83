#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# x_tcp_ports and the options of TCP, for rules of several kinds: the shield's
# SYN+ACKs beside netfilter's own, field by field; and what clients and the
# server behind the shield have agreed on, whoever answered.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/netns/synproxy.sh
. tests/netns/synproxy.sh

rule() { # rule KIND MSS WSCALE TIMESTAMPS SACK ECN
	check "rule $*" agree "$@"
	results tests/netns/synproxy_cases.py answers "${@:2}"
	results tests/netns/synproxy_sockets.py options "${@:2}"
	check_invariants "rule $*"
}

load_module
setup_forward
session_neighbours
protect_behind
rule nft 1460 7 1 1 0
rule nft 1400 none 0 0 0
rule iptables 1440 none 1 1 0
rule iptables 1000 7 1 1 1
finish
