#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
. tests/netns/lib.sh
work=$(mktemp -d)

load_module
setup
trap 'teardown; umount "$work"; rm -rf "$work"' EXIT
settle
# The namespaces have a /sys of their own.
mount -t tracefs tracefs "$work"
export PS_TRACING=$work
new_instance shield
results tests/netns/protection_cases.py
check_invariants "thresholds and togglers"
finish
