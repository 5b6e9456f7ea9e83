/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of the settings of a namespace, noted down by name and done together:
 * all or none. What packets see of one context changes in one step.
 *
 * Instances, contexts and interfaces come first, whatever the order: they are
 * made aside (edits_plan.h), and those that go do so at the end. What contexts have
 * (and countries) are steps of a set (change.h), published at the end. What is seen
 * at once (options of instances, protections switched by hand) is checked ahead and
 * done behind that, when nothing can fail any more; then the interfaces.
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
	PS_EDIT_NEW,	/* an instance */
	PS_EDIT_DELETE, /* likewise */
};

/**
 * struct ps_edit - one edit
 * @list:	in ps_edits.list
 * @name:	of what
 * @kind:	enum ps_edit_kind
 * @option:	which option
 * @target:	or which list
 * @value:	of the option; of a secret enum ps_netlink_secret
 * @key:	made of a secret, valid with PS_SECRET_TEXT
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
		struct {
			s64 value;
			struct ps_quic_key key;
		};
		union ps_list_item item;
		struct ps_batch items;
	};
	const struct nlattr *attr;
};

/**
 * struct ps_edits - edits in their order
 * @list: struct ps_edit
 * @bytes: of memory that they take, and will
 * @copies: edits of single items: such a step may take much more
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
 * Context: process; takes netns->structure and what goes inside.
 * Return: 0 or a negative errno; nothing has changed then.
 */
int ps_edits_apply(struct ps_netns *netns, struct ps_edits *edits, const struct ps_edit **failed);

#endif
