#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packetshield metrics: what it tells, by promtool's rules; as a file, by HTTP,
# and as a real Prometheus sees it through the expressions of the dashboard.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
# shellcheck source=tests/netns/capture_lib.sh
. "$(dirname "$0")/capture_lib.sh"

load_module
setup_capture
for case in text file http scale activated prometheus; do
	results "$PYTHON" tests/netns/metrics_cases.py "$case"
done
check_invariants "metrics"
finish
