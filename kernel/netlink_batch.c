// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Batches of netlink sockets; see netlink_batch.h. A message that is refused
 * breaks the batch, and a commit tells how many messages it is about: what the
 * kernel refused before it came here can't be missing unnoticed.
 */
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>

#include "edits.h"
#include "netlink.h"
#include "netlink_batch.h"

#define PS_NETLINK_SOCKETS 64		 /* with a batch, in a namespace */
#define PS_NETLINK_BYTES   (256UL << 20) /* that their batches take, about */

/**
 * struct ps_netlink_socket - a socket that has or had a batch
 * @list: in ps_netlink_sockets.list
 * @portid: names it in its namespace
 * @open: it has a batch
 * @broken: one of its messages was refused
 * @messages: noted down
 * @edits: what they say
 * @words: why the last commit was refused
 */
struct ps_netlink_socket {
	struct list_head list;
	u32 portid;
	bool open;
	bool broken;
	u32 messages;
	struct ps_edits edits;
	char words[256];
};

void ps_netlink_sockets_init(struct ps_netlink_sockets *sockets)
{
	mutex_init(&sockets->lock);
	INIT_LIST_HEAD(&sockets->list);
	sockets->bytes = 0;
}

static struct ps_netlink_sockets *ps_netlink_sockets_of(const struct net *net)
{
	return &ps_netns_of(net)->sockets;
}

static struct ps_netlink_socket *ps_netlink_socket_find(struct ps_netlink_sockets *sockets,
							u32 portid)
{
	struct ps_netlink_socket *socket;

	list_for_each_entry(socket, &sockets->list, list)
		if (socket->portid == portid)
			return socket;
	return NULL;
}

static void ps_netlink_socket_empty(struct ps_netlink_sockets *sockets,
				    struct ps_netlink_socket *socket)
{
	sockets->bytes -= socket->edits.bytes;
	ps_edits_free(&socket->edits);
}

static void ps_netlink_socket_free(struct ps_netlink_sockets *sockets,
				   struct ps_netlink_socket *socket)
{
	ps_netlink_socket_empty(sockets, socket);
	list_del(&socket->list);
	kfree(socket);
}

void ps_netlink_sockets_exit(struct ps_netlink_sockets *sockets)
{
	struct ps_netlink_socket *socket, *next;

	list_for_each_entry_safe(socket, next, &sockets->list, list)
		ps_netlink_socket_free(sockets, socket);
	mutex_destroy(&sockets->lock);
}

static struct ps_netlink_socket *ps_netlink_socket_create(struct ps_netlink_sockets *sockets,
							  u32 portid)
{
	struct ps_netlink_socket *socket;

	if (list_count_nodes(&sockets->list) >= PS_NETLINK_SOCKETS)
		return ERR_PTR(-EBUSY);
	socket = kzalloc(sizeof(*socket), GFP_KERNEL_ACCOUNT);
	if (!socket)
		return ERR_PTR(-ENOMEM);
	socket->portid = portid;
	ps_edits_init(&socket->edits);
	list_add(&socket->list, &sockets->list);
	return socket;
}

int ps_netlink_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_netlink_sockets *sockets = ps_netlink_sockets_of(genl_info_net(info));
	struct ps_netlink_socket *socket;

	mutex_lock(&sockets->lock);
	socket = ps_netlink_socket_find(sockets, info->snd_portid);
	if (!socket)
		socket = ps_netlink_socket_create(sockets, info->snd_portid);
	if (!IS_ERR(socket)) {
		ps_netlink_socket_empty(sockets, socket);
		socket->open = true;
		socket->broken = false;
		socket->messages = 0;
	}
	mutex_unlock(&sockets->lock);
	if (IS_ERR(socket))
		return ps_netlink_refuse(info->extack, NULL, PTR_ERR(socket),
					 "too many sockets have a batch");
	return 0;
}

static int ps_netlink_socket_note(struct ps_netlink_sockets *sockets,
				  struct ps_netlink_socket *socket, struct genl_info *info)
{
	size_t before = socket->edits.bytes;
	int err;

	if (socket->broken)
		return ps_netlink_refuse(info->extack, NULL, -ECANCELED,
					 "the batch was broken by a message that was refused");
	err = ps_netlink_parse_edits(info, &socket->edits);
	sockets->bytes += socket->edits.bytes - before;
	if (!err && sockets->bytes > PS_NETLINK_BYTES)
		err = ps_netlink_refuse(info->extack, NULL, -ENOSPC,
					"the batches of this namespace take too much memory");
	if (err) {
		ps_netlink_socket_empty(sockets, socket);
		socket->broken = true;
		return err;
	}
	socket->messages++;
	return 1;
}

int ps_netlink_batch_note(struct genl_info *info)
{
	struct ps_netlink_sockets *sockets = ps_netlink_sockets_of(genl_info_net(info));
	struct ps_netlink_socket *socket;
	int result = 0;

	mutex_lock(&sockets->lock);
	socket = ps_netlink_socket_find(sockets, info->snd_portid);
	if (socket && socket->open)
		result = ps_netlink_socket_note(sockets, socket, info);
	mutex_unlock(&sockets->lock);
	return result;
}

/* Close the batch and take what it says out of it: 0, or why it can't be done. */
static int ps_netlink_socket_close(struct ps_netlink_sockets *sockets,
				   struct ps_netlink_socket *socket, struct genl_info *info,
				   struct ps_edits *edits)
{
	const struct nlattr *messages = info->attrs[PS_A_MESSAGES];

	if (!socket || !socket->open)
		return ps_netlink_refuse(info->extack, NULL, -ENOENT, "no batch was begun");
	socket->open = false;
	ps_edits_join(edits, &socket->edits);
	sockets->bytes -= edits->bytes;
	if (socket->broken)
		return ps_netlink_refuse(info->extack, NULL, -ECANCELED,
					 "the batch was broken by a message that was refused");
	if (info->genlhdr->cmd != PS_CMD_COMMIT)
		return 0;
	if (!messages || nla_get_u32(messages) != socket->messages)
		return ps_netlink_refuse(info->extack, messages, -EINVAL,
					 "the batch has another number of messages");
	return 0;
}

/* In words, since the message that it came from is gone. */
static void ps_netlink_socket_explain(struct ps_netlink_socket *socket, struct genl_info *info,
				      const struct ps_edit *failed, int err)
{
	char context[PS_ITEM_MAX + 1] = "/";
	const char *what = "";

	if (!failed) {
		ps_netlink_refuse(info->extack, NULL, err, ps_netlink_reason(err));
		return;
	}
	if (failed->name.in_context)
		ps_format_context(context + 1, &failed->name.context);
	if (failed->option || failed->target)
		what = failed->option ? failed->option->name : failed->target->name;
	snprintf(socket->words, sizeof(socket->words), "%s%s%s%s: %s", failed->name.instance,
		 failed->name.in_context ? context : "", *what ? "/" : "", what,
		 ps_netlink_reason(err));
	ps_netlink_refuse(info->extack, NULL, err, socket->words);
}

/* That of the socket of a message, which stays where it is until the message is answered. */
static int ps_netlink_batch_close(struct genl_info *info, struct ps_netlink_socket **socket,
				  struct ps_edits *edits)
{
	struct ps_netlink_sockets *sockets = ps_netlink_sockets_of(genl_info_net(info));
	int err;

	ps_edits_init(edits);
	mutex_lock(&sockets->lock);
	*socket = ps_netlink_socket_find(sockets, info->snd_portid);
	err = ps_netlink_socket_close(sockets, *socket, info, edits);
	mutex_unlock(&sockets->lock);
	return err;
}

int ps_netlink_commit(struct sk_buff *skb, struct genl_info *info)
{
	const struct ps_edit *failed = NULL;
	struct ps_netlink_socket *socket;
	struct ps_edits edits;
	int err;

	err = ps_netlink_batch_close(info, &socket, &edits);
	if (!err) {
		err = ps_edits_apply(ps_netns_of(genl_info_net(info)), &edits, &failed);
		if (err)
			ps_netlink_socket_explain(socket, info, failed, err);
	}
	ps_edits_free(&edits);
	return err;
}

int ps_netlink_abort(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_netlink_socket *socket;
	struct ps_edits edits;
	int err;

	err = ps_netlink_batch_close(info, &socket, &edits);
	ps_edits_free(&edits);
	/* A broken one is as good as discarded. */
	return err == -ECANCELED ? 0 : err;
}

static int ps_netlink_batch_notify(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *notify = data;
	struct ps_netlink_sockets *sockets;
	struct ps_netlink_socket *socket;

	if (event != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	sockets = ps_netlink_sockets_of(notify->net);
	mutex_lock(&sockets->lock);
	socket = ps_netlink_socket_find(sockets, notify->portid);
	if (socket)
		ps_netlink_socket_free(sockets, socket);
	mutex_unlock(&sockets->lock);
	return NOTIFY_DONE;
}

static struct notifier_block ps_netlink_notifier = { .notifier_call = ps_netlink_batch_notify };

int ps_netlink_batch_watch(void)
{
	return netlink_register_notifier(&ps_netlink_notifier);
}

void ps_netlink_batch_unwatch(void)
{
	netlink_unregister_notifier(&ps_netlink_notifier);
}
