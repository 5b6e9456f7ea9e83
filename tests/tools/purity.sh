#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The core is a function of its arguments: its objects, linked together, may
# need nothing from outside but the compiler's memory functions and what
# platform.h declares. Run it after
# `make pure`; prints what is needed beyond and fails.
set -euo pipefail

allowed='memcpy|memmove|memset|memcmp|ps_platform_.*'
joined=$(mktemp)
trap 'rm -f "$joined"' EXIT

ld -r -o "$joined" build/pure/*.o
needed=$(nm -u "$joined" | awk '{ print $2 }' | grep -vxE "$allowed" || :)
[ -z "$needed" ] || { echo "the core needs: $needed"; exit 1; }
writable=$(nm "$joined" | awk '$2 ~ /^[dDbBC]$/ { print $3 }' | grep -vx ps_contexts_tombstone || :)
[ -z "$writable" ] || { echo "the core has writable state: $writable"; exit 1; }
