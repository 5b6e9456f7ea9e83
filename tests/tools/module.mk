# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module, for any number of kernels side by side: build/module-<kernel>/
# holds links to the sources, and kbuild's products beside them.

module_sources = $(shell find kernel include -type f)

kernel_make = $(strip \
	$(if $(filter uml-%,$(1)),ARCH=um -C "$$(tests/uml/kernel.sh $(1:uml-%=%))/build",\
	$(if $(filter 6.1 6.12,$(1)),-C "$$(tests/vm/kernel.sh $(1))/build",\
	-C /lib/modules/$(1)/build)))

build/module-%/kernel/packetshield.ko: $(module_sources)
	@echo "  MODULE  $@"
	@mkdir -p build/module-$*
	@cp -rsf $(CURDIR)/kernel $(CURDIR)/include build/module-$*/
	@find build/module-$* -xtype l -delete
	@$(MAKE) -s $(call kernel_make,$*) M=$(CURDIR)/build/module-$*/kernel \
		W=1 KCFLAGS=-Werror $(KBUILD_OPTIONS) modules
	@touch $@
