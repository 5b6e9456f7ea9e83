// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lines of a configuration file can do wrong together: all that the module
 * would refuse when the whole file is committed. See config_file.h.
 */
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "print.h"
#include "rules.h"

#define PS_PROTOCOL_TCP_NUMBER 6
#define PS_INSTANCES_BYTES     4096 /* the list of instances is one page */

static void refuse_item(struct ps_config_file_errors *errors, const struct ps_model_item *item,
			const char *hint, const char *reason)
{
	char text[PS_ITEM_MAX];

	ps_list_item_format(&ps_list[item->list], text, &item->item);
	ps_config_file_refuse(errors, item->line, item->column, hint, "%s: %s", text, reason);
}

/* The last item of a list. */
static const struct ps_model_item *last_of(const struct ps_model_items *items,
					   enum ps_list_index list)
{
	u32 i;

	for (i = items->count; i; i--)
		if (items->item[i - 1].list == list)
			return &items->item[i - 1];
	return NULL;
}

static void check_instances(const struct ps_model *model, struct ps_config_file_errors *errors)
{
	u32 i, bytes = 0;

	for (i = 0; i < model->instances; i++) {
		bytes += strlen(model->instance[i].name) + 1;
		if (bytes < PS_INSTANCES_BYTES)
			continue;
		ps_config_file_refuse(errors, model->instance[i].line, 1, NULL,
				      "too many instances: their names have %u bytes at most",
				      PS_INSTANCES_BYTES - 1);
		break;
	}
}

/* Each interface belongs to one instance. */
struct attached {
	const struct ps_model_item *item;
	u32 instance;
};

static int compare_attached(const void *a, const void *b)
{
	const struct attached *left = a, *right = b;
	int order = strcmp(left->item->item.iface.text, right->item->item.iface.text);

	if (order)
		return order;
	return left->instance < right->instance ? -1 : left->instance > right->instance;
}

static void check_ifaces(const struct ps_model *model, struct ps_config_file_errors *errors)
{
	struct attached *all;
	u32 i, j, n = 0;
	char hint[128];

	for (i = 0; i < model->instances; i++)
		n += ps_model_count(&model->instance[i].items, PS_LIST_ifaces);
	all = ps_print_allocate(NULL, (n + 1) * sizeof(*all));
	for (i = 0, n = 0; i < model->instances; i++)
		for (j = 0; j < model->instance[i].items.count; j++)
			if (model->instance[i].items.item[j].list == PS_LIST_ifaces)
				all[n++] =
					(struct attached){ &model->instance[i].items.item[j], i };
	qsort(all, n, sizeof(*all), compare_attached);
	for (i = 1; i < n; i++) {
		if (all[i].instance == all[i - 1].instance ||
		    strcmp(all[i].item->item.iface.text, all[i - 1].item->item.iface.text))
			continue;
		snprintf(hint, sizeof(hint), "line %u attaches it to \"%s\"", all[i - 1].item->line,
			 model->instance[all[i - 1].instance].name);
		refuse_item(errors, all[i].item, hint, "an interface belongs to one instance");
	}
	free(all);
}

static void check_toggled(const struct ps_model_instance *instance,
			  const struct ps_model_item *item, struct ps_config_file_errors *errors)
{
	const struct ps_model_context *context = ps_model_find_context(instance, &item->item.id);
	u8 which = ps_list[item->list].value;
	s64 rates;

	if (!context) {
		refuse_item(errors, item, NULL, "the instance has no such context");
		return;
	}
	rates = context->options.value[ps_protection_option[which]];
	if (which == PS_PROTECT_SURGE && !ps_rates_unpack(rates).below)
		refuse_item(errors, item, "set its deliver_block_threshold as well",
			    "at rate 0 nothing at all would be delivered");
}

static void check_limits(const struct ps_rules *rules, struct ps_config_file_errors *errors)
{
	const struct ps_model_instance *instance = rules->instance;
	const struct ps_model_item *last;
	enum ps_family family;
	enum ps_list_index i;
	u32 c;

	for (c = 0; c < instance->contexts; c++)
		for (i = 0; i < PS_LISTS; i++) {
			last = last_of(&instance->context[c].items, i);
			if (last && ps_list[i].type == PS_LIST_SOURCES &&
			    ps_rules_ranges(&rules->context[c]) > ps_list[i].limit)
				refuse_item(errors, last, NULL,
					    "too many disjoint ranges in the source lists");
		}
	if (instance->contexts - 1 > ps_list[PS_LIST_contexts].limit)
		ps_config_file_refuse(errors, instance->line, 1, NULL,
				      "\"%s\" has over %u contexts", instance->name,
				      ps_list[PS_LIST_contexts].limit);
	if (rules->too_many_codes)
		ps_config_file_refuse(errors, instance->line, 1, NULL,
				      "\"%s\" has over %u country codes", instance->name,
				      PS_COUNTRIES - 1);
	for (family = 0; family < PS_FAMILIES; family++) {
		i = family == PS_IPV4 ? PS_LIST_geoip4 : PS_LIST_geoip6;
		if (rules->lines[family] > ps_list[i].limit)
			refuse_item(errors, last_of(&instance->items, i), NULL,
				    "too many lines of countries");
	}
}

static void check_countries(const struct ps_rules *rules, enum ps_family family,
			    struct ps_config_file_errors *errors)
{
	enum ps_list_index list = family == PS_IPV4 ? PS_LIST_geoip4 : PS_LIST_geoip6;
	const struct ps_model_items *items = &rules->instance->items;
	const struct ps_model_item *last = last_of(items, list);
	u32 i;

	if (last && rules->instance->keep[family])
		refuse_item(errors, last, NULL,
			    "\"" PS_MODEL_KEEP "\" stands in place of all lines");
	if (!rules->clashes[family])
		return;
	for (i = items->count; i; i--) {
		last = &items->item[i - 1];
		if (last->list == list &&
		    ps_addr_equal(&last->item.line.first, &rules->clash[family]))
			break;
	}
	refuse_item(errors, last, NULL, "another line says that it is in another country");
}

static void check_instance(const struct ps_model_instance *instance,
			   struct ps_config_file_errors *errors)
{
	struct ps_rules rules;
	u32 i;

	for (i = 0; i < instance->items.count; i++)
		if (ps_list[instance->items.item[i].list].type == PS_LIST_TOGGLED)
			check_toggled(instance, &instance->items.item[i], errors);
	ps_rules_make(&rules, instance);
	check_limits(&rules, errors);
	for (i = 0; i < PS_FAMILIES; i++)
		check_countries(&rules, i, errors);
	ps_rules_free(&rules);
}

void ps_config_file_check(const struct ps_model *model, struct ps_config_file_errors *errors)
{
	u32 i;

	check_instances(model, errors);
	check_ifaces(model, errors);
	for (i = 0; i < model->instances; i++)
		check_instance(&model->instance[i], errors);
}

/* Whether anything lets a TCP connection to a port of the context in. */
static bool admits_tcp(const struct ps_model_context *context)
{
	const struct ps_model_item *item;
	u32 i;

	for (i = 0; i < context->items.count; i++) {
		item = &context->items.item[i];
		if (ps_list[item->list].type == PS_LIST_TCP_PORTS)
			return true;
		if (ps_list[item->list].type == PS_LIST_PROTOCOLS &&
		    item->item.interval.first == PS_PROTOCOL_TCP_NUMBER)
			return true;
	}
	return false;
}

void ps_config_file_warn(const struct ps_model *model)
{
	const struct ps_model_instance *instance;
	bool admits;
	u32 i, c;

	for (i = 0; i < model->instances; i++) {
		instance = &model->instance[i];
		if (!ps_model_count(&instance->items, PS_LIST_ifaces))
			continue;
		admits = false;
		for (c = 0; c < instance->contexts; c++)
			admits |= admits_tcp(&instance->context[c]);
		if (!admits)
			ps_print_warning("%s: interfaces are attached, but no TCP port is allowed "
					 "or protected: nobody can log in",
					 instance->name);
	}
}
