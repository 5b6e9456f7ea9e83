#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# goodput.sh: what `make bench-goodput` runs in the guest, which has one processor
# for everything: a web server, its visitors, and a SYN flood that takes what it
# gets. Two network cards (module/nic.c) stand between the visitors and the
# server; the flood comes in by the server's.
#
#   client 10.0.0.2 ── wire ──┬── 10.0.0.1 server
#   flood, 128.0.0.0 and up ──┘
#
# For each protection and each rate of the flood, in parts of what the machine can
# take without any, it writes a line to /out/facts:
#
#   goodput PROTECTION PART RATE OK TOTAL MISSED OFFERED LOST SENT HOST
#
# visitors who got their page, of how many; packets of the flood that the card
# lost, of how many it was offered; the same of the visitors' packets; and percent of the
# time that the host ran something else than this guest.
# shellcheck disable=SC2154 # variables that tell sets
set -euo pipefail
work=$(mktemp -d)
# shellcheck source=tests/bench/stands.sh
. tests/bench/stands.sh

FACTS=${PS_OUT:?a directory for the figures}/facts
PARTS=${PS_GOODPUT_PARTS:-0 25 50 75 100 125 150 200 225}	# percent
PROTECTIONS=${PS_GOODPUT_PROTECTIONS:-none stack_cookies nft_synproxy packetshield}
VISITORS=50		# a second
SECONDS_EACH=${PS_GOODPUT_SECONDS:-4}
PATIENCE=1		# less than what a client waits for the answer to its first SYN
TRIES=${PS_GOODPUT_TRIES:-2}
STOLEN_MOST=15	# percent of the time that the host may take
SETTLE=0.5	# seconds for the flood before the visitors come
FLOOD="flags=0x02 sources=1000000"

fact() { echo "$*" >>"$FACTS"; }

network()
{
	ip netns add b-server
	ip netns add b-client
	within server '
		exec 3<>/dev/psbench
		echo nic=create dev=server >&3
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
		# Who was here before is let in first: every visitor is a stranger.
		echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save
		ip link set client netns b-client
		ip -batch - <<-END
			link set lo up
			link set server address 02:00:00:00:00:01 up
			addr add 10.0.0.1/24 dev server
			neigh add 10.0.0.4 lladdr 02:00:00:00:00:04 dev server nud permanent
			neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev server nud permanent
			route add default via 10.0.0.4
		END' || die "no server"
	within client '
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		ip -batch - <<-END
			link set lo up
			link set client address 02:00:00:00:00:02 up
			addr add 10.0.0.2/24 dev client
			neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev client nud permanent
		END' || die "no client"
}

web_pages()
{
	mkdir "$work/www"
	head -c 4096 /dev/zero | tr '\0' x >"$work/www/page"
	cat >"$work/nginx.conf" <<-END
		user root;
		worker_processes 1;
		pid $work/nginx.pid;
		error_log stderr;
		events { worker_connections 1024; }
		http {
			access_log off;
			keepalive_timeout 0;
			server { listen 80 backlog=1024; root $work/www; }
		}
	END
}

page_is_there() { inside client curl -sf -m 1 -o /dev/null http://10.0.0.1/page; }

web_server_ends() { ! kill -0 "$1" 2>/dev/null; }

# A listener that no flood has seen: its queue is empty.
web_server()
{
	local former
	if former=$(cat "$work/nginx.pid" 2>/dev/null); then
		kill "$former"
		wait_until web_server_ends "$former"
	fi
	inside server nginx -e stderr -c "$work/nginx.conf" || die "nginx doesn't start"
	wait_until page_is_there
}

sysctl_cookies() { within server "echo $1 >/proc/sys/net/ipv4/tcp_syncookies"; }

start_none() { sysctl_cookies 0; }
stop_none() { :; }

start_stack_cookies() { sysctl_cookies 1; }
stop_stack_cookies() { :; }

start_nft_synproxy()
{
	synproxy_rules server
	proxy_sysctls server
}
stop_nft_synproxy() { inside server nft flush ruleset; }

start_packetshield()
{
	sysctl_cookies 1
	within server "
		echo +i >$PS/instances
		cd $PS/i
		echo +80 >Other/p_tcp_ports
		echo 1000-500 >Other/new_cookie_threshold
		echo 1000-500 >Other/unmatch_drop_threshold
		echo +server >ifaces" || die "the shield isn't configured"
}
stop_packetshield() { within server "echo -i >$PS/instances"; }

# flood RATE: from now on; and what came of the one before.
flood()
{
	# shellcheck disable=SC2086 # words
	order server server nic=flood rate="$1" $FLOOD
}

# tell: what the flood has come to; sets ms, stolen, offered, missed, sent, lost, replies.
tell()
{
	local word
	for word in $(order server server nic=tell); do
		printf -v "${word%=*}" %s "${word#*=}"
	done
}

pause() { read -rt "$1" <> <(:) || :; }

# What the stack with its cookies handles when packets come as fast as they can:
# the best of three seconds, for a host that takes some of one makes it less.
capacity()
{
	local i most=0
	start_stack_cookies
	for i in 1 2 3; do
		flood 20000000
		pause 1
		tell
		flood 0
		i=$(((offered - missed) * 1000 / ms))
		[ "$i" -le "$most" ] || most=$i
	done
	echo "$most"
}

# try: one look at a point; sets ok, total and what tell sets.
try()
{
	web_server
	flood "$rate"
	pause "$SETTLE"
	read -r _ ok _ total < <(inside client build/bench/goodput_client 10.0.0.1 \
		$VISITORS "$SECONDS_EACH" $PATIENCE)
	tell
	flood 0
	share=$((stolen * 100 / (ms + stolen)))
}

# A point; while the host takes much of the time, once more, and what it took
# least of counts.
visit() # visit PROTECTION PART
{
	local ok total share tries rate=$((most * $2 / 100)) best='' least=101
	for ((tries = 0; tries < TRIES && least > STOLEN_MOST; tries++)); do
		try
		[ "$share" -lt "$least" ] || continue
		least=$share best="$ok $total $missed $offered $lost $sent"
	done
	# shellcheck disable=SC2086 # words
	set -- "$1" "$2" $best
	fact "goodput $1 $2 $rate $3 $4 $5 $6 $7 $8 $least"
	printf '  %-14s %9d packets/s: %4d of %d requests; the card lost %d %% of the flood (host %d %%)\n' \
		"$1" "$rate" "$3" "$4" $(($6 ? $5 * 100 / $6 : 0)) "$least"
}

rm -f "$FACTS"
insmod "${PS_BENCH_MODULE:?the path of psbench.ko}" || die "psbench.ko doesn't load"
modprobe -q x_tables || : # where it is a module, ours needs it
insmod "${PS_MODULE:?the path of packetshield.ko}" || die "packetshield.ko doesn't load"
network
web_pages
web_server
most=$(capacity)
fact "capacity $most"
fact "kernel $(uname -r)"
echo "  the machine takes $most SYNs a second without a shield"
for protection in $PROTECTIONS; do
	"start_$protection"
	for part in $PARTS; do
		visit "$protection" "$part"
	done
	"stop_$protection"
done
kill "$(<"$work/nginx.pid")"
fact complete
