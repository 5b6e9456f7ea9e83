#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The netlink door: what both doors show, what is refused, batches, events,
# who may, and a list of a million ranges.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

load_module
setup_alone
on shield "echo +i >$PS/instances"
for case in views errors; do
	results "$PYTHON" tests/netns/netlink_cases.py "$case"
done
for case in batch structures owners writers events scale; do
	results "$PYTHON" tests/netns/netlink_batch_cases.py "$case"
done
check_invariants "all this"
finish
