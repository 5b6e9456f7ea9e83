# SPDX-License-Identifier: GPL-2.0-or-later
#
# PacketShield. `make help` lists the targets. Everything that is built goes
# below build/, everything that is fetched into the cache
# (${XDG_CACHE_HOME:-~/.cache}/packetshield).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Which kernel the module is for: a release whose headers are installed, or
# 6.1, 6.12 (Debian's), uml-fast, uml-debug (User-mode Linux), all from the cache.
HOST_KERNEL := $(shell uname -r)
KERNEL ?= $(if $(wildcard /lib/modules/$(HOST_KERNEL)/build),$(HOST_KERNEL),6.1)
module = build/module-$(1)/kernel/packetshield.ko

.PHONY: all
all: $(call module,$(KERNEL)) build/packetshield ## build the module (KERNEL=6.1|6.12|uml-fast|uml-debug|<release>) and the tool

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

include tests/tools/module.mk
include tests/tools/userspace.mk
include userspace/tool.mk
include tests/bench/bench.mk
include libxt_packetshield/libxt.mk

.PHONY: check
check: ## all tests (Debian 6.1 in a guest); installs what they need
	@tests/tools/deps.sh build check vm net
	@tests/tools/check.sh

.PHONY: check-all
check-all: ## check, and the 6.12 and sanitizer kernels and longer fuzzing
	@tests/tools/deps.sh build check vm net uml
	@tests/tools/check.sh --all

.PHONY: demo
demo: ## floods against a web server behind the shield; installs what it needs
	@tests/tools/deps.sh build vm net
	@$(MAKE) --no-print-directory $(call module,6.1) build/packetshield libxt \
		build/haproxy_tokens.so
	@PS_MODULE=$(call module,6.1) tests/demo/run.sh

.PHONY: bench
bench: ## speed against nftables, iptables and the stack; writes docs/bench.md
	@tests/tools/deps.sh build vm net uml bench
	@$(MAKE) --no-print-directory $(bench_built)
	@tests/bench/run.sh

.PHONY: bench-goodput
bench-goodput: ## a web server's visitors during floods of growing rate; writes docs/goodput.md
	@tests/tools/deps.sh build net uml bench
	@$(MAKE) --no-print-directory $(goodput_built)
	@tests/bench/goodput_run.sh

.PHONY: pictures
pictures: ## packetshield top during floods, in two sizes; writes docs/top-*.svg
	@tests/tools/deps.sh build net uml
	@$(MAKE) --no-print-directory $(call module,uml-fast) build/packetshield
	@mkdir -p build/pictures
	@tests/uml/uml.sh --out build/pictures --env PS_MODULE=$(call module,uml-fast) \
		tests/demo/pictures.sh
	@for size in 80x24 160x48; do \
		tests/demo/svg.py build/pictures/top-$$size docs/top-$$size.svg; \
	done

.PHONY: vm
vm: ## a root shell in a guest with the module loaded
	@tests/tools/deps.sh build vm net
	@$(MAKE) --no-print-directory $(call module,6.1) build/packetshield libxt
	@tests/vm/vm.sh --env PS_MODULE=$(call module,6.1) --shell tests/vm/playground.sh

.PHONY: docs
docs: build/docs build/man ## write the generated pages of docs/ anew
	@build/docs docs
	@build/man docs

.PHONY: format
format: ## apply .clang-format
	@clang-format -i $$(git ls-files 'kernel/*.c' 'userspace/*.c')

.PHONY: clean
clean: ## remove build/
	rm -rf build
