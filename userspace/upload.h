/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items on their way into a list of the kernel's, in as many messages as it
 * takes. Replacing a list is one batch, whatever its length. Items that are added
 * or removed go in parts, each done as a whole or not at all.
 */
#ifndef PS_UPLOAD_H
#define PS_UPLOAD_H

#include "link.h"
#include "names.h"

/**
 * struct ps_upload - a list that is being changed
 * @link: the link
 * @place: whose
 * @list: which
 * @kind: PS_ITEM_REPLACE; or PS_ITEM_ADD, PS_ITEM_REMOVE, of the items that are put next
 * @in_batch: of the caller's: it begins and commits, with other edits
 * @message: that is being filled, or NULL
 * @settings: nest in it
 * @nest: of the list, in @settings
 * @items: in @message
 * @done: items that the kernel has taken
 * @sent: a message of it was
 * @refused: the item that the kernel refused, where it said which
 */
struct ps_upload {
	struct ps_link *link;
	const struct ps_place *place;
	const struct ps_list *list;
	enum ps_netlink_item kind;
	bool in_batch;
	struct nlmsghdr *message;
	struct nlattr *settings;
	struct nlattr *nest;
	unsigned int items;
	unsigned long done;
	bool sent;
	char refused[PS_ITEM_MAX + 1];
};

/*
 * Set the members up to @in_batch and begin, put each item, end. Each returns 0
 * or a negative errno, with the link's words. Between begin and end the link asks nothing else.
 */
int ps_upload_begin(struct ps_upload *upload);
int ps_upload_put(struct ps_upload *upload, const char *text, size_t length);
int ps_upload_end(struct ps_upload *upload);

#endif
