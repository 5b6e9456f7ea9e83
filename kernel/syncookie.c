// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SYN cookies: whether one can be sent, with what, and whether one that comes
 * back is right. The cookies are the kernel's own, so the listener (or
 * netfilter's SYNPROXY) completes the connection from the ACK alone.
 *
 * What a listener offers is remembered for a second in a small table of this
 * CPU: under a flood, SYNs to one port cost one look-up a second. The table
 * holds values only: no socket, device or namespace is referred to.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hash.h>
#include <net/addrconf.h>
#include <net/tcp.h>

#include "core/tcp_options.h"
#include "listener.h"
#include "reply.h"
#include "syncookie.h"

#define PS_SYNCOOKIE_BITS 6 /* of the number of an entry */

/**
 * struct ps_syncookie_entry - what is known of the listener of a port
 * @addr:	destination address
 * @net:	cookie of the namespace; 0: the entry is empty
 * @ifindex:	the device that the stack receives on
 * @filled:	when, in jiffies
 * @port:	destination port
 * @listening:	somebody listens
 * @offer:	what he offers; valid with @listening
 */
struct ps_syncookie_entry {
	struct ps_addr addr;
	u64 net;
	int ifindex;
	u32 filled;
	u16 port;
	bool listening;
	struct ps_frame_offer offer;
} ____cacheline_aligned;

struct ps_syncookie_cache {
	struct ps_syncookie_entry entry[1 << PS_SYNCOOKIE_BITS];
};

static struct ps_syncookie_cache __percpu *ps_syncookie_cache;

static struct ps_syncookie_entry *ps_syncookie_entry(const struct ps_listener_place *place,
						     const struct ps_packet *packet)
{
	const u32 *word = packet->dst.word;
	u32 sum = word[0] ^ word[1] ^ word[2] ^ word[3];

	sum += packet->dport + ((u32)place->dev->ifindex << 16);
	return &this_cpu_ptr(ps_syncookie_cache)->entry[hash_32(sum, PS_SYNCOOKIE_BITS)];
}

static bool ps_syncookie_is_known(const struct ps_syncookie_entry *entry,
				  const struct ps_listener_place *place,
				  const struct ps_packet *packet)
{
	return entry->net == place->net->net_cookie && entry->port == packet->dport &&
	       entry->ifindex == place->dev->ifindex && ps_addr_equal(&entry->addr, &packet->dst) &&
	       (u32)jiffies - entry->filled < HZ;
}

/* The MSS that the stack announces on a device, metrics of the route apart. */
static u32 ps_syncookie_mss(const struct ps_listener_place *place, const struct ps_packet *packet)
{
	const struct inet6_dev *in6;
	u32 mss;

	if (ps_frame_is_ipv6(packet)) {
		in6 = __in6_dev_get(place->dev);
		mss = in6 ? READ_ONCE(in6->cnf.mtu6) : READ_ONCE(place->dev->mtu);
		mss -= sizeof(struct ipv6hdr) + sizeof(struct tcphdr);
		/* Without jumbograms "any MSS" is what fits no packet. */
		if (mss > IPV6_MAXPLEN - sizeof(struct tcphdr))
			mss = IPV6_MAXPLEN;
	} else {
		mss = min_t(u32, READ_ONCE(place->dev->mtu), IP_MAX_MTU);
		mss -= min_t(u32, mss, sizeof(struct iphdr) + sizeof(struct tcphdr));
		mss = max_t(u32, mss, READ_ONCE(place->net->ipv4.ip_rt_min_advmss));
	}
	return max_t(u32, mss, TCP_MIN_MSS);
}

/*
 * As tcp_openreq_init_rwin() does it. Left out is what needs a route (its MTU,
 * MSS, window and initial window) or a BPF program of the control group, and
 * the sysctl tcp_reflect_tos.
 */
static void ps_syncookie_ask(struct ps_frame_offer *offer, const struct sock *sk, u32 mss,
			     bool ipv6)
{
	const struct tcp_sock *tcp = tcp_sk(sk);
	const struct net *net = sock_net(sk);
	struct ps_tcp_space space = {
		.space = max(tcp_full_space(sk), 0),
		.clamp = READ_ONCE(tcp->window_clamp),
		.growth = max_t(u32, READ_ONCE(net->ipv4.sysctl_tcp_rmem[2]),
				READ_ONCE(sysctl_rmem_max)),
		.signed_windows = READ_ONCE(net->ipv4.sysctl_tcp_workaround_signed_windows),
	};
	struct ps_tcp_window window;

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK && (space.clamp > space.space || !space.clamp))
		space.clamp = space.space;
	offer->mss = tcp_mss_clamp(tcp, mss);
	offer->limit = READ_ONCE(tcp->rx_opt.user_mss);
	offer->ecn = tcp_ca_needs_ecn(sk);
	offer->tos = ipv6 ? READ_ONCE(inet6_sk(sk)->tclass) : READ_ONCE(inet_sk(sk)->tos);
	window = ps_tcp_options_window(&space, offer->mss);
	offer->window[false] = window.window;
	window = ps_tcp_options_window(&space, offer->mss - TCPOLEN_TSTAMP_ALIGNED);
	offer->window[true] = window.window;
	offer->scale = window.scale;
}

static void ps_syncookie_learn(struct ps_syncookie_entry *entry,
			       const struct ps_listener_place *place, const struct ps_frame *frame,
			       const struct ps_packet *packet)
{
	const struct sock *sk = ps_listener_find(place, frame, packet);

	*entry = (struct ps_syncookie_entry){
		.addr = packet->dst,
		.net = place->net->net_cookie,
		.ifindex = place->dev->ifindex,
		.filled = (u32)jiffies,
		.port = packet->dport,
		.listening = sk,
	};
	if (sk)
		ps_syncookie_ask(&entry->offer, sk, ps_syncookie_mss(place, packet),
				 ps_frame_is_ipv6(packet));
}

/* Whether the sysctl lets the listeners of a namespace take cookies. */
static bool ps_syncookie_is_allowed(const struct net *net)
{
	return READ_ONCE(net->ipv4.sysctl_tcp_syncookies);
}

bool ps_platform_cookie_offer(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded)
{
	struct ps_syncookie_entry *entry;
	struct ps_listener_place place;

	frame->net = NULL;
	if (!ps_reply_possible(frame, packet))
		return false;
	if (forwarded)
		return true;
	if (!ps_listener_locate(&place, frame, packet))
		return false;
	if (!ps_syncookie_is_allowed(place.net)) {
		pr_notice_once("no SYN cookies for p_tcp_ports: net.ipv4.tcp_syncookies is 0\n");
		return false;
	}
	entry = ps_syncookie_entry(&place, packet);
	if (!ps_syncookie_is_known(entry, &place, packet))
		ps_syncookie_learn(entry, &place, frame, packet);
	if (!entry->listening)
		return false;
	frame->net = place.net;
	frame->offer = entry->offer;
	return true;
}

/*
 * Listeners believe cookies only after an overflow of their queue, which
 * nobody has seen: the SYNs didn't get there.
 */
static bool ps_syncookie_prepare(const struct ps_frame *frame, const struct ps_packet *packet)
{
	struct ps_listener_place place;
	const struct sock *sk;

	if (!ps_listener_locate(&place, frame, packet) || !ps_syncookie_is_allowed(place.net))
		return false;
	sk = ps_listener_find(&place, frame, packet);
	if (!sk)
		return false;
	tcp_synq_overflow(sk);
	ps_listener_clear_way(&place, frame, packet);
	return true;
}

/* A right cookie counts for nothing on p_tcp_ports while nobody listens. */
bool ps_platform_cookie_check(struct ps_frame *frame, const struct ps_packet *packet,
			      bool forwarded)
{
	const struct tcphdr *tcp = ps_frame_tcp(frame, packet);
	bool valid;

	if (!ps_reply_possible(frame, packet))
		return false;
	if (ps_frame_is_ipv6(packet))
		valid = ps_cookie_v6_check(ps_frame_ipv6(frame, packet), tcp);
	else
		valid = ps_cookie_v4_check(ps_frame_ipv4(frame, packet), tcp);
	return valid && (forwarded || ps_syncookie_prepare(frame, packet));
}

int ps_syncookie_init(void)
{
	ps_syncookie_cache = alloc_percpu(struct ps_syncookie_cache);
	return ps_syncookie_cache ? 0 : -ENOMEM;
}

void ps_syncookie_exit(void)
{
	free_percpu(ps_syncookie_cache);
}
