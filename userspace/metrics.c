// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See metrics.h. The format wants all lines of a metric in one place: the views
 * are gone through once for each.
 */
#include <string.h>

#include "../kernel/version.h"
#include "metrics.h"

/**
 * struct metrics - what is told
 * @to: where to
 * @view: of what
 * @count: of them
 */
struct metrics {
	FILE *to;
	struct ps_view *const *view;
	size_t count;
};

static bool is_context(const struct ps_view *view)
{
	return view->place.context[0];
}

/* Names have no byte that would have to be escaped, documentation may have. */
static void put_head(const struct metrics *metrics, const char *name, const char *type,
		     const char *doc)
{
	fprintf(metrics->to, "# HELP packetshield_%s ", name);
	for (; *doc; doc++) {
		if (*doc == '\\')
			putc('\\', metrics->to);
		putc(*doc, metrics->to);
	}
	fprintf(metrics->to, ".\n# TYPE packetshield_%s %s\n", name, type);
}

/* "name{shield="web",context="Other"", to be closed by who has no more labels. */
static void put_name(const struct metrics *metrics, const struct ps_view *view, const char *name)
{
	fprintf(metrics->to, "packetshield_%s{shield=\"%s\"", name, view->name);
	if (is_context(view))
		fprintf(metrics->to, ",context=\"%s\"", view->place.context);
}

/* rx_total is told as instance_rx_total, invalid as context_invalid_total. */
static void put_counter(const struct metrics *metrics, const struct ps_counter *counter)
{
	bool named = strlen(counter->name) > 6 &&
		     !strcmp(counter->name + strlen(counter->name) - 6, "_total");
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%s_%s%s",
		 counter->scope == PS_SCOPE_CONTEXT ? "context" : "instance", counter->name,
		 named ? "" : "_total");
	put_head(metrics, name, "counter", counter->doc);
	for (i = 0; i < metrics->count; i++) {
		if (!ps_view_counts(metrics->view[i], counter))
			continue;
		put_name(metrics, metrics->view[i], name);
		fprintf(metrics->to, "} %llu\n",
			(unsigned long long)metrics->view[i]->counter[counter->index]);
	}
}

static void put_drops(const struct metrics *metrics, const char *name, const char *doc, bool bytes)
{
	const struct ps_view *view;
	enum ps_reason r;
	size_t i;

	put_head(metrics, name, "counter", doc);
	for (i = 0; i < metrics->count; i++) {
		view = metrics->view[i];
		for (r = 0; r < PS_REASONS; r++) {
			if (!is_context(view) || !ps_reason_is_drop(r) || !view->drop[r].packets)
				continue;
			put_name(metrics, view, name);
			fprintf(metrics->to, ",reason=\"%s\"} %llu\n", ps_reason_info[r].name,
				(unsigned long long)(bytes ? view->drop[r].bytes :
							     view->drop[r].packets));
		}
	}
}

static void put_protections(const struct metrics *metrics, const char *name, const char *doc,
			    bool by_hand)
{
	const struct ps_view *view;
	char protection[PS_ITEM_MAX];
	size_t i;
	int p;

	put_head(metrics, name, "gauge", doc);
	for (i = 0; i < metrics->count; i++) {
		view = metrics->view[i];
		for (p = 0; p < PS_PROTECTIONS && is_context(view); p++) {
			put_name(metrics, view, name);
			fprintf(metrics->to, ",protection=\"%s\"} %u\n",
				ps_names_protection(p, protection),
				(by_hand ? view->by_hand : view->status) >> p & 1);
		}
	}
}

/* X << 32 | Y; 0-0 is none. */
static void put_thresholds(const struct metrics *metrics, const char *name, const char *doc,
			   bool on)
{
	char protection[PS_ITEM_MAX];
	size_t i;
	u64 rates;
	int p;

	put_head(metrics, name, "gauge", doc);
	for (i = 0; i < metrics->count; i++) {
		if (!is_context(metrics->view[i]))
			continue;
		for (p = 0; p < PS_PROTECTIONS; p++) {
			rates = (u64)metrics->view[i]->option[ps_protection_option[p]];
			if (!rates)
				continue;
			put_name(metrics, metrics->view[i], name);
			fprintf(metrics->to, ",protection=\"%s\"} %u\n",
				ps_names_protection(p, protection),
				on ? (u32)(rates >> 32) : (u32)rates);
		}
	}
}

static void put_rates(const struct metrics *metrics)
{
	static const char name[] = "context_threshold_rate";
	const struct ps_view *view;
	char protection[PS_ITEM_MAX];
	size_t i;
	int p;

	put_head(metrics, name, "gauge",
		 "Events of the last second, as the threshold of a protection sees them, where "
		 "one is set");
	for (i = 0; i < metrics->count; i++) {
		view = metrics->view[i];
		for (p = 0; p < PS_PROTECTIONS; p++) {
			if (!(view->measured >> p & 1))
				continue;
			put_name(metrics, view, name);
			fprintf(metrics->to, ",protection=\"%s\"} %llu\n",
				ps_names_protection(p, protection),
				(unsigned long long)view->rate[p]);
		}
	}
}

static void put_refused(const struct metrics *metrics, const char *name, const char *doc, u32 bit)
{
	size_t i;

	put_head(metrics, name, "gauge", doc);
	for (i = 0; i < metrics->count; i++) {
		if (!is_context(metrics->view[i]))
			continue;
		put_name(metrics, metrics->view[i], name);
		fprintf(metrics->to, "} %d\n", !!(metrics->view[i]->status & bit));
	}
}

static void put_tables(const struct metrics *metrics, const char *name, const char *doc, bool used)
{
	const struct ps_netlink_table *table;
	size_t i;
	int t;

	put_head(metrics, name, "gauge", doc);
	for (i = 0; i < metrics->count; i++)
		for (t = 0; t < PS_NETLINK_TABLES; t++) {
			table = &metrics->view[i]->table[t];
			if (!table->slots)
				continue;
			put_name(metrics, metrics->view[i], name);
			fprintf(metrics->to, ",table=\"%s\"} %u\n", ps_names_table(t),
				used ? table->used : table->slots);
		}
}

static void put_contexts(const struct metrics *metrics)
{
	size_t i;

	put_head(metrics, "instance_contexts", "gauge",
		 "Contexts that there are, Other and silent ones too");
	for (i = 0; i < metrics->count; i++) {
		if (is_context(metrics->view[i]))
			continue;
		put_name(metrics, metrics->view[i], "instance_contexts");
		fprintf(metrics->to, "} %u\n", metrics->view[i]->contexts);
	}
}

static void put_info(const struct metrics *metrics, const char *version,
		     const struct ps_applied *applied)
{
	put_head(metrics, "build_info", "gauge", "Versions of the module and of this tool");
	fprintf(metrics->to, "packetshield_build_info{version=\"%s\",tool=\"%s\"} 1\n", version,
		PS_VERSION);
	if (!applied)
		return;
	put_head(metrics, "last_apply_successful", "gauge",
		 "Whether the last packetshield apply succeeded");
	fprintf(metrics->to, "packetshield_last_apply_successful %d\n", applied->successful);
	put_head(metrics, "last_apply_timestamp_seconds", "gauge",
		 "When packetshield apply ran last");
	fprintf(metrics->to, "packetshield_last_apply_timestamp_seconds %lld\n",
		(long long)applied->last);
	put_head(metrics, "last_apply_success_timestamp_seconds", "gauge",
		 "When packetshield apply succeeded last; 0 if it never did");
	fprintf(metrics->to, "packetshield_last_apply_success_timestamp_seconds %lld\n",
		(long long)applied->success);
}

void ps_metrics_print(FILE *to, const struct ps_views *views, const struct ps_applied *applied)
{
	struct metrics metrics = { .to = to, .view = views->view, .count = views->count };
	size_t i;

	put_info(&metrics, views->version, applied);
	put_contexts(&metrics);
	for (i = 0; i < PS_COUNTERS; i++)
		put_counter(&metrics, &ps_counter[i]);
	put_drops(&metrics, "dropped_packets_total", "Packets dropped, by reason", false);
	put_drops(&metrics, "dropped_bytes_total",
		  "Bytes of the packets dropped, behind the Ethernet header, by reason", true);
	put_protections(&metrics, "context_protection_active",
			"Whether a protection is on, by itself or by hand", false);
	put_protections(&metrics, "context_protection_by_hand",
			"Whether a protection was switched on by hand", true);
	put_thresholds(&metrics, "context_threshold_on",
		       "Events a second above which a protection goes on, where that is set", true);
	put_thresholds(&metrics, "context_threshold_off",
		       "Events a second below which a protection goes off, where that is set",
		       false);
	put_rates(&metrics);
	put_tables(&metrics, "instance_session_table_slots",
		   "Sessions that a table has room for; those of QUIC may take two slots", false);
	put_tables(&metrics, "instance_session_table_used",
		   "Slots in use by sessions that live; of a large table estimated", true);
	put_refused(&metrics, "context_cookies_refused",
		    "Whether SYN cookies are on but net.ipv4.tcp_syncookies is 0, so that none is "
		    "sent",
		    PS_STATUS_NO_COOKIES);
	put_refused(&metrics, "context_retries_refused",
		    "Whether QUIC Retries are on but there is no cluster_secret, so that none is "
		    "sent",
		    PS_STATUS_NO_RETRY);
}
