# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The second half of demo.sh: floods of packets that a server can't refuse one
# by one (SYN, ACK, RST from random sources). Each is met three times while
# clients fetch pages and a stream that was open before goes on: without the
# shield with tcp_syncookies 0 and 1, and with the shield, whose thresholds
# switch its protections; nobody toggles anything.
#
# Invariant: as in demo.sh, only facts are written down. Each of the three runs
# begins with an empty queue of half-open connections and all protections off.
# shellcheck disable=SC2154 # work and flood_pid are demo.sh's

CLIENTS=8   # at once
BEFORE=6    # pages that each of them fetches before a flood
WITHOUT=4   # during it without the shield
WITH=20     # and with it
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

# serve FLOOD PHASE PAGES: the clients at work, and an eye on the stream.
serve()
{
	local ok eye
	: >"$work/at_work"
	host shield tests/demo/stream.sh "$STREAM_PORT" "$stream_client" "$work/at_work" \
		>"$work/stream" &
	eye=$!
	mkdir "$work/clients"
	ok=$(host client tests/demo/clients.sh "http://$SHIELD_ADDRESS/page" "$page_bytes" \
		"$CLIENTS" "$3" "$clients_net" "$work/clients")
	clients_net=$((clients_net + CLIENTS))
	rm -r "$work/clients" "$work/at_work"
	wait "$eye"
	fact "$1 $2 ok ${ok:?the clients failed}"
	fact "$1 $2 total $((CLIENTS * $3))"
	fact "$1 $2 stream $(<"$work/stream")"
	printf '%s of %s' "$ok" "$((CLIENTS * $3))"
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

# flood_and_serve FLOOD PHASE PAGES
flood_and_serve()
{
	restart_nginx
	snapshot "$1" "before_$2" moving
	start_flood "$1" "$SHIELD_MAC"
	serve "$1" "$2" "$3"
	kill -TERM "$flood_pid" || die "the flood ended before the clients' last page"
	end_flood "$1" "$2"
}

without_shield() # without_shield FLOOD TCP_SYNCOOKIES
{
	on shield "echo $2 > /proc/sys/net/ipv4/tcp_syncookies" || die "tcp_syncookies isn't there"
	printf ', tcp_syncookies=%s: ' "$2"
	flood_and_serve "$1" "without$2" "$WITHOUT"
	snapshot "$1" "after_without$2" moving
}

with_shield() # with_shield FLOOD
{
	wait_for protections_off || die "a protection is on before the flood"
	echo >"$TRACING/trace"
	printf '; with it: '
	flood_and_serve "$1" with "$WITH"
	await_release
	note_protections "$1"
	snapshot "$1" after_with moving
}

# With the shield tcp_syncookies is what the run before it left: 1.
withstand() # withstand FLOOD
{
	printf '  %s: pages before it: ' "$1"
	serve "$1" before "$BEFORE"
	printf '; without the shield'
	on shield "echo -eth0 > $PS/web/ifaces" || die "the shield doesn't come off"
	without_shield "$1" 0
	without_shield "$1" 1
	on shield "echo +eth0 > $PS/web/ifaces" || die "the shield doesn't come back"
	with_shield "$1"
	echo
}

withstand_all() # withstand_all FLOOD...
{
	local flood
	add_clients
	configure_protection
	watch_protections
	note_settings
	open_stream
	echo "  the floods:"
	for flood; do
		withstand "$flood"
	done
}
