// SPDX-License-Identifier: GPL-2.0-or-later
/* The kinds of lists and what each does; see list_kinds.h. */
#include "core/parse.h"
#include "geoip.h"
#include "iface_plan.h"
#include "list_kinds.h"
#include "snapshot.h"
#include "toggle.h"

/* Interfaces */

static enum ps_status ps_ifaces_parse(const char *text, size_t length, union ps_list_item *item)
{
	enum ps_status status = ps_parse_iface_name(text, length);

	if (status)
		return status;
	memcpy(item->iface.text, text, length);
	item->iface.text[length] = '\0';
	return PS_OK;
}

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

static enum ps_status ps_contexts_parse(const char *text, size_t length, union ps_list_item *item)
{
	/* It exists and can't be removed; the edit will say so. */
	if (length == strlen("Other") && !memcmp(text, "Other", length)) {
		item->id = (struct ps_context_id){};
		return PS_OK;
	}
	return ps_parse_context(text, length, &item->id);
}

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

static int ps_toggled_check_edit(const struct ps_list_target *target,
				 const union ps_list_item *item, bool add, int before)
{
	return ps_toggle_check_edit(target->instance, &item->id, target->list->value, add, before);
}

static void ps_toggled_edit_checked(const struct ps_list_target *target,
				    const union ps_list_item *item, bool add)
{
	ps_toggle_edit_checked(target->instance, &item->id, target->list->value, add);
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

/* Sources */

static enum ps_status ps_sources_parse(const char *text, size_t length, union ps_list_item *item)
{
	return ps_parse_source(text, length, &item->range);
}

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

/*
 * The IPv4-mapped block is part of the IPv6 address space, so that "::/0" may
 * span it, but no IPv6 packet is judged by an address in it, and no text of an
 * item begins or ends in it. Returns false where nothing else is in the range.
 */
static bool ps_sources_clip(struct ps_range *range, enum ps_family family)
{
	static const struct ps_addr below = { { 0, 0, PS_ADDR_MAPPED - 1, U32_MAX } };
	static const struct ps_addr above = { { 0, 0, PS_ADDR_MAPPED + 1, 0 } };

	if (family == PS_IPV4)
		return true;
	if (ps_addr_is_ipv4(&range->first))
		range->first = above;
	if (ps_addr_is_ipv4(&range->last))
		range->last = below;
	return ps_addr_compare(&range->first, &range->last) <= 0;
}

static int ps_sources_print(const struct ps_list_target *target, struct ps_text *text)
{
	const struct ps_config *config = ps_snapshot_get(target->node);
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	enum ps_family family;
	char line[PS_ITEM_MAX];
	int err = 0;

	for (family = 0; family < PS_FAMILIES; family++) {
		ps_sources_seek(&cursor, config->sources[family], NULL);
		while (!err && ps_sources_next(&cursor, &segment))
			if (segment.value == target->list->value &&
			    ps_sources_clip(&segment.range, family))
				err = ps_text_add_line(text, line,
						       ps_format_source(line, &segment.range));
	}
	return err;
}

/* Ports and protocols */

static enum ps_status ps_ports_parse(const char *text, size_t length, union ps_list_item *item)
{
	return ps_parse_ports(text, length, &item->interval);
}

static enum ps_status ps_protocols_parse(const char *text, size_t length, union ps_list_item *item)
{
	return ps_parse_protocol(text, length, &item->interval);
}

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

static bool ps_ports_has(const struct ps_list_target *target, u32 port)
{
	const struct ps_config *config = ps_snapshot_get(target->node);
	enum ps_port_protocol protocol = target->list->type == PS_LIST_TCP_PORTS ? PS_PORTS_TCP :
										   PS_PORTS_UDP;

	return ps_ports_class(config->ports[protocol], port) == target->list->value;
}

static int ps_ports_print(const struct ps_list_target *target, struct ps_text *text)
{
	struct ps_interval interval;
	char line[PS_ITEM_MAX];
	u32 port, first;
	int err = 0;

	for (port = 0; port < PS_PORTS && !err; port++) {
		if (!ps_ports_has(target, port))
			continue;
		for (first = port; port + 1 < PS_PORTS && ps_ports_has(target, port + 1); port++)
			;
		interval = (struct ps_interval){ .first = first, .last = port };
		err = ps_text_add_line(text, line, ps_format_interval(line, &interval));
	}
	return err;
}

/* One a line, as they are written: a protocol has no ranges. */
static int ps_protocols_print(const struct ps_list_target *target, struct ps_text *text)
{
	char line[PS_ITEM_MAX];
	unsigned int i;
	int err = 0;

	for (i = 0; i < 256 && !err; i++)
		if (ps_config_has_protocol(ps_snapshot_get(target->node), i))
			err = ps_text_add_line(text, line, ps_format_integer(line, i));
	return err;
}

/* Countries, and which addresses are in them */

static enum ps_status ps_countries_parse(const char *text, size_t length, union ps_list_item *item)
{
	return ps_parse_country(text, length, &item->country);
}

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

static int ps_countries_print(const struct ps_list_target *target, struct ps_text *text)
{
	return ps_geoip_print_countries(target->node, text);
}

static enum ps_status ps_geoip_parse(const char *text, size_t length, enum ps_family family,
				     union ps_list_item *item)
{
	enum ps_status status = ps_parse_geo_line(text, length, &item->line);

	if (!status && ps_addr_family(&item->line.first) != family)
		return PS_MALFORMED;
	return status;
}

static enum ps_status ps_geoip4_parse(const char *text, size_t length, union ps_list_item *item)
{
	return ps_geoip_parse(text, length, PS_IPV4, item);
}

static enum ps_status ps_geoip6_parse(const char *text, size_t length, union ps_list_item *item)
{
	return ps_geoip_parse(text, length, PS_IPV6, item);
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
		.place = PS_LIST_PLANNED,
		.parse = ps_ifaces_parse,
		.edit = ps_ifaces_edit,
		.replace = ps_ifaces_replace,
		.print = ps_ifaces_print,
	},
	[PS_LIST_CONTEXTS] = {
		.bytes = sizeof(struct ps_context_id),
		.place = PS_LIST_PLANNED,
		.parse = ps_contexts_parse,
		.edit = ps_contexts_edit,
		.replace = ps_contexts_replace,
		.print = ps_contexts_print,
	},
	[PS_LIST_SOURCES] = {
		.bytes = sizeof(struct ps_range),
		.place = PS_LIST_STAGED,
		.parse = ps_sources_parse,
		.edit = ps_sources_edit_list,
		.prepare = ps_sources_prepare,
		.replace = ps_sources_replace_list,
		.print = ps_sources_print,
	},
	[PS_LIST_PROTOCOLS] = {
		.bytes = sizeof(struct ps_interval),
		.place = PS_LIST_STAGED,
		.parse = ps_protocols_parse,
		.edit = ps_intervals_edit,
		.replace = ps_intervals_replace,
		.print = ps_protocols_print,
	},
	[PS_LIST_TCP_PORTS] = {
		.bytes = sizeof(struct ps_interval),
		.place = PS_LIST_STAGED,
		.parse = ps_ports_parse,
		.edit = ps_intervals_edit,
		.replace = ps_intervals_replace,
		.print = ps_ports_print,
	},
	[PS_LIST_UDP_PORTS] = {
		.bytes = sizeof(struct ps_interval),
		.place = PS_LIST_STAGED,
		.parse = ps_ports_parse,
		.edit = ps_intervals_edit,
		.replace = ps_intervals_replace,
		.print = ps_ports_print,
	},
	[PS_LIST_TOGGLED] = {
		.bytes = sizeof(struct ps_context_id),
		.place = PS_LIST_AT_ONCE,
		.parse = ps_contexts_parse,
		.edit = ps_toggled_edit,
		.replace = ps_toggled_replace,
		.check = ps_toggled_check,
		.check_edit = ps_toggled_check_edit,
		.edit_checked = ps_toggled_edit_checked,
		.print = ps_toggled_print,
	},
	[PS_LIST_COUNTRIES] = {
		.bytes = sizeof(struct ps_country),
		.place = PS_LIST_STAGED,
		.parse = ps_countries_parse,
		.edit = ps_countries_edit,
		.replace = ps_countries_replace,
		.print = ps_countries_print,
	},
	[PS_LIST_GEOIP4] = {
		.bytes = sizeof(struct ps_geo_line),
		.place = PS_LIST_STAGED,
		.parse = ps_geoip4_parse,
		.prepare = ps_geoip_prepare,
		.replace = ps_geoip_replace_list,
		.print = ps_geoip_print_list,
	},
	[PS_LIST_GEOIP6] = {
		.bytes = sizeof(struct ps_geo_line),
		.place = PS_LIST_STAGED,
		.parse = ps_geoip6_parse,
		.prepare = ps_geoip_prepare,
		.replace = ps_geoip_replace_list,
		.print = ps_geoip_print_list,
	},
};
