#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command packetshield while packets and events come, on terminals and
# closed pipes, and in the shell's completion.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

load_module
setup_alone
on shield "echo +i >$PS/instances"
for case in counts events output words; do
	results "$PYTHON" tests/netns/tool_run_cases.py "$case"
done
check_invariants "all this"
finish
