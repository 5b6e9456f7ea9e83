#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Batches by netlink that take in interfaces, hooks, tables and protections: all
# of it or nothing, and no packet passes unjudged. Tables that are full.
#
# Processors: 2, since packets come while interfaces move.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/xtables_lib.sh
. "$(dirname "$0")/xtables_lib.sh"

load_module
setup_alone
on shield "echo +i >$PS/instances"
for case in together refused moved sizes switched full; do
	results "$PYTHON" tests/netns/netlink_iface_cases.py "$case"
done
use_target /tmp/xtables
check "a rule uses an instance" host shield \
	iptables-legacy -w -t raw -A PREROUTING -j PACKETSHIELD --instance i
results "$PYTHON" tests/netns/netlink_iface_cases.py used
host shield iptables-legacy -w -t raw -F
results "$PYTHON" tests/netns/netlink_iface_cases.py storm
finish
