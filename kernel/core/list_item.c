// SPDX-License-Identifier: GPL-2.0-or-later
/* Items of lists; see list_item.h. */
#include "list_item.h"

static enum ps_status item_parse_iface(const char *text, size_t length, struct ps_iface_name *iface)
{
	enum ps_status status = ps_parse_iface_name(text, length);

	if (status)
		return status;
	memcpy(iface->text, text, length);
	iface->text[length] = 0;
	return PS_OK;
}

static enum ps_status item_parse_context(const char *text, size_t length, struct ps_context_id *id)
{
	if (length == 5 && !memcmp(text, "Other", length)) {
		memset(id, 0, sizeof(*id));
		return PS_OK;
	}
	return ps_parse_context(text, length, id);
}

static enum ps_status item_parse_line(const char *text, size_t length, enum ps_family family,
				      struct ps_geo_line *line)
{
	enum ps_status status = ps_parse_geo_line(text, length, line);

	if (!status && ps_addr_family(&line->first) != family)
		return PS_MALFORMED;
	return status;
}

enum ps_status ps_list_item_parse(const struct ps_list *list, const char *text, size_t length,
				  union ps_list_item *item)
{
	switch (list->type) {
	case PS_LIST_IFACES:
		return item_parse_iface(text, length, &item->iface);
	case PS_LIST_CONTEXTS:
	case PS_LIST_TOGGLED:
		return item_parse_context(text, length, &item->id);
	case PS_LIST_SOURCES:
		return ps_parse_source(text, length, &item->range);
	case PS_LIST_PROTOCOLS:
		return ps_parse_protocol(text, length, &item->interval);
	case PS_LIST_TCP_PORTS:
	case PS_LIST_UDP_PORTS:
		return ps_parse_ports(text, length, &item->interval);
	case PS_LIST_COUNTRIES:
		return ps_parse_country(text, length, &item->country);
	case PS_LIST_GEOIP4:
	case PS_LIST_GEOIP6:
		return item_parse_line(text, length, list->value, &item->line);
	default:
		return PS_MALFORMED;
	}
}

static size_t item_format_iface(char *text, const struct ps_iface_name *iface)
{
	size_t length;

	for (length = 0; iface->text[length]; length++)
		text[length] = iface->text[length];
	text[length] = 0;
	return length;
}

size_t ps_list_item_format(const struct ps_list *list, char *text, const union ps_list_item *item)
{
	switch (list->type) {
	case PS_LIST_IFACES:
		return item_format_iface(text, &item->iface);
	case PS_LIST_CONTEXTS:
	case PS_LIST_TOGGLED:
		return ps_format_context(text, &item->id);
	case PS_LIST_SOURCES:
		return ps_format_source(text, &item->range);
	case PS_LIST_COUNTRIES:
		return ps_format_country(text, &item->country);
	case PS_LIST_GEOIP4:
	case PS_LIST_GEOIP6:
		return ps_format_geo_line(text, &item->line);
	default:
		return ps_format_interval(text, &item->interval);
	}
}

void ps_listing_start(struct ps_listing *listing, const struct ps_list *list,
		      const struct ps_config *config, const struct ps_countries *countries)
{
	*listing = (struct ps_listing){
		.list = list,
		.config = config,
		.countries = countries,
	};
	ps_sources_seek(&listing->cursor, config->sources[PS_IPV4], NULL);
}

/*
 * The IPv4-mapped block is part of the IPv6 address space, so that "::/0" may
 * span it, but no IPv6 packet is judged by an address in it, and no text of an
 * item begins or ends in it. Returns false where nothing else is in the range.
 */
static bool listing_clip(struct ps_range *range, enum ps_family family)
{
	static const struct ps_addr below = { { 0, 0, PS_ADDR_MAPPED - 1, ~0U } };
	static const struct ps_addr above = { { 0, 0, PS_ADDR_MAPPED + 1, 0 } };

	if (family == PS_IPV4)
		return true;
	if (ps_addr_is_ipv4(&range->first))
		range->first = above;
	if (ps_addr_is_ipv4(&range->last))
		range->last = below;
	return ps_addr_compare(&range->first, &range->last) <= 0;
}

static bool listing_next_source(struct ps_listing *listing, struct ps_range *range)
{
	struct ps_sources_segment segment;

	for (;;) {
		while (ps_sources_next(&listing->cursor, &segment)) {
			if (segment.value != listing->list->value ||
			    !listing_clip(&segment.range, listing->family))
				continue;
			*range = segment.range;
			return true;
		}
		if (listing->family == PS_IPV6)
			return false;
		listing->family = PS_IPV6;
		ps_sources_seek(&listing->cursor, listing->config->sources[PS_IPV6], NULL);
	}
}

static bool listing_next_ports(struct ps_listing *listing, struct ps_interval *interval)
{
	enum ps_port_protocol protocol = listing->list->type == PS_LIST_TCP_PORTS ? PS_PORTS_TCP :
										    PS_PORTS_UDP;
	const struct ps_ports *ports = listing->config->ports[protocol];
	u32 port = listing->at;

	while (port < PS_PORTS && ps_ports_class(ports, port) != listing->list->value)
		port++;
	if (port == PS_PORTS)
		return false;
	interval->first = port;
	while (port < PS_PORTS && ps_ports_class(ports, port) == listing->list->value)
		port++;
	interval->last = port - 1;
	listing->at = port;
	return true;
}

/* One by one, as they are written: a protocol has no ranges. */
static bool listing_next_protocol(struct ps_listing *listing, struct ps_interval *interval)
{
	while (listing->at < 256 && !ps_config_has_protocol(listing->config, listing->at))
		listing->at++;
	interval->first = interval->last = listing->at;
	return listing->at++ < 256;
}

static bool listing_next_country(struct ps_listing *listing, struct ps_country *country)
{
	const struct ps_countries *countries = listing->countries;
	u16 number;

	while (countries && listing->at < countries->count) {
		number = countries->order[listing->at++];
		if (!ps_country_set_has(listing->config->countries, number))
			continue;
		*country = countries->country[number];
		return true;
	}
	return false;
}

bool ps_listing_next(struct ps_listing *listing, union ps_list_item *item)
{
	switch (listing->list->type) {
	case PS_LIST_SOURCES:
		return listing_next_source(listing, &item->range);
	case PS_LIST_PROTOCOLS:
		return listing_next_protocol(listing, &item->interval);
	case PS_LIST_TCP_PORTS:
	case PS_LIST_UDP_PORTS:
		return listing_next_ports(listing, &item->interval);
	case PS_LIST_COUNTRIES:
		return listing_next_country(listing, &item->country);
	default:
		return false;
	}
}
