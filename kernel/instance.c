// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lifetime of instances.
 *
 * Destruction goes outside in: marked dead and out of the list (nothing can be
 * added any more), interfaces detached, directory removed with no lock of
 * writers held (that waits for them), and after a grace period for packets
 * under way the memory. One instance of a namespace is created or destroyed at
 * a time, so a name is free again when its directory is gone.
 */
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "context.h"
#include "geoip.h"
#include "iface_plan.h"
#include "instance.h"
#include "sysfs.h"

struct ps_instance *ps_instance_find(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;

	lockdep_assert(lockdep_is_held(&netns->structure) || lockdep_is_held(&netns->lock));
	list_for_each_entry(instance, &netns->instances, list)
		if (!strcmp(ps_instance_name(instance), name))
			return instance;
	return NULL;
}

size_t ps_instance_list_bytes(struct ps_netns *netns)
{
	struct ps_instance *instance;
	size_t bytes = 0;

	lockdep_assert_held(&netns->structure);
	list_for_each_entry(instance, &netns->instances, list)
		bytes += strlen(ps_instance_name(instance)) + 1;
	return bytes;
}

/* Hand the values of options on to those who use them. */
static void ps_instance_adopt(struct ps_instance *instance)
{
	enum ps_sessions_timeout i;

	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++)
		WRITE_ONCE(instance->engine.timeouts.seconds[i],
			   instance->option[ps_engine_timeout[i]]);
}

static struct ps_instance *ps_instance_alloc(struct ps_netns *netns)
{
	struct ps_instance *instance;
	unsigned int i;

	instance = kzalloc(sizeof(*instance), GFP_KERNEL_ACCOUNT);
	if (!instance)
		return NULL;
	instance->counters = alloc_percpu_gfp(struct ps_instance_counters, GFP_KERNEL_ACCOUNT);
	if (!instance->counters) {
		kfree(instance);
		return NULL;
	}
	instance->next_look = jiffies;
	/* A power of two of cache lines lies on cache lines. */
	instance->engine.quic_cpu = kcalloc(roundup_pow_of_two(nr_cpu_ids),
					    sizeof(*instance->engine.quic_cpu), GFP_KERNEL_ACCOUNT);
	if (!instance->engine.quic_cpu) {
		free_percpu(instance->counters);
		kfree(instance);
		return NULL;
	}
	instance->netns = netns;
	ps_capture_init(&instance->capture);
	mutex_init(&instance->structure);
	INIT_LIST_HEAD(&instance->nodes);
	for (i = 0; i < PS_OPTIONS; i++)
		instance->option[i] = ps_option[i].initial;
	get_random_bytes(&instance->engine.secret, sizeof(instance->engine.secret));
	get_random_bytes(&instance->engine.quic_secret, sizeof(instance->engine.quic_secret));
	ps_geoip_init(instance);
	ps_instance_adopt(instance);
	ps_tables_init(&instance->tables, &instance->engine,
		       instance->option[PS_OPTION_session_table_size]);
	return instance;
}

static int ps_instance_populate(struct ps_instance *instance, const char *name)
{
	struct ps_context_node *other;
	int err;

	err = ps_sysfs_instance_add(instance, name);
	if (err)
		return err;
	other = ps_context_create_other(instance);
	if (IS_ERR(other))
		return PTR_ERR(other);
	instance->other = other;
	return ps_context_init_table(instance);
}

void ps_instance_enlist(struct ps_instance *instance)
{
	lockdep_assert_held(&instance->netns->lock);
	list_add(&instance->list, &instance->netns->instances);
	atomic_inc(&instance->netns->generation);
}

void ps_instance_delist(struct ps_instance *instance)
{
	lockdep_assert_held(&instance->netns->lock);
	list_del(&instance->list);
	instance->dead = true;
	atomic_inc(&instance->netns->generation);
}

/* Put it into the list, from where on it exists. */
static int ps_instance_publish(struct ps_instance *instance)
{
	struct ps_netns *netns = instance->netns;
	int err = -ENOENT;

	mutex_lock(&netns->lock);
	if (!netns->dying) {
		ps_instance_enlist(instance);
		err = 0;
	}
	mutex_unlock(&netns->lock);
	return err;
}

void ps_instance_dispose(struct ps_instance *instance)
{
	mutex_lock(&instance->netns->lock);
	instance->dead = true;
	mutex_unlock(&instance->netns->lock);
	ps_iface_detach_all(instance->netns, instance);
	/* No writer is left in any of its files after this. */
	ps_sysfs_unlink(&instance->kobj);
	ps_context_destroy_all(instance);
	ps_tables_stop(&instance->tables);
	ps_garbage_put(&instance->garbage, &instance->kobj);
}

struct ps_instance *ps_instance_prepare(struct ps_netns *netns, const char *name, size_t bytes)
{
	struct ps_instance *instance;
	int err;

	lockdep_assert_held(&netns->structure);
	if (ps_instance_find(netns, name))
		return ERR_PTR(-EEXIST);
	if (bytes + strlen(name) + 1 >= PAGE_SIZE)
		return ERR_PTR(-ENOSPC);
	instance = ps_instance_alloc(netns);
	if (!instance)
		return ERR_PTR(-ENOMEM);
	err = ps_instance_populate(instance, name);
	if (!err)
		return instance;
	ps_instance_dispose(instance);
	return ERR_PTR(err);
}

int ps_instance_create(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;
	int err;

	mutex_lock(&netns->structure);
	instance = ps_instance_prepare(netns, name, ps_instance_list_bytes(netns));
	err = PTR_ERR_OR_ZERO(instance);
	if (!err) {
		err = ps_instance_publish(instance);
		if (err)
			ps_instance_dispose(instance);
	}
	mutex_unlock(&netns->structure);
	return err;
}

bool ps_instance_is_used(const struct ps_instance *instance)
{
	lockdep_assert_held(&instance->netns->lock);
	return atomic_read(&instance->rules);
}

/* Out of the list, where no rule finds it any more. */
static int ps_instance_withdraw(struct ps_instance *instance, bool used)
{
	int err = 0;

	mutex_lock(&instance->netns->lock);
	if (!used && ps_instance_is_used(instance))
		err = -EBUSY;
	else
		ps_instance_delist(instance);
	mutex_unlock(&instance->netns->lock);
	if (!err)
		ps_instance_dispose(instance);
	return err;
}

int ps_instance_destroy(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;
	int err = -ENOENT;

	mutex_lock(&netns->structure);
	instance = ps_instance_find(netns, name);
	if (instance)
		err = ps_instance_withdraw(instance, false);
	mutex_unlock(&netns->structure);
	return err;
}

void ps_instance_destroy_all(struct ps_netns *netns)
{
	struct ps_instance *instance, *next;

	mutex_lock(&netns->structure);
	list_for_each_entry_safe(instance, next, &netns->instances, list)
		ps_instance_withdraw(instance, true);
	mutex_unlock(&netns->structure);
}

int ps_instance_prepare_packets(struct ps_instance *instance)
{
	int err = ps_tables_prepare(&instance->tables);

	return err ? err : ps_capture_prepare(&instance->capture, PS_CAPTURE_ALL);
}

struct ps_instance *ps_instance_use(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;
	int err;

	mutex_lock(&netns->lock);
	instance = netns->dying ? NULL : ps_instance_find(netns, name);
	err = instance ? ps_instance_prepare_packets(instance) : -ENOENT;
	if (!err) {
		kobject_get(&instance->kobj);
		atomic_inc(&instance->rules);
	}
	mutex_unlock(&netns->lock);
	return err ? ERR_PTR(err) : instance;
}

void ps_instance_unuse(struct ps_instance *instance)
{
	atomic_dec(&instance->rules);
	kobject_put(&instance->kobj);
}

ssize_t ps_instance_print(struct ps_netns *netns, char *page)
{
	struct ps_instance *instance;
	ssize_t length = 0;

	mutex_lock(&netns->lock);
	list_for_each_entry(instance, &netns->instances, list)
		length += sysfs_emit_at(page, length, "%s\n", ps_instance_name(instance));
	mutex_unlock(&netns->lock);
	return length;
}

/* What the option is to be when it is set to that. */
static s64 ps_instance_round(enum ps_option_index option, s64 value)
{
	return option == PS_OPTION_session_table_size ? roundup_pow_of_two(value) : value;
}

static void ps_instance_assign(struct ps_instance *instance, enum ps_option_index option, s64 value)
{
	lockdep_assert_held(&instance->netns->lock);
	WRITE_ONCE(instance->option[option], ps_instance_round(option, value));
	ps_instance_adopt(instance);
	atomic_inc(&instance->netns->generation);
}

int ps_instance_set(struct ps_instance *instance, enum ps_option_index option, s64 value)
{
	int err = 0;

	lockdep_assert_held(&instance->netns->lock);
	if (instance->dead)
		err = -ENOENT;
	else if (option == PS_OPTION_hook_priority)
		err = ps_iface_move_hooks(instance, value);
	else if (option == PS_OPTION_session_table_size)
		err = ps_tables_resize(&instance->tables, ps_instance_round(option, value));
	if (!err)
		ps_instance_assign(instance, option, value);
	return err;
}

int ps_instance_stage(struct ps_instance *instance, enum ps_option_index option, s64 value)
{
	if (option != PS_OPTION_session_table_size)
		return 0;
	lockdep_assert_held(&instance->netns->attaching);
	return ps_tables_stage(&instance->tables, ps_instance_round(option, value));
}

void ps_instance_unstage(struct ps_instance *instance)
{
	ps_tables_unstage(&instance->tables);
}

void ps_instance_set_staged(struct ps_instance *instance, enum ps_option_index option, s64 value)
{
	if (option == PS_OPTION_session_table_size)
		ps_tables_adopt(&instance->tables);
	ps_instance_assign(instance, option, value);
}

void ps_instance_free(struct ps_instance *instance)
{
	kvfree(rcu_dereference_protected(instance->engine.contexts, true));
	ps_tables_exit(&instance->tables);
	ps_geoip_exit(instance);
	ps_capture_exit(&instance->capture);
	kfree(instance->engine.quic_cpu);
	free_percpu(instance->counters);
	mutex_destroy(&instance->structure);
	kfree(instance);
}
