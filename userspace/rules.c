// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what was said of lists to what is in them; see rules.h. Every table is
 * the core's: memory is all that is added here.
 */
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "rules.h"
#include "source_set.h"

/* Both maps of ports, while they are made. */
struct maps {
	u8 *class[PS_PORT_PROTOCOLS];
};

static u8 *map_of(struct maps *maps, enum ps_port_protocol protocol)
{
	if (!maps->class[protocol]) {
		maps->class[protocol] = ps_print_allocate(NULL, PS_PORTS);
		memset(maps->class[protocol], PS_PORT_NONE, PS_PORTS);
	}
	return maps->class[protocol];
}

static void add_ports(struct maps *maps, enum ps_port_protocol protocol,
		      const struct ps_model_item *item)
{
	const struct ps_interval *interval = &item->item.interval;

	memset(map_of(maps, protocol) + interval->first, ps_list[item->list].value,
	       interval->last - interval->first + 1U);
}

static void add_country(struct ps_rules *rules, struct ps_country_set *set,
			const struct ps_country *country)
{
	u16 number = ps_countries_add(&rules->countries, country);

	if (number)
		ps_country_set_put(set, number, true);
	else
		rules->too_many_codes = true;
}

static void add_item(struct ps_rules *rules, struct ps_rules_context *made, struct maps *maps,
		     const struct ps_model_item *item)
{
	u16 number = item->item.interval.first;

	switch (ps_list[item->list].type) {
	case PS_LIST_PROTOCOLS:
		made->config.protocols[number / 64] |= 1ULL << number % 64;
		break;
	case PS_LIST_TCP_PORTS:
		add_ports(maps, PS_PORTS_TCP, item);
		break;
	case PS_LIST_UDP_PORTS:
		add_ports(maps, PS_PORTS_UDP, item);
		break;
	case PS_LIST_COUNTRIES:
		add_country(rules, &made->countries, &item->item.country);
		break;
	default:
		break;
	}
}

static const struct ps_ports *build_ports(u8 *map)
{
	struct ps_ports *ports;

	if (!map)
		return &ps_ports_empty;
	ports = ps_print_allocate(NULL, ps_ports_bytes(map));
	ps_ports_build(ports, map);
	free(map);
	return ports;
}

static void make_context(struct ps_rules *rules, struct ps_rules_context *made,
			 const struct ps_model_context *from)
{
	struct maps maps = {};
	enum ps_family family;
	u32 i;

	made->config = ps_config_initial;
	memcpy(made->config.option, from->options.value, sizeof(made->config.option));
	if (from->options.secret)
		ps_quic_key_make(&made->config.quic_key, (const u8 *)from->options.secret,
				 (u32)strlen(from->options.secret));
	made->config.countries = &made->countries;
	for (i = 0; i < from->items.count; i++)
		add_item(rules, made, &maps, &from->items.item[i]);
	for (i = 0; i < PS_PORT_PROTOCOLS; i++)
		made->config.ports[i] = build_ports(maps.class[i]);
	for (family = 0; family < PS_FAMILIES; family++)
		made->config.sources[family] = ps_source_set_make(&from->items, family);
}

static void free_context(struct ps_rules_context *made)
{
	u32 i;

	for (i = 0; i < PS_FAMILIES; i++)
		ps_source_set_free(made->config.sources[i]);
	for (i = 0; i < PS_PORT_PROTOCOLS; i++)
		if (made->config.ports[i] != &ps_ports_empty)
			free((void *)made->config.ports[i]);
}

static void add_codes(struct ps_rules *rules, enum ps_family family)
{
	struct ps_country_set ignored = {};
	const struct ps_country *country;
	u32 i;

	for (i = 0; i < rules->lines[family]; i++) {
		country = &rules->line[family][i].country;
		if (country->text[0])
			add_country(rules, &ignored, country);
	}
}

/* The first address of @n sorted lines that is in two countries. */
static bool find_clash(const struct ps_geo_line *line, u32 n, struct ps_addr *clash)
{
	u32 i;

	for (i = 1; i < n; i++) {
		if (!ps_addr_equal(&line[i].first, &line[i - 1].first) ||
		    ps_country_equal(&line[i].country, &line[i - 1].country))
			continue;
		*clash = line[i].first;
		return true;
	}
	return false;
}

static void make_lines(struct ps_rules *rules, enum ps_family family)
{
	enum ps_list_index list = family == PS_IPV4 ? PS_LIST_geoip4 : PS_LIST_geoip6;
	const struct ps_model_items *items = &rules->instance->items;
	u32 i, n = 0, count = ps_model_count(items, list);
	struct ps_geo_line *line, *scratch;

	if (!count)
		return;
	line = ps_print_allocate(NULL, count * sizeof(*line));
	for (i = 0; i < items->count; i++)
		if (items->item[i].list == list)
			line[n++] = items->item[i].item.line;
	if (!ps_geo_is_sorted(line, n)) {
		scratch = ps_print_allocate(NULL, n * sizeof(*line));
		ps_geo_sort(line, scratch, n);
		free(scratch);
	}
	rules->clashes[family] = find_clash(line, n, &rules->clash[family]);
	if (rules->clashes[family] || ps_geo_join(line, &n))
		n = 0;
	rules->line[family] = line;
	rules->lines[family] = n;
	add_codes(rules, family);
}

void ps_rules_make(struct ps_rules *rules, const struct ps_model_instance *instance)
{
	size_t bytes = instance->contexts * sizeof(*rules->context);
	enum ps_family family;
	u32 i;

	*rules = (struct ps_rules){ .instance = instance };
	rules->context = ps_print_allocate(NULL, bytes);
	memset(rules->context, 0, bytes);
	for (i = 0; i < instance->contexts; i++)
		make_context(rules, &rules->context[i], &instance->context[i]);
	for (family = 0; family < PS_FAMILIES; family++)
		make_lines(rules, family);
}

void ps_rules_free(struct ps_rules *rules)
{
	u32 i;

	for (i = 0; i < rules->instance->contexts; i++)
		free_context(&rules->context[i]);
	free(rules->context);
	for (i = 0; i < PS_FAMILIES; i++)
		free(rules->line[i]);
}

u32 ps_rules_ranges(const struct ps_rules_context *context)
{
	return context->config.sources[PS_IPV4]->ranges + context->config.sources[PS_IPV6]->ranges;
}
