// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes packetshield.8 and packetshield.conf.5 from the table of commands and
 * options.def: man DIRECTORY. What --help says is in the page, word for word.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernel/version.h"
#include "command.h"
#include "config.h"
#include "names.h"
#include "parse.h"

static FILE *page;
static bool of_file;	/* the page is about the configuration file */

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

static const char *scope_path(enum ps_scope scope)
{
	switch (scope) {
	case PS_SCOPE_CONTEXT:
		return "INSTANCE/CONTEXT/";
	case PS_SCOPE_OTHER:
		return "INSTANCE/Other/";
	default:
		return "INSTANCE/";
	}
}

static void put_name(enum ps_scope scope, const char *name)
{
	fputs(".TP\n\\fI", page);
	put_all(of_file ? scope_path(scope) : ps_names_scope(scope));
	fprintf(page, "\\fR%s\\fB%s\\fR\n", of_file ? "" : " ", name);
}

static void put_option(const struct ps_option *option)
{
	char initial[PS_ITEM_MAX], min[PS_ITEM_MAX], max[PS_ITEM_MAX];

	ps_option_format(option, initial, option->initial);
	ps_option_format(option, min, option->min);
	ps_option_format(option, max, option->max);
	put_name(option->scope, option->name);
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
	put_name(list->scope, list->name);
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

static void put_tool_page(void)
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

/* Paragraphs of the page about the file, as of struct ps_command.help. */
static const char file_help[] =
	"The file says what one network namespace has. \"packetshield apply FILE\" makes it\n"
	"so, at once or not at all; \"packetshield check FILE\" tells what is wrong with a\n"
	"file, and \"packetshield save FILE\" writes one.\n"
	"\n"
	"Each line is a path relative to /sys/packetshield, blanks, and a value:\n"
	"\n"
	"    instances edge\n"
	"    edge/ifaces eth0\n"
	"    edge/ack_session_timeout 300\n"
	"    edge/contexts 198.51.100.7, 2001:db8::7@100\n"
	"    edge/Other/p_tcp_ports 80,443\n"
	"    edge/198.51.100.7/w_tcp_ports 22\n"
	"    edge/198.51.100.7/w_tcp_ports 8000-8010\n"
	"\n"
	"Several items of a list stand on several lines, or have commas between. What\n"
	"stands behind a # that begins a line or follows a blank is a comment; empty lines\n"
	"are ignored. Lines may stand in any order, but an instance must be named by a line\n"
	"\"instances\", and a context by a line \"contexts\" of its instance; every instance has\n"
	"the context Other. An option is set once at most.\n"
	"\n"
	"What no line says isn't there, or has its default: interfaces are detached, contexts\n"
	"and instances removed, lists emptied. What stays is not touched: its sessions and\n"
	"statistics go on.\n"
	"\n"
	"Where two lists can't have the same item, such as b_sources and w_sources or the\n"
	"port lists of a protocol, the later line takes it from the list of the earlier one:\n"
	"\n"
	"    edge/Other/b_sources 10.0.0.0/8\n"
	"    edge/Other/w_sources 10.1.2.3\n"
	"\n"
	"The value \"keep\" of geoip4 or geoip6 stands for the countries that the kernel has\n"
	"already, such as \"packetshield load-geoip\" has loaded: without it, and without lines\n"
	"of their own, they go. That of cluster_secret stands for the secret that is there,\n"
	"which can't be read: a file is refused where there is none, or, with --confirm, where\n"
	"the secret would change. Contexts in a list that ends in _toggled have that protection\n"
	"switched on by hand; those that are on by themselves stay as they are.\n"
	"\n"
	"An error is told with the file's name, line and column, a reason and, where there is\n"
	"one, a hint. All errors of a file are told, the first 20 in full.";

static void put_file_page(void)
{
	of_file = true;
	fprintf(page, ".\\\" Made by `make docs` from the table of options: change that.\n"
		      ".TH PACKETSHIELD.CONF 5 \"\" \"packetshield %s\"\n", PS_VERSION);
	fputs(".SH NAME\npacketshield.conf \\- configuration file of PacketShield\n"
	      ".SH SYNOPSIS\n.I INSTANCE\\c\n.RI / NAME\n.I VALUE\n.br\n"
	      ".I INSTANCE\\c\n.RI / CONTEXT / NAME\n.I VALUE\n"
	      ".SH DESCRIPTION\n", page);
	put_help(file_help);
	put_settings();
	fputs(".SH EXAMPLE\n.I docs/example.conf\nin the sources is a file with comments.\n"
	      ".SH SEE ALSO\n.BR packetshield (8)\n", page);
}

static int write_page(const char *directory, const char *name, void (*put_it)(void))
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	page = fopen(path, "w");
	if (page)
		put_it();
	if (page && !fclose(page))
		return 0;
	perror(path);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: man DIRECTORY\n");
		return 2;
	}
	return write_page(argv[1], "packetshield.8", put_tool_page) ||
	       write_page(argv[1], "packetshield.conf.5", put_file_page);
}
