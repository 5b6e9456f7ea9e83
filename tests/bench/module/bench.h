/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * psbench: a module for measurements, never installed. It plays the NIC driver:
 * allocates a buffer for each packet, writes the packet, and hands it to the
 * stack in batches with softirqs disabled, as a driver's poll function does. A
 * line of "key=value" words written to /dev/psbench is an order; reading the same
 * open file gives the answer.
 *
 * Invariant: whatever an order asks for, the packets are made by the same few
 * instructions, so that figures of different orders can be compared.
 */
#ifndef PS_BENCH_H
#define PS_BENCH_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include "population.h"

#define BENCH_FRAME_MAX	1514
#define BENCH_PATH	128

/* What the payload begins as. */
enum bench_quic {
	BENCH_QUIC_NONE,
	BENCH_QUIC_INITIAL,  /* without a token */
	BENCH_QUIC_RETURNED, /* an Initial with a Retry token of nobody's, to an id of nobody's */
	BENCH_QUIC_SHORT,    /* a short header */
};

/**
 * struct bench_params - an order; see params.c for what the words mean
 */
struct bench_params {
	char dev[IFNAMSIZ];
	char hook[16];
	char nic[16];
	char replay[BENCH_PATH];
	u32 packets;
	u32 warm;
	u32 batch;
	u32 list;
	u32 send;
	u32 family;
	u32 protocol;
	u32 flags;
	u32 options;
	u32 payload;
	u32 quic;
	u32 ttl;
	u32 dst;
	u32 dsts;
	u32 dport;
	u32 sport;
	u32 sources;
	u32 hot;
	u32 client;
	u32 sequential;
	u32 vouched;
	u32 seed;
	u32 rate;
};

/* Read an order: 0, or -EINVAL and what is wrong in the kernel's log. */
int bench_params_parse(struct bench_params *params, char *line);

/**
 * struct bench_flow - what differs from packet to packet
 * @src: remote address; of IPv6 the last word
 * @dst: local address, likewise
 * @sport: remote port
 * @seq: sequence number of TCP
 */
struct bench_flow {
	u32 src;
	u32 dst;
	u16 sport;
	u32 seq;
};

/**
 * struct bench_template - a frame with all of that zero
 * @frame: it
 * @length: bytes of it
 * @transport: offset of the transport header
 * @check: offset of its checksum
 * @network_sum: the sum of the IPv4 header, without its checksum
 * @transport_sum: of pseudo header and segment, likewise
 * @ipv4: or IPv6
 * @tcp: or UDP
 * @send: the local side is the sender
 */
struct bench_template {
	u8 frame[BENCH_FRAME_MAX];
	u32 length;
	u32 transport;
	u32 check;
	__wsum network_sum;
	__wsum transport_sum;
	bool ipv4;
	bool tcp;
	bool send;
};

int bench_template_build(struct bench_template *template, const struct bench_params *params,
			 const struct net_device *dev);

/* Put a packet into @skb, which is empty and has room. */
void bench_template_write(const struct bench_template *template, struct sk_buff *skb,
			  const struct bench_flow *flow);

/* Bytes of TCP options that a Linux client's SYN has. */
#define BENCH_OPTIONS 20

/**
 * struct bench_replay - frames of a capture file
 * @data: the file
 * @frame: where each begins
 * @length: its bytes
 * @frames: how many
 */
struct bench_replay {
	void *data;
	const u8 **frame;
	u32 *length;
	u32 frames;
};

int bench_replay_open(struct bench_replay *replay, const char *path);
void bench_replay_close(struct bench_replay *replay);

/**
 * struct bench_maker - the state of a sequence of packets
 * @params: what was ordered
 * @dev: where the packets come in
 * @template: what they are made from
 * @replay: or what they are read from
 * @random: state of the generator
 * @next: next network of a sequence, or frame of the replay
 * @stride: population_stride() of the population
 * @step: from one hot network to the next
 */
struct bench_maker {
	const struct bench_params *params;
	struct net_device *dev;
	struct bench_template template;
	struct bench_replay replay;
	u64 random;
	u32 next;
	u32 stride;
	u32 step;
};

int bench_maker_init(struct bench_maker *maker, const struct bench_params *params,
		     struct net_device *dev);
void bench_maker_exit(struct bench_maker *maker);

/* The next packet, at its network header, or NULL. */
struct sk_buff *bench_maker_make(struct bench_maker *maker);

/* Two network cards and the wire between them; see nic.c. */
int bench_nic_create(struct net *net);
int bench_nic_order(struct net_device *dev, const struct bench_params *params, char *text,
		    size_t size);
void bench_nic_exit(void);

/* Carry an order out; the answer goes to @text. Context: process, may sleep. */
int bench_run(const struct bench_params *params, char *text, size_t size);

/* Hooks of our own at the ends of the line: packets that reached one that drops. */
int bench_hooks_add(struct net_device *dev, const char *kind);
u64 bench_hooks_sunk(void);
int bench_hooks_init(void);
void bench_hooks_exit(void);

#endif
