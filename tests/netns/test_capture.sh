#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# raw.cap: what tcpdump, tshark and cat read from it are exactly the frames that
# were sent, at all rates, and what isn't in it is in capmissed.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh

load_module
setup_alone
# Nobody but the tests sends anything.
on shield 'for device in eth0 eth1; do
	echo 1 >/proc/sys/net/ipv6/conf/$device/disable_ipv6
	ethtool -K $device gro off >/dev/null
done'
new_instance shield
results "$PYTHON" tests/netns/capture_cases.py bytes
results "$PYTHON" tests/netns/capture_cases.py rates
check_invariants "captures"
finish
