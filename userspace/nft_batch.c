// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of nftables; see nft_batch.h. */
#include <stdio.h>

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "nft_batch.h"
#include "print.h"

#define PS_NFT_MESSAGE	 65536 /* bytes of a message, at most */
#define PS_NFT_PORTION	 500   /* elements of a message */
#define PS_NFT_TYPE_PORT 13    /* nft's numbers of types */
#define PS_NFT_TYPE_NAME 41

/* What libnftnl allocates; the tool has no use for less. */
static void *need(void *object)
{
	if (!object) {
		ps_print_error("out of memory");
		exit(PS_EXIT_FAILED);
	}
	return object;
}

/* Where the next message goes. */
static char *batch_room(struct ps_nft_batch *batch)
{
	size_t old = batch->room;

	if (batch->room - batch->used < PS_NFT_MESSAGE) {
		batch->room = 2 * old + PS_NFT_MESSAGE;
		batch->bytes = ps_print_allocate(batch->bytes, batch->room);
		/* What lies between attributes is sent too. */
		memset(batch->bytes + old, 0, batch->room - old);
	}
	batch->last = batch->used;
	return batch->bytes + batch->used;
}

static struct nlmsghdr *batch_message(struct ps_nft_batch *batch, int type, uint16_t flags)
{
	return ps_nft_message(batch->nft, batch_room(batch), type, NFPROTO_INET, flags);
}

static void batch_close(struct ps_nft_batch *batch, const struct nlmsghdr *message)
{
	batch->used += MNL_ALIGN(message->nlmsg_len);
}

void ps_nft_batch_begin(struct ps_nft_batch *batch, struct ps_nft *nft)
{
	*batch = (struct ps_nft_batch){ .nft = nft };
	batch_close(batch, nftnl_batch_begin(batch_room(batch), ++nft->sequence));
}

int ps_nft_batch_commit(struct ps_nft_batch *batch)
{
	int error = 0, bytes = (int)batch->used + PS_NFT_MESSAGE;

	if (batch->last) {
		/* Done or refused, the last one is answered. */
		((struct nlmsghdr *)(batch->bytes + batch->last))->nlmsg_flags |= NLM_F_ACK;
		batch_close(batch, nftnl_batch_end(batch_room(batch), ++batch->nft->sequence));
		setsockopt(mnl_socket_get_fd(batch->nft->socket), SOL_SOCKET, SO_SNDBUFFORCE,
			   &bytes, sizeof(bytes));
		error = ps_nft_ask(batch->nft, batch->bytes, batch->used, NULL, NULL);
	}
	free(batch->bytes);
	batch->bytes = NULL;
	return error;
}

static void batch_table(struct ps_nft_batch *batch, const char *name, int type, uint16_t flags)
{
	struct nftnl_table *table = need(nftnl_table_alloc());
	struct nlmsghdr *message = batch_message(batch, type, flags);

	nftnl_table_set_str(table, NFTNL_TABLE_NAME, name);
	nftnl_table_nlmsg_build_payload(message, table);
	nftnl_table_free(table);
	batch_close(batch, message);
}

void ps_nft_batch_table(struct ps_nft_batch *batch, const char *table)
{
	/* So that there is one to delete. */
	batch_table(batch, table, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	batch_table(batch, table, NFT_MSG_DELTABLE, 0);
	batch_table(batch, table, NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

void ps_nft_batch_no_table(struct ps_nft_batch *batch, const char *table)
{
	batch_table(batch, table, NFT_MSG_DELTABLE, 0);
}

void ps_nft_batch_chain(struct ps_nft_batch *batch, const char *table, const char *name,
			uint32_t hook, int32_t priority)
{
	struct nftnl_chain *chain = need(nftnl_chain_alloc());
	struct nlmsghdr *message = batch_message(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);

	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, table);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	nftnl_chain_nlmsg_build_payload(message, chain);
	nftnl_chain_free(chain);
	batch_close(batch, message);
}

static struct nftnl_set *batch_set(struct ps_nft_batch *batch, const char *table, const char *name)
{
	struct nftnl_set *set = need(nftnl_set_alloc());

	nftnl_set_set_str(set, NFTNL_SET_TABLE, table);
	nftnl_set_set_str(set, NFTNL_SET_NAME, name);
	nftnl_set_set_u32(set, NFTNL_SET_ID, batch->sets);
	return set;
}

static void new_set(struct ps_nft_batch *batch, const char *table, const char *name, uint32_t flags,
		    uint32_t type, uint32_t length)
{
	/* For nft, which reads names as what is stored in the order of the host. */
	static const uint8_t host_order[] = { 0, 4, 1, 0, 0, 0 };
	struct nlmsghdr *message;
	struct nftnl_set *set;

	batch->sets++;
	set = batch_set(batch, table, name);
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, NFPROTO_INET);
	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, flags);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, length);
	if (type == PS_NFT_TYPE_NAME)
		nftnl_set_set_data(set, NFTNL_SET_USERDATA, host_order, sizeof(host_order));
	message = batch_message(batch, NFT_MSG_NEWSET, NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(message, set);
	nftnl_set_free(set);
	batch_close(batch, message);
}

static void add_element(struct nftnl_set *set, const void *key, uint32_t length, uint32_t flags)
{
	struct nftnl_set_elem *element = need(nftnl_set_elem_alloc());

	nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key, length);
	if (flags)
		nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_FLAGS, flags);
	nftnl_set_elem_add(set, element);
}

static void batch_elements(struct ps_nft_batch *batch, struct nftnl_set *set)
{
	struct nlmsghdr *message = batch_message(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE);

	nftnl_set_elems_nlmsg_build_payload(message, set);
	nftnl_set_free(set);
	batch_close(batch, message);
}

static void add_ports(struct nftnl_set *set, const struct ps_interval *ports, bool joins_next)
{
	uint16_t first = htons(ports->first), end = htons(ports->last + 1);

	add_element(set, &first, sizeof(first), 0);
	/* Behind the last port there is none. */
	if (ports->last != 65535 && !joins_next)
		add_element(set, &end, sizeof(end), NFT_SET_ELEM_INTERVAL_END);
}

void ps_nft_batch_ports(struct ps_nft_batch *batch, const char *table, const char *name,
			const struct ps_interval *ports, size_t n)
{
	struct nftnl_set *set;
	size_t i, from;

	new_set(batch, table, name, NFT_SET_INTERVAL, PS_NFT_TYPE_PORT, sizeof(uint16_t));
	for (from = 0; from < n; from += PS_NFT_PORTION) {
		set = batch_set(batch, table, name);
		for (i = from; i < n && i < from + PS_NFT_PORTION; i++)
			add_ports(set, &ports[i],
				  i + 1 < n && ports[i + 1].first == ports[i].last + 1);
		batch_elements(batch, set);
	}
}

void ps_nft_batch_devices(struct ps_nft_batch *batch, const char *table, const char *name,
			  char (*devices)[PS_IFACE_NAME_MAX + 1], size_t n)
{
	struct nftnl_set *set;
	size_t i, from;

	new_set(batch, table, name, 0, PS_NFT_TYPE_NAME, sizeof(*devices));
	for (from = 0; from < n; from += PS_NFT_PORTION) {
		set = batch_set(batch, table, name);
		for (i = from; i < n && i < from + PS_NFT_PORTION; i++)
			add_element(set, devices[i], sizeof(*devices), 0);
		batch_elements(batch, set);
	}
}

struct nftnl_rule *ps_nft_batch_new_rule(const char *table, const char *chain)
{
	struct nftnl_rule *rule = need(nftnl_rule_alloc());

	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	return rule;
}

void ps_nft_batch_rule(struct ps_nft_batch *batch, struct nftnl_rule *rule)
{
	struct nlmsghdr *message =
		batch_message(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	nftnl_rule_nlmsg_build_payload(message, rule);
	nftnl_rule_free(rule);
	batch_close(batch, message);
}

struct nftnl_expr *ps_nft_expression(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *expression = need(nftnl_expr_alloc(name));

	nftnl_rule_add_expr(rule, expression);
	return expression;
}

struct tables {
	ps_nft_table_take take;
	void *data;
};

static void take_table(const struct nlmsghdr *message, void *data)
{
	struct nftnl_table *table = need(nftnl_table_alloc());
	const struct tables *tables = data;

	if (ps_nft_type(message) == NFT_MSG_NEWTABLE && !nftnl_table_nlmsg_parse(message, table) &&
	    nftnl_table_is_set(table, NFTNL_TABLE_NAME))
		tables->take(nftnl_table_get_str(table, NFTNL_TABLE_NAME), tables->data);
	nftnl_table_free(table);
}

int ps_nft_tables(struct ps_nft *nft, ps_nft_table_take take, void *data)
{
	struct tables tables = { take, data };
	char room[PS_NFT_BYTES] = "";
	struct nlmsghdr *message;

	message = ps_nft_message(nft, room, NFT_MSG_GETTABLE, NFPROTO_INET, NLM_F_DUMP);
	return ps_nft_ask(nft, message, message->nlmsg_len, take_table, &tables);
}
