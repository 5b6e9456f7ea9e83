// SPDX-License-Identifier: GPL-2.0-or-later
/* check: whether a configuration file could be applied. */
#include <stdio.h>

#include "command.h"
#include "config_file.h"
#include "print.h"

static int run(const struct ps_arguments *arguments)
{
	const char *path = arguments->text[0];
	struct ps_model model;
	int result;

	result = ps_config_file_read(&model, path);
	if (!result) {
		ps_config_file_warn(&model);
		printf("%s: good, %u %s\n", path, model.instances,
		       model.instances == 1 ? "instance" : "instances");
	}
	ps_model_free(&model);
	return result;
}

const struct ps_command ps_command_check = {
	.name = "check",
	.arguments = "FILE",
	.summary = "tell what is wrong with a configuration file",
	.help = "Reads a configuration file (packetshield.conf(5)) as apply does, and tells all\n"
		"its errors with line and column. Needs neither the module nor rights. What\n"
		"only this host can tell, such as whether an interface exists, it doesn't ask.\n"
		"FILE may be -, standard input.\n\n"
		"    packetshield check /etc/packetshield.conf",
	.min = 1,
	.max = 1,
	.run = run,
};
