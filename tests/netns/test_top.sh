#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield top, in a real terminal (tmux) under real traffic: what it shows, what its keys do,
# and how it ends.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/capture_lib.sh
. "$(dirname "$0")/capture_lib.sh"
PS_TOOL=${PS_TOOL:-build/packetshield}

says_and_ends() { # says_and_ends CODE WORDS: top in a terminal without the module
	local code=$1 words=$2 said
	said=$(script -qec "'$PS_TOOL' top" /dev/null </dev/null)
	[ $? = "$code" ] && [[ $said == *"$words"* ]]
}

if [ ! -d "$PS" ]; then
	check "without the module: exit 3" says_and_ends 3 "isn't loaded"
fi
load_module
setup_capture
for case in ends rates keys; do
	results "$PYTHON" tests/netns/top_cases.py "$case"
	check_invariants "$case"
done
finish
