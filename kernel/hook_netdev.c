// SPDX-License-Identifier: GPL-2.0-or-later
/* Front end: netdev ingress, called in softirq for every frame received. */
#include <linux/netfilter_netdev.h>

#include "hook_netdev.h"
#include "skb.h"

static unsigned int ps_hook_netdev_ingress(void *priv, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	const struct ps_iface *iface = priv;

	return ps_skb_receive(iface->instance, skb, state->in) ? NF_ACCEPT : NF_DROP;
}

int ps_hook_netdev_register(struct ps_iface *iface, int priority)
{
	iface->ops = (struct nf_hook_ops){
		.hook = ps_hook_netdev_ingress,
		.dev = iface->dev,
		.priv = iface,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = priority,
	};
	return nf_register_net_hook(dev_net(iface->dev), &iface->ops);
}

void ps_hook_netdev_unregister(struct ps_iface *iface)
{
	nf_unregister_net_hook(dev_net(iface->dev), &iface->ops);
}
