# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2154 # work: the sourcing script has it
#
# Whether the generator's packets are what they should be, judged by the shield,
# which verifies checksums itself when no NIC has. They go to closed ports of the
# stand ctx_1: whatever is wrong with one, it would be dropped for that instead.

PROVEN=640

# prove REASON NUMBER WORD...: so many of the packets so made are dropped for REASON.
prove()
{
	local reason=$1 number=$2 before moved
	shift 2
	before=$(shield_number ctx_1 Other/drops "$reason")
	order ctx_1 eth0 packets=$PROVEN vouched=0 dport=81 "$@" >/dev/null
	moved=$(($(shield_number ctx_1 Other/drops "$reason") - before))
	[ "$moved" = "$number" ] ||
		die "the generator: $*: $moved of $PROVEN packets were dropped as $reason"
}

# Two frames, one of them with a bad checksum.
write_capture() # write_capture FILE
{
	PYTHONPATH=tests/netns /usr/bin/python3 - "$1" <<-'END'
		import struct, sys
		import frames
		packet = frames.ipv4(frames.udp("192.0.2.1", "10.0.0.1", 81), frames.UDP,
		                     "192.0.2.1", "10.0.0.1")
		right = frames.ethernet(packet, frames.IPV4)
		wrong = right[:-1] + bytes([right[-1] ^ 1])
		with open(sys.argv[1], "wb") as file:
		    file.write(struct.pack("=IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
		    for frame in (right, wrong):
		        file.write(struct.pack("=IIII", 0, 0, len(frame), len(frame)) + frame)
	END
}

prove_generator()
{
	local family
	for family in 4 6; do
		prove closed_tcp_port $PROVEN family=$family flags=0x02
		prove closed_tcp_port $PROVEN family=$family flags=0x02 options=1
		prove closed_tcp_port $PROVEN family=$family flags=0x18 payload=101 dsts=1000 sources=1000
		prove closed_tcp_port $PROVEN family=$family flags=0x10 list=1 sources=1000 hot=10 client=1
		prove closed_udp_port $PROVEN family=$family protocol=17 payload=1000 sport=123
		prove closed_udp_port $PROVEN family=$family protocol=17 sequential=1 sources=10
	done
	write_capture "$work/capture"
	prove closed_udp_port $((PROVEN / 2)) replay="$work/capture"
	prove udp_checksum $((PROVEN / 2)) replay="$work/capture"
}
