# SPDX-License-Identifier: GPL-2.0-or-later
#
# What iptables needs to know of the target PACKETSHIELD: a library by the name
# that it looks for, in one of the directories of XTABLES_LIBDIR.

libxt := build/libxt_PACKETSHIELD.so

$(libxt): libxt_packetshield/libxt_PACKETSHIELD.c include/packetshield/xt_PACKETSHIELD.h
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 -fPIC -shared $(WARNINGS) $$(pkg-config --cflags xtables) $< -o $@

.PHONY: libxt
libxt: $(libxt) ## build what iptables needs for -j PACKETSHIELD

.PHONY: install-libxt
install-libxt: $(libxt)
	@install -D -m 644 $(libxt) \
		$(DESTDIR)$$(pkg-config --variable=xtlibdir xtables)/$(notdir $(libxt))
