#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A tunnel device behind the shield: what its driver says of the outer packet's
# checksum must not vouch for the inner one's. VXLAN between attacker and
# shield, the shield's instance on the tunnel device.

# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh

tunnel() { # tunnel HOST NUMBER PEER
	ip -n "$NS_PREFIX-$1" link add vx0 address "02:00:00:00:01:0$2" mtu 1400 type vxlan \
		id 7 dstport 4789 dev eth0 local "10.0.0.$2" remote "10.0.0.$3" &&
		ip -n "$NS_PREFIX-$1" addr add "10.9.0.$2/24" dev vx0 &&
		ip -n "$NS_PREFIX-$1" link set vx0 up
}

# Ten SYNs through the tunnel: their checksums off by this much.
send_syns() { # send_syns ERROR
	host attacker /usr/bin/python3 - "$1" <<-'END'
		import socket, sys
		sys.path.insert(0, "tests/netns")
		import frames as f
		inner, outer = "10.9.0.3", "10.9.0.1"
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("vx0", 0))
		for port in range(10):
		    s.send(f.ethernet(f.ipv4(f.tcp(inner, outer, sport=2000 + port,
		                                   bad_checksum=int(sys.argv[1])), 6, inner, outer),
		                      0x0800, bytes.fromhex("020000000101"),
		                      bytes.fromhex("020000000103")))
	END
}

load_module
setup
modprobe -q vxlan || [ -d /sys/module/vxlan ] || skip_all "no vxlan in this kernel"
check "a tunnel from attacker to shield" tunnel attacker 3 1
check "and back" tunnel shield 1 3
check "it carries packets" wait_for host attacker ping -c1 -W1 10.9.0.1
on shield "echo +shield >$PS/instances; echo +vx0 >$PS/shield/ifaces
	echo +80 >$PS/shield/Other/w_tcp_ports"
context=$PS/shield/Other
send_syns 0
check "SYNs with good checksums are delivered" wait_for \
	on shield "grep -q '^delivered *: 10$' $context/stats"
send_syns 1
dropped() { [ "$(drops "$context" tcp_checksum)" = 10 ]; }
check "those with bad ones are dropped, all of them" wait_for dropped
check_equal "and none of them is delivered" 10 "$(counter "$context" delivered)"
check_invariants "tunnel"
finish
