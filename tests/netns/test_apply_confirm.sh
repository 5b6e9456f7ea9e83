#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# apply --confirm: the way back for who locks himself out.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"

load_module
setup_alone
results "$PYTHON" tests/netns/confirm_cases.py
check_invariants "all this"
finish
