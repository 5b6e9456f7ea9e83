#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield capture: what it writes and prints is what was sent, with what
# became of it; filters; loss; how it ends; bad input.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/capture_lib.sh
. "$(dirname "$0")/capture_lib.sh"

load_module
setup_capture
for case in file filters lines ends refused; do
	results "$PYTHON" tests/netns/tool_capture_cases.py "$case"
done
check_invariants "captures"
finish
