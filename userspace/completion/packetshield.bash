# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bash completion for packetshield. The tool knows what may come next: its
# tables, and the names that the kernel has.

_packetshield()
{
	local cur prev words cword kept
	_init_completion -n :@= || return
	mapfile -t COMPREPLY < <(compgen -W \
		"$(packetshield --complete "${words[@]:1:cword}" 2>/dev/null)" -- "$cur")
	# Of a word with breaks in it bash replaces what is behind the last one only.
	kept=${cur%"${cur##*[:@=]}"}
	COMPREPLY=("${COMPREPLY[@]#"$kept"}")
} &&
	complete -o default -F _packetshield packetshield
