#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The configuration file on a real kernel: apply and save.

# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/config.sh
. "$(dirname "$0")/config.sh"
PS_TOOL=${PS_TOOL:-build/packetshield}

check "check needs no module: the example is good" "$PS_TOOL" check docs/example.conf
check_fails "apply does" "$PS_TOOL" apply docs/example.conf
load_module
setup_alone
for case in same equal secrets attack broken saved changing; do
	results "$PYTHON" tests/netns/apply_cases.py "$case"
done
check "the example is applied" host shield "$PS_TOOL" apply docs/example.conf
check_equal "... and all of it is there" "$(grep '^[^#]' docs/example.conf | grep -vc keep)" \
	"$(host shield "$PS_TOOL" save | grep -c '^[^#]')"
check_invariants "all this"
finish
