// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the kernel's configuration; see state.h. */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "state.h"

#define PS_STATE_TRIES 8 /* while others change what is there */

/**
 * struct reading - a list being read
 * @items: it goes there
 * @list: which
 */
struct reading {
	struct ps_model_items *items;
	enum ps_list_index list;
};

static void take_options(struct ps_model_options *options, const struct nlattr *nest, u8 scope)
{
	const struct nlattr *attr;
	u32 i;

	mnl_attr_for_each_nested(attr, nest)
	{
		for (i = 0; i < PS_OPTIONS; i++)
			if (ps_option[i].scope == scope &&
			    ps_option[i].id == mnl_attr_get_type(attr))
				options->value[i] = (s64)mnl_attr_get_u64(attr);
	}
}

static void take_by_hand(struct ps_model_instance *instance, const struct ps_context_id *id,
			 u32 bits)
{
	union ps_list_item item = { .id = *id };
	enum ps_list_index i;

	for (i = 0; i < PS_LISTS; i++)
		if (ps_list[i].type == PS_LIST_TOGGLED && bits >> ps_list[i].value & 1)
			ps_model_add_item(&instance->items, i, &item);
}

static void take_context(struct ps_model_instance *instance, const struct nlattr *const *attr)
{
	const char *name = mnl_attr_get_str(attr[PS_A_CONTEXT]);
	struct ps_model_context *context = &instance->context[0];
	union ps_list_item item;

	if (ps_list_item_parse(&ps_list[PS_LIST_contexts], name, strlen(name), &item))
		return;
	if (ps_model_compare_ids(&item.id, &context->id))
		context = ps_model_add_context(instance, &item.id);
	if (attr[PS_A_CONTEXT_SETTINGS])
		take_options(&context->options, attr[PS_A_CONTEXT_SETTINGS], PS_SCOPE_CONTEXT);
	if (attr[PS_A_BY_HAND])
		take_by_hand(instance, &item.id, mnl_attr_get_u32(attr[PS_A_BY_HAND]));
}

static void take_object(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attr[PS_ATTRIBUTES];
	struct ps_model_instance *instance;
	struct ps_model *model = data;
	const char *name;

	ps_link_sort(message, attr);
	if (!attr[PS_A_INSTANCE])
		return;
	name = mnl_attr_get_str(attr[PS_A_INSTANCE]);
	instance = ps_model_add_instance(model, name, strlen(name));
	if (attr[PS_A_CONTEXT])
		take_context(instance, attr);
	else if (attr[PS_A_INSTANCE_SETTINGS])
		take_options(&instance->options, attr[PS_A_INSTANCE_SETTINGS], PS_SCOPE_INSTANCE);
}

static void take_item(struct reading *reading, const struct nlattr *attr)
{
	const struct ps_list *list = &ps_list[reading->list];
	union ps_list_item item = {};

	if (!ps_list_item_parse(list, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr),
				&item))
		ps_model_add_item(reading->items, reading->list, &item);
}

static void take_list(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *settings, *nest, *attr;

	mnl_attr_for_each(settings, message, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(settings) != PS_A_INSTANCE_SETTINGS &&
		    mnl_attr_get_type(settings) != PS_A_CONTEXT_SETTINGS)
			continue;
		mnl_attr_for_each_nested(nest, settings)
		{
			mnl_attr_for_each_nested(attr, nest) take_item(data, attr);
		}
	}
}

static int read_list(struct ps_link *link, const char *instance, const char *context,
		     struct ps_model_items *items, enum ps_list_index list)
{
	struct reading reading = { items, list };
	struct nlmsghdr *message;

	message = ps_link_message_about(link, PS_CMD_GET_LIST, NLM_F_DUMP, instance, context);
	mnl_attr_put_strz(message, PS_A_LIST, ps_list[list].name);
	return ps_link_ask(link, message, take_list, &reading);
}

static int read_context(struct ps_link *link, const struct ps_model_instance *instance,
			struct ps_model_context *context)
{
	char name[PS_ITEM_MAX];
	enum ps_list_index i;
	int error = 0;

	ps_format_context(name, &context->id);
	for (i = 0; i < PS_LISTS && !error; i++)
		if (ps_list[i].scope == PS_SCOPE_CONTEXT)
			error = read_list(link, instance->name, name, &context->items, i);
	return error;
}

static int read_instance(struct ps_link *link, struct ps_model_instance *instance)
{
	enum ps_list_index i;
	int error = 0;
	u32 c;

	ps_model_sort_contexts(instance);
	for (i = 0; i < PS_LISTS && !error; i++)
		if ((ps_list[i].scope == PS_SCOPE_INSTANCE && i != PS_LIST_contexts) ||
		    ps_list[i].scope == PS_SCOPE_SHARED)
			error = read_list(link, instance->name, NULL, &instance->items, i);
	for (c = 0; c < instance->contexts && !error; c++)
		error = read_context(link, instance, &instance->context[c]);
	return error;
}

/* 0 or a negative errno: -EAGAIN and -ENOENT where others have changed something. */
static int try(struct ps_link *link, struct ps_model *model)
{
	int error;
	u32 i;

	error = ps_link_ask(link, ps_link_message(link, PS_CMD_GET, NLM_F_DUMP), take_object,
			    model);
	if (!error && link->interrupted)
		error = -EAGAIN;
	for (i = 0; i < model->instances && !error; i++)
		error = read_instance(link, &model->instance[i]);
	return error;
}

int ps_state_read(struct ps_link *link, struct ps_model *model)
{
	u32 tries;
	int error = -EAGAIN;

	*model = (struct ps_model){};
	for (tries = 0; tries < PS_STATE_TRIES && (error == -EAGAIN || error == -ENOENT); tries++) {
		ps_model_free(model);
		error = try(link, model);
	}
	return error ? ps_link_refused(link, error, "reading the configuration") : PS_EXIT_OK;
}
