# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bash completion for packetshield. The tool knows what may come next: its
# tables, and the names that the kernel has.

_packetshield()
{
	local cur prev words cword
	_init_completion -n : || return
	mapfile -t COMPREPLY < <(compgen -W \
		"$(packetshield --complete "${words[@]:1:cword}" 2>/dev/null)" -- "$cur")
	__ltrim_colon_completions "$cur"
} &&
	complete -o default -F _packetshield packetshield
