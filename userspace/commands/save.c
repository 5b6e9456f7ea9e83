// SPDX-License-Identifier: GPL-2.0-or-later
/* save: the configuration as a file. */
#include <string.h>

#include "command.h"
#include "config_file.h"
#include "print.h"
#include "replace.h"
#include "state.h"

static bool write_model(const void *model, FILE *to)
{
	return ps_config_file_write(model, to);
}

static int run(const struct ps_arguments *arguments)
{
	const char *path = arguments->count ? arguments->text[0] : "-";
	struct ps_model model = {};
	struct ps_link link;
	int result;

	result = ps_link_open(&link);
	if (result)
		return result;
	result = ps_state_read(&link, &model);
	ps_link_close(&link);
	if (!result && strcmp(path, "-"))
		result = ps_replace_file(path, 0600, write_model, &model);
	else if (!result)
		result = ps_config_file_write(&model, stdout) ? PS_EXIT_OK : PS_EXIT_FAILED;
	ps_model_free(&model);
	return result;
}

const struct ps_command ps_command_save = {
	.name = "save",
	.arguments = "[FILE]",
	.summary = "write the configuration to a file",
	.help = "Writes what this network namespace has as a configuration file\n"
		"(packetshield.conf(5)), to FILE or to standard output. What has its default\n"
		"isn't told; protections are in it where they were switched on by hand. To\n"
		"apply what was saved changes nothing. FILE is replaced as a whole, when all is\n"
		"on the disk; it keeps its owner and mode.\n\n"
		"    packetshield save /etc/packetshield.conf",
	.min = 0,
	.max = 1,
	.run = run,
};
