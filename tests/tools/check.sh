#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [--all] [STEP...]: all gates, or those named; `make check` calls it.
#
# Each step is a function step_NAME that prints TAP lines; they are shown,
# counted, and end in one line "N passed, N failed, N skipped". A step that
# prints no result, or exits non-zero without a failed line, is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

fuzz_seconds=${PS_FUZZ_SECONDS:-20}
steps=(style build install purity docs unit oracle speed fuzz vm_6_1)
all_steps=("${steps[@]}" vm_selftest vm_6_12 uml_selftest uml_debug uml_scale)
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# verdict DESCRIPTION COMMAND...: one TAP line for a command; output on failure.
verdict()
{
	local description=$1 output
	shift
	if output=$("$@" 2>&1); then
		echo "ok - $description"
	else
		echo "not ok - $description"
		printf '%s\n' "$output" | tail -n 60 | sed 's/^/# /'
	fi
}

spdx_missing()
{
	git ls-files -- '*.c' '*.h' '*.def' '*.sh' '*.bash' '*.py' '*.mk' Makefile kernel/Kbuild |
		while read -r file; do
			head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
				echo "$file"
		done
}

# Files over 400 lines that don't say why.
long_files()
{
	git ls-files -- 'kernel/*.[ch]' 'userspace/*.[ch]' 'tests/*.c' 'tests/*.sh' 'tests/*.py' |
		xargs wc -l | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }'
}

# Functions over 50 lines, between the braces.
long_functions()
{
	git ls-files -- 'kernel/*.[ch]' 'userspace/*.[ch]' 'tests/*.[ch]' | xargs awk '
		/^{/ { start = FNR }
		/^}/ && start {
			if (FNR - start - 1 > 50)
				print FILENAME ":" start ": " FNR - start - 1 " lines"
			start = 0
		}'
}

nothing()
{
	local output
	output=$("$@")
	printf '%s\n' "$output"
	[ -z "$output" ]
}

leftovers() { git grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -- kernel userspace include tests ':!tests/tools/check.sh' ':!*.patch' || :; }

kernel_docs()
{
	local script
	script=$(find "$(tests/vm/kernel.sh 6.1)/root" -path '*scripts/kernel-doc' | head -n 1)
	[ -n "$script" ] && perl "$script" -none -Werror kernel/*.h kernel/core/*.h
}

step_style()
{
	local scripts sources
	mapfile -t scripts < <(git ls-files -- '*.sh' '*.bash' tests/vm/init tests/uml/init .ci/run)
	mapfile -t sources < <(git ls-files -- 'kernel/*.c' 'userspace/*.c')
	verdict "style: module and tool are formatted as .clang-format says" \
		clang-format --dry-run -Werror "${sources[@]}"
	verdict "style: shell scripts pass shellcheck" shellcheck -x -e SC2016,SC2317 "${scripts[@]}"
	verdict "style: kernel-doc comments are well formed" kernel_docs
	verdict "style: every file has its SPDX line" nothing spdx_missing
	verdict "style: no file over 400 lines" nothing long_files
	verdict "style: no function over 50 lines" nothing long_functions
	verdict "style: nothing left to do is left in the tree" nothing leftovers
	verdict "style: Python compiles" /usr/bin/python3 -m compileall -q tests
}

# A build of its own, so that sparse sees every file.
sparse_build()
{
	rm -rf build/module-6.1
	make -s KERNEL=6.1 KBUILD_OPTIONS="C=1 CF=-Wsparse-error"
}

step_build()
{
	verdict "build: module for 6.1 with W=1, -Werror, sparse" sparse_build
	verdict "build: the tool" make -s tool
}

# install_to DIRECTORY: as a package would; the units then name the program there.
install_to()
{
	make -s install DESTDIR="$1" PREFIX=/usr &&
		sed -i "s|=/usr/sbin/|=$1/usr/sbin/|" "$1"/usr/lib/systemd/system/*
}

# What there is to install, and nothing else.
installed_files()
{
	diff - <(cd "$1" && find . -type f | sort) <<-END
		./usr/lib/systemd/system/packetshield-exporter.socket
		./usr/lib/systemd/system/packetshield-exporter@.service
		.$(pkg-config --variable=xtlibdir xtables)/libxt_PACKETSHIELD.so
		./usr/sbin/packetshield
		./usr/share/bash-completion/completions/packetshield
		./usr/share/man/man5/packetshield.conf.5
		./usr/share/man/man8/packetshield.8
		./usr/share/packetshield/grafana/packetshield.json
	END
}

step_install()
{
	local to
	to=$(mktemp -d)
	verdict "install: make install" install_to "$to"
	verdict "install: every file is in its place" installed_files "$to"
	verdict "install: systemd takes the units" nothing systemd-analyze verify --man=no \
		"$to"/usr/lib/systemd/system/packetshield-exporter{.socket,@.service}
	rm -rf "$to"
}

step_purity()
{
	verdict "purity: the core builds freestanding" make -s -j2 pure
	verdict "purity: the core needs nothing but memory functions" tests/tools/purity.sh
}

man_warnings() { groff -man -Tutf8 -ww -z "$1" 2>&1; }

step_docs()
{
	local fresh page
	fresh=$(mktemp -d)
	verdict "docs: the generators build" make -s build/docs build/man
	build/docs "$fresh"
	build/man "$fresh"
	for page in "$fresh"/*; do
		verdict "docs: $(basename "$page") is up to date (make docs)" \
			diff "docs/$(basename "$page")" "$page"
	done
	for page in docs/*.[58]; do
		verdict "docs: $page is well formed" nothing man_warnings "$page"
	done
	rm -rf "$fresh"
}

# run_tap DIRECTORY NAME: every cmocka program of a directory.
run_tap()
{
	local program
	verdict "$1: the tests build" make -s -j2 "$1"
	for program in tests/"$1"/"$2"_*.c; do
		program=build/test/$1/$(basename "$program" .c)
		echo "# $program"
		CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "$program" 2>&1 ||
			echo "not ok - $program exits with $?"
	done
}

step_unit() { run_tap unit test; }
step_oracle() { run_tap oracle oracle; }

step_speed()
{
	verdict "speed: the engine builds" make -s build/bench/engine
	tests/bench/instructions.sh
}

# Two at a time: each is one thread.
step_fuzz()
{
	local source name
	verdict "fuzz: the fuzzers build" make -s -j2 fuzzers
	for source in tests/fuzz/fuzz_*.c; do
		name=$(basename "$source" .c)
		[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n || :
		verdict "fuzz: $name for $fuzz_seconds s" "build/fuzz/$name" \
			-max_total_time="$fuzz_seconds" -max_len=4096 -artifact_prefix=build/fuzz/ &
	done
	wait
}

# run_guest RUNNER MODULE LIMIT TEST: what it prints stays together. Emulated processors
# wait for each other's locks: one is twice as fast, so two are for who asks for them.
run_guest()
{
	local output start=$SECONDS cpus=
	[[ $1 != tests/vm/* ]] || grep -q '^# Processors: 2' "$4" || cpus="--cpus 1"
	# shellcheck disable=SC2086 # the runner has options of its own
	output=$($1 $cpus --time-limit "$3" --env PS_MODULE="$2" "$4" 2>&1) ||
		output+=$'\n'"not ok - $4: the guest failed ($?)"
	flock "$guests_lock" printf '# %s (%d s)\n%s\n' "$4" $((SECONDS - start)) "$output"
}

# run_guests RUNNER MODULE LIMIT TEST...: each test in a guest of its own, three
# at a time: much of a test is waiting.
run_guests()
{
	local runner=$1 module=$2 limit=$3 test guests_lock
	shift 3
	verdict "module and tool for the guest build: $module" make -s "$module" libxt tool \
		build/haproxy_tokens.so
	guests_lock=$(mktemp)
	for test; do
		[ "$(jobs -rp | wc -l)" -lt 3 ] || wait -n || :
		run_guest "$runner" "$module" "$limit" "$test" &
	done
	wait
	rm -f "$guests_lock"
}

# Those by valgrind aren't for emulated processors: uml_scale has them.
mapfile -t guest_tests < <(printf '%s\n' tests/netns/test_*.sh | grep -v _memory.sh)

step_vm_6_1()
{
	run_guests "tests/vm/vm.sh --kernel 6.1" build/module-6.1/kernel/packetshield.ko 900 \
		"${guest_tests[@]}"
}

step_vm_6_12()
{
	run_guests "tests/vm/vm.sh --kernel 6.12" build/module-6.12/kernel/packetshield.ko 900 \
		"${guest_tests[@]}"
}

step_uml_debug()
{
	# Not "uml": with sanitizers it isn't as fast as tests expect of that.
	run_guests "tests/uml/uml.sh --flavour debug --env PS_GUEST=uml-debug" \
		build/module-uml-debug/kernel/packetshield.ko 900 \
		"${guest_tests[@]}"
}

step_uml_scale()
{
	run_guests "tests/uml/uml.sh --flavour fast" build/module-uml-fast/kernel/packetshield.ko \
		600 tests/netns/test_{scale,netlink,geoip_tool,nft_follow,metrics}.sh \
		tests/netns/test_*_memory.sh
}

step_vm_selftest() { tests/vm/selftest.sh; }
step_uml_selftest() { tests/uml/selftest.sh; }

count()
{
	local ok not_ok skip
	skip=$(grep -cE '^ok .*# SKIP' "$log")
	ok=$(($(grep -cE '^ok ' "$log") - skip))
	not_ok=$(grep -cE '^not ok ' "$log")
	if [ $((ok + not_ok + skip)) -eq 0 ] || { [ "$2" -ne 0 ] && [ "$not_ok" -eq 0 ]; }; then
		echo "not ok - step $1: no result, or it broke off ($2)"
		not_ok=$((not_ok + 1))
	fi
	passed=$((passed + ok)) failed=$((failed + not_ok)) skipped=$((skipped + skip))
}

if [ "${1:-}" = --all ]; then
	steps=("${all_steps[@]}")
	fuzz_seconds=${PS_FUZZ_SECONDS:-120}
	shift
fi
[ $# -eq 0 ] || steps=("$@")
for step in "${steps[@]}"; do
	echo "== $step (${SECONDS} s)"
	"step_$step" 2>&1 | tee "$log"
	count "$step" "${PIPESTATUS[0]}"
done
echo "== done in ${SECONDS} s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
