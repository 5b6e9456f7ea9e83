// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes packetshield.8 from the table of commands and options.def: man
 * DIRECTORY. What --help says is in the page, word for word.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/version.h"
#include "command.h"
#include "config.h"
#include "parse.h"

static FILE *page;

/* A text as roff has to see it. */
static void put(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (text[i] == '\\')
			fputs("\\e", page);
		else if (text[i] == '-')
			fputs("\\-", page);
		else if (!i && (text[i] == '.' || text[i] == '\''))
			fprintf(page, "\\&%c", text[i]);
		else
			fputc(text[i], page);
	}
}

static void put_all(const char *text)
{
	put(text, strlen(text));
}

/* Paragraphs as of struct ps_command: empty lines between, examples indented. */
static void put_help(const char *help)
{
	bool example = false, indented;
	size_t length;

	for (; *help; help += length + (help[length] == '\n')) {
		length = strcspn(help, "\n");
		indented = length > 4 && !strncmp(help, "    ", 4);
		if (indented && !example)
			fputs(".PP\n.RS 4\n.EX\n", page);
		if (!indented && example)
			fputs(".EE\n.RE\n", page);
		if (!length && !example && strncmp(help + 1, "    ", 4))
			fputs(".PP\n", page);
		if (!length && example)
			fputs(".PP\n", page);
		example = indented;
		if (length) {
			put(help + (indented ? 4 : 0), length - (indented ? 4 : 0));
			fputc('\n', page);
		}
	}
	if (example)
		fputs(".EE\n.RE\n", page);
}

static void put_flag(const struct ps_flag *flag)
{
	fputs(".TP\n\\fB", page);
	put_all(flag->name);
	fputs("\\fR", page);
	if (flag->value)
		fprintf(page, flag->is_optional ? " [\\fI%s\\fR]" : " \\fI%s\\fR", flag->value);
	fputc('\n', page);
	put_all(flag->doc);
	fputs(".\n", page);
}

static void put_command(const struct ps_command *command)
{
	const struct ps_flag *flag;

	fputs(".SS \"", page);
	put_all(command->name);
	fputc(' ', page);
	put_all(command->arguments);
	fputs("\"\n", page);
	put_help(command->help);
	for (flag = command->flags; flag->name; flag++)
		put_flag(flag);
}

static const char *scope_text(enum ps_scope scope)
{
	switch (scope) {
	case PS_SCOPE_CONTEXT:
		return "INSTANCE CONTEXT";
	case PS_SCOPE_OTHER:
		return "INSTANCE Other";
	default:
		return "INSTANCE";
	}
}

static void put_option(const struct ps_option *option)
{
	char initial[PS_ITEM_MAX], min[PS_ITEM_MAX], max[PS_ITEM_MAX];

	ps_option_format(option, initial, option->initial);
	ps_option_format(option, min, option->min);
	ps_option_format(option, max, option->max);
	fprintf(page, ".TP\n\\fI%s\\fR \\fB%s\\fR\n", scope_text(option->scope), option->name);
	put_all(option->doc);
	fputs(".\n.br\n", page);
	put_all(option->unit);
	fputs("; ", page);
	put_all(min);
	fputs(" to ", page);
	put_all(max);
	fputs(", default ", page);
	put_all(initial);
	fputc('\n', page);
}

static void put_list(const struct ps_list *list)
{
	fprintf(page, ".TP\n\\fI%s\\fR \\fB%s\\fR\n", scope_text(list->scope), list->name);
	put_all(list->doc);
	fputs(".\n.br\nItem: ", page);
	put_all(list->unit);
	if (list->limit)
		fprintf(page, "; at most %u", list->limit);
	fputc('\n', page);
}

static void put_settings(void)
{
	int i;

	fputs(".SH OPTIONS AND LISTS\n"
	      "Each is also a file below\n.IR /sys/packetshield .\n.SS Options\n", page);
	for (i = 0; i < PS_OPTIONS; i++)
		put_option(&ps_option[i]);
	fputs(".SS Lists\n", page);
	for (i = 0; i < PS_LISTS; i++)
		put_list(&ps_list[i]);
}

static void put_page(void)
{
	const struct ps_command *const *command;

	fprintf(page, ".\\\" Made by `make docs` from the tables of commands and options: change "
		      "those.\n.TH PACKETSHIELD 8 \"\" \"packetshield %s\"\n", PS_VERSION);
	fputs(".SH NAME\npacketshield \\- configure and watch the PacketShield kernel module\n"
	      ".SH SYNOPSIS\n.B packetshield\n.I COMMAND\n.RI [ ARGUMENT ...]\n.br\n"
	      ".B packetshield\n.RI [ COMMAND ]\n.B \\-\\-help\n.br\n"
	      ".B packetshield \\-\\-version\n"
	      ".SH DESCRIPTION\n"
	      "An instance protects network interfaces; its contexts have rules for one\n"
	      "destination each,\n.IR ADDRESS \" or \" ADDRESS@VLAN ;\n"
	      "what has no context is judged by the context Other. Instances belong to the\n"
	      "network namespace in which the command is run. What is set is set until the\n"
	      "instance or the module goes.\n.SH COMMANDS\n", page);
	for (command = ps_commands; *command; command++)
		put_command(*command);
	put_settings();
	fputs(".SH EXIT STATUS\n"
	      ".TP\n.B 0\nDone.\n"
	      ".TP\n.B 1\nRefused by the kernel, or failed; nothing has changed but what is said.\n"
	      ".TP\n.B 2\nWrong arguments: the kernel wasn't asked.\n"
	      ".TP\n.B 3\nThe module isn't loaded, or the user isn't permitted.\n"
	      ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nIf set, no colours. Without a terminal there are "
	      "none.\n"
	      ".SH SEE ALSO\n.BR packetshield.conf (5),\n.BR nft (8),\n.BR iptables (8)\n", page);
}

int main(int argc, char **argv)
{
	char path[4096];

	if (argc != 2) {
		fprintf(stderr, "usage: man DIRECTORY\n");
		return 2;
	}
	snprintf(path, sizeof(path), "%s/packetshield.8", argv[1]);
	page = fopen(path, "w");
	if (page)
		put_page();
	if (!page || fclose(page)) {
		perror(path);
		return 1;
	}
	return 0;
}
