// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What iptables and ip6tables, legacy and nft, need to read, print and save
 * rules with the target PACKETSHIELD.
 *
 * Whether the instance exists is the kernel's to say, for only it knows which
 * namespace the rule is for; what it answers is one of few words, so a hint is
 * printed here if the instance can't be seen.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xtables.h>

#include "../include/packetshield/xt_PACKETSHIELD.h"

#define PS_SYSFS "/sys/packetshield"

enum { PS_INSTANCE };

static const struct xt_option_entry ps_options[] = {
	{
		.name = "instance",
		.id = PS_INSTANCE,
		.type = XTTYPE_STRING,
		.flags = XTOPT_MAND | XTOPT_PUT,
		.min = 1,
		.max = XT_PACKETSHIELD_NAME_SIZE - 1,
		XTOPT_POINTER(struct xt_packetshield_info, instance),
	},
	XTOPT_TABLEEND,
};

static void ps_help(void)
{
	printf("PACKETSHIELD target options:\n"
	       "  --instance NAME       instance of PacketShield that judges the packets\n");
}

static void ps_check(struct xt_fcheck_call *call)
{
	const struct xt_packetshield_info *info = call->data;
	char path[sizeof(PS_SYSFS) + 1 + XT_PACKETSHIELD_NAME_SIZE];

	if (strchr(info->instance, '/'))
		xtables_error(PARAMETER_PROBLEM, "PACKETSHIELD: \"%s\" is no name of an instance",
			      info->instance);
	snprintf(path, sizeof(path), PS_SYSFS "/%s", info->instance);
	if (access(PS_SYSFS, F_OK) && !access("/sys/kernel", F_OK))
		fprintf(stderr, "PACKETSHIELD: there is no " PS_SYSFS
				": the module packetshield isn't loaded\n");
	else if (access(path, F_OK))
		fprintf(stderr, "PACKETSHIELD: no instance \"%s\" in " PS_SYSFS
				"/instances\n", info->instance);
}

static void ps_print(const void *ip, const struct xt_entry_target *target, int numeric)
{
	const struct xt_packetshield_info *info = (const void *)target->data;

	(void)ip;
	(void)numeric;
	printf(" PACKETSHIELD instance %s", info->instance);
}

static void ps_save(const void *ip, const struct xt_entry_target *target)
{
	const struct xt_packetshield_info *info = (const void *)target->data;

	(void)ip;
	printf(" --instance %s", info->instance);
}

static struct xtables_target ps_target = {
	.version = XTABLES_VERSION,
	.name = "PACKETSHIELD",
	.family = NFPROTO_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_packetshield_info)),
	.userspacesize = offsetof(struct xt_packetshield_info, kernel),
	.help = ps_help,
	.x6_parse = xtables_option_parse,
	.x6_fcheck = ps_check,
	.x6_options = ps_options,
	.print = ps_print,
	.save = ps_save,
};

static void __attribute__((constructor)) ps_register(void)
{
	xtables_register_target(&ps_target);
}
