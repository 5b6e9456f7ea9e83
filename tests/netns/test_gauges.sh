#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rates as thresholds see them, how full the tables of sessions are, and which
# contexts are told: by netlink, status and metrics.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/capture_lib.sh
. "$(dirname "$0")/capture_lib.sh"

load_module
setup_capture
for case in busy rates tables; do
	results "$PYTHON" tests/netns/gauge_cases.py "$case"
done
check_invariants "gauges"
finish
