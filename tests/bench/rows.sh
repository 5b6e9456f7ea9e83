# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rows of the measurements: for each, the stand it runs on, what packets
# come, and what proves that they took the way that the row is about. A counter
# of whoever handles them must move by exactly the packets made, and so must the
# hook that stands at the end of the way: "all" of them got there (or their
# answers did, on the other end of the cable), or "none". Of a million sessions
# that were opened about a hundred found their line full and evicted another
# one: there it is "most", and so many that no figure suffers from it.
#
# Invariant: a figure without its proof is an error.

PACKETS=200000
WARM=64000
# What fits the slots of a capture that was read to its end, in whole batches.
CAPTURED=12800
SYN=0x02 ACK=0x10

# The same clients everywhere; where lists don't matter they just are who sends.
EVERYBODY="sources=1000000"
HOT="sources=1000000 hot=10000"
WORLD="sources=500000"
QUIC="protocol=17 dport=443"
# Under the 100,000 Retries a second and CPU that are sent at most.
INITIAL="$QUIC payload=1200 quic=1 rate=90000"

# NAME STAND PROOF SUNK WORDS
# shellcheck disable=SC2034 # for the scripts that source this file
rows=(
	"hook_drop hook_drop - all flags=$SYN $EVERYBODY"
	"hook_accept hook_accept - all flags=$SYN $EVERYBODY"
	"hook_reflect hook_reflect - all flags=$SYN $EVERYBODY"
	"raw_drop raw_drop rule none flags=$SYN $EVERYBODY"
	"nft_drop nft_drop - none flags=$SYN $EVERYBODY"
	"nft_set_drop_1m nft_set_drop_1m - none flags=$SYN $EVERYBODY"
	"ipset_drop_1m ipset_drop_1m rule none flags=$SYN $EVERYBODY"
	"syn_cookie shield cookies all flags=$SYN $EVERYBODY"
	"syn_nft_synproxy nft_synproxy proxy_syns all flags=$SYN $EVERYBODY"
	"syn_ipt_synproxy ipt_synproxy proxy_syns all flags=$SYN $EVERYBODY"
	"syn_stack stack stack_cookies all flags=$SYN $EVERYBODY"
	"ack_check shield unmatched none flags=$ACK $EVERYBODY"
	"ack_nft_synproxy nft_synproxy proxy_acks none flags=$ACK $EVERYBODY"
	"ack_stack stack stack_refused all flags=$ACK $EVERYBODY"
	"deny_1k deny_1k denied none flags=$SYN sources=1000"
	"deny_capture_idle deny_capture missed none flags=$SYN sources=1000"
	"deny_capture_active deny_capture captured none flags=$SYN sources=1000"
	"deny_1m deny_1m denied none flags=$SYN $EVERYBODY"
	"deny_1m_hot deny_1m denied none flags=$SYN $HOT"
	"geo_500k geo_500k refused none flags=$SYN $WORLD"
	"geo_500k_hot geo_500k refused none flags=$SYN $WORLD hot=10000"
	"quic_retry quic retries all $INITIAL $EVERYBODY"
	"quic_followup_bad_scid quic refused_tokens none $QUIC payload=1200 quic=2 $EVERYBODY"
	"quic_short_unknown quic stray_shorts none $QUIC quic=3 payload=100 $EVERYBODY"
	"ctx_1 ctx_1 received none flags=$SYN $EVERYBODY dst=0x0a400000 dsts=1000"
	"ctx_512 ctx_512 received none flags=$SYN $EVERYBODY dst=0x0a400000 dsts=1000"
	"ctx_65536 ctx_65536 not_other none flags=$SYN $EVERYBODY dst=0x0a400000 dsts=1000"
	"established_1m established_1m known most flags=$ACK $EVERYBODY client=1"
	"established_1m_hot established_1m known most flags=$ACK $HOT client=1"
)

# proof_KIND STAND: a number that moves with the packets.

proof_-() { echo 0; }

proof_rule()
{
	inside "$1" iptables -t raw -vnxL PREROUTING | awk 'NR == 3 { print $1 }'
}

# Columns of /proc/net/stat/synproxy, a line a CPU.
proxy_statistic() # proxy_statistic STAND COLUMN
{
	local sum=0 column
	while read -ra column; do
		[ "${column[0]}" = entries ] || sum=$((sum + 16#${column[$2]}))
	done < <(inside "$1" cat /proc/net/stat/synproxy)
	echo "$sum"
}
proof_proxy_syns() { proxy_statistic "$1" 1; }
proof_proxy_acks() { proxy_statistic "$1" 2; }

stack_statistic() # stack_statistic STAND NAME: of the TcpExt lines
{
	inside "$1" awk -v name="$2" '$1 == "TcpExt:" && !n { n = split($0, key); next }
		$1 == "TcpExt:" { for (i = 2; i <= n; i++) if (key[i] == name) print $i }' \
		/proc/net/netstat
}
proof_stack_cookies() { stack_statistic "$1" SyncookiesSent; }
proof_stack_refused() { stack_statistic "$1" SyncookiesFailed; }

shield_number() # shield_number STAND FILE NAME: out of stats or drops
{
	inside "$1" awk -v name="$3" -F '[ :]+' '$1 == name { print $2 }' "$PS/i/$2"
}
proof_cookies() { shield_number "$1" Other/stats syncookie; }
proof_retries() { shield_number "$1" Other/stats quicretry; }
proof_stray_shorts() { shield_number "$1" Other/stats drop_qsh; }
# Nearly all beyond what is read a second.
proof_refused_tokens() { shield_number "$1" Other/stats drop_qnt; }
proof_unmatched() { shield_number "$1" Other/drops unmatched_ack; }
proof_denied() { shield_number "$1" Other/drops denied_source; }
proof_refused() { shield_number "$1" Other/drops refused_country; }
proof_received() { shield_number "$1" stats rx_total; }
proof_known() { shield_number "$1" Other/stats established; }
proof_missed() { shield_number "$1" stats capmissed; }
proof_captured()
{
	echo $(($(shield_number "$1" stats rx_total) - $(shield_number "$1" stats capmissed)))
}
proof_not_other()
{
	echo $(($(shield_number "$1" stats rx_total) - $(shield_number "$1" Other/stats rx_total)))
}

expected() # expected WHAT MOVED PACKETS
{
	case $1 in
	none) [ "$2" = 0 ] ;;
	most) [ "$2" -le "$3" ] && [ "$2" -ge $(($3 * 999 / 1000)) ] ;;
	all) [ "$2" = "$3" ] ;;
	esac
}

# counted_as PROOF: what the counter must have seen.
counted_as()
{
	case $1 in
	-) echo none ;;
	known) echo most ;;
	*) echo all ;;
	esac
}

# A million sessions that are alive have had a packet within the minute; the
# first of a minute costs more, since it tells the TTL.
refresh_known() # refresh_known STAND
{
	order "$1" eth0 flags=$ACK sources=1000000 client=1 sequential=1 packets=1000000 batch=50 \
		>/dev/null
}

# Slots that are full, or all free, as a reader leaves them who keeps up. One that ran
# meanwhile would be measured himself, since there is one processor; the packet path
# knows nothing of readers but the slots that are free.
fill_captures() # fill_captures STAND
{
	order "$1" eth0 flags=$SYN sources=1000 packets=64000 >/dev/null
}

empty_captures() # empty_captures STAND
{
	inside "$1" cat "$PS/i/raw.cap" >/dev/null
}

measure() # measure ROW: prints the answer
{
	local name stand proof sunk words answer before moved reached
	read -r name stand proof sunk words <<<"$1"
	case $proof in
	known) refresh_known "$stand" ;;
	missed) fill_captures "$stand" ;;
	captured)
		local PACKETS=$CAPTURED WARM=1280
		empty_captures "$stand"
		;;
	esac
	before=$("proof_$proof" "$stand")
	# shellcheck disable=SC2086 # words
	answer=$(order "$stand" eth0 packets=$PACKETS warm=$WARM $words) || exit 1
	moved=$(($("proof_$proof" "$stand") - before))
	expected "$(counted_as "$proof")" "$moved" $((PACKETS + WARM)) ||
		die "$name: of $((PACKETS + WARM)) packets the counter saw $moved"
	reached=${answer##*sunk=}
	expected "$sunk" "$reached" $PACKETS ||
		die "$name: $reached of $PACKETS packets got through, not $sunk: $answer"
	echo "$answer"
}
