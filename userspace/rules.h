/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that come of a model: of each context the core's configuration, as
 * the module makes it of the same edits, and of each list the items in their
 * canonical form.
 */
#ifndef PS_RULES_H
#define PS_RULES_H

#include "model.h"

struct ps_lines;

/* In place of a context's number: the instance, or a context that has nothing. */
#define PS_RULES_INSTANCE	~0U
#define PS_RULES_NOTHING	(~0U - 1)

/**
 * struct ps_rules_context - the rules of a context
 * @config: of the core; its tables are owned
 * @countries: config.countries
 */
struct ps_rules_context {
	struct ps_config config;
	struct ps_country_set countries;
};

/**
 * struct ps_rules - the rules of an instance
 * @instance: what they were made of
 * @context: by number of the context
 * @countries: numbers of the codes in them
 * @too_many_codes: there were more than there are numbers
 * @line: countries of addresses, tidy
 * @lines: how many
 * @clash: by family: lines that put this address into two countries, if @clashes
 * @clashes: there is one
 */
struct ps_rules {
	const struct ps_model_instance *instance;
	struct ps_rules_context *context;
	struct ps_countries countries;
	bool too_many_codes;
	struct ps_geo_line *line[PS_FAMILIES];
	u32 lines[PS_FAMILIES];
	struct ps_addr clash[PS_FAMILIES];
	bool clashes[PS_FAMILIES];
};

/* Make them; ps_rules_free() frees what they own. */
void ps_rules_make(struct ps_rules *rules, const struct ps_model_instance *instance);
void ps_rules_free(struct ps_rules *rules);

/* Disjoint ranges in the source lists of a context. */
u32 ps_rules_ranges(const struct ps_rules_context *context);

/**
 * ps_rules_print() - the items of a list, one a line
 * @rules: of the instance
 * @context: number of the context, or PS_RULES_INSTANCE for lists that contexts
 *	     don't have
 * @list: the list
 * @lines: they are added to it
 */
void ps_rules_print(const struct ps_rules *rules, u32 context, enum ps_list_index list,
		    struct ps_lines *lines);

#endif
