// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See view.h. A dump of many instances isn't one moment, but each message is; where
 * instances or contexts came or went meanwhile it is asked for again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "secret.h"
#include "view.h"

#define PS_VIEW_TRIES 10

const struct ps_counter ps_counter[PS_COUNTERS] = {
#define PS_COUNTER(scope, name, id, doc) PS_VIEW_##scope(name, id, doc)
#define PS_VIEW_INSTANCE(name, id, doc) \
	{ #name, doc, PS_SCOPE_INSTANCE, PS_INSTANCE_COUNTER_##name, id },
#define PS_VIEW_CONTEXT(name, id, doc) \
	{ #name, doc, PS_SCOPE_CONTEXT, PS_CONTEXT_COUNTER_##name, id },
#include <packetshield/counters.def>
#undef PS_COUNTER
#undef PS_VIEW_INSTANCE
#undef PS_VIEW_CONTEXT
};

static const char *const reason_doc[PS_REASONS] = {
#define PS_REASON(id, name, action, counters, doc) [PS_REASON_##name] = doc,
#include <packetshield/reasons.def>
#undef PS_REASON
};

const char *ps_view_reason_doc(enum ps_reason reason)
{
	return reason_doc[reason];
}

/* A number of up to 64 bits, wherever it lies; 0 where it isn't there. */
static u64 number(const struct nlattr *attr)
{
	u64 value = 0;
	u32 word = 0;

	if (!attr)
		return 0;
	if (mnl_attr_get_payload_len(attr) == sizeof(word)) {
		memcpy(&word, mnl_attr_get_payload(attr), sizeof(word));
		return word;
	}
	if (mnl_attr_get_payload_len(attr) >= sizeof(value))
		memcpy(&value, mnl_attr_get_payload(attr), sizeof(value));
	return value;
}

static s64 value_of(const struct ps_option *option, const struct nlattr *attr)
{
	return option->type == PS_OPTION_SECRET ? ps_secret_is_set(attr) : (s64)number(attr);
}

/*
 * What of the tables has which id, by scope, plus 1: each of many contexts has
 * many attributes, and to search for these would take most of the time.
 */
static struct {
	u8 option[PS_SCOPE_SHARED + 1][UINT8_MAX + 1];
	u8 counter[PS_SCOPE_SHARED + 1][UINT8_MAX + 1];
	u8 reason[UINT8_MAX + 1];
	bool made;
} by_id;

static void make_ids(void)
{
	int i;

	if (by_id.made)
		return;
	by_id.made = true;
	for (i = 0; i < PS_OPTIONS; i++)
		by_id.option[ps_option[i].scope][ps_option[i].id] = (u8)(i + 1);
	for (i = 0; i < PS_COUNTERS; i++)
		by_id.counter[ps_counter[i].scope][ps_counter[i].id] = (u8)(i + 1);
	for (i = 1; i < PS_REASONS; i++)
		if (ps_reason_is_drop(i))
			by_id.reason[ps_reason_info[i].id] = (u8)(i + 1);
}

/* The place in one of these tables, or -1. */
static int place_of(const u8 *table, const struct nlattr *attr)
{
	u16 id = mnl_attr_get_type(attr);

	return id <= UINT8_MAX ? table[id] - 1 : -1;
}

static void take_options(struct ps_view *view, const struct nlattr *nest, enum ps_scope scope)
{
	struct nlattr *attr;
	int i;

	mnl_attr_for_each_nested(attr, nest) {
		i = place_of(by_id.option[scope], attr);
		if (i >= 0)
			view->option[i] = value_of(&ps_option[i], attr);
	}
}

static void take_counters(struct ps_view *view, const struct nlattr *nest, enum ps_scope scope)
{
	struct nlattr *attr;
	int i;

	mnl_attr_for_each_nested(attr, nest) {
		i = place_of(by_id.counter[scope], attr);
		if (i >= 0)
			view->counter[ps_counter[i].index] = number(attr);
	}
}

static void take_drops(struct ps_view *view, const struct nlattr *nest)
{
	struct nlattr *attr;
	int i;

	mnl_attr_for_each_nested(attr, nest) {
		i = place_of(by_id.reason, attr);
		if (i >= 0 && mnl_attr_get_payload_len(attr) >= sizeof(view->drop[i]))
			memcpy(&view->drop[i], mnl_attr_get_payload(attr), sizeof(view->drop[i]));
	}
}

static void take_rates(struct ps_view *view, const struct nlattr *nest)
{
	struct nlattr *attr;
	int i;

	mnl_attr_for_each_nested(attr, nest) {
		i = mnl_attr_get_type(attr) - 1;
		if (i < 0 || i >= PS_PROTECTIONS)
			continue;
		view->rate[i] = number(attr);
		view->measured |= 1U << i;
	}
}

static void take_tables(struct ps_view *view, const struct nlattr *nest)
{
	struct nlattr *attr;
	int i;

	mnl_attr_for_each_nested(attr, nest) {
		i = mnl_attr_get_type(attr) - 1;
		if (i >= 0 && i < PS_NETLINK_TABLES &&
		    mnl_attr_get_payload_len(attr) >= sizeof(view->table[i]))
			memcpy(&view->table[i], mnl_attr_get_payload(attr), sizeof(view->table[i]));
	}
}

static struct ps_view *add_view(struct ps_views *views)
{
	struct ps_view *view = ps_print_allocate(NULL, sizeof(*view));

	if (views->count == views->room) {
		views->room = views->room ? 2 * views->room : 16;
		views->view = ps_print_allocate(views->view, views->room * sizeof(*views->view));
	}
	*view = (struct ps_view){};
	views->view[views->count++] = view;
	return view;
}

static void take_place(struct ps_view *view, const struct nlattr *instance,
		       const struct nlattr *context)
{
	snprintf(view->name, sizeof(view->name), "%s", mnl_attr_get_str(instance));
	view->place.instance = view->name;
	if (context)
		snprintf(view->place.context, sizeof(view->place.context), "%s",
			 mnl_attr_get_str(context));
	snprintf(view->place.path, sizeof(view->place.path), "%s%s%s", view->name,
		 context ? "/" : "", view->place.context);
}

static void take_object(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *table[PS_ATTRIBUTES];
	struct ps_views *views = data;
	struct ps_view *view;

	ps_link_sort(message, table);
	if (table[PS_A_VERSION])
		snprintf(views->version, sizeof(views->version), "%s",
			 mnl_attr_get_str(table[PS_A_VERSION]));
	if (table[PS_A_GENERATION])
		views->generation = mnl_attr_get_u32(table[PS_A_GENERATION]);
	if (!table[PS_A_INSTANCE])
		return;
	view = add_view(views);
	take_place(view, table[PS_A_INSTANCE], table[PS_A_CONTEXT]);
	if (table[PS_A_INSTANCE_SETTINGS])
		take_options(view, table[PS_A_INSTANCE_SETTINGS], PS_SCOPE_INSTANCE);
	if (table[PS_A_CONTEXT_SETTINGS])
		take_options(view, table[PS_A_CONTEXT_SETTINGS], PS_SCOPE_CONTEXT);
	if (table[PS_A_INSTANCE_STATS])
		take_counters(view, table[PS_A_INSTANCE_STATS], PS_SCOPE_INSTANCE);
	if (table[PS_A_CONTEXT_STATS])
		take_counters(view, table[PS_A_CONTEXT_STATS], PS_SCOPE_CONTEXT);
	if (table[PS_A_DROPS])
		take_drops(view, table[PS_A_DROPS]);
	if (table[PS_A_RATES])
		take_rates(view, table[PS_A_RATES]);
	if (table[PS_A_TABLES])
		take_tables(view, table[PS_A_TABLES]);
	view->status = (u32)number(table[PS_A_STATUS]);
	view->by_hand = (u32)number(table[PS_A_BY_HAND]);
	view->contexts = (u32)number(table[PS_A_CONTEXTS]);
}

static int read_once(struct ps_link *link, const struct ps_place *place, struct ps_views *views,
		     bool busy)
{
	struct nlmsghdr *message;

	if (place->context[0])
		message =
			ps_link_message_about(link, PS_CMD_GET, 0, place->instance, place->context);
	else if (place->instance)
		message =
			ps_link_message_about(link, PS_CMD_GET, NLM_F_DUMP, place->instance, NULL);
	else
		message = ps_link_message(link, PS_CMD_GET, NLM_F_DUMP);
	if (busy)
		mnl_attr_put(message, PS_A_BUSY, 0, NULL);
	return ps_link_ask(link, message, take_object, views);
}

static int read_views(struct ps_link *link, const struct ps_place *place, struct ps_views *views,
		      bool busy)
{
	int tries = PS_VIEW_TRIES, error;

	make_ids();
	*views = (struct ps_views){};
	do {
		ps_view_free(views);
		error = read_once(link, place, views, busy);
	} while (!error && link->interrupted && --tries);
	if (!error && link->interrupted)
		ps_print_warning("instances or contexts came or went while they were read");
	return error ? ps_link_refused(link, error, "%s",
				       place->path[0] ? place->path : "reading") :
		       PS_EXIT_OK;
}

int ps_view_read(struct ps_link *link, const struct ps_place *place, struct ps_views *views)
{
	return read_views(link, place, views, false);
}

int ps_view_read_busy(struct ps_link *link, const struct ps_place *place, struct ps_views *views)
{
	return read_views(link, place, views, true);
}

void ps_view_free(struct ps_views *views)
{
	size_t i;

	for (i = 0; i < views->count; i++)
		free(views->view[i]);
	free(views->view);
	*views = (struct ps_views){};
}

int ps_view_print(const struct ps_arguments *arguments,
		  int (*print)(struct ps_link *link, const struct ps_views *views,
			       const struct ps_arguments *arguments))
{
	struct ps_place place;
	struct ps_views views;
	struct ps_link link;
	int result;

	result = ps_names_place_only(arguments, &place);
	if (!result)
		result = ps_link_open(&link);
	if (result)
		return result;
	result = ps_view_read(&link, &place, &views);
	if (!result)
		result = print(&link, &views, arguments);
	ps_view_free(&views);
	ps_link_close(&link);
	return result;
}

void ps_lines_add(struct ps_lines *lines, const char *text, size_t length)
{
	if (lines->length + length + 1 > lines->room) {
		lines->room = 2 * (lines->room + length + 1);
		lines->data = ps_print_allocate(lines->data, lines->room);
	}
	memcpy(lines->data + lines->length, text, length);
	lines->length += length;
	lines->data[lines->length++] = '\n';
	lines->count++;
}

void ps_lines_free(struct ps_lines *lines)
{
	free(lines->data);
	*lines = (struct ps_lines){};
}

bool ps_lines_next(const struct ps_lines *lines, size_t *at, const char **text, size_t *length)
{
	const char *end;

	if (*at >= lines->length)
		return false;
	*text = lines->data + *at;
	end = memchr(*text, '\n', lines->length - *at);
	*length = (size_t)(end - *text);
	*at += *length + 1;
	return true;
}

static void take_items(const struct nlmsghdr *message, void *data)
{
	struct nlattr *settings, *list, *item;
	struct ps_lines *lines = data;

	/* The settings hold one list, and that nothing but its items. */
	mnl_attr_for_each(settings, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(settings) == PS_A_GENERATION)
			lines->generation = mnl_attr_get_u32(settings);
		if (mnl_attr_get_type(settings) < PS_A_INSTANCE_SETTINGS ||
		    mnl_attr_get_type(settings) > PS_A_OTHER_SETTINGS)
			continue;
		mnl_attr_for_each_nested(list, settings)
			mnl_attr_for_each_nested(item, list)
				ps_lines_add(lines, mnl_attr_get_payload(item),
					     mnl_attr_get_payload_len(item));
	}
}

int ps_view_try_list(struct ps_link *link, const struct ps_place *place, const struct ps_list *list,
		     struct ps_lines *lines)
{
	struct nlmsghdr *message;

	*lines = (struct ps_lines){};
	message = ps_link_message_about(link, PS_CMD_GET_LIST, NLM_F_DUMP, place->instance,
					ps_names_context(place, list->scope));
	mnl_attr_put_strz(message, PS_A_LIST, list->name);
	return ps_link_ask(link, message, take_items, lines);
}

int ps_view_list(struct ps_link *link, const struct ps_place *place, const struct ps_list *list,
		 struct ps_lines *lines)
{
	int error = ps_view_try_list(link, place, list, lines);

	return error ? ps_link_refused(link, error, "%s/%s", place->path, list->name) : PS_EXIT_OK;
}
