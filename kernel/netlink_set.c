// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changing: instances, and settings. The settings of a message become edits
 * (edits.h), checked as far as they can be without the objects they are about.
 */
#include "core/parse.h"
#include "edits.h"
#include "netlink.h"
#include "netlink_batch.h"

/* Single items: each copies what finds it, until all is published. */
#define PS_NETLINK_COPIES 1024

/* Whether a row's scope is what this nest of settings is about. */
static bool ps_netlink_is_in(u8 scope, int settings)
{
	return PS_NETLINK_SETTINGS(scope) == settings;
}

static const struct ps_option *ps_netlink_option(int settings, int id)
{
	unsigned int i;

	for (i = 0; i < PS_OPTIONS; i++)
		if (ps_netlink_is_in(ps_option[i].scope, settings) && ps_option[i].id == id)
			return &ps_option[i];
	return NULL;
}

static const struct ps_list *ps_netlink_list(int settings, int id)
{
	unsigned int i;

	for (i = 0; i < PS_LISTS; i++)
		if (ps_netlink_is_in(ps_list[i].scope, settings) && ps_list[i].id == id)
			return &ps_list[i];
	return NULL;
}

/* A value is one that a file would take: what it looks like there parses to it. */
static bool ps_netlink_is_value(const struct ps_option *option, s64 value)
{
	char text[PS_ITEM_MAX];
	s64 again;

	return !ps_option_parse(option, text, ps_option_format(option, text, value), &again) &&
	       again == value;
}

/* What a message says of a secret: its one attribute, or NULL. */
static const struct nlattr *ps_netlink_secret_said(const struct nlattr *nest)
{
	const struct nlattr *attr, *said = NULL;
	int left;

	nla_for_each_nested(attr, nest, left)
	{
		if (said)
			return NULL;
		said = attr;
	}
	return said;
}

/* Nothing is noted down of a text but the key that is made of it. */
static int ps_netlink_parse_secret(const struct nlattr *attr, const struct ps_option *option,
				   const struct ps_netlink_name *name, struct ps_edits *edits,
				   struct netlink_ext_ack *extack)
{
	const struct nlattr *said = ps_netlink_secret_said(attr);
	struct ps_edit *edit;
	s64 value = 1;

	if (!said)
		return ps_netlink_refuse(extack, attr, -EINVAL, "NONE, KEEP or TEXT, one of them");
	if (nla_type(said) == PS_SECRET_TEXT &&
	    (ps_option_parse(option, nla_data(said), nla_len(said), &value) || !value))
		return ps_netlink_refuse(extack, said, -EIO, "that can't be a secret");
	edit = ps_edits_add(edits, name, PS_EDIT_OPTION, attr);
	if (!edit)
		return -ENOMEM;
	edit->option = option;
	edit->value = nla_type(said);
	if (edit->value == PS_SECRET_TEXT)
		ps_quic_key_make(&edit->key, nla_data(said), nla_len(said));
	return 0;
}

static int ps_netlink_parse_option(const struct nlattr *attr, const struct ps_option *option,
				   const struct ps_netlink_name *name, struct ps_edits *edits,
				   struct netlink_ext_ack *extack)
{
	struct ps_edit *edit;

	if (option->type == PS_OPTION_SECRET)
		return ps_netlink_parse_secret(attr, option, name, edits, extack);
	if (!ps_netlink_is_value(option, nla_get_s64(attr)))
		return ps_netlink_refuse(extack, attr, -ERANGE, "the option has no such value");
	edit = ps_edits_add(edits, name, PS_EDIT_OPTION, attr);
	if (!edit)
		return -ENOMEM;
	edit->option = option;
	edit->value = nla_get_s64(attr);
	return 0;
}

/* The replacement that the items which follow belong to. */
static int ps_netlink_parse_whole(const struct nlattr *attr, const struct ps_list *list,
				  const struct ps_netlink_name *name, struct ps_edits *edits,
				  struct ps_edit **whole)
{
	if (nla_type(attr) == PS_ITEM_REPLACE) {
		*whole = ps_edits_add(edits, name, PS_EDIT_REPLACE, attr);
		if (!*whole)
			return -ENOMEM;
		(*whole)->target = list;
		return 0;
	}
	if (list_empty(&edits->list))
		return -EINVAL;
	*whole = list_last_entry(&edits->list, struct ps_edit, list);
	if ((*whole)->kind != PS_EDIT_REPLACE || (*whole)->target != list ||
	    memcmp(&(*whole)->name, name, sizeof(*name)))
		return -EINVAL;
	return 0;
}

static int ps_netlink_parse_single(const struct nlattr *attr, const struct ps_list *list,
				   const union ps_list_item *item,
				   const struct ps_netlink_name *name, struct ps_edits *edits)
{
	struct ps_edit *edit;

	if (++edits->copies > PS_NETLINK_COPIES)
		return -ENOSPC;
	edit = ps_edits_add(edits, name,
			    nla_type(attr) == PS_ITEM_ADD ? PS_EDIT_ADD : PS_EDIT_REMOVE, attr);
	if (!edit)
		return -ENOMEM;
	edit->target = list;
	edit->item = *item;
	return 0;
}

static int ps_netlink_parse_item(const struct nlattr *attr, const struct ps_list *list,
				 const struct ps_netlink_name *name, struct ps_edits *edits,
				 struct ps_edit *whole)
{
	union ps_list_item item = {};
	size_t before;
	int err;

	err = ps_lists_parse(list, nla_data(attr), nla_len(attr), &item);
	if (err)
		return err;
	if (!whole)
		return ps_netlink_parse_single(attr, list, &item, name, edits);
	if (nla_type(attr) == PS_ITEM_REMOVE)
		return -EINVAL;
	before = ps_batch_room(&whole->items);
	err = ps_batch_add(&whole->items, list, &item);
	edits->bytes += ps_batch_room(&whole->items) - before;
	return err;
}

static const char *ps_netlink_item_reason(int err)
{
	switch (err) {
	case -EINVAL:
		return "REPLACE or MORE stands first, REMOVE not behind it, MORE behind the same "
		       "list";
	case -ENOSPC:
		return "too many items: the list's limit, or replace it as a whole";
	default:
		return ps_netlink_reason(err);
	}
}

static int ps_netlink_parse_list(const struct nlattr *nest, const struct ps_list *list,
				 const struct ps_netlink_name *name, struct ps_edits *edits,
				 struct netlink_ext_ack *extack)
{
	struct ps_edit *whole = NULL;
	const struct nlattr *attr;
	bool first = true;
	int left, err = 0;

	nla_for_each_nested(attr, nest, left)
	{
		if (nla_type(attr) == PS_ITEM_ADD || nla_type(attr) == PS_ITEM_REMOVE)
			err = ps_netlink_parse_item(attr, list, name, edits, whole);
		else if (first)
			err = ps_netlink_parse_whole(attr, list, name, edits, &whole);
		else
			err = -EINVAL;
		if (err)
			return ps_netlink_refuse(extack, attr, err, ps_netlink_item_reason(err));
		first = false;
		cond_resched();
	}
	return 0;
}

static int ps_netlink_parse_settings(const struct nlattr *nest, const struct ps_netlink_name *name,
				     struct ps_edits *edits, struct netlink_ext_ack *extack)
{
	const struct ps_option *option;
	const struct nlattr *attr;
	int left, err = 0;

	nla_for_each_nested(attr, nest, left)
	{
		option = ps_netlink_option(nla_type(nest), nla_type(attr));
		if (option)
			err = ps_netlink_parse_option(attr, option, name, edits, extack);
		else
			err = ps_netlink_parse_list(attr,
						    ps_netlink_list(nla_type(nest), nla_type(attr)),
						    name, edits, extack);
		if (err)
			break;
	}
	return err;
}

static int ps_netlink_parse_instance(struct genl_info *info, const struct ps_netlink_name *name,
				     struct ps_edits *edits)
{
	bool create = info->genlhdr->cmd == PS_CMD_NEW_INSTANCE;

	if (name->in_context)
		return ps_netlink_refuse(info->extack, info->attrs[PS_A_CONTEXT], -EINVAL,
					 "contexts are a list of their instance");
	return ps_edits_add(edits, name, create ? PS_EDIT_NEW : PS_EDIT_DELETE,
			    info->attrs[PS_A_INSTANCE]) ?
		       0 :
		       -ENOMEM;
}

int ps_netlink_parse_edits(struct genl_info *info, struct ps_edits *edits)
{
	static const u16 nests[] = { PS_A_INSTANCE_SETTINGS, PS_A_CONTEXT_SETTINGS,
				     PS_A_OTHER_SETTINGS };
	struct ps_netlink_name name;
	const struct nlattr *nest;
	unsigned int i;
	int err;

	err = ps_netlink_parse_name(info->attrs, &name, info->extack);
	if (!err && info->genlhdr->cmd != PS_CMD_SET)
		return ps_netlink_parse_instance(info, &name, edits);
	for (i = 0; i < ARRAY_SIZE(nests) && !err; i++) {
		nest = info->attrs[nests[i]];
		if (!nest)
			continue;
		if (name.in_context == (nests[i] == PS_A_INSTANCE_SETTINGS))
			return ps_netlink_refuse(
				info->extack, nest, -EINVAL,
				"settings of an instance, or of a context, it names");
		if (nests[i] == PS_A_OTHER_SETTINGS && !ps_context_is_other(&name.context))
			return ps_netlink_refuse(info->extack, nest, -EINVAL,
						 "only the context Other has these settings");
		err = ps_netlink_parse_settings(nest, &name, edits, info->extack);
	}
	return err;
}

int ps_netlink_set(struct sk_buff *skb, struct genl_info *info)
{
	struct ps_netns *netns = ps_netns_of(genl_info_net(info));
	const struct ps_edit *failed = NULL;
	struct ps_edits edits;
	int err;

	err = ps_netlink_batch_note(info);
	if (err)
		return err < 0 ? err : 0;
	ps_edits_init(&edits);
	err = ps_netlink_parse_edits(info, &edits);
	if (!err) {
		err = ps_edits_apply(netns, &edits, &failed);
		if (err)
			ps_netlink_refuse(info->extack, failed ? failed->attr : NULL, err,
					  ps_netlink_reason(err));
	}
	ps_edits_free(&edits);
	return err;
}
