// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Front end: the xtables target PACKETSHIELD. In PREROUTING it judges packets as
 * incoming, in OUTPUT it learns from outgoing ones; what is delivered or sent
 * goes on to the next rule.
 *
 * Invariant: a packet is handled once. What has passed, or will pass, the netdev
 * hook of an attached interface is left to that. A rule holds a reference on its
 * instance, which can't be destroyed meanwhile but by the end of the namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_bridge.h>
#include <net/l3mdev.h>

#include "../include/packetshield/xt_PACKETSHIELD.h"
#include "hook_netdev.h"
#include "hook_xtables.h"
#include "skb.h"

static int ps_hook_xtables_stands(struct net_device *dev, struct netdev_nested_priv *unused)
{
	return ps_hook_netdev_stands(dev);
}

/* Whether the netdev hook of this device, or of one below it, sees its packets. */
static bool ps_hook_xtables_is_attached(struct net_device *dev)
{
	struct netdev_nested_priv unused = {};

	return ps_hook_netdev_stands(dev) ||
	       netdev_walk_all_lower_dev_rcu(dev, ps_hook_xtables_stands, &unused);
}

/* A bridge that calls iptables shows it frames for other hosts as if for this one. */
static bool ps_hook_xtables_is_other_host(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *bridge = nf_bridge_info_get(skb);

	return bridge && bridge->pkt_otherhost;
#else
	return false;
#endif
}

/*
 * What isn't ours: the host's talk with itself, and what a VRF's device shows
 * once more after the interface that belongs to it.
 */
static bool ps_hook_xtables_passes(const struct sk_buff *skb, struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK || netif_is_l3_master(dev) ||
	       ps_hook_xtables_is_other_host(skb) || ps_hook_xtables_is_attached(dev);
}

static unsigned int ps_hook_xtables_target(struct sk_buff *skb, const struct xt_action_param *par)
{
	const struct xt_packetshield_info *info = par->targinfo;
	bool incoming = xt_hooknum(par) == NF_INET_PRE_ROUTING;
	struct net_device *dev = incoming ? par->state->in : par->state->out;
	struct ps_instance *instance = info->kernel;
	unsigned int verdict;

	if (ps_hook_xtables_passes(skb, dev))
		return XT_CONTINUE;
	/* Processes send with softirqs enabled. */
	local_bh_disable();
	verdict = incoming ? ps_skb_receive_ip(instance, skb, dev, xt_net(par)) :
			     ps_skb_send_ip(instance, skb, dev);
	local_bh_enable();
	return verdict == NF_ACCEPT ? XT_CONTINUE : verdict;
}

static bool ps_hook_xtables_is_misplaced(const struct xt_tgchk_param *par)
{
	if (par->family == NFPROTO_INET)
		return false;
	if (par->family != NFPROTO_IPV4 && par->family != NFPROTO_IPV6) {
		pr_info_ratelimited("PACKETSHIELD is for IPv4 and IPv6 only\n");
		return true;
	}
	/* It shows the first packet of a connection only. */
	if (strcmp(par->table, "nat"))
		return false;
	pr_info_ratelimited("PACKETSHIELD can't be used in the table nat\n");
	return true;
}

static int ps_hook_xtables_check(const struct xt_tgchk_param *par)
{
	struct xt_packetshield_info *info = par->targinfo;
	struct ps_instance *instance;

	if (ps_hook_xtables_is_misplaced(par) ||
	    strnlen(info->instance, sizeof(info->instance)) == sizeof(info->instance))
		return -EINVAL;
	instance = ps_instance_use(ps_netns_of(par->net), info->instance);
	if (instance == ERR_PTR(-ENOENT))
		pr_info_ratelimited("PACKETSHIELD: no instance \"%s\" in this namespace\n",
				    info->instance);
	if (IS_ERR(instance))
		return PTR_ERR(instance);
	info->kernel = instance;
	return 0;
}

static void ps_hook_xtables_destroy(const struct xt_tgdtor_param *par)
{
	const struct xt_packetshield_info *info = par->targinfo;

	ps_instance_unuse(info->kernel);
}

/* Unspecific, since in tables of the family inet nothing else is found. */
static struct xt_target ps_hook_xtables __read_mostly = {
	.name = "PACKETSHIELD",
	.family = NFPROTO_UNSPEC,
	.hooks = 1 << NF_INET_PRE_ROUTING | 1 << NF_INET_LOCAL_OUT,
	.target = ps_hook_xtables_target,
	.targetsize = sizeof(struct xt_packetshield_info),
	.usersize = offsetof(struct xt_packetshield_info, kernel),
	.checkentry = ps_hook_xtables_check,
	.destroy = ps_hook_xtables_destroy,
	.me = THIS_MODULE,
};

int ps_hook_xtables_init(void)
{
	return xt_register_target(&ps_hook_xtables);
}

void ps_hook_xtables_exit(void)
{
	xt_unregister_target(&ps_hook_xtables);
}

MODULE_ALIAS("ipt_PACKETSHIELD");
MODULE_ALIAS("ip6t_PACKETSHIELD");
