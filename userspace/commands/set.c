// SPDX-License-Identifier: GPL-2.0-or-later
/* set: an option's value, or all of a list. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "edit.h"
#include "print.h"
#include "secret.h"
#include "value.h"

/* A value, ready to be sent. */
struct value {
	const struct ps_option *option;
	const char *text;
	s64 number;
	enum ps_netlink_secret said;
};

static int parse(struct value *value, const struct ps_place *place)
{
	const struct ps_option *option = value->option;
	size_t length = strlen(value->text);
	struct ps_value_words words;
	enum ps_status status;

	if (option->type == PS_OPTION_SECRET)
		status = ps_secret_parse(option, value->text, length, &value->said, &words);
	else
		status = ps_value_parse(option, value->text, length, &value->number, &words);
	return status ? ps_value_refuse(place, option->name, value->text, length, &words) :
			PS_EXIT_OK;
}

static void put(struct nlmsghdr *message, const struct value *value)
{
	if (value->option->type == PS_OPTION_SECRET)
		ps_secret_put(message, value->option, value->said, value->text,
			      strlen(value->text));
	else
		mnl_attr_put(message, value->option->id, sizeof(value->number), &value->number);
}

static int send_value(const struct ps_place *place, const struct value *value)
{
	const struct ps_option *option = value->option;
	struct nlmsghdr *message;
	struct nlattr *nest;
	struct ps_link link;
	int result, error;

	result = ps_link_open(&link);
	if (result)
		return result;
	message = ps_link_message_about(&link, PS_CMD_SET, 0, place->instance,
					ps_names_context(place, option->scope));
	nest = mnl_attr_nest_start(message, PS_NETLINK_SETTINGS(option->scope));
	put(message, value);
	mnl_attr_nest_end(message, nest);
	error = ps_link_ask(&link, message, NULL, NULL);
	if (ps_edit_is_missing(&link, place, error))
		result = PS_EXIT_FAILED;
	else if (error)
		result = ps_link_refused(&link, error, "%s/%s", place->path, option->name);
	ps_link_close(&link);
	return result;
}

/* The first line of standard input, without its end: where no other process sees it. */
static int read_line(char **text)
{
	size_t room = 0;
	ssize_t length = getline(text, &room, stdin);

	if (length < 0) {
		ps_print_error("standard input: %s", ferror(stdin) ? strerror(errno) : "no line");
		return PS_EXIT_FAILED;
	}
	if (length && (*text)[length - 1] == '\n')
		(*text)[length - 1] = '\0';
	return PS_EXIT_OK;
}

static int set_option(const struct ps_place *place, const struct ps_option *option,
		      const char *text)
{
	struct value value = { .option = option, .text = text };
	int result = PS_EXIT_OK;
	char *line = NULL;

	if (!strcmp(text, "-")) {
		result = read_line(&line);
		value.text = line;
	}
	if (!result)
		result = parse(&value, place);
	if (!result)
		result = send_value(place, &value);
	free(line);
	return result;
}

static int run(const struct ps_arguments *arguments)
{
	struct ps_setting setting;
	struct ps_place place;
	int result, used, values;

	result = ps_names_place(arguments->text, arguments->count, &place, &used);
	if (!result && used == arguments->count) {
		ps_print_error("no option is named");
		ps_print_hint("usage: packetshield set INSTANCE [CONTEXT] NAME VALUE");
		result = PS_EXIT_USAGE;
	}
	if (!result)
		result = ps_names_find(&place, arguments->text[used], &setting);
	if (result)
		return result;
	values = arguments->count - used - 1;
	if (!values || (values > 1 && setting.option)) {
		ps_print_error("%s/%s: %s", place.path, arguments->text[used],
			       values ? "an option has one value" : "no value is given");
		return PS_EXIT_USAGE;
	}
	if (setting.list)
		return ps_edit_list(&place, setting.list, PS_ITEM_REPLACE,
				    arguments->text + used + 1, values);
	return set_option(&place, setting.option, arguments->text[used + 1]);
}

const struct ps_command ps_command_set = {
	.name = "set",
	.arguments = "INSTANCE [CONTEXT] NAME VALUE...",
	.summary = "set an option, or replace a list as a whole",
	.help = "Sets an option to its value. Of a list the values are its items: it is\n"
		"replaced in one step, or not at all, however long it is. The item - stands for\n"
		"the lines of standard input; there, blank lines are nothing, and # begins a\n"
		"comment. With an empty input the list becomes empty. As the value of an option\n"
		"it stands for the first line of standard input.\n\n"
		"    packetshield set myinst ack_session_timeout 120\n"
		"    packetshield set myinst 10.2.3.5 new_cookie_threshold 1000-500\n"
		"    packetshield set myinst Other w_tcp_ports 22 80 443\n"
		"    packetshield set myinst Other cluster_secret - <secret\n"
		"    packetshield set myinst Other b_sources - <denied\n"
		"    packetshield set myinst geoip4 - <countries",
	.min = 2,
	.max = -1,
	.run = run,
};
