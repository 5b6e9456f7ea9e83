#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long SYN cookies are good for, and that ACKs without one open nothing
# (cookie_expiry.py). Takes 130 s anywhere: nobody can hurry the kernel's clock.
#
# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh
# shellcheck source=tests/netns/cookie_lib.sh
. tests/netns/cookie_lib.sh

setup_cookies
results tests/netns/cookie_expiry.py
check_invariants "expiry of cookies"
finish
