/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the tables of sessions are full: then sessions that live go for new
 * ones. Packets that open sessions, and those that leave, look once a second at a part
 * of each table, and tell who listens: what a flood is made of shall not pay for it.
 */
#ifndef PS_FULLNESS_H
#define PS_FULLNESS_H

#include "instance.h"

/* A look is due: take it, unless another CPU does. Under RCU. */
void ps_fullness_look(struct ps_instance *instance);

/* Called for packets that may have put a session into a table. */
static __always_inline void ps_fullness_tick(struct ps_instance *instance)
{
	if (unlikely(time_after_eq(jiffies, READ_ONCE(instance->next_look))))
		ps_fullness_look(instance);
}

#endif
