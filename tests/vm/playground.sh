#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# playground.sh COMMAND...: what `make vm` prepares before the shell: the module
# is loaded, and this guest has two networks with a host on each to try things
# from. PS_MODULE names the module.
#
#   guest  eth0 10.2.3.1, 10.2.3.5   ---  namespace client    10.2.3.2
#          (both: 2001:db8::1, ::5 and ::2)
#   guest  eth1 192.0.2.1            ---  namespace attacker  192.0.2.3
set -euo pipefail

add_network() # add_network INTERFACE NAMESPACE
{
	ip netns add "$2"
	ip link add "$1" type veth peer name eth0 netns "$2"
	ip link set "$1" up
	ip -n "$2" link set lo up
	ip -n "$2" link set eth0 up
}

modprobe -q x_tables || : # where it is a module, ours needs it
insmod "${PS_MODULE:?the module to load}"
add_network eth0 client
ip addr add 10.2.3.1/24 dev eth0
ip addr add 10.2.3.5/24 dev eth0
ip addr add 2001:db8::1/64 dev eth0 nodad
ip addr add 2001:db8::5/64 dev eth0 nodad
ip -n client addr add 10.2.3.2/24 dev eth0
ip -n client addr add 2001:db8::2/64 dev eth0 nodad
add_network eth1 attacker
ip addr add 192.0.2.1/24 dev eth1
ip -n attacker addr add 192.0.2.3/24 dev eth0

# Until duplicate address detection is over, hosts report their multicast groups
# from no address, which the shield counts as invalid: not in the examples.
tentative() { for ns in client attacker; do ip -n $ns -6 addr show tentative; done; }
deadline=$((SECONDS + 30))
while [ -n "$(tentative)" ] && [ "$SECONDS" -lt "$deadline" ]; do
	read -rt 0.1 <> <(:) || :
done

cat <<'END'
PacketShield is loaded: /sys/packetshield. eth0 leads to the namespace client,
eth1 to attacker. Try:
  echo "+myinst" > /sys/packetshield/instances
  echo "+eth0" > /sys/packetshield/myinst/ifaces
  ip netns exec client ping -c 1 10.2.3.5
  grep -v ' 0 0' /sys/packetshield/myinst/Other/drops
END
exec "$@"
