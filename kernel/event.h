/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: what programs that listen are told by netlink when it happens. */
#ifndef PS_EVENT_H
#define PS_EVENT_H

#include <linux/ratelimit.h>

#include "core/protection.h"

struct net_device;
struct ps_context_node;
struct ps_instance;

/* The tables that may be full, as messages number them. */
enum ps_fullness_table {
	PS_FULLNESS_TCP,
	PS_FULLNESS_UDP,
	PS_FULLNESS_QUIC,
	PS_FULLNESS_TABLES,
};

/**
 * struct ps_event_limits - how many events a namespace may send
 * @protection: of protections, which packets switch
 * @iface: of interfaces
 * @table: of tables that are full, or no longer
 */
struct ps_event_limits {
	struct ratelimit_state protection;
	struct ratelimit_state iface;
	struct ratelimit_state table;
};

void ps_event_limits_init(struct ps_event_limits *limits);

/* A protection went on or off at this rate of events. Any context. */
void ps_event_protection(const struct ps_context_node *node, enum ps_protection_index which,
			 bool on, u64 rate);

/* A table of so many slots is full, or no longer. Any context. */
void ps_event_table(const struct ps_instance *instance, enum ps_fullness_table which, bool full,
		    u32 slots);

/* An interface was attached, or is being detached. Any context. */
void ps_event_iface(const struct ps_instance *instance, const struct net_device *dev,
		    bool attached);

#endif
