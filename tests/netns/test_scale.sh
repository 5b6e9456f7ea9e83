#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The limits of the lists: 4,096 contexts (65,536 where the guest is as fast as
# the machine), 1,048,576 ranges of sources, what is over the limit, how long
# it takes, that packets meet the right rule in them, and that memory comes
# back. Lines "# figure NAME VALUE UNIT" are for quoting.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

load_module
setup_flood
new_instance shield
results "$PYTHON" tests/netns/scale_cases.py contexts
check_invariants "contexts"
results "$PYTHON" tests/netns/scale_cases.py sources /tmp/ranges
check_invariants "sources"
finish
