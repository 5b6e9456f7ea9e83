/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attacks of the demonstration: frames by name. */
#ifndef DEMO_ATTACKS_H
#define DEMO_ATTACKS_H

#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD		32	/* bytes of a datagram or an echo request */

/* One frame, or its beginning: zeros follow. The network header stays aligned to 4 bytes. */
struct frame {
	unsigned char pad[2];
	struct ethhdr link;
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct {
			struct udphdr udp;
			unsigned char udp_payload[PAYLOAD];
		};
		struct {
			struct icmphdr icmp;
			unsigned char icmp_payload[PAYLOAD];
		};
	};
} __attribute__((packed, aligned(4)));

struct attack;

/* The attack of that name, or NULL. */
const struct attack *attack_find(const char *name);

/* Fill in the n-th frame of an attack on the address (network byte order). */
void attack_build(const struct attack *attack, struct frame *frame, unsigned int n,
		  const struct ethhdr *link, uint32_t destination);

/* Bytes of a frame from the link header on. */
size_t attack_frame_length(const struct frame *frame);

/* How many of them are the zeros behind what a struct frame holds. */
size_t attack_frame_zeros(const struct frame *frame);

#endif
