#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Direct server return, SPEC 5.6: the client's packets pass through the shield to
# the server on the neighbour, the server's answers don't. Segment by segment
# (dsr_cases.py), then HTTP, also while SYNs are flooding in.
#
#   client -> shield -> neighbour, who has 10.7.0.1 and 2001:db8:7::1
#      ^------------------'
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
work=$(mktemp -d)
addresses='10.7.0.1 2001:db8:7::1'

routes() {
	ip -n "$NS_PREFIX-client" route add 10.7.0.1 via 10.0.0.1
	ip -n "$NS_PREFIX-attacker" route add 10.7.0.1 via 10.0.0.1
	ip -n "$NS_PREFIX-client" route add 2001:db8:7::1 via 2001:db8::1
	ip -n "$NS_PREFIX-neighbour" addr add 10.7.0.1/32 dev lo
	ip -n "$NS_PREFIX-neighbour" addr add 2001:db8:7::1/128 dev lo
	ip -n "$NS_PREFIX-shield" -batch - <<-'END'
		route add 10.7.0.1 via 10.0.0.4
		route add 2001:db8:7::1 via 2001:db8::4
		route add blackhole 10.7.0.8/29
		route add blackhole 2001:db8:7::8/125
	END
	# Nobody is told of the way that doesn't cross the shield.
	on shield 'echo 0 | tee /proc/sys/net/ipv4/conf/*/send_redirects >/dev/null
		echo 1 | tee /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding >/dev/null'
	on client 'echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_redirects >/dev/null'
	wait_for host client ping -c1 -W1 10.7.0.1
	wait_for host client ping -c1 -W1 2001:db8:7::1
}

serve() {
	echo page >"$work/index.html"
	head -c $((1 << 20)) /dev/urandom >"$work/large"
	cat >"$work/nginx.conf" <<-END
		daemon off;
		pid $work/nginx.pid;
		error_log $work/error.log;
		worker_processes 1;
		events { }
		http {
			access_log off;
			server {
				listen 80; listen [::]:80;
				root $work;
			}
		}
	END
	chmod 755 "$work"
	host neighbour nginx -c "$work/nginx.conf" 2>/dev/null & disown
	wait_for on neighbour 'ss -ltn | grep -q :80'
}

url() { # url ADDRESS FILE
	case $1 in *:*) echo "http://[$1]/$2" ;; *) echo "http://$1/$2" ;; esac
}

fetch() { # fetch ADDRESS FILE CURL-ARGUMENT...
	host client curl -gs --max-time 60 "${@:3}" "$(url "$1" "$2")" | cmp - "$work/$2"
}

new_context() { # new_context ADDRESS
	on shield "echo +$1 >$PS/shield/contexts && cd $PS/shield/$1 && echo +80 >p_tcp_ports &&
		echo 1 >dsr_mode"
}

# Answers of the server would count as sent from its address.
http() { # http ADDRESS
	local context=$PS/shield/$1
	new_context "$1"
	on shield "echo +$1 >$PS/shield/Other/unmatch_drop_toggled"
	check "HTTP by $1, unmatched packets are dropped" fetch "$1" index.html
	check "HTTP by $1: a large file" fetch "$1" large
	check_equal "HTTP by $1: no answer crosses the shield" 0 "$(counter "$context" tx_total)"
	check_equal "HTTP by $1: two connections" 2 "$(counter "$context" newconns)"
	check_equal "HTTP by $1: all of it was of theirs" 0 "$(counter "$context" unmatched)"
	on shield "echo 0 >$context/dsr_mode"
	check_fails "HTTP by $1: nothing without dsr_mode" fetch "$1" index.html --max-time 2
	on shield "echo 1 >$context/dsr_mode"
	check "HTTP by $1: with it again" fetch "$1" index.html
	check_invariants "HTTP by $1"
}

flooded() { # flooded ADDRESS: its SYNs are policed
	[ "$(drops "$PS/shield/$1" syn_rate)" -gt 0 ]
}

status() { host shield sed -n 's/^status *: //p' "$PS/shield/$1/stats"; }

calm() { [ "$(status "$1")" = 0x0004 ]; }

# A flood that is answered would be seen on the attacker's interface.
watch() {
	host attacker tcpdump -Klnni eth0 'src port 80 and src net 10.7.0.0/24' \
		>"$work/answers" 2>"$work/tcpdump" & disown
	wait_for grep -q listening "$work/tcpdump"
}

# A connection that asks once, and twenty times more after a line in $work/go.
keep_alive() { # keep_alive ADDRESS
	host client "$PYTHON" -c '
import http.client, sys
server = http.client.HTTPConnection(sys.argv[1], timeout=30)
def page():
    server.request("GET", "/")
    return server.getresponse().read()
page()
first = server.sock
open(sys.argv[2]).read()
sys.exit(any(page() != b"page\n" for _ in range(20)) or server.sock is not first)' "$1" "$work/go"
}

under_flood() { # under_flood ADDRESS
	local context=$PS/shield/$1 before connection
	on shield "echo 200-20 >$context/new_cookie_threshold"
	before=$(counter "$context" newconns)
	mkfifo "$work/go"
	keep_alive "$1" &
	connection=$!
	check "SYN flood on $1: a connection before it" \
		wait_for more_than "$before" counter "$context" newconns
	start_flood -S -p 80 --rand-source "$1"
	check "SYN flood on $1: SYNs are policed" wait_for flooded "$1"
	check_equal "SYN flood on $1: the status says so" 0x0005 "$(status "$1")"
	echo >"$work/go"
	wait "$connection"
	check_equal "SYN flood on $1: the connection goes on" 0 $?
	check "SYN flood on $1: the flood was still on" flood_is_on
	stop_flood
	check_equal "SYN flood on $1: no SYN cookies" 0 "$(counter "$context" syncookie)"
	check "SYN flood on $1: it ends" wait_for calm "$1"
	check "SYN flood on $1: HTTP afterwards" fetch "$1" index.html
	check "SYN flood on $1: few connections were opened by it" \
		test $(($(counter "$context" newconns) - before)) -lt 2000
	check_invariants "SYN flood on $1"
}

load_module
setup
trap 'stop_flood; teardown; rm -rf "$work"' EXIT
settle
session_neighbours
routes
new_instance shield
results tests/netns/dsr_cases.py
check_invariants "segments"
serve
for address in $addresses; do
	http "$address"
done
watch
under_flood 10.7.0.1
check_equal "the server's answers alone were seen" "" \
	"$(grep -v ' > 10.0.0.2' "$work/answers" | head)"
finish
