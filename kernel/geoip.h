/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Countries: which one an address is in (geoip4, geoip6, of an instance), and
 * which ones a context's policy speaks of (countries). Both speak of codes by
 * their numbers in the instance.
 *
 * All functions but init, exit and tidy are called with netns->lock held; they
 * sleep.
 */
#ifndef PS_GEOIP_H
#define PS_GEOIP_H

#include "context.h"
#include "core/geo_lines.h"
#include "text.h"

/* A new instance knows no country; the last one to know it frees what it knew. */
void ps_geoip_init(struct ps_instance *instance);
void ps_geoip_exit(struct ps_instance *instance);

/**
 * ps_geoip_tidy() - put lines in order, without those that change nothing
 * @line: lines of one family
 * @n: how many; and how many are left
 *
 * Return: 0; -EIO where an address is in two countries; -ENOMEM.
 */
int ps_geoip_tidy(struct ps_geo_line *line, u32 *n);

/**
 * ps_geoip_replace() - replace the countries of all addresses of a family
 * @instance: the instance
 * @list: geoip4 or geoip6
 * @line: lines of that family, tidy
 * @n: how many
 *
 * Return: 0; -ENOSPC over the list's
 * limit, or that of codes; -ENOMEM; -ENOENT for an instance that is dying.
 */
int ps_geoip_replace(struct ps_instance *instance, const struct ps_list *list,
		     const struct ps_geo_line *line, u32 n);

/* The fewest lines that say the same; 0 or -ENOMEM. */
int ps_geoip_print(struct ps_instance *instance, enum ps_family family, struct ps_text *text);

/**
 * ps_geoip_edit_countries() - add a country to a context's list or remove it
 * @node: the context
 * @country: the country
 * @add: add
 *
 * Return: 0; -EEXIST; -ENOENT; -ENOSPC over the limit of codes; -ENOMEM.
 */
int ps_geoip_edit_countries(struct ps_context_node *node, const struct ps_country *country,
			    bool add);

/* Make a context's list these countries: 0 or a negative errno as above. */
int ps_geoip_replace_countries(struct ps_context_node *node, const struct ps_country *country,
			       u32 n);

#endif
