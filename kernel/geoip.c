// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Countries; see geoip.h.
 *
 * A code gets its number when it is first used, and nothing is freed when it
 * isn't used any more: only when numbers run out those are taken back that
 * nobody uses. Packets under way may still read a list or table with such a
 * number in it, so a grace period passes before it is given away again.
 */
#include <linux/sched.h>
#include <linux/slab.h>

#include "change.h"
#include "geoip.h"
#include "snapshot.h"

static const struct ps_sources *ps_geoip_published(struct ps_instance *instance,
						   enum ps_family family)
{
	return rcu_dereference_protected(instance->engine.geo[family],
					 lockdep_is_held(&instance->netns->lock));
}

static const struct ps_sources *ps_geoip_table(struct ps_instance *instance, enum ps_family family)
{
	if (instance->pending_geo[family])
		return instance->pending_geo[family];
	return ps_geoip_published(instance, family);
}

void ps_geoip_init(struct ps_instance *instance)
{
	RCU_INIT_POINTER(instance->engine.geo[PS_IPV4], &ps_sources_empty_ipv4);
	RCU_INIT_POINTER(instance->engine.geo[PS_IPV6], &ps_sources_empty_ipv6);
}

void ps_geoip_exit(struct ps_instance *instance)
{
	struct ps_garbage *garbage = kzalloc(sizeof(*garbage), GFP_KERNEL | __GFP_NOFAIL);
	const struct ps_sources *table;
	enum ps_family family;

	garbage->memory[0] = instance->countries;
	for (family = 0; family < PS_FAMILIES; family++) {
		table = rcu_dereference_protected(instance->engine.geo[family], true);
		garbage->sources[family] = ps_change_owned_sources(table, 0, table->leaves);
	}
	ps_garbage_free(garbage);
}

static void ps_geoip_use(struct ps_country_set *used, const struct ps_country_set *countries)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(used->bit); i++)
		used->bit[i] |= countries->bit[i];
}

/* What packets use, and what they will if the set of changes under way succeeds. */
static void ps_geoip_use_node(struct ps_country_set *used, const struct ps_context_node *node)
{
	const struct ps_config *published = rcu_dereference_protected(
		node->core.config, lockdep_is_held(&node->instance->netns->lock));

	ps_geoip_use(used, published->countries);
	ps_geoip_use(used, ps_snapshot_get(node)->countries);
}

static void ps_geoip_use_table(struct ps_country_set *used, const struct ps_sources *table)
{
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;

	ps_sources_seek(&cursor, table, NULL);
	while (ps_sources_next(&cursor, &segment))
		ps_country_set_put(used, segment.value, true);
}

/* Take back the numbers that are in no list and no table. */
static void ps_geoip_reclaim(struct ps_instance *instance)
{
	struct ps_country_set used = {};
	struct ps_context_node *node;
	enum ps_family family;

	ps_geoip_use_node(&used, instance->other);
	list_for_each_entry(node, &instance->nodes, list)
		ps_geoip_use_node(&used, node);
	for (family = 0; family < PS_FAMILIES; family++) {
		ps_geoip_use_table(&used, ps_geoip_published(instance, family));
		if (instance->pending_geo[family])
			ps_geoip_use_table(&used, instance->pending_geo[family]);
	}
	ps_countries_retain(instance->countries, &used);
	synchronize_rcu();
}

/* See to it that there is a table of codes: 0 or -ENOMEM. */
static int ps_geoip_prepare(struct ps_instance *instance)
{
	if (!instance->countries)
		instance->countries = kvzalloc(sizeof(*instance->countries), GFP_KERNEL_ACCOUNT);
	return instance->countries ? 0 : -ENOMEM;
}

/* A code's number, or 0 where all are in use. */
static u16 ps_geoip_number(struct ps_instance *instance, const struct ps_country *country)
{
	u16 number = ps_countries_add(instance->countries, country);

	if (number)
		return number;
	ps_geoip_reclaim(instance);
	return ps_countries_add(instance->countries, country);
}

/* Numbers for the codes of all lines; false where there aren't enough. */
static bool ps_geoip_add_codes(struct ps_countries *countries, const struct ps_geo_line *line,
			       u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (line[i].country.text[0] && !ps_countries_add(countries, &line[i].country))
			return false;
	return true;
}

static int ps_geoip_number_lines(struct ps_instance *instance, const struct ps_geo_line *line,
				 u32 n)
{
	int err = ps_geoip_prepare(instance);

	if (err || ps_geoip_add_codes(instance->countries, line, n))
		return err;
	/* What was added for these lines goes too, so they begin anew. */
	ps_geoip_reclaim(instance);
	return ps_geoip_add_codes(instance->countries, line, n) ? 0 : -ENOSPC;
}

int ps_geoip_tidy(struct ps_geo_line *line, u32 *n)
{
	struct ps_geo_line *scratch;

	if (!ps_geo_is_sorted(line, *n)) {
		scratch = kvmalloc_array(*n, sizeof(*scratch), GFP_KERNEL_ACCOUNT);
		if (!scratch)
			return -ENOMEM;
		ps_geo_sort(line, scratch, *n);
		kvfree(scratch);
	}
	return ps_geo_join(line, n) ? -EIO : 0;
}

/* Publish the table that these lines make. */
static int ps_geoip_publish(struct ps_instance *instance, enum ps_family family,
			    const struct ps_geo_line *line, u32 n)
{
	const struct ps_sources *old = ps_geoip_table(instance, family);
	struct ps_change_step *step;
	struct ps_sources *root;
	int err;

	err = ps_geoip_number_lines(instance, line, n);
	if (err)
		return err;
	step = ps_change_step_create();
	if (!step)
		return -ENOMEM;
	root = ps_change_alloc_sources(old->words, ps_geo_leaves(line, n, old->words));
	if (!root) {
		ps_change_step_free(step);
		return -ENOMEM;
	}
	ps_geo_build(line, n, instance->countries, root);
	step->instance = instance;
	step->family = family;
	step->retired->sources[0] = ps_change_owned_sources(old, 0, old->leaves);
	step->fresh->sources[0] = ps_change_owned_sources(root, 0, root->leaves);
	instance->pending_geo[family] = root;
	ps_change_step_commit(instance->netns, step);
	return 0;
}

int ps_geoip_replace(struct ps_instance *instance, const struct ps_list *list,
		     const struct ps_geo_line *line, u32 n)
{
	if (n > list->limit)
		return -ENOSPC;
	return instance->dead ? -ENOENT : ps_geoip_publish(instance, list->value, line, n);
}

int ps_geoip_print(struct ps_instance *instance, enum ps_family family, struct ps_text *text)
{
	struct ps_sources_segment segment;
	struct ps_sources_cursor cursor;
	struct ps_geo_line line = {};
	char printed[PS_ITEM_MAX];
	bool begun = false;
	int err = 0;

	ps_sources_seek(&cursor, ps_geoip_table(instance, family), NULL);
	while (!err && ps_sources_next(&cursor, &segment)) {
		/* Before the first line addresses are in no country anyway. */
		begun |= segment.value;
		if (!begun)
			continue;
		line.first = segment.range.first;
		memset(&line.country, 0, sizeof(line.country));
		if (segment.value)
			line.country = instance->countries->country[segment.value];
		err = ps_text_add_line(text, printed, ps_format_geo_line(printed, &line));
	}
	return err;
}

static int ps_geoip_change_country(struct ps_change *change, struct ps_country_set *set,
				   const struct ps_country *country, bool add)
{
	struct ps_instance *instance = change->node->instance;
	u16 number;

	number = add ? ps_geoip_number(instance, country) :
		       ps_countries_find(instance->countries, country);
	if (!number)
		return add ? -ENOSPC : -ENOENT;
	if (ps_country_set_has(set, number) == add)
		return add ? -EEXIST : -ENOENT;
	ps_country_set_put(set, number, add);
	return 0;
}

/* The list's copy for the next configuration, or NULL. */
static struct ps_country_set *ps_geoip_copy_set(struct ps_change *change)
{
	struct ps_country_set *set;

	if (ps_geoip_prepare(change->node->instance))
		return NULL;
	set = kmemdup(change->old->countries, sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	change->next->countries = set;
	change->fresh->memory[3] = set;
	change->retired->memory[3] = ps_change_owned_countries(change->old->countries);
	return set;
}

int ps_geoip_edit_countries(struct ps_context_node *node, const struct ps_country *country,
			    bool add)
{
	struct ps_country_set *set;
	struct ps_change change;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	set = ps_geoip_copy_set(&change);
	err = set ? ps_geoip_change_country(&change, set, country, add) : -ENOMEM;
	return ps_change_end(&change, err);
}

/* Numbers for codes; the ones given before count as used by nobody yet. */
static int ps_geoip_fill_set(struct ps_instance *instance, struct ps_country_set *set,
			     const struct ps_country *country, u32 n)
{
	u16 number;
	u32 i;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < n; i++) {
		number = ps_countries_add(instance->countries, &country[i]);
		if (!number)
			return -ENOSPC;
		ps_country_set_put(set, number, true);
	}
	return 0;
}

int ps_geoip_replace_countries(struct ps_context_node *node, const struct ps_country *country,
			       u32 n)
{
	struct ps_country_set *set;
	struct ps_change change;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	set = ps_geoip_copy_set(&change);
	err = set ? ps_geoip_fill_set(node->instance, set, country, n) : -ENOMEM;
	if (err == -ENOSPC) {
		ps_geoip_reclaim(node->instance);
		err = ps_geoip_fill_set(node->instance, set, country, n);
	}
	return ps_change_end(&change, err);
}
