// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attaching and detaching interfaces.
 *
 * Attaching holds RTNL, so that the device can't be on its way out; a device
 * that goes (deleted, or moved to another namespace) is announced by the
 * notifier before its hooks are. All else is under netns->ifaces_lock, which
 * nobody holds for long: others wait for RTNL meanwhile.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "event.h"
#include "hook_netdev.h"
#include "iface.h"

/* The attachment that a device has. */
static struct ps_iface *ps_iface_find(struct ps_netns *netns, const struct net_device *dev)
{
	struct ps_iface *iface;

	lockdep_assert_held(&netns->ifaces_lock);
	list_for_each_entry(iface, &netns->ifaces, list)
		if (iface->dev == dev && iface->judge)
			return iface;
	return NULL;
}

void ps_iface_tell(const struct ps_iface *iface, bool attached)
{
	atomic_inc(&iface->instance->netns->generation);
	ps_event_iface(iface->instance, iface->dev, attached);
}

void ps_iface_detach(struct ps_iface *iface)
{
	list_del(&iface->list);
	ps_hook_netdev_unregister(iface);
	kfree_rcu(iface, rcu);
}

struct ps_iface *ps_iface_attach(struct ps_instance *instance, struct net_device *dev, int priority)
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

static void ps_iface_unlock(struct ps_instance *instance)
{
	mutex_unlock(&instance->netns->ifaces_lock);
	rtnl_unlock();
	mutex_unlock(&instance->netns->attaching);
}

/* Locks for what needs the device to stay: 0, or -ENOENT and nothing locked. */
static int ps_iface_lock(struct ps_instance *instance)
{
	mutex_lock(&instance->netns->attaching);
	rtnl_lock();
	mutex_lock(&instance->netns->ifaces_lock);
	/* Who sets dead detaches all afterwards, under the lock that we hold. */
	if (!READ_ONCE(instance->dead) && !instance->netns->dying)
		return 0;
	ps_iface_unlock(instance);
	return -ENOENT;
}

static int ps_iface_add(struct ps_instance *instance, struct net_device *dev)
{
	struct ps_iface *iface = ps_iface_find(instance->netns, dev);

	if (iface)
		return iface->instance == instance ? -EEXIST : -EBUSY;
	iface = ps_iface_attach(instance, dev, instance->option[PS_OPTION_hook_priority]);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	WRITE_ONCE(iface->judge, instance);
	list_add_tail(&iface->list, &instance->netns->ifaces);
	ps_iface_tell(iface, true);
	return 0;
}

static int ps_iface_remove(struct ps_instance *instance, struct net_device *dev)
{
	struct ps_iface *iface = ps_iface_find(instance->netns, dev);

	if (!iface || iface->instance != instance)
		return -ENOENT;
	ps_iface_tell(iface, false);
	ps_iface_detach(iface);
	return 0;
}

int ps_iface_edit(struct ps_instance *instance, const struct ps_iface_name *name, bool add)
{
	struct net_device *dev;
	int err;

	err = add ? ps_instance_prepare_packets(instance) : 0;
	if (err)
		return err;
	err = ps_iface_lock(instance);
	if (err)
		return err;
	dev = __dev_get_by_name(instance->netns->net, name->text);
	if (dev)
		err = add ? ps_iface_add(instance, dev) : ps_iface_remove(instance, dev);
	else
		err = -ENOENT;
	ps_iface_unlock(instance);
	return err;
}

int ps_iface_print(struct ps_instance *instance, struct ps_text *text)
{
	struct ps_iface *iface;
	int err = 0;

	/* RTNL: a device may be renamed. */
	rtnl_lock();
	mutex_lock(&instance->netns->ifaces_lock);
	list_for_each_entry(iface, &instance->netns->ifaces, list)
		if (!err && iface->judge == instance)
			err = ps_text_add_line(text, iface->dev->name, strlen(iface->dev->name));
	mutex_unlock(&instance->netns->ifaces_lock);
	rtnl_unlock();
	return err;
}

/* For good, whether it was in force or only prepared. */
static void ps_iface_end(struct ps_iface *iface)
{
	if (iface->judge)
		ps_iface_tell(iface, false);
	ps_iface_detach(iface);
}

void ps_iface_detach_all(struct ps_netns *netns, const struct ps_instance *instance)
{
	struct ps_iface *iface, *next;

	mutex_lock(&netns->ifaces_lock);
	list_for_each_entry_safe(iface, next, &netns->ifaces, list)
		if (!instance || iface->instance == instance)
			ps_iface_end(iface);
	mutex_unlock(&netns->ifaces_lock);
}

static int ps_iface_notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct ps_netns *netns = container_of(block, struct ps_netns, notifier);
	struct ps_iface *iface, *next;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&netns->ifaces_lock);
	list_for_each_entry_safe(iface, next, &netns->ifaces, list)
		if (iface->dev == netdev_notifier_info_to_dev(data))
			ps_iface_end(iface);
	mutex_unlock(&netns->ifaces_lock);
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
