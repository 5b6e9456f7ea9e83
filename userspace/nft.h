/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables, by libnftnl and libmnl: asking for tables, sets and elements,
 * batches of changes, and events.
 */
#ifndef PS_NFT_H
#define PS_NFT_H

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdint.h>

struct ps_arguments;

/**
 * struct ps_nft - a socket to nftables
 * @socket: of libmnl's
 * @in: what was received
 * @sequence: number of the last message
 * @changed: the ruleset changed while the last answer came
 */
struct ps_nft {
	struct mnl_socket *socket;
	char *in;
	uint32_t sequence;
	bool changed;
};

/* Called for each message of an answer, and each event. */
typedef void (*ps_nft_take)(const struct nlmsghdr *message, void *data);

/* The number of nft's word for a family, or -1. */
int ps_nft_family(const char *word);

/* Open a socket, that gets events if @listens: enum ps_exit, after a message. */
int ps_nft_open(struct ps_nft *nft, bool listens);
void ps_nft_close(struct ps_nft *nft);

/* Room for a message that asks, which the caller zeroes, and its header. */
#define PS_NFT_BYTES	4096
struct nlmsghdr *ps_nft_message(struct ps_nft *nft, char *room, int type, int family,
				uint16_t flags);

/* Send bytes of messages, and take the answer of the last: 0 or a negative errno. */
int ps_nft_ask(struct ps_nft *nft, const void *messages, size_t bytes, ps_nft_take take,
	       void *data);

/*
 * Take events that are there: 0 for all of them, 1 if there may be more, -ENOBUFS if some
 * were lost.
 */
int ps_nft_receive(struct ps_nft *nft, ps_nft_take take, void *data);

/* Type of a message of nftables: NFT_MSG_*, or -1. */
int ps_nft_type(const struct nlmsghdr *message);

/* The commands nft synproxy, nft target and nft follow; return enum ps_exit. */
int ps_nft_synproxy(const struct ps_arguments *arguments);
int ps_nft_target(const struct ps_arguments *arguments);
int ps_nft_follow(const struct ps_arguments *arguments);

#endif
