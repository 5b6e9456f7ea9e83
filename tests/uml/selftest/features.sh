#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# features.sh MODULE_DIRECTORY: runs in the guest and shows that what the tests
# lean on is there: links, firewalls, queues, programs, tracing, modules.
#
# Invariant: each check leaves the namespaces `left` (10.9.0.1) and `right`
# (10.9.0.2), joined by a veth pair, as it found them.
# shellcheck disable=SC2181,SC2317 # checks are called by name, $? is asked on purpose
set -u
modules=$1
failures=0

check()
{
	local name=$1 output
	output=$(set -e; "$name" 2>&1) # not as a condition: that would undo -e
	if [ $? = 0 ]; then
		echo "# ok: ${name//_/ }"
	else
		failures=$((failures + 1))
		echo "# FAILED: ${name//_/ }"
		echo "${output//$'\n'/$'\n'#   }"
	fi
}

left() { ip netns exec left "$@"; }
right() { ip netns exec right "$@"; }

# until_true SECONDS COMMAND...: polls, since what is waited for has no event.
until_true()
{
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

ping_right() { left ping -q -c 1 -W 1 10.9.0.2; }
no_ping_right() { ! ping_right; }

make_namespaces()
{
	ip netns add left
	ip netns add right
	ip link add l0 netns left type veth peer name r0 netns right
	left ip addr add 10.9.0.1/24 dev l0
	right ip addr add 10.9.0.2/24 dev r0
	left ip link set lo up
	right ip link set lo up
	left ip link set l0 up
	right ip link set r0 up
	until_true 5 ping_right
}

ipv6_over_veth()
{
	left ip addr add fd09::1/64 dev l0 nodad
	right ip addr add fd09::2/64 dev r0 nodad
	until_true 5 left ping -q -c 1 -W 1 fd09::2
}

vlan_over_veth()
{
	left ip link add link l0 name l0.5 type vlan id 5
	right ip link add link r0 name r0.5 type vlan id 5
	left ip addr add 10.9.5.1/24 dev l0.5
	right ip addr add 10.9.5.2/24 dev r0.5
	left ip link set l0.5 up
	right ip link set r0.5 up
	until_true 5 left ping -q -c 1 -W 1 10.9.5.2
	left ip link del l0.5
	right ip link del r0.5
}

kinds_of_link()
{
	local kind
	for kind in bridge dummy ifb bond; do
		ip link add test0 type "$kind"
		ip link del test0
	done
	left ip link add test0 link l0 type macvlan
	left ip link del test0
	ip tuntap add test0 mode tap
	ip tuntap del test0 mode tap
}

nftables_ingress_drop()
{
	right nft -f - <<-END
		table netdev t {
			chain c {
				type filter hook ingress device r0 priority 0
				icmp type echo-request drop
			}
		}
	END
	no_ping_right
	right nft list hooks device r0 | grep -q "chain netdev t c"
	right nft delete table netdev t
	ping_right
}

nftables_egress_drop()
{
	right nft -f - <<-END
		table netdev t {
			chain c {
				type filter hook egress device r0 priority 0
				icmp type echo-reply drop
			}
		}
	END
	no_ping_right
	right nft delete table netdev t
}

nftables_sets()
{
	right nft -f - <<-END
		table inet t {
			set ranges { type ipv4_addr; flags interval; elements = { 10.9.0.0/30 } }
			set pairs {
				type ipv4_addr . inet_service; flags interval
				elements = { 10.0.0.0/8 . 1-9 }
			}
			map m { type ipv4_addr : verdict; elements = { 192.0.2.1 : drop } }
			chain c {
				type filter hook input priority 0
				ip saddr . tcp dport @pairs drop
				limit rate 1/hour burst 1 packets accept
				meta mark set jhash ip saddr mod 4
				meta mark set numgen random mod 4
				ip saddr vmap @m
				ip saddr @ranges icmp type echo-request drop
			}
		}
	END
	until_true 5 no_ping_right
	right nft delete table inet t
}

iptables_raw_drop()
{
	local program
	for program in iptables-legacy iptables-nft; do
		right "$program" -t raw -A PREROUTING -p icmp -j DROP
		no_ping_right
		right "$program" -t raw -D PREROUTING -p icmp -j DROP
	done
	right ip6tables-legacy -t raw -A PREROUTING -p tcp -j DROP
	right ip6tables-legacy -t raw -F
	ping_right
}

iptables_ipset()
{
	right ipset create nets hash:net
	right ipset add nets 10.9.0.0/24
	right ipset create hosts hash:ip family inet6
	right iptables-legacy -t raw -A PREROUTING -m set --match-set nets src -j DROP
	no_ping_right
	right iptables-legacy -t raw -F
	right ipset destroy
	ping_right
}

start_nginx()
{
	mkdir -p /tmp/nginx
	echo hello >/tmp/nginx/index.html
	cat >/tmp/nginx/nginx.conf <<-END
		pid /tmp/nginx/pid;
		error_log /tmp/nginx/error.log;
		events { }
		http { access_log off; server { listen 80; root /tmp/nginx; } }
	END
	right nginx -c /tmp/nginx/nginx.conf
	until_true 5 fetch
}

fetch() { [ "$(left curl -s -m 2 http://10.9.0.2/)" = hello ]; }
no_fetch() { ! fetch; }

nginx_and_curl() { fetch; }

wrk_runs() { left wrk -t 1 -c 4 -d 1 http://10.9.0.2/ | grep -q "Requests/sec: *[1-9]"; }

iperf3_runs()
{
	right iperf3 -s -1 -D
	until_true 5 right sh -c "ss -Hltn | grep -q :5201"
	left iperf3 -c 10.9.0.2 -t 1 | grep -q receiver
}

ruleset_synproxy()
{
	right sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	right nft -f - <<-END
		table ip t {
			chain pre {
				type filter hook prerouting priority raw
				tcp dport 80 tcp flags syn notrack
			}
			chain in {
				type filter hook input priority filter
				tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
				ct state invalid drop
			}
		}
	END
	fetch
	right tail -n 1 /proc/net/stat/synproxy | cut -f 2 | grep -q '[^0]'
	right nft delete table ip t
}

iptables_synproxy()
{
	right iptables-legacy -t raw -A PREROUTING -p tcp --dport 80 --syn -j CT --notrack
	right iptables-legacy -A INPUT -p tcp --dport 80 -m conntrack \
		--ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460
	fetch
	right iptables-legacy -t raw -F
	right iptables-legacy -F
}

tcpdump_and_scapy()
{
	left tcpdump -U -i l0 -w /tmp/capture -c 1 udp port 9 2>/tmp/tcpdump &
	until_true 5 grep -q "listening on" /tmp/tcpdump
	right python3 - <<-END
		from scapy.all import Ether, IP, UDP, sendp
		sendp(Ether(dst="ff:ff:ff:ff:ff:ff") / IP(dst="10.9.0.1") / UDP(dport=9), iface="r0", verbose=False)
	END
	wait $!
	tcpdump -n -r /tmp/capture 2>&1 | grep -q "> 10.9.0.1.9:"
}

tc_netem_and_fq()
{
	left tc qdisc add dev l0 root netem delay 100ms
	left ping -q -c 1 10.9.0.2 | grep -E "min/avg.* 1[0-9][0-9]\."
	left tc qdisc replace dev l0 root fq
	left tc qdisc replace dev l0 root fq_codel
	left tc qdisc del dev l0 root
	right tc qdisc add dev r0 clsact
	right tc filter add dev r0 ingress protocol ip flower ip_proto icmp action drop
	no_ping_right
	right tc qdisc del dev r0 clsact
	ping_right
}

syn_cookies_and_sysctls()
{
	[ "$(right sysctl -n net.ipv4.tcp_syncookies)" = 1 ]
	right sysctl -qw net.ipv4.tcp_syncookies=2
	fetch
	right sysctl -qw net.ipv4.tcp_syncookies=1
}

tracepoints()
{
	local directory=/sys/kernel/tracing
	echo 1 >"$directory/events/skb/kfree_skb/enable"
	left ping -q -c 1 -W 1 10.9.0.3 || true
	left bash -c "echo >/dev/udp/10.9.0.1/99"
	grep -q kfree_skb: "$directory/trace"
	echo 0 >"$directory/events/skb/kfree_skb/enable"
}

namespaces_and_cgroups()
{
	unshare --user --map-root-user --pid --fork --mount-proc true
	mkdir /sys/fs/cgroup/test
	echo "+memory +pids" >/sys/fs/cgroup/cgroup.subtree_control
	grep -q max /sys/fs/cgroup/test/memory.max
	rmdir /sys/fs/cgroup/test
}

clock_advances()
{
	local before=${EPOCHREALTIME/./} after
	sleep 0.5
	after=${EPOCHREALTIME/./}
	[ $((after - before)) -ge 500000 ]
	[ $((after - before)) -lt 10000000 ] # a busy host is late
}

root_is_a_copy()
{
	echo changed >/etc/hostname
	[ "$(</etc/hostname)" = changed ]
	rm /etc/debian_version
}

udp_to_discard()
{
	left bash -c "echo x >/dev/udp/10.9.0.2/9"
	right bash -c "echo x >/dev/udp/10.9.0.1/9"
}

module_hooks_ingress_and_egress()
{
	local parameters=/sys/module/misbehave/parameters
	right insmod "$modules/misbehave.ko" device=r0
	udp_to_discard
	until_true 5 grep -q '^[1-9]' "$parameters/ingress"
	until_true 5 grep -q '^[1-9]' "$parameters/egress"
	right nft list hooks device r0 | grep -q misbehave
	rmmod misbehave
	ping_right
}

check make_namespaces
start_nginx
for name in ipv6_over_veth vlan_over_veth kinds_of_link \
	nftables_ingress_drop nftables_egress_drop nftables_sets \
	iptables_raw_drop iptables_ipset nginx_and_curl wrk_runs iperf3_runs \
	ruleset_synproxy iptables_synproxy tcpdump_and_scapy tc_netem_and_fq \
	syn_cookies_and_sysctls tracepoints namespaces_and_cgroups \
	clock_advances root_is_a_copy module_hooks_ingress_and_egress; do
	check "$name"
done
exit $((failures > 0))
