#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same protection through sysfs, the tool and iptables acts alike: the same
# packets get the same verdicts. The demonstration shows this to its audience.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/xtables_lib.sh
. tests/netns/xtables_lib.sh
# shellcheck source=tests/netns/session_lib.sh
. tests/netns/session_lib.sh
# shellcheck source=tests/demo/doors.sh
. tests/demo/doors.sh
work=$(mktemp -d)

# shellcheck disable=SC2317 # by name
operator()
{
	on shield "$1" >/dev/null && return
	result 1 "an operator's command: $1"
	finish
}

expected()
{
	cat <<-END
		pages $DOOR_PAGES
		newconns $DOOR_PAGES
		syncookie $((DOOR_PACKETS + DOOR_PAGES))
		closed_tcp_port $DOOR_PACKETS
		denied_source $DOOR_PACKETS
		tcp_flags_syn_fin $DOOR_PACKETS
	END
}

load_module
setup
trap 'teardown; rm -rf "$work"' EXIT
use_target "$work/libraries"
mkdir "$work/www"
chmod 755 "$work"
echo page >"$work/www/page"
session_nginx shield 80 "$work/www"
for door in "${DOORS[@]}"; do
	through "$door"
	check_equal "$door: verdicts" "$(expected | sort)" "$(sort "$work/$door")"
	check_equal "$door: nothing is left" "" "$(host shield cat "$PS/instances")"
done
finish
