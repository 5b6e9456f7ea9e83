// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists to and from the kernel; see upload.h. */
#include "parse.h"
#include "upload.h"

static uint16_t settings_of(const struct ps_list *list)
{
	switch (list->scope) {
	case PS_SCOPE_CONTEXT:
		return PS_A_CONTEXT_SETTINGS;
	case PS_SCOPE_OTHER:
		return PS_A_OTHER_SETTINGS;
	default:
		return PS_A_INSTANCE_SETTINGS;
	}
}

static void upload_start(struct ps_upload *upload)
{
	upload->message = ps_link_message_about(upload->link, PS_CMD_SET, 0, upload->instance,
						upload->context);
	upload->settings = mnl_attr_nest_start(upload->message, settings_of(upload->list));
	upload->items = mnl_attr_nest_start(upload->message, upload->list->id);
	if (upload->whole)
		mnl_attr_put(upload->message, upload->started ? PS_ITEM_MORE : PS_ITEM_REPLACE, 0,
			     NULL);
	upload->started = true;
}

static int upload_send(struct ps_upload *upload)
{
	struct nlmsghdr *message = upload->message;

	mnl_attr_nest_end(message, upload->items);
	mnl_attr_nest_end(message, upload->settings);
	upload->message = NULL;
	return ps_link_batch_add(upload->link, message);
}

int ps_upload_item(struct ps_upload *upload, int kind, const char *text, size_t length)
{
	if (!upload->message)
		upload_start(upload);
	mnl_attr_put(upload->message, kind, length, text);
	/* The length of a nest has 16 bits. */
	return upload->message->nlmsg_len < PS_LINK_BYTES - 2 * PS_ITEM_MAX ? 0 :
									      upload_send(upload);
}

int ps_upload_finish(struct ps_upload *upload)
{
	if (!upload->message && upload->whole && !upload->started)
		upload_start(upload);
	return upload->message ? upload_send(upload) : 0;
}

struct download {
	const struct ps_list *list;
	ps_download_take take;
	void *data;
};

static void take_items(const struct nlattr *items, const struct download *download)
{
	struct nlattr *item;

	mnl_attr_for_each_nested(item, items) download->take(
		mnl_attr_get_payload(item), mnl_attr_get_payload_len(item), download->data);
}

static void take_message(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *table[PS_ATTRIBUTES];
	const struct download *download = data;
	struct nlattr *items;

	ps_link_sort(message, table);
	if (!table[settings_of(download->list)])
		return;
	mnl_attr_for_each_nested(items,
				 table[settings_of(download->list)]) if (mnl_attr_get_type(items) ==
									 download->list->id)
		take_items(items, download);
}

int ps_download(struct ps_link *link, const char *instance, const char *context,
		const struct ps_list *list, ps_download_take take, void *data)
{
	struct download download = { .list = list, .take = take, .data = data };
	struct nlmsghdr *message;

	message = ps_link_message_about(link, PS_CMD_GET_LIST, NLM_F_DUMP, instance, context);
	mnl_attr_put_strz(message, PS_A_LIST, list->name);
	return ps_link_ask(link, message, take_message, &download);
}
