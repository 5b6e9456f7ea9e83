# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the measurements are built from: the generator's module for any kernel
# that module.mk knows, and programs in userspace on the core as the kernel
# would have it (pure).

bench_module = build/bench-$(1)/tests/bench/module/psbench.ko
bench_sources := $(wildcard tests/bench/module/* tests/bench/*.h) kernel/core/platform.h

build/bench-%/tests/bench/module/psbench.ko: $(bench_sources)
	@echo "  MODULE  $@"
	@mkdir -p $(@D) build/bench-$*/kernel/core
	@cp -sf $(addprefix $(CURDIR)/,$(wildcard tests/bench/module/*)) $(@D)/
	@cp -sf $(addprefix $(CURDIR)/,$(wildcard tests/bench/*.h)) build/bench-$*/tests/bench/
	@cp -sf $(CURDIR)/kernel/core/platform.h build/bench-$*/kernel/core/
	@$(MAKE) -s $(call kernel_make,$*) M=$(CURDIR)/$(@D) W=1 KCFLAGS=-Werror modules
	@touch $@

build/bench/population: tests/bench/population.c tests/bench/population.h kernel/core/platform.h
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) -O2 $< -o $@

bench_engine := tests/bench/engine.c tests/bench/engine_rig.c $(twin)

build/bench/engine: $(bench_engine) $(pure_objects) $(core_headers) $(wildcard tests/bench/*.h)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) -O2 -no-pie -Itests/unit $(bench_engine) $(pure_objects) $(twin_libs) -o $@

build/bench/goodput_client: tests/bench/goodput_client.c
	@mkdir -p $(@D)
	@$(CC) -O2 -Wall -Wextra -Werror $< -o $@

goodput_built := $(call module,uml-fast) $(call bench_module,uml-fast) build/bench/goodput_client
bench_built := $(goodput_built) $(call module,6.1) $(call bench_module,6.1) \
	build/bench/population build/bench/engine
