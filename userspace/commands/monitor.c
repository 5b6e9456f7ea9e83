// SPDX-License-Identifier: GPL-2.0-or-later
/* monitor: what happens, while it happens. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "option_text.h"
#include "tree.h"

/**
 * struct monitor - events that are being told
 * @link: listens
 * @instance: whose, or NULL
 * @json: as JSON
 * @left: events yet to tell; 0: no end
 * @ended: they are all told, or nobody reads them
 * @result: enum ps_exit
 */
struct monitor {
	struct ps_link link;
	const char *instance;
	bool json;
	unsigned long left;
	bool ended;
	int result;
};

static json_t *make_event(const char *what)
{
	json_t *event = json_object();
	char text[64], moment[32];
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(moment, sizeof(moment), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s.%03ldZ", moment, now.tv_nsec / 1000000);
	json_object_set_new(event, "time", json_string(text));
	json_object_set_new(event, "event", json_string(what));
	return event;
}

static u64 number(const struct nlattr *attr)
{
	u64 value = 0;

	if (attr)
		memcpy(&value, mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr) < sizeof(value) ?
			       mnl_attr_get_payload_len(attr) :
			       sizeof(value));
	return value;
}

static void set_text(json_t *event, const char *key, const struct nlattr *attr)
{
	const char *text = attr ? mnl_attr_get_str(attr) : "";

	if (attr)
		json_object_set_new(event, key, ps_tree_text(text, strlen(text)));
}

static json_t *protection_event(const struct nlattr *const *table)
{
	json_t *event = make_event("protection");
	u32 bit = (u32)number(table[PS_A_PROTECTION]);
	char text[PS_ITEM_MAX];
	int i;

	set_text(event, "instance", table[PS_A_INSTANCE]);
	set_text(event, "context", table[PS_A_CONTEXT]);
	for (i = 0; i < PS_PROTECTIONS; i++)
		if (bit == 1U << i)
			json_object_set_new(event, "protection",
					    json_string(ps_names_protection(i, text)));
	json_object_set_new(event, "on", json_boolean(number(table[PS_A_ON])));
	json_object_set_new(event, "rate", json_integer((json_int_t)number(table[PS_A_RATE])));
	ps_option_format_rates(text, (s64)number(table[PS_A_THRESHOLD]));
	json_object_set_new(event, "threshold", json_string(text));
	return event;
}

static json_t *interface_event(const struct nlattr *const *table)
{
	json_t *event = make_event("interface");

	set_text(event, "instance", table[PS_A_INSTANCE]);
	set_text(event, "interface", table[PS_A_INTERFACE]);
	json_object_set_new(event, "attached", json_boolean(number(table[PS_A_ON])));
	return event;
}

static json_t *table_event(const struct nlattr *const *table)
{
	json_t *event = make_event("table");

	set_text(event, "instance", table[PS_A_INSTANCE]);
	json_object_set_new(event, "table", json_string(ps_names_table(number(table[PS_A_TABLE]))));
	json_object_set_new(event, "full", json_boolean(number(table[PS_A_ON])));
	json_object_set_new(event, "slots", json_integer((json_int_t)number(table[PS_A_SLOTS])));
	return event;
}

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "?";
}

static void print_line(const json_t *event)
{
	const char *what = text_of(event, "event");
	bool on = json_is_true(json_object_get(event, "on"));

	printf("%s ", text_of(event, "time"));
	if (!strcmp(what, "protection")) {
		printf("%s/%s: %s ", text_of(event, "instance"), text_of(event, "context"),
		       text_of(event, "protection"));
		ps_print_coloured(stdout, on ? PS_YELLOW : PS_GREEN, on ? "on" : "off");
		printf(", %lld/s, threshold %s\n",
		       (long long)json_integer_value(json_object_get(event, "rate")),
		       text_of(event, "threshold"));
	} else if (!strcmp(what, "interface")) {
		printf("%s: %s %s\n", text_of(event, "instance"), text_of(event, "interface"),
		       json_is_true(json_object_get(event, "attached")) ? "attached" : "detached");
	} else if (!strcmp(what, "table")) {
		printf("%s: table of %s sessions, room for %lld: %s\n", text_of(event, "instance"),
		       text_of(event, "table"),
		       (long long)json_integer_value(json_object_get(event, "slots")),
		       json_is_true(json_object_get(event, "full")) ? "full" : "no longer full");
	} else {
		printf("events were lost\n");
	}
}

/* Takes the reference. */
static void tell(struct monitor *monitor, json_t *event)
{
	if (monitor->ended) {
		json_decref(event);
		return;
	}
	if (monitor->json) {
		monitor->result = ps_print_json(event, true);
	} else {
		print_line(event);
		json_decref(event);
		monitor->result = ps_print_finish();
	}
	monitor->ended = monitor->result || (monitor->left && !--monitor->left);
}

static void take(const struct nlmsghdr *message, void *data)
{
	const struct genlmsghdr *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *table[PS_ATTRIBUTES];
	struct monitor *monitor = data;

	ps_link_sort(message, table);
	if (!table[PS_A_INSTANCE] ||
	    (monitor->instance &&
	     strcmp(mnl_attr_get_str(table[PS_A_INSTANCE]), monitor->instance)))
		return;
	if (header->cmd == PS_CMD_PROTECTION)
		tell(monitor, protection_event(table));
	else if (header->cmd == PS_CMD_INTERFACE)
		tell(monitor, interface_event(table));
	else if (header->cmd == PS_CMD_TABLE)
		tell(monitor, table_event(table));
}

static int listen_on(struct monitor *monitor)
{
	/* Nothing is awaited of the output but that nobody reads it any more. */
	struct pollfd poll_of[] = {
		{ .fd = ps_link_descriptor(&monitor->link), .events = POLLIN },
		{ .fd = fileno(stdout) },
	};
	int error;

	while (!monitor->ended) {
		if (poll(poll_of, 2, -1) < 0 && errno != EINTR)
			break;
		if (poll_of[1].revents & (POLLERR | POLLNVAL))
			break;
		if (!poll_of[0].revents)
			continue;
		error = ps_link_receive(&monitor->link, take, monitor);
		if (error == -ENOBUFS)
			tell(monitor, make_event("lost"));
		else if (error)
			return ps_link_refused(&monitor->link, error, "monitor");
	}
	return monitor->result;
}

static int read_arguments(const struct ps_arguments *arguments, struct monitor *monitor)
{
	const char *count = ps_command_flag(arguments, "--count");
	struct ps_place place;
	s64 value;
	int used;

	monitor->json = ps_command_flag(arguments, "--json");
	if (count) {
		if (ps_parse_integer(count, strlen(count), 1, INT32_MAX, &value)) {
			ps_print_error("monitor: --count: \"%s\" is no number from 1 on", count);
			return PS_EXIT_USAGE;
		}
		monitor->left = (unsigned long)value;
	}
	monitor->instance = arguments->count ? arguments->text[0] : NULL;
	return ps_names_place(arguments->text, arguments->count, &place, &used);
}

static int run(const struct ps_arguments *arguments)
{
	struct monitor monitor = {};
	int result, error;

	result = read_arguments(arguments, &monitor);
	if (!result)
		result = ps_link_open(&monitor.link);
	if (result)
		return result;
	error = ps_link_listen(&monitor.link);
	result = error ? ps_link_refused(&monitor.link, error, "monitor") : listen_on(&monitor);
	ps_link_close(&monitor.link);
	return result;
}

const struct ps_command ps_command_monitor = {
	.name = "monitor",
	.arguments = "[INSTANCE]",
	.summary = "events while they happen: protections, interfaces, full tables",
	.help = "Prints a line for each event of all instances, or of one: a protection that\n"
		"goes on or off, with its context, the rate seen and the threshold; an\n"
		"interface that is attached or detached; a table of sessions that is full: in\n"
		"seven of eight places there is one that lives. Ends when it is interrupted, or\n"
		"nobody reads what it prints.",
	.min = 0,
	.max = 1,
	.flags = { PS_FLAG_JSON, { .name = "--count", .value = "N", .doc = "end after N events" } },
	.run = run,
};
