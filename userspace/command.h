/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of the tool. Each is one file in commands/ that has one constant
 * struct ps_command ps_command_<name> and a line in commands.def; dispatch,
 * --help, the man page and the completion of words derive from these.
 */
#ifndef PS_COMMAND_H
#define PS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* What the tool exits with, and what nearly all functions of it return. */
enum ps_exit {
	PS_EXIT_OK,
	PS_EXIT_FAILED,		/* the kernel refused, or a file can't be applied */
	PS_EXIT_USAGE,		/* wrong arguments */
	PS_EXIT_UNAVAILABLE,	/* no module, or not permitted */
};

#define PS_FLAGS_MAX	10

/**
 * struct ps_flag - an option of a command
 * @name: "--json"
 * @value: what its value is called, "SECONDS"; NULL where it has none
 * @is_optional: the value may be left out
 * @doc: one sentence, without full stop
 */
struct ps_flag {
	const char *name;
	const char *value;
	bool is_optional;
	const char *doc;
};

#define PS_FLAG_JSON { .name = "--json", .doc = "print JSON" }

/**
 * struct ps_arguments - what a command was called with
 * @command: whose they are
 * @flag: by the rows of its flags: NULL where it wasn't given, its value, or ""
 * @text: the other arguments
 * @count: of @text
 */
struct ps_arguments {
	const struct ps_command *command;
	const char *flag[PS_FLAGS_MAX];
	char **text;
	int count;
};

/**
 * struct ps_command - a row of the table of commands
 * @name: as typed
 * @arguments: "INSTANCE [CONTEXT] NAME VALUE..."
 * @summary: one line, begins in lower case, without full stop
 * @help: paragraphs for --help and the man page, lines of 78 bytes at most,
 *	  paragraphs apart by an empty line, examples indented by four blanks
 * @min: arguments at least
 * @max: at most; -1: any number
 * @flags: ends with a row without name; at most PS_FLAGS_MAX
 * @run: do it; returns enum ps_exit
 */
struct ps_command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help;
	int min;
	int max;
	struct ps_flag flags[PS_FLAGS_MAX + 1];
	int (*run)(const struct ps_arguments *arguments);
};

#define PS_COMMAND(name) extern const struct ps_command ps_command_##name;
#include "commands.def"
#undef PS_COMMAND

/* The rows, in alphabetical order, and a NULL. */
extern const struct ps_command *const ps_commands[];

/* The command called so, or NULL. */
const struct ps_command *ps_command_find(const char *name);

/* A flag's value: NULL where it wasn't given, "" where it came without one. */
const char *ps_command_flag(const struct ps_arguments *arguments, const char *name);

/**
 * ps_command_parse() - sort the words of a command line
 * @command: the command
 * @argc: number of words behind its name
 * @argv: they; reordered
 * @arguments: out
 *
 * A word that is "-", or a minus and a digit, is no flag; behind "--" none is.
 *
 * Return: PS_EXIT_OK, or PS_EXIT_USAGE after a message.
 */
int ps_command_parse(const struct ps_command *command, int argc, char **argv,
		     struct ps_arguments *arguments);

/* --help of a command, and of the tool. */
void ps_command_help(const struct ps_command *command);
void ps_command_help_all(void);

#endif
