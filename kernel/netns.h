/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a network namespace owns: its instances, the lock of its
 * configuration, and the state of its open configuration files.
 */
#ifndef PS_NETNS_H
#define PS_NETNS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>

#include "event.h"
#include "netlink_batch.h"
#include "openfile.h"

struct ps_change_set;

/**
 * struct ps_netns - PacketShield in one network namespace
 * @net:	the namespace
 * @structure:	held while an instance is created or destroyed, its directory
 *		included; nobody takes it in a file of an instance
 * @lock:	of the configuration: every change of what packets or readers of
 *		lists see; never held while a directory is made or removed (that
 *		waits for writers, who take it)
 * @attaching:	held from the preparation of changed attachments to their end, so
 *		that all of them are one's; taken outside of RTNL and @lock
 * @ifaces_lock: of attachments; the only lock taken inside RTNL
 * @instances:	the instances, newest first; changed under @structure and @lock
 * @ifaces:	the attachments (struct ps_iface) of all instances, oldest first;
 *		@ifaces_lock
 * @set:	the set of changes under way (change.h), or NULL; @lock
 * @generation:	moves with every change of what readers of the configuration see
 * @dying:	the namespace is on its way out and takes no more changes; set
 *		under @lock and @ifaces_lock
 * @notifier:	hears of devices that go
 * @files:	state of open configuration files
 * @sockets:	netlink sockets with a batch
 * @limits:	of events
 * @list_file:	/sys/packetshield/instances as this namespace sees it
 * @version_file: /sys/packetshield/version, likewise
 */
struct ps_netns {
	struct net *net;
	struct mutex structure;
	struct mutex attaching;
	struct mutex lock;
	struct mutex ifaces_lock;
	struct list_head instances;
	struct list_head ifaces;
	struct ps_change_set *set;
	atomic_t generation;
	bool dying;
	struct notifier_block notifier;
	struct ps_open_files files;
	struct ps_netlink_sockets sockets;
	struct ps_event_limits limits;
	struct attribute list_file;
	struct attribute version_file;
};

struct ps_netns *ps_netns_of(const struct net *net);

/**
 * ps_netns_allows() - whether the current process may change the configuration
 * @netns: the namespace
 *
 * Return: 0, or -EPERM without CAP_NET_ADMIN in the user namespace that owns
 * the network namespace, or where that is not the initial one and the module
 * parameter allow_userns is off.
 */
int ps_netns_allows(const struct ps_netns *netns);

int ps_netns_init(void);
void ps_netns_exit(void);

#endif
