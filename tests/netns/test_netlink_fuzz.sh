#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The netlink door under messages that are almost right, and batches that don't
# come to their end: nothing changes, and the kernel has nothing to say.
#
# Processors: 2, since several write at the same time.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

# Other than that bytes were left over, which netlink itself says.
complaints() { dmesg | grep -E 'WARNING|BUG|Oops|general protection|rcu:.*stall' || :; }

load_module
setup_alone
results "$PYTHON" tests/netns/netlink_fuzz.py
check_equal "the kernel has nothing to say" "" "$(complaints)"
check_invariants "all this"
finish
