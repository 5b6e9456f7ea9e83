#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SYN cookies on p_tcp_ports between two real stacks, when a port is used again,
# segments are lost, or the SYN carries data (cookie_sockets.py).
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh

setup_cookies
results tests/netns/cookie_sockets.py
check_invariants "sockets of two stacks"
finish
