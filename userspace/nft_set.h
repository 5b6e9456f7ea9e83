/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of nftables that is being followed: its elements as of the last dump,
 * and what its events have made of them since.
 *
 * A dump that the ruleset changed under is made anew. Events that wait when it
 * begins are discarded; those that come while it is made are applied afterwards, in
 * their order, and end in the state that the dump shows.
 */
#ifndef PS_NFT_SET_H
#define PS_NFT_SET_H

#include "elements.h"
#include "nft.h"

/**
 * struct ps_nft_set - the set
 * @family: number of its table's family
 * @table: name of its table
 * @name: its own
 * @asks: asks for dumps
 * @listens: gets events
 * @elements: what it holds, sorted
 * @events: what happened since, as it came
 * @addresses: family of its elements
 * @is_interval: it holds intervals
 * @is_dynamic: rules add elements too, of which there are no events
 * @is_there: it exists
 * @is_stale: it must be dumped: it is new, or events were lost
 * @has_default: it has an element for everything
 */
struct ps_nft_set {
	int family;
	const char *table;
	const char *name;
	struct ps_nft asks;
	struct ps_nft listens;
	struct ps_elements elements;
	struct ps_elements events;
	enum ps_family addresses;
	bool is_interval;
	bool is_dynamic;
	bool is_there;
	bool is_stale;
	bool has_default;
};

/* Milliseconds of a clock that doesn't jump, never 0. */
u64 ps_nft_set_now(void);

/* Open it; the first three members are filled by the caller. Returns enum ps_exit. */
int ps_nft_set_open(struct ps_nft_set *set);
void ps_nft_set_close(struct ps_nft_set *set);

/**
 * ps_nft_set_dump() - see what the set is, and what it holds
 * @set: the set; one that doesn't exist is empty
 *
 * Return: enum ps_exit, after a message, also for a set that isn't one of addresses.
 */
int ps_nft_set_dump(struct ps_nft_set *set);

/* Take the events that are there; @is_stale says whether a dump is needed. enum ps_exit. */
int ps_nft_set_listen(struct ps_nft_set *set);

#endif
