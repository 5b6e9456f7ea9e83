#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What protections do while they are on, switched by hand: the unmatched and the
# TTL filter (filter_cases.py), and surge protection, under which established
# connections go on (surge_cases.py). When they are on is in test_protections.sh.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh

load_module
setup
settle
session_neighbours
ip -n "$NS_PREFIX-shield" route add 198.51.96.0/20 via 10.0.0.99
ip -n "$NS_PREFIX-shield" route add 2001:db8:a00::/40 via 2001:db8::99
new_instance shield
on shield "echo +80 >$PS/shield/Other/p_tcp_ports; echo +81 >$PS/shield/Other/w_tcp_ports"
results tests/netns/filter_cases.py
check_invariants "filters"
on shield "echo +7600 >$PS/shield/Other/w_udp_ports"
results tests/netns/surge_cases.py
check_invariants "surge"
finish
