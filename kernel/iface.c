// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attaching and detaching interfaces.
 *
 * Attaching holds RTNL, so that the device can't be on its way out; a device
 * that goes (deleted, or moved to another namespace) is announced by the
 * notifier before its hooks are.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "hook_netdev.h"
#include "iface.h"

static struct ps_iface *ps_iface_find(struct ps_netns *netns, const struct net_device *dev)
{
	struct ps_instance *instance;
	struct ps_iface *iface;

	lockdep_assert_held(&netns->lock);
	list_for_each_entry(instance, &netns->instances, list)
		list_for_each_entry(iface, &instance->ifaces, list)
			if (iface->dev == dev)
				return iface;
	return NULL;
}

static void ps_iface_detach(struct ps_iface *iface)
{
	list_del(&iface->list);
	ps_hook_netdev_unregister(iface);
	kfree_rcu(iface, rcu);
}

/* Attached, but in no list yet: the attachment or an error pointer. */
static struct ps_iface *ps_iface_attach(struct ps_instance *instance, struct net_device *dev,
					int priority)
{
	struct ps_iface *iface;
	int err;

	iface = kzalloc(sizeof(*iface), GFP_KERNEL_ACCOUNT);
	if (!iface)
		return ERR_PTR(-ENOMEM);
	iface->dev = dev;
	iface->instance = instance;
	err = ps_hook_netdev_register(iface, priority);
	if (err) {
		kfree(iface);
		return ERR_PTR(err);
	}
	return iface;
}

static int ps_iface_add(struct ps_instance *instance, struct net_device *dev)
{
	struct ps_iface *iface = ps_iface_find(instance->netns, dev);

	if (iface)
		return iface->instance == instance ? -EEXIST : -EBUSY;
	iface = ps_iface_attach(instance, dev, instance->option[PS_OPTION_hook_priority]);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	list_add_tail(&iface->list, &instance->ifaces);
	return 0;
}

static int ps_iface_remove(struct ps_instance *instance, struct net_device *dev)
{
	struct ps_iface *iface = ps_iface_find(instance->netns, dev);

	if (!iface || iface->instance != instance)
		return -ENOENT;
	ps_iface_detach(iface);
	return 0;
}

int ps_iface_edit(struct ps_instance *instance, const struct ps_iface_name *name, bool add)
{
	struct ps_netns *netns = instance->netns;
	struct net_device *dev;
	int err = -ENOENT;

	rtnl_lock();
	mutex_lock(&netns->lock);
	dev = __dev_get_by_name(netns->net, name->text);
	if (dev && !instance->dead && !netns->dying)
		err = add ? ps_iface_add(instance, dev) : ps_iface_remove(instance, dev);
	mutex_unlock(&netns->lock);
	rtnl_unlock();
	return err;
}

/* Attach all that isn't yet; what was attached anew is in @born. */
static int ps_iface_attach_all(struct ps_instance *instance, struct net_device **devs, u32 count,
			       struct list_head *born)
{
	struct ps_iface *iface;
	u32 i;

	for (i = 0; i < count; i++) {
		iface = ps_iface_find(instance->netns, devs[i]);
		if (iface && iface->instance != instance)
			return -EBUSY;
		if (iface)
			continue;
		iface = ps_iface_attach(instance, devs[i],
					instance->option[PS_OPTION_hook_priority]);
		if (IS_ERR(iface))
			return PTR_ERR(iface);
		list_add_tail(&iface->list, born);
	}
	return 0;
}

/* The devices of these names, each once: how many, or a negative errno. */
static int ps_iface_resolve(struct ps_netns *netns, const struct ps_iface_name *names, u32 count,
			    struct net_device **devs)
{
	u32 i, j, n = 0;

	for (i = 0; i < count; i++) {
		devs[n] = __dev_get_by_name(netns->net, names[i].text);
		if (!devs[n])
			return -ENOENT;
		for (j = 0; devs[j] != devs[n]; j++)
			;
		if (j == n)
			n++;
	}
	return n;
}

static int ps_iface_replace_locked(struct ps_instance *instance, struct net_device **devs,
				   u32 count)
{
	struct ps_iface *iface, *next;
	LIST_HEAD(born);
	u32 i;
	int err;

	err = ps_iface_attach_all(instance, devs, count, &born);
	if (err) {
		list_for_each_entry_safe(iface, next, &born, list)
			ps_iface_detach(iface);
		return err;
	}
	list_for_each_entry_safe(iface, next, &instance->ifaces, list) {
		for (i = 0; i < count && devs[i] != iface->dev; i++)
			;
		if (i == count)
			ps_iface_detach(iface);
	}
	list_splice_tail(&born, &instance->ifaces);
	return 0;
}

int ps_iface_replace(struct ps_instance *instance, const struct ps_iface_name *names, u32 count)
{
	struct ps_netns *netns = instance->netns;
	struct net_device **devs;
	int n = -ENOENT;

	devs = kvmalloc_array(count + 1, sizeof(*devs), GFP_KERNEL_ACCOUNT);
	if (!devs)
		return -ENOMEM;
	rtnl_lock();
	mutex_lock(&netns->lock);
	if (!instance->dead && !netns->dying)
		n = ps_iface_resolve(netns, names, count, devs);
	if (n >= 0)
		n = ps_iface_replace_locked(instance, devs, n);
	mutex_unlock(&netns->lock);
	rtnl_unlock();
	kvfree(devs);
	return n;
}

void ps_iface_detach_all(struct ps_instance *instance)
{
	struct ps_iface *iface, *next;

	lockdep_assert_held(&instance->netns->lock);
	list_for_each_entry_safe(iface, next, &instance->ifaces, list)
		ps_iface_detach(iface);
}

int ps_iface_move_hooks(struct ps_instance *instance, int priority)
{
	struct ps_iface *iface, *next;
	LIST_HEAD(moved);

	lockdep_assert_held(&instance->netns->lock);
	list_for_each_entry(iface, &instance->ifaces, list) {
		struct ps_iface *twin = ps_iface_attach(instance, iface->dev, priority);

		if (IS_ERR(twin)) {
			list_for_each_entry_safe(iface, next, &moved, list)
				ps_iface_detach(iface);
			return PTR_ERR(twin);
		}
		list_add_tail(&twin->list, &moved);
	}
	ps_iface_detach_all(instance);
	list_splice(&moved, &instance->ifaces);
	return 0;
}

static int ps_iface_notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct ps_netns *netns = container_of(block, struct ps_netns, notifier);
	struct ps_iface *iface;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&netns->lock);
	iface = ps_iface_find(netns, netdev_notifier_info_to_dev(data));
	if (iface)
		ps_iface_detach(iface);
	mutex_unlock(&netns->lock);
	return NOTIFY_DONE;
}

int ps_iface_watch(struct ps_netns *netns)
{
	netns->notifier.notifier_call = ps_iface_notify;
	return register_netdevice_notifier_net(netns->net, &netns->notifier);
}

void ps_iface_unwatch(struct ps_netns *netns)
{
	unregister_netdevice_notifier_net(netns->net, &netns->notifier);
}
