// SPDX-License-Identifier: GPL-2.0-or-later
/* A set that is being followed; see nft_set.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "nft_set.h"
#include "print.h"

/* nft's numbers of types; those of several parts are larger than 63. */
#define PS_NFT_TYPE_IPV4  7
#define PS_NFT_TYPE_IPV6  8
#define PS_NFT_TYPE_PARTS 64

#define PS_NFT_SET_TRIES 10 /* dumps of a ruleset that keeps changing */

u64 ps_nft_set_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (u64)now.tv_sec * 1000 + (u64)now.tv_nsec / 1000000 + 1;
}

int ps_nft_set_open(struct ps_nft_set *set)
{
	int result = ps_nft_open(&set->listens, true);

	if (result)
		return result;
	result = ps_nft_open(&set->asks, false);
	if (result)
		ps_nft_close(&set->listens);
	return result;
}

void ps_nft_set_close(struct ps_nft_set *set)
{
	ps_nft_close(&set->asks);
	ps_nft_close(&set->listens);
	ps_elements_free(&set->elements);
	ps_elements_free(&set->events);
}

/* A key as nftables has it; false for one of another length. */
static bool read_key(const void *bytes, u32 length, struct ps_addr *key)
{
	u32 word[4];
	int i;

	if (length != 4 && length != 16)
		return false;
	memcpy(word, bytes, length);
	if (length == 4) {
		*key = ps_addr_from_ipv4(ntohl(word[0]));
		return true;
	}
	for (i = 0; i < 4; i++)
		key->word[i] = ntohl(word[i]);
	return true;
}

/**
 * struct taking - elements of a message on their way
 * @set: whose
 * @to: where to
 * @now: the time
 * @is_gone: they were deleted
 */
struct taking {
	struct ps_nft_set *set;
	struct ps_elements *to;
	u64 now;
	bool is_gone;
};

static int take_element(struct nftnl_set_elem *found, void *data)
{
	struct taking *taking = data;
	struct ps_element element = { .is_gone = taking->is_gone };
	const void *key;
	u32 flags = 0, length = 0;

	if (nftnl_set_elem_is_set(found, NFTNL_SET_ELEM_FLAGS))
		flags = nftnl_set_elem_get_u32(found, NFTNL_SET_ELEM_FLAGS);
	if (flags & NFT_SET_ELEM_CATCHALL)
		taking->set->has_default = !taking->is_gone;
	key = nftnl_set_elem_get(found, NFTNL_SET_ELEM_KEY, &length);
	if (!key || !read_key(key, length, &element.key))
		return 0;
	element.is_end = flags & NFT_SET_ELEM_INTERVAL_END;
	if (nftnl_set_elem_is_set(found, NFTNL_SET_ELEM_EXPIRATION))
		element.expires =
			taking->now + nftnl_set_elem_get_u64(found, NFTNL_SET_ELEM_EXPIRATION);
	ps_elements_add(taking->to, &element);
	return 0;
}

/* Whether a message is about this set. */
static bool is_ours(const struct ps_nft_set *set, const struct nlmsghdr *message,
		    const struct nftnl_set *found)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	const char *table = nftnl_set_get_str(found, NFTNL_SET_TABLE);
	const char *name = nftnl_set_get_str(found, NFTNL_SET_NAME);

	return header->nfgen_family == set->family && table && name && !strcmp(table, set->table) &&
	       !strcmp(name, set->name);
}

static void take_elements(struct taking *taking, const struct nlmsghdr *message)
{
	struct nftnl_set *found = nftnl_set_alloc();

	if (found && !nftnl_set_elems_nlmsg_parse(message, found) &&
	    is_ours(taking->set, message, found))
		nftnl_set_elem_foreach(found, take_element, taking);
	if (found)
		nftnl_set_free(found);
}

static void take_dumped(const struct nlmsghdr *message, void *data)
{
	if (ps_nft_type(message) == NFT_MSG_NEWSETELEM)
		take_elements(data, message);
}

/* The set as a message that asks about it names it. */
static struct nftnl_set *named(const struct ps_nft_set *set)
{
	struct nftnl_set *about = nftnl_set_alloc();

	if (!about || nftnl_set_set_str(about, NFTNL_SET_TABLE, set->table) ||
	    nftnl_set_set_str(about, NFTNL_SET_NAME, set->name)) {
		ps_print_error("out of memory");
		exit(PS_EXIT_FAILED);
	}
	return about;
}

static int refuse_set(const struct ps_nft_set *set, const char *why)
{
	ps_print_error("set %s of table %s: %s", set->name, set->table, why);
	ps_print_hint("a set of the type ipv4_addr or ipv6_addr can be followed");
	return PS_EXIT_FAILED;
}

/* What it is, as its definition says: enum ps_exit. */
static int read_definition(struct ps_nft_set *set, const struct nftnl_set *found)
{
	u32 type = nftnl_set_get_u32(found, NFTNL_SET_KEY_TYPE);
	u32 flags = nftnl_set_get_u32(found, NFTNL_SET_FLAGS);

	if (flags & NFT_SET_MAP)
		return refuse_set(set, "it is a map");
	if (type >= PS_NFT_TYPE_PARTS)
		return refuse_set(set, "its elements are of several parts");
	if (type != PS_NFT_TYPE_IPV4 && type != PS_NFT_TYPE_IPV6)
		return refuse_set(set, "its elements are no addresses");
	set->addresses = type == PS_NFT_TYPE_IPV4 ? PS_IPV4 : PS_IPV6;
	set->is_interval = flags & NFT_SET_INTERVAL;
	set->is_dynamic = flags & NFT_SET_EVAL;
	set->is_there = true;
	return PS_EXIT_OK;
}

static void take_definition(const struct nlmsghdr *message, void *data)
{
	struct nftnl_set *found = data;

	if (ps_nft_type(message) == NFT_MSG_NEWSET)
		nftnl_set_nlmsg_parse(message, found);
}

/* Ask what it is: 0, or a negative errno. */
static int ask_definition(struct ps_nft_set *set, struct nftnl_set *about)
{
	char room[PS_NFT_BYTES] = "";
	struct nlmsghdr *message;

	message = ps_nft_message(&set->asks, room, NFT_MSG_GETSET, set->family, NLM_F_ACK);
	nftnl_set_nlmsg_build_payload(message, about);
	return ps_nft_ask(&set->asks, message, message->nlmsg_len, take_definition, about);
}

static int ask_elements(struct ps_nft_set *set)
{
	struct taking taking = { .set = set, .to = &set->elements, .now = ps_nft_set_now() };
	struct nftnl_set *about = named(set);
	char room[PS_NFT_BYTES] = "";
	struct nlmsghdr *message;

	set->elements.n = 0;
	set->has_default = false;
	message = ps_nft_message(&set->asks, room, NFT_MSG_GETSETELEM, set->family,
				 NLM_F_DUMP | NLM_F_ACK);
	nftnl_set_elems_nlmsg_build_payload(message, about);
	nftnl_set_free(about);
	return ps_nft_ask(&set->asks, message, message->nlmsg_len, take_dumped, &taking);
}

/* One try: enum ps_exit; @error is what nftables said. */
static int dump_once(struct ps_nft_set *set, int *error)
{
	struct nftnl_set *about = named(set);
	int result = PS_EXIT_OK;

	set->is_there = false;
	*error = ask_definition(set, about);
	if (!*error)
		result = read_definition(set, about);
	nftnl_set_free(about);
	if (!result && !*error)
		*error = ask_elements(set);
	if (*error == -ENOENT) {
		set->is_there = false;
		set->elements.n = 0;
		*error = 0;
	}
	return result;
}

static void discard(const struct nlmsghdr *message, void *data)
{
	(void)message;
	(void)data;
}

/*
 * What waits is older than the dump that follows. If some of it was lost, the
 * rest would not end in the state that the dump shows.
 */
static void discard_events(struct ps_nft_set *set)
{
	int tries, left = 1;

	for (tries = 0; left && tries < PS_NFT_SET_TRIES; tries++)
		left = ps_nft_receive(&set->listens, discard, NULL);
	set->events.n = 0;
}

int ps_nft_set_dump(struct ps_nft_set *set)
{
	int result, error, tries = 0;

	discard_events(set);
	do {
		result = dump_once(set, &error);
	} while (!result && (error == -EINTR || (!error && set->asks.changed)) &&
		 ++tries < PS_NFT_SET_TRIES);
	if (!result && error) {
		ps_print_error("nftables: %s", strerror(-error));
		result = error == -EPERM ? PS_EXIT_UNAVAILABLE : PS_EXIT_FAILED;
	}
	if (!result && set->has_default)
		result = refuse_set(set, "it has an element for every address");
	ps_elements_sort(&set->elements);
	/* One that never came to rest is looked at again. */
	set->is_stale = set->asks.changed;
	return result;
}

static void take_event(const struct nlmsghdr *message, void *data)
{
	struct ps_nft_set *set = data;
	struct taking taking = { .set = set, .to = &set->events, .now = ps_nft_set_now() };
	int type = ps_nft_type(message);
	struct nftnl_set *found;

	if (type == NFT_MSG_NEWSETELEM || type == NFT_MSG_DELSETELEM) {
		taking.is_gone = type == NFT_MSG_DELSETELEM;
		take_elements(&taking, message);
		return;
	}
	if (type != NFT_MSG_NEWSET && type != NFT_MSG_DELSET)
		return;
	found = nftnl_set_alloc();
	if (found && !nftnl_set_nlmsg_parse(message, found) && is_ours(set, message, found))
		set->is_stale = true;
	if (found)
		nftnl_set_free(found);
}

int ps_nft_set_listen(struct ps_nft_set *set)
{
	int error = ps_nft_receive(&set->listens, take_event, set);

	if (error == -ENOBUFS) {
		set->is_stale = true;
	} else if (error < 0) {
		ps_print_error("nftables: %s", strerror(-error));
		return PS_EXIT_FAILED;
	}
	if (set->has_default)
		return refuse_set(set, "it has an element for every address");
	ps_elements_sort(&set->events);
	ps_elements_apply(&set->elements, &set->events);
	set->events.n = 0;
	return PS_EXIT_OK;
}
