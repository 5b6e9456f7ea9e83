// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Front end: netdev ingress, called in softirq for every frame received, and
 * netdev egress, called for every frame on its way to the device.
 */
#include <linux/netfilter_netdev.h>

#include "hook_netdev.h"
#include "skb.h"

static unsigned int ps_hook_netdev_ingress(void *priv, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	const struct ps_iface *iface = priv;
	struct ps_instance *judge = READ_ONCE(iface->judge);

	return likely(judge) ? ps_skb_receive(judge, skb, state->in) : NF_ACCEPT;
}

static unsigned int ps_hook_netdev_egress(void *priv, struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	const struct ps_iface *iface = priv;
	struct ps_instance *judge = READ_ONCE(iface->judge);

	return judge ? ps_skb_send(judge, skb, state->out) : NF_ACCEPT;
}

int ps_hook_netdev_register(struct ps_iface *iface, int priority)
{
	struct net *net = dev_net(iface->dev);
	int err;

	iface->ingress = (struct nf_hook_ops){
		.hook = ps_hook_netdev_ingress,
		.dev = iface->dev,
		.priv = iface,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = priority,
	};
	iface->egress = iface->ingress;
	iface->egress.hook = ps_hook_netdev_egress;
	iface->egress.hooknum = NF_NETDEV_EGRESS;
	/* What the host sends is learned before its answers are judged. */
	err = nf_register_net_hook(net, &iface->egress);
	if (err)
		return err;
	err = nf_register_net_hook(net, &iface->ingress);
	if (err)
		nf_unregister_net_hook(net, &iface->egress);
	return err;
}

void ps_hook_netdev_unregister(struct ps_iface *iface)
{
	struct net *net = dev_net(iface->dev);

	nf_unregister_net_hook(net, &iface->ingress);
	nf_unregister_net_hook(net, &iface->egress);
}

static bool ps_hook_netdev_judges(const struct nf_hook_entry *entry)
{
	const struct ps_iface *iface = entry->priv;

	return entry->hook == ps_hook_netdev_ingress && READ_ONCE(iface->judge);
}

bool ps_hook_netdev_stands(const struct net_device *dev)
{
	const struct nf_hook_entries *entries = rcu_dereference(dev->nf_hooks_ingress);
	unsigned int i;

	for (i = 0; entries && i < entries->num_hook_entries; i++)
		if (ps_hook_netdev_judges(&entries->hooks[i]))
			return true;
	return false;
}
