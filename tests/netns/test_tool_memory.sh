#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command packetshield under valgrind.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

load_module
setup_alone
on shield "echo +i >$PS/instances"
results "$PYTHON" tests/netns/tool_run_cases.py memory
results "$PYTHON" tests/netns/apply_cases.py memory
finish
