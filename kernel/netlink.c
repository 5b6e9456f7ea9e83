// SPDX-License-Identifier: GPL-2.0-or-later
/* The family: policies made from the tables, commands, start and end; see netlink.h. */
#include <linux/module.h>

#include "core/option_text.h"
#include "netlink.h"
#include "netlink_batch.h"

/* Nothing in here is written, but kernels before 6.7 don't take constants. */
static struct netlink_range_validation_signed ps_netlink_range[PS_OPTIONS] = {
#define PS_OPTION(scope, name, type, id, def, low, high, unit, doc) \
	[PS_OPTION_##name] = { .min = low, .max = high },
#define PS_LIST(scope, name, type, value, id, limit, unit, doc)
#include "../include/packetshield/options.def"
#undef PS_OPTION
#undef PS_LIST
};

static const struct nla_policy ps_netlink_secret[PS_SECRETS] = {
	[PS_SECRET_NONE] = { .type = NLA_FLAG },
	[PS_SECRET_KEEP] = { .type = NLA_FLAG },
	[PS_SECRET_TEXT] = { .type = NLA_BINARY, .len = PS_NETLINK_SECRET_MAX },
};

static const struct nla_policy ps_netlink_items[PS_ITEMS] = {
	[PS_ITEM_ADD] = { .type = NLA_BINARY, .len = PS_ITEM_MAX },
	[PS_ITEM_REMOVE] = { .type = NLA_BINARY, .len = PS_ITEM_MAX },
	[PS_ITEM_REPLACE] = { .type = NLA_FLAG },
	[PS_ITEM_MORE] = { .type = NLA_FLAG },
};

/* Of a row, by its type. */
#define PS_NETLINK_NUMBER(name) \
	NLA_POLICY_FULL_RANGE_SIGNED(NLA_S64, &ps_netlink_range[PS_OPTION_##name])
#define PS_NETLINK_INTEGER(name)      PS_NETLINK_NUMBER(name)
#define PS_NETLINK_BOOLEAN(name)      PS_NETLINK_NUMBER(name)
#define PS_NETLINK_RATES(name)	      PS_NETLINK_NUMBER(name)
#define PS_NETLINK_MAC(name)	      PS_NETLINK_NUMBER(name)
#define PS_NETLINK_WSCALE(name)	      PS_NETLINK_NUMBER(name)
#define PS_NETLINK_GEOIP_POLICY(name) PS_NETLINK_NUMBER(name)
#define PS_NETLINK_SECRET(name)	      NLA_POLICY_NESTED(ps_netlink_secret)

#define PS_OPTION(scope, name, type, id, def, low, high, unit, doc) \
	PS_NETLINK_##scope([id] = PS_NETLINK_##type(name))
#define PS_LIST(scope, name, type, value, id, limit, unit, doc) \
	PS_NETLINK_##scope([id] = NLA_POLICY_NESTED(ps_netlink_items))

#define PS_NETLINK_INSTANCE(...) __VA_ARGS__,
#define PS_NETLINK_SHARED(...)	 __VA_ARGS__,
#define PS_NETLINK_CONTEXT(...)
#define PS_NETLINK_OTHER(...)
static const struct nla_policy ps_netlink_instance_settings[] = {
#include "../include/packetshield/options.def"
};
#undef PS_NETLINK_INSTANCE
#undef PS_NETLINK_SHARED
#undef PS_NETLINK_CONTEXT
#undef PS_NETLINK_OTHER

#define PS_NETLINK_INSTANCE(...)
#define PS_NETLINK_SHARED(...)
#define PS_NETLINK_CONTEXT(...) __VA_ARGS__,
#define PS_NETLINK_OTHER(...)
static const struct nla_policy ps_netlink_context_settings[] = {
#include "../include/packetshield/options.def"
};
#undef PS_NETLINK_CONTEXT
#undef PS_NETLINK_OTHER

#define PS_NETLINK_CONTEXT(...)
#define PS_NETLINK_OTHER(...) __VA_ARGS__,
static const struct nla_policy ps_netlink_other_settings[] = {
#include "../include/packetshield/options.def"
};
#undef PS_NETLINK_INSTANCE
#undef PS_NETLINK_SHARED
#undef PS_NETLINK_CONTEXT
#undef PS_NETLINK_OTHER
#undef PS_OPTION
#undef PS_LIST

static const struct nla_policy ps_netlink_policy[PS_A_BUSY + 1] = {
	[PS_A_INSTANCE] = { .type = NLA_NUL_STRING, .len = PS_INSTANCE_NAME_MAX },
	[PS_A_CONTEXT] = { .type = NLA_NUL_STRING, .len = PS_ITEM_MAX },
	[PS_A_INSTANCE_SETTINGS] = NLA_POLICY_NESTED(ps_netlink_instance_settings),
	[PS_A_CONTEXT_SETTINGS] = NLA_POLICY_NESTED(ps_netlink_context_settings),
	[PS_A_OTHER_SETTINGS] = NLA_POLICY_NESTED(ps_netlink_other_settings),
	[PS_A_LIST] = { .type = NLA_NUL_STRING, .len = PS_ITEM_MAX },
	[PS_A_MESSAGES] = { .type = NLA_U32 },
	[PS_A_BUSY] = { .type = NLA_FLAG },
};

int ps_netlink_parse_name(struct nlattr **attrs, struct ps_netlink_name *name,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *instance = attrs[PS_A_INSTANCE], *context = attrs[PS_A_CONTEXT];
	const char *text;

	*name = (struct ps_netlink_name){};
	if (!instance) {
		NL_SET_ERR_MSG(extack, "an instance must be named");
		return -EINVAL;
	}
	nla_strscpy(name->instance, instance, sizeof(name->instance));
	if (ps_parse_instance_name(name->instance, strlen(name->instance))) {
		NL_SET_ERR_MSG_ATTR(extack, instance, "that can't be the name of an instance");
		return -EIO;
	}
	if (!context)
		return 0;
	name->in_context = true;
	text = nla_data(context);
	if (strcmp(text, "Other") && ps_parse_context(text, strlen(text), &name->context)) {
		NL_SET_ERR_MSG_ATTR(extack, context, "that can't be the name of a context");
		return -EIO;
	}
	return 0;
}

int ps_netlink_find(struct ps_netns *netns, const struct ps_netlink_name *name,
		    struct ps_instance **instance, struct ps_context_node **node,
		    struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&netns->lock);
	*node = NULL;
	*instance = ps_instance_find(netns, name->instance);
	if (!*instance) {
		NL_SET_ERR_MSG(extack, "there is no such instance");
		return -ENOENT;
	}
	if (name->in_context)
		*node = ps_context_find(*instance, &name->context);
	if (name->in_context && !*node) {
		NL_SET_ERR_MSG(extack, "the instance has no such context");
		return -ENOENT;
	}
	return 0;
}

int ps_netlink_put_name(struct sk_buff *skb, const struct ps_instance *instance,
			const struct ps_context_node *node)
{
	if (nla_put_string(skb, PS_A_INSTANCE, ps_instance_name(instance)))
		return -EMSGSIZE;
	return node ? nla_put_string(skb, PS_A_CONTEXT, ps_context_name(node)) : 0;
}

const char *ps_netlink_reason(int err)
{
	switch (err) {
	case -ENOENT:
		return "not found: no such object, or the item isn't in the list";
	case -EEXIST:
		return "exists already: such an object, or the item in the list";
	case -EBUSY:
		return "busy: attached to another instance, used by a rule, or too many tables "
		       "still in use";
	case -ENOSPC:
		return "the limit of the list, or of instances, is reached";
	case -ERANGE:
		return "a number is out of range, or surge protection has no threshold";
	case -EIO:
		return "malformed item, or one that the list doesn't take";
	case -ENOMEM:
		return "out of memory";
	case -EPERM:
		return "needs CAP_NET_ADMIN here, and allow_userns in a user's namespace";
	default:
		return "refused by the kernel";
	}
}

static int ps_netlink_pre(ps_genl_pre_ops *ops, struct sk_buff *skb, struct genl_info *info)
{
	int err;

	/* Reading is asked for by flag; changing needs what sysfs needs. */
	if (ops->cmd == PS_CMD_GET)
		return 0;
	err = ps_netns_allows(ps_netns_of(genl_info_net(info)));
	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "needs CAP_NET_ADMIN here, and allow_userns in a user's namespace");
	return err;
}

/* No refusal is without words. */
static int ps_netlink_do(struct sk_buff *skb, struct genl_info *info)
{
	static int (*const handler[PS_CMDS])(struct sk_buff * skb, struct genl_info * info) = {
		[PS_CMD_GET] = ps_netlink_get,		[PS_CMD_NEW_INSTANCE] = ps_netlink_set,
		[PS_CMD_DEL_INSTANCE] = ps_netlink_set, [PS_CMD_SET] = ps_netlink_set,
		[PS_CMD_BEGIN] = ps_netlink_begin,	[PS_CMD_COMMIT] = ps_netlink_commit,
		[PS_CMD_ABORT] = ps_netlink_abort,
	};

	return ps_netlink_end(info->extack, handler[info->genlhdr->cmd](skb, info));
}

static const struct genl_ops ps_netlink_ops[] = {
	{
		.cmd = PS_CMD_GET,
		.doit = ps_netlink_do,
		.dumpit = ps_netlink_dump,
		.done = ps_netlink_dump_done,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = PS_CMD_GET_LIST,
		.dumpit = ps_netlink_list_dump,
		.done = ps_netlink_list_done,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{ .cmd = PS_CMD_NEW_INSTANCE, .doit = ps_netlink_do, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = PS_CMD_DEL_INSTANCE, .doit = ps_netlink_do, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = PS_CMD_SET, .doit = ps_netlink_do, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = PS_CMD_BEGIN, .doit = ps_netlink_do, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = PS_CMD_COMMIT, .doit = ps_netlink_do, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = PS_CMD_ABORT, .doit = ps_netlink_do, .flags = GENL_UNS_ADMIN_PERM },
};

static const struct genl_multicast_group ps_netlink_groups[] = {
	[PS_NETLINK_GROUP_EVENTS] = { .name = PS_NETLINK_EVENTS },
};

struct genl_family ps_netlink_family __ro_after_init = {
	.name = PS_NETLINK_NAME,
	.version = PS_NETLINK_VERSION,
	.maxattr = PS_A_BUSY,
	.policy = ps_netlink_policy,
	.netnsok = true,
	.parallel_ops = true,
	.pre_doit = ps_netlink_pre,
	.ops = ps_netlink_ops,
	.n_ops = ARRAY_SIZE(ps_netlink_ops),
	.resv_start_op = PS_CMDS,
	.mcgrps = ps_netlink_groups,
	.n_mcgrps = ARRAY_SIZE(ps_netlink_groups),
	.module = THIS_MODULE,
};

bool ps_netlink_is_up;

int ps_netlink_init(void)
{
	int err;

	err = ps_netlink_batch_watch();
	if (err)
		return err;
	err = genl_register_family(&ps_netlink_family);
	if (err)
		ps_netlink_batch_unwatch();
	else
		WRITE_ONCE(ps_netlink_is_up, true);
	return err;
}

void ps_netlink_exit(void)
{
	WRITE_ONCE(ps_netlink_is_up, false);
	/* Nobody sends to groups that are somebody else's afterwards. */
	synchronize_rcu();
	genl_unregister_family(&ps_netlink_family);
	ps_netlink_batch_unwatch();
}
