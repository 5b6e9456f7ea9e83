#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# uml.sh [OPTION]... SCRIPT [ARG]...: runs SCRIPT (a path from the project's
# root, where it also starts) as root in a User-mode Linux guest on the host's
# files and exits with its status; see usage. Several may run side by side.
#
# Invariant: 0 means that the script said 0 and the kernel had nothing to
# complain of. The guest's writes reach only its job directory and --out, and
# its processes end before this script does.
# shellcheck disable=SC2054,SC2317 # commas in arguments; functions by name
set -euo pipefail
# shellcheck source=tests/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
uml_dir=$project_root/tests/uml

usage()
{
	cat >&2 <<-'END'
	usage: uml.sh [OPTION...] SCRIPT [ARG...]
	       uml.sh [OPTION...] --shell
	  --flavour fast|debug   the kernel of kernel.sh (fast)
	  --time-limit SECONDS   end the guest after that long (300; --shell: none)
	  --memory MIB           the guest's memory (1024)
	  --out DIRECTORY        the guest's /out, writable
	  --env NAME=VALUE       an environment variable for the script
	  --name NAME            names the log: build/vm/NAME-<process>.log
	  --shell                a root shell; with stdin not a terminal, its
	                         commands come from there
	END
	exit 2
}

flavour=fast time_limit='' memory=1024 out='' shell='' name='' terminal=''
environment=() script=() guest='' guest_status=0

read_arguments()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--shell) shell=yes; shift; continue ;;
		--flavour | --time-limit | --memory | --out | --env | --name)
			[ $# -ge 2 ] || usage ;;
		-*) usage ;;
		*) break ;;
		esac
		case $1 in
		--flavour) flavour=$2 ;;
		--time-limit) time_limit=$2 ;;
		--memory) memory=$2 ;;
		--out) out=$2 ;;
		--env) environment+=("$2") ;;
		--name) name=$2 ;;
		esac
		shift 2
	done
	script=("$@")
	check_arguments
}

check_arguments()
{
	local variable
	case $flavour in fast | debug) ;; *) usage ;; esac
	case $time_limit$memory in *[!0-9]*) usage ;; esac
	for variable in "${environment[@]}"; do
		[[ $variable == [A-Za-z_]*=* ]] || usage
	done
	if [ -n "$shell" ]; then
		[ ${#script[@]} = 0 ] || usage
		[ ! -t 0 ] || terminal=yes
		name=${name:-uml-shell}
		return
	fi
	[ ${#script[@]} -gt 0 ] || usage
	[ -x "$project_root/${script[0]}" ] ||
		die "no executable ${script[0]} in the project"
	name=${name:-uml-$(basename "${script[0]}" .sh)}
	time_limit=${time_limit:-300}
}

# What init and guest.sh are to do, in words of their shell, and the files
# that they answer in.
write_job()
{
	local task_env command input=/dev/null rows=0 columns=0
	task_env=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
		TERM=dumb "PS_KERNEL=$(<"$kernel/release")" PS_GUEST=uml
		"PS_UML_FLAVOUR=$flavour")
	[ -z "$out" ] || task_env+=(PS_OUT=/out)
	command=("./${script[0]:-}" "${script[@]:1}")
	if [ -n "$terminal" ]; then
		command=(/bin/bash -i)
		task_env+=("TERM=${TERM:-dumb}")
		read -r rows columns < <(stty size)
	elif [ -n "$shell" ]; then
		cat >"$job/input"
		input=/run/packetshield/input
		command=(/bin/bash)
	fi
	{
		printf '%s=%q\n' task_directory "$project_root" \
			task_hostname "uml-$flavour" task_input "$input" \
			task_terminal "$terminal" task_rows "$rows" task_columns "$columns"
		printf 'task_env=(%s)\n' "$(printf '%q ' "${task_env[@]}" "${environment[@]}")"
		printf 'task_command=(%s)\n' "$(printf '%q ' "${command[@]}")"
	} >"$job/task"
	: >"$job/output"
	printf '#!/bin/bash\nexec /bin/bash %q %q %q %q\n' \
		"$uml_dir/init" "$job" "$project_root" "$out" >"$job/init"
	chmod 755 "$job/init"
}

# The kernel's log has a console of its own, tty1 on descriptor 3; tty0 is the
# terminal. What the program itself says while it starts goes to the log too.
guest_command()
{
	command=("$kernel/linux" "mem=${memory}M" "uml_dir=$job/" umid=guest
		rootfstype=hostfs rootflags=/ ro "init=$job/init"
		console=tty1 con1=null,fd:3 con=null loglevel=8)
	if [ -n "$terminal" ]; then
		command+=(con0=fd:4,fd:5)
	else
		command+=(con0=null)
	fi
}

# timeout ends the guest by SIGTERM, on which it clears up, and after 5 seconds
# of grace by SIGKILL. Should this shell be killed, timeout is told. The guest
# makes a session of its own, whose number is noted before it starts.
start_guest()
{
	local guard=(setpriv --pdeathsig TERM timeout --kill-after 5)
	[ -z "$terminal" ] || guard+=(--foreground)
	# shellcheck disable=SC2016 # for the inner shell
	"${guard[@]}" "${time_limit:-0}" \
		bash -c 'echo $$ >"$0"; exec "$@"' "$job/leader" "${command[@]}" \
		3>>"$log" 4<&0 5>&1 </dev/null >>"$log" 2>&1 &
	guest=$! guest_start=$SECONDS
}

run_guest()
{
	local follower
	start_guest
	if [ -n "$terminal" ]; then
		await_guest
		return
	fi
	tail -n +1 -s 0.05 -f --pid="$guest" "$job/output" &
	follower=$!
	await_guest
	wait "$follower" || true
}

# A guest that is killed leaves a helper process; one that ends by itself may
# be survived by its children for a moment.
await_guest()
{
	local leader tries
	wait "$guest" || guest_status=$?
	guest='' guest_seconds=$((SECONDS - guest_start))
	read -r leader 2>/dev/null <"$job/leader" || return 0
	for ((tries = 0; tries < 100; tries++)); do
		kill -KILL -- "-$leader" 2>/dev/null || return 0
		sleep 0.05
	done
	say "processes of group $leader don't end"
}

# Whatever ends this script ends the guest.
clean_up()
{
	if [ -n "$guest" ]; then
		kill -TERM "$guest" 2>/dev/null || true
		await_guest
	fi
	[ -z "${saved_terminal:-}" ] || stty "$saved_terminal"
	rm -rf "$job"
}

fail()
{
	say "$1"
	shift
	"$@" >&2 || true
	say "kernel log: $log"
	exit 1
}

# Asked of grep alone: what is printed may end in a SIGPIPE.
log_has_fault() { grep -qaE "$log_fault_pattern" "$log"; }

show_log()
{
	if log_has_fault; then
		log_faults "$log"
	else
		tail -n 40 "$log" | tr -d '\r'
	fi
}

# kmemleak reports one object after the other, each with the calls that led to
# its allocation. Those of a module name it; if it is gone they are bare
# addresses. Other objects are the kernel's own affair.
module_leaks()
{
	awk 'BEGIN { RS = "unreferenced object "; ORS = "" }
		NR > 1 && / \[[a-z0-9_]+\]\n|\] 0x[0-9a-f]+\n/ { print RS $0 }' "$job/leaks"
}

check_leaks()
{
	local kept=${log%.log}.leaks objects
	[ -s "$job/leaks" ] || return 0
	cp "$job/leaks" "$kept"
	objects=$(module_leaks | grep -c '^unreferenced object') || true
	[ "$objects" = 0 ] ||
		fail "a module leaked $objects objects, see $kept:" eval "module_leaks | head -n 60"
	say "kmemleak saw objects of the kernel's own only: $kept"
}

# The verdict. A guest that is ended from outside complains of that too, so
# how it ended comes before what it says.
judge()
{
	local status
	read -r _ status 2>/dev/null <"$job/status" || status=
	# 137 alone doesn't tell who killed it.
	if [ "$guest_status" -ge 124 ] && [ "$guest_seconds" -ge "${time_limit:-86400}" ]; then
		fail "the guest didn't end within $time_limit seconds; the log:" show_log
	fi
	# Now and then it aborts after all is done: its timer may tick once more
	# when the kernel has shut down.
	[ "$guest_status" = 0 ] || grep -qa 'reboot: System halted' "$log" ||
		fail "the guest ended with $guest_status; the log:" show_log
	if log_has_fault; then
		fail "the kernel's log shows a fault:" show_log
	fi
	[ -n "$status" ] ||
		fail "the guest ended without a word; the log's end:" show_log
	[[ $status =~ ^[0-9]+$ ]] ||
		fail "the search for leaks failed; the log's end:" show_log
	check_leaks
	[ "$status" = 0 ] || say "${script[0]:-the shell} ended with $status; kernel log: $log"
	exit "$status"
}

read_arguments "$@"
need_programs setpriv timeout tail stty
if [ -n "$out" ]; then
	mkdir -p "$out"
	out=$(realpath "$out")
fi
kernel=$("$uml_dir/kernel.sh" "$flavour")
mkdir -p "$project_root/build/vm"
log=$project_root/build/vm/$name-$$.log
: >"$log"
job=$(mktemp -d "${TMPDIR:-/tmp}/packetshield-uml.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ -z "$terminal" ] || saved_terminal=$(stty -g)
write_job
guest_command
run_guest
judge
