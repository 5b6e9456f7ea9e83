# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A shield that forwards to a server behind it, on top of lib.sh, and the
# netfilter rules that complete the connections of its x_tcp_ports.
#
#   far --- client --- shield --- server
#      1300      eth0       inner
#
#   host     eth0                   eth0.100                 other side
#   client   10.0.0.2 2001:db8::2   10.1.0.2 2001:db8:1::2   10.8.0.1 2001:db8:8::1
#   shield   10.0.0.1 2001:db8::1   10.1.0.1 2001:db8:1::1   10.9.0.1 2001:db8:9::1
#   server   10.9.0.2 2001:db8:9::2, and …3 which the client reaches through VLAN 100
#   far      10.8.0.2 2001:db8:8::2
#
# The link from the client to far takes packets of 1300 bytes, which far
# doesn't know: the client's ICMP errors tell the server.

# The contexts of its instance: one for each address that is reached in the VLAN.
contexts='Other 10.9.0.3@100 2001:db8:9::3@100'
# PATH ADDRESS of the server, as the client reaches it.
# shellcheck disable=SC2034 # for the scripts that source this file
paths='IPv4 10.9.0.2
IPv6 [2001:db8:9::2]
IPv4-VLAN 10.9.0.3
IPv6-VLAN [2001:db8:9::3]'

work=$(mktemp -d) # nginx's files, and what is sent

teardown_forward() {
	local name
	teardown
	rm -rf "$work"
	for name in server far; do
		ip netns pids "$NS_PREFIX-$name" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$NS_PREFIX-$name" 2>/dev/null
	done
}

address_forward() { # address_forward HOST LINE...: ip -batch, without DAD
	local name=$1
	shift
	{
		echo link set lo up
		printf '%s\n' "$@"
	} | ip -n "$NS_PREFIX-$name" -batch -
}

setup_forward() {
	local name
	trap teardown_forward EXIT
	for name in client shield server far; do
		ip netns add "$NS_PREFIX-$name"
	done
	ip -batch - <<-END
		link add eth0 netns $NS_PREFIX-client address 02:00:00:00:00:02 \
			type veth peer name eth0 address 02:00:00:00:00:01 netns $NS_PREFIX-shield
		link add inner netns $NS_PREFIX-shield type veth peer name eth0 netns $NS_PREFIX-server
		link add far netns $NS_PREFIX-client mtu 1300 \
			type veth peer name eth0 mtu 1500 netns $NS_PREFIX-far
	END
	address_forward client 'link add link eth0 name eth0.100 type vlan id 100' \
		'link set eth0 up' 'link set eth0.100 up' 'link set far up' \
		'addr add 10.0.0.2/24 dev eth0' 'addr add 2001:db8::2/64 dev eth0 nodad' \
		'addr add 10.1.0.2/24 dev eth0.100' 'addr add 2001:db8:1::2/64 dev eth0.100 nodad' \
		'addr add 10.8.0.1/24 dev far' 'addr add 2001:db8:8::1/64 dev far nodad' \
		'route add 10.9.0.2 via 10.0.0.1' 'route add 2001:db8:9::2 via 2001:db8::1' \
		'route add 10.9.0.3 via 10.1.0.1' 'route add 2001:db8:9::3 via 2001:db8:1::1'
	address_forward shield 'link add link eth0 name eth0.100 type vlan id 100' \
		'link set eth0 up' 'link set eth0.100 up' 'link set inner up' \
		'addr add 10.0.0.1/24 dev eth0' 'addr add 2001:db8::1/64 dev eth0 nodad' \
		'addr add 10.1.0.1/24 dev eth0.100' 'addr add 2001:db8:1::1/64 dev eth0.100 nodad' \
		'addr add 10.9.0.1/24 dev inner' 'addr add 2001:db8:9::1/64 dev inner nodad' \
		'route add 10.8.0.0/24 via 10.0.0.2' 'route add 2001:db8:8::/64 via 2001:db8::2'
	address_forward server 'link set eth0 up' \
		'addr add 10.9.0.2/24 dev eth0' 'addr add 2001:db8:9::2/64 dev eth0 nodad' \
		'addr add 10.9.0.3/24 dev eth0' 'addr add 2001:db8:9::3/64 dev eth0 nodad' \
		'route add default via 10.9.0.1' 'route add default via 2001:db8:9::1'
	address_forward far 'link set eth0 up' \
		'addr add 10.8.0.2/24 dev eth0' 'addr add 2001:db8:8::2/64 dev eth0 nodad' \
		'route add default via 10.8.0.1' 'route add default via 2001:db8:8::1'
	# So that the server's window scale is 7, on guests of all sizes.
	on server 'echo 4096 131072 6291456 >/proc/sys/net/ipv4/tcp_rmem'
	for name in client shield; do
		on "$name" 'cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding'
	done
	for name in 10.9.0.2 2001:db8:9::2 10.9.0.3 2001:db8:9::3; do
		wait_for host client ping -c1 -W1 "$name"
	done
	wait_for host far ping -c1 -W1 10.9.0.2
}

# nginx on the server's port 80: "page", files in $work, and PUT.
serve_behind() {
	chmod 777 "$work"
	echo page >"$work/index.html"
	cat >"$work/nginx.conf" <<-END
		daemon off;
		user root;
		pid $work/nginx.pid;
		error_log $work/error.log;
		worker_processes 1;
		events { }
		http {
			access_log off;
			client_body_temp_path $work;
			client_max_body_size 0;
			server {
				listen 80;
				listen [::]:80;
				root $work;
				dav_methods PUT;
			}
		}
	END
	host server nginx -c "$work/nginx.conf" 2>/dev/null & disown
	wait_for on server 'ss -ltn | grep -q :80'
}

each() { # each FILE TEXT: written in every context
	on shield "for c in $contexts; do echo '$2' >$PS/shield/\$c/$1 || exit; done"
}

protections() { # protections NAME...: these are on in every context, the others off
	local name members
	for name in new_cookie unmatch_drop unknown_ttlfilter deliver_block; do
		members=
		case " $* " in *" $name "*) members=${contexts// /$'\n'}$'\n' ;; esac
		printf '{\n%s}\n' "$members" |
			host shield tee "$PS/shield/Other/${name}_toggled" >/dev/null || return
	done
}

# Ports 80 and 8000-8009 are the server's.
protect_behind() {
	local c
	new_instance shield
	for c in $contexts; do
		[ "$c" = Other ] || on shield "echo +$c >$PS/shield/contexts"
	done
	each x_tcp_ports +80
	each x_tcp_ports +8000-8009
}

# The rules of docs/synproxy.md. SYNs aren't tracked, so they and the ACKs with
# cookies, which then match no connection, come to SYNPROXY; what it doesn't
# take is out of every connection. Its own SYN+ACKs aren't tracked either: those
# of a port used again would be rewritten as if they were of the old connection.
companion_nft() { # companion_nft MSS WSCALE TIMESTAMPS SACK ECN
	local offer="mss $1"
	[ "$2" = none ] || offer+=" wscale $2"
	[ "$3" = 0 ] || offer+=" timestamp"
	[ "$4" = 0 ] || offer+=" sack-perm"
	[ "$5" = 0 ] || return # nftables has no word for it
	host shield nft -f - <<-END
		table inet companion {
			chain untrack {
				type filter hook prerouting priority raw; policy accept;
				iifname { "eth0", "eth0.100" } tcp dport { 80, 8000-8009 } \
					tcp flags & (fin | syn | rst | ack) == syn notrack
			}
			chain untrack_answers {
				type filter hook output priority raw; policy accept;
				oifname { "eth0", "eth0.100" } tcp sport { 80, 8000-8009 } \
					tcp flags & (syn | ack) == (syn | ack) notrack
			}
			chain forward {
				type filter hook forward priority filter; policy accept;
				iifname { "eth0", "eth0.100" } tcp dport { 80, 8000-8009 } \
					ct state invalid,untracked synproxy $offer
				ct state invalid drop
			}
		}
	END
}

companion_iptables() { # companion_iptables MSS WSCALE TIMESTAMPS SACK ECN
	local offer="--mss $1" restore
	local to='-p tcp -m multiport --dports 80,8000:8009'
	local from='-p tcp -m multiport --sports 80,8000:8009'
	[ "$2" = none ] || offer+=" --wscale $2"
	[ "$3" = 0 ] || offer+=" --timestamp"
	[ "$4" = 0 ] || offer+=" --sack-perm"
	[ "$5" = 0 ] || offer+=" --ecn"
	for restore in iptables-restore ip6tables-restore; do
		host shield "$restore" <<-END || return
			*raw
			-A PREROUTING -i eth0 $to --syn -j CT --notrack
			-A PREROUTING -i eth0.100 $to --syn -j CT --notrack
			-A OUTPUT -o eth0 $from --tcp-flags SYN,ACK SYN,ACK -j CT --notrack
			-A OUTPUT -o eth0.100 $from --tcp-flags SYN,ACK SYN,ACK -j CT --notrack
			COMMIT
			*filter
			-A FORWARD -i eth0 $to -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY $offer
			-A FORWARD -i eth0.100 $to -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY $offer
			-A FORWARD -m conntrack --ctstate INVALID -j DROP
			COMMIT
		END
	done
}

# Rules of the kind (nft, iptables), and the instance's options equal to them.
agree() { # agree KIND MSS WSCALE TIMESTAMPS SACK ECN
	host shield nft flush ruleset
	"companion_$1" "${@:2}" || return
	on shield 'echo 0 >/proc/sys/net/netfilter/nf_conntrack_tcp_loose'
	each x_tcp_mss "$2" && each x_tcp_wscale "$3" && each x_tcp_timestamps "$4" &&
		each x_tcp_sack "$5" && each x_tcp_ecn "$6"
}

# SYNs that SYNPROXY has answered, over all CPUs.
synproxy_answers() {
	local syns sum=0
	while read -r _ syns _; do
		sum=$((sum + 16#$syns))
	done < <(host shield tail -n +2 /proc/net/stat/synproxy)
	echo "$sum"
}

# A line of stats, over all contexts.
counted() { # counted LINE
	on shield "cd $PS/shield && cat */stats" |
		awk -v line="$1" '{ sub(/ *:/, "") } $1 == line { n += $2 } END { print n }'
}
