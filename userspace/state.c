// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the kernel's configuration; see state.h. It takes many questions, so it is
 * begun again where the generation moved between them.
 */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "state.h"
#include "view.h"

#define PS_STATE_TRIES 10

/**
 * struct reading - one attempt to read a configuration
 * @link: the kernel
 * @model: what it is read into
 * @generation: of the views that were read first
 * @changed: what was read behind them isn't of that generation
 */
struct reading {
	struct ps_link *link;
	struct ps_model *model;
	u32 generation;
	bool changed;
};

static void add_by_hand(struct ps_model_instance *instance, const struct ps_context_id *id,
			u32 bits)
{
	union ps_list_item item = { .id = *id };
	enum ps_list_index i;

	for (i = 0; i < PS_LISTS; i++)
		if (ps_list[i].type == PS_LIST_TOGGLED && bits >> ps_list[i].value & 1)
			ps_model_add_item(&instance->items, i, &item);
}

static void add_context(struct ps_model_instance *instance, const struct ps_view *view)
{
	const char *name = view->place.context;
	struct ps_model_context *context = &instance->context[0];
	union ps_list_item item = {};

	if (ps_list_item_parse(&ps_list[PS_LIST_contexts], name, strlen(name), &item))
		return;
	if (ps_model_compare_ids(&item.id, &context->id))
		context = ps_model_add_context(instance, &item.id);
	memcpy(context->options.value, view->option, sizeof(view->option));
	add_by_hand(instance, &item.id, view->by_hand);
}

static void add_view(struct ps_model *model, const struct ps_view *view)
{
	struct ps_model_instance *instance =
		ps_model_add_instance(model, view->name, strlen(view->name));

	if (view->place.context[0])
		add_context(instance, view);
	else
		memcpy(instance->options.value, view->option, sizeof(view->option));
}

static int read_list(struct reading *reading, const struct ps_place *place, enum ps_list_index list,
		     struct ps_model_items *items)
{
	union ps_list_item item = {};
	struct ps_lines lines;
	size_t at = 0, length;
	const char *text;
	int error;

	error = ps_view_try_list(reading->link, place, &ps_list[list], &lines);
	reading->changed = error == -ENOENT || (!error && lines.generation != reading->generation);
	while (!error && ps_lines_next(&lines, &at, &text, &length))
		if (!ps_list_item_parse(&ps_list[list], text, length, &item))
			ps_model_add_item(items, list, &item);
	ps_lines_free(&lines);
	if (!error || reading->changed)
		return PS_EXIT_OK;
	return ps_link_refused(reading->link, error, "%s/%s", place->path, ps_list[list].name);
}

/* Which contexts there are, and those that are toggled, the views have told. */
static bool is_read(enum ps_list_index list, bool of_context)
{
	if (list == PS_LIST_contexts || ps_list[list].scope == PS_SCOPE_OTHER)
		return false;
	return of_context == (ps_list[list].scope == PS_SCOPE_CONTEXT);
}

static int read_lists(struct reading *reading, const struct ps_view *view)
{
	const char *name = view->place.context;
	struct ps_model_instance *instance =
		ps_model_find_instance(reading->model, view->name, strlen(view->name));
	struct ps_model_items *items = &instance->items;
	union ps_list_item item = {};
	int result = PS_EXIT_OK;
	enum ps_list_index i;

	if (*name && !ps_list_item_parse(&ps_list[PS_LIST_contexts], name, strlen(name), &item))
		items = &ps_model_find_context(instance, &item.id)->items;
	for (i = 0; i < PS_LISTS && !result && !reading->changed; i++)
		if (is_read(i, *name))
			result = read_list(reading, &view->place, i, items);
	return result;
}

static int read_once(struct reading *reading)
{
	static const struct ps_place all;
	struct ps_model *model = reading->model;
	struct ps_views views;
	size_t i;
	int result;

	result = ps_view_read(reading->link, &all, &views);
	reading->generation = views.generation;
	reading->changed = false;
	for (i = 0; i < views.count && !result; i++)
		add_view(model, views.view[i]);
	for (i = 0; i < model->instances; i++)
		ps_model_sort_contexts(&model->instance[i]);
	for (i = 0; i < views.count && !result && !reading->changed; i++)
		result = read_lists(reading, views.view[i]);
	ps_view_free(&views);
	return result;
}

int ps_state_read(struct ps_link *link, struct ps_model *model)
{
	struct reading reading = { .link = link, .model = model };
	int tries = PS_STATE_TRIES, result;

	*model = (struct ps_model){};
	do {
		ps_model_free(model);
		result = read_once(&reading);
	} while (!result && reading.changed && --tries);
	if (result || !reading.changed)
		return result;
	ps_print_error("the configuration changed each of %d times that it was read",
		       PS_STATE_TRIES);
	ps_print_hint("another program writes to it all the time: try again behind it");
	return PS_EXIT_FAILED;
}
