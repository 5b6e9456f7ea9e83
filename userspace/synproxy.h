/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The companion rules of a context: what docs/synproxy.md advises, as a table of
 * its own. Written twice, as a batch for the kernel and as text for nft;
 * the test holds one against the other.
 */
#ifndef PS_SYNPROXY_H
#define PS_SYNPROXY_H

#include "nft_batch.h"

#define PS_SYNPROXY_TABLE "packetshield_synproxy/"

/**
 * struct ps_synproxy - what the rules of a context depend on
 * @instance: its instance
 * @context: its name
 * @id: the same, parsed; all zero for Other
 * @ports: x_tcp_ports
 * @n_ports: how many of these
 * @devices: where connections come in; only the context Other asks for it
 * @n_devices: how many of these
 * @option: x_tcp_*, by PS_OPTION_*
 */
struct ps_synproxy {
	const char *instance;
	char context[PS_ITEM_MAX + 1];
	struct ps_context_id id;
	struct ps_interval *ports;
	size_t n_ports;
	char (*devices)[PS_IFACE_NAME_MAX + 1];
	size_t n_devices;
	s64 option[PS_OPTIONS];
};

/* The name of a context's table, or of an instance's, as far as they have it in common. */
void ps_synproxy_table(char name[PS_NFT_NAME], const char *instance, const char *context);

void ps_synproxy_batch(const struct ps_synproxy *synproxy, struct ps_nft_batch *batch);
void ps_synproxy_print(const struct ps_synproxy *synproxy);

#endif
