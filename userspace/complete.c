// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See complete.h. What a command takes is what its row in the table says; names
 * of instances and contexts come from the kernel, where it may be asked.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "complete.h"
#include "view.h"

static bool takes(const struct ps_command *command, const char *what)
{
	return strstr(command->arguments, what);
}

static void print_commands(void)
{
	const struct ps_command *const *command;

	for (command = ps_commands; *command; command++)
		puts((*command)->name);
	puts("--help\n--version");
}

static void print_flags(const struct ps_command *command)
{
	const struct ps_flag *flag;

	for (flag = command->flags; flag->name; flag++)
		puts(flag->name);
	puts("--help");
}

/* The names of all instances, or of one's contexts. */
static void print_objects(const struct ps_place *place)
{
	struct ps_views views;
	struct ps_link link;
	size_t i;

	if (ps_link_open(&link))
		return;
	if (!ps_view_read(&link, place, &views))
		for (i = 0; i < views.count; i++) {
			if (place->instance && views.view[i]->place.context[0])
				puts(views.view[i]->place.context);
			else if (!place->instance && !views.view[i]->place.context[0])
				puts(views.view[i]->name);
		}
	ps_view_free(&views);
	ps_link_close(&link);
}

static void print_settings(const struct ps_command *command, const struct ps_place *place)
{
	int i;

	for (i = 0; i < PS_OPTIONS && !takes(command, "LIST"); i++)
		if (ps_names_has(place, ps_option[i].scope))
			puts(ps_option[i].name);
	for (i = 0; i < PS_LISTS; i++)
		if (ps_names_has(place, ps_list[i].scope))
			puts(ps_list[i].name);
}

static void print_first(const struct ps_command *command)
{
	struct ps_place all = {};

	print_objects(&all);
	if (takes(command, "instances"))
		puts("instances");
}

/* Of a command whose first word is one of a few, "follow|target ...". */
static void print_alternatives(const struct ps_command *command)
{
	const char *word = command->arguments;
	size_t length = strcspn(word, "| ");

	while (word[length] == '|') {
		printf("%.*s\n", (int)length, word);
		word += length + 1;
		length = strcspn(word, "| ");
		if (word[length] != '|')
			printf("%.*s\n", (int)length, word);
	}
}

/* Behind INSTANCE [CONTEXT]. */
static void print_next(const struct ps_command *command, char **text, int count)
{
	struct ps_place place;
	int used;

	if (!strcmp(text[0], "instances") || ps_names_place(text, count, &place, &used) ||
	    count > used)
		return;
	if (!place.context[0] && takes(command, "CONTEXT"))
		print_objects(&place);
	if (takes(command, "NAME") || takes(command, "LIST"))
		print_settings(command, &place);
}

void ps_complete(int argc, char **argv)
{
	const struct ps_command *command = argc > 1 ? ps_command_find(argv[0]) : NULL;
	char *text[8];
	int i, count = 0;

	if (argc < 2) {
		print_commands();
		return;
	}
	if (!command)
		return;
	if (argv[argc - 1][0] == '-') {
		print_flags(command);
		return;
	}
	for (i = 1; i < argc - 1 && count < 8; i++)
		if (argv[i][0] != '-')
			text[count++] = argv[i];
	if (!count && takes(command, "INSTANCE"))
		print_first(command);
	else if (!count)
		print_alternatives(command);
	else if (takes(command, "INSTANCE"))
		print_next(command, text, count);
}
