/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of nftables that are made together: tables of ours in the family inet,
 * with their chains, sets and rules.
 */
#ifndef PS_NFT_BATCH_H
#define PS_NFT_BATCH_H

#include <libnftnl/rule.h>
#include <stddef.h>

#include "config.h"
#include "nft.h"
#include "parse.h"

#define PS_NFT_NAME 256 /* bytes of a table's name */

/**
 * struct ps_nft_batch - messages that wait to be sent
 * @nft: where to
 * @bytes: they
 * @used: bytes of them
 * @room: bytes that fit
 * @last: where the last one begins
 * @sets: that were made, for their numbers
 */
struct ps_nft_batch {
	struct ps_nft *nft;
	char *bytes;
	size_t used;
	size_t room;
	size_t last;
	uint32_t sets;
};

void ps_nft_batch_begin(struct ps_nft_batch *batch, struct ps_nft *nft);

/* Send it, if there is something in it: 0 or a negative errno. It's over in any case. */
int ps_nft_batch_commit(struct ps_nft_batch *batch);

/* A table that is empty, whatever it was; or none. */
void ps_nft_batch_table(struct ps_nft_batch *batch, const char *table);
void ps_nft_batch_no_table(struct ps_nft_batch *batch, const char *table);

/* A chain at a hook of the family inet. */
void ps_nft_batch_chain(struct ps_nft_batch *batch, const char *table, const char *chain,
			uint32_t hook, int32_t priority);

/* A set of ports, which are in order; one of names of devices. */
void ps_nft_batch_ports(struct ps_nft_batch *batch, const char *table, const char *set,
			const struct ps_interval *ports, size_t n);
void ps_nft_batch_devices(struct ps_nft_batch *batch, const char *table, const char *set,
			  char (*devices)[PS_IFACE_NAME_MAX + 1], size_t n);

/* A rule at the end of a chain; ps_nft_batch_rule() frees it. */
struct nftnl_rule *ps_nft_batch_new_rule(const char *table, const char *chain);
void ps_nft_batch_rule(struct ps_nft_batch *batch, struct nftnl_rule *rule);

/* An expression at the end of a rule, for its values to be set. */
struct nftnl_expr *ps_nft_expression(struct nftnl_rule *rule, const char *name);

/* Called with the name of each table of the family inet. */
typedef void (*ps_nft_table_take)(const char *table, void *data);

/* 0 or a negative errno. */
int ps_nft_tables(struct ps_nft *nft, ps_nft_table_take take, void *data);

#endif
