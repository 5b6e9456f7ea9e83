# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tool: all of userspace/*.c and userspace/commands/*.c, and of the core
# what they call (it is an archive, so nothing else needs answering).

# One package a line, of pkg-config.
tool_packages := jansson
tool_packages += libmaxminddb
tool_packages += libmnl
tool_packages += libnftnl
tool_packages += libpcap
tool_packages += ncursesw
tool_packages += nettle

tool_sources := $(wildcard userspace/*.c userspace/commands/*.c)
tool_headers := $(wildcard userspace/*.h userspace/*.def include/packetshield/*.h) kernel/version.h
tool_objects := $(tool_sources:userspace/%.c=build/tool/%.o)
tool_core := $(core_sources:kernel/core/%.c=build/tool/core/%.o)
# The core's names come by quotes only: it has a parse.h as others do.
TOOL_FLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -iquote userspace -iquote kernel/core \
	-Iinclude

# What the tool's unit tests and fuzzers link: all of it but main(), with sanitizers.
tool_parts := $(filter-out userspace/main.c,$(tool_sources))
tool_test_objects := $(tool_parts:userspace/%.c=build/test/userspace/%.o)
tool_fuzz_objects := $(tool_parts:userspace/%.c=build/fuzz/userspace/%.o)
tool_test_headers := $(wildcard tests/unit/*.h tests/fuzz/*.h)
TOOL_TEST_FLAGS = $(TOOL_FLAGS) -O1 $(SANITIZE) $$(pkg-config --cflags $(tool_packages))

PREFIX ?= /usr/local
DESTDIR ?=

build/tool/core/%.o: kernel/core/%.c $(core_headers)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) -O2 -c $< -o $@

build/tool/core.a: $(tool_core)
	@rm -f $@
	@$(AR) rcs $@ $^

# Said once, instead of by the first header that isn't found.
.PHONY: tool_libraries
tool_libraries:
	@pkg-config --exists --print-errors $(tool_packages) || \
		{ echo "libraries of the tool are missing: tests/tools/deps.sh build" >&2; exit 1; }

build/tool/%.o: userspace/%.c $(tool_headers) $(core_headers) | tool_libraries
	@mkdir -p $(@D)
	@$(CC) $(TOOL_FLAGS) $$(pkg-config --cflags $(tool_packages)) -c $< -o $@

build/packetshield: $(tool_objects) build/tool/core.a
	@$(CC) $^ $$(pkg-config --libs $(tool_packages)) -o $@

# The generator of the man page.
build/man: tests/tools/man.c $(filter-out build/tool/main.o,$(tool_objects)) build/tool/core.a
	@$(CC) $(TOOL_FLAGS) $^ $$(pkg-config --libs $(tool_packages)) -o $@

build/test/core.a: $(test_objects)
	@rm -f $@
	@$(AR) rcs $@ $^

build/fuzz/core.a: $(fuzz_objects)
	@rm -f $@
	@$(AR) rcs $@ $^

build/test/userspace/%.o: userspace/%.c $(tool_headers) $(core_headers) | tool_libraries
	@mkdir -p $(@D)
	@$(CC) $(TOOL_TEST_FLAGS) -c $< -o $@

build/fuzz/userspace/%.o: userspace/%.c $(tool_headers) $(core_headers)
	@mkdir -p $(@D)
	@clang $(TOOL_TEST_FLAGS) -fsanitize=fuzzer-no-link -c $< -o $@

# Unit tests and fuzzers of the tool are test_tool_*.c and fuzz_tool_*.c.
build/test/unit/test_tool_%: tests/unit/test_tool_%.c $(tool_test_objects) build/test/core.a \
		$(tool_test_headers)
	@mkdir -p $(@D)
	@$(CC) $(TOOL_TEST_FLAGS) $(TEST_FLAGS) $< $(tool_test_objects) build/test/core.a \
		-lcmocka $$(pkg-config --libs $(tool_packages)) -o $@

build/fuzz/fuzz_tool_%: tests/fuzz/fuzz_tool_%.c $(tool_fuzz_objects) build/fuzz/core.a \
		$(tool_test_headers)
	@mkdir -p $(@D)
	@clang $(TOOL_TEST_FLAGS) $(TEST_FLAGS) -fsanitize=fuzzer $< $(tool_fuzz_objects) \
		build/fuzz/core.a $$(pkg-config --libs $(tool_packages)) -o $@

.PHONY: tool
tool: build/packetshield ## build the tool, build/packetshield

.PHONY: install
install: tool install-libxt ## install the tool, man pages, completion, and iptables' library, units, dashboard (PREFIX, DESTDIR)
	@install -D -m 755 build/packetshield $(DESTDIR)$(PREFIX)/sbin/packetshield
	@for page in docs/*.[58]; do \
		install -D -m 644 "$$page" \
			"$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}"; \
	done
	@install -D -m 644 userspace/completion/packetshield.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/packetshield
	@install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	@for unit in userspace/systemd/*; do \
		sed "s|@SBINDIR@|$(PREFIX)/sbin|" "$$unit" \
			>"$(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/}"; \
	done
	@install -D -m 644 userspace/grafana/packetshield.json \
		$(DESTDIR)$(PREFIX)/share/packetshield/grafana/packetshield.json

.SECONDARY: $(tool_objects) $(tool_core) $(tool_test_objects) $(tool_fuzz_objects)
