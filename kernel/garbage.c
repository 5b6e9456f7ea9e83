// SPDX-License-Identifier: GPL-2.0-or-later
/* Deferred freeing; see garbage.h. */
#include <linux/sched.h>
#include <linux/slab.h>

#include "garbage.h"

static struct workqueue_struct *ps_garbage_queue;

struct ps_garbage *ps_garbage_create(void)
{
	return kzalloc(sizeof(struct ps_garbage), GFP_KERNEL_ACCOUNT);
}

static void ps_garbage_free_sources(const struct ps_garbage_sources *sources)
{
	u32 i;

	if (!sources->root)
		return;
	for (i = sources->first; i < sources->first + sources->count; i++) {
		kfree(sources->root->leaf[i]);
		cond_resched();
	}
	kvfree(sources->root);
}

void ps_garbage_free(struct ps_garbage *garbage)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(garbage->memory); i++)
		kvfree(garbage->memory[i]);
	for (i = 0; i < ARRAY_SIZE(garbage->sources); i++)
		ps_garbage_free_sources(&garbage->sources[i]);
	kfree(garbage);
}

static void ps_garbage_work(struct work_struct *work)
{
	ps_garbage_free(container_of(to_rcu_work(work), struct ps_garbage, work));
}

void ps_garbage_discard(struct ps_garbage *garbage)
{
	INIT_RCU_WORK(&garbage->work, ps_garbage_work);
	queue_rcu_work(ps_garbage_queue, &garbage->work);
}

static void ps_garbage_put_work(struct work_struct *work)
{
	kobject_put(container_of(to_rcu_work(work), struct ps_garbage_reference, work)->kobj);
}

void ps_garbage_put(struct ps_garbage_reference *reference, struct kobject *kobj)
{
	reference->kobj = kobj;
	INIT_RCU_WORK(&reference->work, ps_garbage_put_work);
	queue_rcu_work(ps_garbage_queue, &reference->work);
}

int ps_garbage_init(void)
{
	ps_garbage_queue = alloc_workqueue("packetshield", WQ_UNBOUND, 0);
	return ps_garbage_queue ? 0 : -ENOMEM;
}

void ps_garbage_exit(void)
{
	/* What waits for a grace period is queued by the RCU callback. */
	rcu_barrier();
	destroy_workqueue(ps_garbage_queue);
}
