// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emptiest netdev ingress hooks there can be: "accept" and "reflect" stand
 * before everything else, "drop" behind everything else. The first is what a
 * front end costs, the second what an answer does, and the third is where packets
 * end that nobody dropped, and counts them.
 *
 * Invariant: a hook goes before its device does.
 */
#include <linux/etherdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/percpu.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "bench.h"

struct bench_hook {
	struct list_head list;
	struct nf_hook_ops ops;
	struct net *net;
};

static LIST_HEAD(bench_hooks); /* under RTNL */
static DEFINE_PER_CPU(u64, bench_sunk);

static unsigned int bench_hook_accept(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static unsigned int bench_hook_drop(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	this_cpu_inc(bench_sunk);
	return NF_DROP;
}

/* The least that any answer costs: the frame goes back as it is, but for its addresses. */
static unsigned int bench_hook_reflect(void *priv, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	struct ethhdr *eth = skb_push(skb, ETH_HLEN);

	ether_addr_copy(eth->h_dest, eth->h_source);
	ether_addr_copy(eth->h_source, skb->dev->dev_addr);
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

/* First or last of all hooks. */
static const struct {
	const char *kind;
	nf_hookfn *hook;
	int priority;
} bench_hook_kinds[] = {
	{ "accept", bench_hook_accept, INT_MIN },
	{ "reflect", bench_hook_reflect, INT_MIN },
	{ "drop", bench_hook_drop, INT_MAX },
};

u64 bench_hooks_sunk(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(&bench_sunk, cpu));
	return sum;
}

static int bench_hooks_register(struct net_device *dev, nf_hookfn *function, int priority)
{
	struct bench_hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL);
	int err;

	if (!hook)
		return -ENOMEM;
	hook->net = dev_net(dev);
	hook->ops.dev = dev;
	hook->ops.pf = NFPROTO_NETDEV;
	hook->ops.hooknum = NF_NETDEV_INGRESS;
	hook->ops.hook = function;
	hook->ops.priority = priority;
	rtnl_lock();
	err = nf_register_net_hook(hook->net, &hook->ops);
	if (!err)
		list_add(&hook->list, &bench_hooks);
	rtnl_unlock();
	if (err)
		kfree(hook);
	return err;
}

int bench_hooks_add(struct net_device *dev, const char *kind)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bench_hook_kinds); i++)
		if (!strcmp(kind, bench_hook_kinds[i].kind))
			return bench_hooks_register(dev, bench_hook_kinds[i].hook,
						    bench_hook_kinds[i].priority);
	return -EINVAL;
}

/* The hooks of a device, or all; under RTNL. */
static void bench_hooks_remove(const struct net_device *dev)
{
	struct bench_hook *hook, *next;

	list_for_each_entry_safe(hook, next, &bench_hooks, list) {
		if (dev && hook->ops.dev != dev)
			continue;
		nf_unregister_net_hook(hook->net, &hook->ops);
		list_del(&hook->list);
		kfree(hook);
	}
}

static int bench_hooks_notice(struct notifier_block *block, unsigned long event, void *data)
{
	if (event == NETDEV_UNREGISTER)
		bench_hooks_remove(netdev_notifier_info_to_dev(data));
	return NOTIFY_DONE;
}

static struct notifier_block bench_hooks_notifier = {
	.notifier_call = bench_hooks_notice,
};

int bench_hooks_init(void)
{
	return register_netdevice_notifier(&bench_hooks_notifier);
}

void bench_hooks_exit(void)
{
	unregister_netdevice_notifier(&bench_hooks_notifier);
	rtnl_lock();
	bench_hooks_remove(NULL);
	rtnl_unlock();
	synchronize_net();
}
