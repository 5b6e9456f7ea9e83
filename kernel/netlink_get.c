// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading: the version, instances and contexts with their options and
 * statistics. A dump goes by the names that there were at its start; one that
 * is gone by its turn is left out, and NLM_F_DUMP_INTR says that things move.
 */
#include <linux/slab.h>

#include "fullness.h"
#include "netlink.h"
#include "snapshot.h"
#include "toggle.h"
#include "version.h"

/**
 * struct ps_netlink_walk - a dump under way
 * @name: what is still to be told
 * @count: of them
 * @next: the first that wasn't told yet; 0 is the version
 * @busy: contexts that nothing has happened to are left out
 */
struct ps_netlink_walk {
	struct ps_netlink_name *name;
	u32 count;
	u32 next;
	bool busy;
};

static const u16 ps_netlink_instance_counter[] = {
#define PS_COUNTER(scope, name, id, doc) PS_NETLINK_##scope(PS_INSTANCE_COUNTER_##name, id)
#define PS_NETLINK_INSTANCE(index, id)	 [index] = id,
#define PS_NETLINK_CONTEXT(index, id)
#include "../include/packetshield/counters.def"
#undef PS_COUNTER
#undef PS_NETLINK_INSTANCE
#undef PS_NETLINK_CONTEXT
};

static const u16 ps_netlink_context_counter[] = {
#define PS_COUNTER(scope, name, id, doc) PS_NETLINK_##scope(PS_CONTEXT_COUNTER_##name, id)
#define PS_NETLINK_INSTANCE(index, id)
#define PS_NETLINK_CONTEXT(index, id) [index] = id,
#include "../include/packetshield/counters.def"
#undef PS_COUNTER
#undef PS_NETLINK_INSTANCE
#undef PS_NETLINK_CONTEXT
};

/* Whether there is a secret. */
static int ps_netlink_put_secret(struct sk_buff *skb, u16 id, s64 value)
{
	struct nlattr *nest = nla_nest_start(skb, id);

	if (!nest || nla_put_flag(skb, value ? PS_SECRET_KEEP : PS_SECRET_NONE))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int ps_netlink_put_option(struct sk_buff *skb, const struct ps_option *option, s64 value)
{
	if (option->type == PS_OPTION_SECRET)
		return ps_netlink_put_secret(skb, option->id, value);
	return nla_put(skb, option->id, sizeof(value), &value);
}

static int ps_netlink_put_options(struct sk_buff *skb, enum ps_scope scope, const s64 *value)
{
	struct nlattr *nest = nla_nest_start(skb, PS_NETLINK_SETTINGS(scope));
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < PS_OPTIONS; i++)
		if (ps_option[i].scope == scope &&
		    ps_netlink_put_option(skb, &ps_option[i], value[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int ps_netlink_put_tables(struct sk_buff *skb, const struct ps_instance *instance)
{
	struct nlattr *nest = nla_nest_start(skb, PS_A_TABLES);
	enum ps_fullness_table which;
	struct ps_netlink_table told;

	if (!nest)
		return -EMSGSIZE;
	for (which = 0; which < PS_FULLNESS_TABLES; which++)
		if (ps_fullness_tell(instance, which, &told) &&
		    nla_put(skb, which + 1, sizeof(told), &told))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int ps_netlink_put_instance(struct sk_buff *skb, struct ps_instance *instance)
{
	struct nlattr *nest;
	unsigned int i;
	u64 count;

	if (ps_netlink_put_options(skb, PS_SCOPE_INSTANCE, instance->option) ||
	    nla_put_u32(skb, PS_A_CONTEXTS, ps_context_count(instance)))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, PS_A_INSTANCE_STATS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < PS_INSTANCE_COUNTERS; i++) {
		count = ps_counters_instance(instance->counters, i);
		if (nla_put(skb, ps_netlink_instance_counter[i], sizeof(count), &count))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return ps_netlink_put_tables(skb, instance);
}

static int ps_netlink_put_stats(struct sk_buff *skb, const struct ps_counters *sum)
{
	struct nlattr *nest = nla_nest_start(skb, PS_A_CONTEXT_STATS);
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < PS_CONTEXT_COUNTERS; i++)
		if (nla_put(skb, ps_netlink_context_counter[i], sizeof(sum->event[i]),
			    &sum->event[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int ps_netlink_put_drops(struct sk_buff *skb, const struct ps_counters *sum)
{
	struct nlattr *nest = nla_nest_start(skb, PS_A_DROPS);
	struct ps_netlink_count count;
	enum ps_reason reason;

	if (!nest)
		return -EMSGSIZE;
	for (reason = 0; reason < PS_REASONS; reason++) {
		if (!ps_reason_is_drop(reason))
			continue;
		count.packets = sum->reason[reason].packets;
		count.bytes = sum->reason[reason].bytes;
		if (nla_put(skb, ps_reason_info[reason].id, sizeof(count), &count))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int ps_netlink_put_rates(struct sk_buff *skb, const struct ps_context_node *node)
{
	struct nlattr *nest = nla_nest_start(skb, PS_A_RATES);
	enum ps_protection_index which;
	u64 rate;

	if (!nest)
		return -EMSGSIZE;
	for (which = 0; which < PS_PROTECTIONS; which++)
		if (ps_toggle_rate(node, which, &rate) &&
		    nla_put(skb, which + 1, sizeof(rate), &rate))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int ps_netlink_put_context(struct sk_buff *skb, struct ps_context_node *node)
{
	struct ps_counters *sum = kmalloc(sizeof(*sum), GFP_KERNEL);
	int err;

	if (!sum)
		return -ENOMEM;
	ps_counters_stats(node->counters, sum);
	err = ps_netlink_put_options(skb, PS_SCOPE_CONTEXT, ps_snapshot_get(node)->option);
	if (!err)
		err = nla_put_u32(skb, PS_A_STATUS, ps_toggle_status(node)) ?:
			      nla_put_u32(skb, PS_A_BY_HAND, ps_toggle_by_hand(node));
	if (!err)
		err = ps_netlink_put_rates(skb, node);
	if (!err)
		err = ps_netlink_put_stats(skb, sum) ?: ps_netlink_put_drops(skb, sum);
	kfree(sum);
	return err;
}

static bool ps_netlink_is_silent(struct ps_context_node *node)
{
	return ps_counters_are_zero(node->counters) && !ps_toggle_status(node);
}

/* One message about what is named, if it is to be told: 0, -EMSGSIZE, -ENOENT, -ENOMEM. */
static int ps_netlink_put_object(struct sk_buff *skb, struct ps_netns *netns,
				 const struct ps_netlink_name *name, bool busy,
				 struct netlink_ext_ack *extack)
{
	struct ps_context_node *node;
	struct ps_instance *instance;
	int err;

	mutex_lock(&netns->lock);
	err = ps_netlink_find(netns, name, &instance, &node, extack);
	if (!err && busy && node && ps_netlink_is_silent(node))
		err = -ENOENT;
	if (!err)
		err = ps_netlink_put_name(skb, instance, node);
	if (!err)
		err = node ? ps_netlink_put_context(skb, node) :
			     ps_netlink_put_instance(skb, instance);
	mutex_unlock(&netns->lock);
	return err;
}

static int ps_netlink_put_module(struct sk_buff *skb, u32 generation)
{
	if (nla_put_string(skb, PS_A_VERSION, PS_VERSION) ||
	    nla_put_u32(skb, PS_A_GENERATION, generation))
		return -EMSGSIZE;
	return 0;
}

int ps_netlink_get(struct sk_buff *request, struct genl_info *info)
{
	struct ps_netns *netns = ps_netns_of(genl_info_net(info));
	struct ps_netlink_name name;
	struct sk_buff *skb;
	void *header;
	int err = 0;

	if (info->attrs[PS_A_INSTANCE] || info->attrs[PS_A_CONTEXT])
		err = ps_netlink_parse_name(info->attrs, &name, info->extack);
	if (err)
		return err;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &ps_netlink_family, 0, PS_CMD_GET);
	if (!header)
		err = -EMSGSIZE;
	else if (info->attrs[PS_A_INSTANCE])
		err = ps_netlink_put_object(skb, netns, &name, false, info->extack);
	else
		err = ps_netlink_put_module(skb, atomic_read(&netns->generation));
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static u32 ps_netlink_count_names(struct ps_netns *netns, const char *only)
{
	struct ps_instance *instance;
	u32 count = 0;

	list_for_each_entry(instance, &netns->instances, list)
		if (!only || !strcmp(only, ps_instance_name(instance)))
			/* It, its contexts and Other. */
			count += 2 + list_count_nodes(&instance->nodes);
	return count;
}

static void ps_netlink_add_name(struct ps_netlink_walk *walk, const struct ps_instance *instance,
				const struct ps_context_node *node)
{
	struct ps_netlink_name *name = &walk->name[walk->count++];

	strscpy(name->instance, ps_instance_name(instance), sizeof(name->instance));
	name->in_context = node;
	if (node)
		name->context = node->core.id;
}

static int ps_netlink_collect(struct ps_netns *netns, const char *only,
			      struct ps_netlink_walk *walk)
{
	u32 count = ps_netlink_count_names(netns, only);
	struct ps_instance *instance;
	struct ps_context_node *node;

	walk->name = kvcalloc(count + 1, sizeof(*walk->name), GFP_KERNEL_ACCOUNT);
	if (!walk->name)
		return -ENOMEM;
	list_for_each_entry(instance, &netns->instances, list) {
		if (only && strcmp(only, ps_instance_name(instance)))
			continue;
		ps_netlink_add_name(walk, instance, NULL);
		ps_netlink_add_name(walk, instance, instance->other);
		list_for_each_entry(node, &instance->nodes, list)
			ps_netlink_add_name(walk, instance, node);
	}
	return 0;
}

/* In the first call, since only the calls of a dump have an extack. */
static int ps_netlink_dump_start(struct netlink_callback *cb)
{
	struct ps_netns *netns = ps_netns_of(sock_net(cb->skb->sk));
	struct nlattr **attrs = ps_genl_dump_attrs(cb);
	struct ps_netlink_name only = {};
	struct ps_netlink_walk *walk;
	int err;

	if (attrs[PS_A_INSTANCE]) {
		err = ps_netlink_parse_name(attrs, &only, cb->extack);
		if (err)
			return err;
	}
	walk = kzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;
	walk->busy = nla_get_flag(attrs[PS_A_BUSY]);
	mutex_lock(&netns->lock);
	cb->seq = atomic_read(&netns->generation);
	err = ps_netlink_collect(netns, only.instance[0] ? only.instance : NULL, walk);
	mutex_unlock(&netns->lock);
	if (!err && only.instance[0] && !walk->count) {
		NL_SET_ERR_MSG(cb->extack, "there is no such instance");
		err = -ENOENT;
	}
	if (err) {
		kvfree(walk->name);
		kfree(walk);
		return err;
	}
	/* The names are of then. */
	cb->prev_seq = cb->seq;
	cb->args[0] = (long)walk;
	return 0;
}

static int ps_netlink_dump_one(struct sk_buff *skb, struct netlink_callback *cb, u32 index)
{
	struct ps_netlink_walk *walk = (struct ps_netlink_walk *)cb->args[0];
	void *header;
	int err;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &ps_netlink_family, NLM_F_MULTI, PS_CMD_GET);
	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (index)
		err = ps_netlink_put_object(skb, ps_netns_of(sock_net(cb->skb->sk)),
					    &walk->name[index - 1], walk->busy, NULL);
	else
		err = ps_netlink_put_module(skb, cb->seq);
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

int ps_netlink_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ps_netns *netns = ps_netns_of(sock_net(cb->skb->sk));
	struct ps_netlink_walk *walk;
	int err;

	err = cb->args[0] ? 0 : ps_netlink_dump_start(cb);
	if (err)
		return ps_netlink_end(cb->extack, err);
	walk = (struct ps_netlink_walk *)cb->args[0];
	for (; walk->next <= walk->count; walk->next++) {
		cb->seq = atomic_read(&netns->generation);
		err = ps_netlink_dump_one(skb, cb, walk->next);
		if (err == -EMSGSIZE && skb->len)
			break;
		if (err && err != -ENOENT)
			return err;
		cond_resched();
	}
	return skb->len;
}

int ps_netlink_dump_done(struct netlink_callback *cb)
{
	struct ps_netlink_walk *walk = (struct ps_netlink_walk *)cb->args[0];

	if (walk)
		kvfree(walk->name);
	kfree(walk);
	return 0;
}
