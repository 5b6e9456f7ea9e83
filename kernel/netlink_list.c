// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a list, however long: its text is made at the start, as a file of
 * sysfs does it, and told message by message. So it is one state of the list.
 */
#include <linux/slab.h>

#include "lists.h"
#include "netlink.h"

/**
 * struct ps_netlink_reading - a list that is being told
 * @name: whose
 * @list: which
 * @text: its items, one a line
 * @offset: of the first that wasn't told yet
 * @generation: of the configuration that it is of
 * @told: at least one message was
 */
struct ps_netlink_reading {
	struct ps_netlink_name name;
	const struct ps_list *list;
	struct ps_text text;
	size_t offset;
	u32 generation;
	bool told;
};

/* The list called so, of an instance or of a context. */
static const struct ps_list *ps_netlink_list_called(const char *called,
						    const struct ps_netlink_name *name)
{
	unsigned int i;
	u8 scope;

	for (i = 0; i < PS_LISTS; i++) {
		scope = ps_list[i].scope;
		if (strcmp(ps_list[i].name, called))
			continue;
		if (scope == PS_SCOPE_OTHER)
			return name->in_context && ps_context_is_other(&name->context) ?
				       &ps_list[i] :
				       NULL;
		return name->in_context == (scope == PS_SCOPE_CONTEXT) ? &ps_list[i] : NULL;
	}
	return NULL;
}

static int ps_netlink_print(struct ps_netns *netns, struct ps_netlink_reading *reading,
			    struct netlink_ext_ack *extack)
{
	struct ps_list_target target = { .list = reading->list };
	int err;

	/* Interfaces are printed without netns->lock: this holds the instance. */
	mutex_lock(&netns->structure);
	mutex_lock(&netns->lock);
	err = ps_netlink_find(netns, &reading->name, &target.instance, &target.node, extack);
	if (!err && reading->list->type != PS_LIST_IFACES)
		err = ps_lists_print_held(&target, &reading->text);
	mutex_unlock(&netns->lock);
	if (!err && reading->list->type == PS_LIST_IFACES)
		err = ps_lists_print(&target, &reading->text);
	/* Behind the text, which mustn't be older than it says. */
	reading->generation = atomic_read(&netns->generation);
	mutex_unlock(&netns->structure);
	return err;
}

static int ps_netlink_list_parse(struct nlattr **attrs, struct ps_netlink_reading *reading,
				 struct netlink_ext_ack *extack)
{
	int err;

	err = ps_netlink_parse_name(attrs, &reading->name, extack);
	if (err)
		return err;
	if (!attrs[PS_A_LIST]) {
		NL_SET_ERR_MSG(extack, "a list must be named");
		return -EINVAL;
	}
	reading->list = ps_netlink_list_called(nla_data(attrs[PS_A_LIST]), &reading->name);
	if (reading->list)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attrs[PS_A_LIST], "there is no such list here");
	return -ENOENT;
}

/* In the first call, since only the calls of a dump have an extack. */
static int ps_netlink_list_start(struct netlink_callback *cb)
{
	struct ps_netlink_reading *reading;
	int err;

	reading = kzalloc(sizeof(*reading), GFP_KERNEL_ACCOUNT);
	if (!reading)
		return -ENOMEM;
	err = ps_netlink_list_parse(ps_genl_dump_attrs(cb), reading, cb->extack);
	if (!err)
		err = ps_netlink_print(ps_netns_of(sock_net(cb->skb->sk)), reading, cb->extack);
	if (err) {
		ps_text_free(&reading->text);
		kfree(reading);
		return err;
	}
	cb->args[0] = (long)reading;
	return 0;
}

static int ps_netlink_put_origin(struct sk_buff *skb, const struct ps_netlink_reading *reading)
{
	const struct ps_netlink_name *name = &reading->name;
	char context[PS_ITEM_MAX];

	if (nla_put_u32(skb, PS_A_GENERATION, reading->generation) ||
	    nla_put_string(skb, PS_A_INSTANCE, name->instance))
		return -EMSGSIZE;
	if (!name->in_context)
		return 0;
	ps_format_context(context, &name->context);
	return nla_put_string(skb, PS_A_CONTEXT, context);
}

/* As many items as fit: how many bytes of text. */
static size_t ps_netlink_put_items(struct sk_buff *skb, const struct ps_text *text, size_t offset)
{
	const char *line, *end;
	size_t done = offset;

	while (done < text->length) {
		line = text->data + done;
		end = memchr(line, '\n', text->length - done);
		if (nla_put(skb, PS_ITEM_ADD, end - line, line))
			break;
		done = end + 1 - text->data;
	}
	return done - offset;
}

/* One message with the next items: 0, or -EMSGSIZE when it isn't worth one. */
static int ps_netlink_tell(struct sk_buff *skb, struct ps_netlink_reading *reading)
{
	struct nlattr *settings, *list;
	size_t used;

	if (ps_netlink_put_origin(skb, reading))
		return -EMSGSIZE;
	settings = nla_nest_start(skb, PS_NETLINK_SETTINGS(reading->list->scope));
	list = settings ? nla_nest_start(skb, reading->list->id) : NULL;
	if (!list)
		return -EMSGSIZE;
	used = ps_netlink_put_items(skb, &reading->text, reading->offset);
	if (!used && reading->offset < reading->text.length)
		return -EMSGSIZE;
	nla_nest_end(skb, list);
	nla_nest_end(skb, settings);
	reading->offset += used;
	reading->told = true;
	return 0;
}

int ps_netlink_list_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ps_netlink_reading *reading;
	void *header;
	int err;

	err = cb->args[0] ? 0 : ps_netlink_list_start(cb);
	if (err)
		return ps_netlink_end(cb->extack, err);
	reading = (struct ps_netlink_reading *)cb->args[0];
	if (reading->told && reading->offset >= reading->text.length)
		return 0;
	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &ps_netlink_family, NLM_F_MULTI, PS_CMD_GET_LIST);
	if (!header)
		return -EMSGSIZE;
	err = ps_netlink_tell(skb, reading);
	if (err)
		return err;
	genlmsg_end(skb, header);
	return skb->len;
}

int ps_netlink_list_done(struct netlink_callback *cb)
{
	struct ps_netlink_reading *reading = (struct ps_netlink_reading *)cb->args[0];

	if (reading)
		ps_text_free(&reading->text);
	kfree(reading);
	return 0;
}
