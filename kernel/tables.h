/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of the tables that forget (core/slots.h): made when an instance gets
 * its first interface, changed in size while packets use them, swept.
 */
#ifndef PS_TABLES_H
#define PS_TABLES_H

#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "core/engine.h"

struct ps_table;

/**
 * struct ps_tables - an instance's tables, as their owner sees them
 * @engine:	what packets read; its table pointers are changed under @lock
 * @lock:	taken inside any other lock of configuration; may be held for the
 *		time of a sweep
 * @entries:	TCP sessions a table made now has room for; @lock
 * @staged:	... after the change of size under way; @lock
 * @spare:	new tables of TCP, UDP and QUIC for that, or NULL; @lock
 * @work:	sweeps, and lets old tables go
 */
struct ps_tables {
	struct ps_engine *engine;
	struct mutex lock;
	u32 entries;
	u32 staged;
	struct ps_table *spare[3];
	struct delayed_work work;
};

/**
 * ps_tables_init() - no table yet
 * @tables: the tables
 * @engine: of the same instance
 * @entries: TCP sessions to have room for
 */
void ps_tables_init(struct ps_tables *tables, struct ps_engine *engine, u32 entries);

/**
 * ps_tables_prepare() - see to it that packets find tables
 * @tables: the tables
 *
 * Before the first interface is attached; what is there already stays.
 *
 * Context: process; takes @lock.
 * Return: 0 or -ENOMEM.
 */
int ps_tables_prepare(struct ps_tables *tables);

/**
 * ps_tables_resize() - give sessions another size; those that live stay
 * @tables: the tables
 * @entries: a power of two
 *
 * Context: process; takes @lock.
 * Return: 0; -ENOMEM; -EBUSY while the tables of three earlier changes still
 * wait for their last sessions. Nothing has changed after an error.
 */
int ps_tables_resize(struct ps_tables *tables, u32 entries);

/**
 * ps_tables_stage() - the part of ps_tables_resize() that may fail
 * @tables: the tables
 * @entries: a power of two; what was staged before is forgotten
 *
 * Between this and ps_tables_adopt() or ps_tables_unstage() the caller sees to it
 * that nobody else prepares or resizes.
 *
 * Return: as ps_tables_resize().
 */
int ps_tables_stage(struct ps_tables *tables, u32 entries);
void ps_tables_adopt(struct ps_tables *tables);
void ps_tables_unstage(struct ps_tables *tables);

/* Stop the work; packets may still use the tables. */
void ps_tables_stop(struct ps_tables *tables);

/* Free all, when no packet can come any more. */
void ps_tables_exit(struct ps_tables *tables);

#endif
