# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of captures share, on top of config.sh: the cable from eth1 to
# eth0, which is attached, carries nothing but what the tests send.

setup_capture() {
	setup_alone
	ip -n "$NS_PREFIX-shield" link set eth0 address 02:00:00:00:00:01
	on shield 'for device in eth0 eth1; do
		echo 1 >/proc/sys/net/ipv6/conf/$device/disable_ipv6
		ethtool -K $device gro off >/dev/null
	done'
	new_instance shield
}
