/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration in memory: what a file says, or what the kernel has. Options
 * are values; lists are what was said of them, item by item, in that order,
 * since adding to one list takes from another. What comes of that is made by
 * rules.h.
 *
 * Instances stand in the order of their names, contexts in that of their
 * addresses, Other first: so two models that say the same look the same.
 */
#ifndef PS_MODEL_H
#define PS_MODEL_H

#include "list_item.h"

/**
 * struct ps_model_item - an item that a list was said to have
 * @item: the item
 * @line: where the file says it; 0: no file does
 * @column: likewise
 * @list: enum ps_list_index
 */
struct ps_model_item {
	union ps_list_item item;
	u32 line;
	u16 column;
	u8 list;
};

/**
 * struct ps_model_items - items, in the order in which they were said
 * @item: they
 * @count: how many
 * @room: for how many there is memory
 */
struct ps_model_items {
	struct ps_model_item *item;
	u32 count;
	u32 room;
};

/**
 * struct ps_model_options - values of options, of one scope or another
 * @value: by enum ps_option_index
 * @line: where the file says it; 0: nowhere, it is the default
 * @secret: of an option of the type SECRET whose value is 1; NULL: what the kernel has stays
 */
struct ps_model_options {
	s64 value[PS_OPTIONS];
	u32 line[PS_OPTIONS];
	char *secret;
};

/**
 * struct ps_model_context - a context
 * @id: its name
 * @options: of the scope CONTEXT
 * @items: of lists of that scope
 */
struct ps_model_context {
	struct ps_context_id id;
	struct ps_model_options options;
	struct ps_model_items items;
};

/**
 * struct ps_model_instance - an instance
 * @name: its name
 * @line: where the file names it
 * @options: of the scope INSTANCE
 * @items: of the lists that contexts don't have; contexts aren't among them
 * @keep: by family: the file says that the kernel's countries stay, in this line
 * @context: its contexts
 * @contexts: how many
 * @room: for how many there is memory
 */
struct ps_model_instance {
	char name[PS_INSTANCE_NAME_MAX + 1];
	u32 line;
	struct ps_model_options options;
	struct ps_model_items items;
	u32 keep[PS_FAMILIES];
	struct ps_model_context *context;
	u32 contexts;
	u32 room;
};

/**
 * struct ps_model - a configuration; all zero is the empty one
 * @instance: its instances
 * @instances: how many
 * @room: for how many there is memory
 */
struct ps_model {
	struct ps_model_instance *instance;
	u32 instances;
	u32 room;
};

/* The word that stands for what the kernel has already. */
#define PS_MODEL_KEEP	"keep"

void ps_model_free(struct ps_model *model);

/* One more instance, with Other; or, when it is there already, that one. */
struct ps_model_instance *ps_model_add_instance(struct ps_model *model, const char *name,
						size_t length);

/* One more context at the end; ps_model_sort_contexts() brings all into order. */
struct ps_model_context *ps_model_add_context(struct ps_model_instance *instance,
					      const struct ps_context_id *id);

/* Sort contexts, and keep one of each. */
void ps_model_sort_contexts(struct ps_model_instance *instance);

/* NULL where there is none. */
struct ps_model_instance *ps_model_find_instance(const struct ps_model *model, const char *name,
						 size_t length);
struct ps_model_context *ps_model_find_context(const struct ps_model_instance *instance,
					       const struct ps_context_id *id);

/* Note an item down. */
struct ps_model_item *ps_model_add_item(struct ps_model_items *items, enum ps_list_index list,
					const union ps_list_item *item);

/* How many items of the list there are. */
u32 ps_model_count(const struct ps_model_items *items, enum ps_list_index list);

int ps_model_compare_ids(const void *a, const void *b);

/* The row of a name, or PS_OPTIONS, PS_LISTS. */
enum ps_option_index ps_model_option_called(const char *name, size_t length);
enum ps_list_index ps_model_list_called(const char *name, size_t length);

#endif
