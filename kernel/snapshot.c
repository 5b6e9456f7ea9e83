// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of a context's configuration, each between ps_change_begin() and
 * ps_change_end() of change.h; those of its countries are in geoip.c.
 */
#include <linux/slab.h>

#include "change.h"
#include "snapshot.h"
#include "toggle.h"

const struct ps_config *ps_snapshot_get(const struct ps_context_node *node)
{
	if (node->pending)
		return node->pending;
	return rcu_dereference_protected(node->core.config,
					 lockdep_is_held(&node->instance->netns->lock));
}

void ps_snapshot_create(struct ps_context *context)
{
	rcu_assign_pointer(context->config, &ps_config_initial);
}

static const struct ps_ports *ps_snapshot_owned_ports(const struct ps_ports *ports)
{
	return ports == &ps_ports_empty ? NULL : ports;
}

void ps_snapshot_free(struct ps_context *context)
{
	const struct ps_config *config = rcu_dereference_protected(context->config, true);
	struct ps_garbage *garbage;
	unsigned int i;

	if (config == &ps_config_initial)
		return;
	/* The memory of the configuration's record isn't worth failing for. */
	garbage = kzalloc(sizeof(*garbage), GFP_KERNEL | __GFP_NOFAIL);
	garbage->memory[0] = config;
	for (i = 0; i < PS_PORT_PROTOCOLS; i++)
		garbage->memory[1 + i] = ps_snapshot_owned_ports(config->ports[i]);
	garbage->memory[3] = ps_change_owned_countries(config->countries);
	for (i = 0; i < PS_FAMILIES; i++)
		garbage->sources[i] =
			ps_change_owned_sources(config->sources[i], 0, config->sources[i]->leaves);
	ps_garbage_free(garbage);
}

int ps_snapshot_set_option(struct ps_context_node *node, enum ps_option_index option, s64 value)
{
	struct ps_change change;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	change.next->option[option] = value;
	if (value)
		err = ps_toggle_prepare_option(node, option);
	if (!err && value && option == PS_OPTION_context_capture)
		err = ps_capture_prepare(&node->instance->capture, PS_CAPTURE_CONTEXT);
	return ps_change_end(&change, err);
}

int ps_snapshot_set_secret(struct ps_context_node *node, const struct ps_quic_key *key)
{
	struct ps_change change;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	change.next->option[PS_OPTION_cluster_secret] = !!key;
	change.next->quic_key = key ? *key : (struct ps_quic_key){};
	return ps_change_end(&change, 0);
}

static int ps_change_check_limit(const struct ps_change *change, const struct ps_list *list)
{
	u32 ranges =
		change->next->sources[PS_IPV4]->ranges + change->next->sources[PS_IPV6]->ranges;

	return ranges > list->limit ? -ENOSPC : 0;
}

static int ps_change_assign_sources(struct ps_change *change, const struct ps_range *range,
				    u16 value)
{
	enum ps_family family = ps_addr_family(&range->first);
	const struct ps_sources *old = change->old->sources[family];
	struct ps_sources_edit edit = {};
	int err = 0;
	u32 i;

	edit.root =
		kvmalloc(ps_sources_root_bytes(old->words, old->leaves + PS_SOURCES_EDIT_LEAVES),
			 GFP_KERNEL_ACCOUNT);
	if (!edit.root)
		return -ENOMEM;
	for (i = 0; i < PS_SOURCES_EDIT_LEAVES; i++) {
		edit.spare[i] = kmalloc(sizeof(*edit.spare[i]), GFP_KERNEL_ACCOUNT);
		if (!edit.spare[i])
			err = -ENOMEM;
	}
	if (!err)
		ps_sources_assign(old, range, value, &edit);
	for (i = edit.used; i < PS_SOURCES_EDIT_LEAVES; i++)
		kfree(edit.spare[i]);
	if (err) {
		kvfree(edit.root);
		return err;
	}
	change->next->sources[family] = edit.root;
	change->retired->sources[family] = ps_change_owned_sources(old, edit.dropped, edit.drops);
	/* The new leaves stand where the dropped ones stood. */
	change->fresh->sources[family] =
		ps_change_owned_sources(edit.root, edit.dropped, edit.used);
	return 0;
}

int ps_snapshot_edit_sources(struct ps_context_node *node, const struct ps_list *list,
			     const struct ps_range *range, bool add)
{
	struct ps_sources_segment segment;
	struct ps_change change;
	bool whole;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	segment = ps_sources_segment_at(change.old->sources[ps_addr_family(&range->first)],
					&range->first);
	whole = segment.value == list->value &&
		ps_addr_compare(&segment.range.last, &range->last) >= 0;
	if (whole == add)
		return ps_change_end(&change, add ? -EEXIST : -ENOENT);
	err = ps_change_assign_sources(&change, range, add ? list->value : PS_SOURCE_NONE);
	if (!err)
		err = ps_change_check_limit(&change, list);
	return ps_change_end(&change, err);
}

static int ps_change_replace_sources(struct ps_change *change, enum ps_family family,
				     const struct ps_range_array *array, u16 value, u32 limit)
{
	const struct ps_sources *old = change->old->sources[family];
	struct ps_sources_replacement replacement = {
		.old = old,
		.range = array->range,
		.n = array->count,
		.value = value,
	};
	struct ps_sources *root;

	ps_sources_measure(&replacement);
	/* Before the leaves of a set that can't be are allocated. */
	if (replacement.ranges > limit)
		return -ENOSPC;
	root = ps_change_alloc_sources(old->words, replacement.leaves);
	if (!root)
		return -ENOMEM;
	ps_sources_replace(&replacement, root);
	change->next->sources[family] = root;
	change->retired->sources[family] = ps_change_owned_sources(old, 0, old->leaves);
	change->fresh->sources[family] = ps_change_owned_sources(root, 0, root->leaves);
	return 0;
}

int ps_snapshot_sort(struct ps_range_array *array)
{
	struct ps_range *scratch =
		kvmalloc_array(array->count, sizeof(*scratch), GFP_KERNEL_ACCOUNT);

	if (array->count && !scratch)
		return -ENOMEM;
	array->count = ps_sources_sort(array->range, scratch, array->count);
	kvfree(scratch);
	return 0;
}

int ps_snapshot_replace_sources(struct ps_context_node *node, const struct ps_list *list,
				struct ps_range_array arrays[PS_FAMILIES])
{
	enum ps_family family;
	struct ps_change change;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	for (family = 0; family < PS_FAMILIES && !err; family++)
		err = ps_change_replace_sources(&change, family, &arrays[family], list->value,
						list->limit);
	if (!err)
		err = ps_change_check_limit(&change, list);
	return ps_change_end(&change, err);
}

static enum ps_port_protocol ps_snapshot_protocol(const struct ps_list *list)
{
	return list->type == PS_LIST_TCP_PORTS ? PS_PORTS_TCP : PS_PORTS_UDP;
}

/* A list of ports or protocols as one byte a number: what lists it is in. */
static u8 *ps_change_flatten(const struct ps_change *change, const struct ps_list *list)
{
	u8 *map = kvzalloc(PS_PORTS, GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!map)
		return NULL;
	if (list->type != PS_LIST_PROTOCOLS) {
		ps_ports_flatten(change->old->ports[ps_snapshot_protocol(list)], map);
		return map;
	}
	for (i = 0; i < 256; i++)
		map[i] = ps_config_has_protocol(change->old, i) ? PS_MEMBER : 0;
	return map;
}

/* The inverse: make the map the next configuration's table. */
static int ps_change_compile(struct ps_change *change, const struct ps_list *list, const u8 *map)
{
	enum ps_port_protocol protocol = ps_snapshot_protocol(list);
	struct ps_ports *ports;
	unsigned int i;

	if (list->type == PS_LIST_PROTOCOLS) {
		memset(change->next->protocols, 0, sizeof(change->next->protocols));
		for (i = 0; i < 256; i++)
			if (map[i])
				change->next->protocols[i / 64] |= 1ULL << (i % 64);
		return 0;
	}
	ports = kvmalloc(ps_ports_bytes(map), GFP_KERNEL_ACCOUNT);
	if (!ports)
		return -ENOMEM;
	ps_ports_build(ports, map);
	change->next->ports[protocol] = ports;
	change->retired->memory[1] = ps_snapshot_owned_ports(change->old->ports[protocol]);
	change->fresh->memory[1] = ports;
	return 0;
}

/* Whether all numbers of the interval are in the list. */
static bool ps_snapshot_has_all(const u8 *map, const struct ps_interval *interval, u8 value)
{
	u32 i;

	for (i = interval->first; i <= interval->last; i++)
		if (map[i] != value)
			return false;
	return true;
}

int ps_snapshot_edit_interval(struct ps_context_node *node, const struct ps_list *list,
			      const struct ps_interval *interval, bool add)
{
	struct ps_change change;
	u8 *map;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	map = ps_change_flatten(&change, list);
	if (!map)
		return ps_change_end(&change, -ENOMEM);
	if (ps_snapshot_has_all(map, interval, list->value) == add) {
		err = add ? -EEXIST : -ENOENT;
	} else {
		memset(map + interval->first, add ? list->value : 0,
		       interval->last - interval->first + 1);
		err = ps_change_compile(&change, list, map);
	}
	kvfree(map);
	return ps_change_end(&change, err);
}

int ps_snapshot_replace_intervals(struct ps_context_node *node, const struct ps_list *list,
				  const struct ps_interval *interval, u32 count)
{
	struct ps_change change;
	u8 *map;
	u32 i;
	int err;

	err = ps_change_begin(&change, node);
	if (err)
		return err;
	map = ps_change_flatten(&change, list);
	if (!map)
		return ps_change_end(&change, -ENOMEM);
	for (i = 0; i < PS_PORTS; i++)
		if (map[i] == list->value)
			map[i] = 0;
	for (i = 0; i < count; i++)
		memset(map + interval[i].first, list->value,
		       interval[i].last - interval[i].first + 1);
	err = ps_change_compile(&change, list, map);
	kvfree(map);
	return ps_change_end(&change, err);
}
