/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that packets under way may still read: freed by a worker after a
 * grace period. The record is allocated before a change is published, so that
 * nothing can fail afterwards.
 */
#ifndef PS_GARBAGE_H
#define PS_GARBAGE_H

#include <linux/kobject.h>
#include <linux/workqueue.h>

#include "core/config.h"

/**
 * struct ps_garbage_sources - what is left of a table of ranges
 * @root:	freed, with these of its leaves:
 * @first:	index of the first
 * @count:	how many
 */
struct ps_garbage_sources {
	const struct ps_sources *root;
	u32 first;
	u32 count;
};

/**
 * struct ps_garbage - memory to free
 * @work:	of the worker
 * @memory:	allocated by kmalloc or kvmalloc; NULL where unused
 * @sources:	tables of ranges; root NULL where unused
 */
struct ps_garbage {
	struct rcu_work work;
	const void *memory[4];
	struct ps_garbage_sources sources[PS_FAMILIES];
};

/* A record with nothing in it, or NULL. kfree() ends one that isn't needed. */
struct ps_garbage *ps_garbage_create(void);

/* Free all that the record holds, and it, when no packet reads it any more. */
void ps_garbage_discard(struct ps_garbage *garbage);

/* Free all that the record holds, and it, now: for what was never published. */
void ps_garbage_free(struct ps_garbage *garbage);

/**
 * struct ps_garbage_reference - part of what a kobject stands for
 * @work:	of the worker
 * @kobj:	whose last reference goes
 */
struct ps_garbage_reference {
	struct rcu_work work;
	struct kobject *kobj;
};

/* Drop a reference, mostly the last one, when no packet is under way any more. */
void ps_garbage_put(struct ps_garbage_reference *reference, struct kobject *kobj);

int ps_garbage_init(void);
void ps_garbage_exit(void);

#endif
