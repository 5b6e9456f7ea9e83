// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two network cards and a wire, for floods at a given rate beside other traffic:
 *
 *	client card ─── wire, ten milliseconds ─────┐
 *	                                            ├─► ring ─► poll ─► server's stack
 *	flood, at its rate ─────────────────────────┘
 *
 * What makes it like a real card: everything that arrives waits in one ring, in
 * the order of arrival, until the server's poll function gets to it; when the
 * ring is full whatever arrives next is lost, at no cost to the server, be it of
 * the flood or the client's. A packet of the flood is a number in the ring until
 * it is polled, and then made as a driver would.
 *
 * Arrivals are worked out afterwards: each look at the ring lets arrive what has
 * arrived since the last look, by the clock. So the flood keeps its rate however
 * late the poll function comes, and takes no time of its own. The interrupt looks
 * too, as a card writes to its ring whether anybody polls it or not; it wakes the
 * poll function when there is something for it.
 *
 * The wire is longer than the guest's time slices. Client and server share the
 * processor here: what the client sends at once would arrive while it still runs
 * and nothing is polled, so that his packets were lost more often than the
 * flood's.
 *
 * The card has a clock of its own, which stands still while a shared machine's
 * host runs something else: whoever looks at the ring knows that by a look that
 * comes much later than the interrupt should have. Else the host would fill the
 * ring. The wire goes by the same clock, or the client's packets would arrive
 * beside the flood.
 *
 * The ring is as large as common cards allow (ethtool -G). A system call costs a
 * User-mode Linux guest ten times what it costs a machine, and so long are the
 * moments in which a process runs and the ring must hold what arrives.
 *
 * What the server sends to somebody else than the client leaves by the wire and is
 * gone; that costs a comparison.
 */
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/rtnetlink.h>

#include "bench.h"

#define BENCH_NIC_RING	4096
#define BENCH_NIC_DELAY (10 * NSEC_PER_MSEC)
#define BENCH_NIC_TICK	(250 * NSEC_PER_USEC)	 /* of the interrupt */
#define BENCH_NIC_GAP	(3 * BENCH_NIC_TICK / 2) /* more between two looks is the host's doing */
#define BENCH_NIC_OWN	(BENCH_NIC_TICK / 2)	 /* and so much of it, on average, was ours */

/**
 * struct bench_nic - the two cards
 * @server: its card
 * @client: its card
 * @napi: of the server's
 * @timer: its interrupt
 * @params: what the flood is
 * @maker: of its packets
 * @lock: over all below, interrupts disabled
 * @wire: packets of the client, with their time of arrival in skb->tstamp
 * @ring: packets that have arrived; NULL: one of the flood
 * @head: number of the next packet to arrive in the ring
 * @tail: of the next one to be polled
 * @clock: the card's time, in ns: until then arrivals have been worked out
 * @last: when that was done, in ns
 * @began: the card's time when the flood began
 * @stolen: ns since then that the host took
 * @rest: of them, in packets times ns per second, less than one packet
 * @offered: packets of the flood that have arrived or were lost
 * @missed: those that were lost
 * @sent: packets that the client has sent
 * @lost: those that were lost
 * @replies: packets that the server has sent to others
 */
struct bench_nic {
	struct net_device *server, *client;
	struct napi_struct napi;
	struct hrtimer timer;
	struct bench_params params;
	struct bench_maker maker;
	spinlock_t lock;
	struct sk_buff_head wire;
	struct sk_buff *ring[BENCH_NIC_RING];
	u32 head, tail;
	u64 clock, last, began, stolen, rest;
	u64 offered, missed, sent, lost, replies;
};

static struct bench_nic *bench_nic;

struct bench_nic_card {
	struct bench_nic *nic;
};

static u32 bench_nic_free(const struct bench_nic *nic)
{
	return BENCH_NIC_RING - (nic->head - nic->tail);
}

/* The flood until @until of the card's clock; the caller holds the lock. */
static void bench_nic_flood(struct bench_nic *nic, u64 until)
{
	u64 packets, room = bench_nic_free(nic), i;

	nic->rest += (until - nic->clock) * nic->params.rate;
	nic->clock = until;
	packets = div64_u64(nic->rest, NSEC_PER_SEC);
	nic->rest -= packets * NSEC_PER_SEC;
	nic->offered += packets;
	if (packets > room) {
		nic->missed += packets - room;
		packets = room;
	}
	for (i = 0; i < packets; i++)
		nic->ring[nic->head++ % BENCH_NIC_RING] = NULL;
}

/* A packet of the client gets there; the caller holds the lock. */
static void bench_nic_arrive(struct bench_nic *nic, struct sk_buff *skb)
{
	skb->tstamp = 0;
	if (bench_nic_free(nic)) {
		nic->ring[nic->head++ % BENCH_NIC_RING] = skb;
		return;
	}
	nic->lost++;
	dev_kfree_skb_any(skb);
}

/* Let arrive what has arrived by now; the caller holds the lock. */
static void bench_nic_advance(struct bench_nic *nic)
{
	u64 now = ktime_get_ns(), passed = now - nic->last, until, arrival;
	struct sk_buff *skb;

	nic->last = now;
	if (passed > BENCH_NIC_GAP) {
		nic->stolen += passed - BENCH_NIC_OWN;
		passed = BENCH_NIC_OWN;
	}
	until = nic->clock + passed;
	while ((skb = skb_peek(&nic->wire))) {
		arrival = ktime_to_ns(skb->tstamp);
		if (arrival > until)
			break;
		__skb_unlink(skb, &nic->wire);
		bench_nic_flood(nic, max(arrival, nic->clock));
		bench_nic_arrive(nic, skb);
	}
	bench_nic_flood(nic, until);
}

/* Take up to @budget packets off the ring; returns how many. */
static u32 bench_nic_take(struct bench_nic *nic, u32 budget, struct sk_buff **taken)
{
	unsigned long flags;
	u32 n = 0;

	spin_lock_irqsave(&nic->lock, flags);
	bench_nic_advance(nic);
	while (n < budget && nic->tail != nic->head)
		taken[n++] = nic->ring[nic->tail++ % BENCH_NIC_RING];
	spin_unlock_irqrestore(&nic->lock, flags);
	return n;
}

static int bench_nic_poll(struct napi_struct *napi, int budget)
{
	struct bench_nic *nic = container_of(napi, struct bench_nic, napi);
	struct sk_buff *taken[NAPI_POLL_WEIGHT], *skb;
	u32 n = bench_nic_take(nic, min(budget, NAPI_POLL_WEIGHT), taken), i;

	for (i = 0; i < n; i++) {
		skb = taken[i];
		if (!skb)
			skb = bench_maker_make(&nic->maker);
		else
			skb->protocol = eth_type_trans(skb, nic->server);
		if (likely(skb))
			netif_receive_skb(skb);
	}
	if (n < budget)
		napi_complete_done(napi, n);
	return n;
}

static enum hrtimer_restart bench_nic_tick(struct hrtimer *timer)
{
	struct bench_nic *nic = container_of(timer, struct bench_nic, timer);
	unsigned long flags;
	bool any;

	spin_lock_irqsave(&nic->lock, flags);
	bench_nic_advance(nic);
	any = nic->tail != nic->head;
	spin_unlock_irqrestore(&nic->lock, flags);
	if (any)
		napi_schedule(&nic->napi);
	hrtimer_forward_now(timer, ns_to_ktime(BENCH_NIC_TICK));
	return HRTIMER_RESTART;
}

static struct bench_nic *bench_nic_of(const struct net_device *dev)
{
	return ((struct bench_nic_card *)netdev_priv(dev))->nic;
}

static void bench_nic_to_server(struct bench_nic *nic, struct sk_buff *skb)
{
	unsigned long flags;

	spin_lock_irqsave(&nic->lock, flags);
	bench_nic_advance(nic);
	skb->tstamp = ns_to_ktime(nic->clock + BENCH_NIC_DELAY);
	__skb_queue_tail(&nic->wire, skb);
	nic->sent++;
	spin_unlock_irqrestore(&nic->lock, flags);
}

static void bench_nic_to_client(struct bench_nic *nic, struct sk_buff *skb)
{
	const u8 *to = eth_hdr(skb)->h_dest;

	if (!ether_addr_equal(to, nic->client->dev_addr) && !is_multicast_ether_addr(to)) {
		nic->replies++;
		consume_skb(skb);
		return;
	}
	dev_forward_skb(nic->client, skb);
}

static netdev_tx_t bench_nic_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct bench_nic *nic = bench_nic_of(dev);

	skb_orphan(skb);
	skb_reset_mac_header(skb);
	if (dev == nic->server) {
		bench_nic_to_client(nic, skb);
		return NETDEV_TX_OK;
	}
	skb_scrub_packet(skb, true);
	bench_nic_to_server(nic, skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops bench_nic_operations = {
	.ndo_start_xmit = bench_nic_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void bench_nic_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &bench_nic_operations;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->features |= NETIF_F_LLTX | NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_FRAGLIST;
	dev->hw_features = dev->features;
}

static struct net_device *bench_nic_card(struct bench_nic *nic, struct net *net, const char *name)
{
	struct net_device *dev = alloc_netdev(sizeof(struct bench_nic_card), name, NET_NAME_UNKNOWN,
					      bench_nic_setup);

	if (!dev)
		return NULL;
	((struct bench_nic_card *)netdev_priv(dev))->nic = nic;
	dev_net_set(dev, net);
	if (!register_netdev(dev))
		return dev;
	free_netdev(dev);
	return NULL;
}

static void bench_nic_remove(struct net_device *dev)
{
	if (!dev)
		return;
	unregister_netdev(dev);
	free_netdev(dev);
}

int bench_nic_create(struct net *net)
{
	struct bench_nic *nic;

	if (bench_nic)
		return -EEXIST;
	nic = kvzalloc(sizeof(*nic), GFP_KERNEL);
	if (!nic)
		return -ENOMEM;
	spin_lock_init(&nic->lock);
	__skb_queue_head_init(&nic->wire);
	hrtimer_init(&nic->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	nic->timer.function = bench_nic_tick;
	nic->server = bench_nic_card(nic, net, "server");
	nic->client = bench_nic_card(nic, net, "client");
	if (!nic->server || !nic->client) {
		bench_nic_remove(nic->server);
		bench_nic_remove(nic->client);
		kvfree(nic);
		return -ENODEV;
	}
	netif_napi_add(nic->server, &nic->napi, bench_nic_poll);
	napi_enable(&nic->napi);
	nic->last = ktime_get_ns();
	hrtimer_start(&nic->timer, ns_to_ktime(BENCH_NIC_TICK), HRTIMER_MODE_REL);
	bench_nic = nic;
	return 0;
}

/* Another flood: nothing is polled meanwhile. */
static int bench_nic_set(struct bench_nic *nic, const struct bench_params *params)
{
	int err;

	napi_disable(&nic->napi);
	spin_lock_irq(&nic->lock);
	bench_nic_advance(nic);
	nic->params = *params;
	nic->began = nic->clock;
	nic->stolen = 0;
	nic->offered = nic->missed = nic->sent = nic->lost = nic->replies = 0;
	spin_unlock_irq(&nic->lock);
	err = bench_maker_init(&nic->maker, &nic->params, nic->server);
	if (err)
		nic->params.rate = 0;
	napi_enable(&nic->napi);
	return err;
}

/* nic=flood sets the flood anew, nic=tell says how it went until now. */
int bench_nic_order(struct net_device *dev, const struct bench_params *params, char *text,
		    size_t size)
{
	struct bench_nic *nic = bench_nic;

	if (!nic || dev != nic->server || params->replay[0])
		return -EINVAL;
	if (!strcmp(params->nic, "flood"))
		return bench_nic_set(nic, params);
	if (strcmp(params->nic, "tell"))
		return -EINVAL;
	spin_lock_irq(&nic->lock);
	bench_nic_advance(nic);
	snprintf(text, size,
		 "ms=%llu stolen=%llu offered=%llu missed=%llu sent=%llu lost=%llu replies=%llu\n",
		 div64_u64(nic->clock - nic->began, NSEC_PER_MSEC),
		 div64_u64(nic->stolen, NSEC_PER_MSEC), nic->offered, nic->missed, nic->sent,
		 nic->lost, nic->replies);
	spin_unlock_irq(&nic->lock);
	return 0;
}

void bench_nic_exit(void)
{
	struct bench_nic *nic = bench_nic;

	if (!nic)
		return;
	hrtimer_cancel(&nic->timer);
	napi_disable(&nic->napi);
	netif_napi_del(&nic->napi);
	bench_nic_remove(nic->server);
	bench_nic_remove(nic->client);
	while (nic->tail != nic->head)
		kfree_skb(nic->ring[nic->tail++ % BENCH_NIC_RING]);
	__skb_queue_purge(&nic->wire);
	kvfree(nic);
	bench_nic = NULL;
}
