// SPDX-License-Identifier: GPL-2.0-or-later
/* Instances in userspace; see host.h. One processor judges. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fragments.h"
#include "host.h"
#include "print.h"
#include "quic_sessions.h"
#include "source_set.h"
#include "ttl.h"

#define CACHE_LINE 64U

/* Which table is which. */
enum table {
	TABLE_TCP,
	TABLE_UDP,
	TABLE_QUIC,
	TABLE_TTL,
	TABLE_FRAGMENTS,
	TABLES,
};

static void *checked(void *memory)
{
	if (memory)
		return memory;
	ps_print_error("out of memory");
	exit(PS_EXIT_FAILED);
}

void *ps_host_allocate(size_t count, size_t bytes)
{
	return checked(calloc(count, bytes));
}

/* At the start of a cache line, as the core's structures ask for. */
static void *zeroed(size_t bytes)
{
	size_t room = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;

	return memset(checked(aligned_alloc(CACHE_LINE, room)), 0, bytes);
}

static void make_table(struct ps_slots *table, u32 entries)
{
	u32 buckets = ps_slots_buckets(entries);

	table->mask = buckets - 1;
	table->bucket = ps_host_allocate(buckets, sizeof(*table->bucket));
	table->filter = ps_host_allocate(ps_slots_filter_words(buckets), sizeof(*table->filter));
}

static void make_tables(struct ps_host *host)
{
	u32 entries = (u32)host->rules.instance->options.value[PS_OPTION_session_table_size];

	make_table(&host->tables[TABLE_TCP], entries);
	make_table(&host->tables[TABLE_UDP], ps_engine_udp_entries(entries));
	make_table(&host->tables[TABLE_QUIC], ps_engine_udp_entries(entries));
	make_table(&host->tables[TABLE_TTL], PS_ENGINE_NETWORKS);
	make_table(&host->tables[TABLE_FRAGMENTS], PS_ENGINE_FRAGMENTS);
	host->engine.tcp = &host->tables[TABLE_TCP];
	host->engine.udp = &host->tables[TABLE_UDP];
	host->engine.quic = &host->tables[TABLE_QUIC];
	host->engine.ttl = &host->tables[TABLE_TTL];
	host->engine.fragments = &host->tables[TABLE_FRAGMENTS];
}

static const struct ps_sources *make_geo(const struct ps_rules *rules, enum ps_family family)
{
	u32 words = family == PS_IPV4 ? 1 : 4;
	struct ps_sources *root;

	root = ps_source_set_allocate(words, ps_geo_leaves(rules->line[family],
							   rules->lines[family], words));
	ps_geo_build(rules->line[family], rules->lines[family], &rules->countries, root);
	return root;
}

/* There is memory for a protection that is ever used. */
static struct ps_threshold *make_protection(struct ps_host_context *context,
					    enum ps_protection_index which)
{
	struct ps_protection **protection = &context->core.protection[which];

	if (!*protection)
		*protection = zeroed(sizeof(**protection) + sizeof((*protection)->cpu[0]));
	return &(*protection)->threshold;
}

static void make_context(struct ps_host *host, u32 number)
{
	struct ps_host_context *context = &host->context[number];
	enum ps_protection_index which;

	context->core.id = host->rules.instance->context[number].id;
	context->core.config = &host->rules.context[number].config;
	for (which = 0; which < PS_PROTECTIONS; which++)
		if (context->core.config->option[ps_protection_option[which]])
			make_protection(context, which);
}

static void make_contexts(struct ps_host *host)
{
	u32 i, count = host->rules.instance->contexts;
	u32 slots = ps_contexts_slots(count);

	host->context = zeroed(count * sizeof(*host->context));
	host->contexts = zeroed(sizeof(*host->contexts) + slots * sizeof(host->contexts->slot[0]));
	ps_contexts_init(host->contexts, slots, 1, &host->context[0].core);
	for (i = 0; i < count; i++) {
		make_context(host, i);
		if (i)
			ps_contexts_insert(host->contexts, &host->context[i].core);
	}
	host->engine.contexts = host->contexts;
}

void ps_host_make(struct ps_host *host, const struct ps_model_instance *instance)
{
	enum ps_sessions_timeout i;
	enum ps_family family;

	*host = (struct ps_host){};
	ps_rules_make(&host->rules, instance);
	/* Who attacks a capture? The same run twice tells the same. */
	host->engine.secret = (struct ps_siphash_key){ { 1, 2 } };
	host->engine.quic_secret = (struct ps_siphash_key){ { 3, 4 } };
	host->engine.quic_cpu = &host->quic_cpu;
	for (i = 0; i < PS_SESSIONS_TIMEOUTS; i++)
		host->engine.timeouts.seconds[i] =
			(u16)instance->options.value[ps_engine_timeout[i]];
	make_tables(host);
	make_contexts(host);
	for (family = 0; family < PS_FAMILIES; family++) {
		host->geo[family] = make_geo(&host->rules, family);
		host->engine.geo[family] = host->geo[family];
	}
}

void ps_host_free(struct ps_host *host)
{
	u32 i, which;

	for (i = 0; i < TABLES; i++) {
		free(host->tables[i].bucket);
		free(host->tables[i].filter);
	}
	for (i = 0; i < host->rules.instance->contexts; i++)
		for (which = 0; which < PS_PROTECTIONS; which++)
			free(host->context[i].core.protection[which]);
	for (i = 0; i < PS_FAMILIES; i++)
		ps_source_set_free(host->geo[i]);
	free(host->context);
	free(host->contexts);
	ps_rules_free(&host->rules);
}

static struct ps_rates rates_of(const struct ps_host_context *context,
				enum ps_protection_index which)
{
	return ps_rates_unpack(context->core.config->option[ps_protection_option[which]]);
}

void ps_host_toggle(struct ps_host *host, u64 now)
{
	const struct ps_model_instance *instance = host->rules.instance;
	const struct ps_model_item *item;
	struct ps_host_context *context;
	u32 i, which;

	for (i = 0; i < instance->items.count; i++) {
		item = &instance->items.item[i];
		if (ps_list[item->list].type != PS_LIST_TOGGLED)
			continue;
		which = ps_list[item->list].value;
		context = &host->context[ps_model_find_context(instance, &item->item.id) -
					 instance->context];
		ps_threshold_toggle(make_protection(context, which), rates_of(context, which), true,
				    now);
	}
}

static void clear(struct ps_slots *table)
{
	u32 buckets = table->mask + 1;

	memset(table->bucket, 0, buckets * sizeof(*table->bucket));
	memset(table->filter, 0, ps_slots_filter_words(buckets) * sizeof(*table->filter));
}

void ps_host_pass(struct ps_host *host, u32 seconds)
{
	const struct ps_sessions_timeouts *timeouts = &host->engine.timeouts;
	u32 i, passed = seconds - host->swept;

	if (!host->swept)
		host->swept = seconds;
	if (host->swept == seconds || passed < PS_ENGINE_SWEEP)
		return;
	host->swept = seconds;
	/* Nobody lives so long, and the times in the tables would wrap. */
	if (passed > 2 * PS_ENGINE_SWEEP + ps_sessions_longest(timeouts)) {
		for (i = 0; i < TABLES; i++)
			clear(&host->tables[i]);
		return;
	}
	for (i = TABLE_TCP; i <= TABLE_UDP; i++)
		ps_sessions_sweep(&host->tables[i], 0, host->tables[i].mask + 1, timeouts, seconds);
	ps_quic_sessions_sweep(host->engine.quic, 0, host->engine.quic->mask + 1, timeouts,
			       seconds);
	ps_ttl_sweep(host->engine.ttl, 0, host->engine.ttl->mask + 1, seconds);
	ps_fragments_sweep(host->engine.fragments, 0, host->engine.fragments->mask + 1, seconds);
}

void ps_host_count(struct ps_host *host, const struct ps_packet *packet,
		   const struct ps_verdict *verdict, enum ps_instance_counter counter)
{
	struct ps_host_context *context = (struct ps_host_context *)verdict->context;
	u32 moves = verdict->moves;

	/* What is withheld isn't sent. */
	if (ps_reason_info[verdict->reason].action != PS_WITHHOLD)
		host->counter[counter] += packet->segments;
	if (!context)
		return;
	context->reason[verdict->reason].packets += packet->segments;
	context->reason[verdict->reason].bytes += packet->length;
	for (; moves; moves &= moves - 1)
		context->event[__builtin_ctz(moves)] += packet->segments;
}

u64 ps_host_stat(const struct ps_host_context *context, enum ps_context_counter counter)
{
	u64 sum = context->event[counter];
	enum ps_reason reason;

	for (reason = 0; reason < PS_REASONS; reason++)
		if (ps_reason_info[reason].counters >> counter & 1)
			sum += context->reason[reason].packets;
	return sum;
}

u32 ps_host_status(struct ps_host_context *context, u64 now)
{
	enum ps_protection_index which;
	struct ps_threshold *threshold;
	u32 status = 0;

	for (which = 0; which < PS_PROTECTIONS; which++) {
		if (!context->core.protection[which])
			continue;
		threshold = &context->core.protection[which]->threshold;
		ps_threshold_update(threshold, rates_of(context, which), now);
		status |= (u32)ps_threshold_is_on(threshold) << which;
	}
	if (status & 1U << PS_PROTECT_NEW_COOKIE && ps_config_lacks_retry(context->core.config))
		status |= PS_STATUS_NO_RETRY;
	return status;
}
