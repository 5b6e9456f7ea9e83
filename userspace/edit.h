/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What add, del and set do to lists: gather items, check all, then ask the kernel. */
#ifndef PS_EDIT_H
#define PS_EDIT_H

#include "names.h"

/**
 * ps_edit_list() - change a list
 * @place: whose
 * @list: which
 * @kind: PS_ITEM_ADD, PS_ITEM_REMOVE or PS_ITEM_REPLACE
 * @text: items; "-" stands for the lines of standard input
 * @count: of @text
 *
 * Return: enum ps_exit, after a message where it isn't PS_EXIT_OK.
 */
int ps_edit_list(const struct ps_place *place, const struct ps_list *list,
		 enum ps_netlink_item kind, char **text, int count);

/* The same for instances: create them, or destroy them. */
int ps_edit_instances(bool create, char **text, int count);

/* add and del: what the words of their command line say. */
int ps_edit_run(enum ps_netlink_item kind, char **text, int count);

/**
 * ps_edit_is_missing() - whether what was refused is for want of an instance or context
 * @link: the link that was refused
 * @place: what the edit was about
 * @error: the refusal
 *
 * Return: true after a message.
 */
bool ps_edit_is_missing(struct ps_link *link, const struct ps_place *place, int error);

#endif
