#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield top, in a real terminal (tmux) under real traffic: with very many contexts, and by
# valgrind.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/capture_lib.sh
. "$(dirname "$0")/capture_lib.sh"

load_module
setup_capture
for case in scale memory; do
	results "$PYTHON" tests/netns/top_cases.py "$case"
	check_invariants "$case"
done
finish
