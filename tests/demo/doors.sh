# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One protection, set up through each of the three doors that an operator has:
# the files of sysfs, the tool, and a rule of iptables in front of an instance
# without interface. The same packets come each time; the verdicts must be equal.
# For demo.sh and test_doors.sh, on top of lib.sh and use_target of xtables_lib.sh, by
# which the rules find their library.
#
# Each caller brings operator COMMAND, which runs what an operator would type on
# the shield, and ends when that fails.
#
# Invariant: a door leaves nothing behind.
# shellcheck disable=SC2034,SC2154 # for the scripts that source this file; work is theirs
DOORS=(sysfs tool iptables)
DOOR_PACKETS=100 # of each kind
DOOR_PAGES=5
DOOR_TOOL=build/packetshield

# A file of the tool, and what the other doors are asked for one by one.
door_configuration() # door_configuration FILE
{
	cat >"$1" <<-END
		instances web
		web/ifaces eth0
		web/Other/w_protocols 1
		web/Other/b_sources 198.51.100.0/24
		web/Other/p_tcp_ports 80
		web/Other/new_cookie_threshold 1000-500
		web/Other/new_cookie_toggled Other
	END
}

# The protection by files; what brings it its packets is the caller's.
door_files()
{
	operator "echo +web > $PS/instances"
	operator "echo +1 > $PS/web/Other/w_protocols"
	operator "echo +198.51.100.0/24 > $PS/web/Other/b_sources"
	operator "echo +80 > $PS/web/Other/p_tcp_ports"
	operator "echo 1000-500 > $PS/web/Other/new_cookie_threshold"
	operator "echo +Other > $PS/web/Other/new_cookie_toggled"
}

open_sysfs()
{
	door_files
	operator "echo +eth0 > $PS/web/ifaces"
}

open_tool() # by the file that $work has
{
	door_configuration "$work/web.conf"
	operator "cat $work/web.conf"
	operator "$DOOR_TOOL apply $work/web.conf"
}

open_iptables()
{
	door_files
	operator "iptables -t raw -A PREROUTING -i eth0 -j PACKETSHIELD --instance web"
	operator "iptables -t raw -A OUTPUT -o eth0 -j PACKETSHIELD --instance web"
}

close_sysfs() { operator "echo -web > $PS/instances"; }
close_tool() { operator "$DOOR_TOOL del instances web"; }

close_iptables()
{
	operator "iptables -t raw -F"
	operator "echo -web > $PS/instances"
}

# Packets of one kind, each from a port of its own.
door_send() # door_send OPTION...
{
	host attacker hping3 -q -c "$DOOR_PACKETS" -i u1000 "$@" 10.0.0.1 >/dev/null 2>&1
	: # nobody answers: that is no failure here
}

door_traffic()
{
	door_send -S -F -p 80                # impossible flags
	door_send -S -p 80 -a 198.51.100.9   # a denied source
	door_send -S -p 81                   # a closed port
	door_send -S -p 80 -a 203.0.113.9    # answered with cookies
	door_pages=$(host client curl -s --max-time "$PS_TIMEOUT" -w '%{http_code}\n' -o /dev/null \
		"http://10.0.0.1/page?[1-$DOOR_PAGES]" | grep -c '^200$')
}

# What became of the packets: lines "NAME NUMBER".
door_verdicts()
{
	echo "pages $door_pages"
	host shield awk '$1 == "syncookie" || $1 == "newconns" { print $1, $3 }' "$PS/web/Other/stats"
	host shield awk '$2 { print $1, $2 }' "$PS/web/Other/drops"
}

through() # through DOOR: its verdicts into $work/DOOR
{
	"open_$1"
	door_traffic
	door_verdicts >"$work/$1"
	"close_$1"
}
