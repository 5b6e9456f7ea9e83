// SPDX-License-Identifier: GPL-2.0-or-later
/* nft: what has to do with nftables. Each of its words is a file in the directory above. */
#include <string.h>

#include "command.h"
#include "nft.h"
#include "print.h"
#include "suggest.h"

static const struct {
	const char *name;
	int (*run)(const struct ps_arguments *arguments);
} words[] = {
	{ "follow", ps_nft_follow },
	{ "synproxy", ps_nft_synproxy },
	{ "target", ps_nft_target },
};

static int run(const struct ps_arguments *arguments)
{
	struct ps_suggest suggest = PS_SUGGEST(arguments->text[0]);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(words[i].name, arguments->text[0]))
			return words[i].run(arguments);
		ps_suggest_try(&suggest, words[i].name);
	}
	ps_print_error("nft: \"%s\" is none of follow, synproxy, target", arguments->text[0]);
	if (suggest.best)
		ps_suggest_tell(&suggest);
	return PS_EXIT_USAGE;
}

const struct ps_command ps_command_nft = {
	.name = "nft",
	.arguments = "follow|synproxy|target ...",
	.summary = "work together with nftables",
	.help = "packetshield nft follow [FAMILY] TABLE SET INSTANCE CONTEXT\n"
		"\n"
		"Keeps b_sources of the context equal to a set of nftables, of the type\n"
		"ipv4_addr or ipv6_addr, until it is ended. Addresses of the other family stay\n"
		"as they are: a second one may follow a set of those. What expires in the set\n"
		"leaves the list. A set that is deleted is empty, until it comes back. It ends\n"
		"with code 3 when the module is removed.\n"
		"\n"
		"    packetshield nft follow inet f2b-table addr-set-sshd myinst Other\n"
		"\n"
		"packetshield nft synproxy INSTANCE [CONTEXT]\n"
		"\n"
		"Writes the rules that complete the connections of x_tcp_ports, with options\n"
		"equal to x_tcp_*, into a table of its own for each context; to be called again\n"
		"after changes of these. Without CONTEXT: for all contexts with such ports.\n"
		"\n"
		"packetshield nft target INSTANCE\n"
		"\n"
		"Puts the target PACKETSHIELD into chains of a table of its own, at prerouting\n"
		"and output with the priority raw, for both families.",
	.min = 1,
	.max = 6,
	.flags = {
		{ .name = "--list", .value = "NAME",
		  .doc = "follow: the list of sources to keep, instead of b_sources" },
		{ .name = "--once", .doc = "follow: make it equal, and end" },
		{ .name = "--every", .value = "SECONDS",
		  .doc = "follow: how often all is compared; 60, or 1 for dynamic sets" },
		{ .name = "--remove", .doc = "synproxy, target: remove what was written" },
		{ .name = "--print", .doc = "synproxy: print the rules for nft, change nothing" },
	},
	.run = run,
};
