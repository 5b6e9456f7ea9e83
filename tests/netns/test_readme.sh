#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The session in README.md is what `make vm` really shows: its commands are run
# in the same surroundings, and what they print must be what the page says.

# shellcheck source=tests/netns/lib.sh
. tests/netns/lib.sh

work=$(mktemp -d)

# The page's block, and a script that prints it anew.
sed -n '/^```console$/,/^```$/p' README.md | sed '1d;$d' >"$work/expected"
sed -n 's/^# //p' "$work/expected" | while IFS= read -r command; do
	printf 'printf "# %%s\\n" %q\n%s\n' "$command" "$command"
done >"$work/script"

check "README.md has a session" grep -q '^# echo "+myinst"' "$work/expected"
tests/vm/playground.sh bash "$work/script" >"$work/actual" 2>&1
# What the playground says before the session isn't part of it.
sed -i '1,/^  grep -v/d' "$work/actual"
check "the session prints what README.md says" diff "$work/expected" "$work/actual"
check_equal "its instance is gone" "" "$(cat "$PS/instances")"
check "the module can be removed" rmmod packetshield
finish
