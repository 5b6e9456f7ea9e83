// SPDX-License-Identifier: GPL-2.0-or-later
/* From one configuration to another in one batch; see apply.h. */
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "command.h"
#include "print.h"
#include "rules.h"
#include "secret.h"
#include "upload.h"
#include "view.h"

/**
 * struct applying - an instance on its way
 * @link: the kernel
 * @now: what there is; rules of nothing for one that is new
 * @wanted: what there shall be
 * @place: of the options and lists at hand
 * @context: their number in @wanted, or PS_RULES_INSTANCE
 * @before: in @now; of a new context that of nothing
 */
struct applying {
	struct ps_link *link;
	struct ps_rules now;
	struct ps_rules wanted;
	struct ps_place place;
	u32 context;
	u32 before;
};

static void set_place(struct applying *applying, u32 context)
{
	const struct ps_model_instance *instance = applying->wanted.instance;
	struct ps_place *place = &applying->place;

	applying->context = context;
	*place = (struct ps_place){ .instance = instance->name };
	if (context != PS_RULES_INSTANCE)
		ps_format_context(place->context, &instance->context[context].id);
	snprintf(place->path, sizeof(place->path), "%s%s%s", instance->name,
		 place->context[0] ? "/" : "", place->context);
}

/* The kernel rounds it up. */
static s64 rounded(enum ps_option_index option, s64 value)
{
	s64 power = 1;

	if (option != PS_OPTION_session_table_size)
		return value;
	while (power < value)
		power *= 2;
	return power;
}

/* Whether a secret is the same nobody knows. */
static bool is_to_send(enum ps_option_index option, const struct ps_model_options *now,
		       const struct ps_model_options *wanted)
{
	return rounded(option, wanted->value[option]) != now->value[option] ||
	       (ps_option[option].type == PS_OPTION_SECRET && wanted->secret);
}

static void put_option(struct nlmsghdr *message, enum ps_option_index option,
		       const struct ps_model_options *wanted)
{
	s64 value = wanted->value[option];

	if (ps_option[option].type != PS_OPTION_SECRET)
		mnl_attr_put_u64(message, ps_option[option].id, (u64)value);
	else if (value && wanted->secret)
		ps_secret_put(message, &ps_option[option], PS_SECRET_TEXT, wanted->secret,
			      strlen(wanted->secret));
	else
		ps_secret_put(message, &ps_option[option], value ? PS_SECRET_KEEP : PS_SECRET_NONE,
			      NULL, 0);
}

static int send_options(struct applying *applying, const struct ps_model_options *now,
			const struct ps_model_options *wanted, u8 scope)
{
	struct nlattr *nest = NULL;
	struct nlmsghdr *message = NULL;
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++) {
		if (ps_option[i].scope != scope || !is_to_send(i, now, wanted))
			continue;
		if (!message) {
			message = ps_link_message_about(applying->link, PS_CMD_SET, 0,
							applying->place.instance,
							ps_place_context(&applying->place));
			nest = mnl_attr_nest_start(message, PS_NETLINK_SETTINGS(scope));
		}
		put_option(message, i, wanted);
	}
	if (!message)
		return 0;
	mnl_attr_nest_end(message, nest);
	return ps_link_batch_add(applying->link, message);
}

static int send_lines(struct applying *applying, enum ps_list_index list, enum ps_netlink_item kind,
		      const struct ps_lines *lines)
{
	struct ps_upload upload = {
		.link = applying->link,
		.place = &applying->place,
		.list = &ps_list[list],
		.kind = kind,
		.in_batch = true,
	};
	size_t at = 0, length;
	const char *text;
	int error;

	error = ps_upload_begin(&upload);
	while (!error && ps_lines_next(lines, &at, &text, &length))
		error = ps_upload_put(&upload, text, length);
	return error ? error : ps_upload_end(&upload);
}

static bool are_same(const struct ps_lines *a, const struct ps_lines *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->data, b->data, a->length));
}

static int send_list(struct applying *applying, enum ps_list_index list)
{
	struct ps_lines now = {}, wanted = {};
	int error = 0;

	ps_rules_print(&applying->now, applying->before, list, &now);
	ps_rules_print(&applying->wanted, applying->context, list, &wanted);
	if (!are_same(&now, &wanted))
		error = send_lines(applying, list, PS_ITEM_REPLACE, &wanted);
	ps_lines_free(&now);
	ps_lines_free(&wanted);
	return error;
}

static int send_lists(struct applying *applying, u8 scope)
{
	enum ps_list_index i;
	int error = 0;

	for (i = 0; i < PS_LISTS && !error; i++) {
		if (ps_list[i].scope != scope || i == PS_LIST_contexts ||
		    (scope == PS_SCOPE_SHARED && applying->wanted.instance->keep[ps_list[i].value]))
			continue;
		error = send_list(applying, i);
	}
	return error;
}

/* A list's items as they are in both models, and in the order of contexts. */
static u32 toggled_of(const struct ps_model_instance *instance, enum ps_list_index list,
		      struct ps_context_id **ids)
{
	const struct ps_model_items *items = &instance->items;
	u32 i, count = 0;

	*ids = ps_print_allocate(NULL, (items->count + 1) * sizeof(**ids));
	for (i = 0; i < items->count; i++)
		if (items->item[i].list == list)
			(*ids)[count++] = items->item[i].item.id;
	qsort(*ids, count, sizeof(**ids), ps_model_compare_ids);
	return count;
}

/*
 * Protections are switched one by one: replacing the list would end those that
 * have gone on by themselves. One whose context goes needs no hand.
 */
static int send_toggled(struct applying *applying, enum ps_list_index list)
{
	const struct ps_model_instance *instance = applying->wanted.instance;
	struct ps_lines on = {}, off = {};
	struct ps_context_id *now, *wanted;
	char text[PS_ITEM_MAX];
	u32 i, nows = toggled_of(applying->now.instance, list, &now);
	u32 wants = toggled_of(instance, list, &wanted);
	int error = 0;

	for (i = 0; i < wants; i++)
		if ((!i || ps_model_compare_ids(&wanted[i], &wanted[i - 1])) &&
		    !bsearch(&wanted[i], now, nows, sizeof(*now), ps_model_compare_ids))
			ps_lines_add(&on, text, ps_format_context(text, &wanted[i]));
	for (i = 0; i < nows; i++)
		if (!bsearch(&now[i], wanted, wants, sizeof(*wanted), ps_model_compare_ids) &&
		    ps_model_find_context(instance, &now[i]))
			ps_lines_add(&off, text, ps_format_context(text, &now[i]));
	if (off.count)
		error = send_lines(applying, list, PS_ITEM_REMOVE, &off);
	if (on.count && !error)
		error = send_lines(applying, list, PS_ITEM_ADD, &on);
	ps_lines_free(&on);
	ps_lines_free(&off);
	free(now);
	free(wanted);
	return error;
}

static int send_context(struct applying *applying, u32 context)
{
	static struct ps_model_options none;
	const struct ps_model_context *wanted = &applying->wanted.instance->context[context];
	const struct ps_model_instance *instance = applying->now.instance;
	const struct ps_model_context *before = ps_model_find_context(instance, &wanted->id);
	int error;
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++)
		none.value[i] = ps_option[i].initial;
	set_place(applying, context);
	applying->before = before ? (u32)(before - instance->context) : PS_RULES_NOTHING;
	error = send_options(applying, before ? &before->options : &none, &wanted->options,
			     PS_SCOPE_CONTEXT);
	return error ? error : send_lists(applying, PS_SCOPE_CONTEXT);
}

static int send_instance(struct applying *applying)
{
	const struct ps_model_instance *wanted = applying->wanted.instance;
	enum ps_list_index i;
	int error;
	u32 c;

	set_place(applying, PS_RULES_INSTANCE);
	applying->before = PS_RULES_INSTANCE;
	error = send_list(applying, PS_LIST_contexts);
	if (!error)
		error = send_options(applying, &applying->now.instance->options, &wanted->options,
				     PS_SCOPE_INSTANCE);
	if (!error)
		error = send_lists(applying, PS_SCOPE_SHARED);
	for (c = 0; c < wanted->contexts && !error; c++)
		error = send_context(applying, c);
	set_place(applying, 0);
	for (i = 0; i < PS_LISTS && !error; i++)
		if (ps_list[i].scope == PS_SCOPE_OTHER)
			error = send_toggled(applying, i);
	/* When all else is in place. */
	set_place(applying, PS_RULES_INSTANCE);
	applying->before = PS_RULES_INSTANCE;
	return error ? error : send_lists(applying, PS_SCOPE_INSTANCE);
}

static int send_changes(struct ps_link *link, const struct ps_model_instance *now,
			const struct ps_model_instance *wanted)
{
	struct applying applying = { .link = link };
	struct ps_model nothing = {};
	int error = 0;

	if (!now) {
		now = ps_model_add_instance(&nothing, wanted->name, strlen(wanted->name));
		error = ps_link_batch_add(link, ps_link_message_about(link, PS_CMD_NEW_INSTANCE, 0,
								      wanted->name, NULL));
	}
	ps_rules_make(&applying.now, now);
	ps_rules_make(&applying.wanted, wanted);
	if (!error)
		error = send_instance(&applying);
	ps_rules_free(&applying.now);
	ps_rules_free(&applying.wanted);
	ps_model_free(&nothing);
	return error;
}

static int send_all(struct ps_link *link, const struct ps_model *now, const struct ps_model *wanted)
{
	const char *name;
	int error;
	u32 i;

	error = ps_link_batch_begin(link);
	for (i = 0; i < now->instances && !error; i++) {
		name = now->instance[i].name;
		if (!ps_model_find_instance(wanted, name, strlen(name)))
			error = ps_link_batch_add(link,
						  ps_link_message_about(link, PS_CMD_DEL_INSTANCE,
									0, name, NULL));
	}
	for (i = 0; i < wanted->instances && !error; i++) {
		name = wanted->instance[i].name;
		error = send_changes(link, ps_model_find_instance(now, name, strlen(name)),
				     &wanted->instance[i]);
	}
	return error ? error : ps_link_batch_commit(link);
}

int ps_apply_model(struct ps_link *link, const struct ps_model *now, const struct ps_model *wanted)
{
	int error = send_all(link, now, wanted);

	return error ? ps_link_refused(link, error, "nothing was changed") : PS_EXIT_OK;
}
