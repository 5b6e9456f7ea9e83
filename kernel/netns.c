// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Birth and death of the per-namespace state.
 *
 * A namespace dies in two steps: pre_exit takes the hooks off the devices, and
 * the network core waits for running packets; exit then frees.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/user_namespace.h>
#include <net/netns/generic.h>

#include "iface.h"
#include "instance.h"
#include "netns.h"
#include "sysfs.h"

static bool allow_userns;
module_param(allow_userns, bool, 0644);
MODULE_PARM_DESC(
	allow_userns,
	"let namespaces of other user namespaces than the initial one use the module (default 0)");

static unsigned int ps_netns_id __read_mostly;

struct ps_netns *ps_netns_of(const struct net *net)
{
	return net_generic(net, ps_netns_id);
}

int ps_netns_allows(const struct ps_netns *netns)
{
	struct user_namespace *owner = netns->net->user_ns;

	if (owner != &init_user_ns && !READ_ONCE(allow_userns))
		return -EPERM;
	return ns_capable(owner, CAP_NET_ADMIN) ? 0 : -EPERM;
}

static int __net_init ps_netns_create(struct net *net)
{
	struct ps_netns *netns = ps_netns_of(net);
	int err;

	netns->net = net;
	mutex_init(&netns->structure);
	mutex_init(&netns->attaching);
	mutex_init(&netns->lock);
	mutex_init(&netns->ifaces_lock);
	INIT_LIST_HEAD(&netns->instances);
	INIT_LIST_HEAD(&netns->ifaces);
	atomic_set(&netns->generation, 1);
	ps_open_files_init(&netns->files);
	ps_netlink_sockets_init(&netns->sockets);
	ps_event_limits_init(&netns->limits);
	err = ps_iface_watch(netns);
	if (err)
		return err;
	err = ps_sysfs_create_root_files(netns);
	if (err)
		ps_iface_unwatch(netns);
	return err;
}

static void __net_exit ps_netns_unhook(struct net *net)
{
	struct ps_netns *netns = ps_netns_of(net);

	mutex_lock(&netns->lock);
	mutex_lock(&netns->ifaces_lock);
	netns->dying = true;
	mutex_unlock(&netns->ifaces_lock);
	mutex_unlock(&netns->lock);
	ps_iface_detach_all(netns, NULL);
}

static void __net_exit ps_netns_destroy(struct net *net)
{
	struct ps_netns *netns = ps_netns_of(net);

	ps_sysfs_remove_root_files(netns);
	ps_instance_destroy_all(netns);
	ps_iface_unwatch(netns);
	ps_open_files_exit(&netns->files);
	ps_netlink_sockets_exit(&netns->sockets);
	mutex_destroy(&netns->ifaces_lock);
	mutex_destroy(&netns->lock);
	mutex_destroy(&netns->attaching);
	mutex_destroy(&netns->structure);
}

static struct pernet_operations ps_netns_operations = {
	.init = ps_netns_create,
	.pre_exit = ps_netns_unhook,
	.exit = ps_netns_destroy,
	.id = &ps_netns_id,
	.size = sizeof(struct ps_netns),
};

int ps_netns_init(void)
{
	return register_pernet_subsys(&ps_netns_operations);
}

void ps_netns_exit(void)
{
	unregister_pernet_subsys(&ps_netns_operations);
}
