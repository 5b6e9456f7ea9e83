#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A host with no protocol allowed reaches others and finds out how, SPEC 2.3:
# HTTP, transfers over a path whose narrow part only ICMP errors tell of, in both
# directions, and a trace of the route.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
work=$(mktemp -d)
other=$PS/shield/Other
tracing=/sys/kernel/tracing
size=$((2 << 20))

serve() { # serve HOST: nginx with a page and a large file, on port 80
	echo page >"$work/index.html"
	head -c "$size" /dev/urandom >"$work/large"
	cat >"$work/$1.conf" <<-END
		daemon off;
		pid $work/$1.pid;
		error_log $work/error.log;
		worker_processes 1;
		events { }
		http {
			access_log off;
			client_body_temp_path $work/$1.body;
			server {
				listen 80; listen [::]:80;
				root $work;
			}
		}
	END
	chmod 755 "$work"
	host "$1" nginx -c "$work/$1.conf" 2>/dev/null & disown
	wait_for on "$1" 'ss -ltn | grep -q :80'
}

fetch() { # fetch HOST ADDRESS FILE [SECONDS]: from the host's side, as sent
	host "$1" curl -gs --max-time "${4:-60}" "http://$2/$3" | cmp - "$work/$3"
}

outgoing() {
	local address before
	serve client
	for address in 10.0.0.2 '[2001:db8::2]'; do
		before=$(counter "$other" out_related)
		check "HTTP from the shield to $address" fetch shield "$address" index.html
		check "HTTP from the shield to $address: out_related" \
			test "$(counter "$other" out_related)" -ge $((before + 3))
	done
	check_equal "nothing was allowed by a list" 0 "$(counter "$other" whitelisted)"
	check_invariants "HTTP from the shield"
}

# shield --- client --- neighbour; the second link is the narrow one, and only
# the client knows of it.
add_router() {
	ip -n "$NS_PREFIX-neighbour" link set eth0 down
	ip -n "$NS_PREFIX-client" link add far type veth peer name far netns "$NS_PREFIX-neighbour"
	ip -n "$NS_PREFIX-client" -batch - <<-'END'
		link set far mtu 1280 up
		addr add 10.9.0.2/24 dev far
		addr add 2001:db8:9::2/64 dev far nodad
	END
	ip -n "$NS_PREFIX-neighbour" -batch - <<-'END'
		link set far up
		addr add 10.9.0.4/24 dev far
		addr add 2001:db8:9::4/64 dev far nodad
		route add default via 10.9.0.2
		route add default via 2001:db8:9::2
	END
	ip -n "$NS_PREFIX-shield" -batch - <<-'END'
		route add 10.9.0.0/24 via 10.0.0.2
		route add 2001:db8:9::/64 via 2001:db8::2
	END
	on client 'echo 1 | tee /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding >/dev/null'
	# Nobody must find out by himself.
	on shield 'echo 0 >/proc/sys/net/ipv4/tcp_mtu_probing'
	wait_for host client ping -c1 -W1 10.9.0.4
	wait_for host client ping -c1 -W1 2001:db8:9::4
}

forget_paths() {
	ip -n "$NS_PREFIX-shield" route flush cache
	ip -n "$NS_PREFIX-shield" -6 route flush cache
}

path_mtu() { # path_mtu ADDRESS: what the shield has learned, or nothing
	ip -n "$NS_PREFIX-shield" route get "$1" | sed -n 's/.* mtu \([0-9]*\).*/\1/p'
}

related() { # errors that the tracepoint has told of, delivered
	grep -c 'verdict=deliver reason=related_icmp ' "$tracing/trace"
}

# The server on the shield sends more than the path takes.
narrow_path() { # narrow_path NAME ADDRESS-OF-SHIELD ADDRESS-OF-NEIGHBOUR
	check_equal "$1: the path isn't known yet" "" "$(path_mtu "$3")"
	echo >"$tracing/trace"
	check "$1: a large file to behind the narrow link" fetch neighbour "$2" large
	check_equal "$1: the path is known now" 1280 "$(path_mtu "$3")"
	check "$1: by an ICMP error about a session" test "$(related)" -ge 1
	forget_paths
}

upload() { # upload ADDRESS: the large file, over a connection that the shield opens
	rm -f "$work/out"
	host neighbour socat -u -b 65536 TCP6-LISTEN:81,ipv6only=0,reuseaddr \
		OPEN:"$work/out",creat 2>/dev/null &
	wait_for on neighbour 'ss -ltn | grep -q :81'
	host shield timeout 60 socat -u -b 65536 OPEN:"$work/large" "TCP:$1:81"
	wait $!
	cmp "$work/large" "$work/out"
}

own_connection() { # own_connection NAME ADDRESS-OF-NEIGHBOUR
	echo >"$tracing/trace"
	check "$1: a large upload from the shield" upload "$2"
	check "$1: ... by an ICMP error, too" test "$(related)" -ge 1
	forget_paths
}

# That it takes the errors to get through.
without_errors() { # without_errors NAME ADDRESS-OF-SHIELD ADDRESS-OF-ROUTER
	on shield "echo +$3 >$other/b_sources"
	check_fails "$1: nothing large gets through when the router isn't heard" \
		fetch neighbour "$2" large 3
	on shield "echo -$3 >$other/b_sources"
}

traced_route() { # traced_route ADDRESS ROUTER PROGRAM: both hops answer with errors
	host shield timeout 60 busybox "$3" -n -q1 -m4 "$1" 2>/dev/null >"$work/route"
	grep -q " 1  $2 " "$work/route" && grep -q " 2  $1 " "$work/route"
}

path() {
	add_router
	serve shield
	on shield "echo +80 >$other/p_tcp_ports"
	echo 1 >"$tracing/events/packetshield/judge/enable"
	narrow_path IPv4 10.0.0.1 10.9.0.4
	narrow_path IPv6 '[2001:db8::1]' 2001:db8:9::4
	own_connection IPv4 10.9.0.4
	own_connection IPv6 '[2001:db8:9::4]'
	echo 0 >"$tracing/events/packetshield/judge/enable"
	check "IPv4: traceroute hears of every hop" traced_route 10.9.0.4 10.0.0.2 traceroute
	check "IPv6: traceroute hears of every hop" traced_route 2001:db8:9::4 2001:db8::2 traceroute6
	without_errors IPv4 10.0.0.1 10.0.0.2
	without_errors IPv6 '[2001:db8::1]' 2001:db8::2
	check_invariants "paths"
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
new_instance shield
outgoing
path
finish
