/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the tables of sessions are full: then sessions that live go for new
 * ones. Packets that open sessions, and those that leave, look once a second at a part
 * of each table, and tell who listens: what a flood is made of shall not pay for it.
 */
#ifndef PS_FULLNESS_H
#define PS_FULLNESS_H

#include "instance.h"

struct ps_netlink_table;

/* A look is due: take it, unless another CPU does. Under RCU. */
void ps_fullness_look(struct ps_instance *instance);

/* Called for packets that may have put a session into a table. */
static __always_inline void ps_fullness_tick(struct ps_instance *instance)
{
	if (unlikely(time_after_eq(jiffies, READ_ONCE(instance->next_look))))
		ps_fullness_look(instance);
}

/**
 * ps_fullness_tell() - how full a table is now
 * @instance: whose
 * @which: the table
 * @told: out
 *
 * It looks at a part of the table, at most so many slots whatever its size.
 *
 * Return: false before there are tables.
 */
bool ps_fullness_tell(const struct ps_instance *instance, enum ps_fullness_table which,
		      struct ps_netlink_table *told);

#endif
