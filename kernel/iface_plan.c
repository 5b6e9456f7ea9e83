// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plans for attachments; see iface_plan.h. A plan has no memory but the list of
 * attachments itself: what is prepared judges nothing yet, what goes is marked.
 */
#include <linux/rtnetlink.h>

#include "iface_plan.h"

/* Something wishes this device for the instance: 0 or why it can't have it. */
static int ps_iface_plan_want(const struct ps_iface_wish *wish, struct net_device *dev)
{
	struct ps_netns *netns = wish->instance->netns;
	struct ps_iface *iface, *there = NULL;

	list_for_each_entry(iface, &netns->ifaces, list) {
		if (iface->dev != dev)
			continue;
		if (!iface->judge)
			return iface->instance == wish->instance ? 0 : -EBUSY;
		there = iface;
	}
	if (there && there->instance != wish->instance && !there->leaves)
		return -EBUSY;
	if (there && there->instance == wish->instance &&
	    there->ingress.priority == wish->priority) {
		there->leaves = false;
		return 0;
	}
	iface = ps_iface_attach(wish->instance, dev, wish->priority);
	if (IS_ERR(iface))
		return PTR_ERR(iface);
	list_add_tail(&iface->list, &netns->ifaces);
	return 0;
}

static int ps_iface_plan_want_names(const struct ps_iface_wish *wish,
				    const struct ps_iface_name **name)
{
	struct net_device *dev;
	int err = 0;
	u32 i;

	for (i = 0; i < wish->count && !err; i++) {
		*name = &wish->names[i];
		dev = __dev_get_by_name(wish->instance->netns->net, wish->names[i].text);
		err = dev ? ps_iface_plan_want(wish, dev) : -ENOENT;
	}
	return err;
}

/* Those that it has: they are in the list, so their devices aren't on the way out. */
static int ps_iface_plan_want_same(const struct ps_iface_wish *wish)
{
	struct ps_iface *iface;
	int err = 0;

	list_for_each_entry(iface, &wish->instance->netns->ifaces, list)
		if (!err && iface->judge == wish->instance)
			err = ps_iface_plan_want(wish, iface->dev);
	return err;
}

static bool ps_iface_plan_has_twin(const struct ps_netns *netns, const struct ps_iface *iface)
{
	const struct ps_iface *other;

	list_for_each_entry(other, &netns->ifaces, list)
		if (other != iface && other->dev == iface->dev &&
		    other->instance == iface->instance)
			return true;
	return false;
}

/*
 * Put in force: new ones first, and the old ones go when every packet meets the new.
 * One that is under way by the hooks of before would find the old ones gone.
 */
static void ps_iface_plan_commit(struct ps_netns *netns)
{
	struct ps_iface *iface, *next;
	bool comes = false, goes = false;

	list_for_each_entry(iface, &netns->ifaces, list)
		if (iface->leaves && !ps_iface_plan_has_twin(netns, iface))
			ps_iface_tell(iface, false);
	list_for_each_entry(iface, &netns->ifaces, list) {
		goes |= iface->leaves;
		if (iface->judge)
			continue;
		WRITE_ONCE(iface->judge, iface->instance);
		comes = true;
		if (!ps_iface_plan_has_twin(netns, iface))
			ps_iface_tell(iface, true);
	}
	if (comes && goes)
		synchronize_net();
	list_for_each_entry_safe(iface, next, &netns->ifaces, list)
		if (iface->leaves)
			ps_iface_detach(iface);
}

static void ps_iface_plan_drop(struct ps_netns *netns)
{
	struct ps_iface *iface, *next;

	list_for_each_entry_safe(iface, next, &netns->ifaces, list) {
		iface->leaves = false;
		if (!iface->judge)
			ps_iface_detach(iface);
	}
}

static int ps_iface_plan_make_held(struct ps_netns *netns, struct list_head *wishes,
				   struct ps_iface_wish **refused,
				   const struct ps_iface_name **name)
{
	struct ps_iface_wish *wish;
	struct ps_iface *iface;
	int err = 0;

	lockdep_assert_held(&netns->attaching);
	lockdep_assert_held(&netns->ifaces_lock);
	list_for_each_entry(wish, wishes, list)
		list_for_each_entry(iface, &netns->ifaces, list)
			if (iface->instance == wish->instance)
				iface->leaves = true;
	list_for_each_entry(wish, wishes, list) {
		*refused = wish;
		*name = NULL;
		/* Who sets these detaches all afterwards, under the lock that we hold. */
		if (READ_ONCE(wish->instance->dead) || netns->dying)
			err = -ENOENT;
		else if (wish->named)
			err = ps_iface_plan_want_names(wish, name);
		else
			err = ps_iface_plan_want_same(wish);
		if (err)
			break;
	}
	if (err)
		ps_iface_plan_drop(netns);
	return err;
}

int ps_iface_plan_make(struct ps_netns *netns, struct list_head *wishes,
		       struct ps_iface_wish **refused, const struct ps_iface_name **name)
{
	struct ps_iface_wish *wish;
	int err = 0;

	*refused = NULL;
	list_for_each_entry(wish, wishes, list)
		if (!err && wish->count)
			err = ps_instance_prepare_packets(wish->instance);
	if (err)
		return err;
	/* RTNL: names, and that no device is on its way out. */
	rtnl_lock();
	mutex_lock(&netns->ifaces_lock);
	err = ps_iface_plan_make_held(netns, wishes, refused, name);
	mutex_unlock(&netns->ifaces_lock);
	rtnl_unlock();
	return err;
}

void ps_iface_plan_end(struct ps_netns *netns, int err)
{
	lockdep_assert_held(&netns->attaching);
	mutex_lock(&netns->ifaces_lock);
	if (err)
		ps_iface_plan_drop(netns);
	else
		ps_iface_plan_commit(netns);
	mutex_unlock(&netns->ifaces_lock);
}

static void ps_iface_plan_wish(struct ps_iface_wish *wish, struct ps_instance *instance,
			       struct list_head *wishes)
{
	*wish = (struct ps_iface_wish){
		.instance = instance,
		.priority = instance->option[PS_OPTION_hook_priority],
	};
	list_add(&wish->list, wishes);
}

int ps_iface_replace(struct ps_instance *instance, const struct ps_iface_name *names, u32 count)
{
	struct ps_iface_wish wish, *refused;
	const struct ps_iface_name *name;
	LIST_HEAD(wishes);
	int err;

	mutex_lock(&instance->netns->attaching);
	ps_iface_plan_wish(&wish, instance, &wishes);
	wish.named = true;
	wish.names = names;
	wish.count = count;
	err = ps_iface_plan_make(instance->netns, &wishes, &refused, &name);
	if (!err)
		ps_iface_plan_end(instance->netns, 0);
	mutex_unlock(&instance->netns->attaching);
	return err;
}

int ps_iface_move_hooks(struct ps_instance *instance, int priority)
{
	struct ps_netns *netns = instance->netns;
	struct ps_iface_wish wish, *refused;
	const struct ps_iface_name *name;
	LIST_HEAD(wishes);
	int err;

	ps_iface_plan_wish(&wish, instance, &wishes);
	wish.priority = priority;
	mutex_lock(&netns->ifaces_lock);
	err = ps_iface_plan_make_held(netns, &wishes, &refused, &name);
	if (!err)
		ps_iface_plan_commit(netns);
	mutex_unlock(&netns->ifaces_lock);
	return err;
}
