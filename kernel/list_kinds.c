// SPDX-License-Identifier: GPL-2.0-or-later
/* The kinds of lists and what each does; see list_kinds.h. */
#include "geoip.h"
#include "list_kinds.h"
#include "snapshot.h"
#include "toggle.h"

/* Interfaces */

static int ps_ifaces_edit(const struct ps_list_target *target, const union ps_list_item *item,
			  bool add)
{
	return ps_iface_edit(target->instance, &item->iface, add);
}

static int ps_ifaces_replace(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_iface_replace(target->instance, batch->array[0].data, batch->array[0].count);
}

static int ps_ifaces_print(const struct ps_list_target *target, struct ps_text *text)
{
	return ps_iface_print(target->instance, text);
}

/* Contexts */

static int ps_contexts_edit(const struct ps_list_target *target, const union ps_list_item *item,
			    bool add)
{
	return ps_context_edit(target->instance, &item->id, add);
}

static int ps_contexts_replace(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_context_replace(target->instance, batch->array[0].data, batch->array[0].count);
}

static int ps_contexts_print(const struct ps_list_target *target, struct ps_text *text)
{
	struct ps_context_node *node;
	int err = 0;

	list_for_each_entry(node, &target->instance->nodes, list) {
		err = ps_text_add_line(text, ps_context_name(node), strlen(ps_context_name(node)));
		if (err)
			break;
	}
	return err;
}

/* Contexts with a protection on */

static int ps_toggled_edit(const struct ps_list_target *target, const union ps_list_item *item,
			   bool add)
{
	return ps_toggle_edit(target->instance, &item->id, target->list->value, add);
}

static int ps_toggled_check(const struct ps_list_target *target, const struct ps_batch *batch)
{
	return ps_toggle_check(target->instance, batch->array[0].data, batch->array[0].count,
			       target->list->value);
}

static int ps_toggled_replace(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_toggle_replace(target->instance, batch->array[0].data, batch->array[0].count,
				 target->list->value);
}

static int ps_toggled_print(const struct ps_list_target *target, struct ps_text *text)
{
	return ps_toggle_print(target->instance, target->list->value, text);
}

/* Sources, ports, protocols and countries of a context */

static int ps_rules_print(const struct ps_list_target *target, struct ps_text *text)
{
	struct ps_listing listing;
	union ps_list_item item;
	char line[PS_ITEM_MAX];
	int err = 0;

	ps_listing_start(&listing, target->list, ps_snapshot_get(target->node),
			 target->instance->countries);
	while (!err && ps_listing_next(&listing, &item))
		err = ps_text_add_line(text, line, ps_list_item_format(target->list, line, &item));
	return err;
}

/* Sources */

static int ps_sources_edit_list(const struct ps_list_target *target, const union ps_list_item *item,
				bool add)
{
	return ps_snapshot_edit_sources(target->node, target->list, &item->range, add);
}

static int ps_sources_prepare(struct ps_batch *batch)
{
	struct ps_range_array array;
	enum ps_family family;
	int err = 0;

	for (family = 0; family < PS_FAMILIES && !err; family++) {
		array.range = batch->array[family].data;
		array.count = batch->array[family].count;
		err = ps_snapshot_sort(&array);
		batch->array[family].count = array.count;
	}
	return err;
}

static int ps_sources_replace_list(const struct ps_list_target *target, struct ps_batch *batch)
{
	struct ps_range_array arrays[PS_FAMILIES];
	enum ps_family family;

	for (family = 0; family < PS_FAMILIES; family++) {
		arrays[family].range = batch->array[family].data;
		arrays[family].count = batch->array[family].count;
	}
	return ps_snapshot_replace_sources(target->node, target->list, arrays);
}

/* Ports and protocols */

static int ps_intervals_edit(const struct ps_list_target *target, const union ps_list_item *item,
			     bool add)
{
	return ps_snapshot_edit_interval(target->node, target->list, &item->interval, add);
}

static int ps_intervals_replace(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_snapshot_replace_intervals(target->node, target->list, batch->array[0].data,
					     batch->array[0].count);
}

/* Countries, and which addresses are in them */

static int ps_countries_edit(const struct ps_list_target *target, const union ps_list_item *item,
			     bool add)
{
	return ps_geoip_edit_countries(target->node, &item->country, add);
}

static int ps_countries_replace(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_geoip_replace_countries(target->node, batch->array[0].data,
					  batch->array[0].count);
}

static int ps_geoip_prepare(struct ps_batch *batch)
{
	return ps_geoip_tidy(batch->array[0].data, &batch->array[0].count);
}

static int ps_geoip_replace_list(const struct ps_list_target *target, struct ps_batch *batch)
{
	return ps_geoip_replace(target->instance, target->list, batch->array[0].data,
				batch->array[0].count);
}

static int ps_geoip_print_list(const struct ps_list_target *target, struct ps_text *text)
{
	return ps_geoip_print(target->instance, target->list->value, text);
}

const struct ps_list_kind ps_list_kind[] = {
	[PS_LIST_IFACES] = {
		.bytes = sizeof(struct ps_iface_name),
		.place = PS_LIST_BY_ITSELF,
		.edit = ps_ifaces_edit,
		.replace = ps_ifaces_replace,
		.print = ps_ifaces_print,
	},
	[PS_LIST_CONTEXTS] = {
		.bytes = sizeof(struct ps_context_id),
		.place = PS_LIST_PLANNED,
		.edit = ps_contexts_edit,
		.replace = ps_contexts_replace,
		.print = ps_contexts_print,
	},
	[PS_LIST_SOURCES] = {
		.bytes = sizeof(struct ps_range),
		.place = PS_LIST_STAGED,
		.edit = ps_sources_edit_list,
		.prepare = ps_sources_prepare,
		.replace = ps_sources_replace_list,
		.print = ps_rules_print,
	},
	[PS_LIST_PROTOCOLS] = {
		.bytes = sizeof(struct ps_interval),
		.place = PS_LIST_STAGED,
		.edit = ps_intervals_edit,
		.replace = ps_intervals_replace,
		.print = ps_rules_print,
	},
	[PS_LIST_TCP_PORTS] = {
		.bytes = sizeof(struct ps_interval),
		.place = PS_LIST_STAGED,
		.edit = ps_intervals_edit,
		.replace = ps_intervals_replace,
		.print = ps_rules_print,
	},
	[PS_LIST_UDP_PORTS] = {
		.bytes = sizeof(struct ps_interval),
		.place = PS_LIST_STAGED,
		.edit = ps_intervals_edit,
		.replace = ps_intervals_replace,
		.print = ps_rules_print,
	},
	[PS_LIST_TOGGLED] = {
		.bytes = sizeof(struct ps_context_id),
		.place = PS_LIST_AT_ONCE,
		.edit = ps_toggled_edit,
		.replace = ps_toggled_replace,
		.check = ps_toggled_check,
		.print = ps_toggled_print,
	},
	[PS_LIST_COUNTRIES] = {
		.bytes = sizeof(struct ps_country),
		.place = PS_LIST_STAGED,
		.edit = ps_countries_edit,
		.replace = ps_countries_replace,
		.print = ps_rules_print,
	},
	[PS_LIST_GEOIP4] = {
		.bytes = sizeof(struct ps_geo_line),
		.place = PS_LIST_STAGED,
		.prepare = ps_geoip_prepare,
		.replace = ps_geoip_replace_list,
		.print = ps_geoip_print_list,
	},
	[PS_LIST_GEOIP6] = {
		.bytes = sizeof(struct ps_geo_line),
		.place = PS_LIST_STAGED,
		.prepare = ps_geoip_prepare,
		.replace = ps_geoip_replace_list,
		.print = ps_geoip_print_list,
	},
};
