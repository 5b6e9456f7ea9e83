// SPDX-License-Identifier: GPL-2.0-or-later
/* add: items to lists; instances, contexts and interfaces are such items. */
#include "command.h"
#include "edit.h"

static int run(const struct ps_arguments *arguments)
{
	return ps_edit_run(PS_ITEM_ADD, arguments->text, arguments->count);
}

const struct ps_command ps_command_add = {
	.name = "add",
	.arguments = "INSTANCE [CONTEXT] LIST ITEM... | instances NAME...",
	.summary = "add items to a list: sources, ports, contexts, interfaces",
	.help = "Adds items to a list. Instances, and an instance's interfaces and contexts,\n"
		"are lists too. The item - stands for the lines of standard input; there, blank\n"
		"lines are nothing, and # begins a comment.\n\n"
		"    packetshield add instances myinst\n"
		"    packetshield add myinst ifaces eth0\n"
		"    packetshield add myinst contexts 10.2.3.5 10.2.3.5@100\n"
		"    packetshield add myinst 10.2.3.5 p_tcp_ports 80 443 8000-8099\n"
		"    packetshield add myinst Other b_sources - <denied\n"
		"    packetshield add myinst Other new_cookie_toggled 10.2.3.5\n\n"
		"All items are checked before the kernel is asked. Up to 1024 are added\n"
		"together or not at all, more in such parts; interfaces, and contexts whose\n"
		"protections are switched on, one after the other. set replaces a list of any\n"
		"length in one step.",
	.min = 2,
	.max = -1,
	.run = run,
};
