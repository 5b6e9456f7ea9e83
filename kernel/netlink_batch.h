/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Batches that netlink sockets have begun. What a socket has noted down lies in
 * a record under its port number until it commits, aborts, or is closed.
 */
#ifndef PS_NETLINK_BATCH_H
#define PS_NETLINK_BATCH_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct genl_info;

/**
 * struct ps_netlink_sockets - the sockets of a namespace that had a batch
 * @lock:	of all members; held while a message is noted down, no lock of the
 *		configuration is taken under it
 * @list:	struct ps_netlink_socket
 * @bytes:	that all batches take
 */
struct ps_netlink_sockets {
	struct mutex lock;
	struct list_head list;
	size_t bytes;
};

void ps_netlink_sockets_init(struct ps_netlink_sockets *sockets);
void ps_netlink_sockets_exit(struct ps_netlink_sockets *sockets);

/**
 * ps_netlink_batch_note() - note a message of the socket's batch down
 * @info: the message; when it is refused, so will be the commit
 *
 * Return: 1 when it is noted down; 0 when the socket has no batch and it is to
 * be done at once; a negative errno with extack.
 */
int ps_netlink_batch_note(struct genl_info *info);

/* Watch for sockets that are closed, until the unwatch: 0 or a negative errno. */
int ps_netlink_batch_watch(void);
void ps_netlink_batch_unwatch(void);

#endif
