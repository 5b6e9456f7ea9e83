// SPDX-License-Identifier: GPL-2.0-or-later
/* Events to those who listen; see event.h. Packets send some, so nothing sleeps. */
#include "event.h"
#include "netlink.h"

/* So many a second are told, and no more than so many at once. */
#define PS_EVENTS_PROTECTION 100
#define PS_EVENTS_IFACE	     1000
#define PS_EVENTS_TABLE	     100

static void ps_event_limit_init(struct ratelimit_state *limit, int burst)
{
	ratelimit_state_init(limit, HZ, burst);
	/* What isn't told isn't for the kernel's log. */
	ratelimit_set_flags(limit, RATELIMIT_MSG_ON_RELEASE);
}

void ps_event_limits_init(struct ps_event_limits *limits)
{
	ps_event_limit_init(&limits->protection, PS_EVENTS_PROTECTION);
	ps_event_limit_init(&limits->iface, PS_EVENTS_IFACE);
	ps_event_limit_init(&limits->table, PS_EVENTS_TABLE);
}

/* Whether anybody wants it, and may get it. Under RCU. */
static bool ps_event_is_wanted(const struct ps_instance *instance, struct ratelimit_state *limit)
{
	return READ_ONCE(ps_netlink_is_up) &&
	       genl_has_listeners(&ps_netlink_family, instance->netns->net,
				  PS_NETLINK_GROUP_EVENTS) &&
	       __ratelimit(limit);
}

static struct sk_buff *ps_event_begin(const struct ps_instance *instance,
				      const struct ps_context_node *node,
				      enum ps_netlink_command command, void **header)
{
	struct sk_buff *skb = genlmsg_new(512, GFP_ATOMIC);

	if (!skb)
		return NULL;
	*header = genlmsg_put(skb, 0, 0, &ps_netlink_family, 0, command);
	if (*header && !ps_netlink_put_name(skb, instance, node))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static void ps_event_end(const struct ps_instance *instance, struct sk_buff *skb, void *header,
			 int err)
{
	if (err) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&ps_netlink_family, instance->netns->net, skb, 0,
				PS_NETLINK_GROUP_EVENTS, GFP_ATOMIC);
}

static void ps_event_send_protection(const struct ps_context_node *node,
				     enum ps_protection_index which, bool on, u64 rate)
{
	s64 threshold = rcu_dereference(node->core.config)->option[ps_protection_option[which]];
	struct sk_buff *skb;
	void *header;
	int err;

	skb = ps_event_begin(node->instance, node, PS_CMD_PROTECTION, &header);
	if (!skb)
		return;
	err = nla_put_u32(skb, PS_A_PROTECTION, BIT(which)) ?: nla_put_u8(skb, PS_A_ON, on);
	if (!err)
		err = nla_put(skb, PS_A_RATE, sizeof(rate), &rate) ?:
			      nla_put(skb, PS_A_THRESHOLD, sizeof(threshold), &threshold);
	ps_event_end(node->instance, skb, header, err);
}

void ps_event_protection(const struct ps_context_node *node, enum ps_protection_index which,
			 bool on, u64 rate)
{
	rcu_read_lock();
	if (ps_event_is_wanted(node->instance, &node->instance->netns->limits.protection))
		ps_event_send_protection(node, which, on, rate);
	rcu_read_unlock();
}

void ps_event_iface(const struct ps_instance *instance, const struct net_device *dev, bool attached)
{
	struct sk_buff *skb = NULL;
	void *header;
	int err;

	rcu_read_lock();
	if (ps_event_is_wanted(instance, &instance->netns->limits.iface))
		skb = ps_event_begin(instance, NULL, PS_CMD_INTERFACE, &header);
	if (skb) {
		err = nla_put_string(skb, PS_A_INTERFACE, dev->name) ?:
			      nla_put_u8(skb, PS_A_ON, attached);
		ps_event_end(instance, skb, header, err);
	}
	rcu_read_unlock();
}

void ps_event_table(const struct ps_instance *instance, enum ps_fullness_table which, bool full,
		    u32 slots)
{
	struct sk_buff *skb = NULL;
	void *header;
	int err;

	rcu_read_lock();
	if (ps_event_is_wanted(instance, &instance->netns->limits.table))
		skb = ps_event_begin(instance, NULL, PS_CMD_TABLE, &header);
	if (skb) {
		err = nla_put_u32(skb, PS_A_TABLE, which) ?: nla_put_u8(skb, PS_A_ON, full);
		err = err ?: nla_put_u32(skb, PS_A_SLOTS, slots);
		ps_event_end(instance, skb, header, err);
	}
	rcu_read_unlock();
}
