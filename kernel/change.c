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

int ps_change_begin(struct ps_change *change, struct ps_context_node *node)
{
	int err = -ENOMEM;

	*change = (struct ps_change){ .node = node };
	mutex_lock(&node->instance->netns->lock);
	if (node->dead || node->instance->dead) {
		err = -ENOENT;
		goto err_unlock;
	}
	change->old = ps_snapshot_get(node);
	change->retired = ps_garbage_create();
	change->fresh = ps_garbage_create();
	change->next = kmemdup(change->old, sizeof(*change->old), GFP_KERNEL_ACCOUNT);
	if (!change->retired || !change->fresh || !change->next)
		goto err_free;
	change->retired->memory[0] = ps_change_owned_config(change->old);
	change->fresh->memory[0] = change->next;
	return 0;

err_free:
	kfree(change->next);
	kfree(change->fresh);
	kfree(change->retired);
err_unlock:
	mutex_unlock(&node->instance->netns->lock);
	return err;
}

int ps_change_end(struct ps_change *change, int err)
{
	if (err) {
		ps_garbage_free(change->fresh);
		kfree(change->retired);
	} else {
		rcu_assign_pointer(change->node->core.config, change->next);
		kfree(change->fresh);
		ps_garbage_discard(change->retired);
	}
	mutex_unlock(&change->node->instance->netns->lock);
	return err;
}
