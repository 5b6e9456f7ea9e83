// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of commands, and their command lines; see command.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "suggest.h"

const struct ps_command *const ps_commands[] = {
#define PS_COMMAND(name) &ps_command_##name,
#include "commands.def"
#undef PS_COMMAND
	NULL,
};

const struct ps_command *ps_command_find(const char *name)
{
	const struct ps_command *const *command;

	for (command = ps_commands; *command; command++)
		if (!strcmp((*command)->name, name))
			return *command;
	return NULL;
}

static int find_flag(const struct ps_command *command, const char *name, size_t length)
{
	int i;

	for (i = 0; command->flags[i].name; i++)
		if (strlen(command->flags[i].name) == length &&
		    !strncmp(command->flags[i].name, name, length))
			return i;
	return -1;
}

const char *ps_command_flag(const struct ps_arguments *arguments, const char *name)
{
	int i = find_flag(arguments->command, name, strlen(name));

	return i < 0 ? NULL : arguments->flag[i];
}

static int refuse_flag(const struct ps_command *command, const char *word)
{
	struct ps_suggest suggest = PS_SUGGEST(word);
	int i;

	ps_print_error("%s has no option \"%s\"", command->name, word);
	for (i = 0; command->flags[i].name; i++)
		ps_suggest_try(&suggest, command->flags[i].name);
	ps_suggest_try(&suggest, "--help");
	if (suggest.best)
		ps_suggest_tell(&suggest);
	else
		ps_print_hint("see packetshield %s --help", command->name);
	return PS_EXIT_USAGE;
}

/* Whether a value that may be left out is what follows: only numbers are. */
static bool is_number(const char *word)
{
	return word && *word && word[strspn(word, "0123456789.")] == '\0';
}

/* One flag, at argv[0]: the words it takes, or 0 after a message. */
static int parse_flag(const struct ps_command *command, int argc, char **argv,
		      struct ps_arguments *arguments)
{
	const char *equals = strchr(argv[0], '='), *next = argc > 1 ? argv[1] : NULL;
	size_t length = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
	int i = find_flag(command, argv[0], length);
	const struct ps_flag *flag = &command->flags[i < 0 ? 0 : i];

	if (i < 0) {
		refuse_flag(command, argv[0]);
		return 0;
	}
	arguments->flag[i] = equals ? equals + 1 : "";
	if (equals && !flag->value) {
		ps_print_error("%s: %s takes no value", command->name, flag->name);
		return 0;
	}
	if (equals || !flag->value || (flag->is_optional && !is_number(next)))
		return 1;
	if (!next) {
		ps_print_error("%s: %s needs %s", command->name, flag->name, flag->value);
		return 0;
	}
	arguments->flag[i] = next;
	return 2;
}

static bool is_flag(const char *word)
{
	return word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]);
}

static int check_count(const struct ps_command *command, const struct ps_arguments *arguments)
{
	if (arguments->count >= command->min &&
	    (command->max < 0 || arguments->count <= command->max))
		return PS_EXIT_OK;
	if (arguments->count < command->min)
		ps_print_error("%s: too few arguments", command->name);
	else
		ps_print_error("%s: too many arguments, from \"%s\" on", command->name,
			       arguments->text[command->max]);
	ps_print_hint("usage: packetshield %s %s", command->name, command->arguments);
	return PS_EXIT_USAGE;
}

int ps_command_parse(const struct ps_command *command, int argc, char **argv,
		     struct ps_arguments *arguments)
{
	bool flags = true;
	int i = 0, used;

	*arguments = (struct ps_arguments){ .command = command, .text = argv };
	while (i < argc) {
		if (flags && !strcmp(argv[i], "--")) {
			flags = false;
			i++;
		} else if (flags && is_flag(argv[i])) {
			used = parse_flag(command, argc - i, argv + i, arguments);
			if (!used)
				return PS_EXIT_USAGE;
			i += used;
		} else {
			argv[arguments->count++] = argv[i++];
		}
	}
	return check_count(command, arguments);
}

void ps_command_help(const struct ps_command *command)
{
	struct ps_table table = { .columns = 2, .left = 2 };
	const struct ps_flag *flag;

	printf("usage: packetshield %s %s\n\n%s\n", command->name, command->arguments,
	       command->help);
	for (flag = command->flags; flag->name; flag++) {
		ps_table_add(&table, PS_PLAIN, "  %s%s%s%s%s", flag->name, flag->value ? " " : "",
			     flag->is_optional ? "[" : "", flag->value ? flag->value : "",
			     flag->is_optional ? "]" : "");
		ps_table_add(&table, PS_PLAIN, "%s", flag->doc);
	}
	if (table.count)
		printf("\noptions:\n");
	ps_table_print(&table);
}

void ps_command_help_all(void)
{
	struct ps_table table = { .columns = 2, .left = 2 };
	const struct ps_command *const *command;

	printf("usage: packetshield COMMAND [ARGUMENT...]\n\ncommands:\n");
	for (command = ps_commands; *command; command++) {
		ps_table_add(&table, PS_PLAIN, "  %s", (*command)->name);
		ps_table_add(&table, PS_PLAIN, "%s", (*command)->summary);
	}
	ps_table_print(&table);
	printf("\npacketshield COMMAND --help tells more; so does packetshield(8).\n"
	       "Exit codes: 0 done, 1 refused or failed, 2 wrong arguments,\n"
	       "3 no module or not permitted.\n");
}
