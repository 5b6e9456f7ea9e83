// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Life of the session tables; see tables.h.
 *
 * A change of size puts an empty table in front of the one in use (slots.h tells
 * why nothing is copied). The work that sweeps also unlinks tables whose last
 * session must have aged out. Buckets are 64-byte aligned because their memory
 * is: of a power of two, at least 64 bytes.
 */
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "clock.h"
#include "core/fragments.h"
#include "core/quic_sessions.h"
#include "core/ttl.h"
#include "garbage.h"
#include "tables.h"

#define PS_TABLES_OLD_MAX 3
#define PS_TABLES_STEP	  4096 /* buckets before others get the CPU */
#define PS_TABLES_GRACE	  5    /* seconds: no packet is under way for so long */

/**
 * struct ps_table - a table and when it was replaced
 * @slots: first, so that the core's table is this one
 * @replaced: seconds; valid once it is behind another one
 */
struct ps_table {
	struct ps_slots slots;
	u32 replaced;
};

static struct ps_table *ps_table_of(const struct ps_slots *slots)
{
	return (struct ps_table *)container_of(slots, const struct ps_table, slots);
}

static void ps_table_destroy(struct ps_table *table)
{
	if (!table)
		return;
	kvfree(table->slots.bucket);
	kvfree(table->slots.filter);
	kfree(table);
}

static struct ps_table *ps_table_create(u32 entries)
{
	struct ps_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	u32 buckets = ps_slots_buckets(entries);

	if (!table)
		return NULL;
	table->slots.mask = buckets - 1;
	table->slots.bucket = kvcalloc(buckets, sizeof(*table->slots.bucket), GFP_KERNEL_ACCOUNT);
	table->slots.filter = kvcalloc(ps_slots_filter_words(buckets), sizeof(*table->slots.filter),
				       GFP_KERNEL_ACCOUNT);
	if (table->slots.bucket && table->slots.filter)
		return table;
	ps_table_destroy(table);
	return NULL;
}

/* The table behind another; the caller holds the lock. */
static struct ps_slots *ps_table_next(const struct ps_slots *slots)
{
	return (struct ps_slots *)rcu_dereference_protected(slots->old, true);
}

static void ps_tables_destroy_chain(struct ps_slots __rcu **head)
{
	struct ps_slots *slots = rcu_dereference_protected(*head, true), *next;

	for (; slots; slots = next) {
		next = ps_table_next(slots);
		ps_table_destroy(ps_table_of(slots));
	}
	RCU_INIT_POINTER(*head, NULL);
}

static u32 ps_tables_old(const struct ps_slots *slots)
{
	u32 count = 0;

	while ((slots = ps_table_next(slots)))
		count++;
	return count;
}

/* Put a new table in front of the chain. */
static void ps_tables_push(struct ps_slots __rcu **head, struct ps_table *table)
{
	struct ps_slots *old = rcu_dereference_protected(*head, true);

	if (old)
		ps_table_of(old)->replaced = ps_clock_seconds();
	RCU_INIT_POINTER(table->slots.old, old);
	rcu_assign_pointer(*head, &table->slots);
}

static bool ps_tables_exist(const struct ps_tables *tables)
{
	return rcu_access_pointer(tables->engine->tcp);
}

int ps_tables_prepare(struct ps_tables *tables)
{
	struct ps_slots __rcu **heads[] = { &tables->engine->tcp, &tables->engine->udp,
					    &tables->engine->quic, &tables->engine->ttl,
					    &tables->engine->fragments };
	struct ps_table *table[ARRAY_SIZE(heads)] = {};
	u32 entries[ARRAY_SIZE(heads)] = { 0, 0, 0, PS_ENGINE_NETWORKS, PS_ENGINE_FRAGMENTS };
	unsigned int i;
	int err = 0;

	mutex_lock(&tables->lock);
	if (ps_tables_exist(tables))
		goto out;
	entries[0] = tables->entries;
	entries[1] = ps_engine_udp_entries(tables->entries);
	entries[2] = entries[1];
	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		table[i] = ps_table_create(entries[i]);
		if (!table[i])
			err = -ENOMEM;
	}
	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		if (err)
			ps_table_destroy(table[i]);
		else
			ps_tables_push(heads[i], table[i]);
	}
	if (!err)
		schedule_delayed_work(&tables->work, PS_ENGINE_SWEEP * HZ);
out:
	mutex_unlock(&tables->lock);
	return err;
}

static void ps_tables_drop_spare(struct ps_tables *tables)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables->spare); i++) {
		ps_table_destroy(tables->spare[i]);
		tables->spare[i] = NULL;
	}
}

static int ps_tables_stage_held(struct ps_tables *tables, u32 entries)
{
	struct ps_engine *engine = tables->engine;

	lockdep_assert_held(&tables->lock);
	ps_tables_drop_spare(tables);
	tables->staged = entries;
	if (entries == tables->entries || !ps_tables_exist(tables))
		return 0;
	if (ps_tables_old(rcu_dereference_protected(engine->tcp, true)) >= PS_TABLES_OLD_MAX)
		return -EBUSY;
	tables->spare[0] = ps_table_create(entries);
	tables->spare[1] = ps_table_create(ps_engine_udp_entries(entries));
	tables->spare[2] = ps_table_create(ps_engine_udp_entries(entries));
	if (tables->spare[0] && tables->spare[1] && tables->spare[2])
		return 0;
	ps_tables_drop_spare(tables);
	return -ENOMEM;
}

static void ps_tables_adopt_held(struct ps_tables *tables)
{
	struct ps_slots __rcu **heads[] = { &tables->engine->tcp, &tables->engine->udp,
					    &tables->engine->quic };
	unsigned int i;

	lockdep_assert_held(&tables->lock);
	tables->entries = tables->staged;
	if (!tables->spare[0])
		return;
	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		ps_tables_push(heads[i], tables->spare[i]);
		tables->spare[i] = NULL;
	}
	mod_delayed_work(system_wq, &tables->work,
			 (ps_sessions_longest(&tables->engine->timeouts) + PS_TABLES_GRACE) * HZ);
}

int ps_tables_resize(struct ps_tables *tables, u32 entries)
{
	int err;

	mutex_lock(&tables->lock);
	err = ps_tables_stage_held(tables, entries);
	if (!err)
		ps_tables_adopt_held(tables);
	mutex_unlock(&tables->lock);
	return err;
}

int ps_tables_stage(struct ps_tables *tables, u32 entries)
{
	int err;

	mutex_lock(&tables->lock);
	err = ps_tables_stage_held(tables, entries);
	mutex_unlock(&tables->lock);
	return err;
}

void ps_tables_adopt(struct ps_tables *tables)
{
	mutex_lock(&tables->lock);
	ps_tables_adopt_held(tables);
	mutex_unlock(&tables->lock);
}

void ps_tables_unstage(struct ps_tables *tables)
{
	mutex_lock(&tables->lock);
	ps_tables_drop_spare(tables);
	mutex_unlock(&tables->lock);
}

/* Unlink the tables in whose life every session has ended; returns whether some are left. */
static bool ps_tables_drop_old(struct ps_slots *slots, u32 life)
{
	struct ps_slots *old, *next;
	struct ps_garbage *garbage;

	for (; (old = ps_table_next(slots)); slots = old) {
		if (ps_clock_seconds() - ps_table_of(old)->replaced < life)
			continue;
		RCU_INIT_POINTER(slots->old, NULL);
		/* Those behind it are older still. */
		for (; old; old = next) {
			next = ps_table_next(old);
			/* What isn't recorded now stays until the next sweep would be. */
			garbage = kzalloc(sizeof(*garbage), GFP_KERNEL | __GFP_NOFAIL);
			garbage->memory[0] = old->bucket;
			garbage->memory[1] = old->filter;
			garbage->memory[2] = ps_table_of(old);
			ps_garbage_discard(garbage);
		}
		return false;
	}
	return ps_tables_old(slots);
}

static void ps_tables_sweep_sessions(const struct ps_engine *engine, const struct ps_slots *slots)
{
	u32 first;

	for (; slots; slots = ps_table_next(slots))
		for (first = 0; first <= slots->mask; first += PS_TABLES_STEP) {
			ps_sessions_sweep(slots, first, PS_TABLES_STEP, &engine->timeouts,
					  ps_clock_seconds());
			cond_resched();
		}
}

static void ps_tables_sweep_quic(const struct ps_engine *engine, const struct ps_slots *slots)
{
	u32 first;

	for (; slots; slots = ps_table_next(slots))
		for (first = 0; first <= slots->mask; first += PS_TABLES_STEP) {
			ps_quic_sessions_sweep(slots, first, PS_TABLES_STEP, &engine->timeouts,
					       ps_clock_seconds());
			cond_resched();
		}
}

static void ps_tables_sweep_others(const struct ps_engine *engine)
{
	struct ps_slots *ttl = rcu_dereference_protected(engine->ttl, true);
	struct ps_slots *fragments = rcu_dereference_protected(engine->fragments, true);
	u32 first;

	for (first = 0; first <= ttl->mask; first += PS_TABLES_STEP) {
		ps_ttl_sweep(ttl, first, PS_TABLES_STEP, ps_clock_seconds());
		cond_resched();
	}
	ps_fragments_sweep(fragments, 0, fragments->mask + 1, ps_clock_seconds());
}

static void ps_tables_work(struct work_struct *work)
{
	struct ps_tables *tables = container_of(to_delayed_work(work), struct ps_tables, work);
	struct ps_engine *engine = tables->engine;
	u32 life, wait = PS_ENGINE_SWEEP;
	struct ps_slots *tcp, *udp, *quic;

	mutex_lock(&tables->lock);
	tcp = rcu_dereference_protected(engine->tcp, true);
	udp = rcu_dereference_protected(engine->udp, true);
	quic = rcu_dereference_protected(engine->quic, true);
	ps_tables_sweep_sessions(engine, tcp);
	ps_tables_sweep_sessions(engine, udp);
	ps_tables_sweep_quic(engine, quic);
	ps_tables_sweep_others(engine);
	life = ps_sessions_longest(&engine->timeouts) + PS_TABLES_GRACE;
	if (ps_tables_drop_old(tcp, life) | ps_tables_drop_old(udp, life) |
	    ps_tables_drop_old(quic, life))
		wait = min_t(u32, wait, life);
	schedule_delayed_work(&tables->work, wait * HZ);
	mutex_unlock(&tables->lock);
}

void ps_tables_init(struct ps_tables *tables, struct ps_engine *engine, u32 entries)
{
	tables->engine = engine;
	tables->entries = entries;
	mutex_init(&tables->lock);
	INIT_DELAYED_WORK(&tables->work, ps_tables_work);
}

void ps_tables_stop(struct ps_tables *tables)
{
	cancel_delayed_work_sync(&tables->work);
}

void ps_tables_exit(struct ps_tables *tables)
{
	struct ps_engine *engine = tables->engine;

	ps_tables_destroy_chain(&engine->tcp);
	ps_tables_destroy_chain(&engine->udp);
	ps_tables_destroy_chain(&engine->quic);
	ps_tables_destroy_chain(&engine->ttl);
	ps_tables_destroy_chain(&engine->fragments);
	mutex_destroy(&tables->lock);
}
