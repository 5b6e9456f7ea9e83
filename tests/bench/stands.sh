# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stands of the measurements. Each is a network namespace of its own with
# everything configured once and for all, so that rows can take turns:
#
#   eth0 10.0.0.1/24  ====  wire      a veth cable; what eth0 sends ends on wire,
#                                     in a hook that counts and drops it
#
# The packets are made on eth0 (module/). All remote addresses are behind the
# gateway 10.0.0.4, whose MAC everybody knows. Competitors are configured as
# their own documentation advises; each function says where that is.
#
# Invariant: a stand's rules are those of one competitor, and nothing else in
# its namespace looks at packets.

# The script that sources this file has a directory for scratch files.
: "${work:=}"
PS=/sys/packetshield
LISTENER_PORT=80

die() { echo "bench: $*" >&2; exit 1; }

inside() { # inside STAND COMMAND...
	local stand=$1
	shift
	ip netns exec "b-$stand" "$@"
}

within() { # within STAND 'SCRIPT': the same for a piece of shell
	inside "$1" bash -ec "$2"
}

# order STAND WORD...: carried out by psbench there; prints its answer.
order()
{
	local stand=$1
	shift
	inside "$stand" bash -c 'exec 3<>/dev/psbench && echo "dev=$*" >&3 && cat <&3' \
		order "$@" || die "psbench refuses: $*"
}

plain_stand() # plain_stand STAND: a host that trusts everybody
{
	ip netns add "b-$1"
	within "$1" '
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
		ip -batch - <<-END
			link set lo up
			link add eth0 address 02:00:00:00:00:01 type veth peer name wire
			link set wire up
			link set eth0 up
			addr add 10.0.0.1/24 dev eth0
			neigh add 10.0.0.4 lladdr 02:00:00:00:00:04 dev eth0 nud permanent
			route add default via 10.0.0.4
		END' || die "no stand $1"
	order "$1" wire hook=drop
}

# Behind all other hooks of eth0, in place of the stack.
sink() { order "$1" eth0 hook=drop; }

listen() # listen STAND: a web server's socket, as far as SYNs and ACKs see it
{
	inside "$1" /usr/bin/python3 -c '
import signal, socket, sys
sock = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=1024)
print("listening", flush=True)
signal.pause()' "$LISTENER_PORT" >"$work/listen-$1" &
	wait_until grep -qs listening "$work/listen-$1"
}

wait_until() # wait_until COMMAND...: for half a minute
{
	local deadline=$((SECONDS + 30))
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || die "waited in vain: $*"
		read -rt 0.05 <> <(:) || :
	done
}

stand_hook_drop() { plain_stand hook_drop && sink hook_drop; }

stand_hook_accept()
{
	plain_stand hook_accept
	sink hook_accept
	order hook_accept eth0 hook=accept
}

stand_hook_reflect()
{
	plain_stand hook_reflect
	order hook_reflect eth0 hook=reflect
}

# iptables(8): raw is for what is to be dropped before connection tracking.
stand_raw_drop()
{
	plain_stand raw_drop
	inside raw_drop iptables -t raw -A PREROUTING -p tcp --dport 80 -j DROP
}

# nft(8), "netdev": ingress is where packets are dropped most efficiently.
stand_nft_drop()
{
	plain_stand nft_drop
	sink nft_drop
	inside nft_drop nft -f - <<-END
		table netdev bench {
			chain ingress {
				type filter hook ingress device eth0 priority -500; policy accept;
				tcp dport 80 drop
			}
		}
	END
}

# nft(8), "sets": intervals.
stand_nft_set_drop_1m()
{
	plain_stand nft_set_drop_1m
	sink nft_set_drop_1m
	{
		cat <<-END
			table netdev bench {
				set denied {
					type ipv4_addr
					flags interval
					elements = {
		END
		sed 's/$/,/' "$work/networks_1m"
		cat <<-END
					}
				}
				chain ingress {
					type filter hook ingress device eth0 priority -500; policy accept;
					ip saddr @denied drop
				}
			}
		END
	} >"$work/ruleset"
	inside nft_set_drop_1m nft -f "$work/ruleset" || die "nftables refuses the set"
	rm "$work/ruleset"
}

# ipset(8), "hash:net", which must be told how many there will be. Each address
# it reads has the C library look whether resolv.conf has changed, unless told.
stand_ipset_drop_1m()
{
	plain_stand ipset_drop_1m
	{
		echo "create denied hash:net family inet hashsize 1048576 maxelem 1048576"
		sed 's/^/add denied /' "$work/networks_1m"
	} | RES_OPTIONS=no-reload inside ipset_drop_1m ipset restore || die "ipset refuses the set"
	inside ipset_drop_1m iptables -t raw -A PREROUTING -m set --match-set denied src -j DROP
}

# What all SYN proxies ask for (iptables-extensions(8), "SYNPROXY").
proxy_sysctls()
{
	within "$1" '
		echo 0 >/proc/sys/net/netfilter/nf_conntrack_tcp_loose
		echo 1 >/proc/sys/net/ipv4/tcp_syncookies
		echo 1 >/proc/sys/net/ipv4/tcp_timestamps'
}

# nft(8), "SYNPROXY STATEMENT": its example, for a server on this host.
synproxy_rules()
{
	inside "$1" nft -f - <<-END
		table ip bench {
			chain prerouting {
				type filter hook prerouting priority raw; policy accept;
				tcp dport 80 tcp flags syn notrack
			}
			chain input {
				type filter hook input priority filter; policy accept;
				tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 9 timestamp sack-perm
				ct state invalid drop
			}
		}
	END
}

stand_nft_synproxy()
{
	plain_stand nft_synproxy
	synproxy_rules nft_synproxy
	proxy_sysctls nft_synproxy
	listen nft_synproxy
}

# iptables-extensions(8), "SYNPROXY": its example.
stand_ipt_synproxy()
{
	plain_stand ipt_synproxy
	within ipt_synproxy '
		iptables -t raw -A PREROUTING -i eth0 -p tcp --dport 80 --syn -j CT --notrack
		iptables -A INPUT -i eth0 -p tcp --dport 80 -m state --state UNTRACKED,INVALID \
			-j SYNPROXY --sack-perm --timestamp --mss 1460 --wscale 9
		iptables -A INPUT -m state --state INVALID -j DROP'
	proxy_sysctls ipt_synproxy
	listen ipt_synproxy
}

# ip-sysctl, "tcp_syncookies": 2 is 1 with the queue always full, which a flood
# makes it after a moment.
stand_stack()
{
	plain_stand stack
	within stack 'echo 2 >/proc/sys/net/ipv4/tcp_syncookies'
	listen stack
}

shield_stand() # shield_stand STAND 'SCRIPT': configured by SCRIPT, in the instance's directory
{
	plain_stand "$1"
	sink "$1"
	within "$1" "
		echo +i >$PS/instances
		cd $PS/i
		$2
		echo +eth0 >ifaces" || die "the shield's stand $1 isn't configured"
}

# replace FILE LIST: a list by one transaction, as shell.
replace() { echo "{ echo {; cat $2; echo }; } >$1"; }

stand_shield()
{
	shield_stand shield '
		echo +80 >Other/p_tcp_ports
		echo +Other >Other/new_cookie_toggled
		echo +Other >Other/unmatch_drop_toggled'
	listen shield
}

stand_quic()
{
	shield_stand quic '
		echo +443 >Other/p_udp_ports
		echo of the bench >Other/cluster_secret
		echo +Other >Other/new_cookie_toggled
		echo +Other >Other/unmatch_drop_toggled'
}

stand_deny_1k() { shield_stand deny_1k "$(replace Other/b_sources "$work/networks_1k")"; }
stand_deny_capture() { shield_stand deny_capture "$(replace Other/b_sources "$work/networks_1k")"; }
stand_deny_1m() { shield_stand deny_1m "$(replace Other/b_sources "$work/networks_1m")"; }

# A world of half a million ranges, each up to the next one's first address, in
# turn of 250 countries, all of them denied.
stand_geo_500k()
{
	awk -F/ '{ print $1, "C" NR % 250 }' "$work/networks_500k" >"$work/world"
	seq -f 'C%g' 0 249 >"$work/countries"
	shield_stand geo_500k "
		$(replace geoip4 "$work/world")
		$(replace Other/countries "$work/countries")
		echo deny_countries >Other/geoip_policy
		cmp geoip4 $work/world"
}

# Destinations from 10.64.0.0 on; the first thousand get packets.
stand_ctx_1() { shield_stand ctx_1 "echo +10.64.0.0 >contexts"; }

contexts() { # contexts N: the first N destinations
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		print "10." 64 + int(i / 65536) "." int(i / 256) % 256 "." i % 256 }'
}

stand_ctx_512()
{
	contexts 512 >"$work/contexts"
	shield_stand ctx_512 "$(replace contexts "$work/contexts")"
}

stand_ctx_65536()
{
	contexts 65536 >"$work/contexts"
	shield_stand ctx_65536 "$(replace contexts "$work/contexts")"
}

# A million clients, whose sessions the server's answers make; the table is four
# times as large, so that next to none is evicted.
stand_established_1m()
{
	shield_stand established_1m '
		echo 4194304 >session_table_size
		echo 32767 >ack_session_timeout
		echo +80 >Other/p_tcp_ports
		echo +Other >Other/unmatch_drop_toggled'
	order established_1m eth0 send=1 packets=1000000 sources=1000000 client=1 sequential=1 \
		flags=0x18 payload=100 batch=50 >/dev/null
}
