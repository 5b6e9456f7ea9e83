# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tool: all of userspace/*.c and userspace/commands/*.c, and of the core
# what they call (it is an archive, so nothing else needs answering).

# One package a line, of pkg-config.
tool_packages := jansson
tool_packages += libmnl

tool_sources := $(wildcard userspace/*.c userspace/commands/*.c)
tool_headers := $(wildcard userspace/*.h userspace/*.def include/packetshield/*.h) kernel/version.h
tool_objects := $(tool_sources:userspace/%.c=build/tool/%.o)
tool_core := $(core_sources:kernel/core/%.c=build/tool/core/%.o)
# The core's names come by quotes only: it has a parse.h as others do.
TOOL_FLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -iquote userspace -iquote kernel/core \
	-Iinclude

PREFIX ?= /usr/local
DESTDIR ?=

build/tool/core/%.o: kernel/core/%.c $(core_headers)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) -O2 -c $< -o $@

build/tool/core.a: $(tool_core)
	@rm -f $@
	@$(AR) rcs $@ $^

build/tool/%.o: userspace/%.c $(tool_headers) $(core_headers)
	@mkdir -p $(@D)
	@$(CC) $(TOOL_FLAGS) $$(pkg-config --cflags $(tool_packages)) -c $< -o $@

build/packetshield: $(tool_objects) build/tool/core.a
	@$(CC) $^ $$(pkg-config --libs $(tool_packages)) -o $@

.PHONY: tool
tool: build/packetshield ## build the tool, build/packetshield

.PHONY: install
install: tool ## install the tool, its man pages and completion (PREFIX, DESTDIR)
	@install -D -m 755 build/packetshield $(DESTDIR)$(PREFIX)/sbin/packetshield
	@for page in docs/*.[58]; do \
		install -D -m 644 "$$page" \
			"$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}"; \
	done
	@install -D -m 644 userspace/completion/packetshield.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/packetshield

.SECONDARY: $(tool_objects) $(tool_core)
