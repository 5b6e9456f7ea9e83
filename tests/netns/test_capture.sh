#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# raw.cap: what tcpdump, tshark and cat read from it are exactly the frames that
# were sent, at all rates, and what isn't in it is in capmissed.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/capture_lib.sh
. tests/netns/capture_lib.sh

load_module
setup_capture
results "$PYTHON" tests/netns/capture_cases.py bytes
results "$PYTHON" tests/netns/capture_cases.py rates
check_invariants "captures"
finish
