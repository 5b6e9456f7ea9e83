#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QUIC on protected ports by frames: what is dropped, and the Retry on the wire,
# read by another hand (quic_token.py).
. tests/netns/lib.sh
. tests/netns/session_lib.sh

check "recorded exchanges are read as HAProxy made them" \
	/usr/bin/python3 tests/netns/quic_token.py tests/unit/quic_retry.json
load_module
setup
settle
new_instance shield
results tests/netns/quic_cases.py
check_invariants "QUIC by frames"
finish
