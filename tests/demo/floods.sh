# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The second half of demo.sh: floods of packets that a server can't refuse one
# by one (SYN, ACK, RST, QUIC from random sources). Each is met while clients
# fetch pages and a stream that was open before goes on: without the shield, of
# TCP with tcp_syncookies 0 and 1, and with the shield, whose thresholds switch
# its protections; nobody toggles anything.
#
# Floods of QUIC are for a server and clients of HTTP/3, ngtcp2's. The server has
# a library in front of it that reads HAProxy's tokens (tests/netns/haproxy_tokens.c).
#
# Invariant: as in demo.sh, only facts are written down. Each of the runs
# begins with an empty queue of half-open connections and all protections off.
# shellcheck disable=SC2154 # work and flood_pid are demo.sh's

CLIENTS=8   # at once
BEFORE=6    # pages that each of them fetches before a flood
WITHOUT=4   # during it without the shield
WITH=20     # and with it
QUIC_CLIENTS=4
QUIC_BEFORE=10
QUIC_WITHOUT=2
QUIC_WITH=12
QUIC_SECRET=PacketShieldTestSecret-2026
STREAM_PORT=5201
CLIENTS_NET=100.64.0.0/16 # of RFC 6598, not among the sources of the floods
TRACING=/sys/kernel/tracing

# The client's host has all addresses of the network: one for every request.
add_clients()
{
	ip -n "$NS_PREFIX-client" route add local "$CLIENTS_NET" dev lo
	ip -n "$NS_PREFIX-shield" route add "$CLIENTS_NET" via 10.0.0.2
	clients_net=0
	page_bytes=$(stat -c %s "$work/www/page")
}

configure_protection()
{
	echo "  the shield's configuration, from now on:"
	operator "echo +80 > $PS/web/Other/p_tcp_ports"
	operator "echo +$STREAM_PORT > $PS/web/Other/p_tcp_ports"
	operator "echo +443 > $PS/web/Other/p_udp_ports"
	operator "echo $QUIC_SECRET > $PS/web/Other/cluster_secret"
	operator "echo 400-200 > $PS/web/Other/new_cookie_threshold"
	operator "echo 400-200 > $PS/web/Other/unmatch_drop_threshold"
}

# Protections that go on and off, by the clock that the generator reads.
watch_protections()
{
	echo mono >"$TRACING/trace_clock" || die "the tracer has no monotonic clock"
	echo 1 >"$TRACING/events/packetshield/protection/enable" || die "there is no tracepoint"
}

# The settings that decide when a server without the shield gives up.
note_settings()
{
	local name
	for name in net/ipv4/tcp_max_syn_backlog net/core/somaxconn net/ipv4/tcp_synack_retries; do
		fact guest - "${name##*/}" "$(on shield "cat /proc/sys/$name")"
	done
}

# iperf3 has a second connection, for control, that stays small.
stream_flows()
{
	local bytes=0
	read -r stream_client bytes < <(host shield ss -HtinO state established \
		"sport = :$STREAM_PORT" | sed -nE \
		's/^[0-9]+ +[0-9]+ +[^ ]+ +[^ ]+:([0-9]+) .* bytes_received:([0-9]+) .*/\1 \2/p' |
		sort -k 2nr)
	[ "${bytes:-0}" -gt 100000 ]
}

open_stream()
{
	host shield iperf3 --server --port "$STREAM_PORT" >"$work/iperf3-server" 2>&1 &
	wait_for stream_listens || die "the stream's server doesn't start"
	host client iperf3 --client "$SHIELD_ADDRESS" --port "$STREAM_PORT" --time 3600 \
		--bitrate 2M --length 1000 --interval 0 >"$work/iperf3" 2>&1 &
	wait_for stream_flows || die "the stream doesn't flow: $(cat "$work/iperf3")"
}

stream_listens() { host shield ss -Hltn "sport = :$STREAM_PORT" | grep -q .; }

is_quic() { [[ $1 = quic_* ]]; }

clients() # clients FLOOD PAGES: how many of them are fetched
{
	if is_quic "$1"; then
		host client tests/demo/quic_clients.sh "$SHIELD_ADDRESS" "$work/www/page" \
			"$QUIC_CLIENTS" "$2" "$work/clients"
	else
		host client tests/demo/clients.sh "http://$SHIELD_ADDRESS/page" "$page_bytes" \
			"$CLIENTS" "$2" "$clients_net" "$work/clients"
	fi
}

# serve FLOOD PHASE PAGES: the clients at work, and an eye on the stream.
serve()
{
	local ok eye total=$((CLIENTS * $3))
	! is_quic "$1" || total=$((QUIC_CLIENTS * $3))
	: >"$work/at_work"
	host shield tests/demo/stream.sh "$STREAM_PORT" "$stream_client" "$work/at_work" \
		>"$work/stream" &
	eye=$!
	mkdir "$work/clients"
	ok=$(clients "$1" "$3")
	clients_net=$((clients_net + CLIENTS))
	rm -r "$work/clients" "$work/at_work"
	wait "$eye"
	fact "$1 $2 ok ${ok:?the clients failed}"
	fact "$1 $2 total $total"
	fact "$1 $2 stream $(<"$work/stream")"
	printf '%s of %s' "$ok" "$total"
}

protections_off() { on shield "grep -q '^status *: 0x0000' $PS/web/Other/stats"; }

# Reading stats lets the thresholds see that time has passed. One shell for all
# readings: what starting programs takes would be taken for the shield's time.
await_release()
{
	# shellcheck disable=SC2016 # for the inner shell
	host shield bash -c '
		exec {silence}<> <(:)
		end=$((SECONDS + $2))
		while read -r _ _ status <"$1/stats"; do
			[ "$status" != 0x0000 ] || exit 0
			[ "$SECONDS" -lt "$end" ] || exit 1
			read -rt 0.01 -u "$silence"
		done' - "$PS/web/Other" "$PS_TIMEOUT" || die "a protection stays on"
}

note_protections() # note_protections FLOOD: "SECONDS:PROTECTION:STATE,..."
{
	fact "$1 with protections -$(sed -nE \
		's/.* ([0-9.]+): protection: .* protection=([a-z_]+) state=([a-z]+) .*/\1:\2:\3/p' \
		"$TRACING/trace" | paste -sd ,)"
}

restart_nginx()
{
	kill -TERM "$(<"$work/nginx.pid")" || die "nginx has ended"
	wait_for nginx_is_gone || die "nginx doesn't end"
	run_nginx
}

nginx_is_gone() { [ ! -e "$work/nginx.pid" ]; }

make_certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj /CN=shield -keyout "$work/key" -out "$work/certificate" 2>/dev/null ||
		die "there is no certificate"
}

restart_quic()
{
	if [ -n "${quic_pid:-}" ]; then
		kill -TERM "$quic_pid" || die "the QUIC server has ended"
		wait "$quic_pid"
	fi
	(LD_PRELOAD=$PWD/build/haproxy_tokens.so PS_CLUSTER_SECRET=$QUIC_SECRET \
		exec ip netns exec "$NS_PREFIX-shield" gtlsserver -q -d "$work/www" \
		"$SHIELD_ADDRESS" 443 "$work/key" "$work/certificate") >"$work/quic" 2>&1 &
	quic_pid=$!
	wait_for quic_listens || die "the QUIC server doesn't start: $(tail "$work/quic")"
}

quic_listens() { host shield ss -Hlun "sport = :443" | grep -q .; }

restart_server() # restart_server FLOOD: the one that it is for
{
	if is_quic "$1"; then
		restart_quic
	else
		restart_nginx
	fi
}

# flood_and_serve FLOOD PHASE PAGES
flood_and_serve()
{
	restart_server "$1"
	snapshot "$1" "before_$2" moving
	start_flood "$1" "$SHIELD_MAC"
	serve "$1" "$2" "$3"
	kill -TERM "$flood_pid" || die "the flood ended before the clients' last page"
	end_flood "$1" "$2"
}

without_shield() # without_shield FLOOD PHASE PAGES
{
	flood_and_serve "$1" "$2" "$3"
	snapshot "$1" "after_$2" moving
}

without_shield_cookies() # without_shield_cookies FLOOD TCP_SYNCOOKIES
{
	on shield "echo $2 > /proc/sys/net/ipv4/tcp_syncookies" || die "tcp_syncookies isn't there"
	printf ', tcp_syncookies=%s: ' "$2"
	without_shield "$1" "without$2" "$WITHOUT"
}

with_shield() # with_shield FLOOD PAGES
{
	wait_for protections_off || die "a protection is on before the flood"
	echo >"$TRACING/trace"
	printf '; with it: '
	flood_and_serve "$1" with "$2"
	await_release
	note_protections "$1"
	snapshot "$1" after_with moving
}

# With the shield tcp_syncookies is what the run before it left: 1.
withstand() # withstand FLOOD
{
	local before=$BEFORE with=$WITH
	! is_quic "$1" || before=$QUIC_BEFORE with=$QUIC_WITH
	restart_server "$1"
	printf '  %s: pages before it: ' "$1"
	serve "$1" before "$before"
	printf '; without the shield'
	on shield "echo -eth0 > $PS/web/ifaces" || die "the shield doesn't come off"
	if is_quic "$1"; then
		printf ': '
		without_shield "$1" without "$QUIC_WITHOUT"
	else
		without_shield_cookies "$1" 0
		without_shield_cookies "$1" 1
	fi
	on shield "echo +eth0 > $PS/web/ifaces" || die "the shield doesn't come back"
	with_shield "$1" "$with"
	echo
}

withstand_all() # withstand_all FLOOD...
{
	local flood
	add_clients
	make_certificate
	configure_protection
	watch_protections
	note_settings
	open_stream
	echo "  the floods:"
	for flood; do
		withstand "$flood"
	done
}
