// SPDX-License-Identifier: GPL-2.0-or-later
/* The tool packetshield: finds the command and runs it; see command.h. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../kernel/version.h"
#include "command.h"
#include "complete.h"
#include "print.h"
#include "suggest.h"

static int refuse_command(const char *name)
{
	struct ps_suggest suggest = PS_SUGGEST(name);
	const struct ps_command *const *command;

	ps_print_error("there is no command \"%s\"", name);
	for (command = ps_commands; *command; command++)
		ps_suggest_try(&suggest, (*command)->name);
	if (suggest.best)
		ps_suggest_tell(&suggest);
	else
		ps_print_hint("packetshield --help lists the commands");
	return PS_EXIT_USAGE;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int run(const struct ps_command *command, int argc, char **argv)
{
	struct ps_arguments arguments;
	int i, result;

	for (i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		if (is_help(argv[i])) {
			ps_command_help(command);
			return PS_EXIT_OK;
		}
	}
	result = ps_command_parse(command, argc, argv, &arguments);
	return result ? result : command->run(&arguments);
}

int main(int argc, char **argv)
{
	const struct ps_command *command;
	int result = PS_EXIT_OK, last;

	/* A closed pipe is an error of writing, which is told where it matters. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		ps_print_error("no command is given");
		ps_print_hint("packetshield --help lists the commands");
		return PS_EXIT_USAGE;
	}
	command = ps_command_find(argv[1]);
	if (command) {
		result = run(command, argc - 2, argv + 2);
	} else if (is_help(argv[1])) {
		ps_command_help_all();
	} else if (!strcmp(argv[1], "--complete")) {
		ps_complete(argc - 2, argv + 2);
	} else if (!strcmp(argv[1], "--version")) {
		printf("packetshield %s\n", PS_VERSION);
	} else {
		return refuse_command(argv[1]);
	}
	last = ps_print_finish();
	return result ? result : last;
}
