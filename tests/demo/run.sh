#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: the demonstration, as `make demo` calls it from the project's root
# with the module built: compiles the generator, runs demo.sh in a guest, and
# prints the table. PS_MODULE is the module, below the project's root;
# PS_KERNEL_VERSION the guest's kernel (6.1).
#
# Invariant: build/demo.json is there when this ends with 0, and isn't an
# older run's in any case.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() { echo "demo: $*" >&2; exit 1; }

: "${PS_MODULE:?the path of packetshield.ko}"
[ -f "$PS_MODULE" ] || die "there is no module $PS_MODULE: build it first"
rm -rf build/demo.json build/demo-out
mkdir -p build/demo build/demo-out
"${CC:-gcc}" -std=gnu11 -O2 -Wall -Wextra -o build/demo/flood \
	tests/demo/flood.c tests/demo/attacks.c || die "the packet generator doesn't compile"

read -ra attacks <<<"$(tests/demo/report.py --names)"
echo "demo: starting a guest; under emulation attacks and floods take some minutes"
tests/vm/vm.sh --kernel "${PS_KERNEL_VERSION:-6.1}" --time-limit 1500 --name demo \
	--out build/demo-out --env "PS_MODULE=$PS_MODULE" \
	tests/demo/demo.sh "${attacks[@]}" || die "the guest failed; see above"
tests/demo/report.py build/demo-out/facts build/demo.json
