// SPDX-License-Identifier: GPL-2.0-or-later
/* One change of a configuration, whatever it is about; see change.h. */
#include <linux/slab.h>

#include "change.h"
#include "snapshot.h"

static const struct ps_config *ps_change_owned_config(const struct ps_config *config)
{
	return config == &ps_config_initial ? NULL : config;
}

const struct ps_country_set *ps_change_owned_countries(const struct ps_country_set *countries)
{
	return countries == &ps_country_set_empty ? NULL : countries;
}

struct ps_garbage_sources ps_change_owned_sources(const struct ps_sources *root, u32 first,
						  u32 count)
{
	if (root == &ps_sources_empty_ipv4 || root == &ps_sources_empty_ipv6)
		root = NULL;
	return (struct ps_garbage_sources){ .root = root, .first = first, .count = count };
}

struct ps_sources *ps_change_alloc_sources(u32 words, u32 leaves)
{
	struct ps_sources *root;
	u32 i;

	root = kvmalloc(ps_sources_root_bytes(words, leaves), GFP_KERNEL_ACCOUNT);
	if (!root)
		return NULL;
	ps_sources_lay_out(root, words, leaves);
	for (i = 0; i < leaves; i++) {
		root->leaf[i] = kmalloc(sizeof(*root->leaf[i]), GFP_KERNEL_ACCOUNT);
		if (!root->leaf[i])
			goto err_free;
		cond_resched();
	}
	return root;

err_free:
	while (i--)
		kfree(root->leaf[i]);
	kvfree(root);
	return NULL;
}

struct ps_change_step *ps_change_step_create(void)
{
	struct ps_change_step *step = kzalloc(sizeof(*step), GFP_KERNEL_ACCOUNT);

	if (!step)
		return NULL;
	step->retired = ps_garbage_create();
	step->fresh = ps_garbage_create();
	if (step->retired && step->fresh)
		return step;
	kfree(step->fresh);
	kfree(step->retired);
	kfree(step);
	return NULL;
}

void ps_change_step_free(struct ps_change_step *step)
{
	ps_garbage_free(step->fresh);
	kfree(step->retired);
	kfree(step);
}

/* Where several steps lead to one place, only the last one's state is pending. */
static void ps_change_publish(const struct ps_change_step *step)
{
	struct ps_instance *instance = step->instance;

	if (step->node && step->node->pending) {
		rcu_assign_pointer(step->node->core.config, step->node->pending);
		step->node->pending = NULL;
	} else if (!step->node && instance->pending_geo[step->family]) {
		rcu_assign_pointer(instance->engine.geo[step->family],
				   instance->pending_geo[step->family]);
		instance->pending_geo[step->family] = NULL;
	}
}

/* After its place was published. */
static void ps_change_retire(struct ps_change_step *step)
{
	kfree(step->fresh);
	ps_garbage_discard(step->retired);
	kfree(step);
}

void ps_change_step_commit(struct ps_netns *netns, struct ps_change_step *step)
{
	lockdep_assert_held(&netns->lock);
	if (netns->set) {
		list_add_tail(&step->list, &netns->set->steps);
		return;
	}
	ps_change_publish(step);
	atomic_inc(&netns->generation);
	ps_change_retire(step);
}

void ps_change_set_begin(struct ps_netns *netns, struct ps_change_set *set)
{
	lockdep_assert_held(&netns->lock);
	INIT_LIST_HEAD(&set->steps);
	netns->set = set;
}

static void ps_change_set_discard(struct ps_change_set *set)
{
	struct ps_change_step *step, *next;

	list_for_each_entry_safe_reverse(step, next, &set->steps, list)
	{
		if (step->node)
			step->node->pending = NULL;
		else
			step->instance->pending_geo[step->family] = NULL;
		ps_change_step_free(step);
	}
}

int ps_change_set_end(struct ps_netns *netns, int err)
{
	struct ps_change_set *set = netns->set;
	struct ps_change_step *step, *next;

	lockdep_assert_held(&netns->lock);
	netns->set = NULL;
	if (err) {
		ps_change_set_discard(set);
		return err;
	}
	list_for_each_entry(step, &set->steps, list)
		ps_change_publish(step);
	list_for_each_entry_safe(step, next, &set->steps, list)
		ps_change_retire(step);
	atomic_inc(&netns->generation);
	return 0;
}

int ps_change_begin(struct ps_change *change, struct ps_context_node *node)
{
	*change = (struct ps_change){ .node = node };
	lockdep_assert_held(&node->instance->netns->lock);
	if (node->dead || node->instance->dead)
		return -ENOENT;
	change->old = ps_snapshot_get(node);
	change->step = ps_change_step_create();
	if (!change->step)
		return -ENOMEM;
	change->next = kmemdup(change->old, sizeof(*change->old), GFP_KERNEL_ACCOUNT);
	if (!change->next) {
		ps_change_step_free(change->step);
		return -ENOMEM;
	}
	change->step->node = node;
	change->retired = change->step->retired;
	change->fresh = change->step->fresh;
	change->retired->memory[0] = ps_change_owned_config(change->old);
	change->fresh->memory[0] = change->next;
	return 0;
}

int ps_change_end(struct ps_change *change, int err)
{
	if (err) {
		ps_change_step_free(change->step);
		return err;
	}
	change->node->pending = change->next;
	ps_change_step_commit(change->node->instance->netns, change->step);
	return 0;
}
