/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of the settings of a namespace, noted down by name and done together:
 * all or none. What packets see of one context changes in one step.
 *
 * Those of a context's options and lists and of countries are steps of a set
 * (change.h), published at the end. Of those whose effect can't be held back
 * there may be one, done when all else is ready: if it fails nothing has
 * happened, and behind it nothing can fail. Lists that take locks outside of
 * netns->lock (interfaces, contexts) are changed by an edit of their own.
 */
#ifndef PS_EDITS_H
#define PS_EDITS_H

#include "lists.h"
#include "netlink.h"

enum ps_edit_kind {
	PS_EDIT_OPTION,
	PS_EDIT_ADD,
	PS_EDIT_REMOVE,
	PS_EDIT_REPLACE,
};

/**
 * struct ps_edit - one edit
 * @list:	in ps_edits.list
 * @name:	of what
 * @kind:	enum ps_edit_kind
 * @option:	which option
 * @target:	or which list
 * @value:	of the option
 * @item:	to add or remove
 * @items:	of the replacement
 * @attr:	the part of the message that it comes from, while there is one
 */
struct ps_edit {
	struct list_head list;
	struct ps_netlink_name name;
	enum ps_edit_kind kind;
	const struct ps_option *option;
	const struct ps_list *target;
	union {
		s64 value;
		union ps_list_item item;
		struct ps_batch items;
	};
	const struct nlattr *attr;
};

/**
 * struct ps_edits - edits in their order
 * @list: struct ps_edit
 * @bytes: of memory that they take
 * @copies: edits of single items of source lists: each is a copy of a root
 */
struct ps_edits {
	struct list_head list;
	size_t bytes;
	u32 copies;
};

void ps_edits_init(struct ps_edits *edits);
void ps_edits_free(struct ps_edits *edits);

/* A new edit at the end, or NULL. */
struct ps_edit *ps_edits_add(struct ps_edits *edits, const struct ps_netlink_name *name,
			     enum ps_edit_kind kind, const struct nlattr *attr);

/* Move all of @from to the end of @edits. */
void ps_edits_join(struct ps_edits *edits, struct ps_edits *from);

/**
 * ps_edits_apply() - do them
 * @netns: where
 * @edits: what; lists are sorted in place
 * @failed: out: the one that was refused, or NULL
 *
 * Context: process; takes netns->structure or netns->lock.
 * Return: 0 or a negative errno; -EOPNOTSUPP for edits that can't be done
 * together. Nothing has changed after an error.
 */
int ps_edits_apply(struct ps_netns *netns, struct ps_edits *edits, const struct ps_edit **failed);

#endif
