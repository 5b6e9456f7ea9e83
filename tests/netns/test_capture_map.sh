#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# capture.map: sizes, slots and their release, readers that take over, are killed,
# or outlive the instance or the module; who may read.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/config.sh
. tests/netns/config.sh
# shellcheck source=tests/netns/capture_lib.sh
. tests/netns/capture_lib.sh
work=$(mktemp -d)

load_module
setup_capture
trap 'teardown; rm -rf "$work"' EXIT
results "$PYTHON" tests/netns/capture_map_cases.py "$work/numbers"
finish
