// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A run: packets in batches, with softirqs disabled as in a driver's poll
 * function; what the stack has put off (replies on a veth) is done when they are
 * enabled again, and the clock is read after that. So all work that a packet
 * causes is in its batch's time.
 *
 * The figure is the mean over the faster half of the batches. A shared machine
 * takes the processor away for longer than a batch lasts, thousands of times a
 * second when it is busy; in the faster half there is none of that. The mean over
 * all of them, the median and the slowest hundredth are told as well.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "bench.h"

struct bench_run {
	const struct bench_params *params;
	struct bench_maker maker;
	u64 failed;
};

static void bench_run_send(struct bench_run *run, struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = eth_hdr(skb)->h_proto;
	/* As of a packet that was forwarded. */
	skb->ip_summed = CHECKSUM_NONE;
	if (dev_queue_xmit(skb))
		run->failed++;
}

static void bench_run_batch(struct bench_run *run, u32 packets)
{
	struct sk_buff *skb;
	LIST_HEAD(list);
	u32 i;

	local_bh_disable();
	for (i = 0; i < packets; i++) {
		skb = bench_maker_make(&run->maker);
		if (unlikely(!skb)) {
			run->failed++;
			continue;
		}
		if (run->params->list)
			list_add_tail(&skb->list, &list);
		else if (run->params->send)
			bench_run_send(run, skb);
		else
			netif_receive_skb(skb);
	}
	if (run->params->list)
		netif_receive_skb_list(&list);
	local_bh_enable();
}

/*
 * What is measured may have a limit of its own: rest when far more came than the
 * rate allows, so that hardly a batch begins after a rest. What was missed while
 * the machine did something else isn't made up for.
 */
static u64 bench_run_rest(const struct bench_run *run, u64 due)
{
	const u64 far = 20 * NSEC_PER_MSEC;
	u64 now = ktime_get_ns();

	if (!run->params->rate)
		return due;
	due = max(due, now) + div_u64(run->params->batch * NSEC_PER_SEC, run->params->rate);
	if (due > now + far)
		msleep(div_u64(due - now, NSEC_PER_MSEC));
	return due;
}

/* Time of each batch, in ns; times may be NULL. */
static void bench_run_batches(struct bench_run *run, u32 batches, u32 *times)
{
	u64 due = 0, start;
	u32 i;

	for (i = 0; i < batches; i++) {
		start = ktime_get_ns();
		bench_run_batch(run, run->params->batch);
		cond_resched();
		if (times)
			times[i] = ktime_get_ns() - start;
		due = bench_run_rest(run, due);
	}
}

static int bench_run_compare(const void *left, const void *right)
{
	const u32 *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static u64 bench_run_sum(const u32 *times, u32 n)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < n; i++)
		sum += times[i];
	return sum;
}

/* In tenths of a nanosecond per packet. */
static void bench_run_report(const struct bench_run *run, u32 *times, u32 batches, u64 sunk,
			     char *text, size_t size)
{
	u32 batch = run->params->batch, most = (batches + 1) / 2;
	u64 figure, mean, median, worst;

	sort(times, batches, sizeof(*times), bench_run_compare, NULL);
	figure = 10 * bench_run_sum(times, most) / batch / most;
	mean = 10 * bench_run_sum(times, batches) / batch / batches;
	median = 10 * (u64)times[batches / 2] / batch;
	worst = 10 * (u64)times[batches - 1 - batches / 100] / batch;
	snprintf(text, size,
		 "packets=%u ns=%llu.%llu mean=%llu.%llu p50=%llu.%llu p99=%llu.%llu sunk=%llu\n",
		 batches * batch, figure / 10, figure % 10, mean / 10, mean % 10, median / 10,
		 median % 10, worst / 10, worst % 10, sunk);
}

static int bench_run_measure(struct bench_run *run, char *text, size_t size)
{
	const struct bench_params *params = run->params;
	u32 batches = params->packets / params->batch, warm = params->warm / params->batch;
	u32 *times;
	u64 sunk;

	if (!batches)
		return -EINVAL;
	times = kvcalloc(batches, sizeof(*times), GFP_KERNEL);
	if (!times)
		return -ENOMEM;
	bench_run_batches(run, warm, NULL);
	sunk = bench_hooks_sunk();
	bench_run_batches(run, batches, times);
	sunk = bench_hooks_sunk() - sunk;
	bench_run_report(run, times, batches, sunk, text, size);
	kvfree(times);
	return run->failed ? -EIO : 0;
}

static int bench_run_on(struct net_device *dev, const struct bench_params *params, char *text,
			size_t size)
{
	struct bench_run *run = kvzalloc(sizeof(*run), GFP_KERNEL);
	int err;

	if (!run)
		return -ENOMEM;
	run->params = params;
	err = bench_maker_init(&run->maker, params, dev);
	if (!err)
		err = bench_run_measure(run, text, size);
	bench_maker_exit(&run->maker);
	kvfree(run);
	return err;
}

int bench_run(const struct bench_params *params, char *text, size_t size)
{
	struct net_device *dev;
	int err;

	if (!strcmp(params->nic, "create"))
		return bench_nic_create(current->nsproxy->net_ns);
	dev = dev_get_by_name(current->nsproxy->net_ns, params->dev);
	if (!dev)
		return -ENODEV;
	if (params->hook[0])
		err = bench_hooks_add(dev, params->hook);
	else if (params->nic[0])
		err = bench_nic_order(dev, params, text, size);
	else
		err = bench_run_on(dev, params, text, size);
	dev_put(dev);
	return err;
}
