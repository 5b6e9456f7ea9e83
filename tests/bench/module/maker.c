// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes packets of an order, one after the other, each in a buffer of its own as
 * a driver would hand it up.
 */
#include <linux/etherdevice.h>

#include "bench.h"

#define BENCH_BUFFER 256 /* what drivers allocate for headers; more if the frame needs it */

static u32 bench_maker_network(struct bench_maker *maker, u32 random)
{
	const struct bench_params *params = maker->params;

	if (params->sequential)
		return maker->next++ % params->sources;
	if (params->hot)
		return population_scale(random, params->hot) * maker->step;
	return population_scale(random, params->sources);
}

/* Every packet costs the same: one random number, one network. */
static void bench_maker_pick(struct bench_maker *maker, struct bench_flow *flow)
{
	const struct bench_params *params = maker->params;
	u64 random = population_random(&maker->random);
	u32 high = random >> 32, low = random, n;
	struct population_network network;

	flow->seq = low;
	flow->dst = params->dst + population_scale(random >> 16, params->dsts);
	flow->sport = params->sport ?: 1024 + population_scale(low << 16, 65536 - 1024);
	if (!params->sources) {
		flow->src = POPULATION_FIRST + population_scale(high, POPULATION_SPACE);
		return;
	}
	n = bench_maker_network(maker, high);
	network = population_network(n, maker->stride);
	flow->src = network.first;
	if (params->client)
		flow->sport = population_port(n);
	else
		flow->src |= low & ~(~0U << network.bits);
}

static void bench_maker_fill(struct bench_maker *maker, struct sk_buff *skb)
{
	struct bench_replay *replay = &maker->replay;
	struct bench_flow flow;
	u32 n;

	if (replay->frames) {
		n = maker->next++ % replay->frames;
		skb_put_data(skb, replay->frame[n], replay->length[n]);
		ether_addr_copy(skb->data, maker->dev->dev_addr);
		return;
	}
	bench_maker_pick(maker, &flow);
	bench_template_write(&maker->template, skb, &flow);
}

struct sk_buff *bench_maker_make(struct bench_maker *maker)
{
	u32 room = maker->replay.frames ? BENCH_FRAME_MAX :
					  max_t(u32, maker->template.length, BENCH_BUFFER);
	struct sk_buff *skb = netdev_alloc_skb_ip_align(maker->dev, room);

	if (unlikely(!skb))
		return NULL;
	bench_maker_fill(maker, skb);
	if (maker->params->vouched)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (!maker->params->send)
		skb->protocol = eth_type_trans(skb, maker->dev);
	return skb;
}

int bench_maker_init(struct bench_maker *maker, const struct bench_params *params,
		     struct net_device *dev)
{
	memset(maker, 0, sizeof(*maker));
	maker->params = params;
	maker->dev = dev;
	maker->random = params->seed;
	if (params->sources)
		maker->stride = population_stride(params->sources);
	if (params->hot)
		maker->step = params->sources / params->hot;
	if (params->replay[0])
		return bench_replay_open(&maker->replay, params->replay);
	return bench_template_build(&maker->template, params, dev);
}

void bench_maker_exit(struct bench_maker *maker)
{
	bench_replay_close(&maker->replay);
}
