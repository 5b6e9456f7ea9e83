#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SYN cookies on p_tcp_ports offer and agree to what the kernel's own cookies
# do: MSS, window, window scale, SACK, timestamps, ECN, for every kind of SYN,
# with every sysctl and every option of listeners that has a say (cookie_options.py).
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh

setup_cookies
modprobe -q tcp_dctcp
results tests/netns/cookie_options.py
check_invariants "options of SYN cookies"
finish
