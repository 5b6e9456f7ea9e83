# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the guest scripts on the host share: messages, the cache's place, and
# the lines of a kernel log that make a run fail.
#
# Invariant: stdout belongs to results; everything said to a human goes to
# stderr.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034 # for the scripts that source this file
project_root=$(cd "$vm_dir/../.." && pwd -P)
# shellcheck disable=SC2034
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/packetshield

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

need_programs()
{
	local program
	for program; do
		[ -n "$(command -v "$program")" ] ||
			die "$program is missing: run tests/tools/deps.sh build vm as root"
	done
}

# Lines a healthy kernel never prints. The taint lines of an out-of-tree
# module are not among them. "Call Trace" comes in two spellings.
log_fault_pattern='WARNING:|BUG:|Oops|general protection|KASAN|KCSAN|UBSAN'
log_fault_pattern+='|possible circular locking|possible recursive locking'
log_fault_pattern+='|possible irq lock inversion|inconsistent lock state'
log_fault_pattern+='|suspicious RCU usage|unregister_netdevice: waiting'
log_fault_pattern+='|refcount_t|sleeping function called|scheduling while atomic'
log_fault_pattern+='|rcu.*(detected|self-detected).*stall|blocked for more than'
log_fault_pattern+='|suspected memory leak|Kernel panic|[Cc]all [Tt]race'

# log_faults LOG: prints the first faults with what follows them; true if any.
log_faults()
{
	local first
	first=$(grep -naE -m 1 "$log_fault_pattern" "$1" | cut -d: -f1)
	[ -n "$first" ] || return 1
	# head may leave tail writing to nobody: that isn't the answer.
	tail -n "+$first" "$1" | head -n 60 | tr -d '\r' || true
}
