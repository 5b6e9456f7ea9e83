// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft target: the target PACKETSHIELD in a table of the family inet, which nft
 * itself has no word for. Nothing need be attached to the instance then.
 */
#include <stdio.h>

#include <errno.h>
#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include <packetshield/xt_PACKETSHIELD.h>

#include "command.h"
#include "nft_batch.h"
#include "print.h"

#define PS_TARGET_RAW (-300) /* priority */

struct target {
	char table[PS_NFT_NAME];
	bool is_there;
};

static void take_table(const char *name, void *data)
{
	struct target *target = data;

	if (!strcmp(name, target->table))
		target->is_there = true;
}

static void add_rule(struct ps_nft_batch *batch, const char *table, const char *chain,
		     const char *instance)
{
	struct nftnl_rule *rule = ps_nft_batch_new_rule(table, chain);
	struct nftnl_expr *target = ps_nft_expression(rule, "target");
	struct xt_packetshield_info *info = calloc(1, sizeof(*info));

	if (!info) {
		ps_print_error("out of memory");
		exit(PS_EXIT_FAILED);
	}
	snprintf(info->instance, sizeof(info->instance), "%s", instance);
	nftnl_expr_set_str(target, NFTNL_EXPR_TG_NAME, "PACKETSHIELD");
	nftnl_expr_set_u32(target, NFTNL_EXPR_TG_REV, 0);
	/* It's the expression's from here on. */
	nftnl_expr_set(target, NFTNL_EXPR_TG_INFO, info, sizeof(*info));
	ps_nft_batch_rule(batch, rule);
}

static int refuse(const char *instance, int error)
{
	if (error == -ENOENT) {
		ps_print_error("nft target: there is no instance \"%s\", or the kernel lacks the "
			       "target PACKETSHIELD or nft_compat",
			       instance);
		return PS_EXIT_FAILED;
	}
	ps_print_error("nft target: nftables refused: %s", strerror(-error));
	if (error != -EPERM)
		return PS_EXIT_FAILED;
	ps_print_hint("run it as root of this network namespace");
	return PS_EXIT_UNAVAILABLE;
}

static int write_rules(struct ps_nft *nft, const char *instance, bool removes)
{
	struct target target = {};
	struct ps_nft_batch batch;
	int error;

	snprintf(target.table, sizeof(target.table), "packetshield_target/%s", instance);
	error = ps_nft_tables(nft, take_table, &target);
	if (error)
		return refuse(instance, error);
	ps_nft_batch_begin(&batch, nft);
	if (removes && target.is_there)
		ps_nft_batch_no_table(&batch, target.table);
	if (!removes) {
		ps_nft_batch_table(&batch, target.table);
		ps_nft_batch_chain(&batch, target.table, "incoming", NF_INET_PRE_ROUTING,
				   PS_TARGET_RAW);
		ps_nft_batch_chain(&batch, target.table, "outgoing", NF_INET_LOCAL_OUT,
				   PS_TARGET_RAW);
		add_rule(&batch, target.table, "incoming", instance);
		add_rule(&batch, target.table, "outgoing", instance);
	}
	error = ps_nft_batch_commit(&batch);
	return error ? refuse(instance, error) : PS_EXIT_OK;
}

int ps_nft_target(const struct ps_arguments *arguments)
{
	const char *instance = arguments->count == 2 ? arguments->text[1] : "";
	struct ps_nft nft;
	int result;

	if (arguments->count != 2) {
		ps_print_error("nft target: INSTANCE is needed");
		return PS_EXIT_USAGE;
	}
	if (ps_parse_instance_name(instance, strlen(instance))) {
		ps_print_error("nft target: \"%s\" can't be the name of an instance", instance);
		return PS_EXIT_USAGE;
	}
	result = ps_nft_open(&nft, false);
	if (result)
		return result;
	result = write_rules(&nft, instance, ps_command_flag(arguments, "--remove"));
	ps_nft_close(&nft);
	return result;
}
