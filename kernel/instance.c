// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lifetime of instances.
 *
 * Destruction goes outside in: marked dead under the lock (nothing can be added
 * any more), interfaces detached, directory removed with the lock released
 * (that waits for writers), a grace period for packets under way, memory. The
 * name stays taken until its directory is gone.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "context.h"
#include "iface.h"
#include "instance.h"
#include "sysfs.h"

static struct ps_instance *ps_instance_find(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;

	lockdep_assert_held(&netns->lock);
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

	list_for_each_entry(instance, &netns->instances, list)
		bytes += strlen(ps_instance_name(instance)) + 1;
	return bytes;
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
	instance->netns = netns;
	INIT_LIST_HEAD(&instance->ifaces);
	INIT_LIST_HEAD(&instance->nodes);
	INIT_LIST_HEAD(&instance->graves);
	for (i = 0; i < PS_OPTIONS; i++)
		instance->option[i] = ps_option[i].initial;
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

/* Of a dead instance without interfaces, still in the list; no lock held. */
static void ps_instance_dispose(struct ps_instance *instance)
{
	struct ps_netns *netns = instance->netns;

	/* No writer is left in any of its files after this. */
	ps_sysfs_unlink(&instance->kobj);
	mutex_lock(&netns->lock);
	list_del(&instance->list);
	mutex_unlock(&netns->lock);
	synchronize_net();
	ps_context_destroy_all(instance);
	kobject_put(&instance->kobj);
}

int ps_instance_create(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;
	int err;

	mutex_lock(&netns->lock);
	err = -ENOENT;
	if (netns->dying)
		goto out;
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
	list_add(&instance->list, &netns->instances);
	err = ps_instance_populate(instance, name);
	if (!err)
		goto out;
	instance->dead = true;
	mutex_unlock(&netns->lock);
	ps_instance_dispose(instance);
	return err;
out:
	mutex_unlock(&netns->lock);
	return err;
}

int ps_instance_destroy(struct ps_netns *netns, const char *name)
{
	struct ps_instance *instance;

	mutex_lock(&netns->lock);
	instance = ps_instance_find(netns, name);
	if (!instance || instance->dead) {
		mutex_unlock(&netns->lock);
		return -ENOENT;
	}
	instance->dead = true;
	ps_iface_detach_all(instance);
	mutex_unlock(&netns->lock);
	ps_instance_dispose(instance);
	return 0;
}

/* The first instance that nobody destroys yet, now marked dead. */
static struct ps_instance *ps_instance_pop(struct ps_netns *netns)
{
	struct ps_instance *instance, *found = NULL;

	mutex_lock(&netns->lock);
	list_for_each_entry(instance, &netns->instances, list)
		if (!instance->dead) {
			instance->dead = true;
			found = instance;
			break;
		}
	mutex_unlock(&netns->lock);
	return found;
}

void ps_instance_destroy_all(struct ps_netns *netns)
{
	struct ps_instance *instance;

	while ((instance = ps_instance_pop(netns)))
		ps_instance_dispose(instance);
}

ssize_t ps_instance_print(struct ps_netns *netns, char *page)
{
	struct ps_instance *instance;
	ssize_t length = 0;

	mutex_lock(&netns->lock);
	list_for_each_entry(instance, &netns->instances, list)
		if (!instance->dead)
			length += sysfs_emit_at(page, length, "%s\n", ps_instance_name(instance));
	mutex_unlock(&netns->lock);
	return length;
}

int ps_instance_set(struct ps_instance *instance, enum ps_option_index option, s64 value)
{
	int err = -ENOENT;

	mutex_lock(&instance->netns->lock);
	if (instance->dead)
		goto out;
	err = 0;
	if (option == PS_OPTION_hook_priority)
		err = ps_iface_move_hooks(instance, value);
	if (!err)
		WRITE_ONCE(instance->option[option], value);
out:
	mutex_unlock(&instance->netns->lock);
	return err;
}

void ps_instance_free(struct ps_instance *instance)
{
	kvfree(rcu_dereference_protected(instance->contexts, true));
	free_percpu(instance->counters);
	kfree(instance);
}
