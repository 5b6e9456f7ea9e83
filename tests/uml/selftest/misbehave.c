// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * misbehave.ko - a netdev hook that drops, and one bug on demand
 *
 * With device=NAME it hooks that interface (of the loader's namespace) at
 * ingress and egress and drops what comes from UDP port 9 or goes to it; with
 * bug=NAME it commits one of the bugs that the debug kernel has to catch.
 *
 * Invariant: without bug= it does nothing wrong.
 */
#include <linux/delay.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/net_namespace.h>

static char *device = "";
module_param(device, charp, 0444);
static char *bug = "";
module_param(bug, charp, 0444);
static unsigned int ingress, egress;
module_param(ingress, uint, 0444);
module_param(egress, uint, 0444);

static unsigned int drop_discard_port(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	unsigned int *dropped = priv;
	const struct iphdr *ip;
	const struct udphdr *udp;

	if (skb->protocol != htons(ETH_P_IP) ||
	    !pskb_network_may_pull(skb, sizeof(*ip) + sizeof(*udp)))
		return NF_ACCEPT;
	ip = ip_hdr(skb);
	udp = (const struct udphdr *)(ip + 1);
	if (ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return NF_ACCEPT;
	if (udp->dest != htons(9) && udp->source != htons(9))
		return NF_ACCEPT;
	++*dropped;
	return NF_DROP;
}

static struct nf_hook_ops hooks[] = {
	{
		.hook = drop_discard_port,
		.priv = &ingress,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
	}, {
		.hook = drop_discard_port,
		.priv = &egress,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
	},
};

static void use_after_free(void)
{
	volatile char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree((void *)p);
	p[13] = 1;
}

static void out_of_bounds(void)
{
	volatile char *p = kmalloc(50, GFP_KERNEL);
	volatile int index = 53;

	if (!p)
		return;
	p[index] = 1;
	kfree((void *)p);
}

static void shift_too_far(void)
{
	volatile int distance = 40;
	volatile int value = 1;

	value <<= distance;
}

static void leak(void)
{
	/* Nothing keeps the address: the whole point. */
	void *p = kmalloc(1234, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

static void sleep_in_rcu_section(void)
{
	rcu_read_lock();
	might_sleep();
	rcu_read_unlock();
}

static void sleep_under_lock(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	msleep(1);
	spin_unlock(&lock);
}

static void lock_in_both_orders(void)
{
	static DEFINE_SPINLOCK(one);
	static DEFINE_SPINLOCK(two);

	spin_lock(&one);
	spin_lock(&two);
	spin_unlock(&two);
	spin_unlock(&one);
	spin_lock(&two);
	spin_lock(&one);
	spin_unlock(&one);
	spin_unlock(&two);
}

static void dereference_outside_rcu(void)
{
	static void __rcu *pointer;

	if (rcu_dereference(pointer))
		pr_info("misbehave: never said\n");
}

static void free_twice_to_rcu(void)
{
	struct rcu_head *head = kmalloc(sizeof(*head), GFP_KERNEL);

	if (!head)
		return;
	call_rcu(head, (rcu_callback_t)kfree);
	call_rcu(head, (rcu_callback_t)kfree);
}

static void panic_now(void)
{
	panic("misbehave: asked to");
}

static const struct {
	const char *name;
	void (*commit)(void);
} bugs[] = {
	{ "use-after-free", use_after_free },
	{ "out-of-bounds", out_of_bounds },
	{ "shift", shift_too_far },
	{ "leak", leak },
	{ "sleep-in-rcu", sleep_in_rcu_section },
	{ "sleep-under-lock", sleep_under_lock },
	{ "lock-order", lock_in_both_orders },
	{ "rcu-dereference", dereference_outside_rcu },
	{ "rcu-twice", free_twice_to_rcu },
	{ "panic", panic_now },
};

static int commit_bug(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!strcmp(bug, bugs[i].name)) {
			bugs[i].commit();
			return 0;
		}
	}
	return *bug ? -EINVAL : 0;
}

static int hook_device(void)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *dev;
	int err;

	if (!*device)
		return 0;
	dev = dev_get_by_name(net, device);
	if (!dev)
		return -ENODEV;
	hooks[0].dev = dev;
	hooks[1].dev = dev;
	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (err)
		dev_put(dev);
	return err;
}

static int __init misbehave_init(void)
{
	int err = commit_bug();

	return err ? err : hook_device();
}

static void __exit misbehave_exit(void)
{
	struct net_device *dev = hooks[0].dev;

	if (!dev)
		return;
	nf_unregister_net_hooks(dev_net(dev), hooks, ARRAY_SIZE(hooks));
	dev_put(dev);
}

module_init(misbehave_init);
module_exit(misbehave_exit);
MODULE_DESCRIPTION("Bugs on demand, for the test of the tests");
MODULE_LICENSE("GPL");
