// SPDX-License-Identifier: GPL-2.0-or-later
/* See upload.h; include/packetshield/netlink.h tells what the messages mean. */
#include <stdio.h>

#include "list_item.h"
#include "print.h"
#include "upload.h"

/* Single items that the kernel takes in one edit. */
#define PS_UPLOAD_ITEMS 1024

/* Edits of these lists are seen at once: the kernel takes one item at a time. */
static bool is_one_by_one(const struct ps_list *list)
{
	return list->type == PS_LIST_IFACES || list->type == PS_LIST_TOGGLED;
}

static void start_message(struct ps_upload *upload)
{
	const struct ps_place *place = upload->place;
	u8 scope = upload->list->scope;

	upload->message = ps_link_message_about(upload->link, PS_CMD_SET, 0, place->instance,
						ps_names_context(place, scope));
	upload->settings = mnl_attr_nest_start(upload->message, PS_NETLINK_SETTINGS(scope));
	upload->nest = mnl_attr_nest_start(upload->message, upload->list->id);
	upload->items = 0;
	if (upload->kind == PS_ITEM_REPLACE)
		mnl_attr_put(upload->message, upload->sent ? PS_ITEM_MORE : PS_ITEM_REPLACE, 0,
			     NULL);
}

/* Which item it was, by its place in the message that was sent. */
static void find_refused(struct ps_upload *upload, const struct nlmsghdr *message)
{
	const char *base = (const char *)message, *first = mnl_attr_get_payload(upload->nest);
	const struct nlattr *item = (const void *)(base + upload->link->offset);

	if (base + upload->link->offset < first || upload->link->offset >= message->nlmsg_len)
		return;
	snprintf(upload->refused, sizeof(upload->refused), "%.*s",
		 (int)mnl_attr_get_payload_len(item), (const char *)mnl_attr_get_payload(item));
}

static int send_message(struct ps_upload *upload)
{
	struct nlmsghdr *message = upload->message;
	int error;

	upload->message = NULL;
	mnl_attr_nest_end(message, upload->nest);
	mnl_attr_nest_end(message, upload->settings);
	if (upload->kind == PS_ITEM_REPLACE || upload->in_batch)
		error = ps_link_batch_add(upload->link, message);
	else
		error = ps_link_ask(upload->link, message, NULL, NULL);
	if (error)
		find_refused(upload, message);
	else
		upload->done += upload->items;
	upload->sent = true;
	return error;
}

static bool is_full(const struct ps_upload *upload)
{
	if (upload->message->nlmsg_len + PS_ITEM_MAX + 2 * MNL_ATTR_HDRLEN > PS_LINK_BYTES)
		return true;
	if (upload->kind == PS_ITEM_REPLACE)
		return false;
	return upload->items == (is_one_by_one(upload->list) ? 1 : PS_UPLOAD_ITEMS);
}

int ps_upload_begin(struct ps_upload *upload)
{
	upload->message = NULL;
	upload->done = 0;
	upload->sent = false;
	upload->refused[0] = '\0';
	if (upload->kind == PS_ITEM_REPLACE && !upload->in_batch)
		return ps_link_batch_begin(upload->link);
	return 0;
}

int ps_upload_put(struct ps_upload *upload, const char *text, size_t length)
{
	enum ps_netlink_item kind = upload->kind == PS_ITEM_REMOVE ? PS_ITEM_REMOVE : PS_ITEM_ADD;
	int error;

	if (upload->message && is_full(upload)) {
		error = send_message(upload);
		if (error)
			return error;
	}
	if (!upload->message)
		start_message(upload);
	mnl_attr_put(upload->message, kind, length, text);
	upload->items++;
	return 0;
}

int ps_upload_end(struct ps_upload *upload)
{
	int error = 0;

	if (!upload->message && !upload->sent && upload->kind == PS_ITEM_REPLACE)
		start_message(upload);
	if (upload->message)
		error = send_message(upload);
	if (!error && upload->kind == PS_ITEM_REPLACE && !upload->in_batch)
		error = ps_link_batch_commit(upload->link);
	return error;
}
