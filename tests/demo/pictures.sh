#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pictures.sh: what `make pictures` runs in the guest: floods that come and go, and
# packetshield top looked at in two terminals. The screens are in /out, as escape
# sequences; svg.py on the host makes pictures of them.

# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh

load_module
setup_alone
on shield '
	ip link set eth0 address 02:00:00:00:00:01
	ip -batch - <<-END
		addr add 203.0.113.10/24 dev eth0
		addr add 203.0.113.20/24 dev eth0
		route add default via 203.0.113.1 dev eth0
		neigh replace 203.0.113.1 lladdr 02:00:00:00:00:03 dev eth0 nud permanent
	END'
results "$PYTHON" tests/demo/pictures.py "${PS_OUT:?a directory for the screens}"
finish
