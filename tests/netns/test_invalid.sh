#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Invalid packets, SPEC 3: each drop reason with the packets that hit it and
# near misses that pass, as raw frames from the attacker, in IPv4 and IPv6,
# untagged, in a VLAN, in QinQ and in PPPoE; then samples from hping3, which
# builds its packets by itself.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh

raw_frames() {
	local name
	for name in shield attacker; do # room for headers of more than 2048 bytes
		ip -n "$NS_PREFIX-switch" link set "$name" mtu 9000
		ip -n "$NS_PREFIX-$name" link set eth0 mtu 9000
	done
	results tests/netns/send_invalid.py include/packetshield/reasons.def
	check_invariants "raw frames"
}

# Each kind counts under another reason, so that all may run at once.
hping_kinds() {
	cat <<-'END'
		tcp_flags_none --data 0
		ip_land -S -a 10.0.0.1
		tcp_flags_syn_fin -S -F
		tcp_flags_syn_rst -S -R
		tcp_flags_fin_rst -F -R
		tcp_flags_no_ack -F -P -U
		tcp_syn_data -S --data 20
		tcp_rst_data -R --data 20
	END
}

hping_all() {
	on attacker '
		while read -r reason options; do
			hping3 -q -c 5 -i u2000 -p 80 $options 10.0.0.1 </dev/null &
		done
		wait' <<<"$(hping_kinds)" >/dev/null 2>&1
}

hping() {
	local reason before=() invalid
	while read -r reason _; do
		before+=("$(drops "$PS/shield/Other" "$reason")")
	done < <(hping_kinds)
	invalid=$(counter "$PS/shield/Other" invalid)
	hping_all
	while read -r reason _; do
		check_equal "hping3: 5 of $reason" 5 \
			$(($(drops "$PS/shield/Other" "$reason") - before[0]))
		before=("${before[@]:1}")
	done < <(hping_kinds)
	check_equal "hping3: all counted as invalid" $((8 * 5)) \
		$(($(counter "$PS/shield/Other" invalid) - invalid))
	check_invariants hping3
}

load_module
setup
settle
new_instance shield
on shield "cd $PS/shield/Other &&
	for p in 1 80; do echo +\$p > w_tcp_ports; done &&
	for p in 1 53 67; do echo +\$p > w_udp_ports; done &&
	for p in 1 47 58; do echo +\$p > w_protocols; done"
raw_frames
hping
finish
