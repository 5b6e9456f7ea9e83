// SPDX-License-Identifier: GPL-2.0-or-later
/* set: an option's value, or all of a list. */
#include <string.h>

#include "command.h"
#include "edit.h"
#include "print.h"
#include "value.h"

static int set_option(const struct ps_place *place, const struct ps_option *option,
		      const char *text)
{
	struct ps_value_words words;
	struct nlmsghdr *message;
	struct nlattr *nest;
	struct ps_link link;
	int result, error;
	s64 value;

	if (ps_value_parse(option, text, strlen(text), &value, &words))
		return ps_value_refuse(place, option->name, text, strlen(text), &words);
	result = ps_link_open(&link);
	if (result)
		return result;
	message = ps_link_message_about(&link, PS_CMD_SET, 0, place->instance,
					ps_names_context(place, option->scope));
	nest = mnl_attr_nest_start(message, PS_NETLINK_SETTINGS(option->scope));
	mnl_attr_put(message, option->id, sizeof(value), &value);
	mnl_attr_nest_end(message, nest);
	error = ps_link_ask(&link, message, NULL, NULL);
	if (ps_edit_is_missing(&link, place, error))
		result = PS_EXIT_FAILED;
	else if (error)
		result = ps_link_refused(&link, error, "%s/%s", place->path, option->name);
	ps_link_close(&link);
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
		"comment. With an empty input the list becomes empty.\n\n"
		"    packetshield set myinst ack_session_timeout 120\n"
		"    packetshield set myinst 10.2.3.5 new_cookie_threshold 1000-500\n"
		"    packetshield set myinst Other w_tcp_ports 22 80 443\n"
		"    packetshield set myinst Other b_sources - <denied\n"
		"    packetshield set myinst geoip4 - <countries",
	.min = 2,
	.max = -1,
	.run = run,
};
