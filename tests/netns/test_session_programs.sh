#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sessions with real programs: what the shield's host fetches itself with all
# protections on and no port in any list; drop_empty_ack; and what tx_total
# counts, against the interface's counters and tcpdump on the wire.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck disable=SC2317 # functions by name
work=$(mktemp -d)
size=$((4 << 20))
protections=(new_cookie unmatch_drop unknown_ttlfilter deliver_block)
# The client, in URLs.
outside='10.0.0.2 [2001:db8::2] 10.1.0.2 [2001:db8:1::2]'

toggle() { # toggle SIGN CONTEXT PROTECTION...
	local name sign=$1 context=$2
	shift 2
	for name; do
		on shield "echo $sign$context >$PS/shield/Other/${name}_toggled"
	done
}

sum() { sha256sum <"$1"; }

# Counters of a context that moved since remember, "name+number ..." by name.
remember() { # remember CONTEXT
	host shield cat "$PS/shield/$1/stats" "$PS/shield/$1/drops" >"$work/before"
}

moved() { # moved CONTEXT
	host shield cat "$PS/shield/$1/stats" "$PS/shield/$1/drops" |
		awk '{ sub(/ *:/, "") } NR == FNR { before[$1] = $2; next }
			$2 != before[$1] { print $1 "+" $2 - before[$1] }' "$work/before" - |
		LC_ALL=C sort | xargs
}

# Nothing but answers came in, and nothing was withheld going out.
only_answers() { # only_answers MOVED
	[[ $1 =~ ^delivered\+([0-9]+)\ out_related\+([0-9]+)\ rx_total\+([0-9]+)\ tx_total\+[0-9]+$ ]] &&
		[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] &&
		[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[3]}" ]
}

own_connections() {
	local address
	session_nginx client 80 "$work"
	on shield "echo 1000000-900000 >$PS/shield/Other/deliver_block_threshold"
	toggle + Other "${protections[@]}"
	for address in $outside; do
		rm -f "$work/out"
		remember Other
		check "own connection to $address, all protections on: curl" host shield \
			curl -gsS --max-time "$PS_TIMEOUT" -o "$work/out" "http://$address/in"
		check_equal "own connection to $address: the data" "$(sum "$work/in")" "$(sum "$work/out")"
		check "own connection to $address: all that came in are answers: $(moved Other)" \
			only_answers "$(moved Other)"
	done
	toggle - Other "${protections[@]}"
	check_invariants "own connections"
}

# Everything that the interface sends, as one packet each.
plain_frames() {
	local name
	for name in shield client; do
		host $name ethtool -K eth0 tso off gso off >/dev/null
	done
}

interface_sent() { host shield cat /sys/class/net/eth0/statistics/tx_packets; }
instance_sent() { host shield sed -n 's/^tx_total *: //p' "$PS/shield/stats"; }

# What the interface has sent and the instance hasn't counted. Both at once: if
# something is sent between reading one and the other, they are read again.
uncounted() {
	local sent counted
	while :; do
		sent=$(interface_sent)
		counted=$(instance_sent)
		[ "$sent" != "$(interface_sent)" ] || break
	done
	echo $((sent - counted))
}

uncounted_is() { # uncounted_is NUMBER
	[ "$(uncounted)" -eq "$1" ]
}

watch_pid=

# tcpdump on the client's side of the wire: what the address of the shield sends.
watch() { # watch ADDRESS
	rm -f "$work/watch" "$work/watching"
	ip netns exec "$NS_PREFIX-client" tcpdump -i eth0 -nn -B 16384 -s 128 -w "$work/watch" \
		-U --immediate-mode "src host $1" 2>"$work/watching" &
	watch_pid=$!
	wait_for grep -q 'listening on' "$work/watching"
}

unwatch() {
	kill -INT "$watch_pid"
	wait "$watch_pid"
	check "tcpdump lost nothing" grep -q '^0 packets dropped' "$work/watching"
}

seen() { # seen [EXPRESSION...]: packets in what it has written
	tcpdump -nn -r "$work/watch" "$@" 2>/dev/null | wc -l
}

# Empty ACKs, by lengths and flags, in either family.
empty='(ip and tcp[13] == 16 and ip[2:2] - ((ip[0] & 15) << 2) - ((tcp[12] & 240) >> 2) == 0) or
	(ip6 and ip6[53] == 16 and ip6[4:2] - ((ip6[52] & 240) >> 2) == 0)'

upload() { # upload ADDRESS: $work/in to the shield's port 81, into $work/out
	local url=$1
	[[ $url != *:* ]] || url="[$url]"
	rm -f "$work/out"
	host shield socat -u -b 65536 TCP6-LISTEN:81,ipv6only=0,reuseaddr \
		OPEN:"$work/out",creat 2>/dev/null &
	wait_for on shield 'ss -ltn | grep -q :81'
	host client timeout 60 socat -u -b 65536 OPEN:"$work/in" "TCP:$url:81"
	wait $!
}

# Connections from before may have last words: neither figure has moved for a while.
settled() { # settled CONTEXT: sets counted and already
	local before="$counted $already"
	counted=$(counter "$PS/shield/$1" tx_total)
	already=$(seen)
	[ "$counted $already" = "$before" ]
}

# What tcpdump has seen since is what the context counts. Both go on: a FIN that has
# had no answer comes again.
agrees() { # agrees CONTEXT
	[ $(($(counter "$PS/shield/$1" tx_total) - counted)) -eq $(($(seen) - already)) ]
}

transfer() { # transfer NAME ADDRESS PERCENT
	if [ "$3" -lt 100 ]; then
		upload "$2"
		check_equal "$1: the data arrived as sent" "$(sum "$work/in")" "$(sum "$work/out")"
	else
		check "$1: a page, whose packets carry the ACKs" page "$2"
	fi
}

empty_acks() { # empty_acks ADDRESS PERCENT
	local address=$1 percent=$2 name="drop_empty_ack $2, $1" counted='' already='' dropped others acks
	on shield "echo $percent >$PS/shield/$address/drop_empty_ack"
	others=$(uncounted)
	watch "$address"
	wait_for settled "$address"
	dropped=$(drops "$PS/shield/$address" empty_ack)
	transfer "$name" "$address" "$percent"
	check "$name: tx_total of the context is what tcpdump sees" \
		wait_for agrees "$address"
	check "$name: tx_total of the instance is the interface's" wait_for uncounted_is "$others"
	unwatch
	dropped=$(($(drops "$PS/shield/$address" empty_ack) - dropped))
	acks=$(seen "$empty")
	case $percent in
	0) check "$name: $acks on the wire, $dropped withheld" test "$acks" -ge 100 -a "$dropped" = 0 ;;
	100) check "$name: $acks on the wire, $dropped withheld" test "$acks" = 0 -a "$dropped" -ge 1 ;;
	*) check "$name: $acks on the wire, $dropped withheld" about_half "$acks" "$dropped" ;;
	esac
	on shield "echo 0 >$PS/shield/$address/drop_empty_ack"
}

page() { # page ADDRESS
	local url=$1
	[[ $url != *:* ]] || url="[$url]"
	[ "$(host client curl -gsS --max-time "$PS_TIMEOUT" "http://$url/page")" = page ]
}

about_half() {
	[ $(($1 + $2)) -ge 100 ] && [ $(($1 * 100)) -ge $((($1 + $2) * 30)) ] &&
		[ $(($1 * 100)) -le $((($1 + $2) * 70)) ]
}

drop_empty_ack() {
	local address
	session_nginx shield 80 "$work"
	for address in 10.0.0.1 2001:db8::1; do
		on shield "echo +$address >$PS/shield/contexts &&
			echo +80-81 >$PS/shield/$address/p_tcp_ports"
		empty_acks "$address" 0
		empty_acks "$address" 50
		empty_acks "$address" 100
	done
	check_equal "drop_empty_ack: of one context only" 0 "$(drops "$PS/shield/Other" empty_ack)"
	check_invariants drop_empty_ack
}

cookies() { counter "$PS/shield/10.0.0.1" syncookie; }

cookies_uncounted() { # cookies_uncounted COOKIES-BEFORE UNCOUNTED-BEFORE
	uncounted_is $(($2 + $(cookies) - $1))
}

# The interface has sent them, and the shield doesn't count them.
cookies_are_not_sent() {
	local before counted others
	toggle + 10.0.0.1 new_cookie
	before=$(cookies)
	counted=$(counter "$PS/shield/10.0.0.1" tx_total)
	others=$(uncounted)
	host attacker hping3 -q -S -p 80 --rand-source -c 100 -i u1000 10.0.0.1 >/dev/null 2>&1
	check "SYN cookies: a flood is answered" wait_for more_than $((before + 50)) cookies
	check_equal "SYN cookies: tx_total of the context doesn't count them" "$counted" \
		"$(counter "$PS/shield/10.0.0.1" tx_total)"
	check "SYN cookies: nor does the instance's, but the interface's" \
		wait_for cookies_uncounted "$before" "$others"
	toggle - 10.0.0.1 new_cookie
	check_invariants "SYN cookies and tx_total"
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
settle
new_instance shield
head -c "$size" /dev/urandom >"$work/in"
echo page >"$work/page"
own_connections
plain_frames
drop_empty_ack
cookies_are_not_sent
finish
