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
#include "iface.h"
#include "instance.h"
#include "sysfs.h"

static struct ps_instance *ps_instance_find(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;

	lockdep_assert_held(&netns->structure);
	list_for_each_entry(instance, &netns->instances, list)
		if (!strcmp(ps_instance_name(instance), name))
			return instance;
	return NULL;
}

/* Bytes that the list of instances takes in its file. */
static size_t ps_instance_list_bytes(struct ps_netns *netns)
{
	struct ps_instance *instance;
	size_t bytes = 0;

	lockdep_assert_held(&netns->structure);
	list_for_each_entry(instance, &netns->instances, list)
		bytes += strlen(ps_instance_name(instance)) + 1;
	return bytes;
}

/* The options that are time-outs of sessions. */
static const enum ps_option_index ps_instance_timeout[PS_SESSIONS_TIMEOUTS] = {
	[PS_SESSIONS_ACK] = PS_OPTION_ack_session_timeout,
	[PS_SESSIONS_SYN] = PS_OPTION_syn_session_timeout,
	[PS_SESSIONS_RST] = PS_OPTION_rst_session_timeout,
	[PS_SESSIONS_UDP] = PS_OPTION_udp_session_timeout,
	[PS_SESSIONS_DNS] = PS_OPTION_dns_session_timeout,
	[PS_SESSIONS_QHS] = PS_OPTION_qhs_session_timeout,
	[PS_SESSIONS_QSH] = PS_OPTION_qsh_session_timeout,
};

/* Hand the values of options on to those who use them. */
static void ps_instance_adopt(struct ps_instance *instance)
{
	enum ps_sessions_timeout i;

	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++)
		WRITE_ONCE(instance->engine.timeouts.seconds[i],
			   instance->option[ps_instance_timeout[i]]);
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
	/* A power of two of cache lines lies on cache lines. */
	instance->engine.quic_cpu = kcalloc(roundup_pow_of_two(nr_cpu_ids),
					    sizeof(*instance->engine.quic_cpu), GFP_KERNEL_ACCOUNT);
	if (!instance->engine.quic_cpu) {
		free_percpu(instance->counters);
		kfree(instance);
		return NULL;
	}
	instance->netns = netns;
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

/* Put it into the list, from where on it exists. */
static int ps_instance_publish(struct ps_instance *instance)
{
	struct ps_netns *netns = instance->netns;
	int err = -ENOENT;

	mutex_lock(&netns->lock);
	if (!netns->dying) {
		list_add(&instance->list, &netns->instances);
		err = 0;
	}
	mutex_unlock(&netns->lock);
	return err;
}

/* Of an instance that is in no list; only netns->structure may be held. */
static void ps_instance_dispose(struct ps_instance *instance)
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

int ps_instance_create(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;
	int err;

	mutex_lock(&netns->structure);
	err = -EEXIST;
	if (ps_instance_find(netns, name))
		goto out;
	err = -ENOSPC;
	if (ps_instance_list_bytes(netns) + strlen(name) + 1 >= PAGE_SIZE)
		goto out;
	err = -ENOMEM;
	instance = ps_instance_alloc(netns);
	if (!instance)
		goto out;
	err = ps_instance_populate(instance, name);
	if (!err)
		err = ps_instance_publish(instance);
	if (err)
		ps_instance_dispose(instance);
out:
	mutex_unlock(&netns->structure);
	return err;
}

static void ps_instance_withdraw(struct ps_instance *instance)
{
	mutex_lock(&instance->netns->lock);
	list_del(&instance->list);
	mutex_unlock(&instance->netns->lock);
	ps_instance_dispose(instance);
}

int ps_instance_destroy(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;

	mutex_lock(&netns->structure);
	instance = ps_instance_find(netns, name);
	if (instance)
		ps_instance_withdraw(instance);
	mutex_unlock(&netns->structure);
	return instance ? 0 : -ENOENT;
}

void ps_instance_destroy_all(struct ps_netns *netns)
{
	struct ps_instance *instance, *next;

	mutex_lock(&netns->structure);
	list_for_each_entry_safe(instance, next, &netns->instances, list)
		ps_instance_withdraw(instance);
	mutex_unlock(&netns->structure);
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

int ps_instance_set(struct ps_instance *instance, enum ps_option_index option, s64 value)
{
	int err = 0;

	if (option == PS_OPTION_session_table_size)
		value = roundup_pow_of_two(value);
	mutex_lock(&instance->netns->lock);
	if (instance->dead)
		err = -ENOENT;
	else if (option == PS_OPTION_hook_priority)
		err = ps_iface_move_hooks(instance, value);
	else if (option == PS_OPTION_session_table_size)
		err = ps_tables_resize(&instance->tables, value);
	if (!err) {
		WRITE_ONCE(instance->option[option], value);
		ps_instance_adopt(instance);
	}
	mutex_unlock(&instance->netns->lock);
	return err;
}

void ps_instance_free(struct ps_instance *instance)
{
	kvfree(rcu_dereference_protected(instance->engine.contexts, true));
	ps_tables_exit(&instance->tables);
	ps_geoip_exit(instance);
	kfree(instance->engine.quic_cpu);
	free_percpu(instance->counters);
	mutex_destroy(&instance->structure);
	kfree(instance);
}
