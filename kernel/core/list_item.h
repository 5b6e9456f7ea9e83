/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items of lists of any kind, in and out of text, and the items that a context's
 * lists have. What a list says it takes (options.def) decides here what a text
 * is: for files, netlink and the configuration file alike.
 */
#ifndef PS_CORE_LIST_ITEM_H
#define PS_CORE_LIST_ITEM_H

#include "config.h"
#include "geo_lines.h"
#include "parse.h"

/* The name of an interface, zero-terminated. */
struct ps_iface_name {
	char text[PS_IFACE_NAME_MAX + 1];
};

/* An item; which member it is the type of its list tells. */
union ps_list_item {
	struct ps_range range;
	struct ps_interval interval;
	struct ps_context_id id;
	struct ps_iface_name iface;
	struct ps_country country;
	struct ps_geo_line line;
};

/**
 * ps_list_item_parse() - parse an item
 * @list: the list it is for
 * @text: the item; where contexts are named, Other is one
 * @length: bytes of @text
 * @item: out
 *
 * Return: PS_OK, PS_MALFORMED, PS_OUT_OF_RANGE.
 */
enum ps_status ps_list_item_parse(const struct ps_list *list, const char *text, size_t length,
				  union ps_list_item *item);

/* The item's canonical text and a zero in PS_ITEM_MAX bytes; returns its length. */
size_t ps_list_item_format(const struct ps_list *list, char *text, const union ps_list_item *item);

/**
 * struct ps_listing - a walk along a list of a context; private
 * @list:	which list
 * @config:	the rules
 * @countries:	numbers of codes; needed for lists of countries
 * @cursor:	next segment of sources
 * @family:	which of them
 * @at:		next number
 */
struct ps_listing {
	const struct ps_list *list;
	const struct ps_config *config;
	const struct ps_countries *countries;
	struct ps_sources_cursor cursor;
	enum ps_family family;
	u32 at;
};

/**
 * ps_listing_start() - begin with the first item
 * @listing: filled in
 * @list: a list of sources, ports, protocols or countries
 * @config: the rules; they must live as long as the walk
 * @countries: the numbers of the instance's codes, or NULL where it has none
 */
void ps_listing_start(struct ps_listing *listing, const struct ps_list *list,
		      const struct ps_config *config, const struct ps_countries *countries);

/**
 * ps_listing_next() - take an item and go on to the next
 * @listing: the walk
 * @item: filled in; all items together are the list in its smallest form, in order
 *
 * Return: false, behind the last item.
 */
bool ps_listing_next(struct ps_listing *listing, union ps_list_item *item);

#endif
