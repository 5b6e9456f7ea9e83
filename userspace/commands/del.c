// SPDX-License-Identifier: GPL-2.0-or-later
/* del: the reverse of add. */
#include "command.h"
#include "edit.h"

static int run(const struct ps_arguments *arguments)
{
	return ps_edit_run(PS_ITEM_REMOVE, arguments->text, arguments->count);
}

const struct ps_command ps_command_del = {
	.name = "del",
	.arguments = "INSTANCE [CONTEXT] LIST ITEM... | instances NAME...",
	.summary = "remove items from a list",
	.help = "Removes items from a list; see add. An instance goes with all it has, and its\n"
		"interfaces aren't protected any more.\n\n"
		"    packetshield del myinst Other b_sources 10.0.4.10-20\n"
		"    packetshield del myinst Other new_cookie_toggled 10.2.3.5\n"
		"    packetshield del instances myinst",
	.min = 2,
	.max = -1,
	.run = run,
};
