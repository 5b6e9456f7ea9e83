// SPDX-License-Identifier: GPL-2.0-or-later
/* See edit.h. Nothing is asked of the kernel before every item has been checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "edit.h"
#include "print.h"
#include "upload.h"
#include "value.h"
#include "view.h"

/**
 * struct gather - items that are being gathered
 * @place: for messages
 * @list: what they must be items of; NULL: names of instances
 * @items: so far
 */
struct gather {
	const struct ps_place *place;
	const struct ps_list *list;
	struct ps_lines items;
};

static enum ps_status check_item(const struct ps_list *list, const char *text, size_t length,
				 struct ps_value_words *words)
{
	if (list)
		return ps_value_check_item(list, text, length, words);
	words->reason = "is malformed";
	snprintf(words->hint, sizeof(words->hint),
		 "an instance's name has 1 to %d letters, digits, _ - . and no . in front",
		 PS_INSTANCE_NAME_MAX);
	return ps_parse_instance_name(text, length);
}

/* @line: of standard input, or 0. */
static int gather_item(struct gather *gather, const char *text, size_t length, unsigned long line)
{
	const char *name = gather->list ? gather->list->name : "instances";
	struct ps_value_words words;

	if (!check_item(gather->list, text, length, &words)) {
		ps_lines_add(&gather->items, text, length);
		return PS_EXIT_OK;
	}
	ps_print_error("%s%s%s: %s%.0lu%s\"%.*s\" %s", gather->place->path, gather->list ? "/" : "",
		       name, line ? "line " : "", line, line ? " of standard input: " : "",
		       (int)length, text, words.reason);
	ps_print_hint("%s", words.hint);
	return PS_EXIT_USAGE;
}

static int gather_line(struct gather *gather, const char *text, unsigned long line)
{
	size_t length = strcspn(text, "#\n"), blanks = strspn(text, " \t");

	if (blanks > length)
		blanks = length;
	text += blanks;
	length -= blanks;
	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	return length ? gather_item(gather, text, length, line) : PS_EXIT_OK;
}

static int gather_stdin(struct gather *gather)
{
	int result = PS_EXIT_OK;
	unsigned long line = 0;
	char *text = NULL;
	size_t room = 0;

	while (!result && getline(&text, &room, stdin) >= 0)
		result = gather_line(gather, text, ++line);
	free(text);
	if (!result && ferror(stdin)) {
		ps_print_error("standard input: %s", strerror(errno));
		result = PS_EXIT_FAILED;
	}
	return result;
}

static int gather_words(struct gather *gather, char **text, int count)
{
	int i, result = PS_EXIT_OK;

	for (i = 0; i < count && !result; i++) {
		if (!strcmp(text[i], "-"))
			result = gather_stdin(gather);
		else
			result = gather_item(gather, text[i], strlen(text[i]), 0);
	}
	return result;
}

static int put_items(struct ps_upload *upload, const struct ps_lines *items)
{
	const char *text;
	size_t at = 0, length;
	int error;

	error = ps_upload_begin(upload);
	while (!error && ps_lines_next(items, &at, &text, &length))
		error = ps_upload_put(upload, text, length);
	return error ? error : ps_upload_end(upload);
}

/* Why an item isn't taken, where errno alone tells less than we know; or NULL. */
static const char *item_reason(const struct ps_list *list, enum ps_netlink_item kind, int error)
{
	if (error == -EEXIST)
		return list->type == PS_LIST_CONTEXTS ? "the context exists already" :
							"it is in the list already";
	if (error != -ENOENT)
		return NULL;
	if (list->type == PS_LIST_TOGGLED)
		return "the instance has no such context";
	if (list->type == PS_LIST_IFACES && kind != PS_ITEM_REMOVE)
		return "there is no such interface";
	return "it isn't in the list";
}

static int refused(const struct ps_upload *upload, int error)
{
	const char *name = upload->list->name, *path = upload->place->path;
	const char *item = upload->refused, *reason = NULL;
	int result = PS_EXIT_FAILED;

	if (ps_edit_is_missing(upload->link, upload->place, error))
		return PS_EXIT_FAILED;
	if (*item)
		reason = item_reason(upload->list, upload->kind, error);
	if (reason)
		ps_print_error("%s/%s: %s: %s", path, name, item, reason);
	else
		result = ps_link_refused(upload->link, error, "%s/%s%s%s", path, name,
					 *item ? ": " : "", item);
	if (upload->kind != PS_ITEM_REPLACE && upload->done)
		ps_print_hint("what stands before it is done: %lu items", upload->done);
	return result;
}

static int send_items(struct gather *gather, enum ps_netlink_item kind)
{
	struct ps_upload upload = { .place = gather->place, .list = gather->list, .kind = kind };
	struct ps_link link;
	int result = ps_link_open(&link), error;

	if (result)
		return result;
	upload.link = &link;
	error = put_items(&upload, &gather->items);
	if (error)
		result = refused(&upload, error);
	ps_link_close(&link);
	return result;
}

bool ps_edit_is_missing(struct ps_link *link, const struct ps_place *place, int error)
{
	char words[sizeof(link->words)];

	if (error != -ENOENT)
		return false;
	/* Asking spoils the words of the refusal. */
	memcpy(words, link->words, sizeof(words));
	error = ps_link_ask(link,
			    ps_link_message_about(link, PS_CMD_GET, 0, place->instance,
						  ps_place_context(place)),
			    NULL, NULL);
	if (error == -ENOENT) {
		ps_print_error("%s: %s", place->path, link->words);
		ps_print_hint("packetshield status lists instances and contexts");
		return true;
	}
	memcpy(link->words, words, sizeof(words));
	return false;
}

static bool is_geoip(const struct ps_list *list)
{
	return list->type == PS_LIST_GEOIP4 || list->type == PS_LIST_GEOIP6;
}

int ps_edit_list(const struct ps_place *place, const struct ps_list *list,
		 enum ps_netlink_item kind, char **text, int count)
{
	struct gather gather = { .place = place, .list = list };
	int result;

	if (is_geoip(list) && kind != PS_ITEM_REPLACE) {
		ps_print_error("%s/%s: its lines can't be edited one by one", place->path,
			       list->name);
		ps_print_hint("packetshield set %s %s - replaces all of them", place->instance,
			      list->name);
		return PS_EXIT_USAGE;
	}
	result = gather_words(&gather, text, count);
	if (!result)
		result = send_items(&gather, kind);
	ps_lines_free(&gather.items);
	return result;
}

/* In one batch: all of them or none. */
static int send_instances(struct ps_link *link, const struct ps_lines *names, bool create)
{
	char name[PS_INSTANCE_NAME_MAX + 1];
	size_t at = 0, length;
	const char *text;
	int error;

	error = ps_link_batch_begin(link);
	while (!error && ps_lines_next(names, &at, &text, &length)) {
		snprintf(name, sizeof(name), "%.*s", (int)length, text);
		error = ps_link_batch_add(link, ps_link_message_about(link,
								      create ? PS_CMD_NEW_INSTANCE :
									       PS_CMD_DEL_INSTANCE,
								      0, name, NULL));
	}
	if (!error)
		error = ps_link_batch_commit(link);
	return error ? ps_link_refused(link, error, "instances") : PS_EXIT_OK;
}

int ps_edit_instances(bool create, char **text, int count)
{
	struct ps_place nowhere = {};
	struct gather gather = { .place = &nowhere };
	struct ps_link link;
	int result;

	result = gather_words(&gather, text, count);
	if (!result)
		result = ps_link_open(&link);
	if (!result) {
		result = send_instances(&link, &gather.items, create);
		ps_link_close(&link);
	}
	ps_lines_free(&gather.items);
	return result;
}

int ps_edit_run(enum ps_netlink_item kind, char **text, int count)
{
	struct ps_setting setting;
	struct ps_place place;
	int result, used;

	if (!strcmp(text[0], "instances"))
		return ps_edit_instances(kind == PS_ITEM_ADD, text + 1, count - 1);
	result = ps_names_place(text, count, &place, &used);
	if (result)
		return result;
	if (used == count) {
		ps_print_error("no list is named");
		return PS_EXIT_USAGE;
	}
	result = ps_names_find(&place, text[used], &setting);
	if (result)
		return result;
	if (!setting.list) {
		ps_print_error("%s/%s is no list", place.path, text[used]);
		ps_print_hint("packetshield set %s%s%s %s VALUE", place.instance,
			      place.context[0] ? " " : "", place.context, text[used]);
		return PS_EXIT_USAGE;
	}
	if (used + 1 == count) {
		ps_print_error("%s/%s: no item is given", place.path, text[used]);
		ps_print_hint("an item is: %s; - reads them from standard input",
			      setting.list->unit);
		return PS_EXIT_USAGE;
	}
	return ps_edit_list(&place, setting.list, kind, text + used + 1, count - used - 1);
}
