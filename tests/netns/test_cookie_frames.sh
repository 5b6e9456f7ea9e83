#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The frames that carry SYN cookies (cookie_frames.py), and who believes which
# cookie, segment by segment (cookie_cases.py).
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh

setup_cookies
for cases in accept refuse rest; do
	results tests/netns/cookie_cases.py $cases
	check_invariants "cookies: $cases"
done
ip -n "$NS_PREFIX-shield" -batch - <<-'END'
	link set eth0 promisc on
	link add link eth0.100 name eth0.100.7 type vlan id 7
	link set eth0.100.7 up
	addr add 10.7.0.1/24 dev eth0.100.7
	addr add 2001:db8:7::1/64 dev eth0.100.7 nodad
END
results tests/netns/cookie_frames.py
check_invariants "frames of cookies"
finish
