// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Protections: memory, hands on their switches, status; see toggle.h. Packets
 * switch them as well, at any time: what is decided here is decided by the
 * compare-and-exchange inside the core.
 */
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "clock.h"
#include "event.h"
#include "snapshot.h"
#include "toggle.h"
#include "trace.h"

static struct kmem_cache *ps_toggle_cache;

static struct ps_protection *ps_toggle_get(const struct ps_context_node *node,
					   enum ps_protection_index which)
{
	return smp_load_acquire(&node->core.protection[which]);
}

static struct ps_rates ps_toggle_rates(const struct ps_context_node *node,
				       enum ps_protection_index which)
{
	s64 value;

	rcu_read_lock();
	value = rcu_dereference(node->core.config)->option[ps_protection_option[which]];
	rcu_read_unlock();
	return ps_rates_unpack(value);
}

static int ps_toggle_prepare(struct ps_context_node *node, enum ps_protection_index which)
{
	struct ps_protection *protection;

	lockdep_assert_held(&node->instance->netns->lock);
	if (node->core.protection[which])
		return 0;
	protection = kmem_cache_zalloc(ps_toggle_cache, GFP_KERNEL_ACCOUNT);
	if (!protection)
		return -ENOMEM;
	smp_store_release(&node->core.protection[which], protection);
	return 0;
}

int ps_toggle_prepare_option(struct ps_context_node *node, enum ps_option_index option)
{
	enum ps_protection_index which;

	for (which = 0; which < PS_PROTECTIONS; which++)
		if (option == ps_protection_option[which])
			return ps_toggle_prepare(node, which);
	return 0;
}

void ps_toggle_free(struct ps_context *context)
{
	enum ps_protection_index which;

	for (which = 0; which < PS_PROTECTIONS; which++)
		if (context->protection[which])
			kmem_cache_free(ps_toggle_cache, context->protection[which]);
}

static void ps_toggle_tell(const struct ps_context_node *node, enum ps_protection_index which,
			   struct ps_threshold_change change)
{
	if (change.turn == PS_THRESHOLD_STAYED)
		return;
	trace_protection(node, which, change.turn == PS_THRESHOLD_WENT_ON, change.rate);
	ps_event_protection(node, which, change.turn == PS_THRESHOLD_WENT_ON, change.rate);
}

void ps_toggle_report(const struct ps_verdict *verdict)
{
	const struct ps_context_node *node = ps_context_node(verdict->context);
	enum ps_protection_index which;

	for (which = 0; which < PS_PROTECTIONS; which++) {
		if (!((verdict->went_on | verdict->went_off) & BIT(which)))
			continue;
		trace_protection(node, which, verdict->went_on & BIT(which), verdict->rate);
		ps_event_protection(node, which, verdict->went_on & BIT(which), verdict->rate);
	}
}

/* Whether it is on, now that time has passed. */
static bool ps_toggle_is_on(const struct ps_context_node *node, enum ps_protection_index which)
{
	struct ps_protection *protection = ps_toggle_get(node, which);

	if (!protection)
		return false;
	ps_toggle_tell(node, which,
		       ps_threshold_update(&protection->threshold, ps_toggle_rates(node, which),
					   ps_clock_ns()));
	return ps_threshold_is_on(&protection->threshold);
}

bool ps_toggle_rate(const struct ps_context_node *node, enum ps_protection_index which, u64 *rate)
{
	struct ps_protection *protection = ps_toggle_get(node, which);

	/* Without an X events aren't counted. */
	if (!protection || !ps_toggle_rates(node, which).above)
		return false;
	*rate = ps_threshold_rate(&protection->threshold, ps_clock_ns());
	return true;
}

static bool ps_toggle_is_by_hand(const struct ps_context_node *node, enum ps_protection_index which)
{
	struct ps_protection *protection = ps_toggle_get(node, which);

	return protection && ps_threshold_is_by_hand(&protection->threshold);
}

static void ps_toggle_switch(const struct ps_context_node *node, enum ps_protection_index which,
			     bool on)
{
	ps_toggle_tell(node, which,
		       ps_threshold_toggle(&ps_toggle_get(node, which)->threshold,
					   ps_toggle_rates(node, which), on, ps_clock_ns()));
}

/* Whether the protection may be switched on by hand; its memory is there then. */
static int ps_toggle_allow(struct ps_context_node *node, enum ps_protection_index which)
{
	s64 rates = ps_snapshot_get(node)->option[ps_protection_option[which]];

	/* At rate 0 nothing at all would be delivered. */
	if (which == PS_PROTECT_SURGE && !ps_rates_unpack(rates).below)
		return -ERANGE;
	return ps_toggle_prepare(node, which);
}

int ps_toggle_check_edit(struct ps_instance *instance, const struct ps_context_id *id,
			 enum ps_protection_index which, bool on, int before)
{
	struct ps_context_node *node = ps_context_find(instance, id);

	if (!node || node->dead || instance->dead)
		return -ENOENT;
	if (on && (before < 0 ? ps_toggle_is_by_hand(node, which) : before))
		return -EEXIST;
	if (!on && !(before < 0 ? ps_toggle_is_on(node, which) : before))
		return -ENOENT;
	return on ? ps_toggle_allow(node, which) : 0;
}

void ps_toggle_edit_checked(struct ps_instance *instance, const struct ps_context_id *id,
			    enum ps_protection_index which, bool on)
{
	ps_toggle_switch(ps_context_find(instance, id), which, on);
}

int ps_toggle_edit(struct ps_instance *instance, const struct ps_context_id *id,
		   enum ps_protection_index which, bool on)
{
	int err = ps_toggle_check_edit(instance, id, which, on, -1);

	if (!err)
		ps_toggle_edit_checked(instance, id, which, on);
	return err;
}

int ps_toggle_check(struct ps_instance *instance, const struct ps_context_id *ids, u32 count,
		    enum ps_protection_index which)
{
	struct ps_context_node *node;
	int err = 0;
	u32 i;

	for (i = 0; i < count && !err; i++) {
		node = ps_context_find(instance, &ids[i]);
		err = node ? ps_toggle_allow(node, which) : -ENOENT;
	}
	return err;
}

/* Mark the contexts named; all that can fail fails here. */
static int ps_toggle_mark(struct ps_instance *instance, const struct ps_context_id *ids, u32 count,
			  enum ps_protection_index which)
{
	int err = ps_toggle_check(instance, ids, count, which);
	u32 i;

	for (i = 0; i < count && !err; i++)
		ps_context_find(instance, &ids[i])->listed = true;
	return err;
}

static void ps_toggle_apply(struct ps_context_node *node, enum ps_protection_index which,
			    bool change)
{
	bool on = node->listed;

	node->listed = false;
	if (!change || (on ? ps_toggle_is_by_hand(node, which) : !ps_toggle_is_on(node, which)))
		return;
	ps_toggle_switch(node, which, on);
}

int ps_toggle_replace(struct ps_instance *instance, const struct ps_context_id *ids, u32 count,
		      enum ps_protection_index which)
{
	struct ps_context_node *node;
	int err;

	err = instance->dead ? -ENOENT : ps_toggle_mark(instance, ids, count, which);
	ps_toggle_apply(instance->other, which, !err);
	list_for_each_entry(node, &instance->nodes, list)
		ps_toggle_apply(node, which, !err);
	return err;
}

static int ps_toggle_print_one(const struct ps_context_node *node, enum ps_protection_index which,
			       struct ps_text *text)
{
	const char *name = ps_context_name(node);

	return ps_toggle_is_on(node, which) ? ps_text_add_line(text, name, strlen(name)) : 0;
}

int ps_toggle_print(struct ps_instance *instance, enum ps_protection_index which,
		    struct ps_text *text)
{
	struct ps_context_node *node;
	int err;

	err = ps_toggle_print_one(instance->other, which, text);
	list_for_each_entry(node, &instance->nodes, list)
		if (!err)
			err = ps_toggle_print_one(node, which, text);
	return err;
}

/* What keeps SYN cookies and Retries that are on from being sent. */
static u16 ps_toggle_lacks(const struct ps_context_node *node)
{
	const struct ps_config *config;
	u16 status = 0;

	rcu_read_lock();
	config = rcu_dereference(node->core.config);
	/* Nobody here would take the cookies back. */
	if (!READ_ONCE(node->instance->netns->net->ipv4.sysctl_tcp_syncookies) &&
	    ps_ports_has(config->ports[PS_PORTS_TCP], PS_PORT_PROTECT_P))
		status |= PS_STATUS_NO_COOKIES;
	if (ps_config_lacks_retry(config))
		status |= PS_STATUS_NO_RETRY;
	rcu_read_unlock();
	return status;
}

u16 ps_toggle_status(struct ps_context_node *node)
{
	enum ps_protection_index which;
	u16 status = 0;

	for (which = 0; which < PS_PROTECTIONS; which++)
		if (ps_toggle_is_on(node, which))
			status |= BIT(which);
	if (status & BIT(PS_PROTECT_NEW_COOKIE))
		status |= ps_toggle_lacks(node);
	return status;
}

u16 ps_toggle_by_hand(const struct ps_context_node *node)
{
	enum ps_protection_index which;
	u16 bits = 0;

	for (which = 0; which < PS_PROTECTIONS; which++)
		if (ps_toggle_is_by_hand(node, which))
			bits |= BIT(which);
	return bits;
}

int ps_toggle_init(void)
{
	ps_toggle_cache = kmem_cache_create(
		"ps_protection", struct_size((struct ps_protection *)NULL, cpu, nr_cpu_ids), 0,
		SLAB_HWCACHE_ALIGN, NULL);
	return ps_toggle_cache ? 0 : -ENOMEM;
}

void ps_toggle_exit(void)
{
	kmem_cache_destroy(ps_toggle_cache);
}
