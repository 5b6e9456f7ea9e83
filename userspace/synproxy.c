// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Companion rules; see synproxy.h. SYNs aren't tracked, so they and the ACKs with
 * cookies come to SYNPROXY as untracked or invalid; what it doesn't take is out
 * of every connection. Its own SYN+ACKs aren't tracked either: those of a port
 * used again would be rewritten as if they were of the old connection.
 *
 * A context's rules are about its address. Other has none, and the rules are
 * about what comes in where the instance stands, or this host's own connections
 * to the world were taken too.
 */
#include <stdio.h>

#include <arpa/inet.h>
#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_synproxy.h>
#include <netinet/in.h>
#include <string.h>

#include "synproxy.h"

#define PS_SYNPROXY_RAW	  (-300) /* priorities */
#define PS_SYNPROXY_FLAGS 13	 /* where TCP has its flags */

enum tcp_flag { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* Which way packets go that a rule is about. */
enum way { TO_SERVER, FROM_SERVER };

void ps_synproxy_table(char name[PS_NFT_NAME], const char *instance, const char *context)
{
	char *byte;

	snprintf(name, PS_NFT_NAME, "%s%s/%s", PS_SYNPROXY_TABLE, instance, context);
	/* What nft's grammar has no place for in a name. */
	for (byte = name; *byte; byte++) {
		if (*byte == ':')
			*byte = '_';
		if (*byte == '@')
			*byte = '/';
	}
}

static bool is_other(const struct ps_synproxy *synproxy)
{
	static const struct ps_addr none;

	return ps_addr_equal(&synproxy->id.addr, &none);
}

static void match_equal(struct nftnl_rule *rule, uint32_t op, const void *data, uint32_t length)
{
	struct nftnl_expr *compare = ps_nft_expression(rule, "cmp");

	nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(compare, NFTNL_EXPR_CMP_DATA, data, length);
}

static void load_meta(struct nftnl_rule *rule, uint32_t key)
{
	struct nftnl_expr *meta = ps_nft_expression(rule, "meta");

	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

static void load_bytes(struct nftnl_rule *rule, uint32_t base, uint32_t offset, uint32_t length)
{
	struct nftnl_expr *payload = ps_nft_expression(rule, "payload");

	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, length);
}

static void apply_mask(struct nftnl_rule *rule, const void *mask, uint32_t length)
{
	static const uint32_t zero;
	struct nftnl_expr *bitwise = ps_nft_expression(rule, "bitwise");

	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, length);
	nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_MASK, mask, length);
	nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_XOR, &zero, length);
}

static void look_up(struct nftnl_rule *rule, const char *set)
{
	struct nftnl_expr *lookup = ps_nft_expression(rule, "lookup");

	nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
	nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, set);
}

static void match_address(struct nftnl_rule *rule, const struct ps_addr *addr, enum way way)
{
	bool is_ipv4 = ps_addr_is_ipv4(addr);
	uint8_t family = is_ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	uint32_t bytes[4], i, offset;

	for (i = 0; i < 4; i++)
		bytes[i] = htonl(addr->word[i]);
	offset = is_ipv4 ? 12 : 8;
	if (way == TO_SERVER)
		offset += is_ipv4 ? 4 : 16;
	load_meta(rule, NFT_META_NFPROTO);
	match_equal(rule, NFT_CMP_EQ, &family, sizeof(family));
	load_bytes(rule, NFT_PAYLOAD_NETWORK_HEADER, offset, is_ipv4 ? 4 : 16);
	match_equal(rule, NFT_CMP_EQ, is_ipv4 ? bytes + 3 : bytes, is_ipv4 ? 4 : 16);
}

/* What all rules begin with. */
static struct nftnl_rule *start_rule(const struct ps_synproxy *synproxy, const char *table,
				     const char *chain, enum way way)
{
	struct nftnl_rule *rule = ps_nft_batch_new_rule(table, chain);
	uint8_t tcp = IPPROTO_TCP;

	if (!is_other(synproxy)) {
		match_address(rule, &synproxy->id.addr, way);
	} else if (synproxy->n_devices) {
		load_meta(rule, way == TO_SERVER ? NFT_META_IIFNAME : NFT_META_OIFNAME);
		look_up(rule, "interfaces");
	}
	load_meta(rule, NFT_META_L4PROTO);
	match_equal(rule, NFT_CMP_EQ, &tcp, sizeof(tcp));
	load_bytes(rule, NFT_PAYLOAD_TRANSPORT_HEADER, way == TO_SERVER ? 2 : 0, 2);
	look_up(rule, "ports");
	return rule;
}

static void add_untracked(const struct ps_synproxy *synproxy, struct ps_nft_batch *batch,
			  const char *table, const char *chain, enum way way)
{
	struct nftnl_rule *rule = start_rule(synproxy, table, chain, way);
	uint8_t mask = way == TO_SERVER ? FIN | SYN | RST | ACK : SYN | ACK;
	uint8_t flags = way == TO_SERVER ? SYN : SYN | ACK;

	load_bytes(rule, NFT_PAYLOAD_TRANSPORT_HEADER, PS_SYNPROXY_FLAGS, 1);
	apply_mask(rule, &mask, sizeof(mask));
	match_equal(rule, NFT_CMP_EQ, &flags, sizeof(flags));
	ps_nft_expression(rule, "notrack");
	ps_nft_batch_rule(batch, rule);
}

static void match_state(struct nftnl_rule *rule, uint32_t states)
{
	struct nftnl_expr *state = ps_nft_expression(rule, "ct");
	static const uint32_t zero;

	nftnl_expr_set_u32(state, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
	nftnl_expr_set_u32(state, NFTNL_EXPR_CT_DREG, NFT_REG_1);
	apply_mask(rule, &states, sizeof(states));
	match_equal(rule, NFT_CMP_NEQ, &zero, sizeof(zero));
}

static bool has_wscale(const struct ps_synproxy *synproxy)
{
	return synproxy->option[PS_OPTION_x_tcp_wscale] >= 0;
}

static void add_synproxy(const struct ps_synproxy *synproxy, struct ps_nft_batch *batch,
			 const char *table)
{
	struct nftnl_rule *rule = start_rule(synproxy, table, "forward", TO_SERVER);
	const s64 *option = synproxy->option;
	uint32_t flags = NF_SYNPROXY_OPT_MSS;
	struct nftnl_expr *answer;

	match_state(rule, NF_CT_STATE_INVALID_BIT | NF_CT_STATE_UNTRACKED_BIT);
	answer = ps_nft_expression(rule, "synproxy");
	nftnl_expr_set_u16(answer, NFTNL_EXPR_SYNPROXY_MSS, (uint16_t)option[PS_OPTION_x_tcp_mss]);
	if (has_wscale(synproxy)) {
		nftnl_expr_set_u8(answer, NFTNL_EXPR_SYNPROXY_WSCALE,
				  (uint8_t)option[PS_OPTION_x_tcp_wscale]);
		flags |= NF_SYNPROXY_OPT_WSCALE;
	}
	if (option[PS_OPTION_x_tcp_timestamps])
		flags |= NF_SYNPROXY_OPT_TIMESTAMP;
	if (option[PS_OPTION_x_tcp_sack])
		flags |= NF_SYNPROXY_OPT_SACK_PERM;
	nftnl_expr_set_u32(answer, NFTNL_EXPR_SYNPROXY_FLAGS, flags);
	ps_nft_batch_rule(batch, rule);
}

static void add_drop(const struct ps_synproxy *synproxy, struct ps_nft_batch *batch,
		     const char *table, enum way way)
{
	struct nftnl_rule *rule = start_rule(synproxy, table, "forward", way);
	struct nftnl_expr *verdict;

	match_state(rule, NF_CT_STATE_INVALID_BIT);
	verdict = ps_nft_expression(rule, "immediate");
	nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
	ps_nft_batch_rule(batch, rule);
}

void ps_synproxy_batch(const struct ps_synproxy *synproxy, struct ps_nft_batch *batch)
{
	char table[PS_NFT_NAME];

	ps_synproxy_table(table, synproxy->instance, synproxy->context);
	ps_nft_batch_table(batch, table);
	ps_nft_batch_ports(batch, table, "ports", synproxy->ports, synproxy->n_ports);
	if (is_other(synproxy) && synproxy->n_devices)
		ps_nft_batch_devices(batch, table, "interfaces", synproxy->devices,
				     synproxy->n_devices);
	ps_nft_batch_chain(batch, table, "untrack", NF_INET_PRE_ROUTING, PS_SYNPROXY_RAW);
	ps_nft_batch_chain(batch, table, "untrack_answers", NF_INET_LOCAL_OUT, PS_SYNPROXY_RAW);
	ps_nft_batch_chain(batch, table, "forward", NF_INET_FORWARD, 0);
	add_untracked(synproxy, batch, table, "untrack", TO_SERVER);
	add_untracked(synproxy, batch, table, "untrack_answers", FROM_SERVER);
	add_synproxy(synproxy, batch, table);
	add_drop(synproxy, batch, table, TO_SERVER);
	add_drop(synproxy, batch, table, FROM_SERVER);
}

/* The same as text: what all rules begin with. */
static void print_start(const struct ps_synproxy *synproxy, enum way way)
{
	char address[PS_ITEM_MAX];

	printf("\t\t");
	if (!is_other(synproxy)) {
		ps_format_address(address, &synproxy->id.addr);
		printf("%s %caddr %s ", ps_addr_is_ipv4(&synproxy->id.addr) ? "ip" : "ip6",
		       way == TO_SERVER ? 'd' : 's', address);
	} else if (synproxy->n_devices) {
		printf("%s @interfaces ", way == TO_SERVER ? "iifname" : "oifname");
	}
	printf("tcp %cport @ports ", way == TO_SERVER ? 'd' : 's');
}

static void print_sets(const struct ps_synproxy *synproxy)
{
	char text[PS_ITEM_MAX];
	size_t i;

	printf("\tset ports {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { ");
	for (i = 0; i < synproxy->n_ports; i++) {
		ps_format_interval(text, &synproxy->ports[i]);
		printf("%s%s", i ? ", " : "", text);
	}
	printf(" }\n\t}\n");
	if (!is_other(synproxy) || !synproxy->n_devices)
		return;
	printf("\tset interfaces {\n\t\ttype ifname\n\t\telements = { ");
	for (i = 0; i < synproxy->n_devices; i++)
		printf("%s\"%s\"", i ? ", " : "", synproxy->devices[i]);
	printf(" }\n\t}\n");
}

static void print_chain(const char *name, const char *hook, const char *priority)
{
	printf("\tchain %s {\n\t\ttype filter hook %s priority %s; policy accept;\n", name, hook,
	       priority);
}

void ps_synproxy_print(const struct ps_synproxy *synproxy)
{
	const s64 *option = synproxy->option;
	char table[PS_NFT_NAME];

	ps_synproxy_table(table, synproxy->instance, synproxy->context);
	printf("table inet %s\ndelete table inet %s\ntable inet %s {\n", table, table, table);
	print_sets(synproxy);
	print_chain("untrack", "prerouting", "raw");
	print_start(synproxy, TO_SERVER);
	printf("tcp flags & (fin | syn | rst | ack) == syn notrack\n\t}\n");
	print_chain("untrack_answers", "output", "raw");
	print_start(synproxy, FROM_SERVER);
	printf("tcp flags & (syn | ack) == (syn | ack) notrack\n\t}\n");
	print_chain("forward", "forward", "filter");
	print_start(synproxy, TO_SERVER);
	printf("ct state invalid,untracked synproxy mss %d", (int)option[PS_OPTION_x_tcp_mss]);
	if (has_wscale(synproxy))
		printf(" wscale %d", (int)option[PS_OPTION_x_tcp_wscale]);
	printf("%s%s\n", option[PS_OPTION_x_tcp_timestamps] ? " timestamp" : "",
	       option[PS_OPTION_x_tcp_sack] ? " sack-perm" : "");
	print_start(synproxy, TO_SERVER);
	printf("ct state invalid drop\n");
	print_start(synproxy, FROM_SERVER);
	printf("ct state invalid drop\n\t}\n}\n");
}
