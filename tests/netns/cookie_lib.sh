# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of SYN cookies on p_tcp_ports share, on top of lib.sh: the
# topology, with an instance that protects ports 80 and 8000-8199, and with the
# clients of cookie_wire.py known to the shield.
#
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck disable=SC2034 # for the scripts that source this file
other=$PS/shield/Other
# NAME ADDRESS of the shield, as the client reaches it, in a URL.
# shellcheck disable=SC2034
paths='IPv4 10.0.0.1
IPv6 [2001:db8::1]
IPv4-VLAN 10.1.0.1
IPv6-VLAN [2001:db8:1::1]'

setup_cookies() {
	load_module
	setup
	settle
	session_neighbours
	new_instance shield
	on shield "printf '{\n80\n8000-8199\n}\n' >$other/p_tcp_ports"
}

cookies() { # cookies +|-: by hand
	on shield "echo ${1}Other >$other/new_cookie_toggled"
}

syncookies() { # syncookies 0|1|2: of the shield's kernel
	on shield "echo $1 >/proc/sys/net/ipv4/tcp_syncookies"
}
