# SPDX-License-Identifier: GPL-2.0-or-later
#
# The core in userspace, and what is built on it: unit and oracle tests under
# sanitizers, fuzzers, the purity check's objects, the generator of docs/.

core_sources := $(wildcard kernel/core/*.c)
core_headers := $(wildcard kernel/core/*.h include/packetshield/*.def include/packetshield/*.h)
test_headers := $(wildcard tests/unit/*.h tests/oracle/*.h tests/fuzz/*.h)
# What the core asks of the kernel, answered in userspace.
twin := tests/unit/platform_twin.c userspace/platform_nettle.c
twin_libs := -lnettle

WARNINGS := -Wall -Wextra -Werror -Wdeclaration-after-statement -Wmissing-prototypes -Wshadow
CORE_FLAGS := -std=gnu11 -g $(WARNINGS) -Ikernel/core
TEST_FLAGS := -Wno-missing-prototypes -Wno-unused-parameter -Itests/unit
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

# pure: as the kernel would have it, for nm; test: what the tests run.
build/pure/%.o: kernel/core/%.c $(core_headers)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) -O2 -ffreestanding -fno-stack-protector -fno-pie -c $< -o $@

build/test/core/%.o: kernel/core/%.c $(core_headers)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) -O1 $(SANITIZE) -c $< -o $@

build/fuzz/core/%.o: kernel/core/%.c $(core_headers)
	@mkdir -p $(@D)
	@clang $(CORE_FLAGS) -O1 $(SANITIZE) -fsanitize=fuzzer-no-link -c $< -o $@

pure_objects := $(core_sources:kernel/core/%.c=build/pure/%.o)
test_objects := $(core_sources:kernel/core/%.c=build/test/core/%.o)
fuzz_objects := $(core_sources:kernel/core/%.c=build/fuzz/core/%.o)

build/test/unit/%: tests/unit/%.c $(twin) $(test_objects) $(test_headers)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) $(TEST_FLAGS) -O1 $(SANITIZE) $< $(twin) $(test_objects) $(twin_libs) -lcmocka -o $@

build/test/unit/quic_vectors.h: tests/unit/quic_vectors.py tests/unit/quic_retry.json
	@mkdir -p $(@D)
	@/usr/bin/python3 $^ >$@

build/test/unit/test_quic_token: build/test/unit/quic_vectors.h
build/test/unit/test_quic_token: TEST_FLAGS += -Ibuild/test/unit

build/test/oracle/%: tests/oracle/%.c $(twin) $(test_objects) $(test_headers)
	@mkdir -p $(@D)
	@$(CC) $(CORE_FLAGS) $(TEST_FLAGS) -O1 $(SANITIZE) $< $(twin) $(test_objects) $(twin_libs) -lcmocka -o $@

build/fuzz/%: tests/fuzz/%.c $(twin) $(fuzz_objects) $(test_headers)
	@mkdir -p $(@D)
	@clang $(CORE_FLAGS) $(TEST_FLAGS) -O1 $(SANITIZE) -fsanitize=fuzzer $< $(twin) $(fuzz_objects) $(twin_libs) -o $@

# What makes Debian's QUIC server take our tokens.
build/haproxy_tokens.so: tests/netns/haproxy_tokens.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 -fPIC -shared $(WARNINGS) $< -lnettle -o $@

build/docs: tests/tools/docs.c $(twin) $(pure_objects) $(core_headers)
	@$(CC) $(CORE_FLAGS) -no-pie $< $(twin) $(pure_objects) $(twin_libs) -o $@

.PHONY: pure unit oracle fuzzers
pure: $(pure_objects)
unit: $(patsubst tests/%.c,build/test/%,$(wildcard tests/unit/test_*.c))
oracle: $(patsubst tests/%.c,build/test/%,$(wildcard tests/oracle/oracle_*.c))
fuzzers: $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

.SECONDARY: $(pure_objects) $(test_objects) $(fuzz_objects)
