/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items of a list on their way to and from the kernel, however many: packed
 * into messages of a batch, which the caller begins and commits.
 */
#ifndef PS_UPLOAD_H
#define PS_UPLOAD_H

#include <stddef.h>

#include "config.h"
#include "link.h"

/**
 * struct ps_upload - items that go to one list
 * @link: whose batch it is
 * @instance: name of the instance
 * @context: name of the context; NULL for a list of the instance
 * @list: the list
 * @whole: the items replace the list, else they are added or removed one by one
 * @started: a message has been sent
 * @message: the one that is being filled, or NULL
 * @settings: its nests
 * @items: likewise
 */
struct ps_upload {
	struct ps_link *link;
	const char *instance;
	const char *context;
	const struct ps_list *list;
	bool whole;
	bool started;
	struct nlmsghdr *message;
	struct nlattr *settings;
	struct nlattr *items;
};

/**
 * ps_upload_item() - one item more
 * @upload: the first five members filled by the caller, the others zero
 * @kind: PS_ITEM_ADD; or PS_ITEM_REMOVE, if it isn't @whole
 * @text: the item
 * @length: its bytes
 *
 * Return: 0, or the negative errno of a message that was refused.
 */
int ps_upload_item(struct ps_upload *upload, int kind, const char *text, size_t length);

/* Send what wasn't sent yet; a whole list may be empty. 0 or a negative errno. */
int ps_upload_finish(struct ps_upload *upload);

/* Called with each item of a list; not terminated by a zero. */
typedef void (*ps_download_take)(const char *text, size_t length, void *data);

/* Read a list: 0 or a negative errno. */
int ps_download(struct ps_link *link, const char *instance, const char *context,
		const struct ps_list *list, ps_download_take take, void *data);

#endif
