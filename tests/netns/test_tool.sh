#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command packetshield: what it reads, sets and refuses, and how it ends.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
PS_TOOL=${PS_TOOL:-build/packetshield}

ends_with() { # ends_with CODE WORDS COMMAND...: its exit code, and what it says
	local code=$1 words=$2 said got
	shift 2
	said=$(timeout 60 "$@" 2>&1)
	got=$?
	echo "exit $got: $said"
	[ "$got" = "$code" ] && [[ $said == *"$words"* ]]
}

AS_USER=(setpriv --reuid 65534 --regid 65534 --clear-groups)

if [ ! -d "$PS" ]; then
	check "without the module: exit 3" ends_with 3 "isn't loaded" "$PS_TOOL" status
fi
load_module
setup_alone
on shield "echo +i >$PS/instances"
for command in status "show i" "stats i Other" drops "set i ack_session_timeout 5" \
	"add i contexts 10.0.0.1" "del instances i"; do
	# shellcheck disable=SC2086 # words of a command line
	check "a user may not: $command" ends_with 3 "CAP_NET_ADMIN" \
		"${AS_USER[@]}" "$PS_TOOL" $command
done
for case in reading writing lists texts refused; do
	results "$PYTHON" tests/netns/tool_cases.py "$case"
done
check_invariants "all this"
finish
