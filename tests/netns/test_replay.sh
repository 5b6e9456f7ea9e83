#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield replay: what is captured while the module judges is replayed with
# the same configuration, and comes to the same counters and drops.
#
# The cable is unplugged while capture, module and counters are set up or read:
# both see the same packets, but for what the shield sends into nothing.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/session_lib.sh
. "$(dirname "$0")/session_lib.sh"
PS_TOOL=${PS_TOOL:-build/packetshield}

work=$(mktemp -d)
tcpdump_pid=

cleanup() {
	teardown
	rm -rf "$work"
}

# Sums are made by senders, and nothing is put together or taken apart on the way.
plain_links() {
	local name
	for name in shield client attacker; do
		host $name ethtool -K eth0 tx off tso off gso off gro off >/dev/null 2>&1
	done
}

plug() { ip -n "$NS_PREFIX-switch" link set shield "$1"; }
is_linked() { [ "$(host shield cat /sys/class/net/eth0/carrier)" = "$1" ]; }

begin() { # begin NAME: judge by $work/NAME.conf and capture, from the same packet on
	plug down
	wait_for is_linked 0
	ip netns exec "$NS_PREFIX-shield" tcpdump -i eth0 -s 0 -B 32768 --immediate-mode -U \
		-w "$work/$1.pcap" \
		2>"$work/tcpdump" &
	tcpdump_pid=$!
	wait_for grep -q "listening on" "$work/tcpdump"
	# Statistics begin anew with a new instance.
	host shield "$PS_TOOL" apply /dev/null
	check "$1: the configuration is applied" host shield "$PS_TOOL" apply "$work/$1.conf"
	plug up
	wait_for is_linked 1
	wait_for host client ping -c1 -W1 10.0.0.1
}

size=

is_written() { # is_written FILE: it doesn't grow any more
	local before=$size
	read -rt 0.5 <> <(:) || :
	size=$(stat -c %s "$1")
	[ "$size" = "$before" ]
}

end() { # end NAME [SHARE]: compare; of what came in so much may be judged otherwise
	plug down
	wait_for is_linked 0
	wait_for is_written "$work/$1.pcap"
	kill "$tcpdump_pid"
	wait "$tcpdump_pid" 2>/dev/null
	check_equal "$1: the capture has lost nothing" 0 \
		"$(sed -n 's/^\([0-9]*\) packets dropped by kernel/\1/p' "$work/tcpdump")"
	results "$PYTHON" tests/netns/replay_cases.py compare "$work/$1.pcap" "$work/$1.conf" "${2:-0}"
	check_invariants "$1"
}

fetch() { # fetch ADDRESS...: a page from each, to the client
	local address
	for address; do
		check "curl gets $address" host client curl -sSg -m 20 -o /dev/null "http://$address/page"
	done
}

mixed() {
	cat >"$work/mixed.conf" <<-END
		instances i
		i/ifaces eth0
		i/contexts 10.1.0.1@100, 2001:db8::1
		i/udp_session_timeout 20
		i/Other/w_protocols 1,58
		i/Other/p_tcp_ports 80
		i/Other/w_udp_ports 1234
		i/Other/b_sources 10.66.0.0/16
		i/Other/w_sources 10.67.0.0/16
		i/Other/geoip_policy deny_countries
		i/Other/countries XX
		i/geoip4 100.0.0.0 XX, 101.0.0.0 -
		i/Other/unmatch_drop_toggled Other
		i/2001:db8::1/w_protocols 58
		i/2001:db8::1/p_tcp_ports 80
		i/10.1.0.1@100/w_tcp_ports 80
		i/10.1.0.1@100/w_protocols 1
	END
	begin mixed
	fetch 10.0.0.1 '[2001:db8::1]' 10.1.0.1
	host client ping -c 3 -i 0.2 10.1.0.1 >/dev/null
	host client hping3 -q -c 20 -i u2000 -S -p 81 10.0.0.1 >/dev/null 2>&1
	host client hping3 -q -c 20 -i u2000 -A -p 80 10.0.0.1 >/dev/null 2>&1
	host client hping3 -q -c 20 -i u2000 -2 -p 53 10.0.0.1 >/dev/null 2>&1
	# Connections and datagrams of the shield's own.
	host client "$PYTHON" -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 5353)); s.settimeout(20)
print("ready", flush=True)
data, peer = s.recvfrom(100); s.sendto(data, peer)' >"$work/echo" &
	wait_for grep -q ready "$work/echo"
	on shield "echo hello | timeout 5 socat -t 1 - UDP4:10.0.0.2:5353" >/dev/null
	host shield curl -s -m 2 http://10.0.0.2:9/ >/dev/null
	results "$PYTHON" tests/netns/replay_cases.py send
	end mixed
	results "$PYTHON" tests/netns/replay_cases.py broken "$work/mixed.pcap" "$work/mixed.conf"
}

# SYN cookies by hand: the module's answers are in the capture.
cookies() {
	cat >"$work/cookies.conf" <<-END
		instances i
		i/ifaces eth0
		i/Other/w_protocols 1,58
		i/Other/p_tcp_ports 80
		i/Other/new_cookie_toggled Other
		i/Other/unmatch_drop_toggled Other
	END
	begin cookies
	fetch 10.0.0.1 '[2001:db8::1]' 10.1.0.1 10.0.0.1
	host client hping3 -q -c 50 -i u2000 -S -p 80 10.0.0.1 >/dev/null 2>&1
	end cookies
}

# Retries: the module's answers are in the capture, and their tokens come back.
quic() {
	cat >"$work/quic.conf" <<-END
		instances i
		i/ifaces eth0
		i/contexts 10.1.0.1@100
		i/Other/w_protocols 1,58
		i/Other/p_udp_ports 443
		i/Other/cluster_secret PacketShieldTestSecret-2026
		i/Other/new_cookie_toggled Other, 10.1.0.1@100
		i/Other/unmatch_drop_toggled Other
		i/10.1.0.1@100/p_udp_ports 443
		i/10.1.0.1@100/cluster_secret of its own
	END
	begin quic
	results "$PYTHON" tests/netns/replay_cases.py quic
	end quic
}

# Without a secret none is sent, and the status says so.
quic_without_secret() {
	grep -v cluster_secret "$work/quic.conf" >"$work/bare.conf"
	begin bare
	results "$PYTHON" tests/netns/replay_cases.py strangers
	check_equal "bare: the module's status has the bit" 0x0205 \
		"$(on shield "sed -n 's/^status *: //p' $PS/i/Other/stats")"
	end bare
}

# Protections that go on and off by themselves: the tick is the kernel's own.
thresholds() {
	cat >"$work/thresholds.conf" <<-END
		instances i
		i/ifaces eth0
		i/Other/w_protocols 1,58
		i/Other/p_tcp_ports 80
		i/Other/unmatch_drop_threshold 400-200
		i/Other/deliver_block_threshold 3000-1500
	END
	begin thresholds
	host attacker hping3 -q -c 3000 -i u500 -A -p 80 10.0.0.1 >/dev/null 2>&1
	fetch 10.0.0.1
	wait_for on shield "grep -q 0x0000 $PS/i/Other/stats"
	host attacker hping3 -q -c 2 -i u2000 -A -p 80 10.0.0.1 >/dev/null 2>&1
	end thresholds 0.15
}

load_module
trap cleanup EXIT
setup
trap cleanup EXIT
plain_links
settle
head -c 100000 /dev/zero >"$work/page"
session_nginx shield 80 "$work"
mixed
cookies
quic
quic_without_secret
thresholds
finish
