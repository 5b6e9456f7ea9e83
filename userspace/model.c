// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations in memory; see model.h. */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "print.h"

/* Room for one more, all zero: the array, which may have moved. */
static void *grow(void *array, u32 count, u32 *room, size_t bytes)
{
	if (count == *room) {
		*room = *room ? 2 * *room : 4;
		array = ps_print_allocate(array, *room * bytes);
	}
	memset((char *)array + count * bytes, 0, bytes);
	return array;
}

static void free_instance(struct ps_model_instance *instance)
{
	u32 i;

	for (i = 0; i < instance->contexts; i++) {
		free(instance->context[i].options.secret);
		free(instance->context[i].items.item);
	}
	free(instance->context);
	free(instance->items.item);
}

void ps_model_free(struct ps_model *model)
{
	u32 i;

	for (i = 0; i < model->instances; i++)
		free_instance(&model->instance[i]);
	free(model->instance);
	*model = (struct ps_model){};
}

static void set_defaults(struct ps_model_options *options)
{
	u32 i;

	for (i = 0; i < PS_OPTIONS; i++)
		options->value[i] = ps_option[i].initial;
}

/* Negative, 0 or positive, as the name is below, equal to or above the text. */
static int compare_name(const char *name, const char *text, size_t length)
{
	int order = strncmp(name, text, length);

	return order ? order : name[length] != '\0';
}

/* Where it is, or would be. */
static u32 place(const struct ps_model *model, const char *name, size_t length)
{
	u32 i;

	for (i = 0; i < model->instances; i++)
		if (compare_name(model->instance[i].name, name, length) >= 0)
			break;
	return i;
}

struct ps_model_instance *ps_model_find_instance(const struct ps_model *model, const char *name,
						 size_t length)
{
	u32 i = place(model, name, length);

	if (i == model->instances || compare_name(model->instance[i].name, name, length))
		return NULL;
	return &model->instance[i];
}

struct ps_model_instance *ps_model_add_instance(struct ps_model *model, const char *name,
						size_t length)
{
	static const struct ps_context_id other;
	struct ps_model_instance *instance = ps_model_find_instance(model, name, length);
	u32 i = place(model, name, length);

	if (instance)
		return instance;
	model->instance = grow(model->instance, model->instances, &model->room, sizeof(*instance));
	instance = &model->instance[i];
	memmove(instance + 1, instance, (model->instances++ - i) * sizeof(*instance));
	memset(instance, 0, sizeof(*instance));
	memcpy(instance->name, name, length);
	set_defaults(&instance->options);
	ps_model_add_context(instance, &other);
	return instance;
}

struct ps_model_context *ps_model_add_context(struct ps_model_instance *instance,
					      const struct ps_context_id *id)
{
	struct ps_model_context *context;

	instance->context =
		grow(instance->context, instance->contexts, &instance->room, sizeof(*context));
	context = &instance->context[instance->contexts++];
	context->id = *id;
	set_defaults(&context->options);
	return context;
}

/* An id is the first member of a context. */
int ps_model_compare_ids(const void *a, const void *b)
{
	const struct ps_context_id *left = a, *right = b;
	int order = ps_addr_compare(&left->addr, &right->addr);

	return order ? order : left->vlan - right->vlan;
}

void ps_model_sort_contexts(struct ps_model_instance *instance)
{
	u32 i, kept = 1;

	qsort(instance->context, instance->contexts, sizeof(*instance->context),
	      ps_model_compare_ids);
	for (i = 1; i < instance->contexts; i++) {
		if (!ps_model_compare_ids(&instance->context[i], &instance->context[kept - 1]))
			continue;
		instance->context[kept++] = instance->context[i];
	}
	instance->contexts = kept;
}

struct ps_model_context *ps_model_find_context(const struct ps_model_instance *instance,
					       const struct ps_context_id *id)
{
	return bsearch(id, instance->context, instance->contexts, sizeof(*instance->context),
		       ps_model_compare_ids);
}

struct ps_model_item *ps_model_add_item(struct ps_model_items *items, enum ps_list_index list,
					const union ps_list_item *item)
{
	struct ps_model_item *added;

	items->item = grow(items->item, items->count, &items->room, sizeof(*added));
	added = &items->item[items->count++];
	added->item = *item;
	added->list = list;
	return added;
}

u32 ps_model_count(const struct ps_model_items *items, enum ps_list_index list)
{
	u32 i, count = 0;

	for (i = 0; i < items->count; i++)
		count += items->item[i].list == list;
	return count;
}

enum ps_option_index ps_model_option_called(const char *name, size_t length)
{
	enum ps_option_index i;

	for (i = 0; i < PS_OPTIONS; i++)
		if (!compare_name(ps_option[i].name, name, length))
			break;
	return i;
}

enum ps_list_index ps_model_list_called(const char *name, size_t length)
{
	enum ps_list_index i;

	for (i = 0; i < PS_LISTS; i++)
		if (!compare_name(ps_list[i].name, name, length))
			break;
	return i;
}
