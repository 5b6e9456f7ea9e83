/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the generic netlink family (include/packetshield/netlink.h tells
 * what its messages mean). Handlers run in parallel, hold no lock of netlink's,
 * and know objects by name: they look them up under netns->lock, or with
 * netns->structure where lists are changed that lock for themselves.
 */
#ifndef PS_NETLINK_H
#define PS_NETLINK_H

#include <net/genetlink.h>
#include <net/sock.h>

#include "../include/packetshield/netlink.h"
#include "context.h"

extern struct genl_family ps_netlink_family;

#define PS_NETLINK_GROUP_EVENTS 0
#define PS_NETLINK_SECRET_MAX	4095 /* bytes: what a file of sysfs takes */

/* Whether the family is there to send by: read under RCU. */
extern bool ps_netlink_is_up;

/**
 * struct ps_netlink_name - an object, as messages name it
 * @instance: zero-terminated
 * @in_context: a context of it
 * @context: which
 */
struct ps_netlink_name {
	char instance[PS_INSTANCE_NAME_MAX + 1];
	bool in_context;
	struct ps_context_id context;
};

/* Read INSTANCE and CONTEXT of a message: 0, or a negative errno and extack. */
int ps_netlink_parse_name(struct nlattr **attrs, struct ps_netlink_name *name,
			  struct netlink_ext_ack *extack);

/*
 * Find what is named; netns->lock held. 0 and both pointers (the node NULL for
 * an instance), or -ENOENT and extack, which may be NULL.
 */
int ps_netlink_find(struct ps_netns *netns, const struct ps_netlink_name *name,
		    struct ps_instance **instance, struct ps_context_node **node,
		    struct netlink_ext_ack *extack);

/* Put INSTANCE and CONTEXT (NULL: none) into a message: 0 or -EMSGSIZE. */
int ps_netlink_put_name(struct sk_buff *skb, const struct ps_instance *instance,
			const struct ps_context_node *node);

/* What an errno means of an edit, for people. */
const char *ps_netlink_reason(int err);

int ps_netlink_get(struct sk_buff *skb, struct genl_info *info);
int ps_netlink_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ps_netlink_dump_done(struct netlink_callback *cb);

int ps_netlink_list_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ps_netlink_list_done(struct netlink_callback *cb);

/* PS_CMD_SET, and those that create and destroy instances. */
int ps_netlink_set(struct sk_buff *skb, struct genl_info *info);

struct ps_edits;

/* Read what such a message says into @edits: 0, or a negative errno and extack. */
int ps_netlink_parse_edits(struct genl_info *info, struct ps_edits *edits);

/* Refuse with these words about this part (or NULL) of a message; returns @err. */
static inline int ps_netlink_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
				    int err, const char *words)
{
	if (extack) {
		extack->_msg = words;
		NL_SET_BAD_ATTR(extack, attr);
	}
	return err;
}

/* The same where nobody has said more, for handlers that end; 0 is no refusal. */
static inline int ps_netlink_end(struct netlink_ext_ack *extack, int err)
{
	if (err && extack && !extack->_msg)
		extack->_msg = ps_netlink_reason(err);
	return err;
}

int ps_netlink_begin(struct sk_buff *skb, struct genl_info *info);
int ps_netlink_commit(struct sk_buff *skb, struct genl_info *info);
int ps_netlink_abort(struct sk_buff *skb, struct genl_info *info);

int ps_netlink_init(void);
void ps_netlink_exit(void);

#endif
