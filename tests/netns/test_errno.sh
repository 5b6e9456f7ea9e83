#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every errno that a write to each kind of file can give (SPEC 4.1), the limit
# of the list of instances, and writers without CAP_NET_ADMIN. After every
# refusal all files hold what they held before. ENOSPC of the other lists is in
# test_scale.sh, EBUSY of transactions in test_transactions.sh.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

load_module
setup_alone
results "$PYTHON" tests/netns/errno_cases.py
results setpriv --bounding-set=-net_admin \
	"$PYTHON" tests/netns/errno_cases.py eperm
check_equal "the same write with the capability" OK \
	"$(write_errno shield $PS/i/Other/b_sources '+1.2.3.4')"
check_invariants "all this"
finish
