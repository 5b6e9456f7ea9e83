#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh ATTACK... -- FLOOD...: what `make demo` runs in the guest. nginx
# stands behind an instance; each attack runs at full speed, first while a
# client fetches pages, then alone, then alone with the shield taken off the
# interface. The floods are met as floods.sh says. Before, doors.sh sets the same
# protection up in three ways.
#
# Invariant: it only writes down what it saw, as lines "WHERE PHASE KEY VALUE"
# in /out/facts; report.py on the host subtracts, judges and prints. What
# reaches the stack is counted by nftables behind the shield's hook, not by the
# shield.
set -u
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck source=tests/demo/doors.sh
. tests/demo/doors.sh
# shellcheck source=tests/demo/floods.sh
. tests/demo/floods.sh

FLOOD=build/demo/flood
FLOOD_SECONDS=2
PAGES=25
SHIELD_ADDRESS=10.0.0.1
SHIELD_MAC=02:00:00:00:00:01
ATTACKER_MAC=02:00:00:00:00:03
NOBODYS_MAC=02:00:00:00:00:99
FACTS=${PS_OUT:?a directory for the figures}/facts

work=$(mktemp -d)

die()
{
	echo "demo.sh: $*" >&2
	exit 1
}

fact() { echo "$*" >>"$FACTS"; }

# operator COMMAND: shown, and run on the shield; what an operator would type.
operator()
{
	echo "    # $1"
	on shield "$1" || die "this failed: $1"
}

# The shield's host answers spoofed sources, as one on the Internet would.
start_network()
{
	setup
	ip -n "$NS_PREFIX-shield" route add default via 10.0.0.4
	bridge -n "$NS_PREFIX-switch" fdb add "$NOBODYS_MAC" dev shield master static
}

start_nginx()
{
	mkdir "$work/www"
	seq 1000 >"$work/www/page"
	cat >"$work/nginx.conf" <<-END
		user root;
		worker_processes 1;
		pid $work/nginx.pid;
		error_log stderr;
		events { worker_connections 512; }
		http {
			access_log off;
			keepalive_timeout 0;
			server { listen 80; root $work/www; }
		}
	END
	run_nginx
}

run_nginx()
{
	host shield nginx -e stderr -c "$work/nginx.conf" || die "nginx doesn't start"
	wait_for host client curl -sf -o /dev/null "http://$SHIELD_ADDRESS/page" ||
		die "nginx doesn't answer"
}

# Behind every other hook of the interface: what is left goes to the IP stack,
# whatever the stack thinks of it. The attacker's host sends no IPv4 packets but
# the attack's.
start_counters()
{
	host shield nft -f - <<-END || die "nftables doesn't count"
		table netdev demo {
			counter attack { }
			counter others { }
			chain stack {
				type filter hook ingress device eth0 priority 500;
				ether saddr $ATTACKER_MAC meta protocol ip counter name attack accept
				counter name others
			}
		}
	END
}

# The same protection set up in three ways: each one's verdicts.
show_doors()
{
	local door name number
	use_target "$work/libraries"
	for door in "${DOORS[@]}"; do
		echo "  the shield's configuration, by $door:"
		through "$door"
		while read -r name number; do
			fact "$door" verdicts "$name" "$number"
		done <"$work/$door"
	done
}

configure_shield()
{
	echo "  the shield's configuration:"
	operator "echo +web > $PS/instances"
	operator "echo +1 > $PS/web/Other/w_protocols"
	operator "echo +80 > $PS/web/Other/w_tcp_ports"
	operator "echo +198.51.100.0/24 > $PS/web/Other/b_sources"
	operator "echo +eth0 > $PS/web/ifaces"
}

# Packets that wait on any processor: column 12 of softnet_stat.
queues_empty()
{
	local column
	while read -ra column; do
		[ "${column[11]}" = 00000000 ] || return 1
	done </proc/net/softnet_stat
}

# Frames that came in on the interface, that queues of the guest lost, that
# the stack got, and that the shield dropped or answered, since the beginning.
# At rest all of one moment: a frame that comes in between the counters (ARP)
# has them read again.
snapshot() # snapshot WHERE PHASE [moving]
{
	local column lost=0
	wait_for queues_empty || die "packets are still under way"
	while read -ra column; do
		lost=$((lost + 16#${column[1]}))
	done </proc/net/softnet_stat
	fact "$1 $2 lost $lost"
	on shield "
		received=/sys/class/net/eth0/statistics/rx_packets
		until [ \"\$before\" = \"\$(<\$received)\" ]; do
			before=\$(<\$received)
			counters=\$(nft list counters)
			drops=\$(<$PS/web/Other/drops)
			stats=\$(<$PS/web/Other/stats)
			[ '${3:-}' != moving ] || break
		done
		echo received \$before
		awk '\$1 == \"counter\" { name = \$2 }
			\$1 == \"packets\" { print name, \$2 }' <<<\"\$counters\"
		awk '\$1 == \"syncookie\" { print \"answered\", \$3 }
			\$1 == \"quicretry\" { print \"retried\", \$3 }' <<<\"\$stats\"
		awk '\$2 { print \"reason.\" \$1, \$2 }' <<<\"\$drops\"" |
		sed "s/^/$1 $2 /" >>"$FACTS"
}

# start_flood ATTACK MAC [OPTION...]: returns when the first packets go out.
start_flood()
{
	local attack=$1 mac=$2 line
	shift 2
	coproc ATTACK {
		exec ip netns exec "$NS_PREFIX-attacker" "$FLOOD" --attack "$attack" \
			--interface eth0 --destination-mac "$mac" \
			--destination "$SHIELD_ADDRESS" "$@"
	}
	# The variables of a coprocess are gone as soon as it ends.
	exec {flood_output}<&"${ATTACK[0]}"
	flood_pid=$ATTACK_PID
	read -rt "$PS_TIMEOUT" -u "$flood_output" line || die "the generator doesn't start"
	[ "$line" = started ] || die "the generator says: $line"
}

# end_flood WHERE PHASE: waits for it, and writes down what it says.
end_flood()
{
	local line word
	read -rt "$PS_TIMEOUT" -u "$flood_output" line || die "the generator didn't finish"
	exec {flood_output}<&-
	wait "$flood_pid" || die "the generator failed"
	for word in $line; do
		fact "$1 $2 ${word/=/ }"
	done
	word=${line#sent=}
	sent=${word%% *}
}

flood() # flood WHERE PHASE ATTACK MAC: for FLOOD_SECONDS
{
	start_flood "$3" "$4" --seconds "$FLOOD_SECONDS"
	end_flood "$1" "$2"
}

# fetch_pages ATTACK: each over a connection of its own; sets pages_ok.
fetch_pages()
{
	local page=$work/www/page pages=$work/pages right
	mkdir "$pages"
	host client curl -s --max-time 20 -o "$pages/#1" \
		"http://$SHIELD_ADDRESS/page?[1-$PAGES]"
	right=$(md5sum <"$page")
	pages_ok=$(md5sum "$pages"/* 2>/dev/null | grep -c "^${right%% *} ")
	rm -r "$pages"
	fact "$1 client ok $pages_ok"
	fact "$1 client total $PAGES"
}

under_attack() # under_attack ATTACK: the shield on, the client at work
{
	start_flood "$1" "$SHIELD_MAC"
	fetch_pages "$1"
	kill -TERM "$flood_pid" || die "the attack ended before the client's last page"
	end_flood "$1" client
}

demonstrate() # demonstrate ATTACK
{
	local offered
	snapshot "$1" before
	under_attack "$1"
	offered=$sent
	flood "$1" with "$1" "$SHIELD_MAC"
	offered=$((offered + sent))
	snapshot "$1" after
	on shield "echo -eth0 > $PS/web/ifaces" || die "the shield doesn't come off"
	snapshot "$1" bare_before
	flood "$1" without "$1" "$SHIELD_MAC"
	snapshot "$1" bare_after
	on shield "echo +eth0 > $PS/web/ifaces" || die "the shield doesn't come back"
	printf '  %-14s %7d packets with the shield, %d of %d pages; %7d packets without\n' \
		"$1" "$offered" "$pages_ok" "$PAGES" "$sent"
}

rm -f "$FACTS"
load_module || die "the module doesn't load"
start_network
start_nginx
start_counters
fact guest - kernel "$(uname -r)"
fact guest - kind "${PS_GUEST:-unknown}"
# What the generator and the wire cost: frames that the interface receives and
# the stack refuses at once, since they are for another host.
flood wire cost closed_port "$NOBODYS_MAC"
show_doors
configure_shield
echo "  the attacks:"
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	demonstrate "$1"
	shift
done
[ $# -lt 2 ] || withstand_all "${@:2}"
check_invariants "the demonstration" >"$work/invariants"
[ "$PS_FAILED" -eq 0 ] || die "$(cat "$work/invariants")"
fact guest - complete 1
